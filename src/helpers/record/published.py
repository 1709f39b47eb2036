"""Published figures: what official reports print, as facts with sources, to check a record by.

One row a number, in the layout of ``data/published_figures.csv``::

    figure,definition,period,member,value,tolerance,source,known

``figure`` is one of :data:`FIGURES`; ``definition`` a preset of `helpers.similarity` for figures of
the Assembly, ``council`` or ``roll-call``; ``period`` a year, or the symbol of a resolution;
``member`` a member where the figure is about one; ``value`` the printed number; ``tolerance`` how
far ours may be from it; ``known`` (which may be left out) why it is known to differ, such as a
misprint.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.errors import DataError, FormatError, ParameterError, must_be_one_of
from helpers.record.files import check_utf8, open_bytes, sniff_delimiter
from helpers.record.members import resolve_member

FIGURES: Final = {
    "same": "roll calls of the year on which member and reference voted the same",
    "opposite": "roll calls on which one voted yes and the other no",
    "partial": "roll calls on which one abstained and the other voted yes or no",
    "absent": "roll calls on which one of the two was absent",
    "votes": "recorded votes of the year on whole texts",
    "yes": "those on which the member voted yes",
    "no": "those on which it voted no",
    "abstain": "those on which it abstained",
    "mean": "mean over the members of their coincidence with the reference, percent",
    "resolutions": "resolutions that the Council adopted in the year",
    "unanimous": "those for which all members of the Council voted",
    "failed": "drafts that were put to the vote and not adopted, vetoed ones among them",
    "alone": "1 where the member was the only one to vote no, else 0",
    "vote": "how the member voted: 1 yes, 2 abstaining, 3 no",
}
"""What a published figure can be, and what it counts."""

OTHER_DEFINITIONS: Final = ("council", "roll-call")
"""Definitions of figures that are no measure: of the Council's year, of one roll call."""

OF_A_ROLL_CALL: Final = ("alone", "vote")
"""Figures about one roll call; the period is its symbol."""

OF_A_MEMBER: Final = (
    *("same", "opposite", "partial", "absent", "yes", "no", "abstain"),
    *OF_A_ROLL_CALL,
)
"""Figures about one member."""

COLUMNS: Final = ("figure", "definition", "period", "member", "value", "tolerance", "source")
"""Columns that a file of published figures must have."""

_SYMBOL: Final = re.compile(r"[AS]/RES/\S+")


def read_published(
    files: Sequence[str | Path] = (), *, definitions: Sequence[str] = ()
) -> pd.DataFrame:
    """Read published figures: those that come with the package, or those of some files.

    Parameters
    ----------
    files : sequence of paths
        CSV in the layout above; empty: the package's own.
    definitions : sequence of str
        Names of presets that a definition may be, besides :data:`OTHER_DEFINITIONS`; empty: any.

    Returns
    -------
    pandas.DataFrame
        ``figure definition period member value tolerance source known``; ``member`` as its id,
        ``value`` and ``tolerance`` as float.

    Raises
    ------
    MissingDataError, UnsafeFileError
        As every reader.
    FormatError
        A column lacks.
    DataError
        All faults of a file, with line and column.

    Examples
    --------
    >>> table = read_published()
    >>> table.loc[table["figure"].eq("votes"), ["period", "value"]].values.tolist()
    [['2020', 100.0], ['2022', 89.0], ['2023', 88.0]]
    """
    if files:
        return pd.concat([_read(Path(f), definitions) for f in files], ignore_index=True)
    with resources.as_file(resources.files("helpers") / "data" / "published_figures.csv") as path:
        return _read(path, definitions)


def _read(path: Path, definitions: Sequence[str]) -> pd.DataFrame:
    """Read one file, with all its faults in one error."""
    check_utf8(path)
    with open_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        rows = list(csv.DictReader(text, delimiter=sniff_delimiter(path)))
    lacking = [c for c in COLUMNS if rows and c not in rows[0]]
    if lacking or not rows:
        what = f"lacks the column {', '.join(lacking)}" if lacking else "holds no row"
        raise FormatError(f"{path}: {what}; published figures have {', '.join(COLUMNS)}")
    faults: list[str] = []
    read = [_read_row(row, definitions, faults, line) for line, row in enumerate(rows, 2)]
    if faults:
        more = f"; and {len(faults) - 5:,} more" if len(faults) > 5 else ""
        raise DataError(f"{path}: {'; '.join(faults[:5])}{more}")
    return pd.DataFrame(read, columns=[*COLUMNS, "known"])


def _read_row(
    row: dict[str, Any], definitions: Sequence[str], faults: list[str], line: int
) -> list[Any]:
    """Return a row's values; what is wrong with them is added to the faults."""
    cells = {name: (row.get(name) or "").strip() for name in (*COLUMNS, "known")}

    def fault(column: str, what: str) -> None:
        faults.append(f"line {line}, column {column}: {what}")

    if cells["figure"] not in FIGURES:
        fault("figure", must_be_one_of("figure", cells["figure"], FIGURES))
    allowed = (*definitions, *OTHER_DEFINITIONS)
    if definitions and cells["definition"] not in allowed:
        fault("definition", must_be_one_of("definition", cells["definition"], allowed))
    by_symbol = cells["figure"] in OF_A_ROLL_CALL
    if not (_SYMBOL if by_symbol else re.compile(r"\d{4}")).fullmatch(cells["period"]):
        wanted = "a symbol such as A/RES/72/72" if by_symbol else "a year"
        fault("period", f"{cells['period']!r} is not {wanted}")
    if cells["figure"] in OF_A_MEMBER:
        try:
            cells["member"] = resolve_member(cells["member"])
        except ParameterError as error:
            fault("member", str(error))
    numbers = {name: _number(cells[name]) for name in ("value", "tolerance")}
    for name, number in numbers.items():
        if math.isnan(number) or number < 0:
            fault(name, f"{cells[name]!r} is no number from 0 up")
    if not cells["source"]:
        fault("source", "a published figure needs its source")
    return [numbers.get(name, cells[name]) for name in (*COLUMNS, "known")]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
