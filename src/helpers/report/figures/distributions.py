"""How similar members are on the whole: all dyads, and those of the focus among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.report.figures.matrices import spread
from helpers.report.figures.style import COLOURS, NARROW, SMALL, WIDE, Drawing, bare, styled
from helpers.similarity import MEASURES

if TYPE_CHECKING:
    from helpers.similarity import Similarity

BINS: Final = 40
"""Bars over the range of a measure."""


@styled
def draw_distribution(
    similarity: Similarity, *, focus: str, references: Sequence[str], names: Mapping[str, str]
) -> Drawing:
    """Draw how many dyads have which similarity, and below it those of the focus.

    Parameters
    ----------
    similarity : Similarity
        Values of all dyads.
    focus, references : str, sequence of str
        The member whose dyads are drawn below, empty for none, and those that are named there.
    names : mapping
        Member ids to short names.

    Returns
    -------
    Drawing
        Its table has a row a bar: ``from, to, dyads, of_focus``.
    """
    dyads = similarity.table.dropna(subset="value")
    mine = dyads[(dyads["member_a"] == focus) | (dyads["member_b"] == focus)]
    other = mine["member_a"].where(mine["member_a"] != focus, mine["member_b"])
    own = pd.Series(mine["value"].to_numpy(float), index=other.to_numpy())
    edges = np.linspace(*MEASURES[similarity.measure].range, BINS + 1)
    counts = [np.histogram(v.clip(edges[0]), edges)[0] for v in (dyads["value"], own)]
    table = pd.DataFrame({"from": edges[:-1], "to": edges[1:]})
    table["dyads"], table["of_focus"] = counts
    named = own[[m for m in references if m in own]]
    panels = {"All dyads": dyads["value"]}
    panels |= {f"{names.get(focus, focus)} with each other member": own} if len(own) else {}
    figures = [_panels(panels, edges, named, width=w) for w in (WIDE, NARROW)]
    middle = dyads["value"].median()
    alt = f"Distribution of {similarity.measure} over {len(dyads):,} dyads, median {middle:.2f}."
    if len(own):
        alt += f" {names.get(focus, focus)} with the others: median {own.median():.2f}."
    numbers = {"dyads": len(dyads), "median": float(middle), "of focus": float(own.median())}
    return Drawing(figures[0], table, alt, figures[1], numbers if len(own) else {})


def _panels(
    panels: Mapping[str, pd.Series], edges: np.ndarray, named: pd.Series, *, width: float
) -> Figure:
    import seaborn as sns

    left, high, gap, low = 0.55, 1.1, 0.5, 0.5
    total = len(panels) * (high + gap) + low
    figure = Figure(figsize=(width, total))
    across = width - left - 0.15
    for place, (title, values) in enumerate(panels.items()):
        bottom = low + (len(panels) - 1 - place) * (high + gap)
        axes = figure.add_axes((left / width, bottom / total, across / width, high / total))
        colour = COLOURS["muted"] if place == 0 else COLOURS["ink"]
        sns.histplot(
            x=values.clip(edges[0]).to_numpy(float),
            bins=[float(edge) for edge in edges],
            color=colour,
            alpha=1,
            edgecolor=COLOURS["paper"],
            linewidth=0.4,
            ax=axes,
        )
        bare(axes)
        axes.grid(axis="y", linewidth=0.5)
        axes.set_axisbelow(True)
        axes.set(xlim=(edges[0], edges[-1]), xlabel="", ylabel="")
        axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
        axes.set_xticks(np.linspace(edges[0], edges[-1], 5))
        axes.tick_params(labelsize=SMALL, labelbottom=place == 0)
    if len(named):
        _name_below(figure.axes[-1], named, room=0.2 * (edges[-1] - edges[0]) / across)
    return figure


def _name_below(axes: Axes, named: pd.Series, *, room: float) -> None:
    """Write the named members upright below the axis, each joined to its value."""
    for (member, value), x in zip(named.items(), spread(named.tolist(), room), strict=True):
        axes.annotate(
            str(member),
            (value, 0),
            xytext=(x, -0.12),
            textcoords=("data", "axes fraction"),
            ha="center",
            va="top",
            rotation=90,
            fontsize=SMALL,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "linewidth": 0.6, "color": COLOURS["muted"]},
        )
