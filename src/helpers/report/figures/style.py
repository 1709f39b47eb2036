"""Colours, shapes and sizes of every figure, and what a figure carries with it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, ParamSpec, TypeVar, cast

import matplotlib as mpl
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

P = ParamSpec("P")
T = TypeVar("T")

COLOURS: Final = {
    "ink": "#1b1b1b",
    "muted": "#5b5b5b",
    "rule": "#d3d3d3",
    "paper": "#ffffff",
    "band": "#f6ecd2",
    "yes": "#0072b2",
    "abstain": "#8a6200",
    "no": "#d05a00",
    "absent": "#767676",
    "on-yes": "#fdfdfd",
    "bloc1": "#9b3d93",
    "bloc2": "#3f8f2f",
    "bloc3": "#cc6677",
    "bloc4": "#a8961f",
    "bloc5": "#5f1f4a",
    "bloc6": "#9a86d8",
    "isolate": "#8b8b8b",
}
"""Colours by what they stand for; the page replaces each by a CSS variable of that name.

The vote colours are of the palette of Okabe and Ito; the bloc colours are near those that Paul Tol
calls muted, without blue and orange, which are yes and no. No two are equal, so that a page can
tell them apart.
"""

FIXED: Final = {"light": "#fefefe", "dark": "#101010"}
"""Colours of text on a coloured ground, the same on a light and on a dark page."""

MARKERS: Final = {"yes": "o", "abstain": "D", "no": "X", "absent": "_"}
"""Shape of each vote, so that colour alone never tells them apart."""

SMALL: Final = 8.25
"""Smallest text in points: 11 CSS pixels where a figure is shown in its own size."""

WIDE: Final = 8.5
NARROW: Final = 3.57
"""Widths in inches of 96 CSS pixels: a reading column (816 px) and a phone (343 px)."""


@dataclass(frozen=True, repr=False)
class Drawing:
    """A figure with everything that must go wherever it goes; a notebook shows its picture.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        For a page as wide as a reading column.
    table : pandas.DataFrame
        The numbers that are drawn.
    alt : str
        What the figure shows, in words computed from its numbers.
    narrow : matplotlib.figure.Figure or None
        The same for a phone; None where the wide one is to be scrolled.
    numbers : dict
        The numbers that the text states, by name.
    """

    figure: Figure
    table: pd.DataFrame
    alt: str
    narrow: Figure | None = None
    numbers: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        from helpers.report.svg import inline_svg

        return inline_svg(self.figure, name="drawing", alt=self.alt, title="Figure")


@contextmanager
def style() -> Iterator[None]:
    """Set matplotlib to our defaults, whatever the user's own settings are."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "font.family": "DejaVu Sans",
                "font.size": 9,
                "text.color": COLOURS["ink"],
                "axes.edgecolor": COLOURS["rule"],
                "axes.labelcolor": COLOURS["muted"],
                "axes.facecolor": "none",
                "figure.facecolor": "none",
                "xtick.color": COLOURS["muted"],
                "ytick.color": COLOURS["muted"],
                "grid.color": COLOURS["rule"],
                "svg.fonttype": "none",
                "svg.image_inline": True,
            }
        )
        yield


def each_row(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table as named tuples, for a type checker of no known type."""
    yield from table.itertuples(index=False)


def styled(draw: Callable[P, T]) -> Callable[P, T]:
    """Make a drawing function work under `style`."""

    @functools.wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        with style():
            return draw(*args, **kwargs)

    return wrapper


def new_axes(
    width: float,
    height: float,
    *,
    left: float = 0.1,
    right: float = 0.1,
    top: float = 0.1,
    bottom: float = 0.1,
) -> tuple[Figure, Axes]:
    """Return a figure of a size in inches and its axes with margins in inches."""
    figure = Figure(figsize=(width, height))
    box = (
        left / width,
        bottom / height,
        (width - left - right) / width,
        (height - top - bottom) / height,
    )
    axes = figure.add_axes(box)
    bare(axes)
    return figure, axes


def cast_figure(axes: Axes) -> Figure:
    """Return the figure of axes, which here is never a part of another figure."""
    return cast(Figure, axes.figure)


def bare(axes: Axes) -> None:
    """Take the frame and the tick marks off; labels stay."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def mark_member(artist: Artist, member: str) -> None:
    """Say of which member an artist is, so that a page can find it: its ``data-member``."""
    artist.set_gid(f"member-{member}")


def draw_votes(axes: Axes, x: Any, y: Any, vote: str, *, size: float) -> None:
    """Draw one kind of vote at the points given, in its shape and colour."""
    hollow = vote == "abstain"
    axes.plot(
        x,
        y,
        linestyle="none",
        marker=MARKERS[vote],
        markersize=size * {"abstain": 0.72, "absent": 0.55, "no": 1.02}.get(vote, 0.95),
        markerfacecolor="none" if hollow else COLOURS[vote],
        markeredgecolor=COLOURS[vote],
        markeredgewidth=size * 0.15 if hollow or vote == "absent" else 0,
        clip_on=False,
        zorder=3,
    )


def vote_legend(
    axes: Axes,
    *,
    anchor: tuple[float, float],
    size: float = SMALL,
    votes: Iterable[str] = tuple(MARKERS),
) -> None:
    """Draw the key of the votes in one line."""
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=MARKERS[vote],
            markersize=size * (0.75 if vote == "abstain" else 0.95),
            markerfacecolor="none" if vote == "abstain" else COLOURS[vote],
            markeredgecolor=COLOURS[vote],
            markeredgewidth=1.4 if vote in ("abstain", "absent") else 0,
            label=vote,
        )
        for vote in votes
    ]
    axes.legend(
        handles=handles,
        ncols=4,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=anchor,
        borderaxespad=0,
        borderpad=0,
        handletextpad=0.1,
        columnspacing=1.0,
        fontsize=size,
    )


PERIOD_LOOKS: Final = (
    {"marker": "o", "color": COLOURS["muted"], "fill": COLOURS["muted"]},
    {"marker": "D", "color": COLOURS["ink"], "fill": COLOURS["paper"]},
    {"marker": "s", "color": COLOURS["muted"], "fill": COLOURS["paper"]},
)
"""How the first, second and third of the periods that a figure compares are marked."""


def period_mark(look: Mapping[str, str]) -> dict[str, Any]:
    """Return matplotlib's options for the mark of a period."""
    return {
        "marker": look["marker"],
        "markersize": 5,
        "color": look["color"],
        "markerfacecolor": look["fill"],
        "markeredgewidth": 1.2,
        "clip_on": False,
    }


def period_key(axes: Axes, place: float, period: str, look: Mapping[str, str]) -> None:
    """Write what a period's mark stands for, above the axes."""
    at = (0.02 + 0.5 * place, 1)
    height = axes.get_position().height * cast_figure(axes).get_figheight() * 72
    axes.annotate(
        period,
        at,
        xycoords="axes fraction",
        xytext=(9, 5),
        textcoords="offset points",
        fontsize=SMALL,
        color=COLOURS["ink"],
    )
    axes.plot(
        [at[0]],
        [1 + 8 / height],
        transform=axes.transAxes,
        **period_mark(look),
    )


def bloc_colour(bloc: int) -> str:
    """Return the colour of a bloc by its label; 0 stands for isolates.

    Examples
    --------
    >>> bloc_colour(0) == COLOURS["isolate"], bloc_colour(1) == bloc_colour(7)
    (True, True)
    """
    return COLOURS["isolate"] if bloc == 0 else COLOURS[f"bloc{(bloc - 1) % 6 + 1}"]


def ink_on(colour: str) -> str:
    """Return the text colour, light or dark, with the better contrast on a ground (WCAG 2).

    Examples
    --------
    >>> ink_on("#000000") == FIXED["light"], ink_on("#ffffff") == FIXED["dark"]
    (True, True)
    """
    return max(FIXED.values(), key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2, relative luminance).

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
