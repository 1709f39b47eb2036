"""Intervals for numbers made of votes that come in blocks; how well they cover is measured.

Two kinds (`docs/intervals.md` has their coverage): for a share, a Beta interval on the number of
independent votes that the blocks are worth; for a measure corrected for chance, a block bootstrap
smoothed by one vote spread over all cells, so that its width is never zero. What votes of one
block are worth is learned from all dyads of the selection together: a dyad alone cannot tell, and
at 0 or 1 it says nothing about it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

PRIOR: Final = 0.25
"""Half way between Jeffreys' interval (1/2) and that of Clopper and Pearson (0)."""

SMOOTHING: Final = 1.0
"""Votes that the smoothed bootstrap adds to a dyad, in all."""

LEAST_EFFECTIVE: Final = 3.0
"""A share of votes worth fewer blocks than this has no interval."""

LEAST_CORRECTED: Final = 12.0
"""The same for a measure corrected for chance: with fewer its interval would be nearly all."""

WIDENING: Final = 1.08
"""The bounds of a measure corrected for chance are drawn this much further apart: without, some
cells of `docs/intervals.md` are at 89 to 92%."""

UNKNOWN_CORRELATION: Final = 0.5
UNKNOWN_BLOCKS: Final = 2.0
"""What is believed of the correlation within blocks before any vote, and for how many blocks."""

POOLED_BLOCKS: Final = 10.0
"""For how many blocks of its own the correlation of all dyads counts in that of one dyad."""

SPREAD_VOTES: Final = 10.0
"""For how many votes it counts that scores may vary as much as 0 and 1 do."""


class BlockSums(NamedTuple):
    """What the intervals need of each number's roll calls; arrays of one shape.

    Attributes
    ----------
    weight : array
        Sum of the roll calls' weights.
    influence2, block_influence2 : array
        Sums of squares of what each roll call, and each block, adds to the number.
    weight2, block_weight2, block_weight3 : array
        Sums of squares of the weights of roll calls and of blocks, and of cubes of blocks'.
    blocks, above, below : array
        Blocks with a shared roll call; those that pull the number up, and down.
    """

    weight: FloatArray
    influence2: FloatArray
    block_influence2: FloatArray
    weight2: FloatArray
    block_weight2: FloatArray
    block_weight3: FloatArray
    blocks: FloatArray
    above: FloatArray
    below: FloatArray

    @property
    def effective(self) -> FloatArray:
        """Blocks of equal size that these are worth: (sum s)^2 / sum s^2 (Kish 1965)."""
        with np.errstate(all="ignore"):
            return np.asarray(np.nan_to_num(self.weight**2 / self.block_weight2))


def sum_blocks(influence: FloatArray, weights: FloatArray, blocks: NDArray[np.int64]) -> BlockSums:
    """Sum one number's influences and weights over roll calls and over blocks.

    Parameters
    ----------
    influence : array, shape (n_roll_calls,)
        What each roll call adds to the number, times its weight; they sum to 0.
    weights : array, shape (n_roll_calls,)
        Weights; 0 where the roll call does not count.
    blocks : array of int, shape (n_roll_calls,)
        Block of each roll call.
    """
    by_block = np.bincount(blocks, influence)
    weight = np.bincount(blocks, weights)
    sums = (
        weights.sum(), (influence**2).sum(), (by_block**2).sum(), (weights**2).sum(),
        (weight**2).sum(), (weight**3).sum(), (weight > 0).sum(), (by_block > 1e-9).sum(),
        (by_block < -1e-9).sum(),
    )  # fmt: skip
    return BlockSums(*(np.asarray(x, np.float64) for x in sums))


# --- how alike votes of one block are -----------------------------------------------------------


def _balance_correlation(sums: BlockSums) -> tuple[FloatArray, FloatArray]:
    """Two sides whose quotient is the correlation: (numbers,) each, sums of squares times votes.

    With unit weights, n votes, blocks of s_b, A = sum s_b^2, B = sum s_b^3 and correlation r, the
    expected sums of squares of centred votes are, for one variance,
    by roll call ``(n - 1) - (A - n) / n * r`` and
    by block ``n - A / n + ((A - n) - 2 (B - A) / n + A (A - n) / n^2) * r``.
    """
    with np.errstate(all="ignore"):
        unit = np.nan_to_num(sums.weight / sums.weight2)
        n, a = unit * sums.weight, unit**2 * sums.block_weight2
        b = unit**3 * sums.block_weight3
        alone, alone_slope = n - 1, -(a - n) / n
        block, block_slope = n - a / n, (a - n) - 2 * (b - a) / n + a * (a - n) / n**2
    by_roll_call, by_block = unit**2 * sums.influence2, unit**2 * sums.block_influence2
    above = np.nan_to_num(by_block * alone - by_roll_call * block)
    below = np.nan_to_num(by_roll_call * block_slope - by_block * alone_slope)
    return above, below


def _known_blocks(sums: BlockSums) -> FloatArray:
    """Blocks that contradict others: what a number says about the correlation in its blocks."""
    return np.minimum(sums.above, sums.below)


def pool_correlation(sums: BlockSums, members: int) -> float:
    """Estimate how alike votes of one block are, from all dyads of a selection together.

    Parameters
    ----------
    sums : BlockSums
        Of all dyads, arrays (dyads,).
    members : int
        Members that the dyads are of; a member is in ``members - 1`` of them, and what they say
        counts once.

    Returns
    -------
    float
        Correlation of votes within a block, 0 (independent) to 1 (all votes of a block are one):
        the moment estimate, drawn towards `UNKNOWN_CORRELATION` where few blocks contradict each
        other.

    References
    ----------
    Donner (1986), International Statistical Review 54, on the analysis of variance estimate.

    Examples
    --------
    >>> votes = np.array([0.5, 0.5, -0.5, -0.5] * 6)
    >>> sums = sum_blocks(votes, np.ones(24), np.arange(24) // 2)
    >>> round(pool_correlation(sums, 2), 2)
    0.88
    """
    above, below = (float(side.sum()) for side in _balance_correlation(sums))
    found = min(max(above / below, 0.0), 1.0) if below > 0 else UNKNOWN_CORRELATION
    known = float(_known_blocks(sums).sum()) / max(members - 1, 1) if below > 0 else 0.0
    return (known * found + UNKNOWN_BLOCKS * UNKNOWN_CORRELATION) / (known + UNKNOWN_BLOCKS)


def share_correlation(sums: BlockSums, pooled: float) -> FloatArray:
    """Correlation within blocks of each number: its own, drawn towards that of all dyads.

    Its own counts for as many blocks as contradict others, the pooled one for `POOLED_BLOCKS`.
    """
    above, below = _balance_correlation(sums)
    with np.errstate(all="ignore"):
        own = np.where(below > 1e-12, np.clip(above / below, 0.0, 1.0), pooled)
    known = _known_blocks(sums)
    return np.asarray((known * own + POOLED_BLOCKS * pooled) / (known + POOLED_BLOCKS))


def measure_design_effect(sums: BlockSums, correlation: FloatArray) -> FloatArray:
    """How many dependent roll calls are worth one: 1 (independent) to a block's size (all alike).

    ``1 + (m - 1) r``, with m the mean size of the block that a roll call is in.

    References
    ----------
    Kish (1965), Survey Sampling, chapter 5.
    """
    with np.errstate(all="ignore"):
        size = np.maximum(np.nan_to_num(sums.block_weight2 / sums.weight2), 1.0)
    return np.asarray(1.0 + (size - 1.0) * correlation)


def weigh_blocks(
    influence: FloatArray, weights: FloatArray, blocks: NDArray[np.int64], correlation: float
) -> tuple[float, float]:
    """Weigh one number's blocks by what each is worth.

    Parameters
    ----------
    influence, weights, blocks
        As in `sum_blocks`.
    correlation : float
        Correlation of votes within a block.

    Returns
    -------
    size, shift : float
        Independent votes that the blocks are worth, the sum of s / (1 + (s - 1) r) over blocks of
        s votes; and how far the mean with these weights is from the plain one.

    Examples
    --------
    >>> blocks = np.repeat(np.arange(5), [9, 6, 4, 1, 1])
    >>> round(weigh_blocks(np.zeros(21), np.ones(21), blocks, 0.48)[0], 2)
    7.26
    """
    weight = np.bincount(blocks, weights)
    by_block = np.bincount(blocks, influence)[weight > 0]
    weight = weight[weight > 0]
    size = weight * weights.sum() / max((weights**2).sum(), 1e-300)
    worth = size / (1.0 + np.maximum(size - 1.0, 0.0) * correlation)
    total = max(float(worth.sum()), 1e-300)
    return float(worth.sum()), float((worth * by_block / weight).sum() / total)


# --- bounds -------------------------------------------------------------------------------------


def choose_tails(sums: BlockSums, level: float) -> FloatArray:
    """Probability to leave out on each side: less with few blocks, as Student's t has it.

    Where every roll call is its own block there is no variance between blocks to estimate, and
    the tail is ``(1 - level) / 2``.
    """
    from scipy import special

    tail = (1.0 - level) / 2.0
    clustered = sums.block_weight2 > sums.weight2 * (1 + 1e-9)
    freedom = np.maximum(sums.effective - 1.0, 1.0)
    return np.where(clustered, special.ndtr(special.stdtrit(freedom, tail)), tail)


def bound_share(share: Any, size: Any, tail: Any) -> tuple[FloatArray, FloatArray]:
    """Interval of a share from the number of independent roll calls behind it.

    Parameters
    ----------
    share : array
        Between 0 and 1.
    size : array
        Independent roll calls, need not be whole.
    tail : array
        Probability to leave out on each side.

    Returns
    -------
    low, high : arrays
        0 <= low <= share <= high <= 1, never of zero width.

    Notes
    -----
    Quantiles of Beta(x + c, n - x + 1 - c) and Beta(x + 1 - c, n - x + c), c = 1/4: Jeffreys'
    interval has c = 1/2, Clopper and Pearson's c = 0. Over n = 10 to 500 and p = 0.02 to 0.98
    the coverage of nominal 95% is 92.3% at least and 96% on average (Jeffreys: 86.8% and 95%).

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16, on the family.

    Examples
    --------
    >>> low, high = bound_share(0.0, 21, 0.025)
    >>> float(low), round(float(high), 3)
    (0.0, 0.138)
    """
    from scipy import special

    p, n, q = (np.asarray(x, np.float64) for x in (share, size, tail))
    x = p * n
    low = special.betaincinv(x + PRIOR, n - x + 1 - PRIOR, q)
    high = special.betaincinv(x + 1 - PRIOR, n - x + PRIOR, 1 - q)
    low = np.minimum(np.where(x <= 1e-9, 0.0, low), p)
    high = np.maximum(np.where(x >= n - 1e-9, 1.0, high), p)
    return low, high


def bound_mean_score(
    score: FloatArray, sums: BlockSums, size: FloatArray, shift: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Interval of a mean of scores between 0 and 1 (a share where each score is 0 or 1).

    Parameters
    ----------
    score : array
        Plain means; the interval holds them.
    sums : BlockSums
        Of the scores.
    size, shift : array
        Independent votes that the blocks are worth, and how far the mean by that is from the
        plain one (`weigh_blocks`). The size is raised where scores vary less than 0 and 1 would
        (an abstention is half-way), as far as that is known.
    level : float
        Nominal coverage.

    Returns
    -------
    low, high : arrays
        NaN where the blocks are worth fewer than `LEAST_EFFECTIVE`.
    """
    with np.errstate(all="ignore"):
        most = score * (1 - score)
        seen = np.nan_to_num(sums.influence2 / sums.weight2)
        variance = (size * seen + SPREAD_VOTES * most) / (size + SPREAD_VOTES)
        spread = np.where(variance > 1e-12, np.maximum(most / variance, 1.0), 1.0)
    centre = np.clip(score + shift, 0.0, 1.0)
    low, high = bound_share(centre, size * spread, (1.0 - level) / 2.0)
    few = sums.effective < LEAST_EFFECTIVE - 1e-9
    return (
        np.where(few, np.nan, np.minimum(low, score)),
        np.where(few, np.nan, np.maximum(high, score)),
    )


def draw_smoothing(categories: int, replicates: int, seed: int) -> FloatArray:
    """Draw what the smoothed bootstrap adds to each cell of each replicate's joint counts.

    Returns
    -------
    array, shape (replicates, categories, categories)
        Gamma with shape ``SMOOTHING / categories**2``: a replicate gets ``SMOOTHING`` votes in
        all, mostly in one or two cells.
    """
    rng = np.random.default_rng([seed, categories])
    shape = SMOOTHING / categories**2
    return rng.gamma(shape, size=(replicates, categories, categories))


def choose_ranks(replicates: int, level: float) -> NDArray[np.int64]:
    """Ranks (0 the lowest) of the lower quantile, the median and the upper quantile.

    Examples
    --------
    >>> choose_ranks(999, 0.95).tolist()
    [24, 499, 974]
    """
    first = max(int((1 - level) / 2 * (replicates + 1)) - 1, 0)
    return np.array([first, replicates // 2, replicates - 1 - first], np.int64)


def spread_quantiles(
    quantiles: NDArray[Any], sums: BlockSums, level: float
) -> tuple[FloatArray, FloatArray]:
    """Interval from the quantiles of a smoothed bootstrap at `choose_ranks`, shape (numbers, 3).

    They are drawn apart from the median by what Student's t is wider than the normal with as
    many blocks, and by what a bootstrap of so few blocks is too narrow. NaN where the blocks are
    worth fewer than `LEAST_CORRECTED`.
    """
    from scipy import special

    low, median, high = np.asarray(quantiles, np.float64).T
    blocks = np.maximum(sums.effective, 2.0)
    wider = special.ndtri(choose_tails(sums, level)) / special.ndtri((1 - level) / 2)
    wider = WIDENING * wider * np.sqrt(blocks / (blocks - 1))
    wider = np.where(sums.effective < LEAST_CORRECTED - 1e-9, np.nan, wider)
    return median - (median - low) * wider, median + (high - median) * wider
