"""Voting data of the United Nations Digital Library: General Assembly and Security Council.

One row per member and recorded vote. The Library has published the files in several layouts, told
apart by their header (never by name): with and without ``vote_note``, ``permanent_member`` or
``undl_id``; totals as ``120`` or ``120.0``; the layout of 2024 with ``ms_codes``, ``resolutions``,
``non-voting`` (or ``non_voting``). All give the same `helpers.record.tables.RawRecord`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.errors import DataError, FormatError
from helpers.record import files
from helpers.record.sources.catalogue import recognise
from helpers.record.sources.lookalikes import name_look_alike
from helpers.record.tables import RawRecord

ALIASES: Final = {
    "ms_codes": "ms_code",
    "ms_names": "ms_name",
    "ms_votes": "ms_vote",
    "resolutions": "resolution",
    "agenda_titles": "agenda_title",
    "yes": "total_yes",
    "no": "total_no",
    "abstentions": "total_abstentions",
    "non_voting": "total_non_voting",
}
"""Names of the layout of 2024 and what the same columns are called today."""

REQUIRED: Final = ("ms_name", "ms_vote", "date", "resolution")
ONLY_GA: Final = ("agenda_title", "committee_report", "session")
ONLY_SC: Final = ("description", "permanent_member")

_ROW_COLUMNS: Final = {"ms_code": "code", "ms_name": "name", "ms_vote": "vote"}
_ROLL_CALL_COLUMNS: Final = {
    "date": "date",
    "session": "session",
    "resolution": "symbol",
    "title": "title",
    "description": "title",
    "agenda_title": "agenda",
    "agenda": "agenda",
    "meeting": "meeting",
    "draft": "draft",
    "vote_note": "note",
    "modality": "modality",
    "total_yes": "yes",
    "total_no": "no",
    "total_abstentions": "abstain",
    "total_non_voting": "absent",
}
_TOTALS: Final = ("yes", "no", "abstain", "absent")
_RECORD_ADDRESS: Final = "https://digitallibrary.un.org/record/"
_BLOCK: Final = 1024**2


def read_undl(path: str | Path, *, body: str = "", coded: bool = False) -> RawRecord:
    """Read a voting file of the Library.

    Parameters
    ----------
    path : str or Path
        The file, plain or packed (.gz, .zip, .zst).
    body : str
        ``GA`` or ``SC`` where only that is wanted; empty: whichever the header says.
    coded : bool
        Whether the caller has declared what the votes' marks mean. Else numbers for votes are
        refused, for the Library writes letters, unless the file's own totals bear them out.

    Returns
    -------
    RawRecord
        Source ``undl-ga`` or ``undl-sc``; the key is the number of the Library's record.

    Raises
    ------
    FormatError
        Not the Library's layout, or the other organ's file.
    DataError
        A date, total or record number that is none (with line and column).
    MissingDataError, UnsafeFileError
        As `helpers.record.files.open_bytes`.
    """
    path = Path(path)
    written = files.read_header(path)
    names = {plain_column(name): name for name in written}
    found = _find_body(path, names)
    if body and body != found:
        raise FormatError(f"{path}: is the Library's file of the {found}, not of the {body}")
    wanted = choose_columns(names)
    table = read_categories(path, [names[column] for column in wanted])
    table.columns = pd.Index(wanted)
    key = make_keys(path, table)
    rows = pd.DataFrame({"key": key} | {new: table[old] for old, new in _rows_of(table)})
    roll_calls, log = gather_roll_calls(path, table, key, _ROLL_CALL_COLUMNS)
    roll_calls["url"] = _RECORD_ADDRESS + roll_calls["key"]
    if not coded:
        _check_letters(path, table["ms_vote"], key, roll_calls)
    roll_calls["body"] = found
    roll_calls["outcome"] = "adopted"  # the files hold adopted texts only
    columns = {new: names[old] for old, new in _rows_of(table)}
    return RawRecord(f"undl-{found.lower()}", rows, roll_calls, tuple(log), str(path), columns)


def plain_column(name: str) -> str:
    """Return a column name in today's spelling."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    return ALIASES.get(plain, plain)


def _find_body(path: Path, names: dict[str, str]) -> str:
    """Say by its columns which organ a file is of, or that it is not the Library's."""
    missing = [name for name in REQUIRED if name not in names]
    if not {"undl_id", "undl_link"} & set(names):
        missing.append("undl_id")
    if missing:
        raise FormatError(
            f"{path}: {_say_what_else([*names.values()], missing, files.read_first_column(path))}"
        )
    is_ga, is_sc = ({*names} & {*ONLY_GA}, {*names} & {*ONLY_SC})
    if bool(is_ga) == bool(is_sc):
        raise FormatError(
            f"{path}: line 1 does not say which organ this is: expected one of "
            f"{', '.join(ONLY_GA)} (Assembly) or of {', '.join(ONLY_SC)} (Council)"
        )
    return "GA" if is_ga else "SC"


def _say_what_else(columns: list[str], missing: list[str], first: list[str]) -> str:
    """Word what a table without the Library's columns seems to be."""
    seems = name_look_alike(columns, first)
    if seems:
        return f"seems to be {seems}, not single votes"
    other = recognise(columns)[0]
    if other and not other.startswith("undl-"):
        return f"is a file of {other}, not of the Library's voting data"
    what = "column" if len(missing) == 1 else "columns"
    return f"line 1 lacks the {what} {', '.join(missing)} of the Library's voting data"


def choose_columns(names: dict[str, str]) -> list[str]:
    """Return today's names of the columns to read: the record's address only without its id."""
    wanted = [*_ROW_COLUMNS, *_ROLL_CALL_COLUMNS]
    identity = "undl_id" if "undl_id" in names else "undl_link"
    return [identity, *(name for name in wanted if name in names)]


def _rows_of(table: pd.DataFrame) -> list[tuple[str, str]]:
    return [(old, new) for old, new in _ROW_COLUMNS.items() if old in table]


# ----------------------------------------------------------------------------- reading


def read_categories(path: Path, spelled: list[str]) -> pd.DataFrame:
    """Read columns of delimited text as categories; text stays as it is written."""
    import pyarrow as pa
    from pyarrow import csv

    category = pa.dictionary(pa.int32(), pa.string())
    convert = csv.ConvertOptions(
        include_columns=spelled,
        column_types=dict.fromkeys(spelled, category),
        strings_can_be_null=False,
    )
    with files.open_bytes(path) as file:
        data = file.getvalue() if isinstance(file, io.BytesIO) else file.read()
    table = _parse(path, data, convert, newlines=False)
    del data
    frame: pd.DataFrame = table.combine_chunks().to_pandas()[spelled]
    if frame.empty:
        raise FormatError(f"{path}: holds a header and no rows")
    return frame


def _parse(path: Path, data: Any, convert: Any, *, newlines: bool) -> Any:
    """Parse delimited text; quoted line ends are looked for only where the fast way fails."""
    import pyarrow as pa
    from pyarrow import csv

    parse = csv.ParseOptions(delimiter=files.sniff_delimiter(path), newlines_in_values=newlines)
    read = csv.ReadOptions(block_size=_BLOCK, use_threads=False)  # least processor time
    try:
        return csv.read_csv(pa.BufferReader(data), read, parse, convert)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            files.check_utf8(path)
        if not newlines:
            return _parse(path, data, convert, newlines=True)
        files.check_rows(path)
        raise FormatError(f"{path}: is no regular table ({_first_sentence(error)})") from error
    except pa.ArrowKeyError as error:
        raise FormatError(f"{path}: line 1 names a column twice or not at all ({error})") from error


def _first_sentence(error: Exception) -> str:
    """Return what the parser says, without the row it quotes."""
    return str(error).splitlines()[0][:200]


def make_keys(path: Path, table: pd.DataFrame) -> pd.Series:
    """Return the number of the Library's record for each row, as a category."""
    column = table["undl_id"] if "undl_id" in table else table["undl_link"]
    numbers = [_record_number(str(value)) for value in column.cat.categories]
    bad = [i for i, number in enumerate(numbers) if not number]
    if bad:
        _refuse(path, column, set(bad), "no record of the Library (expected a number)")
    if len(set(numbers)) == len(numbers):
        return column.cat.rename_categories(numbers)
    return column.map(dict(zip(column.cat.categories, numbers, strict=True))).astype("category")


def _record_number(text: str) -> str:
    """Return the record number in ``671205``, ``671205.0`` or the address of the record."""
    found = re.fullmatch(r"(?:https?://\S*/record/)?0*(\d+)(?:\.0)?/?(?:\?\S*)?", text.strip())
    return found.group(1) if found else ""


def _refuse(path: Path, column: pd.Series, bad: set[int], what: str) -> None:
    """Raise with the first line that holds one of some categories, and how many lines do."""
    rows = np.flatnonzero(np.isin(column.cat.codes.to_numpy(), sorted(bad)))
    first = rows[0]
    raise DataError(
        f"{path}: line {first + 2}, column {column.name}: {column.iloc[first]!r} is {what}; "
        f"lines like this: {len(rows):,}"
    )


def _check_letters(path: Path, votes: pd.Series, key: pd.Series, roll_calls: pd.DataFrame) -> None:
    """Refuse numbers for votes, unless the totals of every roll call are those of 1, 2 and 3."""
    plain = votes.cat.categories.str.strip().str.removesuffix(".0")
    numbers = [i for i, text in enumerate(plain) if text.isdigit()]
    if not numbers:
        return
    totals = {"1": "yes", "2": "abstain", "3": "no"}
    known = [name for name in totals.values() if name in roll_calls]
    if known and roll_calls[known].notna().all(axis=None):
        mark = votes.map(dict(zip(votes.cat.categories, plain, strict=True))).map(totals)
        counts = pd.crosstab(key.to_numpy(), mark.to_numpy()).reindex(
            index=roll_calls["key"], columns=known, fill_value=0
        )
        if (counts.to_numpy() == roll_calls[known].to_numpy()).all():
            return
    _refuse(
        path,
        votes,
        set(numbers),
        "a number, and the Library writes Y, N, A and X for votes; if you know what the numbers "
        "mean, say so (--votes 1=yes,2=abstain,3=no)",
    )


# ----------------------------------------------------------------------------- roll calls


def gather_roll_calls(
    path: Path, table: pd.DataFrame, key: pd.Series, columns: Mapping[str, str]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return one row per roll call with what its rows say about it, and a log of disagreements.

    ``columns`` maps those of the table, which are categories, onto those of `RawRecord`.
    """
    codes = key.cat.codes.to_numpy()
    first = np.zeros(len(key.cat.categories), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    out = pd.DataFrame({"key": key.cat.categories.astype("str")})
    log = []
    for old, new in columns.items():
        if old not in table:
            continue
        column = table[old]
        chosen, torn = _one_value_each(column, codes, first)
        if torn:
            log.append(_say_torn(old, torn, key))
        categories = column.cat.categories.astype("str").to_numpy()
        out[new] = _convert(path, column, pd.Series(categories[chosen]), new)
    return out, log


def _one_value_each(
    column: pd.Series, key: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, list[int]]:
    """Return the value of each record as a category code, and the records with several.

    Of several values the most frequent is taken, of equally frequent ones the first in the
    alphabet, never the first in the file: the order of rows does not matter.
    """
    values = column.cat.codes.to_numpy()
    chosen = values[first]
    torn = np.unique(key[values != chosen[key]])
    for record in torn:
        found, counts = np.unique(values[key == record], return_counts=True)
        names = column.cat.categories[found]
        chosen[record] = found[sorted(range(len(found)), key=lambda i: (-counts[i], names[i]))[0]]
    return chosen, torn.tolist()


def _say_torn(column: str, torn: list[int], key: pd.Series) -> dict[str, Any]:
    return {
        "rule": "one_value_per_roll_call",
        "table": "roll_calls",
        "effect": "repaired",
        "rows": len(torn),
        "what": f"The rows of a roll call disagree in {column}; the most frequent value is taken.",
        "examples": [str(key.cat.categories[i]) for i in torn[:5]],
    }


def _convert(path: Path, column: pd.Series, values: pd.Series, name: str) -> pd.Series:
    """Turn the text of a roll call's column into dates, numbers or text with NA for nothing."""
    if name == "date":
        written = values.where(values.str.match(r"\d{4}"), None)  # "today" is a date to pandas
        days = pd.to_datetime(written, format="ISO8601", errors="coerce")
        _check_all(path, column, values, days.isna() & values.ne(""), "no date (2025-02-24)")
        return days.astype("datetime64[s]")
    if name in _TOTALS:
        numbers = pd.to_numeric(values.replace("", None), errors="coerce")
        wrong = (numbers.isna() & values.ne("")) | (numbers % 1).gt(0) | numbers.lt(0)
        _check_all(path, column, values, wrong, "no number of votes")
        return numbers.astype("Int16")
    return values.str.strip().replace("", None).astype("str")


def _check_all(
    path: Path, column: pd.Series, values: pd.Series, wrong: pd.Series, what: str
) -> None:
    if wrong.any():
        bad = set(np.flatnonzero(column.cat.categories.isin(values[wrong])).tolist())
        _refuse(path, column, bad, what)
