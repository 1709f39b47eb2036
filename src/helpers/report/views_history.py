"""Displays of blocs and known groups over time, and of each statement under every choice.

What has nothing to say in a study is left out by a rule that its function names.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.ballots import FEW_BLOCKS
from helpers.blocs import BlocHistory
from helpers.report import figures
from helpers.report import sentences_history as sentences
from helpers.report.display import Published, drawn_once, publish, say, together
from helpers.report.figures.curves import MOST_DRAWN, list_unsettled
from helpers.report.figures.flows import LABELLED
from helpers.report.figures.groups import FEW_WINDOWS
from helpers.report.figures.lifelines import LEAST_OVERLAP, lifeline_table, name_windows
from helpers.report.figures.style import each_row
from helpers.report.names import enumerate_words, member_names, plural, start, the
from helpers.report.views import show_multiverse
from helpers.study import Study, results

SURE = 0.95
"""A move is called sure from this share of the replicates."""

MOST_CURVES = 2
"""At most so many statements get a curve: those that the choices leave most in doubt."""


@drawn_once
def show_history(study: Study) -> Published:
    """Show who went from bloc to bloc between the windows of the study."""
    history = results.study_history(study)
    names = member_names(results.study_record(study))
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
        numbers=_history_numbers(history, study.focus, votes),
        title="Who went from bloc to bloc",
        caption=_word_focus_moves(history, study.focus, names) + _word_moves(history),
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


def _word_focus_moves(history: BlocHistory, focus: str, names: dict[str, str]) -> str:
    """Say from which line to which the focus went, and when if there are many windows."""
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


def move_table(history: BlocHistory, names: dict[str, str]) -> pd.DataFrame:
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
def show_bloc_lives(study: Study) -> Published:
    """Show the blocs through the windows: flows and who moved, life lines, known groups.

    One window has no history, and only a sentence says so. Life lines, with the known groups in
    their table, are left out with fewer than three windows with structure, where the flows show the
    same; the known groups then have a table of their own.
    """
    history, names = results.study_history(study), member_names(results.study_record(study))
    if len(history.periods) == 1:
        return say("history", ["The whole period is one window: no change can be seen in it."])
    parts = [show_history(study)]
    if int(history.periods["structure"].sum()) >= FEW_WINDOWS:
        parts.append(_show_lifelines(history, names))
    elif len(history.overlap):
        parts.append(_show_lines_and_groups(history, names))
    return together(*parts)


def _show_lifelines(history: BlocHistory, names: dict[str, str]) -> Published:
    numbers = sentences.line_numbers(history)
    words = sentences.word_lines(numbers, names)
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


def _show_lines_and_groups(history: BlocHistory, names: dict[str, str]) -> Published:
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


# --- known groups --------------------------------------------------------------------------------


@drawn_once
def show_groups(study: Study) -> Published:
    """Show how closely known groups hold together in each window, and the focus with each.

    Left out, with a sentence, where no known group has three members in the selection.
    """
    groups = results.study_groups(study)
    if groups.table.empty:
        return say("groups", ["No known group has three members that voted in this selection."])
    names = member_names(results.study_record(study))
    numbers = sentences.cohesion_numbers(groups)
    parts = [say("groups", sentences.word_cohesion(numbers), numbers=numbers)]
    parts.append(
        publish(
            "cohesion",
            figure=figures.draw_groups(groups, "inside", names=names),
            title="How closely each group holds together",
            caption=(
                "Agreement index of Hix, Noury and Roland, averaged over the votes of a window: 1 "
                "where all members vote alike, 0 where they part evenly over yes, abstain and no; "
                f"bands and lines are {study.level:.0%} intervals. Members are counted on the days "
                "on which they belonged to the group."
            ),
            note=(
                "A group also agrees more when more is voted on that it agrees about, and a new "
                "member changes who is counted. The changes named are the largest of many, so "
                "their intervals promise too much."
            ),
        )
    )
    if (groups.table["what"] == "focus").any():
        parts.append(_show_focus_with_groups(study, groups, names))
    return together(*parts)


def _word_undefined(study: Study, table: pd.DataFrame) -> str:
    """Say where the focus shares votes with a group and yet has no value with it, and why."""
    lost = table[(table["what"] == "focus") & table["value"].isna() & (table["n_shared"] > 0)]
    if lost.empty:
        return ""
    short = name_windows(table)
    where = enumerate_words((f"{r.group} {short[str(r.period)]}" for r in each_row(lost)), most=6)
    return (
        f" No mark: {where}, where {study.measure} is not defined, as where both sides cast one "
        "and the same vote throughout."
    )


def _show_focus_with_groups(study: Study, groups: Any, names: dict[str, str]) -> Published:
    who = the(names.get(study.focus, study.focus))
    return publish(
        "focus-and-groups",
        figure=figures.draw_groups(groups, "focus", names=names),
        title=start(f"{who} with the members of each group"),
        caption=(
            f"{start(study.measure)} of {who} with the other members of a group, averaged over the "
            f"pairs of each vote, with {study.level:.0%} intervals."
        ),
        note="An average over a group says nothing of any one of its members."
        + _word_undefined(study, groups.table),
    )


def show_group_pairs(study: Study) -> Published:
    """Show how alike the members of every two known groups vote.

    Left out, with a sentence, where fewer than two groups have three members in the selection.
    """
    table = results.study_group_pairs(study).table
    if table.empty:
        return say("group-pairs", ["Fewer than two known groups have three members here."])
    return publish(
        "group-pairs",
        table=table,
        title="Every two groups",
        caption=(
            f"{start(study.measure)} between the members of two groups, with {study.level:.0%} "
            "intervals, the most alike first."
        ),
        note="Groups as they are on the last day; who is in both is not compared with itself.",
    )


# --- one bloc ------------------------------------------------------------------------------------


def show_bloc_details(study: Study) -> Published:
    """Show for each bloc the votes that set it apart, and the known groups that it overlaps.

    Left out where no bloc structure was found.
    """
    blocs = results.study_blocs(study)
    if not blocs.structure:
        return say("bloc-details", ["There are no blocs to describe."])
    columns = ["bloc", "symbol", "title", "vote", "inside", "outside", "distance"]
    apart = blocs.distinctive.groupby("bloc").head(3)[columns]
    parts = [
        publish(
            "distinctive",
            table=apart.reset_index(drop=True),
            title="The votes that set each bloc apart",
            caption=(
                "The most frequent vote inside a bloc, and the shares inside and outside it that "
                "cast it; distance is how far the votes inside and outside differ, 0 to 1."
            ),
            note="Three votes a bloc; a vote can set two blocs apart from each other.",
        )
    ]
    if len(blocs.overlap):
        parts.append(
            publish(
                "overlap",
                table=blocs.overlap.groupby("bloc").head(3).reset_index(drop=True),
                title="The blocs and the known groups",
                caption="The three groups that each bloc overlaps most, as of the last vote.",
                note="Overlap is no cause: a bloc may be like a group and have other reasons.",
            )
        )
    return together(*parts)


# --- statements ----------------------------------------------------------------------------------


@drawn_once
def show_robustness(study: Study) -> Published:
    """Show which statements survive the grid of choices, and the curves of those most in doubt.

    A statement that holds under every choice, or under none, has no curve.
    """
    summary = show_multiverse(study)
    if not study.statements:
        return summary
    multiverse = results.study_multiverse(study)
    shares = multiverse.summary.set_index(["statement", "period"])["share"]
    unsettled = list_unsettled(multiverse)
    doubt = sorted(unsettled, key=lambda pair: abs(shares[pair] - 0.5))[:MOST_CURVES]
    order = [pair for pair in unsettled if pair in doubt]
    return together(summary, *(_show_curve(multiverse, *s, i) for i, s in enumerate(order, 1)))


def _show_curve(multiverse: Any, statement: str, period: str, number: int) -> Published:
    drawing = figures.draw_curve(multiverse, statement, period)
    numeric = "margin" in drawing.table
    order = (
        "sorted by the margin, the left side minus the right: a round mark where it holds, a cross "
        "where it does not, a dash at the bottom where it could not be tested. Measures have "
        "scales of their own, so only the sign compares."
        if numeric
        else "sorted by its answer, since blocs have no margin that methods share."
    )
    drawn = drawing.numbers["drawn"]
    thinned = (
        f" {drawn} of {drawing.numbers['specifications']:,} are drawn, one from each equal part of "
        "their order."
        if drawn == MOST_DRAWN
        else ""
    )
    return publish(
        f"curve-{number}",
        figure=drawing,
        title=f"“{statement}” under every choice" + ("" if period == "all" else f", {period}"),
        caption=(
            f"One column a specification, {order} The bars below show what each one chose, the "
            f"choice that turns the statement most first.{thinned}"
        ),
        note="A share of specifications is no probability: they are not independent.",
    )


def show_windows(study: Study) -> Published:
    """Show the windows: their days, votes, members, and whether blocs were found."""
    history = results.study_history(study)
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
