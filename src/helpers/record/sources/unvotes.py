"""The R package unvotes: votes, roll calls and issues, as ``.rda`` or as the same three CSV.

One row per member and vote cast; absent members have none. The country code is not used: it is
missing for three states that are gone, and Namibia's, the text ``NA``, is lost by careless readers.
The numbers in the symbols of sessions 1 to 20 (``R/1/66``) are pages of the records, not numbers of
resolutions. ``amend`` and ``para`` are missing for whole sessions; the kind is then unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from helpers.errors import DataError, FormatError, MissingDataError
from helpers.record.sources import _frames, _roll_calls
from helpers.record.tables import ISSUES, RawRecord

_COLUMNS: Final = {
    "votes": ("rcid", "country", "country_code", "vote"),
    "roll_calls": ("rcid", "session", "date", "unres", "amend", "para", "short", "descr"),
    "issues": ("rcid", "short_name", "issue"),
}
_GIVE_AWAY: Final = {
    "votes": {"country", "vote"},
    "roll_calls": {"session", "unres", "short"},
    "issues": {"issue"},
}
_WANTED: Final = "the votes, roll calls and issues of the R package unvotes"
_ISSUE_CODES: Final = {
    "palestinian conflict": "me",
    "nuclear weapons and nuclear material": "nu",
    "arms control and disarmament": "di",
    "human rights": "hr",
    "colonialism": "co",
    "economic development": "ec",
}


def read_unvotes(paths: str | Path | Iterable[str | Path]) -> RawRecord:
    """Read the three tables of the package, in any order and in one file or several.

    Parameters
    ----------
    paths : path, or iterable of paths
        ``un_votes.rda``, ``un_roll_calls.rda``, ``un_roll_call_issues.rda``, or ``unvotes.csv``,
        ``roll_calls.csv``, ``issues.csv``; known by their columns, packed or plain. Without the
        issues the subjects are unknown.

    Returns
    -------
    RawRecord
        Source ``unvotes``; the key is ``rcid``. Title and agenda are put together from ``short``
        and ``descr``. The day of the dates is as in the file (cleaning judges it).

    Raises
    ------
    FormatError
        A file is none of the tables; the sentence says what it seems to be.
    MissingDataError
        The votes or the roll calls are not among the files.
    DataError
        A roll call number that is none, that occurs twice, or that has votes and no roll call.
    UnsafeFileError
        As `helpers.record.sources.rda.read_rda` and `helpers.record.files.open_bytes`.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    tables: dict[str, tuple[Path, pd.DataFrame]] = {}
    for path in map(Path, given):
        for name, frame in _read_tables(path):
            tables[name] = (path, frame)
    lacking = [name for name in ("votes", "roll_calls") if name not in tables]
    if lacking:
        raise MissingDataError(
            f"{', '.join(map(str, given)) or 'no file'}: the table of {' and '.join(lacking)} is "
            f"not there; give {_WANTED} together"
        )
    votes_path, votes = tables["votes"]
    path, roll_calls = tables["roll_calls"]
    rows = pd.DataFrame(
        {"key": _whole(votes, votes_path), "name": votes["country"], "vote": votes["vote"]}
    )
    out = _make_roll_calls(path, roll_calls)
    _check_known(votes_path, rows["key"], out["key"])
    if "issues" in tables:
        out["issues"] = _find_issues(*tables["issues"], out["key"])
    columns = {"name": "country"}
    return RawRecord("unvotes", rows, out, file=str(votes_path), columns=columns)


def _read_tables(path: Path) -> list[tuple[str, pd.DataFrame]]:
    """Return the package's tables in a file by name, or say what the file is instead."""
    wanted = {column for columns in _COLUMNS.values() for column in columns}
    frames = _frames.read_frames(path, wanted, "rcid")
    found = [(_name_table(frame), frame) for frame in frames]
    known = [(name, frame) for name, frame in found if name]
    if not known:
        raise _frames.refuse_unknown(path, _frames.column_names(path), _WANTED)
    for name, frame in known:
        lacking = [c for c in _COLUMNS[name][:4] if c not in frame and c != "country_code"]
        if lacking and name != "issues":
            raise FormatError(f"{path}: the {name} lack the column {', '.join(lacking)}")
    return known


def _name_table(frame: pd.DataFrame) -> str:
    names = set(frame.columns)
    fits = (n for n, columns in _GIVE_AWAY.items() if columns <= names and "rcid" in names)
    return next(fits, "")


def _whole(frame: pd.DataFrame, path: Path) -> pd.Series:
    """Return the roll call numbers of a table, which must all be there."""
    numbers = pd.to_numeric(frame["rcid"], errors="coerce")
    bad = np.flatnonzero(numbers.isna())
    if len(bad):
        raise DataError(f"{path}: row {bad[0] + 1}, column rcid: a roll call number is missing")
    return numbers.astype("int32")


def _make_roll_calls(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Return the roll calls in the raw layout."""
    key = _whole(table, path)
    twice = key[key.duplicated()]
    if len(twice):
        raise DataError(f"{path}: column rcid: roll call {twice.iloc[0]} is there twice")
    text = {name: _text(table, name) for name in ("unres", "short", "descr", "date")}
    title, agenda = _roll_calls.find_titles(text["short"], text["descr"])
    flags = [_roll_calls.parse_flags(_column(table, name)) for name in ("amend", "para")]
    return pd.DataFrame(
        {
            "key": key,
            "body": "GA",
            "session": _roll_calls.find_sessions(table["session"], text["unres"]),
            "session_number": pd.to_numeric(table["session"], errors="coerce"),
            "date": _dates(path, table["date"]),
            "symbol": text["unres"],
            "title": title,
            "agenda": agenda,
            "kind": _roll_calls.find_kinds(*flags),
        }
    )


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table else pd.Series(pd.NA, index=table.index, dtype="str")


def _text(table: pd.DataFrame, name: str) -> pd.Series:
    text = _column(table, name).astype("str").str.strip()
    return text.mask(text.isin(["", "NA"]))


def _dates(path: Path, written: pd.Series) -> pd.Series:
    """Return dates as they stand; text must be ISO."""
    if written.dtype.kind == "M":
        return written.astype("datetime64[s]")
    text = written.astype("str")
    dates = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    bad = np.flatnonzero(dates.isna() & ~text.isin(["", "NA"]) & text.notna())
    if len(bad):
        raise DataError(
            f"{path}: row {bad[0] + 1}, column date: {text.iloc[bad[0]]!r} is no date "
            "(expected 1946-01-26)"
        )
    return dates


def _check_known(path: Path, voted: pd.Series, known: pd.Series) -> None:
    strange = np.flatnonzero(~voted.isin(known).to_numpy())
    if len(strange):
        raise DataError(
            f"{path}: row {strange[0] + 1}, column rcid: {voted.iloc[strange[0]]} is no roll call "
            f"of the table of roll calls; rows like this: {len(strange):,}"
        )


def _find_issues(path: Path, table: pd.DataFrame, key: pd.Series) -> pd.Series:
    """Return the codes of each roll call as text; ``""`` for one without a row."""
    column = "short_name" if "short_name" in table else "issue"
    written = table[column].astype("str").str.strip().str.lower()
    codes = written.replace(_ISSUE_CODES)
    strange = np.flatnonzero(~codes.isin(list(ISSUES)).to_numpy())
    if len(strange):
        raise DataError(
            f"{path}: row {strange[0] + 1}, column {column}: {written.iloc[strange[0]]!r} is no "
            f"issue (expected one of {', '.join(ISSUES)})"
        )
    flags = pd.crosstab(_whole(table, path).to_numpy(), codes.to_numpy()).clip(upper=1)
    flags = flags.reindex(index=key, columns=list(ISSUES), fill_value=0).astype("Int8")
    return _roll_calls.join_issues(flags).set_axis(key.index)
