"""Tables for Excel and Stata, with what every column means."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from helpers.store.files import write_atomic, write_json

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = {
    "absent": "roll calls on which it cast no vote",
    "abstain": "abstentions",
    "blocks": "blocks of roll calls that were drawn",
    "cast": "votes cast: yes, no or abstention",
    "cluster": "cluster of k-means, the largest 1",
    "exposure": "share of the focus' votes that the member shares",
    "from": "day of the first roll call of the window",
    "group": "group of states",
    "high": "upper end of the interval",
    "low": "lower end of the interval",
    "member": "member state, by id",
    "member_a": "first member of the dyad, by id",
    "member_b": "second member of the dyad, by id",
    "n_shared": "roll calls behind the value",
    "name": "everyday name of the member",
    "no": "no votes",
    "period": "window",
    "rank": "1 the nearest; equal values have one rank",
    "roll_calls": "roll calls held while it was a member",
    "share_absent": "absent, as a share of roll_calls",
    "share_abstain": "abstentions, as a share of cast",
    "share_no": "no votes, as a share of cast",
    "share_yes": "yes votes, as a share of cast",
    "tied": "members of that value",
    "to": "day of the last roll call of the window",
    "unanimous": "roll calls on which all that voted cast the same vote",
    "value": "the measure, as the parameters of the table name it",
    "vote": "yes, abstain, no or absent",
    "voted": "members that cast a vote",
    "yes": "yes votes",
}
"""What the columns of results mean; a column that is not here is labelled by its name."""

_LONGEST_LABEL: Final = 80  # of Stata
_NO_EXCEL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_excel(table: pd.DataFrame, path: Path, provenance: dict[str, Any]) -> list[Path]:
    """Write a workbook: the table, what its columns mean, and what it was made from.

    A text that begins as a formula stays a text.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    made = [(name, json.dumps(what, ensure_ascii=False)) for name, what in provenance.items()]
    sheets: dict[str, Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]] = {
        "table": _rows(table),
        "columns": [("column", "meaning"), *((c, COLUMNS.get(c, c)) for c in table.columns)],
        "made from": [("what", "value"), *made],
    }
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for i, row in enumerate(rows, start=1):
            for j, value in enumerate(row, start=1):
                cell = sheet.cell(i, j, _NO_EXCEL.sub("", value) if _is_text(value) else value)
                if _is_text(value):
                    cell.data_type = "s"
        sheet.freeze_panes = "A2"
    buffer = io.BytesIO()
    book.save(buffer)
    beside = write_json(path.with_name(f"{path.name}.json"), provenance)
    return [write_atomic(path, buffer.getvalue()), beside]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _rows(table: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """Yield the names of the columns, then the rows as Python's own values, None where NA."""
    yield tuple(str(name) for name in table.columns)
    plain = table.astype(object).where(table.notna(), None)
    for row in plain.itertuples(index=False, name=None):
        yield tuple(v.item() if isinstance(v, np.generic) else v for v in row)


def write_stata(table: pd.DataFrame, path: Path, provenance: dict[str, Any]) -> list[Path]:
    """Write a Stata file of version 118 with labels; categories become labelled numbers."""
    plain = table.copy()
    for name in plain.columns:
        column = plain[name]
        if column.dtype == "bool":
            plain[name] = column.astype("int8")
        elif str(column.dtype) in ("str", "string", "object"):
            plain[name] = column.astype(object).where(column.notna(), "")
    dates = plain.select_dtypes("datetime").columns
    source = provenance.get("record", {}).get("title", "")
    buffer = io.BytesIO()
    plain.to_stata(
        buffer,
        write_index=False,
        version=118,
        convert_dates=dict.fromkeys(dates, "td"),
        data_label=source[:_LONGEST_LABEL],
        variable_labels={c: COLUMNS.get(c, str(c))[:_LONGEST_LABEL] for c in plain.columns},
    )
    beside = write_json(path.with_name(f"{path.name}.json"), provenance)
    return [write_atomic(path, buffer.getvalue()), beside]
