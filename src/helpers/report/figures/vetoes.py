"""Vetoes of the permanent members of the Council by decade."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from helpers.report.figures.style import COLOURS, NARROW, SMALL, WIDE, Drawing, bare, styled

MEMBERS = {
    "RUS": "USSR, Russia",
    "USA": "United States",
    "GBR": "United Kingdom",
    "CHN": "China",
    "FRA": "France",
}
"""The permanent members, those with most vetoes first."""


@styled
def draw_vetoes(table: pd.DataFrame) -> Drawing:
    """Draw the vetoes that each permanent member cast, by decade.

    A bar counts vetoes cast; a proposal that three members vetoed is in three bars.

    Parameters
    ----------
    table : pandas.DataFrame
        From `helpers.record.count_vetoes` by decade.
    """
    decades, total = table[table["period"].ne("all")], table[table["period"].eq("all")].iloc[0]
    parts = [f"{name} {total[member]}" for member, name in MEMBERS.items()]
    alt = (
        f"Vetoes cast by decade, {decades['period'].iloc[0]} to {decades['period'].iloc[-1]}: "
        f"{total['vetoes']} vetoes on {total['proposals']} proposals. By member: "
        f"{', '.join(parts)}."
    )
    numbers = {"vetoes": int(total["vetoes"]), "proposals": int(total["proposals"])}
    wide, narrow = (_bars(decades, total, width=width) for width in (WIDE, NARROW))
    return Drawing(wide, table, alt, narrow, numbers)


def _bars(decades: pd.DataFrame, total: pd.Series, *, width: float) -> Figure:
    """One row of bars a member, all on one scale."""
    high, gap, left, low = 0.62, 0.3, 0.15, 0.3
    height = len(MEMBERS) * (high + gap) + low
    figure = Figure(figsize=(width, height))
    top = decades[list(MEMBERS)].to_numpy().max() * 1.25
    for place, (member, name) in enumerate(MEMBERS.items()):
        bottom = height - (place + 1) * (high + gap)
        axes = figure.add_axes(
            (left / width, bottom / height, (width - 2 * left) / width, high / height)
        )
        bare(axes)
        axes.bar(decades["period"], decades[member], width=0.7, color=COLOURS["muted"])
        for x, count in enumerate(decades[member]):
            if count:
                axes.text(x, count, str(count), ha="center", va="bottom", fontsize=SMALL)
        axes.set_title(f"{name}: {total[member]}", loc="left", fontsize=9, fontweight="bold", pad=3)
        axes.set_ylim(0, top)
        axes.set_yticks([])
        axes.set_xticks(range(len(decades)))
        last = place == len(MEMBERS) - 1
        axes.set_xticklabels(decades["period"] if last else [""] * len(decades), fontsize=SMALL)
    return figure
