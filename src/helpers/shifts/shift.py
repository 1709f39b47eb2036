"""Did a member change: the evidence gathered, each claim by itself, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import SelectionError
from helpers.record import NO, VOTES, Record, follow_members
from helpers.shifts import evidence
from helpers.shifts.case import Case, open_case
from helpers.shifts.claims import table_of
from helpers.shifts.expected import Expected, expect_votes, years_of
from helpers.shifts.member_years import (
    MIN_VOTES,
    MemberYears,
    load_member_years,
    mean_surprise,
    rank_member_years,
)
from helpers.shifts.others import Towards, compare_others, count_absences, count_new_titles
from helpers.shifts.parts import SimilarityParts, split_change
from helpers.shifts.switches import Switches, count_switches
from helpers.shifts.verdict import word_verdict
from helpers.store import Shown

CHOICES: Final[tuple[dict[str, Any], ...]] = (
    {"sharpness": 8.0},
    {"sharpness": 18.0},
    {"floor": 0.003},
    {"floor": 0.03},
    {"years": 2},
    {"years": 5},
    {"recency": 1.0},
    {"own_habit": True},
)
"""Other settings of the expectation that the rank by surprise is computed with."""


@dataclass(frozen=True, repr=False)
class Shift(Shown):
    """What changed in a member's votes, what did not, and what it was not.

    Attributes
    ----------
    focus, event, target, subject : str
        The member, the day (ISO), the id of the vote in question and the words of its subject.
    references : tuple of str
        Members that the focus is compared with.
    claims : pandas.DataFrame
        ``claim, value, low, high, numerator, denominator, comparison, rank, of, verdict``; the
        words of ``verdict`` and their rules are in ``claims.VERDICTS``.
    similarity_parts : pandas.DataFrame
        ``reference, part, value, low, high``: the change of agreement with each reference in
        parts that add up (`split_change`); empty where the record has one subject only.
    by_subject : pandas.DataFrame
        The same by subject.
    others : pandas.DataFrame
        ``reference, member, before, on_day, change, rank``: everybody's similarity with each
        reference on the day (`compare_others`).
    placebo : pandas.DataFrame
        ``reference, day, member, change``: the same of all earlier days.
    new_titles : pandas.DataFrame
        As of `count_new_titles`; empty where the record has one subject only.
    absence : pandas.DataFrame
        As of `count_absences`, of the focus and the references.
    recurring : pandas.DataFrame
        Texts of the focus voted on again in the year: ``before, after, title, vote_before,
        vote_after``.
    votes : pandas.DataFrame
        The focus' votes on the subject, ``date, symbol, vote, run, run_vote``, before and after.
    later : pandas.DataFrame
        Its votes on the subject after the day, ``date, name, vote``; in a record that knows them
        those of texts that name the subject in passing, and those without a full roll, too.
    choices : pandas.DataFrame
        ``choice, surprise, rank, of`` of the focus' year with other settings.
    companions : tuple of str
        Members that, like the focus, cast the vote of the day for the first time on the subject.
    facts : dict
        What the sentences of the verdict need beside the claims (`evidence.list_facts`).
    whole : bool
        Whether the record has other subjects too.
    options : dict
        The settings, JSON-serialisable.
    """

    focus: str
    event: str
    target: str
    subject: str
    references: tuple[str, ...]
    claims: pd.DataFrame
    similarity_parts: pd.DataFrame
    by_subject: pd.DataFrame
    others: pd.DataFrame
    placebo: pd.DataFrame
    new_titles: pd.DataFrame
    absence: pd.DataFrame
    recurring: pd.DataFrame
    votes: pd.DataFrame
    later: pd.DataFrame
    choices: pd.DataFrame
    companions: tuple[str, ...]
    facts: dict[str, Any]
    whole: bool
    options: dict[str, Any]

    @property
    def table(self) -> pd.DataFrame:
        """The claims."""
        return self.claims

    @property
    def verdict(self) -> tuple[str, ...]:
        """A few sentences, made of the claims by the rules of `word_verdict`; members by id."""
        return self.word({})

    def word(self, names: Mapping[str, str]) -> tuple[str, ...]:
        """Return the verdict with members called by their names."""
        return word_verdict(
            self.claims,
            focus=self.focus,
            event=self.event,
            companions=self.companions,
            facts=self.facts,
            names=names,
        )

    def claim(self, name: str) -> pd.Series:
        """Return a claim by its name.

        Raises
        ------
        SelectionError
            There is none of this name.
        """
        found = self.claims[self.claims["claim"] == name]
        if found.empty:
            raise SelectionError(f"no claim {name!r}; there are {', '.join(self.claims['claim'])}")
        return found.iloc[0]


def find_shift(
    record: Record,
    focus: str,
    references: Sequence[str],
    event: str,
    *,
    body: str = "GA",
    target: str = "",
    subject: str = "",
    years: int = 3,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    member_years: MemberYears | None = None,
) -> Shift:
    """Say whether a member changed at an event, how much, how rare that is, and what it was not.

    Rival explanations are claims of their own: the member moved towards a reference, it moved
    away from everybody, it stood alone on texts that nobody had voted on before, it stayed away.
    The day is given, not searched for.

    Parameters
    ----------
    record : Record
        A clean record, of all subjects or of one.
    focus : str
        The member.
    references : sequence of str
        Members that it may have moved towards.
    event : str
        ISO date.
    body : {"GA", "SC"}
        The body.
    target : str
        Symbol or id of the vote in question; empty: the first of the event on the subject.
    subject : str
        Words or a code as in `build_ballots`; empty for the whole record.
    years : int
        Calendar years before that are compared with.
    replicates, level, seed : int, float, int
        Resamples for intervals, their level, the seed.
    member_years : MemberYears, optional
        Ranks of all member-years; computed from a record of all subjects, else those that come
        with the project are used.

    Returns
    -------
    Shift

    Raises
    ------
    ParameterError
        The focus is a reference, or the event no date.
    SelectionError
        No vote of the body on the subject before the event or on its day.
    """
    draws = {"replicates": replicates, "level": level, "seed": seed}
    case = open_case(
        record,
        focus,
        references,
        event,
        body=body,
        target=target,
        subject=subject,
        years=years,
    )
    expected = expect_votes(case.whole, years=years, own_habit=False)
    companions, votes = case.find_companions(), case.list_votes()
    switches = count_switches(case.whole)
    towards = [t for r in case.references if (t := _try_compare(case, r))]
    parts = [p for r in case.references if (p := _try_split(case, r, draws))]
    titles = count_new_titles(case.whole, focus) if case.is_whole else pd.DataFrame()
    absence = count_absences(record, years, body=body)
    choices, later = _vary(case, expected), _list_later(case, record, body)
    ranks = member_years or _rank(record, case, draws)
    claims = [
        *evidence.claim_past(case, votes, companions),
        *evidence.claim_recurring(case, switches),
        *evidence.claim_expected(case, expected, companions),
        *evidence.claim_ranks(case, ranks, choices),
        *evidence.claim_day(case, towards),
        *evidence.claim_year(case, parts),
        *evidence.claim_away(case, ranks),
        *evidence.claim_titles(case, titles),
        *evidence.claim_absence(case, absence),
        *evidence.claim_after(case, votes, later),
    ]
    return Shift(
        focus=focus,
        event=event,
        target=case.target,
        subject=subject,
        references=tuple(references),
        claims=table_of(claims),
        similarity_parts=_stack([(p.reference, p.table) for p in parts]),
        by_subject=_stack([(p.reference, p.by_subject) for p in parts]),
        others=_stack([(t.reference, t.table) for t in towards]),
        placebo=_stack([(t.reference, t.placebo) for t in towards]),
        new_titles=titles,
        absence=absence[absence["member"].isin([focus, *references])].reset_index(drop=True),
        recurring=_list_recurring(case, switches),
        votes=votes,
        later=later,
        choices=choices,
        companions=companions,
        facts=evidence.list_facts(case, votes, titles),
        whole=case.is_whole,
        options={"body": body, "years": years, "target": target, **draws},
    )


def _rank(record: Record, case: Case, draws: dict[str, Any]) -> MemberYears:
    if not case.is_whole:
        return load_member_years()
    return rank_member_years(record, years=case.years, **draws)


def _list_later(case: Case, record: Record, body: str) -> pd.DataFrame:
    """Return the focus' votes on the subject after the day, as far as the record knows them."""
    next_day = str((case.day + pd.Timedelta(days=1)).date())
    rows = follow_members(record, [case.focus], body=body, since=next_day)
    if "scope" not in record.roll_calls:
        rows = rows[rows["roll_call"].isin(case.on_subject.roll_calls["roll_call"])]
    rows = rows[rows[case.focus].isin(VOTES[:NO])]
    names = rows["symbol"].fillna(rows["date"].dt.strftime("the text of %Y-%m-%d"))
    later = pd.DataFrame({"date": rows["date"], "name": names, "vote": rows[case.focus]})
    return later.reset_index(drop=True)


def _list_recurring(case: Case, switches: Switches) -> pd.DataFrame:
    votes = switches.votes
    mine = votes[(votes["member"] == case.focus) & (votes["year"] == case.day.year)]
    titles = case.whole.roll_calls.set_index("roll_call")["title"]
    mine = mine.assign(title=mine["after"].map(titles))
    return mine[["before", "after", "title", "vote_before", "vote_after"]].reset_index(drop=True)


def _vary(case: Case, expected: Expected) -> pd.DataFrame:
    """Return the surprise and rank of the focus' year with other settings and less votes."""
    if not case.is_whole:
        return pd.DataFrame({"choice": [], "surprise": [], "rank": [], "of": []})
    rows: list[tuple[str, Expected, NDArray[np.bool_] | None]] = [("as it is", expected, None)]
    rows += [
        (
            ", ".join(f"{name} {value}" for name, value in choice.items()),
            expect_votes(case.whole, **{"years": case.years, "own_habit": False, **choice}),
            None,
        )
        for choice in CHOICES
    ]
    if case.subject:
        subject = set(case.on_subject.roll_calls["roll_call"])
        other = ~case.whole.roll_calls["roll_call"].isin(subject).to_numpy()
        rows.append((f"without {case.subject}", expected, other))
    found = []
    for name, made, keep in rows:
        table = mean_surprise(made, keep=keep)
        table = table[table["n_votes"] >= MIN_VOTES]
        mine = table[(table["member"] == case.focus) & (table["year"] == case.day.year)]
        if len(mine):
            value = float(mine["surprise"].iloc[0])
            rank = int((table["surprise"] > value).sum()) + 1
            found.append((name, value, rank, len(table)))
    return pd.DataFrame(found, columns=["choice", "surprise", "rank", "of"])


def _try_compare(case: Case, reference: str) -> Towards | None:
    """Return everybody's similarity with a reference on the day, or None without its votes."""
    try:
        return compare_others(case.on_subject, reference, str(case.day.date()))
    except SelectionError:
        return None


def _try_split(case: Case, reference: str, draws: dict[str, Any]) -> SimilarityParts | None:
    """Return the parts of the change of agreement with a reference, or None without votes."""
    if not case.is_whole:
        return None
    year = years_of(case.whole)
    before = case.whole.take(
        roll_calls=(year >= case.day.year - case.years) & (year < case.day.year)
    )
    after = case.whole.take(roll_calls=year == case.day.year)
    try:
        return split_change(before, after, case.focus, reference, subject=case.subject, **draws)
    except SelectionError:
        return None


def _stack(tables: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Put tables of several references one below the other, with a column that names them."""
    if not tables:
        return pd.DataFrame()
    framed = [table.assign(reference=reference) for reference, table in tables]
    stacked = pd.concat(framed, ignore_index=True)
    return stacked[["reference", *[c for c in stacked if c != "reference"]]]
