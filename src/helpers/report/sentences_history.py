"""Words on blocs over time and on known groups, from computed values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from helpers.report.figures.lifelines import LEAST_OVERLAP, name_windows, write_span
from helpers.report.figures.style import each_row
from helpers.report.names import enumerate_words, plural, start, the

if TYPE_CHECKING:
    from helpers.blocs import BlocHistory
    from helpers.groups import GroupHistory

MOST_LINES: Final = 6
"""At most so many life lines are told in words, those with the most members over all windows."""

MOST_CHANGES: Final = 3
"""At most so many groups that closed ranks, and as many that drew apart, are named."""


def line_numbers(history: BlocHistory) -> dict[str, Any]:
    """Return what is told of each life line, the largest ones.

    Returns
    -------
    dict
        ``windows`` (with bloc structure), ``lines``, ``last`` (lines in the last of these windows)
        and ``told``: for each line its ``members`` (most typical), ``from``, ``to``, ``smallest``,
        ``largest``, ``groups`` (the known groups that it overlaps most, in the window where that is
        largest: ``group, period, share_of_group, share_of_bloc``), and where it ends before the
        last window ``ended``: to which ``line`` most of its members went, ``members`` ``of`` how
        many.
    """
    short = name_windows(history.periods)
    found = history.periods.loc[history.periods["structure"], "period"].astype(str).tolist()
    lines = history.lines
    order = lines.groupby("line")["size"].sum().nlargest(MOST_LINES).index.sort_values()
    told = {}
    for line in order:
        mine = lines[lines["line"] == line]
        told[str(line)] = {
            "members": str(mine["name"].iloc[0]).split(", "),
            "from": short[str(mine["period"].iloc[0])],
            "to": short[str(mine["period"].iloc[-1])],
            "smallest": int(mine["size"].min()),
            "largest": int(mine["size"].max()),
            "groups": _closest_groups(history.overlap[history.overlap["line"] == line], short),
            "ended": _find_end(history, int(line), found),
        }
    last = int((lines["period"] == found[-1]).sum()) if found else 0
    return {
        "windows": len(found),
        "lines": int(lines["line"].nunique()),
        "last": last,
        "told": told,
    }


def _closest_groups(overlap: pd.DataFrame, short: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return at most two groups in the window in which one of them is closest."""
    near = overlap[overlap["jaccard"] >= LEAST_OVERLAP]
    if near.empty:
        return []
    period = near["period"].iloc[int(near["jaccard"].astype(float).argmax())]
    best = near[near["period"] == period].head(2)
    return [
        {
            "group": str(g.group),
            "period": short[str(period)],
            "share_of_group": float(g.share_of_group),
            "share_of_bloc": float(g.share_of_bloc),
        }
        for g in each_row(best)
    ]


def _find_end(history: BlocHistory, line: int, found: Sequence[str]) -> dict[str, int] | None:
    """Find where most members of a line were in the window after its last; None if it lives."""
    last = str(history.lines.loc[history.lines["line"] == line, "period"].iloc[-1])
    if last == found[-1]:
        return None
    table = history.table.dropna(subset="line")
    left = table.loc[(table["period"] == last) & (table["line"] == line), "member"]
    after = found[found.index(last) + 1]
    there = table.loc[(table["period"] == after) & table["member"].isin(left), "line"]
    if there.empty:
        return None
    counts = there.value_counts()
    return {"line": int(counts.index[0]), "members": int(counts.iloc[0]), "of": len(left)}


def word_lines(numbers: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Word how many blocs lived, and of each of the largest what it is and where it went."""
    live = "lives" if numbers["last"] == 1 else "live"
    first = (
        f"{plural(numbers['lines'], 'bloc')} lived over {plural(numbers['windows'], 'window')} "
        f"with bloc structure; {numbers['last']} of them {live} to the last."
    )
    return [first, *(_word_line(line, part, names) for line, part in numbers["told"].items())]


def _word_line(line: str, part: Mapping[str, Any], names: Mapping[str, str]) -> str:
    typical = enumerate_words(names.get(m, m) for m in part["members"])
    low, high = part["smallest"], part["largest"]
    many = f"{low} members" if low == high else f"{low} to {high} members"
    first, last = part["from"], part["to"]
    text = f"Line {line} ({typical}): {many}, "
    text += f"in {first} only" if first == last else f"{first} to {last}"
    if part["groups"]:
        groups = enumerate_words(
            f"{g['group']} ({g['share_of_group']:.0%} of it, {g['share_of_bloc']:.0%} of the bloc)"
            for g in part["groups"]
        )
        text += f". Closest to {groups} in {part['groups'][0]['period']}"
    if part["ended"]:
        end = part["ended"]
        text += f". Then {end['members']} of its {end['of']} members went to line {end['line']}"
    return f"{text}."


def word_course(history: BlocHistory, focus: str, names: Mapping[str, str]) -> str:
    """Word how many blocs there were, and in which of them the focus was when."""
    numbers = line_numbers(history)
    short = name_windows(history.periods)
    mine = history.table[history.table["member"] == focus]
    called = history.lines.drop_duplicates("line").set_index("line")["name"].astype(str)
    spans: list[tuple[str, str, str]] = []
    for row in each_row(mine):
        if spans and spans[-1][0] == row.node:
            spans[-1] = (row.node, spans[-1][1], short[row.period])
        else:
            spans.append((row.node, short[row.period], short[row.period]))
    told: set[str] = set()
    words = []
    for node, first, last in spans:
        number = node.removeprefix("line ")
        typical = "" if node in told or not number.isdecimal() else _typical(called, number, names)
        told.add(node)
        words.append(f"{node}{typical} {_join_spans(first, last)}")
    who = start(the(names.get(focus, focus)))
    course = f" {who} was in {enumerate_words(words)}." if words else ""
    return word_lines(numbers, names)[0] + course


def _typical(called: pd.Series, number: str, names: Mapping[str, str]) -> str:
    members = str(called[int(number)]).split(", ")
    return f" ({enumerate_words(names.get(m, m) for m in members)})"


def _join_spans(first: str, last: str) -> str:
    """Write from the first window to the last.

    Examples
    --------
    >>> _join_spans("1966–70", "1996–2000"), _join_spans("1956–60", "1961–65")
    ('1966–2000', '1956–65')
    >>> _join_spans("70", "72"), _join_spans("70", "70")
    ('70 to 72', '70')
    """
    if first == last:
        return first
    begin = re.fullmatch(r"(\d{4})–\d+", first)
    end = re.fullmatch(r"(\d\d)\d\d–(\d+)", last)
    if not begin or not end:
        return f"{first} to {last}"
    return write_span(int(begin[1]), int(end[2] if len(end[2]) == 4 else end[1] + end[2]))


def cohesion_numbers(history: GroupHistory) -> dict[str, Any]:
    """Return which groups closed ranks and which drew apart, and the closest in the last window.

    Returns
    -------
    dict
        ``groups``, ``windows``; ``by_count``: whether changes are told as counts only, as between
        two windows, or where no change is beyond the intervals; ``closed`` and ``apart``: by group
        the largest change of the agreement index between two windows (else only where their
        intervals do not overlap), as ``before`` and ``after``, each with ``period, voted,
        unanimous, n, value, low, high``; ``closest`` and ``loosest``: the group with the highest
        and the lowest index in the last window.
    """
    short = name_windows(history.table)
    table = history.table[history.table["what"] == "inside"].dropna(subset="value")
    table = table.assign(period=table["period"].map(short))
    parts = {
        str(group): [_part(r) for r in each_row(rows)]
        for group, rows in table.groupby("group", sort=True)
    }
    by_count = len(short) == 2
    changes = _find_changes(parts, by_count)
    if not by_count and not any(changes.values()):
        by_count, changes = True, _find_changes(parts, True)
    last = table[table["period"] == list(short.values())[-1]].sort_values("value", kind="stable")
    ends = {"closest": last.tail(1), "loosest": last.head(1)}
    return {
        "groups": len(parts),
        "windows": len(short),
        "by_count": by_count,
        **changes,
        **{k: {str(r.group): _part(r) for r in each_row(rows)} for k, rows in ends.items()},
    }


def _find_changes(
    parts: Mapping[str, Sequence[dict[str, Any]]], by_count: bool
) -> dict[str, dict[str, Any]]:
    """Return the largest rise and fall of each group's index, the largest change first.

    By count the groups that were of one mind more often, or less often, come before the others.
    """
    found: dict[str, dict[str, Any]] = {}
    for kind, sign in (("closed", 1), ("apart", -1)):
        changes = {}
        for group, windows in parts.items():
            pairs = [
                (sign * (b["value"] - a["value"]), a, b)
                for a, b in combinations(windows, 2)
                if by_count or (b["low"] > a["high"] if sign > 0 else b["high"] < a["low"])
            ]
            size, a, b = max(pairs, key=lambda pair: pair[0], default=(0.0, {}, {}))
            if size > 0:
                changes[group] = (size, {"before": a, "after": b})
        ordered = sorted(changes, key=lambda group: _sort_change(*changes[group], by_count))
        found[kind] = {group: changes[group][1] for group in ordered}
    return found


def _sort_change(
    size: float, change: Mapping[str, Mapping[str, Any]], by_count: bool
) -> tuple[float, float]:
    shares = [part["unanimous"] / part["n"] for part in change.values()]
    return (-abs(shares[1] - shares[0]) if by_count else 0.0), -size


def _part(row: Any) -> dict[str, Any]:
    return {
        "period": str(row.period),
        "voted": int(row.voted),
        "unanimous": int(row.unanimous),
        "n": int(row.n_shared),
        "value": float(row.value),
        "low": float(row.low),
        "high": float(row.high),
    }


def word_cohesion(numbers: Mapping[str, Any]) -> list[str]:
    """Word which groups closed ranks or drew apart: the counts first, the index behind them."""
    if not numbers["groups"]:
        return ["In no group is cohesion defined."]
    words = []
    for kind, verb in (("closed", "closed ranks"), ("apart", "drew apart")):
        found = list(numbers[kind].items())[:MOST_CHANGES]
        if found:
            told = "; ".join(
                f"{group} {_word_change(change, numbers['by_count'])}" for group, change in found
            )
            more = len(numbers[kind]) - len(found)
            rest = f"; and {more} more" if more else ""
            words.append(f"Groups that {verb}, the largest change first: {told}{rest}.")
    if not words and numbers["windows"] > 1:
        words.append("Every group held together alike in each window in which it voted.")
    for group, part in numbers["closest"].items():
        loosest = next(iter(numbers["loosest"].items()))
        words.append(
            start(
                f"{part['period']}, {group} held together most closely: "
                f"{_word_part(part, by_count=True)}. {loosest[0]} did least: "
                f"{_word_part(loosest[1], by_count=True)}."
            )
        )
    return words


def _word_change(change: Mapping[str, Any], by_count: bool) -> str:
    a, b = change["before"], change["after"]
    before, after = (_word_part(part, by_count=by_count) for part in (a, b))
    return f"{before} {_when(a['period'])}, {after} {_when(b['period'])}"


def _when(period: str) -> str:
    """Write when a window was: ``before 24 Feb 2025`` as it stands, others with a word before."""
    return period if period.startswith(("before", "since")) else f"in {period}"


def _word_part(part: Mapping[str, Any], *, by_count: bool) -> str:
    """Word one group in one window.

    Examples
    --------
    >>> part = {"unanimous": 21, "n": 21, "value": 1, "low": 0.9, "high": 1, "voted": 28}
    >>> _word_part(part, by_count=True)
    'unanimous on 21 of 21 votes (agreement index 1.00, 28 members voted)'
    """
    span = "" if by_count else f" [{part['low']:.2f}, {part['high']:.2f}]"
    return (
        f"unanimous on {part['unanimous']:,} of {part['n']:,} votes (agreement index "
        f"{part['value']:.2f}{span}, {part['voted']} members voted)"
    )
