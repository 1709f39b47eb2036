"""The pattern of votes: who voted what, and which members cast the same votes throughout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from helpers.ballots.select import Ballots
from helpers.store import Shown

WORDS: Final = ("absent", "yes", "abstain", "no", "absent")
"""Words for the codes of `Ballots.votes`; a missing vote is one of an absent member or of none."""


@dataclass(frozen=True, repr=False)
class Pattern(Shown):
    """Who voted what, for selections with so few votes that this is all there is to say.

    Attributes
    ----------
    table : DataFrame
        One row a group of members that cast the same votes on every roll call, the largest first:
        ``group`` (from 1), ``size, members`` (ids with commas between), and one column a roll call,
        named by its symbol (its id without one): ``yes, abstain, no`` or ``absent``.
    counts : DataFrame
        One row a roll call: ``roll_call, symbol, date, title`` (where known), and how many voted
        ``yes, abstain, no`` or were ``absent``.
    groups : DataFrame
        One row a member: ``member, group``.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    groups: pd.DataFrame

    def alike(self, member: str) -> list[str]:
        """Return the other members that cast the same votes as one, or an empty list."""
        group_of = self.groups.set_index("member")["group"]
        if member not in group_of:
            return []
        return [m for m in group_of.index[group_of == group_of[member]] if m != member]


def find_pattern(ballots: Ballots) -> Pattern:
    """Find who voted what, and the groups of members with the same votes.

    Answers: what happened? It is certain, and needs no similarity, bloc or probability.

    Parameters
    ----------
    ballots : Ballots
        Best of few roll calls: among many hardly two members have the same votes.

    Returns
    -------
    Pattern

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> pattern = find_pattern(ballots_from_matrix([[1, 3, 1], [1, 2, 1]], members=["A", "B", "C"]))
    >>> pattern.table.to_numpy().tolist()
    [[1, 2, 'A, C', 'yes', 'yes'], [2, 1, 'B', 'no', 'abstain']]
    >>> pattern.alike("C")
    ['A']
    """
    words = np.array(WORDS)[ballots.votes]
    calls = ballots.roll_calls.reindex(columns=["roll_call", "symbol", "date", "title"])
    symbols = calls["symbol"].where(calls["symbol"].notna(), calls["roll_call"])
    names = [str(symbol) for symbol in symbols]
    by_member = pd.DataFrame(words.T, columns=names, index=list(ballots.members))
    votes = [tuple(row) for row in words.T]
    sizes = pd.Series(votes).value_counts(sort=False)
    order = sorted(sizes.index, key=lambda row: (-sizes[row], votes.index(row)))
    number = {row: i for i, row in enumerate(order, 1)}
    groups = pd.DataFrame({"member": ballots.members, "group": [number[row] for row in votes]})
    members = groups.groupby("group")["member"].agg(", ".join)
    first = by_member.iloc[[votes.index(row) for row in order]].reset_index(drop=True)
    head = {"group": range(1, len(order) + 1), "size": [int(sizes[row]) for row in order]}
    table = pd.concat([pd.DataFrame(head).assign(members=members.tolist()), first], axis=1)
    counts = {word: (words == word).sum(axis=1) for word in ("yes", "abstain", "no", "absent")}
    return Pattern(table, calls.assign(**counts).reset_index(drop=True), groups)
