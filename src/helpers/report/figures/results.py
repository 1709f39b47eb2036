"""One figure for each result that answers a question by itself: what its ``.plot()`` draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.record import member_names
from helpers.report.figures.style import COLOURS, WIDE, Drawing, bare, cast_figure, each_row, styled
from helpers.shifts import VotesOn
from helpers.similarity import DyadTrack, describe_measure

MOST_NAMED: Final = 10
"""So many windows are named below an axis at most."""


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


def _dyad_track(result: DyadTrack, axes: Axes) -> str:
    """Draw the values with their intervals, window by window."""
    table, x = result.table, range(len(result.table))
    low, high = (table[name].fillna(table["value"]).to_numpy(float) for name in ("low", "high"))
    values = table["value"].to_numpy(float)
    axes.vlines(x, low, high, color=COLOURS["muted"], linewidth=1.2)
    axes.plot(x, values, marker="o", markersize=4, color=COLOURS["yes"], linewidth=1)
    _name_windows(axes, table["period"].astype(str).tolist())
    pair = " and ".join(member_names().get(m, m) for m in (result.member_a, result.member_b))
    what = describe_measure(result.measure, result.distance)
    axes.set(title=pair, ylabel=what)
    known = table.dropna(subset="value")
    ends = known.iloc[:: max(len(known) - 1, 1)]
    words = [f"{row.value:.2f} in {row.period}" for row in each_row(ends)]
    return f"{pair}, {what}: {' to '.join(words) or 'not defined'}."


def _name_windows(axes: Axes, periods: list[str]) -> None:
    """Name at most `MOST_NAMED` windows, evenly apart."""
    step = -(-len(periods) // MOST_NAMED)
    axes.set_xticks(range(0, len(periods), step), periods[::step])


DRAWERS: Final[dict[type, tuple[Callable[[Any, Axes], str], float]]] = {
    VotesOn: (_votes_on, 2.2),
    DyadTrack: (_dyad_track, 3.0),
}
"""How each kind of result is drawn, and how high in inches."""
