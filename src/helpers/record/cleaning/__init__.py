"""Named rules that turn what a reader found into the clean tables and a log of every repair.

A reader (``sources/undl``, ``sources/unvotes``, ``sources/voeten``) returns a
`RawRecord`: the rows of the file (columns `RAW_ROWS` in ``record/tables``) and its roll calls
(columns `RAW_ROLL_CALLS`), with values as they are written, apart from
dates, which it parses since their form belongs to the file. Everything that is judged (who the
member is, what a session or symbol means, membership, duplicates, totals, dates that hold only to
the month in sessions 1 to 57 of unvotes and Voeten) is judged here, once for all sources, by
`clean`.

The order of rows does not matter, and no row gets lost: rows in are votes out and rows dropped by
reason, checked on every run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from helpers.errors import DataError
from helpers.record.cleaning import identical, roll_call_rules, vote_rules
from helpers.record.cleaning.symbols import read_session, read_symbol
from helpers.record.cleaning.work import Work
from helpers.record.members import load_members
from helpers.record.sources._roll_calls import number_sessions
from helpers.record.tables import DATA_DICTIONARY, RAW_ROLL_CALLS, VOTES, RawRecord, Record

__all__ = ["RULES", "clean", "read_session", "read_symbol"]

RULES: Final[dict[str, Callable[[Work], None]]] = {
    "read_symbols": roll_call_rules.read_symbols,
    "read_sessions": roll_call_rules.read_sessions,
    "read_dates": roll_call_rules.read_dates,
    "dates_in_session": roll_call_rules.dates_in_session,
    "missing_numbers": roll_call_rules.missing_numbers,
    "unknown_kinds": roll_call_rules.unknown_kinds,
    "read_votes": vote_rules.read_votes,
    "not_a_member_marks": vote_rules.not_a_member_marks,
    "identify_members": vote_rules.identify_members,
    "names_over_time": vote_rules.names_over_time,
    "one_row_per_member": vote_rules.one_row_per_member,
    "no_recorded_vote": vote_rules.no_recorded_vote,
    "totals_agree": vote_rules.totals_agree,
    "not_members": vote_rules.not_members,
    "council_terms": vote_rules.council_terms,
    "changes_of_state": vote_rules.changes_of_state,
    "council_seats": vote_rules.council_seats,
    "permanent_members_no": vote_rules.permanent_members_no,
    "group_identical": identical.group_identical,
}
"""Every rule by name, in the order in which they run; the docstring of each says what it does."""

SPREADSHEET_ROWS: Final = 1_048_575
"""Rows below the header that a spreadsheet holds at most; it loses the rest in silence."""

_TEXTS: Final = ("session", "symbol_raw", "title", "agenda", "meeting", "draft", "proposer")
_TOTALS: Final = ("yes", "no", "abstain", "absent")


def clean(raw: RawRecord) -> Record:
    """Turn what a reader found into clean tables by the rules of :data:`RULES`.

    Parameters
    ----------
    raw : RawRecord
        Rows and roll calls as they are in the source.

    Returns
    -------
    Record
        Members, roll calls (in order of time), votes (in order of roll call and member), and the
        log. The provenance is left to the caller.

    Raises
    ------
    DataError
        A mark that is no vote, a member that is not known, a row of an unknown roll call.

    Examples
    --------
    >>> rows = pd.DataFrame({"key": ["7", "7"], "name": ["FRANCE", "FIJI"], "vote": ["Y", "X"]})
    >>> calls = pd.DataFrame(
    ...     {"key": ["7"], "body": ["GA"], "date": pd.to_datetime(["1969-12-16"]),
    ...      "symbol": ["A/RES/2602(XXIV)[E]"]}
    ... )
    >>> record = clean(RawRecord("undl-ga", rows, calls))
    >>> record.votes["member"].tolist(), record.roll_calls["symbol"].tolist()
    (['FRA'], ['A/RES/2602(XXIV)E'])
    >>> record.log.loc[record.log["effect"].eq("dropped"), ["rule", "rows"]].values.tolist()
    [['before_admission', 1]]
    """
    work = _prepare(raw)
    for rule in RULES.values():
        rule(work)
    votes, roll_calls = _build_tables(work)
    _check_balance(work, len(votes))
    types = {name: field.dtype for name, field in DATA_DICTIONARY["cleaning_log"].items()}
    log = pd.DataFrame(work.log, columns=list(types)).astype(types)
    return Record(load_members(), roll_calls, votes, log)


def _prepare(raw: RawRecord) -> Work:
    """Lay the roll calls out in order of time and find the roll call of each row."""
    calls = raw.roll_calls.reset_index(drop=True)
    calls = calls.rename(columns={"symbol": "symbol_raw"})
    key = calls["key"].astype("str")
    if key.duplicated().any():
        twice = key[key.duplicated()].iloc[0]
        raise DataError(f"{raw.file or raw.source}: roll call {twice} occurs twice")
    calls["roll_call"] = raw.source + "-" + key
    calls["date"] = calls["date"].astype("datetime64[s]")
    for column in RAW_ROLL_CALLS:
        if column not in calls and column != "symbol":
            calls[column] = pd.NA
    calls["symbol_raw"] = calls.get("symbol_raw", pd.Series(pd.NA, index=calls.index))
    for column in (*_TEXTS, "kind", "outcome", "modality", "issues", "note", "url"):
        calls[column] = calls[column].astype("str")
    for column in _TOTALS:
        calls[column] = calls[column].astype("Int16")
    size = key.str.len()
    order = calls.assign(size=size).sort_values(["date", "size", "roll_call"]).index
    calls = calls.loc[order].reset_index(drop=True)
    call = _find_calls(raw, pd.Index(key[order]))
    calls["rolled"] = np.bincount(call, minlength=len(calls)) > 0
    calls["outcome"] = calls["outcome"].fillna("unknown")
    work = Work(raw, calls, call)
    for line in raw.log:
        work.note(**line)
    if len(call) == SPREADSHEET_ROWS:
        work.note(
            "cut_by_a_spreadsheet",
            "votes",
            "flagged",
            len(call),
            "The file has exactly as many rows as a spreadsheet can hold, so that it was probably "
            "cut there: take the file as it was published.",
            [raw.file],
        )
    return work


def _find_calls(raw: RawRecord, keys: pd.Index) -> np.ndarray:
    """Return the position of each row's roll call among the keys."""
    codes, found = pd.factorize(raw.rows["key"])
    place = keys.get_indexer(pd.Index(found).astype("str"))
    call = np.append(place, -1)[codes]
    if (call < 0).any():
        row = int(np.flatnonzero(call < 0)[0])
        value = raw.rows["key"].iloc[row]
        where = f"{raw.file or raw.source}: line {row + 2}"
        raise DataError(f"{where}: there is no roll call {value!r}")
    return call


def _build_tables(work: Work) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the votes, in order of roll call and member, and the roll calls in order of time."""
    calls = work.calls
    order = calls.sort_values("date", kind="stable").index.to_numpy()
    cells = np.full((len(calls), len(work.ids)), -1, dtype=np.int8)
    rows = np.flatnonzero(work.kept)
    cells[work.call[rows], work.member[rows]] = work.vote[rows]
    call, member = np.nonzero(cells[order] >= 0)
    present = np.flatnonzero((cells >= 0).any(axis=0))
    rank = np.full(len(work.ids), -1)
    rank[present] = np.arange(len(present))
    roll_calls = calls.loc[order].reset_index(drop=True)
    roll_calls["issues_from"] = np.where(roll_calls["issues"].isna(), "unknown", "known")
    votes = pd.DataFrame(
        {
            "roll_call": pd.Categorical.from_codes(
                call, categories=pd.Index(roll_calls["roll_call"])
            ),
            "member": pd.Categorical.from_codes(
                rank[member], categories=pd.Index([work.ids[i] for i in present])
            ),
            "vote": pd.Categorical.from_codes(
                cells[order][call, member], categories=pd.Index(VOTES)
            ),
        }
    )
    roll_calls["issues_from"] = roll_calls["issues_from"].astype("str")
    roll_calls["session_number"] = number_sessions(
        *(roll_calls[name] for name in ("session_number", "session", "body", "date"))
    )
    return votes, roll_calls[list(DATA_DICTIONARY["roll_calls"])]


def _check_balance(work: Work, votes: int) -> None:
    """Rows in are votes out and rows dropped by reason."""
    dropped = sum(e["rows"] for e in work.log if e["effect"] == "dropped" and e["table"] == "votes")
    if len(work.call) != votes + dropped:
        raise DataError(
            f"{work.raw.source}: {len(work.call):,} rows in, {votes:,} votes out and {dropped:,} "
            "rows dropped do not add up: this is a fault of the program, please report it"
        )
