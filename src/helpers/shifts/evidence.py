"""The claims about a shift, each from its own evidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.errors import SelectionError
from helpers.record import VOTES
from helpers.shifts.case import Case
from helpers.shifts.claims import judge_behaviour, judge_day, judge_rank, make_claim
from helpers.shifts.expected import Expected, expect_votes
from helpers.shifts.member_years import MemberYears, measure_distance
from helpers.shifts.others import Towards
from helpers.shifts.parts import SimilarityParts
from helpers.shifts.switches import FEW_TEXTS, LONG_RUN, Switches, find_runs

Claims = list[dict[str, Any]]

SMALL: Final = 1.5
"""A probability below this many floors is ranked, not quoted."""

_TOLD: Final = 8
_FEW_VOTERS: Final = 100


def claim_past(case: Case, votes: pd.DataFrame, companions: Sequence[str]) -> Claims:
    """Return what ended, whether it had been seen before, and who turned with it."""
    earlier, now = votes[votes["date"] < case.day], votes[votes["roll_call"] == case.target]
    if now.empty or earlier.empty:
        return [make_claim("run ended", "cannot be judged", comparison="no vote on the target")]
    vote, run, former = now.iloc[0][["vote", "run", "run_vote"]]
    same, n = int((earlier["vote"] == vote).sum()), len(earlier)
    like = _find_like(case, former)
    ended = int((like["vote"] == vote).sum())
    rows = [
        make_claim(
            "run ended",
            "certain" if vote != former else "not seen",
            value=float(run),
            numerator=int(run),
            denominator=n,
            comparison=f"{former} in a row before, {vote} on the day",
        ),
        make_claim(
            "same vote before",
            "certain" if same else "not seen",
            numerator=same,
            denominator=n,
            comparison=f"{vote} on the subject before the day",
        ),
    ]
    if vote == former:
        return rows
    return [
        *rows,
        make_claim(
            "runs elsewhere",
            "certain" if ended else "not seen",
            numerator=ended,
            denominator=len(like),
            comparison=f"{vote} after {LONG_RUN} or more {former} in a row on the subject, all "
            "members before the day",
        ),
        make_claim(
            "with whom",
            "certain" if companions else "not seen",
            numerator=len(companions),
            comparison=tell(companions),
        ),
    ]


def _find_like(case: Case, vote: str) -> pd.DataFrame:
    """Return all members' votes before the day that came after a long run of a vote."""
    runs = find_runs(case.on_subject)
    dates = case.on_subject.roll_calls.set_index("roll_call")["date"]
    early = runs["roll_call"].map(dates) < case.day
    return runs[early & (runs["run_vote"] == vote) & (runs["run"] >= LONG_RUN)]


def tell(words: Sequence[str]) -> str:
    """Return words in a line, not more than a reader takes in.

    Examples
    --------
    >>> tell([str(n) for n in range(10)])
    '0, 1, 2, 3, 4, 5, 6, 7 and 2 more'
    """
    more = f" and {len(words) - _TOLD} more" if len(words) > _TOLD else ""
    return ", ".join(words[:_TOLD]) + more


def claim_recurring(case: Case, switches: Switches) -> Claims:
    """Return what changed on texts voted on again, in the year of the event and the one before."""
    table = switches.table[switches.table["member"] == case.focus]
    rows = []
    for year in (case.day.year - 1, case.day.year):
        if (table["year"] == year).any():
            row = table[table["year"] == year].iloc[0]
            few = row["recurring"] < FEW_TEXTS
            rows.append(
                make_claim(
                    f"texts again {year}",
                    "too few for a rate" if few else judge_rank(row["rank"], switches.ranked),
                    value=row["excess"],
                    numerator=row["changed"],
                    denominator=row["recurring"],
                    comparison=f"{row['expected']:.1f} if it had changed as everybody did",
                    rank=row["rank"],
                    of=switches.ranked,
                )
            )
    return rows


def claim_expected(case: Case, expected: Expected, companions: Sequence[str]) -> Claims:
    """Return how probable the vote was with the companions' votes known, and without them."""
    models = {"expected with companions": expected}
    if companions:
        models["expected without companions"] = expect_votes(
            case.whole, years=case.years, own_habit=False, without=companions
        )
    row, column = case.place
    rows = []
    for name, model in models.items():
        values = model.of_votes[row]
        value, of = float(values[column]), int(np.isfinite(values).sum())
        if np.isnan(value):
            continue
        rank = int((values < values[column]).sum()) + 1
        word = VOTES[int(case.whole.votes[row, column]) - 1]
        low = ", too small to quote, only to rank" if value < SMALL * model.floor else ""
        rows.append(
            make_claim(
                name,
                judge_rank(rank, of) if of >= _FEW_VOTERS else "too few for a rate",
                value=value,
                comparison=f"probability of {word}{low}; rank among all votes of the roll call",
                rank=rank,
                of=of,
            )
        )
    return rows


def claim_ranks(case: Case, ranks: MemberYears, choices: pd.DataFrame) -> Claims:
    """Return how rare the year is by surprise, and the choices that turn it."""
    year, of = case.day.year, len(ranks.table)
    try:
        mine = ranks.of(case.focus, year)
    except SelectionError:
        return [make_claim("surprise", "cannot be judged", comparison=f"{year}: too few votes")]
    source = "" if case.is_whole else "; from the table that comes with the project"
    rows = [
        make_claim(
            "surprise",
            judge_rank(mine["rank"], of),
            value=mine["surprise"],
            low=mine["low"],
            high=mine["high"],
            denominator=mine["n_votes"],
            comparison=f"all member-years{source}",
            rank=mine["rank"],
            of=of,
        ),
        make_claim(
            "surprise without lone noes",
            judge_rank(mine["rank_without_lone_noes"], of),
            value=mine["surprise_without_lone_noes"],
            comparison=f"roll calls with a single no left out{source}",
            rank=mine["rank_without_lone_noes"],
            of=of,
        ),
    ]
    if len(choices):
        worst = choices.sort_values("rank", kind="stable").iloc[-1]
        rows.append(
            make_claim(
                "surprise by choice",
                judge_rank(worst["rank"], worst["of"]),
                low=float(choices["rank"].min()),
                high=float(choices["rank"].max()),
                numerator=len(choices),
                comparison=f"least with {worst['choice']}",
                rank=worst["rank"],
                of=worst["of"],
            )
        )
    return rows


def claim_day(case: Case, towards: Sequence[Towards]) -> Claims:
    """Return how much nearer to each reference the focus came on the day, on the subject."""
    rows = []
    for found in towards:
        mine = found.table[found.table["member"] == case.focus]
        if mine.empty:
            continue
        row, days = mine.iloc[0], len(found.placebo)
        reached = found.reached(row["change"])
        rows.append(
            make_claim(
                f"towards {found.reference} that day",
                judge_day(row["rank"], reached, days),
                value=row["change"],
                numerator=reached,
                denominator=days,
                comparison=f"median member {found.table['change'].median():+.2f}; earlier "
                "member-days that reach it",
                rank=row["rank"],
                of=len(found.table),
            )
        )
    return rows


def claim_year(case: Case, parts: Sequence[SimilarityParts]) -> Claims:
    """Return towards whom behaviour changed over the year and all subjects."""
    if not case.is_whole:
        return [make_claim("towards anybody in the year", "cannot be judged")]
    rows = []
    for split in parts:
        behaviour = split.table[split.table["part"] == "behaviour"].iloc[0]
        once = split.part("only before") + split.part("only after")
        rows.append(
            make_claim(
                f"towards {split.reference} in the year",
                judge_behaviour(split),
                value=split.part("behaviour"),
                low=behaviour["low"],
                high=behaviour["high"],
                comparison=f"behaviour, of a change of {split.part('change'):+.3f}; agenda "
                f"{split.part('agenda'):+.3f}, subjects of one period only {once:+.3f}",
            )
        )
    return rows


def claim_away(case: Case, ranks: MemberYears) -> Claims:
    """Return how much less the focus agreed with all others, beyond everybody's change."""
    name, year = "away from everybody", case.day.year
    try:
        mine = ranks.of(case.focus, year) if case.is_whole else None
    except SelectionError:
        mine = None
    if mine is None:
        return [make_claim(name, "cannot be judged")]
    return [
        make_claim(
            name,
            judge_rank(mine["rank_distance"], len(ranks.table)),
            value=-mine["distance_change"],
            denominator=mine["n_votes"],
            comparison="change of agreement with all others, beyond everybody's",
            rank=mine["rank_distance"],
            of=len(ranks.table),
        )
    ]


def claim_titles(case: Case, titles: pd.DataFrame) -> Claims:
    """Return how many votes were on titles never voted on, and on how many the focus was alone."""
    if not case.is_whole:
        names = ("new titles", "alone on new titles")
        return [make_claim(name, "cannot be judged") for name in names]
    now = titles[titles["year"] == case.day.year].iloc[0]
    return [
        make_claim(
            "new titles",
            "certain" if now["new"] else "not seen",
            value=now["new"] / now["roll_calls"],
            numerator=now["new"],
            denominator=now["roll_calls"],
            comparison="votes on titles that no earlier vote had",
        ),
        make_claim(
            "alone on new titles",
            "certain" if now["alone_new"] else "not seen",
            value=now["alone"] / now["roll_calls"],
            numerator=now["alone_new"],
            denominator=now["alone"],
            comparison="of the votes that it alone opposed; value: their share of the year's",
        ),
    ]


def claim_absence(case: Case, absence: pd.DataFrame) -> Claims:
    """Return how many roll calls of the year the focus missed, beyond everybody's rise."""
    mine = absence[(absence["member"] == case.focus) & (absence["year"] == case.day.year)]
    if mine.empty:
        return [make_claim("absence", "cannot be judged")]
    row, of = mine.iloc[0], int(absence["rank"].notna().sum())
    few = row["n"] < FEW_TEXTS
    return [
        make_claim(
            "absence",
            "too few for a rate" if few else judge_rank(row["rank"], of),
            value=row["absent"],
            numerator=round(row["absent"] * row["n"]),
            denominator=row["n"],
            comparison="roll calls missed; rank by the rise beyond everybody's",
            rank=row["rank"],
            of=of,
        )
    ]


def claim_after(case: Case, votes: pd.DataFrame, later: pd.DataFrame) -> Claims:
    """Return how often the focus cast the vote of the day again, on the subject."""
    now = votes[votes["roll_call"] == case.target]
    if later.empty or now.empty:
        return [make_claim("after", "cannot be judged", comparison="no later vote on the subject")]
    same = int((later["vote"] == now["vote"].iloc[0]).sum())
    listed = tell((later["name"] + " " + later["vote"]).tolist())
    return [
        make_claim("after", "certain", numerator=same, denominator=len(later), comparison=listed)
    ]


def list_facts(case: Case, votes: pd.DataFrame, titles: pd.DataFrame) -> dict[str, Any]:
    """Return what the sentences of a verdict need beside the numbers of the claims.

    Returns
    -------
    dict
        ``vote, former`` (words; empty without a vote on the target), ``agreement`` (with all
        others in the year), ``alone_most, alone_most_year`` (highest share of a year's votes that
        the focus alone opposed before the event's year); the last three only of a whole record.
    """
    now = votes[votes["roll_call"] == case.target]
    facts: dict[str, Any] = {"vote": "", "former": ""}
    if len(now):
        facts = {"vote": str(now["vote"].iloc[0]), "former": str(now["run_vote"].iloc[0])}
    if case.is_whole:
        found = measure_distance(case.whole, case.years)
        mine = found[(found["member"] == case.focus) & (found["year"] == case.day.year)]
        before = titles[titles["year"] < case.day.year]
        share = (before["alone"] / before["roll_calls"]).to_numpy(float)
        facts |= {
            "agreement": 1 - float(mine["distance"].iloc[0]) if len(mine) else None,
            "alone_most": float(share.max()) if len(share) else None,
            "alone_most_year": int(before["year"].iloc[share.argmax()]) if len(share) else None,
        }
    return facts
