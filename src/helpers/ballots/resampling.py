"""Seeded draws by roll call or block, and the null of votes permuted within roll calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.ballots.select import Ballots
from helpers.errors import ParameterError
from helpers.record import MISSING

FEW_BLOCKS: Final = 12
"""Votes worth fewer blocks of equal size than this say little, and results warn of it."""

ROWS_AT_ONCE: Final = 100


def draw_weights(blocks: ArrayLike, replicates: int, seed: int) -> NDArray[np.uint8]:
    """Draw bootstrap weights: how often each roll call is drawn in each replicate.

    Blocks are drawn with replacement, as many as there are; all roll calls of a block come
    together. The same seed gives the same bits, and the first replicates do not depend on how
    many follow, so that any split over workers gives the same result.

    Parameters
    ----------
    blocks : array-like of int, shape (n_roll_calls,)
        Block of each roll call, 0 to ``n_blocks - 1``.
    replicates : int
        Number of replicates, at least 1.
    seed : int
        Seed of the draws, not negative.

    Returns
    -------
    uint8 array, shape (replicates, n_roll_calls)
        Multiplicities. Each row's sum over one roll call a block is the number of blocks.

    Raises
    ------
    ParameterError
        If ``replicates`` is below 1 or ``seed`` is negative.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 8.

    Examples
    --------
    >>> draw_weights([0, 0, 1], replicates=3, seed=1).tolist()
    [[1, 1, 1], [0, 0, 2], [2, 2, 0]]
    """
    if replicates < 1:
        raise ParameterError(f"replicates: {replicates} must be 1 or more")
    if seed < 0:
        raise ParameterError(f"seed: {seed} must be 0 or more")
    labels = np.asarray(blocks, dtype=np.int64)
    n_blocks = int(labels.max()) + 1 if labels.size else 0
    rng = np.random.default_rng(seed)
    weights = np.empty((replicates, labels.size), np.uint8)
    for start in range(0, replicates if n_blocks else 0, ROWS_AT_ONCE):
        rows = weights[start : start + ROWS_AT_ONCE]
        drawn = rng.integers(n_blocks, size=(len(rows), n_blocks))
        drawn += np.arange(len(rows))[:, None] * n_blocks
        counts = np.bincount(drawn.ravel(), minlength=len(rows) * n_blocks)
        bytes_ = np.minimum(counts, 255).astype(np.uint8).reshape(len(rows), n_blocks)
        np.take(bytes_, labels, axis=1, out=rows)
    return weights


def permute_within_roll_calls(ballots: Ballots, seed: int) -> Ballots:
    """Return ballots whose votes are shuffled among the members of each roll call.

    The null of "no structure": each roll call keeps its totals, each member keeps the roll
    calls that it missed, and who voted with whom is chance.

    Parameters
    ----------
    ballots : Ballots
        Votes to shuffle. Code 0 (missing) stays where it is; every other code is shuffled.
    seed : int
        Seed of the shuffle, not negative.

    Returns
    -------
    Ballots
        The same selection with other votes.

    Raises
    ------
    ParameterError
        If ``seed`` is negative.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 3, 0, 1]], members=["A", "B", "C", "D"])
    >>> sorted(permute_within_roll_calls(ballots, seed=1).votes[0].tolist())
    [0, 1, 1, 3]
    """
    if seed < 0:
        raise ParameterError(f"seed: {seed} must be 0 or more")
    votes = ballots.votes
    missing = votes == MISSING
    keys = np.random.default_rng(seed).random(votes.shape)
    keys[missing] = 2.0  # after every vote
    shuffled = np.take_along_axis(votes, np.argsort(keys, axis=1), axis=1)
    permuted = np.empty_like(votes)
    places = np.argsort(missing, axis=1, kind="stable")
    np.put_along_axis(permuted, places, shuffled, axis=1)
    return replace(ballots, votes=permuted)
