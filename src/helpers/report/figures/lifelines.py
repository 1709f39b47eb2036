"""Life lines: every bloc from its first window to its last, and where its members went."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from helpers.report.figures.style import (
    COLOURS,
    NARROW,
    SMALL,
    WIDE,
    Drawing,
    bloc_colour,
    each_row,
    ink_on,
    new_axes,
    styled,
)

if TYPE_CHECKING:
    from helpers.blocs import BlocHistory

LEAST_MOVED: Final = 0.25
"""Members that go to another line are drawn from this share of the smaller of the two blocs."""

LEAST_OVERLAP: Final = 0.3
"""A bloc is named by a known group from this Jaccard overlap."""

SHORT_GROUPS: Final = {
    "African Group": "Africa",
    "Asia-Pacific Group": "Asia-Pac.",
    "Eastern European Group": "E. Europe",
    "Nordic countries": "Nordic",
    "Pacific Islands Forum": "Pacific",
}

_HALF: Final = 0.28
"""Half the width of a window, of 1 between two windows' middles."""


def name_windows(periods: pd.DataFrame) -> dict[str, str]:
    """Return for each window a name as short as it can be told.

    Parameters
    ----------
    periods : pandas.DataFrame
        ``period``, and if known ``from`` and ``to``, the days of its first and last roll call,
        which close a first window that has no beginning and a last one that has no end.

    Examples
    --------
    >>> names = ["before 1951-01-01", "1951-01-01 to 1955-12-31", "since 2021-01-01"]
    >>> days = pd.to_datetime(["1946-01-26", "1951-02-01", "2021-01-08"])
    >>> ends = pd.to_datetime(["1950-12-14", "1955-12-16", "2025-10-29"])
    >>> table = pd.DataFrame({"period": names, "from": days, "to": ends})
    >>> list(name_windows(table).values())
    ['1946–50', '1951–55', '2021–25']
    >>> list(name_windows(pd.DataFrame({"period": ["before 2025-02-24", "79"]})).values())
    ['before 24 Feb 2025', '79']
    """
    table = periods.reindex(columns=["period", "from", "to"]).drop_duplicates("period")
    return {str(name): _short(str(name), first, last) for name, first, last in table.to_numpy()}


def _short(period: str, first: pd.Timestamp, last: pd.Timestamp) -> str:
    if period == "all":
        return "whole period"
    years = [int(year) for year in re.findall(r"(\d{4})-(?:01-01|12-31)", period)]
    days = len(re.findall(r"\d{4}-\d{2}-\d{2}", period))
    if days == len(years) == 2:
        return write_span(*years)
    if days == len(years) == 1 and period.startswith("before") and pd.notna(first):
        return write_span(first.year, years[0] - 1)
    if days == len(years) == 1 and period.startswith("since") and pd.notna(last):
        return write_span(years[0], last.year)
    return re.sub(r"\d{4}-\d{2}-\d{2}", lambda found: _short_day(found[0]), period)


def write_span(first: int, last: int) -> str:
    """Write a span of years.

    Examples
    --------
    >>> write_span(1951, 1955), write_span(1996, 2000), write_span(1990, 1990)
    ('1951–55', '1996–2000', '1990')
    """
    if first == last:
        return f"{first}"
    return f"{first}–{last % 100:02d}" if first // 100 == last // 100 else f"{first}–{last}"


def _short_day(date: str) -> str:
    day = pd.Timestamp(date)
    return f"{day.day} {day:%b %Y}"


def nearest_groups(history: BlocHistory) -> pd.DataFrame:
    """Return for each line and window the known group that it overlaps most.

    Returns
    -------
    pandas.DataFrame
        ``line, period, group, jaccard, share_of_group, share_of_bloc``; no row where no group
        reaches `LEAST_OVERLAP`.
    """
    columns = ["line", "period", "group", "jaccard", "share_of_group", "share_of_bloc"]
    near = history.overlap[history.overlap["jaccard"] >= LEAST_OVERLAP]
    best = near.sort_values("jaccard", ascending=False, kind="stable")
    return best.drop_duplicates(["line", "period"])[columns].reset_index(drop=True)


def lifeline_table(history: BlocHistory, names: Mapping[str, str]) -> pd.DataFrame:
    """Return one row a line and window: its size, typical members and the groups it overlaps.

    Returns
    -------
    pandas.DataFrame
        ``period, line, size, kept, typical, groups``: ``groups`` has the two known groups with the
        largest overlap, each with the share of it that is in the bloc and the share of the bloc
        that is in it.
    """
    rows = []
    for row in each_row(history.lines):
        mine = history.overlap[
            (history.overlap["line"] == row.line) & (history.overlap["period"] == row.period)
        ]
        close = mine[mine["jaccard"] >= LEAST_OVERLAP].head(2)
        groups = [
            f"{g.group} ({g.share_of_group:.0%} of it, {g.share_of_bloc:.0%} of the bloc)"
            for g in each_row(close)
        ]
        typical = ", ".join(names.get(m, m) for m in str(row.typical).split(", "))
        rows.append(
            {
                "period": row.period,
                "line": int(row.line),
                "size": int(row.size),
                "kept": row.kept,
                "typical": typical,
                "groups": "; ".join(groups) or "no known group",
            }
        )
    table = pd.DataFrame(rows, columns=["period", "line", "size", "kept", "typical", "groups"])
    order = {period: i for i, period in enumerate(history.periods["period"])}
    return table.sort_values(
        ["period", "line"],
        key=lambda column: column.map(order) if column.name == "period" else column,
        ignore_index=True,
    )


@styled
def draw_lifelines(history: BlocHistory, *, names: Mapping[str, str], limit: int = 9) -> Drawing:
    """Draw each bloc as a band through the windows that it lives in, as thick as its members.

    Parameters
    ----------
    history : BlocHistory
        With at least two windows that have structure.
    names : mapping
        Member ids to short names.
    limit : int
        At most so many lines, those with the most members over all windows; the table has all.

    Returns
    -------
    Drawing
        Its table is `lifeline_table`.
    """
    table = lifeline_table(history, names)
    shown = table.groupby("line")["size"].sum().nlargest(limit).index.sort_values().tolist()
    plan = _plan(history, shown, names)
    figures = [_lifelines(plan, width=w) for w in (WIDE, NARROW)]
    more = table["line"].nunique() - len(shown)
    alt = f"Life lines of {len(shown)} blocs over {len(plan.periods)} windows. "
    alt += " ".join(_describe(plan, line) for line in shown)
    alt += f" {more} smaller lines are only in the table." if more else ""
    table = table.assign(period=table["period"].map(name_windows(history.periods)))
    return Drawing(figures[0], table, alt, figures[1], {"lines": len(shown), "left out": more})


@dataclass(frozen=True)
class _Plan:
    """What is drawn, and where: lines by number, windows by place."""

    periods: list[str]
    sizes: dict[int, dict[int, int]]
    names: dict[int, str]
    groups: dict[int, dict[int, str]]
    moves: list[tuple[int, int, int, int, int]]
    gaps: dict[int, str]
    middles: dict[int, float]
    height: float


def _plan(history: BlocHistory, shown: Sequence[int], names: Mapping[str, str]) -> _Plan:
    periods = history.periods["period"].astype(str).tolist()
    place = {period: i for i, period in enumerate(periods)}
    sizes: dict[int, dict[int, int]] = {line: {} for line in shown}
    called: dict[int, str] = {}
    for row in each_row(history.lines[history.lines["line"].isin(shown)]):
        sizes[row.line][place[row.period]] = int(row.size)
        called[row.line] = ", ".join(names.get(m, m) for m in str(row.name).split(", "))
    groups: dict[int, dict[int, str]] = {line: {} for line in shown}
    for row in each_row(nearest_groups(history)):
        if row.line in groups:
            groups[row.line][place[row.period]] = SHORT_GROUPS.get(row.group, row.group)
    gaps = {
        place[row.period]: "no blocs found" if not row.why else "too few votes"
        for row in each_row(history.periods)
        if not row.structure
    }
    middles, height = _stack(sizes)
    short = [name_windows(history.periods)[p] for p in periods]
    moves = _moves(history, place, sizes)
    return _Plan(short, sizes, called, groups, moves, gaps, middles, height)


def _stack(sizes: Mapping[int, Mapping[int, int]]) -> tuple[dict[int, float], float]:
    """Give each line its lane: the middle of each, and the height of all."""
    top, middles = 0.0, {}
    tallest = max(max(of.values()) for of in sizes.values())
    for line, of in sizes.items():
        room = max(max(of.values()), 0.16 * tallest)
        middles[line] = top + room / 2
        top += room + 0.2 * tallest
    return middles, top


def _moves(
    history: BlocHistory, place: Mapping[str, int], sizes: Mapping[int, Mapping[int, int]]
) -> list[tuple[int, int, int, int, int]]:
    """Find moves worth a band: from line and window, to line and window, members."""
    table = history.table.dropna(subset="line")
    windows = sorted({place[p] for p in table["period"]})
    by_window = {
        place[str(p)]: part.set_index("member")["line"] for p, part in table.groupby("period")
    }
    moves = []
    for a, b in pairwise(windows):
        both = pd.concat([by_window[a], by_window[b]], axis=1, join="inner", keys=["x", "y"])
        counts = both.groupby(["x", "y"]).size().rename("members").reset_index()
        for x, y, members in counts.to_numpy(int).tolist():
            if x == y or x not in sizes or y not in sizes:
                continue
            if members >= LEAST_MOVED * min(sizes[x][a], sizes[y][b]):
                moves.append((x, a, y, b, members))
    return moves


def _lifelines(plan: _Plan, *, width: float) -> Figure:
    small = width < 5
    left, top, bottom = (0.5, 0.62, 0.08) if small else (1.75, 0.62, 0.08)
    body = max(2.4, min(0.0022 * plan.height + 0.5 * len(plan.sizes) + 1.2, 7.0))
    figure, axes = new_axes(
        width, body + top + bottom, left=left, right=0.35, top=top, bottom=bottom
    )
    count = len(plan.periods)
    axes.set(xlim=(-0.5, count - 0.5), ylim=(plan.height, -0.02 * plan.height))
    axes.set(xticks=[], yticks=[])
    for x, why in plan.gaps.items():
        _gap(axes, x, why, small=small)
    for move in plan.moves:
        _move(axes, plan, *move)
    across = (width - left - 0.35) / count * 72
    for line in plan.sizes:
        _line(axes, plan, line, across=across, tall=body * 72 / plan.height, small=small)
        _name(axes, plan, line, small=small)
    _periods(axes, plan.periods, across=across)
    return figure


def _line(axes: Axes, plan: _Plan, line: int, *, across: float, tall: float, small: bool) -> None:
    """Draw a line: a band through its windows; dots over windows without blocs."""
    colour, middle, sizes = bloc_colour(line), plan.middles[line], plan.sizes[line]
    runs: list[list[int]] = []
    for x in sizes:
        if runs and x == runs[-1][-1] + 1:
            runs[-1].append(x)
        else:
            runs.append([x])
    for run in runs:
        _band(axes, run, [sizes[x] for x in run], middle, colour)
    for before, after in pairwise(runs):
        ends = [before[-1] + _HALF, after[0] - _HALF]
        axes.plot(ends, [middle] * 2, ":", color=COLOURS["muted"])
    font = min(7.5, across / 2.6)
    if font >= 6.8 or not small:
        for x, size in sizes.items():
            _size(axes, (x, middle), size, colour, max(font, 6.8), tall)
    if not small:
        _groups(axes, plan, line)


def _band(axes: Axes, run: Sequence[int], sizes: Sequence[int], middle: float, colour: str) -> None:
    """Fill one shape through windows that follow each other, as thick as the members are many."""
    edges = [
        (x + side * _HALF, size / 2) for x, size in zip(run, sizes, strict=True) for side in (-1, 1)
    ]
    upper = [(x, middle - half) for x, half in edges]
    lower = [(x, middle + half) for x, half in reversed(edges)]
    points, codes = [upper[0]], [int(Path.MOVETO)]
    for corners in (upper, lower):
        if corners is lower:
            points.append(lower[0])
            codes.append(int(Path.LINETO))
        for place, ((x0, y0), (x1, y1)) in enumerate(pairwise(corners)):
            bend = place % 2 == 1
            points += [((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1)] * bend + [(x1, y1)]
            codes += [int(Path.CURVE4)] * 3 if bend else [int(Path.LINETO)]
    points.append(upper[0])
    codes.append(int(Path.CLOSEPOLY))
    axes.add_patch(PathPatch(Path(points, codes), facecolor=colour, edgecolor="none"))


def _size(
    axes: Axes, at: tuple[float, float], size: int, colour: str, font: float, tall: float
) -> None:
    """Write the number of members into a band, or above one that is too thin."""
    inside = size * tall > 1.1 * font
    axes.annotate(
        f"{size}",
        (at[0], at[1] if inside else at[1] - size / 2),
        xytext=(0, 0 if inside else 2),
        textcoords="offset points",
        ha="center",
        va="center" if inside else "bottom",
        fontsize=font,
        color=ink_on(colour) if inside else COLOURS["ink"],
    )


def _groups(axes: Axes, plan: _Plan, line: int) -> None:
    """Write the nearest known group below a band, wherever it becomes another one."""
    said = ""
    for x, size in plan.sizes[line].items():
        group = plan.groups[line].get(x, "")
        if group and group != said:
            axes.annotate(
                group,
                (x - _HALF, plan.middles[line] + size / 2),
                xytext=(0, -2),
                textcoords="offset points",
                va="top",
                fontsize=SMALL,
                color=COLOURS["muted"],
            )
        said = group or said


def _ribbon(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], size: float, colour: str
) -> None:
    """Fill between two upright edges of one size, each given as x and middle."""
    (a, y), (b, z), half = start, end, size / 2
    middle = (a + b) / 2
    points = [
        *((a, y - half), (middle, y - half), (middle, z - half), (b, z - half)),
        *((b, z + half), (middle, z + half), (middle, y + half), (a, y + half), (a, y - half)),
    ]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    axes.add_patch(
        PathPatch(Path(points, codes), facecolor=colour, alpha=0.5, edgecolor="none", zorder=0.9)
    )


def _move(axes: Axes, plan: _Plan, x: int, a: int, y: int, b: int, members: int) -> None:
    """Draw members that went from one line to another, from edge to edge."""
    down = 1 if plan.middles[y] > plan.middles[x] else -1
    leave = plan.middles[x] + down * (plan.sizes[x][a] - members) / 2
    arrive = plan.middles[y] - down * (plan.sizes[y][b] - members) / 2
    _ribbon(axes, (a + _HALF, leave), (b - _HALF, arrive), members, bloc_colour(x))


def _gap(axes: Axes, x: int, why: str, *, small: bool) -> None:
    axes.axvspan(x - _HALF, x + _HALF, color=COLOURS["rule"], alpha=0.5, linewidth=0, zorder=0)
    if not small:
        axes.text(
            x,
            axes.get_ylim()[0] / 2,
            why,
            rotation=90,
            ha="center",
            va="center",
            fontsize=SMALL,
            color=COLOURS["muted"],
        )


def _name(axes: Axes, plan: _Plan, line: int, *, small: bool) -> None:
    words = f"{line}" if small else textwrap.fill(f"{line} · {plan.names[line]}", 25)
    axes.annotate(
        words,
        (0, plan.middles[line]),
        xycoords=("axes fraction", "data"),
        xytext=(-6, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=SMALL,
        fontweight="bold" if small else "normal",
        color=COLOURS["ink"],
        annotation_clip=False,
    )
    first = min(plan.sizes[line])
    if first:
        axes.plot(
            [-0.5, first - _HALF],
            [plan.middles[line]] * 2,
            color=COLOURS["rule"],
            linewidth=0.8,
            zorder=0.5,
        )


def _periods(axes: Axes, periods: Sequence[str], *, across: float) -> None:
    slanted = max(map(len, periods)) * 4.4 > across
    every = max(1, round(11 / across)) if slanted else 1
    for x, word in enumerate(periods):
        if x % every:
            continue
        axes.annotate(
            word,
            (x, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            rotation=60 if slanted else 0,
            ha="left" if slanted else "center",
            va="bottom",
            rotation_mode="anchor",
            fontsize=SMALL,
        )


def _describe(plan: _Plan, line: int) -> str:
    sizes, periods = plan.sizes[line], plan.periods
    first, last = periods[min(sizes)], periods[max(sizes)]
    when = f"in {first}" if len(sizes) == 1 else f"from {first} to {last}"
    low, high = min(sizes.values()), max(sizes.values())
    many = f"{low}" if low == high else f"{low} to {high}"
    return f"Line {line} ({plan.names[line]}) {when}, {many} members."
