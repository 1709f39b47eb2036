"""Who votes with whom: joint counts of every dyad, measures on them, intervals, groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.resampling import FEW_BLOCKS, draw_weights

DISTANCES: Final = ("nominal", "linear", "quadratic")
"""How far two votes are apart: all alike, by steps, by steps squared (an abstention half-way)."""

CHANCES: Final = ("none", "own", "pooled", "small")
"""Expected disagreement: none taken, from each member's margins, from both, from few votes."""

DYADS_AT_ONCE: Final = 256

NO_SHARED: Final = "no shared roll call"
BELOW_MINIMUM: Final = "fewer shared roll calls than min_shared"
NO_EXPECTED: Final = "no disagreement expected (both always cast the same single vote)"


@dataclass(frozen=True)
class Measure:
    """A measure of a dyad: ``1 - factor * observed / expected disagreement``.

    Attributes
    ----------
    distances : tuple of str
        The distances it is defined for; a measure with one ignores what the caller asks.
    factor : float
        2 stretches 0..1 to -1..1.
    chance : str
        One of ``CHANCES``.
    sides_only : bool
        Whether roll calls are left out on which either member abstained.
    """

    distances: tuple[str, ...] = DISTANCES
    factor: float = 1.0
    chance: str = "none"
    sides_only: bool = False

    @property
    def is_share(self) -> bool:
        """Whether it is a mean over roll calls (no correction for chance)."""
        return self.chance == "none"


MEASURES: Final[dict[str, Measure]] = {
    "agreement": Measure(("nominal",)),
    "lijphart": Measure(("linear",)),
    "coincidence": Measure(("nominal",), sides_only=True),
    "s": Measure(factor=2.0),
    "kappa": Measure(chance="own"),
    "pi": Measure(chance="pooled"),
    "alpha": Measure(chance="small"),
}
"""Every measure, by the name that parameters, columns and figures use."""


class _Formula(NamedTuple):
    """What the kernels need of a measure at one distance and number of categories."""

    distance_name: str
    valid: NDArray[np.bool_]
    distance: NDArray[np.float64]
    factor: float
    chance: int


@dataclass(frozen=True)
class Similarity:
    """Similarity of every dyad of a selection, with what stands behind each number.

    Attributes
    ----------
    measure, distance : str
        The measure, and the distance that was used.
    members : tuple of str
        Ids in the order of rows and columns.
    values : DataFrame, members x members
        NaN where undefined or below ``min_shared``.
    n_shared : DataFrame of int
        Roll calls behind each value.
    low, high : DataFrame or None
        Interval at ``level``; None without a bootstrap.
    n_blocks : int
        Blocks of roll calls that were drawn.
    level : float
        Nominal coverage.
    replicates : int
        Replicates drawn; 0 without a bootstrap.
    undefined : DataFrame of int or None
        Replicates in which the measure was undefined, by dyad.
    missing : dict
        Reason -> number of dyads without a value.
    few_blocks : bool
        Whether there are fewer blocks than `helpers.resampling.FEW_BLOCKS`: too few to trust
        the intervals.
    """

    measure: str
    distance: str
    members: tuple[str, ...]
    values: pd.DataFrame
    n_shared: pd.DataFrame
    low: pd.DataFrame | None = None
    high: pd.DataFrame | None = None
    n_blocks: int = 0
    level: float = 0.95
    replicates: int = 0
    undefined: pd.DataFrame | None = None
    missing: dict[str, int] = field(default_factory=dict)
    few_blocks: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """One row a dyad: ``member_a, member_b, value, low, high, n_shared, blocks``."""
        first, second = np.triu_indices(len(self.members), 1)
        names = np.asarray(self.members, dtype=object)
        columns = {
            "member_a": names[first],
            "member_b": names[second],
            "value": self.values.to_numpy()[first, second],
            "low": np.nan if self.low is None else self.low.to_numpy()[first, second],
            "high": np.nan if self.high is None else self.high.to_numpy()[first, second],
            "n_shared": self.n_shared.to_numpy()[first, second],
            "blocks": self.n_blocks,
        }
        return pd.DataFrame(columns, index=pd.RangeIndex(first.size))

    def dyad(self, member_a: str, member_b: str) -> pd.Series:
        """Return one row of `table`, whichever way round the members are named.

        Raises
        ------
        SelectionError
            If a member is not in the selection, or both are the same.
        """
        for member in (member_a, member_b):
            if member not in self.members:
                raise SelectionError(must_be_one_of("member", member, self.members))
        if member_a == member_b:
            raise SelectionError(f"member: a dyad needs two members, but both are {member_a!r}")
        a, b = sorted((member_a, member_b), key=self.members.index)
        frames = {"value": self.values, "low": self.low, "high": self.high}
        row: dict[str, Any] = {"member_a": member_a, "member_b": member_b}
        row |= {name: np.nan if f is None else f.at[a, b] for name, f in frames.items()}
        row |= {"n_shared": int(self.n_shared.at[a, b]), "blocks": self.n_blocks}
        return pd.Series(row, name=f"{member_a}-{member_b}")


# --- counts -------------------------------------------------------------------------------------


class _Packed(NamedTuple):
    """Ballots as bits; see `helpers._kernels`."""

    positions: NDArray[np.int64]
    class_ends: NDArray[np.int64]
    class_weights: NDArray[np.float64]
    bits: NDArray[np.uint64]


def _pack(ballots: Ballots, weights: NDArray[np.float64]) -> _Packed:
    """Lay the roll calls out in words of 64 bits, one weight a word, and pack the votes."""
    from helpers import _kernels

    positions, ends = [], []
    for weight in np.unique(weights):
        rows = np.flatnonzero(weights == weight)
        padded = np.full(-(-rows.size // 64) * 64, -1, np.int64)
        padded[: rows.size] = rows
        positions.append(padded)
        ends.append(padded.size // 64)
    laid = np.concatenate(positions) if positions else np.zeros(0, np.int64)
    bits = _kernels.pack_votes(ballots.votes, laid, ballots.categories + 1)
    return _Packed(laid, np.cumsum(ends, dtype=np.int64), np.unique(weights), bits)


def joint_counts(ballots: Ballots) -> NDArray[np.int64]:
    """Count, for every dyad, the roll calls on which the first cast k and the second l.

    Every measure is computed from these counts. Roll calls are counted, not weighted.

    Parameters
    ----------
    ballots : Ballots
        Votes, roll calls x members.

    Returns
    -------
    int64 array, shape (members, members, K, K)
        Exact counts; axis 2 is the vote of the first member (yes, abstain, no; absent where that
        is a category), axis 3 that of the second. Roll calls that either missed are not counted.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 3], [1, 1], [2, 0]], members=["USA", "RUS"])
    >>> joint_counts(ballots)[0, 1].tolist()
    [[1, 0, 1], [0, 0, 0], [0, 0, 0]]
    """
    return _count(ballots, np.ones(len(ballots.votes)), np.dtype(np.int64))


def joint_weights(ballots: Ballots) -> NDArray[np.float64]:
    """Sum, for every dyad, the weights of the roll calls on which they cast k and l.

    As `joint_counts`, with each roll call counted by ``ballots.weights``.

    Returns
    -------
    float64 array, shape (members, members, K, K)
        Exact where the weights are whole numbers.
    """
    return _count(ballots, ballots.weights, np.dtype(np.float64))


def _count(ballots: Ballots, weights: NDArray[np.float64], kind: np.dtype[Any]) -> NDArray[Any]:
    from helpers import _kernels

    packed = _pack(ballots, weights)
    size, categories = len(ballots.members), ballots.categories
    out = np.zeros((size, size, categories, categories), kind)
    class_weights = packed.class_weights.astype(kind)
    _kernels.count_dyads(packed.bits[:, 1:], packed.class_ends, class_weights, out)
    return out


# --- measures -----------------------------------------------------------------------------------


def measure_counts(
    counts: NDArray[Any], measure: str = "pi", *, distance: str = "linear"
) -> NDArray[np.float64]:
    """Compute a measure of every dyad from its joint counts.

    Parameters
    ----------
    counts : array, shape (members, members, K, K)
        From `joint_counts` or `joint_weights`.
    measure : str
        One of ``MEASURES``.
    distance : str
        One of ``DISTANCES``; ignored by measures that have one distance only.

    Returns
    -------
    float64 array, shape (members, members)
        Range as in `measure_similarity`; NaN where undefined.

    Raises
    ------
    ParameterError
        If the measure or distance is unknown, or the distance does not apply.
    """
    from helpers import _kernels

    f = _formula(measure, distance, counts.shape[-1])
    return _kernels.evaluate_dyads(counts, f.valid, f.distance, f.factor, f.chance)


def _formula(measure: str, distance: str, categories: int) -> _Formula:
    """Resolve a measure and a distance, or say why they do not go together."""
    if measure not in MEASURES:
        raise ParameterError(must_be_one_of("measure", measure, MEASURES))
    if distance not in DISTANCES:
        raise ParameterError(must_be_one_of("distance", distance, DISTANCES))
    spec = MEASURES[measure]
    used = spec.distances[0] if len(spec.distances) == 1 else distance
    if categories > 3 and used != "nominal":
        raise ParameterError(
            f"distance: {used!r} (measure {measure!r}) puts the votes in an order, in which an "
            "absence that is a category has no place; use distance 'nominal' with agreement, s, "
            "kappa, pi or alpha, or the absence rule 'missing' or 'abstain'"
        )
    steps = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories)))
    table = {"nominal": (steps > 0) * 1.0, "linear": steps / 2, "quadratic": (steps / 2) ** 2}
    sides = np.isin(np.arange(categories), (0, 2)) | (not spec.sides_only)
    return _Formula(
        used, np.outer(sides, sides), table[used], spec.factor, CHANCES.index(spec.chance)
    )


def measure_similarity(
    ballots: Ballots, measure: str = "pi", *, distance: str = "linear", min_shared: int = 1
) -> Similarity:
    """Measure how alike every two members vote.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights.
    measure : str
        ``agreement`` (0..1, share of identical votes), ``lijphart`` (0..1, an abstention counts
        half), ``coincidence`` (0..1, identical among yes and no votes), ``s`` (-1..1),
        ``kappa``, ``pi``, ``alpha`` (at most 1; 0 is what chance gives).
    distance : str
        One of ``DISTANCES``, for ``s kappa pi alpha``; the others have one of their own.
    min_shared : int
        Fewest shared roll calls for a value.

    Returns
    -------
    Similarity
        Values without intervals. NaN where the dyad shares fewer than ``min_shared`` roll calls
        or no disagreement is expected; ``missing`` counts such dyads by reason.

    Raises
    ------
    ParameterError
        If the measure or distance is unknown, the distance does not apply, or ``min_shared`` is
        below 1.

    References
    ----------
    Lijphart (1963); Signorino and Ritter (1999); Cohen (1968); Scott (1955); Krippendorff
    (2004); Haege (2011), Political Analysis 19, on the correction for chance.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> votes = [[1, 1], [1, 3], [3, 3], [2, 2]]
    >>> ballots = ballots_from_matrix(votes, members=["USA", "ISR"])
    >>> float(measure_similarity(ballots, "agreement").dyad("USA", "ISR")["value"])
    0.75
    """
    if min_shared < 1:
        raise ParameterError(f"min_shared: {min_shared} must be 1 or more")
    formula = _formula(measure, distance, ballots.categories)
    values = measure_counts(joint_weights(ballots), measure, distance=distance)
    shared = joint_counts(ballots)[:, :, formula.valid].sum(axis=-1)
    missing = _count_missing(values, shared, min_shared)
    values[shared < min_shared] = np.nan
    return Similarity(
        measure=measure,
        distance=formula.distance_name,
        members=ballots.members,
        values=_square(values, ballots.members),
        n_shared=_square(shared, ballots.members),
        n_blocks=ballots.n_blocks,
        missing=missing,
        few_blocks=ballots.n_blocks < FEW_BLOCKS,
    )


def _square(values: NDArray[Any], members: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(values, index=list(members), columns=list(members))


def _count_missing(
    values: NDArray[np.float64], shared: NDArray[np.int64], min_shared: int
) -> dict[str, int]:
    """Count the dyads without a value by reason."""
    dyads = np.triu_indices(len(values), 1)
    value, n = values[dyads], shared[dyads]
    counts = {
        NO_SHARED: int((n == 0).sum()),
        BELOW_MINIMUM: int(((n > 0) & (n < min_shared)).sum()),
        NO_EXPECTED: int(((n >= min_shared) & np.isnan(value)).sum()),
    }
    return {reason: count for reason, count in counts.items() if count}


# --- replicates ---------------------------------------------------------------------------------


class _Replicator:
    """Measures of dyads in every replicate, from bits and bytes laid out once."""

    def __init__(self, ballots: Ballots, draws: NDArray[np.uint8], formulas: Sequence[_Formula]):
        from helpers import _kernels

        self.kernel = _kernels.replicate_dyads
        self.replicates = len(draws)
        self.packed = _pack(ballots, ballots.weights)
        self.draws = _lay_out_draws(draws, self.packed.positions, _kernels.CHUNK)
        self.group = max(1, 255 // max(1, int(draws.max(initial=0))))
        present = np.array(
            [(ballots.votes == k).sum(axis=0) for k in range(ballots.categories + 1)]
        )
        self.common = present.argmax(axis=0).astype(np.int64)
        _, class_ends, class_weights, bits = self.packed
        self.totals = _kernels.sum_members(bits, self.draws, class_ends, class_weights, self.group)
        self.formulas = (
            np.array([f.valid for f in formulas]),
            np.array([f.distance for f in formulas]),
            np.array([f.factor for f in formulas]),
            np.array([f.chance for f in formulas], np.int64),
        )

    def values(self, dyads: NDArray[np.int64]) -> NDArray[np.float32]:
        """Measures of ``dyads`` (n, 2) in every replicate: (n, measures, replicates)."""
        out = np.empty((len(dyads), len(self.formulas[0]), self.replicates), np.float32)
        _, class_ends, class_weights, bits = self.packed
        self.kernel(
            dyads, bits, self.common, self.draws, self.totals, class_ends, class_weights,
            self.group, *self.formulas, out,
        )  # fmt: skip
        return out


def _lay_out_draws(
    draws: NDArray[np.uint8], positions: NDArray[np.int64], chunk: int
) -> NDArray[np.uint8]:
    """Reorder draws (replicates, roll calls) to (chunks, positions, chunk), padded with 0."""
    chunks = -(-len(draws) // chunk)
    laid = np.zeros((chunks, positions.size, chunk), np.uint8)
    used = positions >= 0
    for c in range(chunks):
        part = draws[c * chunk : (c + 1) * chunk].T
        laid[c, used, : part.shape[1]] = part[positions[used]]
    return laid


def _chunk_dyads(size: int) -> Iterator[NDArray[np.int64]]:
    dyads = np.column_stack(np.triu_indices(size, 1)).astype(np.int64)
    for start in range(0, len(dyads), DYADS_AT_ONCE):
        yield dyads[start : start + DYADS_AT_ONCE]


def replicate_similarity(
    ballots: Ballots, draws: NDArray[np.uint8], measure: str = "pi", *, distance: str = "linear"
) -> NDArray[np.float32]:
    """Compute a measure of every dyad in every replicate of the roll calls.

    For consensus and stability: what the similarity matrix would be, had other blocks of roll
    calls been drawn.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights.
    draws : uint8 array, shape (replicates, n_roll_calls)
        From `helpers.resampling.draw_weights`.
    measure, distance : str
        As in `measure_similarity`.

    Returns
    -------
    float32 array, shape (replicates, dyads)
        Dyads in the order of ``numpy.triu_indices(members, 1)`` (scipy's condensed form); NaN
        where the measure is undefined in that replicate. Joint counts behind it are exact.

    Raises
    ------
    ParameterError
        As `measure_similarity`.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 1], [1, 3]], members=["USA", "ISR"])
    >>> draws = np.array([[1, 1], [0, 2]], np.uint8)
    >>> replicate_similarity(ballots, draws, "agreement").tolist()
    [[0.5], [0.0]]
    """
    formula = _formula(measure, distance, ballots.categories)
    size = len(ballots.members)
    out = np.empty((len(draws), size * (size - 1) // 2), np.float32)
    replicator = _Replicator(ballots, draws, [formula])
    start = 0
    for dyads in _chunk_dyads(size):
        out[:, start : start + len(dyads)] = replicator.values(dyads)[:, 0].T
        start += len(dyads)
    return out


def bootstrap_similarity(
    ballots: Ballots,
    measure: str = "pi",
    *,
    distance: str = "linear",
    min_shared: int = 1,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
    workers: int = 1,
) -> Similarity:
    """Measure similarity with an interval for every dyad, by a block bootstrap.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights and blocks.
    measure, distance, min_shared
        As in `measure_similarity`.
    replicates : int
        Bootstrap replicates.
    level : float
        Nominal coverage, between 0 and 1.
    seed : int
        Seed of the draws.
    workers : int
        Threads; the result is the same to the bit for any number.

    Returns
    -------
    Similarity
        With ``low``, ``high`` and ``undefined``.
    """
    point = measure_similarity(ballots, measure, distance=distance, min_shared=min_shared)
    formula = _formula(measure, distance, ballots.categories)
    draws = draw_weights(ballots.blocks, replicates, seed)
    replicator = _Replicator(ballots, draws, [formula])

    def summarise(dyads: NDArray[np.int64]) -> NDArray[np.float64]:
        values = replicator.values(dyads)[:, 0]
        tail = (1 - level) / 2
        with np.errstate(all="ignore"):
            low, high = np.nanquantile(values, [tail, 1 - tail], axis=1)
        return np.array([low, high, np.isnan(values).sum(axis=1)])

    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(summarise, _chunk_dyads(len(ballots.members))))
    low, high, undefined = np.concatenate(parts, axis=1)
    from dataclasses import replace

    def square(condensed: NDArray[Any], diagonal: float) -> pd.DataFrame:
        full = np.full((len(ballots.members),) * 2, diagonal)
        i, j = np.triu_indices(len(full), 1)
        full[i, j] = full[j, i] = condensed
        return _square(full, ballots.members)

    return replace(
        point,
        low=square(low, np.nan),
        high=square(high, np.nan),
        undefined=square(undefined, 0).astype(int),
        level=level,
        replicates=replicates,
    )
