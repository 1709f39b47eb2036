"""How a result shows itself in a notebook: what it is, what it was made with, its first rows."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

FIRST_ROWS: Final = 5
"""So many rows of a result's table are shown."""

MOST_LISTED: Final = 3
"""A tuple of more values than these is counted, not listed."""


class Shown:
    """Base of the frozen results: shows the options, numbers and first rows of a dataclass.

    Examples
    --------
    >>> import pandas as pd
    >>> @dataclasses.dataclass(frozen=True, repr=False)
    ... class Sum(Shown):
    ...     "What was added up."
    ...     table: pd.DataFrame
    ...     measure: str = "pi"
    >>> Sum(pd.DataFrame({"a": [1]}))
    Sum: 1 row; measure pi
    """

    def __repr__(self) -> str:
        facts = ", ".join(f"{name} {value}" for name, value in self._facts().items())
        rows = len(self._rows())
        return f"{type(self).__name__}: {rows:,} row{'s' * (rows != 1)}; {facts}".rstrip("; ")

    def _repr_html_(self) -> str:
        what = (type(self).__doc__ or "").partition("\n")[0]
        facts = "; ".join(f"{name}: {value}" for name, value in self._facts().items())
        rows = self._rows()
        more = len(rows) - FIRST_ROWS
        return (
            f"<p><strong>{type(self).__name__}</strong>. {html.escape(what)}</p>\n"
            f"<p>{html.escape(facts)}</p>\n{rows.head(FIRST_ROWS).to_html(index=False)}\n"
            + (f"<p>and {more:,} more rows</p>" if more > 0 else "")
        )

    def _rows(self) -> pd.DataFrame:
        """Return the table of which the first rows are shown."""
        table: pd.DataFrame = self.table  # type: ignore[attr-defined]
        return table

    def _facts(self) -> dict[str, str]:
        """Return the options and single numbers of the result, in words."""
        words: dict[str, str] = {}
        for name, value in _fields(self):
            if word := _word(value):
                words.setdefault(name.replace("_", " "), word)
        return words


class Plotted(Shown):
    """A result that also draws itself, by the one figure that the report has for its kind."""

    def plot(self, axes: Any = None) -> Any:
        """Draw the result.

        Parameters
        ----------
        axes : matplotlib.axes.Axes, optional
            Where to; a figure of its own when left out.

        Returns
        -------
        helpers.report.figures.Drawing
            With ``figure``, the ``table`` behind it and ``alt``, what it shows in words.
        """
        # Found when it is called: nothing that computes depends on what draws.
        return import_module("..report.figures", __package__).draw_result(self, axes)


def _fields(result: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a dataclass, and in their place those of a dataclass among them."""
    for field in dataclasses.fields(result):
        value = getattr(result, field.name)
        if dataclasses.is_dataclass(value):
            yield from _fields(value)
        else:
            yield field.name, value


def _word(value: Any) -> str:
    """Word an option or number; nothing for tables, arrays and what is empty."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (int, str)):
        return str(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) if len(value) <= MOST_LISTED else f"{len(value):,}"
    return ""
