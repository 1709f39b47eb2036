"""Known groups: how closely each holds together, and where the focus stands to it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.figures.lifelines import SHORT_GROUPS, name_windows
from helpers.report.figures.style import (
    COLOURS,
    NARROW,
    PERIOD_LOOKS,
    SMALL,
    WIDE,
    Drawing,
    bare,
    each_row,
    new_axes,
    period_key,
    period_mark,
    styled,
)

if TYPE_CHECKING:
    from helpers.groups import GroupHistory

_COUNTS: Final = {
    "inside": ["period", "group", "voted", "unanimous", "n_shared"],
    "focus": ["period", "group", "voted", "n_shared"],
}
"""Columns of the table behind the figure that are told before the index."""

FEW_WINDOWS: Final = 3
"""With fewer windows groups are drawn as marks in rows, from here on as lines over time."""


@styled
def draw_groups(history: GroupHistory, what: str, *, names: Mapping[str, str]) -> Drawing:
    """Draw the cohesion of each group (``inside``), or the focus with it (``focus``), by window.

    Parameters
    ----------
    history : GroupHistory
        From `helpers.groups.track_group`.
    what : {"inside", "focus"}
        Which rows of its table.
    names : mapping
        Member ids to short names.
    """
    short = name_windows(history.table)
    periods = list(short.values())
    table = history.table[history.table["what"] == what]
    table = table.assign(period=table["period"].map(short)).reset_index(drop=True)
    table = table[_COUNTS[what] + ["value", "low", "high", "n_blocks"]]
    draw = _rows if len(periods) < FEW_WINDOWS else _panels
    known = table[["value", "low"]].to_numpy(float)
    bottom = 0.0 if np.isnan(known).all() else math.floor(4 * np.nanmin(known)) / 4
    figures = [draw(table, periods, bottom, width=w) for w in (WIDE, NARROW)]
    kind = (
        "Agreement index inside each group"
        if what == "inside"
        else f"Similarity ({history.measure}) of {names.get(history.focus, history.focus)} with "
        "each group"
    )
    words = [_describe(group, rows) for group, rows in table.groupby("group", sort=False)]
    return Drawing(figures[0], table, f"{kind}: {'; '.join(words)}.", figures[1])


def _describe(group: object, rows: pd.DataFrame) -> str:
    known = rows.dropna(subset="value")
    if known.empty:
        return f"{group} not defined"
    ends = known.iloc[[0, -1]].drop_duplicates()
    values = [f"{r.value:.2f} {r.period}" for r in each_row(ends)]
    return f"{group} {', '.join(values)}"


def _panels(table: pd.DataFrame, periods: Sequence[str], bottom: float, *, width: float) -> Figure:
    """Draw one small panel a group, the other groups pale behind it."""
    groups = sorted(set(table["group"]))
    columns = 2 if width < 5 else 5
    rows = -(-len(groups) // columns)
    left, right, high, gap, low = 0.3, 0.1, 0.95, 0.42, 0.3
    figure = Figure(figsize=(width, rows * (high + gap) + low - gap + 0.3))
    total = figure.get_figheight()
    across = (width - left - right) / columns
    for i, group in enumerate(groups):
        row, column = divmod(i, columns)
        box = (
            (left + column * across) / width,
            (low + (rows - 1 - row) * (high + gap)) / total,
            (across - 0.16) / width,
            high / total,
        )
        axes = figure.add_axes(box)
        _panel(axes, table, group, periods, bottom)
        if column:
            axes.set_yticklabels([])
        if i + columns < len(groups):
            axes.set_xticklabels([])
    return figure


def _panel(
    axes: Axes, table: pd.DataFrame, group: str, periods: Sequence[str], bottom: float
) -> None:
    bare(axes)
    place = {period: i for i, period in enumerate(periods)}
    for other, rows in table.groupby("group", sort=False):
        if other != group:
            x = rows["period"].map(place)
            axes.plot(x, rows["value"], color=COLOURS["rule"], linewidth=0.7, zorder=1)
    mine = table[table["group"] == group]
    x = mine["period"].map(place)
    axes.fill_between(
        x, mine["low"], mine["high"], color=COLOURS["muted"], alpha=0.25, linewidth=0, zorder=2
    )
    axes.plot(x, mine["value"], color=COLOURS["muted"], linewidth=1.6, zorder=3)
    if len(mine) == 1:
        axes.plot(x, mine["value"], "o", color=COLOURS["muted"], markersize=3.5, zorder=3)
    axes.set(xlim=(-0.4, len(periods) - 0.6), ylim=(bottom - 0.02, 1.02))
    axes.set_yticks([t / 4 for t in range(-4, 5, 2 if bottom < 0.25 else 1) if t >= 4 * bottom])
    axes.grid(axis="y", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.set_title(
        SHORT_GROUPS.get(group, group), loc="left", fontsize=8.5, fontweight="bold", pad=3
    )
    axes.set_xticks([0, len(periods) - 1], [periods[0], periods[-1]])
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.tick_params(labelsize=SMALL)


def _rows(table: pd.DataFrame, periods: Sequence[str], bottom: float, *, width: float) -> Figure:
    """Draw one row a group, one mark with its interval a window."""
    order = table.groupby("group")["value"].mean().sort_values(ascending=False, kind="stable")
    groups = order.index.tolist()
    row, left = 0.3, 0.95
    figure, axes = new_axes(
        width if width < 5 else width * 0.85,
        row * len(groups) + 0.75,
        left=left,
        right=0.15,
        top=0.4,
        bottom=0.35,
    )
    axes.set(xlim=(bottom - 0.03, 1.03), ylim=(len(groups) - 0.5, -0.5))
    axes.grid(axis="x", linewidth=0.6)
    axes.set_yticks(range(len(groups)), [SHORT_GROUPS.get(g, g) for g in groups])
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"], labelsize=8.5)
    axes.tick_params(axis="x", labelsize=SMALL)
    for place, period in enumerate(periods):
        look = PERIOD_LOOKS[place]
        period_key(axes, 1.1 * place, period, look)
        mine = table[table["period"] == period].dropna(subset="value")
        shift = 0.26 * (place - (len(periods) - 1) / 2)
        y = [groups.index(group) + shift for group in mine["group"]]
        axes.hlines(y, mine["low"], mine["high"], color=look["color"], linewidth=1.1)
        axes.plot(
            mine["value"],
            y,
            linestyle="none",
            **period_mark(look),
        )
    return figure
