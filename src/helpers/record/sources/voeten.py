"""Voeten's votes of the General Assembly (Harvard Dataverse, doi:10.7910/DVN/LEJUQZ).

One row per country and roll call, with what is known of the roll call repeated in each row. The
releases of 2016 to 2023 differ in columns, in their order and in their form (``.RData``, ``.csv``,
``.tab``, ``.dta``), all hold ``rcid``, ``ccode`` and ``vote``:

* 2016: ``rcid session vote ccode member importantvote date unres me nu di hr co ec year``
* later: ``Country Countryname abstain yes no amend para short descr resid`` among them, or an
  unnamed index first.

* elsewhere under other names, such as ``assembly_session vote_id state_code state_name member
  vote`` (:data:`ALIASES`), or as the votes alone (``rcid session vote ccode``) with what is known
  of the roll calls in a second file, which is joined to them by ``rcid``.

Votes are 1 yes, 2 abstain, 3 no, 8 absent, 9 not a member. Who a country is, is read off ``ccode``
(a Correlates of War number) and the date, never off the names, which are those of today.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.errors import DataError, FormatError
from helpers.record.sources import _frames, _roll_calls
from helpers.record.sources.lookalikes import name_look_alike
from helpers.record.tables import ISSUES, RawRecord

_REQUIRED: Final = ("rcid", "ccode", "vote")
_FLAGS: Final = ("amend", "para", *ISSUES)
_TEXTS: Final = ("unres", "short", "descr")
_TOTALS: Final = ("yes", "no", "abstain")
_KNOWN: Final = ("session", "date", *_TEXTS, *_TOTALS, *_FLAGS)
ALIASES: Final = {
    "vote_id": "rcid",
    "state_code": "ccode",
    "assembly_session": "session",
    "vote_date": "date",
    "resolution": "unres",
    "title": "short",
    "description": "descr",
    "yes_votes": "yes",
    "no_votes": "no",
    "amendment": "amend",
    "paragraph": "para",
    "israel_palestine": "me",
    "nuclear_weapons": "nu",
    "disarmament": "di",
    "human_rights": "hr",
    "colonization": "co",
    "economic_development": "ec",
}
"""Other names that the same columns have elsewhere (the copy at Kaggle, among others)."""
MAX_INCOMPLETE: Final = 0.01
"""Largest share of rows without roll call, country or vote in a file that is believed."""

_MONTH_FIRST: Final = r"(\d{1,2})/(\d{1,2})/(\d{4})"


def read_voeten(paths: str | Path | Iterable[str | Path]) -> RawRecord:
    """Read votes of any release, with a file about the roll calls beside them or without.

    Parameters
    ----------
    paths : path, or iterable of one or two paths
        Votes, and what is known of the roll calls (session, date, symbol, subjects) where that is a
        file of its own; ``.RData``, ``.rds``, ``.csv``, ``.tab`` or ``.dta``, told apart by
        content, packed or plain. Where both say something, the votes' file is believed.

    Returns
    -------
    RawRecord
        Source ``voeten``; the key is ``rcid``. Rows have ``cow`` and ``vote`` (``1 2 3 8 9``) as in
        the file. A date that can't be read is NaT, with an entry in the log; without dates the
        session says which states were members.

    Raises
    ------
    FormatError
        No file, or more than one, has votes of this kind; the sentence says what it seems to be.
    DataError
        A number of a roll call, a country or a vote that is none (with row and column), more than
        1% of rows that lack one (fewer are left out, with an entry in the log), or a roll call that
        the second file has twice.
    MissingDataError, UnsafeFileError
        As `helpers.record.files.open_bytes`.
    """
    given = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    votes: list[tuple[Path, pd.DataFrame]] = []
    about: list[tuple[Path, pd.DataFrame]] = []
    for path in given:
        frame = _read_table(path)
        (votes if set(_REQUIRED) <= set(frame.columns) else about).append((path, frame))
    if not votes and len(about) == 1:
        raise _refuse(about[0][0])
    if len(votes) != 1 or len(about) > 1:
        names = ", ".join(path.name for path in given)
        raise FormatError(
            f"{names}: {len(votes)} of these have votes and {len(about)} only say what the roll "
            "calls were; give one file of votes and at most one about its roll calls"
        )
    path, table = votes[0]
    table, log = _drop_incomplete(path, table)
    if about:
        table, unsaid = _join_about(table, path, *about[0])
        log += unsaid
    return _make_record(path, table, log)


def _read_table(path: Path) -> pd.DataFrame:
    """Return the largest table of a file that has roll calls, under the names that we use."""
    wanted = (*_REQUIRED, *_KNOWN, *ALIASES)
    frames = [_rename(f) for f in _frames.read_frames(path, wanted, ("rcid", "vote_id"))]
    fitting = [f for f in frames if set(_REQUIRED) <= set(f.columns)]
    known = [f for f in frames if _is_about(f)]
    if not fitting and (not known or name_look_alike(_frames.column_names(path))):
        raise _refuse(path)
    table = max(fitting or known, key=len)
    if table.empty:
        raise FormatError(f"{path}: holds a header and no rows")
    return table


def _is_about(frame: pd.DataFrame) -> bool:
    """Say whether a table without votes says what roll calls were."""
    names = set(frame.columns)
    return "rcid" in names and bool(names & set(_KNOWN)) and not names & {"vote", "ccode"}


def _refuse(path: Path) -> FormatError:
    return _frames.refuse_unknown(
        path, _frames.column_names(path), "the columns rcid, ccode and vote"
    )


def _rename(frame: pd.DataFrame) -> pd.DataFrame:
    """Give columns that are called otherwise our name, where that is not there already."""
    there = set(frame.columns)
    new = {old: name for old, name in ALIASES.items() if old in there and name not in there}
    return frame.rename(columns=new)


def _join_about(
    table: pd.DataFrame, path: Path, other: Path, about: pd.DataFrame
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Add to the votes what a second file says about their roll calls, joined by ``rcid``."""
    keys = _whole(other, about["rcid"])
    if keys.duplicated().any():
        row = int(np.flatnonzero(keys.duplicated())[0])
        raise DataError(
            f"{other}: row {row + 1}, column rcid: roll call {keys.iloc[row]} is there twice"
        )
    voted = _whole(path, table["rcid"])
    rows = pd.Index(keys).get_indexer(pd.Index(voted))
    joined = table.copy()
    for name in [c for c in _KNOWN if c in about]:
        column = about[name].reset_index(drop=True).reindex(rows).set_axis(table.index)
        if name in joined:
            column = joined[name].astype(object).where(joined[name].notna(), column)
        joined[name] = column.astype("category") if column.dtype == object else column
    lacking = np.unique(voted[rows < 0])
    if not len(lacking):
        return joined, []
    what = f"{other.name} says nothing about these roll calls."
    return joined, [
        _roll_calls.log_entry("no_description", "flagged", len(lacking), what, [*lacking])
    ]


def _make_record(path: Path, table: pd.DataFrame, log: list[dict[str, Any]]) -> RawRecord:
    """Return the raw record of a table of votes with all that is known beside them."""
    numbers = {name: _whole(path, table[name]) for name in _REQUIRED}
    rows = pd.DataFrame(
        {
            "key": numbers["rcid"],
            "cow": numbers["ccode"],
            "vote": numbers["vote"].astype("category").cat.rename_categories(str),
        }
    )
    roll_calls, more = _make_roll_calls(table, numbers["rcid"])
    return RawRecord("voeten", rows, roll_calls, (*log, *more), str(path))


def _drop_incomplete(path: Path, table: pd.DataFrame) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Leave out the few rows that lack roll call, country or vote, and say so in the log."""
    lacks = np.zeros(len(table), dtype=bool)
    for name in _REQUIRED:
        lacks |= (table[name].isna() | table[name].isin(["", "NA", "."])).to_numpy()
    rows = np.flatnonzero(lacks)
    if not len(rows):
        return table, []
    if len(rows) > MAX_INCOMPLETE * len(table):
        raise DataError(
            f"{path}: row {rows[0] + 1} lacks one of {', '.join(_REQUIRED)}; rows like this: "
            f"{len(rows):,} of {len(table):,}, so this is not the whole data"
        )
    what = "A row without roll call, country or vote says nothing and is left out."
    entry = _roll_calls.log_entry(
        "incomplete_rows", "dropped", len(rows), what, [f"row {row + 1}" for row in rows[:5]]
    )
    return table[~lacks].reset_index(drop=True), [entry | {"table": "rows of the file"}]


def _whole(path: Path, column: pd.Series) -> pd.Series:
    """Return a column of whole numbers, or name the first row that has none."""
    text = column.dtype == "category"
    values = pd.Series(column.cat.categories) if text else column
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    if text:
        spread = np.append(numbers.to_numpy(), np.nan)[column.cat.codes.to_numpy()]
        numbers = pd.Series(spread, index=column.index)
    bad = np.flatnonzero((numbers % 1).ne(0))
    if len(bad):
        raise DataError(
            f"{path}: row {bad[0] + 1}, column {column.name}: {column.iloc[bad[0]]!r} is no whole "
            f"number; rows like this: {len(bad):,}"
        )
    return numbers.astype("int32")


def _make_roll_calls(
    table: pd.DataFrame, key: pd.Series
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return one row per roll call in the raw layout, and a log of what could not be read."""
    known, log = _one_row_each(table, key)
    out = pd.DataFrame({"key": known.index, "body": "GA"}, index=known.index)
    symbol = known["unres"]
    out["session"] = _roll_calls.find_sessions(known["session"], symbol)
    out["session_number"] = pd.to_numeric(known["session"], errors="coerce")
    out["date"], unread = _parse_dates(known["date"])
    out["symbol"] = symbol
    out["title"], out["agenda"] = _roll_calls.find_titles(known["short"], known["descr"])
    flags = {name: _roll_calls.parse_flags(known[name]) for name in _FLAGS}
    out["kind"] = _roll_calls.find_kinds(flags["amend"], flags["para"])
    out["issues"] = _roll_calls.join_issues(pd.DataFrame({code: flags[code] for code in ISSUES}))
    for name in _TOTALS:
        out[name] = pd.to_numeric(known[name], errors="coerce").round().astype("Int16")
    log += _log_unread(unread, known, flags)
    return out.reset_index(drop=True), log


def _one_row_each(table: pd.DataFrame, key: pd.Series) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return what the rows say of each roll call, NA in absent columns, and a log of quarrels."""
    known = pd.DataFrame(index=pd.Index(np.unique(key), name="rcid"))
    log = []
    for name in _KNOWN:
        if name not in table:
            known[name] = pd.Series(pd.NA, index=known.index, dtype="str")
            continue
        known[name], torn = _most_frequent(table[name], key.to_numpy())
        if len(torn):
            what = f"The rows of a roll call disagree in {name}; the most frequent value is taken."
            rule = "one_value_per_roll_call"
            log.append(_roll_calls.log_entry(rule, "repaired", len(torn), what, [*torn]))
    return known, log


def _most_frequent(column: pd.Series, key: np.ndarray) -> tuple[pd.Series, np.ndarray]:
    """Return the most frequent value of each roll call, and the roll calls with several.

    Of equally frequent values the first in order is taken: the order of rows does not matter.
    """
    codes, values = pd.factorize(column, sort=True)
    there = codes >= 0
    pairs = pd.DataFrame({"rcid": key[there], "code": codes[there]})
    counts = pairs.value_counts(sort=False).reset_index(name="rows")
    ordered = counts.sort_values(["rcid", "rows", "code"], ascending=[True, False, True])
    best = ordered.drop_duplicates("rcid").set_index("rcid")["code"]
    value = pd.Series(np.asarray(values)[best.to_numpy()], index=best.index)
    several = counts["rcid"][counts["rcid"].duplicated()].unique()
    return value if value.dtype.kind in "Mif" else _blank(value), several


def _blank(value: pd.Series) -> pd.Series:
    """Return text without blanks around it; nothing and ``NA`` are missing."""
    text = value.astype("str").str.strip()
    return text.mask(text.isin(["", "NA", "."]))


def _parse_dates(written: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Read ``m/d/yyyy`` without zeros and ISO dates; return them and which text is no date."""
    if written.dtype.kind == "M":
        return written.astype("datetime64[s]"), pd.Series(False, index=written.index)
    text = written.astype("str")
    parts = text.str.extract(rf"^{_MONTH_FIRST}")
    iso = parts[2] + "-" + parts[0].str.zfill(2) + "-" + parts[1].str.zfill(2)
    plain = iso.fillna(text.str.slice(0, 10))
    dates = pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    return dates, dates.isna() & text.notna()


def _log_unread(
    unread: pd.Series, known: pd.DataFrame, flags: dict[str, pd.Series]
) -> list[dict[str, Any]]:
    """Log dates that are none, and flags with junk in them."""
    log = []
    if unread.any():
        what = "A date that can't be read is taken as missing."
        log.append(
            _roll_calls.log_entry(
                "unreadable_date", "flagged", int(unread.sum()), what, [*known["date"][unread]]
            )
        )
    junk = [_find_junk(known[name], flags[name]) for name in _FLAGS]
    texts = pd.concat(junk)
    if len(texts):
        what = "A flag with other text than 0 or 1: its digit is read, without one it is unknown."
        examples = [*texts.unique()]
        log.append(_roll_calls.log_entry("junk_in_flags", "repaired", len(texts), what, examples))
    return log


def _find_junk(written: pd.Series, read: pd.Series) -> pd.Series:
    """Return the texts of a flag that are neither 0 nor 1 nor missing."""
    text = written.astype("str")
    clean = text.str.fullmatch(r"[01](?:\.0*)?").fillna(True).astype(bool)
    return text[~clean & (read.notna() | text.notna())]
