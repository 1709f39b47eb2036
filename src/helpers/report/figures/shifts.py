"""Shifts: every member-year, texts voted on again, the parts of a change, and everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from helpers.report.figures.style import (
    COLOURS,
    NARROW,
    WIDE,
    Drawing,
    draw_votes,
    each_row,
    new_axes,
    styled,
    vote_legend,
)

if TYPE_CHECKING:
    from helpers.shifts import MemberYears, Shift

KNOWN_TURNS: Final = (("PRT", 1974), ("GRD", 1985), ("POL", 1990), ("ARG", 2024))
"""Turns that history knows, named in the picture of all member-years where they are in it."""

MOST_TEXTS: Final = 24
"""Most texts in the strip; those that changed come first."""

PART_COLOURS: Final = {
    "behaviour": "yes",
    "agenda": "abstain",
    "only before": "absent",
    "only after": "rule",
}
_PART_NAMES: Final = {
    "behaviour": "voted otherwise",
    "agenda": "other subjects more often",
    "only before": "subjects not yet voted on",
    "only after": "subjects not voted on before",
}


@styled
def draw_member_years(
    member_years: MemberYears, focus: str, year: int, *, names: Mapping[str, str]
) -> Drawing:
    """Draw every member-year as a dot by its surprise, with the focus' years marked.

    Parameters
    ----------
    member_years : MemberYears
        From `shifts.rank_member_years`, or those that come with the project.
    focus : str
        The member whose years are marked.
    year : int
        Its year in question; beside it a hollow mark stands for the same year without the roll
        calls that had a single no.
    names : mapping
        Member ids to short names.

    Returns
    -------
    Drawing
        Its table has the focus' years and the ten first of all.
    """
    table = member_years.table
    mine = table[table["member"] == focus].sort_values("year")
    now = mine[mine["year"] == year]
    name = names.get(focus, focus)
    figures = [_years(table, mine, now, name, names, width=w) for w in (WIDE, NARROW)]
    shown = pd.concat([mine, table.head(10)]).drop_duplicates(["member", "year"])
    columns = ["member", "year", "n_votes", "surprise", "rank", "surprise_without_lone_noes"]
    alt = (
        f"{len(table):,} member-years by surprise, {int(table['year'].min())} to "
        f"{int(table['year'].max())}."
    )
    numbers: dict[str, object] = {"member-years": len(table)}
    if len(now):
        row = now.iloc[0]
        numbers |= {
            "rank": int(row["rank"]),
            "rank without lone noes": None
            if pd.isna(row["rank_without_lone_noes"])
            else int(row["rank_without_lone_noes"]),
        }
        alt += f" {name} in {year} is number {int(row['rank']):,}, at {row['surprise']:.2f} nats."
    return Drawing(figures[0], shown[columns].reset_index(drop=True), alt, figures[1], numbers)


def _years(
    table: pd.DataFrame,
    mine: pd.DataFrame,
    now: pd.DataFrame,
    name: str,
    names: Mapping[str, str],
    *,
    width: float,
) -> Figure:
    small = width < 5
    figure, axes = new_axes(width, 3.6 if small else 4.2, left=0.45, bottom=0.35, top=0.15)
    jitter = np.random.default_rng(0).uniform(-0.35, 0.35, len(table))
    axes.scatter(
        table["year"] + jitter,
        table["surprise"],
        s=3 if small else 5,
        color=COLOURS["absent"],
        alpha=0.35,
        linewidths=0,
        rasterized=True,
    )
    axes.axhline(0, color=COLOURS["rule"], linewidth=0.8, zorder=0)
    axes.plot(mine["year"], mine["surprise"], "o", color=COLOURS["no"], markersize=4)
    if len(now):
        row = now.iloc[0]
        x, y = float(row["year"]), float(row["surprise"])
        axes.plot([x], [y], "o", color=COLOURS["no"], markersize=8, clip_on=False)
        _name(axes, x, y, f"{name} {int(x)}", bold=True)
        without = row["surprise_without_lone_noes"]
        if pd.notna(without):
            axes.plot(
                [x],
                [without],
                "o",
                markerfacecolor=COLOURS["paper"],
                markeredgecolor=COLOURS["no"],
                markersize=8,
                markeredgewidth=1.5,
                clip_on=False,
            )
            _name(axes, x, float(without), "without lone noes")
    for member, year in KNOWN_TURNS:
        found = table[(table["member"] == member) & (table["year"] == year)]
        if len(found) and not (len(now) and (member, year) == _key(now)):
            y = float(found["surprise"].iloc[0])
            axes.plot([year], [y], "D", color=COLOURS["ink"], markersize=4)
            close = len(now) and 0 <= now["surprise"].iloc[0] - y < 0.15
            _name(axes, year, y, f"{names.get(member, member)} {year}", lower=bool(close))
    axes.set_ylabel("surprise, nats a vote" if not small else "surprise")
    axes.set_xlim(table["year"].min() - 1, table["year"].max() + 1)
    axes.grid(axis="y", linewidth=0.4)
    axes.set_axisbelow(True)
    return figure


def _key(row: pd.DataFrame) -> tuple[str, int]:
    return str(row["member"].iloc[0]), int(row["year"].iloc[0])


def _name(
    axes: Axes, x: float, y: float, text: str, *, bold: bool = False, lower: bool = False
) -> None:
    """Write a name beside a point, to its left where the axis ends."""
    first, last = axes.dataLim.intervalx
    late = x > first + 0.45 * (last - first)
    axes.annotate(
        text,
        (x, y),
        xytext=(-8 if late else 8, -7 if lower else 0),
        textcoords="offset points",
        ha="right" if late else "left",
        va="center",
        fontsize=8,
        fontweight="bold" if bold else "normal",
        color=COLOURS["ink"],
    )


@styled
def draw_texts(shift: Shift) -> Drawing:
    """Draw the focus' votes on the texts that came back in the event's year, before and then.

    Parameters
    ----------
    shift : Shift
        From `shifts.find_shift`, with at least one recurring text.

    Returns
    -------
    Drawing
        Its table has all texts; the figure the first ``MOST_TEXTS``, changed ones first.
    """
    table = shift.recurring.assign(
        changed=shift.recurring["vote_before"] != shift.recurring["vote_after"]
    ).sort_values("changed", ascending=False, kind="stable", ignore_index=True)
    shown = table.head(MOST_TEXTS)
    figures = [_texts(shown, width=w) for w in (WIDE, NARROW)]
    changed = int(table["changed"].sum())
    alt = f"{len(table)} texts voted on again, {changed} with another vote than before."
    numbers = {"texts": len(table), "changed": changed, "drawn": len(shown)}
    return Drawing(figures[0], table, alt, figures[1], numbers)


def _texts(table: pd.DataFrame, *, width: float) -> Figure:
    small = width < 5
    room = 42 if small else 95
    height = 0.24 * len(table) + 0.5
    figure, axes = new_axes(width, height, left=0.3, top=0.42, bottom=0.05)
    for place, row in enumerate(each_row(table)):
        y = len(table) - 1 - place
        if row.changed:
            axes.plot([0, 1], [y, y], color=COLOURS["ink"], linewidth=1.2, zorder=1)
        draw_votes(axes, [0], [y], str(row.vote_before), size=7)
        draw_votes(axes, [1], [y], str(row.vote_after), size=7)
        title = str(row.title).split(" : resolution")[0]
        text = title if len(title) <= room else f"{title[: room - 1]}…"
        axes.text(1.5, y, text, va="center", fontsize=7.5 if small else 8.5, color=COLOURS["ink"])
    axes.set(xlim=(-0.5, 8 if small else 16), ylim=(-0.7, len(table) - 0.3))
    axes.set_yticks([])
    axes.set_xticks([])
    axes.text(0, len(table) - 0.1, "before", ha="center", fontsize=7.5, color=COLOURS["muted"])
    axes.text(1.1, len(table) - 0.1, "then", ha="center", fontsize=7.5, color=COLOURS["muted"])
    vote_legend(axes, anchor=(0.3 if small else 0.12, 1.0), votes=("yes", "abstain", "no"))
    return figure


@styled
def draw_parts(shift: Shift, *, names: Mapping[str, str]) -> Drawing:
    """Draw why the focus' agreement with each reference changed, in parts that add up.

    Parameters
    ----------
    shift : Shift
        From `shifts.find_shift` on a record of all subjects.
    names : mapping
        Member ids to short names.
    """
    table = shift.similarity_parts
    wide = table.set_index(["reference", "part"])["value"].unstack("part")  # noqa: PD010
    wide = wide.reindex([r for r in shift.references if r in wide.index])
    figures = [_parts(wide, [names.get(r, r) for r in wide.index], width=w) for w in (WIDE, NARROW)]
    words = "; ".join(
        f"{names.get(str(r), str(r))} {row['change']:+.2f}, of it {row['behaviour']:+.2f} behaviour"
        for r, row in wide.iterrows()
    )
    return Drawing(figures[0], table, f"Change of agreement with {words}.", figures[1])


def _parts(wide: pd.DataFrame, labels: Sequence[str], *, width: float) -> Figure:
    figure, axes = new_axes(width, 0.34 * len(wide) + 0.95, left=1.25, bottom=0.3, top=0.6)
    for place, (_, row) in enumerate(wide.iterrows()):
        y, ends = len(wide) - 1 - place, {-1: 0.0, 1: 0.0}
        for part, colour in PART_COLOURS.items():
            value = float(row[part])
            side = 1 if value > 0 else -1
            axes.barh(y, value, left=ends[side], height=0.6, color=COLOURS[colour], linewidth=0)
            ends[side] += value
        axes.plot([row["change"]], [y], "D", color=COLOURS["ink"], markersize=5, zorder=4)
    axes.axvline(0, color=COLOURS["ink"], linewidth=0.8)
    axes.set_yticks(range(len(wide)), list(reversed(labels)))
    axes.grid(axis="x", linewidth=0.4)
    axes.set_axisbelow(True)
    low, high = axes.get_xlim()
    axes.set_xlim(low - 0.04 * (high - low), high + 0.04 * (high - low))
    handles = [
        axes.barh([0], [0], color=COLOURS[colour], label=_PART_NAMES[part])
        for part, colour in PART_COLOURS.items()
    ]
    total = axes.plot([], [], "D", color=COLOURS["ink"], markersize=5, label="change in all")[0]
    axes.legend(
        handles=[*handles, total],
        ncols=2 if width < 5 else 3,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(-0.54 if width < 5 else -0.02, 1.0),
        fontsize=7.5,
        columnspacing=1.0,
        handlelength=1.2,
    )
    return figure


@styled
def draw_others(shift: Shift, reference: str, *, names: Mapping[str, str]) -> Drawing:
    """Draw how much nearer every member came to a reference that day, and on all earlier days.

    Parameters
    ----------
    shift : Shift
        From `shifts.find_shift`.
    reference : str
        One of its references with votes that day.
    names : mapping
        Member ids to short names.
    """
    table = shift.others[shift.others["reference"] == reference].drop(columns="reference")
    earlier = shift.placebo[shift.placebo["reference"] == reference]["change"].to_numpy(float)
    mine = table[table["member"] == shift.focus]
    change = float(mine["change"].iloc[0]) if len(mine) else float("nan")
    reached = int((earlier >= change - 1e-9).sum())
    figures = [_others(table, earlier, shift, names, width=w) for w in (WIDE, NARROW)]
    alt = (
        f"Change of similarity with {names.get(reference, reference)}: "
        f"{names.get(shift.focus, shift.focus)} {change:+.2f}, median member "
        f"{table['change'].median():+.2f}; {reached} of {len(earlier):,} earlier member-days reach "
        "it."
    )
    numbers = {"change": change, "reached": reached, "earlier": len(earlier)}
    return Drawing(figures[0], table.reset_index(drop=True), alt, figures[1], numbers)


def _others(
    table: pd.DataFrame,
    earlier: NDArray[np.float64],
    shift: Shift,
    names: Mapping[str, str],
    *,
    width: float,
) -> Figure:
    figure, axes = new_axes(width, 2.4, left=1.0, bottom=0.35, top=0.2)
    rng = np.random.default_rng(0)
    for y, values, alpha in ((0, earlier, 0.25), (1, table["change"].to_numpy(float), 0.6)):
        height = y + rng.uniform(-0.28, 0.28, len(values))
        axes.scatter(
            values,
            height,
            s=7,
            color=COLOURS["absent"],
            alpha=alpha,
            linewidths=0,
            rasterized=True,
        )
    near = [shift.focus, *[c for c in shift.companions if c in set(table["member"])]]
    for member in reversed(near):
        found = table[table["member"] == member]
        if len(found):
            colour = COLOURS["no"] if member == shift.focus else COLOURS["ink"]
            axes.plot(found["change"], [1], "o", color=colour, markersize=7, zorder=4)
    mine = table[table["member"] == shift.focus]
    if len(mine):
        axes.annotate(
            names.get(shift.focus, shift.focus),
            (float(mine["change"].iloc[0]), 1),
            xytext=(0, 16),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            fontweight="bold",
            color=COLOURS["ink"],
        )
    axes.axvline(0, color=COLOURS["rule"], linewidth=0.8, zorder=0)
    axes.set_yticks([0, 1], ["earlier days", "that day"])
    axes.set(ylim=(-0.5, 1.7), xlim=(-1.08, 1.08))
    return figure
