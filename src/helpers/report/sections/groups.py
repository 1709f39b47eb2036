"""Known groups: how closely they hold together, and how the focus votes with their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from helpers.report import figures
from helpers.report.display import Published, drawn_once, publish, say, together
from helpers.report.figures.lifelines import name_windows
from helpers.report.figures.style import each_row
from helpers.report.words import enumerate_words, member_names, start, the

if TYPE_CHECKING:
    from helpers.groups import GroupHistory, GroupPairs

MOST_CHANGES: Final = 3
"""At most so many groups that closed ranks, and as many that drew apart, are named."""


@drawn_once
def show_groups(groups: GroupHistory, again: GroupHistory | None = None) -> Published:
    """Show how closely known groups hold together in each window, and the focus with each.

    Left out, with a sentence, where no known group has three members in the selection.

    Parameters
    ----------
    groups : GroupHistory
        On all votes.
    again : GroupHistory, optional
        On the votes that can be compared over the windows (`helpers.ballots.Composition`); drawn
        beside the first where it has other votes.
    """
    if groups.table.empty:
        return say("groups", ["No known group has three members that voted in this selection."])
    names = member_names()
    numbers = cohesion_numbers(groups)
    parts = [say("groups", word_cohesion(numbers), numbers=numbers)]
    parts.append(
        publish(
            "cohesion",
            figure=figures.draw_groups(groups, "inside", names=names),
            title="How closely each group holds together",
            caption=(
                "Agreement index of Hix, Noury and Roland, averaged over the votes of a window: 1 "
                "where all members vote alike, 0 where they part evenly over yes, abstain and no; "
                f"bands and lines are {groups.level:.0%} intervals. Members are counted on the "
                "days on which they belonged to the group."
            ),
            note=(
                "A group also agrees more when more is voted on that it agrees about, and a new "
                "member changes who is counted. The changes named are the largest of many, so "
                "their intervals promise too much."
            ),
        )
    )
    if again is not None and _votes_behind(again) != _votes_behind(groups):
        parts.append(_show_comparable(again))
    if (groups.table["what"] == "focus").any():
        parts.append(_show_focus_with_groups(groups))
    return together(*parts)


def _votes_behind(groups: GroupHistory) -> list[tuple[str, str, int]]:
    counts = groups.table[["period", "group", "n_shared"]]
    return list(counts.itertuples(index=False, name=None))


def _show_comparable(again: GroupHistory) -> Published:
    return publish(
        "cohesion-comparable",
        figure=figures.draw_groups(again, "inside", names=member_names()),
        title="How closely each group holds together, on votes that can be compared",
        caption=(
            "The same, without the kinds of votes, or the special sessions, whose share jumps "
            "between the windows."
        ),
        note="A change that is in the figure above and not in this one is a change of the agenda.",
    )


def _word_undefined(groups: GroupHistory) -> str:
    """Say where the focus shares votes with a group and yet has no value with it, and why."""
    table = groups.table
    lost = table[(table["what"] == "focus") & table["value"].isna() & (table["n_shared"] > 0)]
    if lost.empty:
        return ""
    short = name_windows(table)
    where = enumerate_words((f"{r.group} {short[str(r.period)]}" for r in each_row(lost)), most=6)
    return (
        f" No mark: {where}, where {groups.measure} is not defined, as where both sides cast one "
        "and the same vote throughout."
    )


def _show_focus_with_groups(groups: GroupHistory) -> Published:
    names = member_names()
    who = the(names.get(groups.focus, groups.focus))
    return publish(
        "focus-and-groups",
        figure=figures.draw_groups(groups, "focus", names=names),
        title=start(f"{who} with the members of each group"),
        caption=(
            f"{start(groups.measure)} of {who} with the other members of a group, averaged over "
            f"the pairs of each vote, with {groups.level:.0%} intervals."
        ),
        note="An average over a group says nothing of any one of its members."
        + _word_undefined(groups),
    )


def show_group_pairs(pairs: GroupPairs) -> Published:
    """Show how alike the members of every two known groups vote.

    Left out, with a sentence, where fewer than two groups have three members in the selection.
    """
    if pairs.table.empty:
        return say("group-pairs", ["Fewer than two known groups have three members here."])
    return publish(
        "group-pairs",
        table=pairs.table,
        title="Every two groups",
        caption=(
            f"{start(pairs.measure)} between the members of two groups, with {pairs.level:.0%} "
            "intervals, the most alike first."
        ),
        note="Groups as they are on the last day; who is in both is not compared with itself.",
    )


def cohesion_numbers(history: GroupHistory) -> dict[str, Any]:
    """Return which groups closed ranks and which drew apart, and the closest in the last window.

    Returns
    -------
    dict
        ``groups``, ``windows``; ``by_count``: whether changes are told as counts only, as between
        two windows, or where no change is beyond the intervals; ``closed`` and ``apart``: by group
        the largest change between two windows of the share of votes on which it was unanimous
        (else of the agreement index, where the intervals do not overlap), as ``before`` and
        ``after``, each with ``period, voted, unanimous, n, value, low, high``; ``closest`` and
        ``loosest``: the group with the highest and the lowest index in the last window.
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
    """Return the largest rise and fall of each group, the largest first.

    By count it is the share of votes on which a group was of one mind that rises or falls, and the
    index only tells which of two like changes comes first.
    """
    found: dict[str, dict[str, Any]] = {}
    for kind, sign in (("closed", 1), ("apart", -1)):
        changes = {}
        for group, windows in parts.items():
            pairs = [
                (_size_change(a, b, sign, by_count), a, b)
                for a, b in combinations(windows, 2)
                if by_count or (b["low"] > a["high"] if sign > 0 else b["high"] < a["low"])
            ]
            size, a, b = max(pairs, key=lambda pair: pair[0], default=((0.0, 0.0), {}, {}))
            if size[0] > 0:
                changes[group] = (size, {"before": a, "after": b})
        ordered = sorted(changes.items(), key=lambda item: item[1][0], reverse=True)
        found[kind] = {group: change for group, (_, change) in ordered}
    return found


def _size_change(
    before: Mapping[str, Any], after: Mapping[str, Any], sign: int, by_count: bool
) -> tuple[float, float]:
    index = sign * (after["value"] - before["value"])
    if not by_count:
        return index, index
    return sign * (after["unanimous"] / after["n"] - before["unanimous"] / before["n"]), index


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
        words.append("Every group was of one mind equally often in each window in which it voted.")
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
