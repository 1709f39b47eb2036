"""The engine below `helpers.similarity`: dyads counted, drawn again and summed by block.

It knows votes as bits and measures as arrays (`Formula`); names, parameters and results are the
business of `helpers.similarity`. The compiled kernels are imported on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.similarity import intervals

CHANCES: Final = ("none", "own", "pooled", "small")
"""Expected disagreement: none taken, from each member's margins, from both, from few votes."""

TINY: Final = 1e-9


class Formula(NamedTuple):
    """What the kernels need of a measure at one distance and number of categories."""

    distance_name: str
    valid: NDArray[np.bool_]
    distance: NDArray[np.float64]
    factor: float
    chance: int


class _Packed(NamedTuple):
    """Ballots as bits; see `helpers.similarity.kernels`."""

    positions: NDArray[np.int64]
    class_ends: NDArray[np.int64]
    class_weights: NDArray[np.float64]
    bits: NDArray[np.uint64]


def _pack(ballots: Ballots, weights: NDArray[np.float64]) -> _Packed:
    """Lay the roll calls out in words of 64 bits, one weight a word, and pack the votes."""
    from helpers.similarity import kernels as _kernels

    positions, ends = [], []
    for weight in np.unique(weights):
        rows = np.flatnonzero(weights == weight)
        padded = np.full(-(-rows.size // 64) * 64, -1, np.int64)
        padded[: rows.size] = rows
        positions.append(padded)
        ends.append(padded.size // 64)
    laid = np.concatenate(positions) if positions else np.zeros(0, np.int64)
    words = _kernels.pack_votes(ballots.votes, laid, ballots.categories + 1)
    bits = np.ascontiguousarray(words.transpose(2, 1, 0))
    return _Packed(laid, np.cumsum(ends, dtype=np.int64), np.unique(weights), bits)


def count_joint(ballots: Ballots, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weight of the roll calls by dyad and votes: (members, members, K, K).

    Exact where the weights are whole numbers.
    """
    from helpers.similarity import kernels as _kernels

    packed = _pack(ballots, weights)
    size, categories = len(ballots.members), ballots.categories
    out = np.zeros((size, size, categories, categories))
    bits = np.ascontiguousarray(packed.bits[:, 1:])
    _kernels.count_dyads(bits, packed.class_ends, packed.class_weights, out)
    return out


def evaluate_tables(
    tables: NDArray[np.float64], formulas: Sequence[Formula]
) -> NDArray[np.float64]:
    """Measure joint counts laid out side by side (K, K, n): (measures, n), NaN where undefined."""
    out = np.empty((len(formulas), tables.shape[2]))
    known: dict[Any, tuple[NDArray[np.float64], ...]] = {}
    for row, f in zip(out, formulas, strict=True):
        if f.chance == 0 and len(tables) > 3:
            row[:] = _mean_score(tables, f)
            continue
        margins = CHANCES[f.chance].replace("small", "pooled")
        key = (f.valid.tobytes(), margins)
        if key not in known:
            counted = tables if f.valid.all() else np.where(f.valid[:, :, None], tables, 0.0)
            known[key] = _sum_by_steps(counted, margins)
        total, observed, expected = known[key]
        unlike, chance = f.distance[0, 1:] @ observed, total
        if f.chance != 0:
            chance = f.distance[0, 1:] @ expected
            unlike *= total - 0.5 if CHANCES[f.chance] == "small" else total
        defined = chance >= TINY if f.chance == 0 else chance > TINY * total**2
        with np.errstate(all="ignore"):
            row[:] = np.where(defined, 1.0 - f.factor * unlike / chance, np.nan)
    return out


def _mean_score(tables: NDArray[np.float64], formula: Formula) -> NDArray[np.float64]:
    """Measure a share whose votes have no order of steps (K, K, n): (n,), NaN where undefined."""
    counted = np.where(formula.valid[:, :, None], tables, 0.0)
    total = counted.sum(axis=(0, 1))
    unlike = np.einsum("kl,kln->n", formula.distance, counted)
    with np.errstate(all="ignore"):
        return np.where(total >= TINY, 1.0 - formula.factor * unlike / total, np.nan)


def _sum_by_steps(
    tables: NDArray[np.float64], margins: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sum counts in all (n,), and by how many steps two votes are apart (K - 1, n).

    The third is the same of the counts that chance gives, times all of them, under `CHANCES`.
    """
    places = range(len(tables))
    first, second = tables.sum(axis=1), tables.sum(axis=0)
    if margins == "pooled":
        first = second = (first + second) / 2
    observed, expected = np.zeros((2, len(tables) - 1, tables.shape[2]))
    for k in places:
        for m in places:
            if k != m:
                observed[abs(k - m) - 1] += tables[k, m]
                if margins != "none":
                    expected[abs(k - m) - 1] += first[k] * second[m]
    return first.sum(axis=0), observed, expected


class Replicator:
    """Measures of dyads in every replicate, from bits and bytes laid out once."""

    def __init__(
        self,
        ballots: Ballots,
        draws: NDArray[np.uint8],
        formulas: Sequence[Formula],
        smoothing: NDArray[np.float64] | None = None,
    ):
        from helpers.similarity import kernels as _kernels

        self.kernel = _kernels.replicate_dyads
        self.replicates = len(draws)
        packed = _pack(ballots, ballots.weights)
        bits, kind = packed.bits, _choose_type(draws, ballots.weights)
        classes = (packed.class_ends, packed.class_weights.astype(kind))
        laid = _lay_out_draws(draws, packed.positions)
        group = max(1, 255 // max(1, int(draws.max(initial=0))))
        totals = _kernels.sum_members(bits, laid, *classes, group)
        drawn = np.maximum(totals.sum(axis=2), TINY)
        absent = (totals[:, :, 0] / drawn).max(axis=(0, 2))
        self.counted = (bits, _find_common(ballots), laid, totals, absent, *classes, group)
        self.formulas = (
            np.array([f.valid for f in formulas]),
            np.array([f.distance for f in formulas]),
            np.array([f.factor for f in formulas]),
            np.array([f.chance for f in formulas], np.int64),
        )
        if smoothing is None:
            smoothing = np.zeros((1, ballots.categories, ballots.categories))
        self.extra = lay_out_smoothing(smoothing, *laid.shape[::2])
        self.least = kind.type(TINY if kind.kind == "f" else 1)

    def evaluate(self, dyads: NDArray[np.int64]) -> NDArray[np.float32]:
        """Measures of ``dyads`` (n, 2) in every replicate, shape (n, measures, replicates)."""
        scales = np.zeros((len(dyads), len(self.formulas[0])))
        return self._run(dyads, scales, np.zeros(0, np.int64), self.replicates)[0]

    def select(
        self, dyads: NDArray[np.int64], scales: NDArray[np.float64], ranks: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Replicates of some ranks (0 the lowest), shape (n, measures, ranks), and undefined ones.

        ``scales`` (n, measures) times the smoothing is added to the counts; what is counted as
        undefined (n, measures) is so without it. The ranks of shares are left NaN.
        """
        return self._run(dyads, scales, ranks, ranks.size)

    def _run(
        self,
        dyads: NDArray[np.int64],
        scales: NDArray[np.float64],
        ranks: NDArray[np.int64],
        depth: int,
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        out = np.full((*scales.shape, depth), np.nan, np.float32)
        undefined = np.zeros(scales.shape, np.int64)
        smoothed = (self.extra, scales, self.least, ranks, self.replicates)
        self.kernel(dyads, *self.counted, *self.formulas, *smoothed, out, undefined)
        return out, undefined


def _find_common(ballots: Ballots) -> NDArray[np.int64]:
    """Return what each member did most often: a category, or 0 for missing."""
    counts = [(ballots.votes == k).sum(axis=0) for k in range(ballots.categories + 1)]
    return np.argmax(counts, axis=0).astype(np.int64)


def _lay_out_draws(draws: NDArray[np.uint8], positions: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Reorder draws (replicates, roll calls) to (chunks, positions, width), padded with 0."""
    from helpers.similarity import kernels as _kernels

    width = _kernels.WIDTH
    chunks = -(-len(draws) // width)
    laid = np.zeros((chunks, positions.size, width), np.uint8)
    used = positions >= 0
    for c in range(chunks):
        part = draws[c * width : (c + 1) * width].T
        laid[c, used, : part.shape[1]] = part[positions[used]]
    return laid


def _choose_type(draws: NDArray[np.uint8], weights: NDArray[np.float64]) -> np.dtype[Any]:
    """Choose the type of sums of weights: whole numbers of 16 bits where they all fit.

    The largest sum is that of both members' votes in one replicate.
    """
    whole = bool((weights == np.rint(weights)).all())
    largest = 2 * np.einsum("rc,c->r", draws, weights).max(initial=0.0)
    return np.dtype(np.int16 if whole and largest < 2**15 else np.float64)


def lay_out_smoothing(
    smoothing: NDArray[np.float64], chunks: int, width: int
) -> NDArray[np.float64]:
    """Lay out what smoothing (replicates, K, K) adds to the sums that the kernels form.

    Returns
    -------
    array, shape (chunks, 11 or K * K, width)
        Of three categories: the margins of both together, the cells a step and two steps apart,
        the margins of the first and of the second; else the cells. 0 past the last replicate.
    """
    rows = smoothing.reshape(len(smoothing), -1)
    if smoothing.shape[1] == 3:
        first, second = smoothing.sum(axis=2), smoothing.sum(axis=1)
        beside, apart = rows[:, [1, 3, 5, 7]].sum(axis=1), rows[:, [2, 6]].sum(axis=1)
        rows = np.column_stack([first + second, beside, apart, first, second])
    padded = np.zeros((chunks * width, rows.shape[1]))
    padded[: len(rows)] = rows
    shaped = padded.reshape(chunks, width, rows.shape[1])
    return np.ascontiguousarray(shaped.transpose(0, 2, 1))


class BlockSummer:
    """Sums of influences and weights of dyads by block.

    A block of one roll call needs no sum of its own: what it adds follows from joint counts. Only
    the roll calls of larger blocks (of all blocks, where weights differ) are walked through, laid
    out block by block.
    """

    def __init__(self, ballots: Ballots):
        from helpers.similarity import kernels

        self.kernels = kernels
        sizes = np.bincount(ballots.blocks)
        alone = (sizes[ballots.blocks] == 1) & (ballots.weights == 1).all()
        order = np.flatnonzero(~alone)[np.argsort(ballots.blocks[~alone], kind="stable")]
        self.votes = np.ascontiguousarray(ballots.votes[order].T.astype(np.uint8))
        self.weights = ballots.weights[order]
        walked = np.bincount(ballots.blocks[order], minlength=1)
        self.ends = np.cumsum(walked[walked > 0]).astype(np.int64)
        self.alone = count_joint(ballots.take(roll_calls=alone), np.ones(int(alone.sum())))

    def _lay_out(
        self, formula: Formula, cells: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], tuple[Any, ...]]:
        """Return what a roll call in each cell adds (n, K, K), and what the kernels take."""
        table = weigh_cells(formula, cells)
        valid = np.pad(formula.valid.astype(np.float64), ((1, 0), (1, 0)))
        padded = np.pad(table, ((0, 0), (1, 0), (1, 0)))
        return table, (self.votes, self.weights, self.ends, padded, valid)

    def sum(
        self, dyads: NDArray[np.int64], formula: Formula, cells: NDArray[np.float64]
    ) -> intervals.BlockSums:
        """Sum for dyads (n, 2) and one measure; ``cells`` (n, K, K) are their joint weights."""
        table, laid = self._lay_out(formula, cells)
        out = np.empty((len(dyads), len(intervals.BlockSums._fields)))
        self.kernels.sum_blocks(dyads, *laid, out)
        alone = np.where(formula.valid, self.alone[dyads[:, 0], dyads[:, 1]], 0.0)
        count = alone.sum(axis=(1, 2))
        square = (alone * table**2).sum(axis=(1, 2))
        above = np.where(table > TINY, alone, 0.0).sum(axis=(1, 2))
        below = np.where(table < -TINY, alone, 0.0).sum(axis=(1, 2))
        added = (count, square, square, count, count, count, count, above, below)
        return intervals.BlockSums(*(out + np.column_stack(added)).T)

    def weigh(
        self,
        dyads: NDArray[np.int64],
        formula: Formula,
        cells: NDArray[np.float64],
        sums: intervals.BlockSums,
        correlation: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Independent votes that blocks are worth, and the shift of the mean: (n,) each."""
        table, laid = self._lay_out(formula, cells)
        with np.errstate(all="ignore"):
            units = np.nan_to_num(sums.weight / sums.weight2)
        out = np.empty((len(dyads), 2))
        self.kernels.weigh_blocks(dyads, *laid, units, correlation, out)
        alone = np.where(formula.valid, self.alone[dyads[:, 0], dyads[:, 1]], 0.0)
        size = out[:, 0] + alone.sum(axis=(1, 2))
        shift = out[:, 1] + (alone * table).sum(axis=(1, 2))
        return size, shift / np.maximum(size, TINY)


def weigh_cells(formula: Formula, cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh what a roll call in each cell adds to the measure: (n, K, K), 0 where nothing.

    The first derivative of the measure in the share of each cell, centred so that it sums to 0
    over the dyad's roll calls.
    """
    d, valid = formula.distance, formula.valid
    categories = len(d)
    with np.errstate(all="ignore"):
        if formula.chance == 0:
            influence = np.broadcast_to(-formula.factor * d, cells.shape)
        else:
            influence = _derive_corrected(formula, cells + 2.0 / categories**2)
        kept = np.where(valid, cells, 0.0)
        total = kept.sum(axis=(1, 2))
        centre = (kept * influence).sum(axis=(1, 2)) / total
    return np.where(valid, np.nan_to_num(influence - centre[:, None, None]), 0.0)


def _derive_corrected(formula: Formula, cells: NDArray[np.float64]) -> NDArray[np.float64]:
    """First derivative of ``1 - observed / expected`` in the share of each cell."""
    d = formula.distance
    p = cells / cells.sum(axis=(1, 2), keepdims=True)
    rows, columns = p.sum(axis=2), p.sum(axis=1)
    if CHANCES[formula.chance] != "own":
        rows = columns = (rows + columns) / 2
    by_row, by_column = columns @ d, rows @ d
    expected = (rows * by_row).sum(axis=1)[:, None, None]
    observed = (p * d).sum(axis=(1, 2))[:, None, None]
    moved = by_row[:, :, None] + by_column[:, None, :] - 2 * expected
    return -((d - observed) - observed / expected * moved) / expected


def scale_smoothing(
    formula: Formula, sums: intervals.BlockSums, correlation: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much smoothing a dyad gets: none for a share, else one independent roll call."""
    if formula.chance == 0:
        return np.zeros(len(sums.weight))
    with np.errstate(all="ignore"):
        mean_weight = np.nan_to_num(sums.weight2 / sums.weight)
    return np.asarray(intervals.measure_design_effect(sums, correlation) * mean_weight)


def bound_corrected(
    formula: Formula, sums: intervals.BlockSums, quantiles: NDArray[np.float32], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of a measure corrected for chance, from quantiles (n, 3) of its replicates.

    With margins taken together (pi, alpha) the observed disagreement is at most twice the expected
    one, by the triangle inequality through a third vote, so that no value is below -1.
    """
    low, high = intervals.spread_quantiles(quantiles, sums, level)
    pooled = CHANCES[formula.chance] in ("pooled", "small")
    return (np.where(low < -1.0, -1.0, low) if pooled else low), high


def bound_shares(
    formula: Formula,
    cells: NDArray[np.float64],
    sums: intervals.BlockSums,
    worth: tuple[NDArray[np.float64], NDArray[np.float64]],
    level: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of a share, from its joint weights (n, K, K) and what its blocks are worth."""
    kept = np.where(formula.valid, cells, 0.0)
    with np.errstate(all="ignore"):
        score = 1.0 - (kept * formula.distance).sum(axis=(1, 2)) / kept.sum(axis=(1, 2))
    sums = sums._replace(
        influence2=sums.influence2 / formula.factor**2,
        block_influence2=sums.block_influence2 / formula.factor**2,
    )
    size, shift = worth
    low, high = intervals.bound_mean_score(score, sums, size, shift / formula.factor, level)
    return 1.0 - formula.factor * (1.0 - low), 1.0 - formula.factor * (1.0 - high)
