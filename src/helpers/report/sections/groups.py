"""Known groups: how closely they hold together, and how the focus votes with their members."""

from __future__ import annotations

from collections.abc import Mapping
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
def show_groups(groups: GroupHistory) -> Published:
    """Show how closely known groups hold together in each window, and the focus with each.

    Left out, with a sentence, where no known group has three members in the selection.
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
    if (groups.table["what"] == "focus").any():
        parts.append(_show_focus_with_groups(groups))
    return together(*parts)


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
        ``groups``, ``windows``; ``closed`` and ``apart``: by group the largest change between two
        windows whose intervals do not overlap, as ``before`` and ``after``, each with ``period,
        members, value, low, high, n``; ``closest`` and ``loosest``: the group with the highest and
        the lowest index in the last window.
    """
    short = name_windows(history.table)
    table = history.table[history.table["what"] == "inside"].dropna(subset="value")
    table = table.assign(period=table["period"].map(short))
    changes = {"closed": {}, "apart": {}}  # type: dict[str, dict[str, Any]]
    for group, rows in table.groupby("group", sort=True):
        parts = [_part(r) for r in each_row(rows)]
        for kind, sign in (("closed", 1), ("apart", -1)):
            clear = [
                (a, b)
                for a, b in combinations(parts, 2)
                if (b["low"] > a["high"] if sign > 0 else b["high"] < a["low"])
            ]
            if clear:
                a, b = max(clear, key=lambda pair: sign * (pair[1]["value"] - pair[0]["value"]))
                changes[kind][str(group)] = {"before": a, "after": b}
    ordered = {
        kind: dict(sorted(found.items(), key=lambda item: -_size(item[1])))
        for kind, found in changes.items()
    }
    last = table[table["period"] == list(short.values())[-1]].sort_values("value", kind="stable")
    ends = {"closest": last.tail(1), "loosest": last.head(1)}
    return {
        "groups": int(table["group"].nunique()),
        "windows": len(short),
        **ordered,
        **{k: {str(r.group): _part(r) for r in each_row(rows)} for k, rows in ends.items()},
    }


def _part(row: Any) -> dict[str, Any]:
    return {
        "period": str(row.period),
        "members": int(row.members),
        "value": float(row.value),
        "low": float(row.low),
        "high": float(row.high),
        "n": int(row.n_shared),
    }


def _size(change: Mapping[str, Any]) -> float:
    return abs(change["after"]["value"] - change["before"]["value"])


def word_cohesion(numbers: Mapping[str, Any]) -> list[str]:
    """Word which groups closed ranks or drew apart beyond their intervals, or that none did."""
    if not numbers["groups"]:
        return ["In no group is cohesion defined."]
    words = []
    for kind, verb in (("closed", "closed ranks"), ("apart", "drew apart")):
        found = list(numbers[kind].items())[:MOST_CHANGES]
        if found:
            told = "; ".join(f"{group} {_word_change(change)}" for group, change in found)
            more = len(numbers[kind]) - len(found)
            rest = f"; and {more} more" if more else ""
            words.append(f"Groups that {verb}, the largest change first: {told}{rest}.")
    if not words and numbers["windows"] > 1:
        words.append(
            f"In none of the {numbers['groups']} groups did cohesion change by more than its "
            "intervals allow."
        )
    for group, part in numbers["closest"].items():
        loosest = next(iter(numbers["loosest"].items()))
        words.append(
            start(
                f"{part['period']}, {group} held together most closely ({_word_part(part)}) and "
                f"{loosest[0]} least ({_word_part(loosest[1])})."
            )
        )
    return words


def _word_change(change: Mapping[str, Any]) -> str:
    a, b = change["before"], change["after"]
    return f"from {_word_part(a)} in {a['period']} to {_word_part(b)} in {b['period']}"


def _word_part(part: Mapping[str, Any]) -> str:
    return (
        f"{part['value']:.2f} [{part['low']:.2f}, {part['high']:.2f}], {part['members']} members, "
        f"n = {part['n']}"
    )
