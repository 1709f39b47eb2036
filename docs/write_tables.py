"""Write measured tables into a page between their marks: used by the ``measure_`` scripts here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def write_tables(page: Path, tables: Mapping[str, Callable[[], str]], names: Sequence[str]) -> None:
    """Make the tables of these names, or all, and write each as soon as it is made.

    A table stands between ``<!-- name: measured -->`` and ``<!-- end -->``.
    """
    for name in names or list(tables):
        made = tables[name]()
        text = page.read_text(encoding="utf-8")
        start, end = f"<!-- {name}: measured -->", "<!-- end -->"
        inside = f"{start}\n\n{made}\n\n{end}"
        pattern = re.escape(start) + ".*?" + re.escape(end)
        text, count = re.subn(pattern, lambda _, new=inside: new, text, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"{page.name}: has the marks of {name!r} {count} times, not once")
        page.write_text(text, encoding="utf-8")
