"""Did the member change: the verdict, how rare such a year is, and what it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.report import figures
from helpers.report.display import Published, drawn_once, nothing, publish, say, together
from helpers.report.figures.shifts import MOST_TEXTS
from helpers.report.figures.style import each_row
from helpers.report.words import enumerate_words, member_names, start, the

if TYPE_CHECKING:
    from collections.abc import Mapping

    from helpers.shifts import MemberYears, Shift

MOST_REFERENCES = 2
"""Everybody is drawn towards at most so many references: those that the focus came nearest."""


@drawn_once
def show_shift(shift: Shift | None) -> Published:
    """Show the verdict on a member's shift, and the claims that it was worded from.

    Nothing without a member and a day.

    Parameters
    ----------
    shift : Shift or None
        From `helpers.find_shift`.
    """
    if shift is None:
        return nothing("shift")
    words = [start(sentence) for sentence in shift.word(_called())]
    claims = shift.claims.set_index("claim")[["value", "numerator", "denominator", "rank", "of"]]
    numbers = {
        "companions": list(shift.companions),
        "whole": shift.whole,
        **{str(name): _known(row) for name, row in claims.iterrows()},
    }
    table = publish(
        "claims",
        table=shift.claims,
        title="What is claimed, one by one",
        caption="Each with its numbers, what it is compared with, and a word by a written rule.",
        note="The rules are in docs/shifts.md. A count is certain; a probability below one in a "
        "hundred is ranked, not quoted.",
    )
    return together(say("shift", words, numbers=numbers), table)


@drawn_once
def show_member_years(member_years: MemberYears, focus: str, day: str = "") -> Published:
    """Show every member-year by its surprise, the focus' years marked.

    Parameters
    ----------
    member_years : MemberYears
        From `helpers.rank_member_years`.
    focus : str
        The member in question; nothing without one.
    day : str
        ISO date of the event, whose year is the one in question; empty: the last year.
    """
    if not focus:
        return nothing("member-years")
    year = int(day[:4]) if day else int(member_years.table["year"].max())
    drawing = figures.draw_member_years(member_years, focus, year, names=member_names())
    name = the(member_names().get(focus, focus))
    files = member_years.provenance.get("files", [])
    version = files[0].get("version", "") if files else ""
    source = str(member_years.provenance.get("title", ""))
    return publish(
        "member-years",
        figure=drawing,
        title=_word_rank(drawing.numbers, name, year),
        caption=(
            f"One dot is a member in a year, higher where its votes were less like those that it "
            f"used to vote with in the {member_years.years} years before; {name} is marked, the "
            f"hollow mark is {year} without roll calls that had a single no."
        ),
        note=(
            "It does not show towards whom a member moved, nor a turn that its neighbours made "
            f"with it. Votes: {source}{f', {version}' if version else ''}."
        ),
    )


def _word_rank(numbers: Mapping[str, Any], name: str, year: int) -> str:
    if "rank" not in numbers:
        return f"Every member and year by surprise, {name} marked"
    place = f"number {numbers['rank']:,} of {numbers['member-years']:,} by surprise"
    return start(f"{name} in {year}: {place}")


@drawn_once
def show_texts(shift: Shift | None) -> Published:
    """Show the focus' votes on texts that came back, before and in the event's year."""
    if shift is None:
        return nothing("texts")
    if shift.recurring.empty:
        return say("texts", ["No text that came back was voted on in the year of the event."])
    name = start(the(member_names().get(shift.focus, shift.focus)))
    changed = (shift.recurring["vote_before"] != shift.recurring["vote_after"]).sum()
    left_out = len(shift.recurring) - MOST_TEXTS
    return publish(
        "texts",
        figure=figures.draw_texts(shift),
        title=f"{name}: {changed} of {len(shift.recurring)} texts that came back changed",
        caption="The same text, the vote before and the vote of the year, changed ones first."
        + (f" {left_out} more are in the table." if left_out > 0 else ""),
        note="Titles are compared, not texts: a text can change under its title.",
    )


@drawn_once
def show_parts(shift: Shift | None) -> Published:
    """Show why agreement with each reference changed, in parts that add up."""
    if shift is None:
        return nothing("parts")
    if shift.similarity_parts.empty:
        words = "Parts of a change of agreement need a record of all subjects, on both sides."
        return say("parts", [words])
    year = int(shift.event[:4])
    return publish(
        "parts",
        figure=figures.draw_parts(shift, names=member_names()),
        title="Why agreement changed",
        caption=(
            f"Change of agreement from {year - shift.options['years']} to {year - 1} to {year}: "
            "what the two voted otherwise on the same subjects, what came to a vote more often, "
            "and subjects of one period only. The parts add up to the mark."
        ),
        note="A part of a year is not a year: subjects of later months count as not yet voted on.",
    )


@drawn_once
def show_everybody(shift: Shift | None) -> Published:
    """Show how much nearer everybody came to a reference that day, and on all earlier days."""
    if shift is None:
        return nothing("everybody")
    if shift.others.empty or not (shift.others["member"] == shift.focus).any():
        return say("everybody", ["No reference voted on the subject that day and before."])
    mine = shift.others[shift.others["member"] == shift.focus]
    nearest = mine.sort_values("change", ascending=False, kind="stable")
    names = member_names()
    turned = enumerate_words(names.get(m, m) for m in shift.companions)
    parts = [
        publish(
            f"everybody-{row.reference}",
            figure=figures.draw_others(shift, str(row.reference), names=names),
            title=f"Nearer to {the(names.get(str(row.reference), str(row.reference)))}, that day",
            caption="One dot is a member: its similarity (Lijphart) on the subject that day less "
            "that of its votes before; below, the same of every earlier day."
            + (f" Dark: {turned}, which turned with it." if turned else ""),
            note="Two votes of one day give no rate.",
        )
        for row in each_row(nearest.head(MOST_REFERENCES))
    ]
    return together(*parts)


def _called() -> dict[str, str]:
    return {member: the(name) for member, name in member_names().items()}


def _known(row: pd.Series) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if pd.notna(value)}
