"""Specification curves: one statement under every choice, sorted, with the choices below."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from helpers.report.figures.specifications import label_choice
from helpers.report.figures.style import (
    COLOURS,
    MARKERS,
    NARROW,
    SMALL,
    WIDE,
    Drawing,
    bare,
    each_row,
    styled,
)

if TYPE_CHECKING:
    from helpers.multiverse import Multiverse

MOST_DRAWN: Final = 300
"""With more specifications than these, so many are drawn, evenly through their order."""

ANSWERS: Final = ("does not hold", "not tested", "holds")
"""What a specification can say of a statement, in the order in which they are drawn."""

_ROW: Final = 0.165
"""Height of a row of choices in inches."""

_LOOKS: Final = {"does not hold": "no", "not tested": "absent", "holds": "yes"}


@dataclass(frozen=True)
class Curve:
    """The specifications of one statement in the order of its curve.

    Attributes
    ----------
    table : DataFrame
        One row a specification: its choices (those with more than one value), ``answer`` (one of
        `ANSWERS`) and ``margin`` (NaN for statements on blocs).
    choices : tuple of str
        The choices that differ, the one that turns the statement most first.
    numeric : bool
        Whether there are margins.
    """

    table: pd.DataFrame
    choices: tuple[str, ...]
    numeric: bool


def sort_specifications(multiverse: Multiverse, statement: str, period: str) -> Curve:
    """Sort what the specifications say of a statement in a period.

    A statement on similarity is sorted by its margin. A statement on blocs has no margin that could
    be compared between methods: its specifications are sorted by their answer, then by the choices.
    """
    cells, turning = (
        table[(table["statement"] == statement) & (table["period"] == period)]
        for table in (multiverse.cells, multiverse.turning)
    )
    numeric = bool(cells["margin"].notna().any())
    order = turning.sort_values("flips", ascending=False, kind="stable")["choice"].astype(str)
    choices = [c for c in order if not _follows(cells, c, list(order))]
    held = cells["holds"].map({True: "holds", False: "does not hold"}, na_action="ignore")
    table = cells[[*choices, "margin"]].assign(answer=held.astype(object).fillna("not tested"))
    for choice in choices:
        table[choice] = table[choice].astype(str)
    rank = table["answer"].map(ANSWERS.index)
    table = table.assign(rank=rank).sort_values(["rank", "margin", *choices], kind="stable")
    return Curve(table.drop(columns="rank").reset_index(drop=True), tuple(choices), numeric)


def _follows(cells: pd.DataFrame, choice: str, choices: Sequence[str]) -> bool:
    """Tell whether a choice is made by another one, as a distance that each measure has one of."""
    return any(
        other != choice
        and cells.groupby(other)[choice].nunique().max() == 1
        and cells[other].nunique() > cells[choice].nunique()
        for other in choices
    )


@styled
def draw_curve(multiverse: Multiverse, statement: str, period: str) -> Drawing:
    """Draw one statement in one period under every specification, sorted, with the choices made.

    Parameters
    ----------
    multiverse : Multiverse
        From `multiverse.run_multiverse`.
    statement, period : str
        One of its statements, and of its periods.

    Returns
    -------
    Drawing
        Its table has all specifications, its ``numbers`` how many there are and are drawn.
    """
    curve = sort_specifications(multiverse, statement, period)
    figures = [
        _curve(_thin(curve, most), width=w) for w, most in ((WIDE, MOST_DRAWN), (NARROW, 150))
    ]
    count = len(curve.table)
    numbers = {
        "specifications": count,
        "drawn": min(count, MOST_DRAWN),
        **{a: int((curve.table["answer"] == a).sum()) for a in reversed(ANSWERS)},
    }
    alt = f"Specification curve of {statement}: {count} specifications, "
    alt += ", ".join(f"{numbers[a]} {a}" for a in reversed(ANSWERS) if numbers[a]) + "."
    if curve.numeric:
        ends = curve.table["margin"].agg(["min", "median", "max"])
        alt += f" Margin from {ends['min']:.2f} to {ends['max']:.2f}, median {ends['median']:.2f}."
    table = curve.table if curve.numeric else curve.table.drop(columns="margin")
    return Drawing(figures[0], table, alt, figures[1], numbers)


def _thin(curve: Curve, most: int) -> Curve:
    """Keep one specification of each of ``most`` equal parts of their order.

    Its place in the part moves by the golden section, so that what repeats along the order is not
    hit always at the same place.
    """
    count = len(curve.table)
    if count <= most:
        return curve
    part = np.arange(most)
    kept = ((part + part * 0.6180339887 % 1) * count / most).astype(int)
    return Curve(curve.table.iloc[kept].reset_index(drop=True), curve.choices, curve.numeric)


def _curve(curve: Curve, *, width: float) -> Figure:
    small = width < 5
    rows = [
        (choice, value)
        for choice in curve.choices
        for value in sorted(curve.table[choice].unique(), key=_numbers_last)
    ]
    row, left, right = _ROW, 1.42 if small else 1.75, 0.12
    high = 1.5 if curve.numeric else 0.25 * curve.table["answer"].nunique()
    groups = len(curve.choices)
    body = row * (len(rows) + 0.6 * groups)
    total = 0.3 + high + 0.15 + body + 0.1
    figure = Figure(figsize=(width, total))
    boxes = ((body + 0.25, high), (0.1, body))
    upper, lower = (
        figure.add_axes((left / width, y / total, (width - left - right) / width, h / total))
        for y, h in boxes
    )
    bare(upper)
    (_margins if curve.numeric else _answers)(upper, curve.table)
    _shares(upper, curve.table, room=(width - left - right) * 72)
    _choices(lower, curve, rows)
    return figure


def _numbers_last(value: str) -> tuple[bool, str]:
    return value.isdecimal(), value.rjust(4) if value.isdecimal() else value


def _margins(axes: Axes, table: pd.DataFrame) -> None:
    """Draw one mark a specification at its margin; those without one lie at the bottom."""
    bottom = min(float(table["margin"].min()), 0.0)
    for answer, vote in _LOOKS.items():
        at = np.flatnonzero(table["answer"] == answer)
        axes.plot(
            at,
            table["margin"].fillna(bottom).iloc[at],
            linestyle="none",
            marker=MARKERS[vote],
            markersize=3.2,
            markeredgewidth=0 if vote != "absent" else 1,
            color=COLOURS[vote],
            clip_on=False,
            zorder=3,
        )
    axes.set(xlim=(-1, len(table)), xticks=[])
    axes.axhline(0, color=COLOURS["ink"], linewidth=0.8)
    axes.grid(axis="y", linewidth=0.5)
    axes.tick_params(labelsize=SMALL)


def _answers(axes: Axes, table: pd.DataFrame) -> None:
    """Draw one row an answer, filled where specifications give it."""
    there = [answer for answer in ANSWERS if (table["answer"] == answer).any()]
    axes.set(xlim=(-1, len(table)), ylim=(-0.5, len(there) - 0.5), xticks=[])
    for place, answer in enumerate(there):
        used = (table["answer"] == answer).to_numpy()
        axes.add_patch(_bar(_runs(used, place), COLOURS[_LOOKS[answer]]))
    axes.set_yticks(range(len(there)), there, fontsize=SMALL)
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"])


def _bar(path: Path, colour: str) -> PathPatch:
    return PathPatch(
        path, fill=False, edgecolor=colour, linewidth=0.64 * _ROW * 72, capstyle="butt"
    )


def _shares(axes: Axes, table: pd.DataFrame, *, room: float) -> None:
    """Part the answers by upright lines, and write over each part how many gave it.

    ``room`` is the width of the axes in points; words that do not fit into their part are left out.
    """
    counts = table["answer"].value_counts()
    start = 0
    for answer in ANSWERS:
        size = int(counts.get(answer, 0))
        part = room * size / len(table)
        share = f"{size / len(table):.0%}"
        words = [w for w in (f"{answer}: {share}", share) if 5.6 * len(w) < part]
        if words:
            axes.annotate(
                words[0],
                (start + size / 2, 1),
                xycoords=("data", "axes fraction"),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                fontsize=SMALL,
                fontweight="bold",
            )
        start += size
        if size and start < len(table):
            axes.axvline(start - 0.5, color=COLOURS["muted"], linewidth=0.8, linestyle="--")


def _choices(axes: Axes, curve: Curve, rows: Sequence[tuple[str, str]]) -> None:
    """Mark for every value of every choice the specifications that made it."""
    bare(axes)
    places, y, before = [], -0.4, ""
    for choice, _ in rows:
        y += 1.0 if choice == before else 1.6
        places.append(y - 1)
        before = choice
    axes.set(xlim=(-1, len(curve.table)), ylim=(places[-1] + 0.6, -0.6))
    axes.set_xticks([])
    for place, (choice, value) in zip(places, rows, strict=True):
        used = (curve.table[choice] == value).to_numpy()
        axes.add_patch(_bar(_runs(used, place), COLOURS["muted"]))
    labels = [textwrap.shorten(label_choice(c, v), 26, placeholder="…") for c, v in rows]
    axes.set_yticks(places, labels, fontsize=SMALL)
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"])
    cuts = np.flatnonzero(curve.table["answer"].ne(curve.table["answer"].shift()).to_numpy())[1:]
    for cut in cuts:
        axes.axvline(cut - 0.5, color=COLOURS["muted"], linewidth=0.8, linestyle="--")


def _runs(used: np.ndarray, place: float) -> Path:
    """One path of thick strokes, one a run of specifications that follow each other."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], used.astype(int), [0]])))
    ends = edges.reshape(-1, 2) - [0.4, 0.6]
    points = np.column_stack([ends.ravel(), np.full(ends.size, place)])
    return Path(points, [Path.MOVETO, Path.LINETO] * len(ends))


def list_unsettled(multiverse: Multiverse) -> list[tuple[str, str]]:
    """Return the statements, with the period, that some specifications hold and others do not."""
    return [
        (str(row.statement), str(row.period))
        for row in each_row(multiverse.summary)
        if 0 < row.holds < row.specifications
    ]
