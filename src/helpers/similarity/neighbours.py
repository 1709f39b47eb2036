"""Who votes most and least like a member, among those that can be compared with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.errors import ParameterError
from helpers.record import find_member
from helpers.similarity.measures import Similarity, measure_similarity
from helpers.store import Plotted

LEAST_EXPOSURE: Final = 0.5
"""A member that shares fewer of the focus' votes than this is not ranked with the others."""


@dataclass(frozen=True, repr=False)
class MemberRanking(Plotted):
    """Members from the most to the least like one, and those that cannot be ranked with them.

    Attributes
    ----------
    table : DataFrame
        One row a comparable member with a value, the most alike first, ties by name: ``member``;
        ``rank`` (1 the nearest; equal values have one rank); ``tied`` (members of that value);
        ``value, low, high, n_shared``; ``exposure`` (share of the focus' votes that it shares).
    apart : DataFrame
        The other members with a value: ``member, value, low, high, n_shared, exposure``, and with
        ballots ``beside`` (the nearest comparable member) and ``beside_value`` (its value on the
        roll calls that the focus and this member share).
    focus : str
        Whom they are compared with.
    measure, distance : str
        What the values are.
    n_votes : int
        Votes of the focus.
    least_exposure : float
        Share of them that a comparable member shares.
    """

    table: pd.DataFrame
    apart: pd.DataFrame
    focus: str
    measure: str
    distance: str
    n_votes: int
    least_exposure: float

    def ends(self, count: int = 5) -> pd.DataFrame:
        """Return the rows of ``table`` at both ends, with ``end`` (nearest, farthest) in front.

        At most ``count`` rows an end; where ``tied`` is larger than the rows shown of a value,
        others have it too.
        """
        near = self.table.head(count).assign(end="nearest")
        far = self.table.sort_values(["value", "member"]).head(count).assign(end="farthest")
        both = pd.concat([near, far], ignore_index=True)
        return both[["end", *self.table.columns]]


def rank_members(
    similarity: Similarity,
    focus: str,
    *,
    least_exposure: float = LEAST_EXPOSURE,
    ballots: Ballots | None = None,
) -> MemberRanking:
    """Rank members by how alike they vote with one, like compared with like.

    Answers: who votes most and who least like this member, among those that were there?

    Parameters
    ----------
    similarity : Similarity
        With intervals if it comes from `helpers.similarity.bootstrap_similarity`.
    focus : str
        Member, by name or id.
    least_exposure : float
        Members that share a smaller part of the focus' votes stand apart, 0 to 1: a member that
        was there for a few votes is near or far by what these were about.
    ballots : Ballots, optional
        What the similarity was measured on; then members that stand apart are set beside the
        nearest comparable one on the same roll calls.

    Returns
    -------
    MemberRanking

    Raises
    ------
    SelectionError
        If the member is not in the selection.
    ParameterError
        If ``least_exposure`` is not between 0 and 1.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> votes = [[1, 1, 0], [1, 1, 0], [1, 3, 0], [1, 1, 1]]
    >>> similarity = measure_similarity(
    ...     ballots_from_matrix(votes, members=list("ABC")), "s", min_shared=1
    ... )
    >>> found = rank_members(similarity, "A")
    >>> found.table["member"].tolist(), found.apart["member"].tolist()
    (['B'], ['C'])
    """
    focus = find_member(focus, similarity.members)
    if not 0 <= least_exposure <= 1:
        raise ParameterError(f"least_exposure: {least_exposure} must be between 0 and 1")
    place = similarity.members.index(focus)
    n_votes = int(similarity.n_shared.to_numpy()[place, place])
    rows = _list_others(similarity, focus).assign(
        exposure=lambda x: x["n_shared"] / max(n_votes, 1)
    )
    comparable = rows["exposure"] >= least_exposure
    table, apart = (rows[part].reset_index(drop=True) for part in (comparable, ~comparable))
    ranks = table["value"].rank(method="min", ascending=False).astype("int64")
    table.insert(1, "rank", ranks)
    table.insert(2, "tied", ranks.map(ranks.value_counts()).astype("int64"))
    if ballots is not None and len(table):
        apart = _set_beside(apart, table["member"].iloc[0], ballots, similarity, focus)
    spec = (focus, similarity.measure, similarity.distance, n_votes, least_exposure)
    return MemberRanking(table, apart, *spec)


def _list_others(similarity: Similarity, focus: str) -> pd.DataFrame:
    """Rows of all others that have a value with the focus, the most alike first."""
    rows = similarity.table
    rows = rows[(rows["member_a"] == focus) | (rows["member_b"] == focus)].dropna(subset="value")
    other = rows["member_b"].where(rows["member_a"] == focus, rows["member_a"])
    # Equal values that were computed from other counts may differ in their last bits.
    rows = rows.assign(member=other, value=rows["value"].round(12))
    ranked = rows.sort_values(["value", "member"], ascending=[False, True], ignore_index=True)
    return ranked[["member", "value", "low", "high", "n_shared"]]


def _set_beside(
    apart: pd.DataFrame, nearest: str, ballots: Ballots, similarity: Similarity, focus: str
) -> pd.DataFrame:
    """Add the value of the nearest comparable member on the roll calls of each that is apart."""
    votes: NDArray[np.int8] = ballots.votes
    column = {member: i for i, member in enumerate(ballots.members)}
    values = []
    for member in apart["member"]:
        shared = (votes[:, column[focus]] > 0) & (votes[:, column[member]] > 0)
        some = ballots.take(roll_calls=shared, members=[focus, nearest])
        measured = measure_similarity(
            some, similarity.measure, distance=similarity.distance, min_shared=1
        )
        values.append(float(measured.dyad(focus, nearest)["value"]))
    return apart.assign(beside=nearest, beside_value=values)


def percentile_of_dyad(similarity: Similarity, member_a: str, member_b: str) -> float:
    """Say how many of all dyads with as many votes are less alike than one.

    Returns
    -------
    float
        0 to 100, a whole number: the share of the other dyads that share at least as many roll
        calls whose value is lower, rounded down, so that 100 says that all are. 0 says that
        fewer than one in a hundred is lower. NaN where the dyad has no value or there is no
        other.

    Raises
    ------
    SelectionError
        As `Similarity.dyad`.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 1, 3], [1, 1, 1]], members=["A", "B", "C"])
    >>> similarity = measure_similarity(ballots, "agreement", min_shared=1)
    >>> percentile_of_dyad(similarity, "A", "B"), percentile_of_dyad(similarity, "A", "C")
    (100.0, 0.0)
    """
    mine = similarity.dyad(member_a, member_b)
    upper = np.triu_indices(len(similarity.members), 1)
    values = similarity.values.to_numpy()[upper]  # noqa: PD011
    counted = ~np.isnan(values) & (similarity.n_shared.to_numpy()[upper] >= mine["n_shared"])
    others = int(counted.sum()) - 1
    if np.isnan(mine["value"]) or others < 1:
        return float("nan")
    lower = int((values[counted] < mine["value"] - 1e-12).sum())
    return float(100 * lower // others)
