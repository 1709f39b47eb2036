"""What a record holds, year by year."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers.report.figures.style import COLOURS, NARROW, WIDE, Drawing, bare, styled


@styled
def draw_coverage(years: pd.DataFrame) -> Drawing:
    """Draw the roll calls and the members of every year.

    Parameters
    ----------
    years : pandas.DataFrame
        ``record.count_by_year``: ``year, roll_calls, members, voting, absent``.
    """
    first, last = years.iloc[0], years.iloc[-1]
    most = years.sort_values("roll_calls", kind="stable").iloc[-1]
    alt = (
        f"Recorded votes and members by year, {first['year']:.0f} to {last['year']:.0f}. Most "
        f"recorded votes in {most['year']:.0f}: {most['roll_calls']:.0f}. Members with a vote on "
        f"record: {first['members']:.0f} in the first year, {last['members']:.0f} in the last."
    )
    table = years.assign(absent=years["absent"].round(3))
    return Drawing(_coverage(years, width=WIDE), table, alt, _coverage(years, width=NARROW))


def _coverage(years: pd.DataFrame, *, width: float) -> Figure:
    import seaborn as sns

    height, left, gap, low = 1.3, 0.5, 0.55, 0.3
    figure = Figure(figsize=(width, 2 * height + gap + low + 0.25))
    total = figure.get_figheight()
    titles = ("Recorded votes", "Members with a row, and those that voted at all (dashed)")
    for place, title in enumerate(titles):
        bottom = low + (1 - place) * (height + gap)
        axes = figure.add_axes(
            (left / width, bottom / total, (width - left - 0.1) / width, height / total)
        )
        bare(axes)
        axes.grid(axis="y", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
        if place == 0:
            bars = {"native_scale": True, "saturation": 1, "color": COLOURS["muted"]}
            sns.barplot(years, x="year", y="roll_calls", ax=axes, **bars)
        else:
            for column, look in (("members", "-"), ("voting", "--")):
                sns.lineplot(
                    years, x="year", y=column, color=COLOURS["ink"], linestyle=look, ax=axes
                )
        axes.set(xlabel="", ylabel="")
        axes.set_ylim(0, None)
        axes.set_xlim(years["year"].min() - 0.8, years["year"].max() + 0.8)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
