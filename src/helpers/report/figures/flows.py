"""Alluvial figures: who went from where to where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from helpers.report.figures.style import COLOURS, SMALL, new_axes

LABELLED: Final = 4
"""With more stages than these, only the first and the last have room for words."""


def draw_alluvial(
    counts: Sequence[pd.DataFrame],
    titles: Sequence[str],
    colours: Mapping[str, str],
    *,
    width: float,
    height: float,
    labels: Mapping[str, str] | None = None,
) -> Figure:
    """Draw members as bands between the stages of a history.

    Parameters
    ----------
    counts : sequence of pandas.DataFrame
        One table a step: number of members from each node (rows) to each node (columns); all have
        the same nodes. A node is as large as those who arrive or those who leave, whichever are
        more: who is nowhere in a step and the next is not counted there.
    titles : sequence of str
        One title a stage, one more than steps.
    colours : mapping
        Node to colour.
    width, height : float
        Size in inches.
    labels : mapping, optional
        Node to label; the node itself where left out. With more than `LABELLED` stages only the
        first and the last are labelled.
    """
    small, many = width < 5, len(counts) + 1 > LABELLED
    titles = [t.replace(" (", "\n(") if small else t for t in titles]
    longest = max(len((labels or {}).get(str(n), str(n))) for step in counts for n in step)
    side = (0.1 if many else 0.45) + 0.068 * (longest + 3)
    top = 0.75 if many else 0.5 if small else 0.36
    figure, axes = new_axes(width, height, left=side, right=side, top=top)
    arrive = [step.sum(axis=0) for step in counts]
    leave = [step.sum(axis=1) for step in counts]
    inner = [a.where(a >= b, b) for a, b in zip(arrive[:-1], leave[1:], strict=True)]
    sizes = [leave[0], *inner, arrive[-1]]
    gap = max(float(size.sum()) for size in sizes) * 0.04
    nodes = [_stack(size, gap) for size in sizes]
    tall = max(sum(size for _, size in stage.values()) + gap * len(stage) for stage in nodes)
    axes.set(xlim=(0, len(counts)), ylim=(tall, -gap * 0.3), xticks=[], yticks=[])
    for step, flow in enumerate(counts):
        _bands(axes, flow, nodes[step], nodes[step + 1], step, colours, numbers=not many)
    for x, (stage, title) in enumerate(zip(nodes, titles, strict=True)):
        wordless = many and 0 < x < len(counts)
        _stage(axes, x, stage, colours, None if wordless else labels or {})
        if many:
            each = math.ceil(11 * len(counts) / (72 * (width - 2 * side)))
            _slanted_title(axes, x, "" if x % each else title)
        else:
            _title(axes, x, title, last=len(counts), margin=72 * side - 6)
    return figure


def _stack(sizes: pd.Series, gap: float) -> dict[str, tuple[float, float]]:
    """Top edge and size of each node that anyone is in."""
    place, top = {}, 0.0
    for node, size in sizes.items():
        if size > 0:
            place[str(node)] = (top, float(size))
            top += float(size) + gap
    return place


def _bands(
    axes: Axes,
    flow: pd.DataFrame,
    sources: Mapping[str, tuple[float, float]],
    targets: Mapping[str, tuple[float, float]],
    x: int,
    colours: Mapping[str, str],
    *,
    numbers: bool,
) -> None:
    smallest = 0.025 * float(flow.to_numpy().sum())
    leave = {node: top for node, (top, _) in sources.items()}
    arrive = {node: top for node, (top, _) in targets.items()}
    for a in flow.index.astype(str):
        for b in flow.columns.astype(str):
            size = float(flow.loc[a, b])
            if size == 0:
                continue
            _band(axes, x, leave[a], arrive[b], size, colours[a], stays=a == b)
            if numbers and a != b and size >= smallest:
                place = list(flow.columns.astype(str)).index(b) / max(len(flow.columns) - 1, 1)
                _band_label(axes, x, leave[a], arrive[b], size, 0.3 + 0.4 * place)
            leave[a] += size
            arrive[b] += size


def _band(
    axes: Axes, x: int, start: float, end: float, size: float, colour: str, *, stays: bool
) -> None:
    a, b, middle = x + 0.035, x + 0.965, x + 0.5
    points = [
        (a, start),
        (middle, start),
        (middle, end),
        (b, end),
        (b, end + size),
        (middle, end + size),
        (middle, start + size),
        (a, start + size),
        (a, start),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_artist(
        PathPatch(
            Path(points, codes), facecolor=colour, alpha=0.22 if stays else 0.6, edgecolor="none"
        )
    )


def _band_label(axes: Axes, x: int, start: float, end: float, size: float, t: float) -> None:
    """Write a band's size on it, at the share ``t`` of its curve."""
    level = (1 - t) ** 3 + 3 * (1 - t) ** 2 * t
    y = level * start + (1 - level) * end + size / 2
    across = 0.035 + 0.93 * (1.5 * (1 - t) ** 2 * t + 1.5 * (1 - t) * t**2 + t**3)
    axes.text(
        x + across,
        y,
        f"{size:.0f}",
        ha="center",
        va="center",
        fontsize=SMALL,
        zorder=5,
        bbox={"facecolor": COLOURS["paper"], "edgecolor": "none", "boxstyle": "round,pad=0.12"},
    )


def _title(axes: Axes, x: int, title: str, *, last: int, margin: float) -> None:
    """Write a stage's title above it; the first and the last begin and end with the figure."""
    shift = {0: -margin, last: margin}.get(x, 0)
    axes.annotate(
        title,
        (x, 1),
        xycoords=("data", "axes fraction"),
        xytext=(shift, 8),
        textcoords="offset points",
        ha={0: "left", last: "right"}.get(x, "center"),
        fontsize=8.5,
        fontweight="bold",
    )


def _slanted_title(axes: Axes, x: int, title: str) -> None:
    axes.annotate(
        title,
        (x, 1),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        textcoords="offset points",
        rotation=60,
        rotation_mode="anchor",
        fontsize=SMALL,
    )


def _stage(
    axes: Axes,
    x: int,
    stage: Mapping[str, tuple[float, float]],
    colours: Mapping[str, str],
    labels: Mapping[str, str] | None,
) -> None:
    """Draw the nodes of a stage; without labels there is room for the numbers of lines only."""
    side = "right" if x == 0 else "left"
    for node, (top, size) in stage.items():
        axes.add_artist(
            Rectangle(
                (x - 0.03, top),
                0.06,
                size,
                facecolor=colours[node],
                edgecolor="none",
                clip_on=False,
            )
        )
        number = node.removeprefix("line ")
        if labels is None and not number.isdecimal():
            continue
        word = number if labels is None else f"{labels.get(node, node)} {size:.0f}"
        axes.text(
            x + (-0.05 if x == 0 else 0.05),
            top + size / 2,
            word,
            ha=side,
            va="center",
            fontsize=SMALL if labels is None else 8.5,
            color=COLOURS["ink"],
        )
