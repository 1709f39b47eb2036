"""One figure for each result that answers a question by itself: what its ``.plot()`` draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.ballots import VoteShares
from helpers.blocs import Placement
from helpers.groups import GroupHistory
from helpers.record import VOTES, member_names
from helpers.report.figures.style import (
    COLOURS,
    WIDE,
    Drawing,
    bare,
    bloc_colour,
    cast_figure,
    each_row,
    styled,
)
from helpers.shifts import VotesOn
from helpers.similarity import DyadTrack, MemberRanking, describe_measure

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


def _vote_shares(result: VoteShares, axes: Axes) -> str:
    """Draw one column a part: how many votes of each kind, of all roll calls of the part."""
    table, bottom = result.table, 0.0 * result.table["roll_calls"]
    for vote in VOTES:
        height = table[vote] / table["roll_calls"]
        axes.bar(range(len(table)), height, bottom=bottom, color=COLOURS[vote], label=vote)
        bottom = bottom + height
    _name_windows(axes, table[result.by].astype(str).tolist())
    name = member_names().get(result.member, result.member)
    axes.set(title=f"Votes of {name} by {result.by}", ylabel="share of roll calls", ylim=(0, 1))
    axes.legend(ncols=4, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.1))
    total = table[["roll_calls", *VOTES]].sum()
    shares = ", ".join(f"{total[vote] / total['roll_calls']:.0%} {vote}" for vote in VOTES)
    return f"Votes of {name} by {result.by}: {shares} in all."


def _member_ranking(result: MemberRanking, axes: Axes) -> str:
    """Draw both ends of the ranking with their intervals, the nearest on top."""
    ends = result.ends().drop_duplicates("member").sort_values("rank", ignore_index=True)
    names, y = member_names(), list(range(len(ends)))
    low, high = (ends[side].fillna(ends["value"]).to_numpy(float) for side in ("low", "high"))
    axes.hlines(y, low, high, color=COLOURS["muted"], linewidth=1.2)
    axes.plot(ends["value"], y, linestyle="none", marker="o", markersize=5, color=COLOURS["yes"])
    axes.set_yticks(y, [f"{r.rank}. {names.get(r.member, r.member)}" for r in each_row(ends)])
    axes.invert_yaxis()
    focus = names.get(result.focus, result.focus)
    what = describe_measure(result.measure, result.distance)
    axes.set(title=f"Nearest to {focus}, and farthest", xlabel=what)
    words = [f"{names.get(r.member, r.member)} {r.value:.2f}" for r in each_row(ends)]
    return f"{what} with {focus}: {', '.join(words) or 'no member can be compared'}."


def _group_history(result: GroupHistory, axes: Axes) -> str:
    """Draw the agreement index of each group as a line over the windows."""
    table = result.table[result.table["what"] == "inside"]
    periods = table["period"].drop_duplicates().astype(str).tolist()
    words = []
    for group, rows in table.groupby("group", sort=False):
        x = [periods.index(str(period)) for period in rows["period"]]
        axes.plot(x, rows["value"].to_numpy(float), marker="o", markersize=3, label=str(group))
        words.append(f"{group} {rows['value'].iloc[0]:.2f} to {rows['value'].iloc[-1]:.2f}")
    _name_windows(axes, periods)
    axes.set(title="How closely groups hold together", ylabel="agreement index")
    if words:
        axes.legend(
            frameon=False, loc="upper left", bbox_to_anchor=(1, 1), fontsize=6, labelspacing=0.2
        )
    return f"Agreement index inside groups: {'; '.join(words) or 'no group'}."


def _placement(result: Placement, axes: Axes) -> str:
    """Draw members as codes in the colour of their cluster; of one place the first and how many."""
    places = result.table.groupby([result.table["x"].round(3), result.table["y"].round(3)])
    for _, here in places:
        x, y = (float(here[axis].iloc[0]) for axis in ("x", "y"))
        colour = bloc_colour(int(here["cluster"].iloc[0])) if result.k else COLOURS["muted"]
        axes.plot(x, y, marker="o", markersize=3, color=colour)
        name = here["member"].iloc[0] + f" +{len(here) - 1}" * (len(here) > 1)
        axes.annotate(name, (x, y), xytext=(3, 2), textcoords="offset points",
                      fontsize=6, color=COLOURS["ink"])  # fmt: skip
    axes.set_aspect("equal", adjustable="datalim")
    axes.set(xticks=[], yticks=[], xlabel=" ".join(result.warnings))
    if result.method == "mds":
        how = f"multidimensional scaling, stress {result.stress:.2f}"
    else:
        how = f"principal components, {result.explained_x + result.explained_y:.0%} of the variance"
    axes.set_title(how)
    return " ".join([f"{len(result.table)} members by {how}.", *result.warnings])


def _name_windows(axes: Axes, periods: list[str]) -> None:
    """Name at most `MOST_NAMED` windows, evenly apart."""
    step = -(-len(periods) // MOST_NAMED)
    axes.set_xticks(range(0, len(periods), step), periods[::step])


DRAWERS: Final[dict[type, tuple[Callable[[Any, Axes], str], float]]] = {
    VotesOn: (_votes_on, 2.2),
    DyadTrack: (_dyad_track, 3.0),
    VoteShares: (_vote_shares, 3.2),
    MemberRanking: (_member_ranking, 3.2),
    Placement: (_placement, 6.0),
    GroupHistory: (_group_history, 4.0),
}
"""How each kind of result is drawn, and how high in inches."""
