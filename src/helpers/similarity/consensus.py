"""Similarity with consensus: what agreement is when texts adopted without a vote count as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from helpers.ballots import Ballots
from helpers.errors import ParameterError, must_be_one_of
from helpers.record import find_member, load_members
from helpers.similarity.measures import MEASURES, measure_similarity
from helpers.store import Shown

SHARES: Final = ("agreement", "lijphart")
"""Measures for which a text adopted without a vote is one more equal vote."""

WEIGHTS: Final = tuple(round(0.1 * i, 1) for i in range(11))


@dataclass(frozen=True, repr=False)
class ConsensusCurve(Shown):
    """Similarity of a dyad when a text adopted without a vote has some weight.

    Attributes
    ----------
    table : pandas.DataFrame
        ``weight value n_shared n_consensus``: the weight of such a text beside a recorded vote; the
        similarity with it (0 to 1; NaN where nothing is shared); the roll calls on which both
        voted; the texts adopted without a vote while both were members.
    member_a, member_b : str
        The dyad.
    measure : str
        One of ``SHARES``.
    """

    table: pd.DataFrame
    member_a: str
    member_b: str
    measure: str


def trace_consensus(
    ballots: Ballots,
    roll_calls: pd.DataFrame,
    member_a: str,
    member_b: str,
    *,
    measure: str = "agreement",
    weights: Sequence[float] = WEIGHTS,
) -> ConsensusCurve:
    """Trace the similarity of two members over the weight of texts adopted without a vote.

    Answers: how much of what we see of a dyad comes from looking at recorded votes only? With
    weight 0 it is the similarity on recorded votes, with weight 1 a text adopted without a vote
    counts as one on which both voted the same. Consensus is not agreement of each with each, so
    that the curve is a bound and no estimate.

    Parameters
    ----------
    ballots : Ballots
        The recorded votes of a selection.
    roll_calls : DataFrame
        All roll calls of the same selection, those without a vote among them
        (`helpers.ballots.select_roll_calls`).
    member_a, member_b : str
        Names or codes.
    measure : {"agreement", "lijphart"}
        What is counted on recorded votes.
    weights : sequence of float
        From 0 to 1.

    Returns
    -------
    ConsensusCurve
        ``(n value + w c) / (n + w c)`` for n shared roll calls (by their weights), c texts adopted
        without a vote while both were members, w the weight.

    Raises
    ------
    ParameterError
        Another measure, or a weight outside 0 to 1.
    SelectionError
        A member is not in the selection.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 3], [1, 1]], members=["USA", "FRA"])
    >>> day = pd.to_datetime(["2020-01-01"] * 2)
    >>> calls = pd.DataFrame({"date": day, "modality": "without a vote"})
    >>> trace_consensus(ballots, calls, "US", "FR", weights=[0, 1]).table["value"].tolist()
    [0.5, 0.75]
    """
    if measure not in SHARES:
        raise ParameterError(must_be_one_of("measure", measure, SHARES))
    wrong = [w for w in weights if not 0 <= w <= 1]
    if wrong:
        raise ParameterError(f"weights: {wrong[0]} must be between 0 and 1")
    a, b = (find_member(m, ballots.members) for m in (member_a, member_b))
    distance = MEASURES[measure].distances[0]
    row = measure_similarity(ballots, measure, distance=distance, min_shared=1).dyad(a, b)
    n = _shared_weight(ballots, a, b)
    c = _count_consensus(roll_calls, a, b)
    points = 0.0 if n == 0 else n * float(row["value"])
    values = [(points + w * c) / (n + w * c) if n + w * c > 0 else float("nan") for w in weights]
    table = pd.DataFrame({"weight": [float(w) for w in weights], "value": values})
    return ConsensusCurve(table.assign(n_shared=int(row["n_shared"]), n_consensus=c), a, b, measure)


def _shared_weight(ballots: Ballots, a: str, b: str) -> float:
    columns = [ballots.members.index(m) for m in (a, b)]
    both = (ballots.votes[:, columns] != 0).all(axis=1)
    return float(ballots.weights[both].sum())


def _count_consensus(roll_calls: pd.DataFrame, a: str, b: str) -> int:
    """Count the texts adopted without a vote on days on which both were members."""
    unvoted = roll_calls.loc[roll_calls["modality"].eq("without a vote"), "date"].dropna()
    inside = [_member_on(member, unvoted) for member in (a, b)]
    return int(np.logical_and(*inside).sum())


def _member_on(member: str, days: pd.Series) -> np.ndarray:
    from helpers.record import seat_of

    periods = load_members()
    periods = periods[periods["member"].eq(seat_of(member))]
    inside = np.zeros(len(days), dtype=bool)
    ends = periods["to"].fillna(pd.Timestamp("2262-01-01"))
    for first, last in zip(periods["from"], ends, strict=True):
        inside |= days.between(first, last).to_numpy()
    return inside
