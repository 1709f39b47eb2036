"""Tile maps: one square a member state, roughly where it lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from helpers.record import VOTES
from helpers.report.figures.style import (
    COLOURS,
    FIXED,
    NARROW,
    SMALL,
    WIDE,
    Drawing,
    bloc_colour,
    each_row,
    ink_on,
    mark_member,
    new_axes,
    styled,
)


@dataclass(frozen=True)
class Tile:
    """How the square of a member looks: its shape, fill, edge and text colour."""

    shape: str
    fill: str
    edge: str
    ink: str


VOTE_TILES = {
    "yes": Tile("round", COLOURS["yes"], COLOURS["yes"], COLOURS["on-yes"]),
    "abstain": Tile("cut", "none", COLOURS["abstain"], COLOURS["ink"]),
    "no": Tile("square", COLOURS["no"], COLOURS["ink"], FIXED["dark"]),
    "absent": Tile("none", "none", "none", COLOURS["muted"]),
}
"""Look of each vote: filled and round, cut corners and hollow, filled and square, no tile."""

_SHAPES = ("round", "square", "cut")


@lru_cache(maxsize=1)
def load_tiles() -> pd.DataFrame:
    """Return the place of each present member in the grid: ``column`` and ``row``, by member."""
    path = files("helpers") / "data" / "tiles.csv"
    with path.open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, index_col="member")[["column", "row"]]


@styled
def draw_vote_map(votes: pd.Series, *, names: Mapping[str, str]) -> Drawing:
    """Draw how each member voted in one roll call.

    Parameters
    ----------
    votes : pandas.Series
        Votes as words, by member; an empty string for a state that was no member.
    names : mapping
        Member ids to short names, for the table.
    """
    cast = votes[votes != ""]
    groups = {vote: sorted(cast.index[cast == vote]) for vote in VOTES}
    looks = {str(m): VOTE_TILES[v] for m, v in cast.items()}
    legend = {f"{vote} {len(group)}": VOTE_TILES[vote] for vote, group in groups.items()}
    table = pd.DataFrame({"member": cast.index, "vote": cast.to_numpy()})
    table.insert(1, "name", table["member"].map(lambda m: names.get(m, m)))
    order = table["vote"].map(VOTES.index)
    table = table.assign(order=order).sort_values(["order", "name"]).drop(columns="order")
    listed = [f"{vote} {len(groups[vote])}" for vote in VOTES]
    alt = f"Tile map of {len(cast)} members by vote: {', '.join(listed)}."
    if len(groups["no"]) <= 30:
        alt += f" No: {', '.join(names.get(m, m) for m in groups['no'])}."
    wide, narrow = _both(looks, legend)
    return Drawing(wide, table.reset_index(drop=True), alt, narrow)


@styled
def draw_bloc_map(
    table: pd.DataFrame, *, labels: Mapping[int, str], names: Mapping[str, str]
) -> Drawing:
    """Draw the bloc of each member; a hollow tile has no clear home.

    Parameters
    ----------
    table : pandas.DataFrame
        ``Blocs.table``.
    labels : mapping
        What each bloc is called; 0 stands for isolates.
    names : mapping
        Member ids to short names.
    """
    looks = {row.member: _bloc_tile(row.bloc, clear=row.clear) for row in each_row(table)}
    sizes = table["bloc"].value_counts().sort_index()
    counted = {int(str(b)): int(n) for b, n in sizes.items()}
    legend = {f"{labels.get(b, b)}: {n}": _bloc_tile(b, clear=True) for b, n in counted.items()}
    unclear = table[~table["clear"].astype(bool)]
    if len(unclear):
        legend[f"no clear home: {len(unclear)}"] = _bloc_tile(0, clear=False)
    shown = table.copy()
    shown.insert(1, "name", shown["member"].map(lambda m: names.get(m, m)))
    parts = [f"{labels.get(b, b)}, {n} members" for b, n in counted.items()]
    alt = f"Tile map of {len(table)} members by bloc: {'; '.join(parts)}; "
    alt += f"{len(unclear)} without a clear home."
    wide, narrow = _both(looks, legend, columns=2)
    return Drawing(wide, shown, alt, narrow)


def _bloc_tile(bloc: int, *, clear: bool) -> Tile:
    colour = bloc_colour(int(bloc))
    shape = "square" if bloc == 0 else _SHAPES[(int(bloc) - 1) % len(_SHAPES)]
    if not clear:
        return Tile(shape, "none", colour, COLOURS["ink"])
    return Tile(shape, colour, colour, ink_on(colour))


def _both(
    looks: Mapping[str, Tile], legend: Mapping[str, Tile], *, columns: int = 4
) -> tuple[Figure, Figure]:
    wide = _map(looks, legend, width=WIDE, columns=columns)
    fits = 1 if max(map(len, legend)) > 20 else 2
    return wide, _map(looks, legend, width=NARROW, columns=min(columns, fits))


def _map(
    looks: Mapping[str, Tile], legend: Mapping[str, Tile], *, width: float, columns: int
) -> Figure:
    tiles = load_tiles()
    across, down = tiles["column"].max() + 1, tiles["row"].max() + 1
    gone = [m for m in looks if m not in tiles.index]
    down += 2 if gone else 0
    rows = -(-len(legend) // columns)
    top = 0.1 + 0.19 * rows
    side = (width - 0.04) / across
    figure, axes = new_axes(
        width, side * down + top + 0.02, left=0.02, right=0.02, top=top, bottom=0.02
    )
    axes.set(xlim=(0, across), ylim=(down, 0), xticks=[], yticks=[])
    places = {str(m): (int(c), int(r)) for m, c, r in each_row(tiles.reset_index())}
    places |= {m: (i, int(down) - 1) for i, m in enumerate(gone)}
    for member, (x, y) in places.items():
        tile = looks.get(member, Tile("square", "none", COLOURS["rule"], COLOURS["muted"]))
        _tile(axes, x, y, tile, member, coded=width == WIDE)
    _map_key(axes, legend, columns, side)
    return figure


def _map_key(axes: Axes, legend: Mapping[str, Tile], columns: int, side: float) -> None:
    """Draw the key above the map with the tiles' own shapes."""
    line, box = 0.19 / side, 0.13 / side
    wide = [max(len(n) for n in list(legend)[c::columns]) for c in range(min(columns, len(legend)))]
    starts = [sum(0.068 * w + 0.36 for w in wide[:c]) / side for c in range(len(wide))]
    rows = -(-len(legend) // columns)
    for i, (words, tile) in enumerate(legend.items()):
        x, y = starts[i % columns], -0.04 / side - line * (rows - i // columns)
        if tile.shape != "none":
            corners = outline(x, y, box, tile.shape)
            axes.add_artist(
                Polygon(
                    corners,
                    closed=True,
                    facecolor=tile.fill,
                    edgecolor=tile.edge,
                    linewidth=1,
                    clip_on=False,
                )
            )
        else:
            axes.plot(
                [x + box * 0.3, x + box * 0.8],
                [y + box / 2] * 2,
                color=COLOURS["absent"],
                linewidth=1,
                clip_on=False,
            )
        axes.text(x + box * 1.4, y + box * 0.55, words, va="center", fontsize=SMALL)


def _tile(axes: Axes, x: float, y: float, tile: Tile, member: str, *, coded: bool) -> None:
    """Draw a member's tile, with its code or without."""
    if tile.shape != "none":
        patch = Polygon(
            outline(x + 0.05, y + 0.05, 0.9, tile.shape),
            closed=True,
            facecolor=tile.fill,
            edgecolor=tile.edge,
            linewidth=1,
        )
        mark_member(patch, member)
        axes.add_artist(patch)
    elif not coded:
        [line] = axes.plot(
            [x + 0.38, x + 0.62], [y + 0.5, y + 0.5], color=COLOURS["absent"], linewidth=1
        )
        mark_member(line, member)
    if coded:
        text = axes.text(
            x + 0.5, y + 0.52, member, ha="center", va="center", fontsize=SMALL, color=tile.ink
        )
        mark_member(text, member)


def outline(x: float, y: float, side: float, shape: str) -> list[tuple[float, float]]:
    """Return the corners of a tile: square, with cut corners, or rounded.

    Examples
    --------
    >>> len(outline(0, 0, 1, "square")), len(outline(0, 0, 1, "cut"))
    (4, 8)
    """
    if shape == "square":
        return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    corner = (
        [(0.0, 0.3), (0.3, 0.0)]
        if shape == "cut"
        else [(0.0, 0.36), (0.05, 0.17), (0.17, 0.05), (0.36, 0.0)]
    )
    top = corner + [(1 - a, b) for a, b in reversed(corner)]
    bottom = [(a, 1 - b) for a, b in reversed(top)]
    return [(x + a * side, y + b * side) for a, b in top + bottom]
