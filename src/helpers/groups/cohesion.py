"""Similarity of a member with a group and of two groups; how closely a group holds together.

On each roll call every pair of members counts alike and each roll call counts once, whoever was
there; intervals are those of a dyad (`helpers.similarity.intervals`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import FEW_BLOCKS, Ballots, draw_weights
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.record import ABSTAIN, NO, YES, find_member
from helpers.similarity import (
    TINY,
    BlockSums,
    Formula,
    bound_corrected,
    bound_mean_score,
    bound_shares,
    choose_ranks,
    draw_smoothing,
    measure_counts,
    resolve_formula,
    scale_smoothing,
    share_correlation,
    sum_blocks,
    weigh_blocks,
    weigh_cells,
)

GROUP_CORRELATION: Final = 1.0
"""How alike a group's votes of one block are believed to be: what divides a group is what the
votes are about, so that those of one item are one, until its blocks contradict each other."""

LEAST_EFFECTIVE: Final = 8.0
"""What is measured of a group on votes worth fewer blocks than this has no interval."""

COHESION_INDICES: Final = ("rice", "agreement_index")
"""Rice (1925): abs(yes - no) / (yes + no); Hix, Noury and Roland (2005): all three votes."""


@dataclass(frozen=True)
class GroupResult:
    """One number about a group or groups, with its interval.

    Attributes
    ----------
    measure : str
        What was measured.
    value, low, high : float
        NaN where undefined; bounds also where the votes are worth too few blocks for any.
    n_shared : int
        Roll calls behind it.
    n_blocks : int
        Blocks of roll calls behind it.
    effective_blocks : float
        Blocks of equal size that they are worth.
    few_blocks : bool
        Whether that is fewer than `helpers.ballots.FEW_BLOCKS`.
    """

    measure: str
    value: float
    low: float
    high: float
    n_shared: int
    n_blocks: int
    effective_blocks: float
    few_blocks: bool


def similarity_with_group(
    ballots: Ballots,
    member: str,
    group: Sequence[str],
    measure: str = "pi",
    *,
    distance: str = "linear",
    min_shared: int = 1,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> GroupResult:
    """Measure how alike a member and the members of a group vote.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights and blocks.
    member : str
        Member id; where it belongs to the group, it is compared with the others.
    group : sequence of str
        Member ids.
    measure, distance, min_shared, replicates, level, seed
        As in `helpers.similarity.bootstrap_similarity`.

    Returns
    -------
    GroupResult
        The measure of the joint votes, averaged over the pairs of each roll call.

    Raises
    ------
    SelectionError
        If a member is not in the ballots.
    ParameterError
        As `helpers.similarity.bootstrap_similarity`.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 1, 3], [1, 1, 1]], members=["A", "B", "C"])
    >>> similarity_with_group(ballots, "A", ["B", "C"], "agreement").value
    0.75
    """
    return similarity_of_groups(
        ballots,
        [member],
        group,
        measure,
        distance=distance,
        min_shared=min_shared,
        replicates=replicates,
        level=level,
        seed=seed,
    )


def similarity_of_groups(
    ballots: Ballots,
    group_a: Sequence[str],
    group_b: Sequence[str],
    measure: str = "pi",
    *,
    distance: str = "linear",
    min_shared: int = 1,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> GroupResult:
    """Measure how alike the members of two groups vote.

    Parameters
    ----------
    ballots, measure, distance, min_shared, replicates, level, seed
        As in `similarity_with_group`.
    group_a, group_b : sequence of str
        Member ids. Who belongs to both is not compared with itself; a group with itself gives
        the similarity inside it.

    Returns
    -------
    GroupResult
        As `similarity_with_group`.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 1, 3, 3], [1, 1, 1, 3]], members=list("ABCD"))
    >>> similarity_of_groups(ballots, ["A", "B"], ["C", "D"], "agreement").value
    0.25
    """
    formula = resolve_formula(measure, distance, ballots.categories, ballots.absence)
    tables = _join_votes(ballots, group_a, group_b) * ballots.weights[:, None, None]
    counts = tables.sum(axis=0)
    measured = measure_counts(
        counts[None, None], measure, distance=distance, absence=ballots.absence
    )
    value = float(measured[0, 0])
    weights = tables[:, formula.valid].sum(axis=1)
    influence = (tables * weigh_cells(formula, counts[None])).sum(axis=(1, 2))
    sums = BlockSums(*(np.atleast_1d(x) for x in sum_blocks(influence, weights, ballots.blocks)))
    n_shared = int((weights > TINY).sum())
    if n_shared < min_shared:
        value = float("nan")
    together = share_correlation(sums, GROUP_CORRELATION)
    if formula.chance:
        scale = float(scale_smoothing(formula, sums, together)[0])
        values = _replicate(ballots, tables, formula, measure, scale, replicates, seed)
        quantiles = np.sort(values, axis=1)[:, choose_ranks(replicates, level)]
        low, high = bound_corrected(formula, sums, quantiles, level)
    else:
        size, shift = weigh_blocks(influence, weights, ballots.blocks, float(together[0]))
        worth = np.array([size]), np.array([shift])
        low, high = bound_shares(formula, counts[None], sums, worth, level)
    return _finish(measure, value, float(low[0]), float(high[0]), n_shared, sums)


def _finish(
    measure: str, value: float, low: float, high: float, n: int, sums: BlockSums
) -> GroupResult:
    """Close the interval around the value; NaN without one."""
    effective = float(np.sum(sums.effective))
    if np.isnan(value) or effective < LEAST_EFFECTIVE - 1e-9:
        low = high = float("nan")
    else:
        low, high = min(low, value), min(max(high, value), 1.0)
    blocks = int(np.sum(sums.blocks))
    return GroupResult(measure, value, low, high, n, blocks, effective, effective < FEW_BLOCKS)


def _find_columns(ballots: Ballots, members: Sequence[str]) -> list[int]:
    if not members:
        raise SelectionError("group: it has no members")
    found = [find_member(member, ballots.members) for member in members]
    return [ballots.members.index(member) for member in dict.fromkeys(found)]


def _join_votes(
    ballots: Ballots, group_a: Sequence[str], group_b: Sequence[str]
) -> NDArray[np.float64]:
    """Share of the pairs of each roll call by their two votes: (n_roll_calls, K, K)."""
    a, b = _find_columns(ballots, group_a), _find_columns(ballots, group_b)
    codes = np.arange(1, ballots.categories + 1)
    cast = (ballots.votes[:, :, None] == codes).astype(np.float64)
    pairs = np.einsum("rk,rl->rkl", cast[:, a].sum(axis=1), cast[:, b].sum(axis=1))
    both = cast[:, sorted(set(a) & set(b))].sum(axis=1)
    pairs -= np.eye(ballots.categories) * both[:, :, None]
    total = pairs.sum(axis=(1, 2), keepdims=True)
    return np.divide(pairs, total, out=np.zeros_like(pairs), where=total > 0)


def _replicate(
    ballots: Ballots,
    tables: NDArray[np.float64],
    formula: Formula,
    measure: str,
    scale: float,
    replicates: int,
    seed: int,
) -> NDArray[np.float32]:
    """Smoothed replicates of a measure of pooled tables: (1, replicates)."""
    draws = draw_weights(ballots.blocks, replicates, seed).astype(np.float64)
    counts = np.tensordot(draws, tables, axes=1)
    counts += scale * draw_smoothing(ballots.categories, replicates, seed)
    used = formula.distance_name if formula.distance_name else "linear"
    values = measure_counts(counts[None], measure, distance=used, absence=ballots.absence)
    return values.astype(np.float32)


def measure_cohesion(
    ballots: Ballots,
    group: Sequence[str],
    index: str = "agreement_index",
    *,
    level: float = 0.95,
) -> GroupResult:
    """Measure how closely a group holds together, on average over roll calls.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights and blocks.
    group : sequence of str
        Member ids.
    index : str
        One of ``COHESION_INDICES``.
    level : float
        Nominal coverage.

    Returns
    -------
    GroupResult
        0 (split evenly) to 1 (all alike). Roll calls on which fewer than two members of the
        group cast a vote that the index counts are left out.

    Raises
    ------
    ParameterError
        If the index is unknown.
    SelectionError
        If a member is not in the ballots.

    References
    ----------
    Rice (1925), Political Science Quarterly 40; Hix, Noury and Roland (2005), British Journal of
    Political Science 35: AI = (max(Y, N, A) - (Y + N + A - max(Y, N, A)) / 2) / (Y + N + A).

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 1, 3], [2, 2, 2]], members=["A", "B", "C"])
    >>> measure_cohesion(ballots, ["A", "B", "C"]).value
    0.75
    """
    scores = cohesion_by_roll_call(ballots, group)[
        index if index in COHESION_INDICES else _refuse(index)
    ]
    counted = scores.notna().to_numpy()
    weights = np.where(counted, ballots.weights, 0.0)
    score = scores.fillna(0.0).to_numpy()
    value = float(weights @ score / weights.sum()) if counted.any() else float("nan")
    influence = weights * (score - value) if counted.any() else np.zeros(len(weights))
    sums = sum_blocks(influence, weights, ballots.blocks)
    together = float(share_correlation(sums, GROUP_CORRELATION))
    size, shift = weigh_blocks(influence, weights, ballots.blocks, together)
    worth = np.asarray(size), np.asarray(shift)
    low, high = bound_mean_score(np.asarray(value), sums, *worth, level)
    return _finish(index, value, float(low), float(high), int(counted.sum()), sums)


def _refuse(index: str) -> str:
    raise ParameterError(must_be_one_of("index", index, COHESION_INDICES))


def cohesion_by_roll_call(ballots: Ballots, group: Sequence[str]) -> pd.DataFrame:
    """Cohesion of a group on each roll call.

    Returns
    -------
    pandas.DataFrame
        One row a roll call: ``roll_call, rice, agreement_index, unanimous, voting``; an index is
        NaN where fewer than two members cast a vote that it counts. ``unanimous``: whether all
        that voted, two or more, cast the same vote.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 1, 3], [2, 2, 2]], members=["A", "B", "C"])
    >>> table = cohesion_by_roll_call(ballots, ["A", "B", "C"])
    >>> table["agreement_index"].tolist(), table["unanimous"].tolist()
    ([0.5, 1.0], [False, True])
    """
    votes = ballots.votes[:, _find_columns(ballots, group)]
    yes, abstain, no = ((votes == code).sum(axis=1) for code in (YES, ABSTAIN, NO))
    sides, voting = yes + no, yes + abstain + no
    most = np.maximum(np.maximum(yes, no), abstain)
    with np.errstate(all="ignore"):
        rice = np.where(sides >= 2, np.abs(yes - no) / sides, np.nan)
        agreement = np.where(voting >= 2, (most - (voting - most) / 2) / voting, np.nan)
    unanimous = (voting >= 2) & (most == voting)
    table = {"rice": rice, "agreement_index": agreement, "unanimous": unanimous, "voting": voting}
    return pd.DataFrame({"roll_call": ballots.roll_calls["roll_call"].to_numpy(), **table})
