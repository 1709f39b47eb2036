"""Window by window: flows and who moved, the life of each bloc, known groups in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from helpers.ballots import FEW_BLOCKS
from helpers.report import figures
from helpers.report.display import Published, drawn_once, publish, say, together
from helpers.report.figures.flows import LABELLED
from helpers.report.figures.groups import FEW_WINDOWS
from helpers.report.figures.lifelines import (
    LEAST_OVERLAP,
    lifeline_table,
    name_windows,
    write_span,
)
from helpers.report.figures.style import each_row
from helpers.report.words import enumerate_words, member_names, plural, start, the

if TYPE_CHECKING:
    from helpers.blocs import BlocHistory

SURE: Final = 0.95
"""A move is called sure from this share of the replicates."""

MOST_LINES: Final = 6
"""At most so many life lines are told in words, those with the most members over all windows."""


@drawn_once
def show_history(history: BlocHistory, focus: str = "") -> Published:
    """Show who went from bloc to bloc between the windows.

    Parameters
    ----------
    history : BlocHistory
        From `helpers.trace_blocs`.
    focus : str
        The member whose moves are told in words.
    """
    names = member_names()
    if len(history.steps) == 0:
        reasons = "; ".join(f"{r.period}, {r.why}" for r in each_row(history.periods) if r.why)
        words = f"There are no two windows with blocs, so there are no flows: {reasons}."
        return say("history", [words], numbers={"windows": len(history.periods), "moved": 0})
    votes = {str(r.period): int(r.roll_calls) for r in each_row(history.periods)}
    short = name_windows(history.periods)
    inside = "name lines" if len(history.steps) >= LABELLED else "count members that moved"
    sizes = (
        f"{min(votes.values())} to {max(votes.values())}"
        if len(votes) > FEW_WINDOWS
        else enumerate_words(f"{n} {short[w]}" for w, n in votes.items())
    )
    return publish(
        "history",
        figure=figures.draw_history(history, names=names),
        table=move_table(history, names) if len(history.moves) else None,
        numbers=_history_numbers(history, focus, votes),
        title="Who went from bloc to bloc",
        caption=(_word_focus_moves(history, focus) + _word_moves(history)).strip(),
        note=(
            "Blocs of neighbouring windows are matched by the members they share. Pale bands "
            f"stayed, and numbers inside {inside}; the roll calls in each window are {sizes}."
        ),
    )


def _history_numbers(history: BlocHistory, focus: str, votes: dict[str, int]) -> dict[str, Any]:
    mine = history.moves[history.moves["member"] == focus]
    return {
        "windows": len(history.periods),
        "moved": len(history.moves),
        "roll calls": votes,
        "focus": {
            f"{r.period_from} to {r.period_to}": {
                "from": r.node_from,
                "to": r.node_to,
                "probability": r.probability,
            }
            for r in each_row(mine)
        },
    }


def _word_focus_moves(history: BlocHistory, focus: str) -> str:
    """Say from which line to which the focus went, and when if there are many windows."""
    if not focus:
        return ""
    names = member_names()
    mine = history.moves[history.moves["member"] == focus]
    labels = figures.line_labels(history, [*mine["node_from"], *mine["node_to"]], names)
    short = name_windows(history.periods)
    many = len(history.periods) > FEW_WINDOWS
    went = enumerate_words(
        f"from {labels[r.node_from]} to {labels[r.node_to]} ("
        + (f"{short[r.period_from]} to {short[r.period_to]}, " if many else "")
        + f"in {r.probability:.0%} of the replicates)"
        for r in each_row(mine)
    )
    who = start(the(names.get(focus, focus)))
    return f"{who} went {went}." if went else f"{who} stayed where it was."


def move_table(history: BlocHistory, names: Mapping[str, str]) -> pd.DataFrame:
    """Return who moved between which windows: from, to, how surely, and how many did the same."""
    short, moves = name_windows(history.periods), history.moves
    steps = ["period_from", "period_to", "node_from", "node_to"]
    return pd.DataFrame(
        {
            "member": moves["member"].map(lambda member: names.get(member, member)),
            "between": moves["period_from"].map(short),
            "and": moves["period_to"].map(short),
            "from": moves["node_from"],
            "to": moves["node_to"],
            "probability": moves["probability"],
            "same move": moves.groupby(steps)["member"].transform("size"),
        }
    )


def _word_moves(history: BlocHistory) -> str:
    """Say how many moved how surely, and in which windows the sureness is not to be trusted."""
    sure = int((history.moves["probability"] >= SURE).sum())
    if not len(history.moves):
        return ""
    few = history.periods[history.periods["structure"] & (history.periods["n_blocks"] < FEW_BLOCKS)]
    short = name_windows(history.periods)
    blocks = enumerate_words(
        f"{plural(int(r.n_blocks), 'block')} {short[str(r.period)]}" for r in each_row(few)
    )
    warning = (
        f" Fewer than {FEW_BLOCKS} blocks of votes ({blocks}) make members look surer than they "
        "are."
        if blocks
        else ""
    )
    return (
        f" {plural(len(history.moves), 'move')} of a member from one window to the next, {sure} of "
        f"them in at least {SURE:.0%} of the replicates, were the votes of both windows drawn "
        f"again; the table has each.{warning}"
    )


@drawn_once
def show_bloc_lives(history: BlocHistory, focus: str = "") -> Published:
    """Show the blocs through the windows: flows and who moved, life lines, known groups.

    One window has no history, and only a sentence says so. Life lines, with the known groups in
    their table, are left out with fewer than three windows with structure, where the flows show the
    same; the known groups then have a table of their own.

    Parameters
    ----------
    history, focus
        As in `show_history`.
    """
    names = member_names()
    if len(history.periods) == 1:
        return say("history", ["The whole period is one window: no change can be seen in it."])
    parts = [show_history(history, focus)]
    if int(history.periods["structure"].sum()) >= FEW_WINDOWS:
        parts.append(_show_lifelines(history, names))
    elif len(history.overlap):
        parts.append(_show_lines_and_groups(history, names))
    return together(*parts)


def _show_lifelines(history: BlocHistory, names: Mapping[str, str]) -> Published:
    numbers = line_numbers(history)
    words = word_lines(numbers, names)
    gaps = len(history.periods) - numbers["windows"]
    shown = publish(
        "life-lines",
        figure=figures.draw_lifelines(history, names=names),
        title="The life of each bloc",
        caption=(
            "One band a bloc, as thick as it has members; names are its most typical members over "
            "all windows. Thin bands between are members that went to another bloc, from a quarter "
            "of the smaller of the two; the words below a band are the known group that it "
            "overlaps most there."
            + (f" Grey: no bloc structure was found ({gaps} windows)." if gaps else "")
        ),
        note=(
            "Not shown: isolates, and how sure each place is. Blocs are matched from window to "
            "window by the members they share, so a line can change what it is, bit by bit."
        ),
    )
    return together(say("lines", words, numbers=numbers), shown)


def _show_lines_and_groups(history: BlocHistory, names: Mapping[str, str]) -> Published:
    table = lifeline_table(history, names)
    return publish(
        "lines-and-groups",
        table=table.assign(period=table["period"].map(name_windows(history.periods))),
        title="The blocs of each window and the known groups in them",
        caption=(
            f"The two groups that a bloc overlaps most (Jaccard {LEAST_OVERLAP} or more), as they "
            "were at the end of the window."
        ),
        note="The regional groups exist since the end of 1963, the others since their founding.",
    )


def show_windows(history: BlocHistory) -> Published:
    """Show the windows: their days, votes, members, and whether blocs were found."""
    short = name_windows(history.periods)
    columns = ["period", "from", "to", "roll_calls", "members", "answer", "p_value", "k", "why"]
    table = history.periods
    alone = [str(r.period) for r in each_row(table) if not r.structure]
    return publish(
        "windows",
        table=table[columns].assign(period=table["period"].map(short)),
        numbers={"windows": len(table), "without structure": len(alone)},
        title="The windows",
        caption=(
            "Each is looked at on its own, with the study's method and nulls of its own. Gradient: "
            "a world without groups is divided as clearly, and blocs are where a cut falls."
        ),
    )


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
