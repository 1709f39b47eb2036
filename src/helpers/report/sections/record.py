"""What a record holds, what was done about it, and how it agrees with another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.record import (
    ISSUES,
    count_by_year,
    count_modalities,
    count_vetoes,
    has_consensus,
    share_without_vote,
)
from helpers.report import figures
from helpers.report.display import Published, drawn_once, publish, say, together
from helpers.report.words import BODY_NAMES, enumerate_words, member_names, plural

if TYPE_CHECKING:
    from helpers.ballots import Ballots
    from helpers.record import Reconciliation, Record


_WHY_NOT = "without a full roll or on texts beside the subject are in no similarity"


def show_record(record: Record, ballots: Ballots) -> Published:
    """Show in words what a record holds, and what a selection takes of it."""
    calls = record.roll_calls
    unknown = int((~calls["rolled"].astype(bool)).sum())
    bodies = [BODY_NAMES[body] for body in sorted(set(ballots.roll_calls["body"]))]
    numbers = {
        "source": record.provenance.get("source", ""),
        "roll_calls": len(calls),
        "votes": len(record.votes),
        "in no similarity": unknown,
        "selected": len(ballots.votes),
        "members": len(ballots.members),
        "left out": len(ballots.left_out),
    }
    words = [
        f"The source holds {plural(len(calls), 'vote')} and {plural(len(record.votes), 'vote')} of "
        f"single members in them"
        + (f"; {plural(unknown, 'vote')} {_WHY_NOT}." if unknown else "."),
        f"This study selects {plural(len(ballots.votes), 'recorded vote')} of "
        f"{plural(len(ballots.members), 'member')} in the {enumerate_words(bodies)}"
        + (
            f"; left out for too few votes: {enumerate_words(ballots.left_out)}."
            if ballots.left_out
            else "."
        ),
    ]
    if ballots.joined:
        names = [member_names()[member] for member in ballots.joined]
        words.append(f"Two states that had one seat are one member here: {enumerate_words(names)}.")
    return say("record", words, numbers=numbers)


def show_log(record: Record) -> Published:
    """Show what was repaired, dropped or flagged."""
    columns = ["rule", "table", "effect", "rows", "what"]
    return publish("cleaning", table=record.log[columns], title="What was done about the data")


@drawn_once
def show_years(record: Record, body: str = "GA") -> Published:
    """Show the recorded votes and the members of every year, and what was never recorded."""
    years = count_by_year(record, body)
    figure = publish(
        "years",
        figure=figures.draw_coverage(years),
        numbers={"years": len(years), "roll calls": int(years["roll_calls"].sum())},
        title="What the record holds, year by year",
        note="Resolutions adopted without a vote are in no year: they are missing, not agreement.",
    )
    if has_consensus(record, body):
        return together(figure, _show_consensus(record, body))
    return together(figure, _show_unrecorded(share_without_vote(record)))


def _show_consensus(record: Record, body: str) -> Published:
    """Show how many texts were adopted without a vote, of all, by year and by subject."""
    years, subjects = (count_modalities(record, by=by, body=body) for by in ("year", "subject"))
    without, texts = int(years["without_a_vote"].sum()), int(years["texts"].sum())
    words = (
        f"Of {plural(texts, 'text')} that the {BODY_NAMES[body]} adopted, {without:,} "
        f"({without / texts:.0%}) were adopted without a vote: they are in no similarity."
    )
    columns = ["texts", "without_a_vote", "share_without"]
    shown = [
        publish(
            "without-vote-by-year",
            table=years[["year", *columns]].tail(15).round({"share_without": 3}),
            title="Adopted without a vote, last years",
        )
    ]
    if subjects["subject"].isin(list(ISSUES)).any():
        table = subjects[["subject", *columns]].round({"share_without": 3})
        shown.append(
            publish(
                "without-vote-by-subject", table=table, title="Adopted without a vote, subjects"
            )
        )
    numbers = {"share": without / texts, "without a vote": without}
    return together(say("without-vote", [words], numbers=numbers), *shown)


def _show_unrecorded(sessions: pd.DataFrame) -> Published:
    if sessions.empty:
        words = (
            "How many resolutions were adopted without a vote cannot be told from this record: it "
            "is a selection."
        )
        return say("without-vote", [words])
    share = 1 - sessions["recorded"].sum() / sessions["highest"].sum()
    words = (
        f"At least {share:.0%} of the Assembly's resolutions since session "
        f"{sessions['session'].min()} were adopted without a recorded vote, going by the numbers "
        "that are missing between the recorded ones."
    )
    table = sessions.assign(without_vote=sessions["without_vote"].round(3)).tail(15)
    shown = publish(
        "without-vote-by-session", table=table, title="Adopted without a vote, last sessions"
    )
    return together(say("without-vote", [words], numbers={"share": float(share)}), shown)


@drawn_once
def show_vetoes() -> Published:
    """Show the vetoes of the permanent members by decade: vetoes cast, and proposals stopped."""
    table = count_vetoes()
    total = table.iloc[-1]
    words = (
        f"From 1946 to April 2026 the permanent members cast {total['vetoes']:,} vetoes on "
        f"{total['proposals']:,} proposals: a proposal that three of them vetoed counts three "
        "times among the vetoes. The Library's voting file has none of them."
    )
    figure = publish(
        "vetoes",
        figure=figures.draw_vetoes(table),
        title="Vetoes cast in the Security Council, by decade",
        note="Published counts are sometimes higher, as votes on paragraphs are counted as well.",
    )
    return together(say("vetoes-cast", [words]), figure)


def show_reconciliation(found: Reconciliation | None) -> Published:
    """Show how unvotes and the Library's file agree, where there are both."""
    if found is None:
        words = (
            "Not compared: this source has no second record, or only one of unvotes and the "
            "Library's Assembly file is on this machine (unblocs fetch gets the other)."
        )
        return say("reconciliation", [words])
    summary = pd.DataFrame(found.summary.items(), columns=["count", "number"])
    members = found.by_member_year.nlargest(15, "disagreements")
    calls = found.by_roll_call.head(15)
    columns = ["symbol", "date_b", "basis", "disagreements"]
    return together(
        publish(
            "reconciliation",
            table=summary,
            numbers={k: int(v) for k, v in found.summary.items()},
            title="unvotes (a) against the Library (b), roll call by roll call",
            note="Where they disagree nothing is chosen: the record in use keeps its own votes.",
        ),
        publish("disagreements-by-member", table=members, title="Most disagreements: members"),
        publish(
            "disagreements-by-roll-call", table=calls[columns], title="Most disagreements: votes"
        ),
    )
