"""The tables in a file, whatever it comes in: R, Stata, or text with commas or tabs."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.errors import DataError, FormatError
from helpers.record import files
from helpers.record.sources.lookalikes import name_look_alike
from helpers.record.sources.rda import is_r_data, read_rda

_QUOTING: Final[tuple[dict[str, Any], ...]] = (
    {"double_quote": True, "escape_char": False},
    {"double_quote": False, "escape_char": "\\"},
    {"quote_char": False},
)
"""Ways to write a quote inside a text, the usual first: doubled, with a backslash, not quoted."""

_BLOCK: Final = 16 * 1024**2


def read_frames(
    path: str | Path, wanted: Iterable[str], number: str | tuple[str, ...]
) -> list[pd.DataFrame]:
    """Read all data frames of a file, with text as categories.

    Parameters
    ----------
    path : str or Path
        ``.rda``, ``.dta`` or delimited text, told apart by content; packed or plain.
    wanted : iterable of str
        Names of the columns that are kept (in any case of letters).
    number : str or tuple of str
        A column that must hold numbers (the first of these that is there); the way of quoting is
        chosen by it.

    Returns
    -------
    list of DataFrame
        Column names in lower case; text with nothing in it is missing.
    """
    path = Path(path)
    keep = {name.lower() for name in wanted}
    numbers = (number,) if isinstance(number, str) else number
    head = files.read_head(path, 16)
    if is_r_data(head):
        frames = list(read_rda(path).values())
    elif head.startswith(b"<stata_dta>") or head[:3] in _OLD_STATA:
        frames = [_read_stata(path)]
    else:
        frames = [_read_text(path, keep, numbers)]
    return [_keep(frame, keep) for frame in frames]


def column_names(path: str | Path) -> list[str]:
    """Return all column names of the first table in a file, as written."""
    path = Path(path)
    head = files.read_head(path, 16)
    if is_r_data(head):
        return [str(column) for column in next(iter(read_rda(path).values())).columns]
    if head.startswith(b"<stata_dta>") or head[:3] in _OLD_STATA:
        return [str(column) for column in _read_stata(path).columns]
    return files.read_header(path)


_OLD_STATA: Final = tuple(bytes([v, b, 1]) for v in (0x71, 0x72, 0x73) for b in (1, 2))


def _keep(frame: pd.DataFrame, keep: set[str]) -> pd.DataFrame:
    """Return the wanted columns, in lower case (Stata writes ``_short``), no name twice."""
    names = [str(column).strip().lower().lstrip("_") for column in frame.columns]
    frame = frame.set_axis(pd.Index(names), axis=1)
    return frame.loc[:, [n in keep and names.index(n) == i for i, n in enumerate(names)]]


def _read_stata(path: Path) -> pd.DataFrame:
    with files.open_bytes(path) as file:
        try:
            return pd.read_stata(file, convert_categoricals=False)
        except (ValueError, KeyError, EOFError, TypeError, struct.error) as error:
            raise FormatError(
                f"{path}: the Stata file is damaged or cut short; download or copy it again"
            ) from error


def _read_text(path: Path, keep: set[str], numbers: tuple[str, ...]) -> pd.DataFrame:
    """Parse delimited text in the first way of quoting under which a column holds numbers."""
    header = files.read_header(path)
    columns = [name for name in header if name.lower() in keep]
    if len(set(columns)) < len(columns):
        raise FormatError(f"{path}: line 1 names a column twice ({', '.join(columns)})")
    there = [name.lower() for name in columns]
    number = next((name for name in numbers if name in there), "")
    if not number:
        return pd.DataFrame(columns=pd.Index(columns))
    with files.open_bytes(path) as file:
        data = file.getvalue() if isinstance(file, io.BytesIO) else file.read()
    first: pd.DataFrame | str = ""
    for quoting in _order_quoting(data):
        found = _parse(path, data, header, columns, quoting)
        first = found if isinstance(first, str) and not first else first
        if isinstance(found, pd.DataFrame) and not _not_numbers(_find(found, number)).any():
            return found
    if isinstance(first, str):
        files.check_rows(path)
        raise FormatError(f"{path}: is no regular table ({first})")
    return _refuse_row(path, _find(first, number))


def _order_quoting(data: bytes) -> list[dict[str, Any]]:
    """Return the ways of quoting, the likeliest first.

    With a backslash only where there are such quotes and none that is doubled inside a text.
    """
    doubled, backslash, none = _QUOTING
    escaped = b'\\"' in data and not re.search(rb'[^,\t\r\n"\\]""', data)
    return [backslash, doubled, none] if escaped else [doubled, backslash, none]


def _parse(
    path: Path, data: bytes, header: list[str], columns: list[str], quoting: dict[str, Any]
) -> pd.DataFrame | str:
    """Parse text into categories, or return what the parser says against it."""
    import pyarrow as pa
    from pyarrow import csv

    names = [name if name in columns else f"{i}\n{name}" for i, name in enumerate(header)]
    parse = csv.ParseOptions(
        delimiter=files.sniff_delimiter(path), newlines_in_values=True, **quoting
    )
    read = csv.ReadOptions(block_size=_BLOCK, column_names=names, skip_rows=1)
    category = pa.dictionary(pa.int32(), pa.string())
    convert = csv.ConvertOptions(
        include_columns=columns,
        column_types=dict.fromkeys(columns, category),
        strings_can_be_null=False,
    )
    try:
        table = csv.read_csv(pa.BufferReader(data), read, parse, convert)
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            files.check_utf8(path)
        return str(error).splitlines()[0][:200]
    frame: pd.DataFrame = table.combine_chunks().to_pandas()
    return frame.apply(_unquote) if "quote_char" in quoting else frame


def _unquote(column: pd.Series) -> pd.Series:
    """Take the quotes around a text away that were read as part of it."""
    plain = column.cat.categories.astype("str").str.replace(r'^"(.*)"$', r"\1", regex=True)
    return column.map(dict(zip(column.cat.categories, plain, strict=True))).astype("category")


def _find(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[next(column for column in frame.columns if column.lower() == name)]


def _not_numbers(column: pd.Series) -> pd.Series:
    """Tell for each category whether it is neither a whole number nor nothing."""
    text = pd.Series(column.cat.categories.astype("str"))
    return ~text.str.fullmatch(r"\d+(?:\.0*)?|NA|")


def _refuse_row(path: Path, column: pd.Series) -> pd.DataFrame:
    """Raise with the first row in which ``column`` holds no whole number."""
    bad = column.cat.categories[_not_numbers(column).to_numpy()]
    rows = column.isin(bad).to_numpy().nonzero()[0]
    raise DataError(
        f"{path}: line {rows[0] + 2}, column {column.name}: {column.iloc[rows[0]]!r} is no whole "
        f"number; lines like this: {len(rows):,}"
    )


def _is_text(path: Path) -> bool:
    head = files.read_head(path, 16)
    return not is_r_data(head) and not head.startswith((b"<stata_dta>", *_OLD_STATA))


def refuse_unknown(path: Path, columns: Iterable[str], wanted: str) -> FormatError:
    """Word the refusal of a table that is not what was asked for, with what it seems to be."""
    names = [str(column) for column in columns]
    first = files.read_first_column(path) if _is_text(path) else []
    seems = name_look_alike(names, first)
    shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
    what = f"seems to be {seems}, not single votes" if seems else "is in no known layout"
    return FormatError(f"{path}: {what} (columns {shown}); expected {wanted}")
