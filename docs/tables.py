"""Write the tables of these pages that come from the code: ``python docs/tables.py``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``; a test holds it to the code.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from helpers.blocs import constants_table
from helpers.multiverse import choices_table

PAGE = Path(__file__).with_name("blocs.md")
TABLES = {"constants": constants_table, "choices": choices_table}


def fill_tables(text: str) -> str:
    """Return a page with its tables as the code has them."""

    def fill(found: re.Match[str]) -> str:
        return f"<!-- table: {found[1]} -->\n{_write(TABLES[found[1]]())}<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", fill, text, flags=re.DOTALL)


def _write(table: pd.DataFrame) -> str:
    rows = [list(table.columns), ["---"] * table.shape[1], *table.astype(str).to_numpy().tolist()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    PAGE.write_text(fill_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
