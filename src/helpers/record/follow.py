"""How some members voted, text by text, with the votes that no similarity is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from helpers.errors import ParameterError, must_be_one_of
from helpers.record.tables import BODIES, VOTES, Record

SCOPES: Final = ("subject", "passing", "context")
"""What a text has to do with the subject of a record: on it (in title or agenda item), naming it
in passing, or only near it, kept to compare."""

_FACTS: Final = ("roll_call", "symbol", "date", "title", "kind", "outcome", "yes", "no", "abstain")


def follow_members(
    record: Record,
    members: Sequence[str],
    *,
    body: str = "GA",
    since: str = "",
    until: str = "",
    kinds: Sequence[str] = ("resolution",),
    scopes: Sequence[str] = ("subject", "passing"),
) -> pd.DataFrame:
    """Follow members from vote to vote, in order of time: what each did on which text.

    Votes of single members that are known without a full roll count too, and so do texts that
    name the subject in passing; ``scopes`` and ``roll`` tell them apart, so that they can be
    counted with and without.

    Parameters
    ----------
    record : Record
    members : sequence of str
        Ids of members; each gets a column.
    body : {"GA", "SC"}
        General Assembly or Security Council.
    since, until : str
        ISO dates, both inclusive; empty for no bound.
    kinds : sequence of str
        Kinds of roll call, of `helpers.record.KINDS`; empty for all.
    scopes : sequence of str
        Of :data:`SCOPES`; all roll calls of a record that has no such classes are on its subject.

    Returns
    -------
    pandas.DataFrame
        ``roll_call, symbol, date, title, kind, outcome, yes, no, abstain`` (NA: not known),
        ``scope``, ``roll`` (``full``, ``reported``, ``tally``), ``reason`` (empty: none is known),
        and a column for each member: its vote, empty where it is not known or it was no member.

    Raises
    ------
    ParameterError
        A body or scope that there is not.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> after = follow_members(load_record("dossier"), ["USA", "RUS"], since="2025-02-24")
    >>> after["USA"].tolist()
    ['no', 'abstain', 'no', 'yes', 'no', 'yes', 'abstain']
    >>> after.loc[after["scope"].eq("subject"), "USA"].tolist()
    ['no', 'abstain', 'yes', 'yes', 'abstain']
    """
    if body not in BODIES:
        raise ParameterError(must_be_one_of("body", body, BODIES))
    for scope in scopes:
        if scope not in SCOPES:
            raise ParameterError(must_be_one_of("scopes", scope, SCOPES))
    calls = _with_classes(record.roll_calls)
    wanted = calls["body"].eq(body) & calls["scope"].isin(list(scopes))
    if kinds:
        wanted &= calls["kind"].isin(list(kinds))
    if since:
        wanted &= calls["date"] >= pd.Timestamp(since)
    if until:
        wanted &= calls["date"] <= pd.Timestamp(until)
    calls = calls[wanted].sort_values("date", kind="stable", ignore_index=True)
    votes = _votes_of(record, calls, members)
    facts = calls[[*_FACTS, "scope", "roll", "reason"]]
    return facts.assign(**{m: votes[m].to_numpy() for m in members})


def _with_classes(calls: pd.DataFrame) -> pd.DataFrame:
    """Add the columns that only a table of facts has, as they are for any other record."""
    rolled = calls["rolled"].map({True: "full", False: "tally"})
    plain: dict[str, Any] = {"scope": "subject", "roll": rolled, "reason": "", "named": ""}
    calls = calls.assign(**{c: v for c, v in plain.items() if c not in calls.columns})
    return calls.fillna({"reason": "", "named": ""})


def _votes_of(record: Record, calls: pd.DataFrame, members: Sequence[str]) -> pd.DataFrame:
    """Return votes as words, roll calls (rows, as in ``calls``) by members; empty: not known."""
    inside = record.votes["roll_call"].isin(calls["roll_call"])
    rows = record.votes[inside & record.votes["member"].isin(list(members))].astype("str")
    table = rows.pivot_table(index="roll_call", columns="member", values="vote", aggfunc="first")
    table = table.reindex(index=calls["roll_call"], columns=list(members))
    table = table.astype("object").fillna("")
    for roll_call, text in zip(calls["roll_call"], calls["named"], strict=True):
        for member, vote in read_named(text).items():
            if member in table.columns:
                table.loc[roll_call, member] = vote
    return table


def write_named(named: Mapping[str, Sequence[str]]) -> str:
    """Write the votes of named members as one text, which a column of a table can hold.

    Parameters
    ----------
    named : mapping
        Vote to the members that cast it.

    Examples
    --------
    >>> write_named({"yes": ["UKR", "USA"], "no": ["RUS"], "abstain": []})
    'yes UKR USA; no RUS'
    """
    return "; ".join(f"{vote} {' '.join(named[vote])}" for vote in named if named[vote])


def read_named(text: str) -> dict[str, str]:
    """Read what `write_named` wrote: member to vote.

    Examples
    --------
    >>> read_named("yes UKR USA; no RUS")
    {'UKR': 'yes', 'USA': 'yes', 'RUS': 'no'}
    """
    parts = [part.split() for part in text.split(";") if part.strip()]
    return {member: vote for vote, *names in parts for member in names if vote in VOTES}
