"""One figure for each result that answers a question by itself: what its ``.plot()`` draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.figures.style import COLOURS, WIDE, Drawing, bare, cast_figure, styled
from helpers.shifts import VotesOn


@styled
def draw_result(result: Any, axes: Axes | None = None) -> Drawing:
    """Draw a result by the figure of its kind.

    Parameters
    ----------
    result : one of the kinds in `DRAWERS`
    axes : Axes, optional
        Where to; a figure of its own when left out.

    Returns
    -------
    Drawing
        Its figure is that of the axes.
    """
    draw, height = DRAWERS[type(result)]
    if axes is None:
        axes = Figure(figsize=(WIDE, height), layout="constrained").subplots()
    bare(axes)
    alt = draw(result, axes)
    return Drawing(cast_figure(axes), result.table, alt)


def _votes_on(result: VotesOn, axes: Axes) -> str:
    """Draw one bar a vote, with the number of members."""
    votes, counts = result.totals["vote"].tolist(), result.totals["members"].tolist()
    bars = axes.barh(votes, counts, color=[COLOURS[vote] for vote in votes])
    axes.bar_label(bars, padding=3)
    axes.invert_yaxis()
    what = result.symbol or result.roll_call
    axes.set(title=f"Votes on {what}, {result.date}", xlabel="members")
    return f"Votes on {what}: {', '.join(f'{n} {v}' for v, n in zip(votes, counts, strict=True))}."


DRAWERS: Final[dict[type, tuple[Callable[[Any, Axes], str], float]]] = {
    VotesOn: (_votes_on, 2.2),
}
"""How each kind of result is drawn, and how high in inches."""
