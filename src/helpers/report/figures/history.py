"""Figures of change: blocs over time, and who shares a bloc with whom before and since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.figures.blocs import name_after_groups, name_after_members
from helpers.report.figures.flows import LABELLED, draw_alluvial
from helpers.report.figures.lifelines import name_windows
from helpers.report.figures.style import (
    COLOURS,
    NARROW,
    PERIOD_LOOKS,
    SMALL,
    WIDE,
    Drawing,
    bloc_colour,
    each_row,
    new_axes,
    period_key,
    styled,
)

if TYPE_CHECKING:
    from helpers.blocs import BlocHistory


@styled
def draw_history(history: BlocHistory, *, names: Mapping[str, str], limit: int = 20) -> Drawing:
    """Draw how members went from bloc to bloc between windows.

    Parameters
    ----------
    history : BlocHistory
        With at least two windows.
    names : mapping
        Member ids to short names.
    limit : int
        At most so many windows, the last ones.
    """
    steps = history.steps[-(limit - 1) :]
    titles = _titles(history)[-len(steps) - 1 :]
    nodes = [str(n) for n in steps[0].index]
    colours = {node: _node_colour(node) for node in nodes}
    labels = line_labels(history, nodes, names)
    high = 4.6 if len(titles) > LABELLED else 3.6
    wide = draw_alluvial(steps, titles, colours, width=WIDE, height=high, labels=labels)
    numbers = {n: f"{n.removeprefix('line ')}:" for n in nodes}
    short = numbers if len(titles) > LABELLED else None
    narrow = draw_alluvial(steps, titles, colours, width=NARROW, height=high, labels=short)
    flows = history.flows.copy()
    moved = flows[flows["node_from"] != flows["node_to"]]
    words = [
        f"{r.members} from {r.node_from} to {r.node_to} ({r.period_from} to {r.period_to})"
        for r in each_row(moved.sort_values("members", ascending=False, kind="stable").head(8))
    ]
    alt = f"Flows of members between blocs over {len(titles)} windows. Largest: {'; '.join(words)}."
    return Drawing(wide, flows, alt, narrow)


def _titles(history: BlocHistory) -> list[str]:
    """Name the windows that the steps join: those in which blocs could be looked for."""
    joined = [*history.flows["period_from"], *history.flows["period_to"]]
    return [short for period, short in name_windows(history.periods).items() if period in joined]


def line_labels(
    history: BlocHistory, nodes: Sequence[str], names: Mapping[str, str]
) -> dict[str, str]:
    """Name each line as its bloc is named: after a known group, or its most typical members."""
    first = history.lines.drop_duplicates("line").set_index("line")["name"].astype(str)
    groups = name_after_groups(history.overlap, "line") if len(history.overlap) else {}
    words = {
        f"line {line}": groups.get(int(str(line))) or name_after_members(text, names)
        for line, text in first.items()
    }
    return {node: words.get(node, node) for node in nodes}


def _node_colour(node: str) -> str:
    number = node.rpartition(" ")[2]
    return bloc_colour(int(number)) if number.isdecimal() else COLOURS["isolate"]


@styled
def draw_together(
    table: pd.DataFrame, *, names: Mapping[str, str], focus: str, periods: Sequence[str]
) -> Drawing:
    """Draw in which share of replicates the focus is in one bloc with each reference.

    Parameters
    ----------
    table : pandas.DataFrame
        ``member`` and one column a period, with shares from 0 to 1 (NaN where not known).
    names : mapping
        Member ids to short names.
    focus : str
        The member in question.
    periods : sequence of str
        Columns of the table, in order of time.
    """
    figures = [_together(table, names, periods, width=w) for w in (WIDE * 0.85, NARROW)]
    rows = []
    for row in table.to_dict("records"):
        shares = [f"{row[p]:.2f} {p}" for p in periods if pd.notna(row[p])]
        rows.append(f"{names.get(row['member'], row['member'])} {', '.join(shares) or 'not known'}")
    alt = f"Share of replicates in one bloc with {names.get(focus, focus)}: {'; '.join(rows)}."
    return Drawing(figures[0], table, alt, figures[1])


def _together(
    table: pd.DataFrame, names: Mapping[str, str], periods: Sequence[str], *, width: float
) -> Figure:
    small, row = width < 5, 0.27
    left = 0.46 if small else 1.25
    figure, axes = new_axes(
        width, row * len(table) + 0.75, left=left, right=0.2, top=0.4, bottom=0.35
    )
    axes.set(xlim=(-0.02, 1.02), ylim=(len(table) - 0.5, -0.5))
    axes.grid(axis="x", linewidth=0.6)
    axes.set_xticks([0, 0.5, 1], ["never", "in half of the replicates", "always"], fontsize=SMALL)
    words = [m if small else names.get(m, m) for m in table["member"]]
    axes.set_yticks(range(len(table)), words)
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"], labelsize=9)
    for y, values in enumerate(table[list(periods)].to_numpy(float)):
        _dumbbell(axes, y, values)
    for place, period in enumerate(periods):
        period_key(axes, place, period, PERIOD_LOOKS[place % len(PERIOD_LOOKS)])
    return figure


def _dumbbell(axes: Axes, y: float, values: np.ndarray) -> None:
    known = [v for v in values if pd.notna(v)]
    if len(known) > 1:
        axes.plot([min(known), max(known)], [y, y], color=COLOURS["rule"], linewidth=2, zorder=1)
    for place, value in enumerate(values):
        look = PERIOD_LOOKS[place % len(PERIOD_LOOKS)]
        axes.plot(
            [value],
            [y + 0.13 * (place - (len(values) - 1) / 2)],
            marker=look["marker"],
            markersize=6,
            color=look["color"],
            markerfacecolor=look["fill"],
            markeredgewidth=1.3,
            clip_on=False,
            zorder=3,
        )
