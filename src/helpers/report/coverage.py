"""What a record holds and how it agrees with another: the displays of ``01_record``."""

from __future__ import annotations

import pandas as pd

from helpers.record import count_by_year, share_without_vote
from helpers.report import figures
from helpers.report.display import Published, drawn_once, publish, say, together
from helpers.study import Study, results


@drawn_once
def show_years(study: Study) -> Published:
    """Show the recorded votes and the members of every year, and what was never recorded."""
    record = results.study_record(study)
    years = count_by_year(record, study.body)
    figure = publish(
        "years",
        figure=figures.draw_coverage(years),
        numbers={"years": len(years), "roll calls": int(years["roll_calls"].sum())},
        title="What the record holds, year by year",
        note="Resolutions adopted without a vote are in no year: they are missing, not agreement.",
    )
    return together(figure, _show_unrecorded(share_without_vote(record)))


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


def show_reconciliation(study: Study) -> Published:
    """Show how unvotes and the Library's file agree, where both are on this machine."""
    if study.source not in ("undl", "undl-ga", "unvotes"):
        return say(
            "reconciliation",
            [f"There is no second record to hold {study.source!r} against."],
        )
    found = results.reconcile_sources()
    if found is None:
        words = (
            "Not compared: only one of unvotes and the Library's Assembly file is on this machine "
            "(unblocs fetch gets the other)."
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
