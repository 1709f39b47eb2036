"""The picture of a multiverse: which statements survive which choices."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.report.figures.style import (
    COLOURS,
    NARROW,
    SMALL,
    WIDE,
    Drawing,
    each_row,
    new_axes,
    styled,
)

if TYPE_CHECKING:
    from helpers.multiverse import Multiverse

_CHOICE_WORDS = {"roll_call_weights": "weights", "roll_calls": "roll calls"}


@styled
def draw_multiverse(multiverse: Multiverse) -> Drawing:
    """Draw in which share of the specifications each statement holds, choice by choice.

    Parameters
    ----------
    multiverse : Multiverse
        From `multiverse.run_multiverse`.
    """
    table, summary = choice_table(multiverse), multiverse.summary
    statements = list(dict.fromkeys(summary["statement"].astype(str)))
    turned = {(str(r.statement), str(r.period)): str(r.turned_by) for r in each_row(summary)}
    figures = [_specifications(table, statements, turned, width=w) for w in (WIDE, NARROW)]
    words = [
        f"{r.statement}, {label_choice(r.period, '')}: "
        + (
            f"holds in {r.share:.0%} of {r.specifications} specifications"
            if r.specifications
            else f"not tested, {r.why}"
        )
        + (f", turned most by {_CHOICE_WORDS.get(r.turned_by, r.turned_by)}" if r.turned_by else "")
        for r in each_row(summary)
    ]
    return Drawing(figures[0], table, f"{'; '.join(words)}.", figures[1])


def choice_table(multiverse: Multiverse) -> pd.DataFrame:
    """Return ``period, choice, value`` and one column a statement: the share of specifications.

    The periods come first, with all their specifications; then, period by period, the choices
    that have more than one value.
    """
    cells = multiverse.cells.dropna(subset="holds").assign(holds=lambda c: c["holds"].astype(float))
    summary, turning = multiverse.summary, multiverse.turning
    statements = list(dict.fromkeys(summary["statement"]))
    periods = list(dict.fromkeys(summary["period"].astype(str)))
    inside = {period: cells[cells["period"] == period] for period in periods}
    rows = [(period, period, "", inside[period]) for period in periods]
    for period in periods:
        for choice in turning.loc[turning["period"] == period, "choice"].drop_duplicates():
            parts = [
                (period, str(choice), str(value), part)
                for value, part in inside[period].groupby(choice, sort=True)
                if value != "any"
            ]
            rows += parts if len(parts) > 1 else []
    shares = [
        {"period": period, "choice": choice, "value": value}
        | part.groupby("statement")["holds"].mean().reindex(statements).to_dict()
        for period, choice, value, part in rows
    ]
    return pd.DataFrame(shares, columns=["period", "choice", "value", *statements])


def _specifications(
    table: pd.DataFrame,
    statements: Sequence[str],
    turned: dict[tuple[str, str], str],
    *,
    width: float,
) -> Figure:
    small = width < 5
    head = table["value"] == ""
    label = (table["period"] + table["choice"]).mask(head, "")
    groups = label.ne(label.shift()).cumsum() - 1
    places = [i + 0.7 * g for i, g in zip(range(len(table)), groups, strict=True)]
    high, left = 0.2, 1.48 if small else 2.0
    room = int((width - left - 0.05) / len(statements) / 0.075)
    heads = [
        f"{i}" if small else textwrap.fill(f"{i}. {s}", room) for i, s in enumerate(statements, 1)
    ]
    top = 0.3 if small else 0.3 + 0.15 * max(head.count("\n") + 1 for head in heads)
    figure, axes = new_axes(
        width, high * (places[-1] + 1) + top + 0.1, left=left, right=0.05, top=top, bottom=0.1
    )
    axes.set(xlim=(-0.5, len(statements) - 0.5), ylim=(places[-1] + 0.6, -0.6))
    for x, statement in enumerate(statements):
        _heading(axes, x, heads[x])
        for y, row in zip(places, table.to_dict("records"), strict=True):
            strong = row["choice"] in (turned.get((statement, row["period"])), row["period"])
            _share(axes, x, y, row[statement], strong=strong, small=small)
    labels = [label_choice(c, v) for c, v in zip(table["choice"], table["value"], strict=True)]
    axes.set_yticks(places, labels, fontsize=SMALL)
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"])
    axes.set_xticks([])
    return figure


def _heading(axes: Axes, x: int, words: str) -> None:
    axes.annotate(
        words,
        (x, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=SMALL,
        fontweight="bold",
    )


def _share(axes: Axes, x: int, y: float, share: float, *, strong: bool, small: bool) -> None:
    if pd.isna(share):
        axes.text(
            x, y, "not tested", ha="center", va="center", fontsize=SMALL, color=COLOURS["muted"]
        )
        return
    wide = 0.32 if small else 0.5
    start = x - (0.42 if small else 0.4)
    for length, look in (
        (wide, {"facecolor": "none", "edgecolor": COLOURS["rule"]}),
        (wide * share, {"facecolor": COLOURS["muted"], "linewidth": 0}),
    ):
        axes.add_artist(Rectangle((start, y - 0.31), length, 0.62, **look))
    axes.text(
        start + wide + 0.04,
        y,
        f"{share:.0%}",
        va="center",
        fontsize=SMALL,
        fontweight="bold" if strong else "normal",
        color=COLOURS["ink"] if strong else COLOURS["muted"],
    )


def label_choice(choice: str, value: str) -> str:
    """Word a choice and its value, or a period, which has none.

    Examples
    --------
    >>> label_choice("before 2025-02-24", ""), label_choice("all", ""), label_choice("k", "own")
    ('before 2025-02-24', 'all specifications', 'k of the method')
    """
    if not value:
        return "all specifications" if choice == "all" else choice
    return f"{_CHOICE_WORDS.get(choice, choice)} {'of the method' if value == 'own' else value}"
