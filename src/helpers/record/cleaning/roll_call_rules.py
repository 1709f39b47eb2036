"""Rules about roll calls: sessions, symbols, dates, numbers that are missing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.record.cleaning.symbols import find_kind, read_session, read_symbol, session_of_symbol
from helpers.record.cleaning.work import Work

MONTH_ONLY_SOURCES = ("unvotes", "voeten")
MONTH_ONLY_BEFORE = pd.Timestamp("2003-09-16")
"""Opening of session 58, the first whose days are right in unvotes and in Voeten's data."""


def _map_texts(column: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Change each distinct text once; NA and an empty result are NA."""
    changed = {text: change(text) or None for text in column.dropna().unique()}
    return column.map(changed).astype("str")


def read_symbols(work: Work) -> None:
    """Write each symbol in one form; where it cannot be read it is NA and the text is kept."""
    calls = work.calls
    written = calls["symbol_raw"]
    calls["symbol"] = _map_texts(written, lambda text: getattr(read_symbol(text), "text", ""))
    calls["number"] = _map_texts(written, lambda text: getattr(read_symbol(text), "number", ""))
    calls["kind"] = calls["kind"].fillna(_map_texts(written, find_kind)).fillna("unknown")
    changed = calls["symbol"].notna() & calls["symbol"].ne(calls["symbol_raw"])
    pairs = calls.loc[changed, ["symbol_raw", "symbol"]].drop_duplicates()
    pairs = pairs[~pairs["symbol_raw"].str.replace(r"\d+", "9", regex=True).duplicated()]
    work.note(
        "read_symbols",
        "roll_calls",
        "repaired",
        int(changed.sum()),
        "The symbol is written in one form (no blanks, doubled strokes or brackets around parts).",
        [f"{raw} is {new}" for raw, new in pairs.itertuples(index=False)],
    )
    unread = calls["symbol"].isna() & calls["symbol_raw"].notna()
    work.flag_calls(
        "unreadable_symbols", unread, "The symbol is not that of a numbered resolution."
    )
    missing = calls["symbol_raw"].isna()
    work.flag_calls("no_symbols", missing, "The source gives no symbol.")


def read_sessions(work: Work) -> None:
    """Write each session in one form; where the source has none it is read off the symbol."""
    calls = work.calls
    written = calls["session"]
    read = _map_texts(written, read_session)
    by_symbol = _map_texts(calls["symbol_raw"], session_of_symbol)
    derived = read.isna() & by_symbol.notna()
    calls["session"] = read.fillna(by_symbol)
    changed = written.notna() & read.notna() & written.ne(calls["session"])
    pairs = pd.DataFrame({"old": written[changed], "new": calls.loc[changed, "session"]})
    work.note(
        "read_sessions",
        "roll_calls",
        "repaired",
        int(changed.sum()),
        "The session is written in one form (1 to 80, S-1, ES-1).",
        [f"{old} is {new}" for old, new in sorted(set(pairs.itertuples(index=False, name=None)))],
    )
    rows = np.flatnonzero(derived)
    work.note(
        "session_by_symbol",
        "roll_calls",
        "repaired",
        len(rows),
        "The source gives no session; it is read off the symbol.",
        work.name_calls(rows),
    )
    torn = read.notna() & by_symbol.notna() & read.ne(by_symbol)
    work.flag_calls("session_disagrees", torn, "Session and symbol disagree; the session is kept.")


def read_dates(work: Work) -> None:
    """Say how much of a date holds: the day, only the month, or nothing."""
    calls = work.calls
    calls["date_precision"] = "day"
    calls.loc[calls["date"].isna(), "date_precision"] = "none"
    month = calls["date"].lt(MONTH_ONLY_BEFORE)
    if work.raw.source in MONTH_ONLY_SOURCES and month.any():
        work.flag_calls(
            "month_only_dates",
            month,
            "The day is not to be believed before session 58; the first of the month is kept.",
        )
        calls.loc[month, "date_precision"] = "month"
        first = calls["date"].dt.to_period("M").dt.start_time.astype("datetime64[s]")
        calls["date"] = calls["date"].where(~month, first)
    work.flag_calls("no_dates", calls["date"].isna(), "The source gives no date.")


def first_and_last_day(calls: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and last day on which each roll call may have been; NaT where unknown.

    A roll call without a date may have been on any day of its regular session.
    """
    first = calls["date"].to_numpy().astype("datetime64[D]")
    month_end = (first.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    last = np.where(calls["date_precision"].eq("month"), month_end, first)
    opens, closes = session_span(calls["session"])
    return np.where(np.isnat(first), opens, first), np.where(np.isnat(last), closes, last)


def session_span(session: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and last day of regular sessions, September to the end of September.

    A regular session opens in September and ends when the next one opens; the first sat from
    January 1946. NaT for special sessions, and where there is none.
    """
    number = pd.to_numeric(session, errors="coerce")
    year = (number.fillna(1).to_numpy().astype(np.int64) + 1945 - 1970).astype("datetime64[Y]")
    opens = (year.astype("datetime64[M]") + 8).astype("datetime64[D]")
    opens = np.where(number.eq(1), np.datetime64("1946-01-01"), opens)
    closes = (year.astype("datetime64[M]") + 21).astype("datetime64[D]") - 1
    known = number.notna().to_numpy()
    never = np.datetime64("NaT")
    return np.where(known, opens, never), np.where(known, closes, never)


def dates_in_session(work: Work) -> None:
    """Compare each date with the span of its regular session; special ones are not compared."""
    first, last = first_and_last_day(work.calls)
    opens, closes = session_span(work.calls["session"])
    with np.errstate(invalid="ignore"):
        outside = (last < opens) | (first > closes)
    work.flag_calls(
        "dates_outside_session",
        outside,
        "The date lies outside the session that the resolution belongs to; it is kept as it is.",
    )


def missing_numbers(work: Work) -> None:
    """List the numbers of Council resolutions that the source lacks."""
    numbers = work.calls["symbol"].str.extract(r"^S/RES/(\d+)$")[0].dropna().astype(int)
    if numbers.empty:
        return
    lacking = sorted(set(range(1, int(numbers.max()) + 1)) - set(numbers))
    work.note(
        "missing_numbers",
        "roll_calls",
        "flagged",
        len(lacking),
        "Resolutions of the Council with these numbers are not in the source.",
        [f"S/RES/{number}" for number in lacking],
    )


def unknown_kinds(work: Work) -> None:
    """Say for how many roll calls the source does not tell what was voted on."""
    unknown = work.calls["kind"].eq("unknown")
    work.flag_calls("unknown_kinds", unknown, "What was voted on (kind) is not known.")
