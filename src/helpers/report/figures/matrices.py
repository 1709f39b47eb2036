"""Figures of similarity: all members at once, the focus with its references, the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.report.figures.style import (
    COLOURS,
    NARROW,
    PERIOD_LOOKS,
    SMALL,
    WIDE,
    Drawing,
    bare,
    bloc_colour,
    cast_figure,
    each_row,
    new_axes,
    period_key,
    styled,
)
from helpers.similarity import MEASURES

if TYPE_CHECKING:
    from helpers.similarity import Similarity

_DIVERGING = ("#7a4b12", "#d3b57f", "#f3f1ec", "#8fc5b9", "#0f5f54")


@styled
def draw_heatmap(
    similarity: Similarity,
    *,
    blocs: pd.DataFrame,
    order: Sequence[str],
    linkage: Any = None,
    focus: str,
    references: Sequence[str],
    names: Mapping[str, str],
    labels: Mapping[int, str],
) -> Drawing:
    """Draw the similarity of every dyad, members in the order of their tree, blocs marked.

    Parameters
    ----------
    similarity : Similarity
        Values of all dyads.
    blocs : pandas.DataFrame
        ``Blocs.table``, for the bloc of each member.
    order : sequence of str
        Members in the order to draw them.
    linkage : array, shape (n - 1, 4), optional
        Linkage matrix of the tree drawn on top.
    focus, references : str, sequence of str
        Members whose rows are named.
    names, labels : mapping
        Member ids to short names, bloc numbers to what the blocs are called.
    """
    order = [m for m in order if m in similarity.members]
    values = _square(similarity, order)
    bloc_of = blocs.set_index("member")["bloc"].reindex(order).fillna(0).astype(int)
    named = [m for m in (focus, *references) if m in order]
    figures = [
        _heatmap(values, bloc_of, linkage, named, names, similarity.measure, width=w)
        for w in (WIDE, NARROW)
    ]
    table = focus_first(similarity.table, focus)
    return Drawing(figures[0], table, _describe_heatmap(values, bloc_of, labels), figures[1])


def _square(similarity: Similarity, members: Sequence[str]) -> pd.DataFrame:
    square: pd.DataFrame = similarity.values  # noqa: PD011 - a field of the result
    return square.loc[list(members), list(members)]


def focus_first(table: pd.DataFrame, focus: str) -> pd.DataFrame:
    """Return a table of dyads with those of the focus at the top, the nearest first."""
    mine = (table["member_a"] == focus) | (table["member_b"] == focus)
    own = table[mine].sort_values(["value", "member_a", "member_b"], ascending=[False, True, True])
    return pd.concat([own, table[~mine]], ignore_index=True)


def _heatmap(
    values: pd.DataFrame,
    bloc_of: pd.Series,
    linkage: Any,
    named: Sequence[str],
    names: Mapping[str, str],
    measure: str,
    *,
    width: float,
) -> Figure:
    small = width < 5
    right = 0.42 if small else 1.25
    tree, bottom = (0.4, 0.62) if small else (0.8, 0.62)
    side = width - right - 0.16
    figure = Figure(figsize=(width, side + tree + bottom))
    height = side + tree + bottom
    axes = figure.add_axes((0.16 / width, bottom / height, side / width, side / height))
    bare(axes)
    low, high = MEASURES[measure].range
    plain = LinearSegmentedColormap.from_list("similarity", _DIVERGING)
    cmap = plain.with_extremes(bad="#b9b9b9")
    image = axes.imshow(
        np.ma.masked_invalid(values.to_numpy(float)),
        cmap=cmap,
        vmin=low,
        vmax=high,
        interpolation="none",
        aspect="auto",
    )
    _mark_blocs(axes, bloc_of)
    words = [m if small else names.get(m, m) for m in named]
    _name_rows(axes, [list(values.index).index(m) for m in named], words, len(values), side)
    axes.set(xticks=[], xlim=(-0.5, len(values) - 0.5), ylim=(len(values) - 0.5, -0.5))
    top = figure.add_axes((0.16 / width, (bottom + side) / height, side / width, tree / height))
    _tree(top, linkage, len(values))
    _colour_bar(figure, image, measure, width, height)
    return figure


def _name_rows(
    axes: Axes, places: Sequence[int], words: Sequence[str], rows: int, side: float
) -> None:
    """Write names at the right of some rows, moved apart, each joined to its row by a line."""
    axes.yaxis.tick_right()
    spots = spread(places, 0.16 * rows / side, (-0.5, rows - 0.5))
    axes.set_yticks(spots, words)
    axes.tick_params(labelsize=SMALL, labelcolor=COLOURS["ink"], pad=6)
    for place, spot in zip(places, spots, strict=True):
        axes.plot(
            [rows - 0.5, rows * (1 + 0.05 / side)],
            [place, spot],
            color=COLOURS["muted"],
            linewidth=0.6,
            clip_on=False,
        )


def spread(
    places: Sequence[float], room: float, limits: tuple[float, float] | None = None
) -> list[float]:
    """Move places apart so that labels of a height ``room`` do not cover each other.

    Neighbours that are too near become a group around its mean, kept inside the limits; where all
    labels together need more than there is between the limits, they stand as near as they must.

    Parameters
    ----------
    places : sequence of float
        Where the labels would stand.
    room : float
        Height of a label, in the same unit.
    limits : pair of float, optional
        Ends of the axis; whole labels stay between them.

    Examples
    --------
    >>> spread([1, 1, 5], 2)
    [0.0, 2.0, 5.0]
    >>> spread([9, 9.5], 2, (0, 10))
    [7.0, 9.0]
    """
    low, high = limits or (-np.inf, np.inf)
    room = min(room, (high - low) / max(len(places), 1))
    order = np.argsort(places, kind="stable")
    groups: list[tuple[float, int]] = []  # centre and number of labels
    for place in np.asarray(places, dtype=float)[order]:
        centre, size = _inside(place, room, low, high), 1
        while groups and centre - groups[-1][0] < room * (size + groups[-1][1]) / 2 - 1e-9:
            other, many = groups.pop()
            mean = (centre * size + other * many) / (size + many)
            size += many
            centre = _inside(mean, room * size, low, high)
        groups.append((centre, size))
    spots = [c + room * (i - (n - 1) / 2) for c, n in groups for i in range(n)]
    result = np.empty(len(spots))
    result[order] = spots
    return [float(round(r, 3)) for r in result]


def _inside(centre: float, height: float, low: float, high: float) -> float:
    return float(min(max(centre, low + height / 2), high - height / 2))


def _mark_blocs(axes: Axes, bloc_of: pd.Series) -> None:
    starts = [i for i in range(len(bloc_of)) if i == 0 or bloc_of.iloc[i] != bloc_of.iloc[i - 1]]
    for start, end in zip(starts, [*starts[1:], len(bloc_of)], strict=True):
        bloc, size = int(bloc_of.iloc[start]), end - start
        width = len(bloc_of) * 0.018
        axes.add_artist(
            Rectangle(
                (-0.5 - 1.6 * width, start - 0.5),
                width,
                size,
                facecolor=bloc_colour(bloc),
                clip_on=False,
            )
        )
        if bloc and size > 2:
            axes.add_artist(
                Rectangle(
                    (start - 0.5, start - 0.5),
                    size,
                    size,
                    fill=False,
                    edgecolor="#101010",
                    linewidth=1.1,
                )
            )


def _tree(axes: Axes, linkage: Any, n: int) -> None:
    bare(axes)
    axes.set(xticks=[], yticks=[])
    if linkage is None or not len(linkage):
        return
    from scipy.cluster.hierarchy import dendrogram

    tree = dendrogram(np.asarray(linkage, dtype=float), no_plot=True)
    for x, y in zip(tree["icoord"], tree["dcoord"], strict=True):
        axes.plot(x, y, color=COLOURS["muted"], linewidth=0.5)
    axes.set(xlim=(0, 10 * n), ylim=(0, None))


_KEY = "grey: not defined; strip at the left: the bloc of each row; frames: blocs"


def _colour_bar(figure: Figure, image: Any, measure: str, width: float, height: float) -> None:
    box = figure.add_axes((0.3 / width, 0.36 / height, 1.8 / width, 0.1 / height))
    bar = figure.colorbar(image, cax=box, orientation="horizontal")
    bar.outline.set_visible(False)
    low, high = MEASURES[measure].range
    words = {low: "opposite", 0.0: "chance", high: "same"} if low < 0 else {low: "0", high: "1"}
    bar.set_ticks(list(words), labels=list(words.values()))
    box.tick_params(length=0, labelsize=SMALL)
    said = "grey: not defined" if width < 5 else _KEY
    figure.text(2.35 / width, 0.36 / height, said, fontsize=SMALL, color=COLOURS["muted"])


def _describe_heatmap(values: pd.DataFrame, bloc_of: pd.Series, labels: Mapping[int, str]) -> str:
    parts = []
    for bloc in sorted(set(bloc_of) - {0}):
        inside = bloc_of.index[bloc_of == bloc]
        block = values.loc[inside, inside].to_numpy(float)[np.triu_indices(len(inside), 1)]
        if block.size and np.isfinite(block).any():
            middle = np.nanmedian(block)
            parts.append(f"{labels.get(bloc, bloc)} ({len(inside)} members), median {middle:.2f}")
    return (
        f"Similarity of {len(values)} members with each other, ordered by bloc; "
        f"inside the blocs: {'; '.join(parts)}."
    )


@styled
def draw_dyads(
    parts: Mapping[str, Sequence[Similarity]],
    *,
    focus: str,
    references: Sequence[str],
    names: Mapping[str, str],
) -> Drawing:
    """Draw the similarity of the focus with each reference, with intervals and shared votes.

    Parameters
    ----------
    parts : mapping
        What a period is called, to the similarities of that period, one a measure; each gets a
        panel, and every period has the same measures.
    focus, references : str, sequence of str
        The member in question and those it is compared with.
    names : mapping
        Member ids to short names.
    """
    table = dyad_table(parts, focus, references)
    figures = [_dyads(table, names, list(parts), width=w) for w in (WIDE, NARROW)]
    rows = [
        f"{names.get(r.member, r.member)}, {r.period}, {r.measure}: {_interval(r)}"
        for r in each_row(table)
    ]
    alt = f"Similarity of {names.get(focus, focus)} with each reference. {'; '.join(rows)}."
    return Drawing(figures[0], table, alt, figures[1])


def dyad_table(
    parts: Mapping[str, Sequence[Similarity]], focus: str, references: Sequence[str]
) -> pd.DataFrame:
    """Return the dyads of the focus, part by part.

    Returns
    -------
    pandas.DataFrame
        ``member, period, measure, value, low, high, n_shared, blocks, percentile``; the percentile
        says where the dyad stands among all dyads of the period (0 to 100).
    """
    from helpers.similarity import percentile_of_dyad

    rows = []
    for period, similarities in parts.items():
        for similarity in similarities:
            known = set(similarity.members)
            for member in references:
                if focus in known and member in known:
                    row = similarity.dyad(focus, member)
                    rows.append(
                        {"member": member, "period": period, "measure": similarity.measure}
                        | {c: row[c] for c in _DYAD_COLUMNS}
                        | {"percentile": percentile_of_dyad(similarity, focus, member)}
                    )
    columns = ["member", "period", "measure", *_DYAD_COLUMNS, "percentile"]
    return pd.DataFrame(rows, columns=columns)


_DYAD_COLUMNS = ["value", "low", "high", "n_shared", "blocks"]


def _interval(row: Any) -> str:
    if pd.isna(row.value):
        return f"not defined (n = {row.n_shared})"
    return f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}] (n = {row.n_shared})"


def _dyads(
    table: pd.DataFrame, names: Mapping[str, str], periods: Sequence[str], *, width: float
) -> Figure:
    small = width < 5
    measures = list(dict.fromkeys(table["measure"]))
    members = list(dict.fromkeys(table["member"]))
    row = 0.2 * len(periods) + 0.12
    panel = row * len(members)
    left, right, top, bottom, gap = (
        (0.42, 0.8, 0.62, 0.4, 0.75) if small else (1.2, 0.8, 0.62, 0.4, 0.75)
    )
    count = len(measures)
    height = (panel + gap) * count + top if small else panel + top + bottom
    figure = Figure(figsize=(width, height))
    across = (width - left - right * count) / (1 if small else count)
    across = width - left - right if small else across
    for i, measure in enumerate(measures):
        x = left if small else left + i * (across + right)
        y = height - top - panel - i * (panel + gap) if small else bottom
        axes = figure.add_axes((x / width, y / height, across / width, panel / height))
        labels = [m if small else names.get(m, m) for m in members] if small or i == 0 else []
        chosen = table[table["measure"] == measure]
        _dyad_panel(axes, chosen, members, labels, periods, measure)
    return figure


def _dyad_panel(
    axes: Axes,
    rows: pd.DataFrame,
    members: Sequence[str],
    labels: Sequence[str],
    periods: Sequence[str],
    measure: str,
) -> None:
    bare(axes)
    low, high = MEASURES[measure].range
    axes.set(xlim=(low - 0.02, high + 0.02), ylim=(len(members) - 0.5, -0.5))
    axes.set_xticks([low, (low + high) / 2, high])
    axes.tick_params(labelsize=SMALL)
    axes.grid(axis="x", linewidth=0.6)
    axes.set_yticks(range(len(members)) if labels else [], labels)
    axes.tick_params(axis="y", labelcolor=COLOURS["ink"], labelsize=9)
    axes.set_title(
        MEASURES[measure].label or measure, loc="left", fontsize=9, fontweight="bold", pad=20
    )
    for y in range(1, len(members)):
        axes.axhline(y - 0.5, color=COLOURS["rule"], linewidth=0.4)
    step = 0.8 / max(len(periods), 1)
    for p, period in enumerate(periods):
        look = PERIOD_LOOKS[p % len(PERIOD_LOOKS)]
        for r in each_row(rows[rows["period"] == period]):
            place = members.index(r.member) + (p - (len(periods) - 1) / 2) * step
            _dyad_mark(axes, r, place, look)
        period_key(axes, 1.2 * p, period, look)
    for word, place in zip(("n", "pctl."), _BESIDE, strict=True):
        _beside(axes, word, place, (1, 20), xycoords="axes fraction", va="baseline")


_BESIDE = (8, 33)
"""Points to the right of a panel at which the shared votes and the percentile are written."""


def _beside(axes: Axes, word: str, place: float, at: tuple[float, float], **options: Any) -> None:
    """Write a word in a column beside a panel: at a height, and so many points above it."""
    axes.annotate(
        word,
        (1, at[0]),
        xytext=(place, at[1]),
        textcoords="offset points",
        fontsize=SMALL,
        color=COLOURS["muted"],
        **options,
    )


def _dyad_mark(axes: Axes, row: Any, y: float, look: Mapping[str, str]) -> None:
    percentile = "" if pd.isna(row.percentile) else f"{row.percentile:.0f}"
    for word, place in zip((f"{row.n_shared}", percentile), _BESIDE, strict=True):
        _beside(axes, word, place, (y, 0), xycoords=("axes fraction", "data"), va="center")
    if pd.isna(row.value):
        axes.text(
            axes.get_xlim()[0] + 0.03,
            y,
            "not defined",
            va="center",
            fontsize=SMALL,
            color=COLOURS["muted"],
        )
        return
    if not pd.isna(row.low):
        axes.plot(
            [row.low, row.high],
            [y, y],
            color=look["color"],
            linewidth=1.8,
            alpha=0.7,
            solid_capstyle="butt",
        )
    axes.plot(
        [row.value],
        [y],
        marker=look["marker"],
        markersize=5.5,
        color=look["color"],
        markerfacecolor=look["fill"],
        markeredgewidth=1.3,
        clip_on=False,
        zorder=4,
    )


@styled
def draw_network(
    similarity: Similarity,
    *,
    blocs: pd.DataFrame,
    focus: str,
    references: Sequence[str],
    names: Mapping[str, str],
    neighbours: int = 3,
) -> Drawing:
    """Draw members as points, similar ones near each other, each joined to its nearest.

    Parameters
    ----------
    similarity : Similarity
        Values of all dyads.
    blocs : pandas.DataFrame
        ``Blocs.table``, for the colours.
    focus, references : str, sequence of str
        Members that are named.
    names : mapping
        Member ids to short names.
    neighbours : int
        Lines from each member.
    """
    members = list(similarity.members)
    values = _square(similarity, members).to_numpy(float, copy=True)
    np.fill_diagonal(values, np.nan)
    edges = nearest_pairs(values, neighbours)
    bloc_of = blocs.set_index("member")["bloc"].reindex(members).fillna(0).astype(int).to_numpy()
    places = lay_out(values, MEASURES[similarity.measure].range[1])
    table = pd.DataFrame(
        [(members[a], members[b], values[a, b]) for a, b in edges],
        columns=["member_a", "member_b", "value"],
    )
    named = {m: names.get(m, m) for m in (focus, *references) if m in members}
    figures = [_network(places, edges, bloc_of, members, named, width=w) for w in (WIDE, NARROW)]
    nearest = table[(table["member_a"] == focus) | (table["member_b"] == focus)]
    near = sorted((set(nearest["member_a"]) | set(nearest["member_b"])) - {focus})
    joined = ", ".join(names.get(m, m) for m in near)
    alt = (
        f"Network of {len(members)} members, {len(edges)} lines to the most similar ones. "
        f"{names.get(focus, focus)} is joined to {joined or 'none'}."
    )
    return Drawing(figures[0], table, alt, figures[1])


def nearest_pairs(values: np.ndarray, neighbours: int) -> list[tuple[int, int]]:
    """Return the pairs in which one is among the nearest of the other; ties by position.

    Examples
    --------
    >>> nan = float("nan")
    >>> nearest_pairs(np.array([[nan, .9, .1], [.9, nan, .2], [.1, .2, nan]]), 1)
    [(0, 1), (1, 2)]
    """
    pairs = set()
    for i, row in enumerate(values):
        known = np.flatnonzero(np.isfinite(row))
        for j in known[np.argsort(-row[known], kind="stable")][:neighbours]:
            pairs.add((min(i, int(j)), max(i, int(j))))
    return sorted(pairs)


def lay_out(values: np.ndarray, best: float) -> np.ndarray:
    """Place members by classical scaling of their distances, then push covered points apart.

    Returns
    -------
    array, shape (n, 2)
        Places between 0 and 1.
    """
    distance = best - np.where(np.isfinite(values), values, np.nanmean(values))
    np.fill_diagonal(distance, 0)
    centre = np.eye(len(distance)) - 1 / len(distance)
    roots, vectors = np.linalg.eigh(-0.5 * centre @ distance**2 @ centre)
    places = vectors[:, [-1, -2]] * np.sqrt(np.maximum(roots[[-1, -2]], 0))
    signs = np.sign(places[np.abs(places).argmax(axis=0), [0, 1]])
    places = places * np.where(signs == 0, 1, signs)
    places = (places - places.min(axis=0)) / np.maximum(np.ptp(places, axis=0).max(), 1e-9)
    return push_apart(places, 0.021)


def push_apart(places: np.ndarray, room: float, rounds: int = 150) -> np.ndarray:
    """Move points until hardly two are nearer than ``room``; the same result every time."""
    turn = np.arange(len(places)) * 2.399963
    places = places + 1e-3 * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(rounds):
        across, up = (side[:, None] - side for side in places.T)
        far = np.maximum(np.hypot(across, up), 1e-9)
        push = np.maximum(room - far, 0) / far / 2
        np.fill_diagonal(push, 0)
        if not push.any():
            break
        moves = [np.einsum("ij,ij->i", side, push) for side in (across, up)]
        places = places + 0.5 * np.column_stack(moves)
    return places


def _network(
    places: np.ndarray,
    edges: Sequence[tuple[int, int]],
    bloc_of: np.ndarray,
    members: Sequence[str],
    named: Mapping[str, str],
    *,
    width: float,
) -> Figure:
    small = width < 5
    span = np.ptp(places, axis=0)
    height = width * min(max(span[1] / max(span[0], 1e-9), 0.45), 0.8) + 0.2
    figure, axes = new_axes(width, height, left=0.15, right=0.15)
    axes.set(xticks=[], yticks=[])
    axes.set_aspect("equal")
    lines = [places[[a, b]] for a, b in edges]
    axes.add_collection(LineCollection(lines, color=COLOURS["rule"], linewidth=0.5, zorder=1))
    for bloc in sorted(set(bloc_of)):
        inside = bloc_of == bloc
        axes.plot(
            *places[inside].T,
            linestyle="none",
            marker=("s", "o", "D", "^", "v", "P", "h")[int(bloc) % 7],
            markersize=3 if small else 5.5,
            color=bloc_colour(int(bloc)),
            markeredgecolor=COLOURS["paper"],
            markeredgewidth=0.4,
            zorder=2,
        )
    scale = (width - 0.3) / max(span[0], 1e-9)
    spots = {name: places[list(members).index(m)] for m, name in named.items()}
    words = {name: m if small else name for m, name in named.items()}
    _name_points(axes, spots, words, scale, small=small)
    return figure


def _name_points(
    axes: Axes,
    spots: Mapping[str, np.ndarray],
    words: Mapping[str, str],
    scale: float,
    *,
    small: bool,
) -> None:
    """Ring the named members and write their names beside them, the first in bold."""
    room = (cast_figure(axes).get_figwidth() - 0.3) * 72
    for x, y in spots.values():
        axes.plot(
            [x],
            [y],
            "o",
            markersize=6 if small else 10,
            markerfacecolor="none",
            markeredgecolor=COLOURS["ink"],
            markeredgewidth=1.1,
            zorder=3,
        )
    for i, (name, offset) in enumerate(place_labels(spots, words, scale, room).items()):
        axes.annotate(
            words[name],
            tuple(spots[name]),
            xytext=offset,
            textcoords="offset points",
            fontsize=SMALL,
            fontweight="normal" if i else "bold",
            ha="left" if offset[0] > 0 else "right",
            va="center",
            zorder=4,
        )


def place_labels(
    spots: Mapping[str, np.ndarray], words: Mapping[str, str], scale: float, room: float
) -> dict[str, tuple[float, float]]:
    """Return an offset in points for each label such that labels cover each other little.

    Parameters
    ----------
    spots : mapping
        Label to place in data units.
    words : mapping
        Label to the text that is written.
    scale : float
        Inches a data unit.
    room : float
        Width of the figure in points; labels stay inside it.
    """
    taken: list[tuple[float, float, float, float]] = []
    offsets: dict[str, tuple[float, float]] = {}
    for name, spot in spots.items():
        x, y = np.asarray(spot) * scale * 72
        size = 5.2 * len(words[name])
        tries = [(dx, dy) for dy in (0, 9, -9, 18, -18, 27, -27, 36, -36) for dx in (8, -8)]
        boxes = {
            (dx, dy): (x + dx - (size if dx < 0 else 0), y + dy - 5, size, 10) for dx, dy in tries
        }
        best = min(tries, key=lambda t: (_faults(boxes[t], taken, room), tries.index(t)))
        taken.append(boxes[best])
        offsets[name] = best
    return offsets


def _faults(
    box: tuple[float, float, float, float],
    taken: Sequence[tuple[float, float, float, float]],
    room: float,
) -> int:
    outside = box[0] < 0 or box[0] + box[2] > room
    return sum(_covers(box, other) for other in taken) + 3 * outside


def _covers(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    apart = (
        one[0] + one[2] < other[0]
        or other[0] + other[2] < one[0]
        or one[1] + one[3] < other[1]
        or other[1] + other[3] < one[1]
    )
    return not apart
