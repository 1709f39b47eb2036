"""Who votes with whom: joint counts of every dyad, measures on them, intervals, groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import FEW_BLOCKS, Ballots, draw_weights
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.record import find_member
from helpers.similarity import intervals
from helpers.similarity.dyads import (
    CHANCES,
    BlockSummer,
    Formula,
    Replicator,
    bound_corrected,
    bound_shares,
    count_joint,
    evaluate_tables,
    scale_smoothing,
)
from helpers.similarity.presets import PRESETS
from helpers.store import Shown

DISTANCES: Final = ("nominal", "linear", "quadratic")
"""How far two votes are apart: all alike, by steps, by steps squared (an abstention half-way)."""

DYADS_AT_ONCE: Final = 2048

NO_SHARED: Final = "no shared roll call"
BELOW_MINIMUM: Final = "fewer shared roll calls than min_shared"
NO_EXPECTED: Final = "no disagreement expected (both always cast the same single vote)"


@dataclass(frozen=True)
class Measure:
    """A measure of a dyad, all that is known of it: ``1 - factor * observed / expected``.

    Attributes
    ----------
    words : str
        What it is, to follow its name and a colon.
    distances : tuple of str
        The distances it is defined for; a measure with one ignores what the caller asks.
    factor : float
        2 stretches 0..1 to -1..1.
    chance : str
        One of ``CHANCES``.
    sides_only : bool
        Whether roll calls are left out on which either member abstained.
    label : str
        What figures and sentences call it; empty: its name.
    crossed : bool
        Whether it is among the reasonable choices that a multiverse crosses by default.
    absence : str
        The absence rule that it needs; empty: any.
    """

    words: str
    distances: tuple[str, ...] = DISTANCES
    factor: float = 1.0
    chance: str = "none"
    sides_only: bool = False
    label: str = ""
    crossed: bool = True
    absence: str = ""

    @property
    def is_share(self) -> bool:
        """Whether it is a mean over roll calls (no correction for chance)."""
        return self.chance == "none"

    @property
    def takes_distance(self) -> bool:
        """Whether the caller chooses the distance between two votes."""
        return len(self.distances) > 1

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest value; one corrected for chance is drawn from -1 on."""
        return (0.0, 1.0) if self.is_share and self.factor == 1.0 else (-1.0, 1.0)


_OUR_MEASURES: Final[dict[str, Measure]] = {
    "agreement": Measure("the share of equal votes", ("nominal",), label="raw agreement"),
    "lijphart": Measure("equal votes, an abstention beside yes or no counting half", ("linear",)),
    "coincidence": Measure(
        "equal votes among those in which neither abstained",
        ("nominal",),
        sides_only=True,
        crossed=False,  # leaves out what the others count: another question, not another choice
    ),
    "s": Measure(
        "1 less twice the mean distance of the votes",
        factor=2.0,
        crossed=False,  # with linear distance it is lijphart stretched, and divides as that does
    ),
    "kappa": Measure("agreement beyond what each member's own habits give by chance", chance="own"),
    "pi": Measure("agreement beyond what both members' habits give by chance", chance="pooled"),
    "alpha": Measure("as pi, corrected for few votes", chance="small"),
}

MEASURES: Final[dict[str, Measure]] = _OUR_MEASURES | {
    name: replace(
        _OUR_MEASURES[preset.measure],
        words=preset.what,
        distances=(preset.distance,),
        label="",
        crossed=False,  # a measure of ours by another name
        absence=preset.absence,
    )
    for name, preset in PRESETS.items()
}
"""Every measure and preset, by the name that parameters, columns and figures use: one row has all
of it."""


def describe_measure(measure: str, distance: str) -> str:
    """Name a measure as it was used, with the distance where the caller chooses one.

    Examples
    --------
    >>> describe_measure("pi", "linear"), describe_measure("agreement", "nominal")
    ('pi with linear distance', 'raw agreement')
    """
    name = MEASURES[measure].label or measure
    return f"{name} with {distance} distance" if MEASURES[measure].takes_distance else name


@dataclass(frozen=True, repr=False)
class Similarity(Shown):
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
        Interval at ``level``, NaN where the dyad's votes are worth too few blocks for one; None
        without a bootstrap. What happened is certain: the interval is about how likely the same
        is again.
    n_blocks : int
        Blocks of roll calls that were drawn.
    effective_blocks : float
        Blocks of equal size that they are worth: (sum s)^2 / sum s^2.
    level : float
        Nominal coverage.
    replicates : int
        Replicates drawn; 0 without a bootstrap.
    undefined : DataFrame of int or None
        Replicates in which the measure was undefined, by dyad.
    missing : dict
        Reason -> number of dyads without a value.
    few_blocks : bool
        Whether the blocks are worth fewer than `helpers.ballots.FEW_BLOCKS`.
    correlation : float
        How alike votes of one block are, over all dyads: 0 (independent) to 1 (all votes of a
        block are one); NaN without intervals.
    warnings : tuple of str
        Sentences that a report must show: few blocks, and dyads without an interval and why.
    min_shared : int
        Fewest shared roll calls for a value.
    seed : int
        Seed of the draws.
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
    min_shared: int = 1
    seed: int = 1
    effective_blocks: float = float("nan")
    correlation: float = float("nan")
    warnings: tuple[str, ...] = ()

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
        member_a, member_b = (find_member(m, self.members) for m in (member_a, member_b))
        if member_a == member_b:
            raise SelectionError(f"member: a dyad needs two members, but both are {member_a!r}")
        a, b = sorted((member_a, member_b), key=self.members.index)
        frames = {"value": self.values, "low": self.low, "high": self.high}
        row: dict[str, Any] = {"member_a": member_a, "member_b": member_b}
        row |= {name: np.nan if f is None else f.loc[a, b] for name, f in frames.items()}
        row |= {"n_shared": self.n_shared.loc[a, b], "blocks": self.n_blocks}
        return pd.Series(row, name=f"{member_a}-{member_b}")


# --- counts -------------------------------------------------------------------------------------


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
    return count_joint(ballots, np.ones(len(ballots.votes))).astype(np.int64)


def joint_weights(ballots: Ballots) -> NDArray[np.float64]:
    """Sum, for every dyad, the weights of the roll calls on which they cast k and l.

    As `joint_counts`, with each roll call counted by ``ballots.weights``.

    Returns
    -------
    float64 array, shape (members, members, K, K)
        Exact where the weights are whole numbers.
    """
    return count_joint(ballots, ballots.weights)


# --- measures -----------------------------------------------------------------------------------


def measure_counts(
    counts: NDArray[Any], measure: str = "pi", *, distance: str = "linear", absence: str = ""
) -> NDArray[np.float64]:
    """Compute a measure from joint counts of two members' votes.

    Parameters
    ----------
    counts : array, shape (..., K, K)
        One table or many, such as those of `joint_counts` or `joint_weights`.
    measure : str
        One of ``MEASURES``.
    distance : str
        One of ``DISTANCES``; ignored by measures that have one distance only.
    absence : str
        The absence rule of the ballots that were counted; empty: ``missing`` where K is 3,
        ``category`` where it is 4.

    Returns
    -------
    float64 array, shape (...)
        Range as in `measure_similarity`; NaN where undefined.

    Raises
    ------
    ParameterError
        If the measure or distance is unknown, or the distance does not apply.
    """
    formula = resolve_formula(measure, distance, counts.shape[-1], absence)
    return evaluate_tables(_lay_out(counts), [formula])[0].reshape(counts.shape[:-2])


def _lay_out(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Tables (..., K, K) side by side: (K, K, n)."""
    flat = counts.reshape(-1, *counts.shape[-2:])
    return np.ascontiguousarray(flat.transpose(1, 2, 0), dtype=np.float64)


def resolve_formula(measure: str, distance: str, categories: int, absence: str = "") -> Formula:
    """Resolve a measure and a distance, or say why they do not go together.

    ``absence`` is the rule of the ballots; empty: ``missing`` or ``category``, by ``categories``.
    """
    used, spec = choose_distance(measure, distance), MEASURES[measure]
    rule = absence or ("missing" if categories == 3 else "category")
    _check_absence(measure, used, rule)
    steps = np.abs(np.subtract.outer(np.arange(categories), np.arange(categories)))
    halves = (steps / 2).astype(np.float64)
    table = {"nominal": (steps > 0).astype(np.float64), "linear": halves, "quadratic": halves**2}
    apart = table[used]
    if rule == "half":
        apart[-1, :] = apart[:, -1] = 0.5
    sides = np.isin(np.arange(categories), (0, 2)) | (not spec.sides_only)
    return Formula(used, np.outer(sides, sides), apart, spec.factor, CHANCES.index(spec.chance))


def choose_distance(measure: str, distance: str) -> str:
    """Return the distance that a measure uses: the one asked for, or the only one it has.

    Raises
    ------
    ParameterError
        There is no such measure or distance.

    Examples
    --------
    >>> choose_distance("pi", "nominal"), choose_distance("lijphart", "nominal")
    ('nominal', 'linear')
    """
    if measure not in MEASURES:
        raise ParameterError(must_be_one_of("measure", measure, MEASURES))
    if distance not in DISTANCES:
        raise ParameterError(must_be_one_of("distance", distance, DISTANCES))
    spec = MEASURES[measure]
    return distance if spec.takes_distance else spec.distances[0]


def _check_absence(measure: str, distance: str, rule: str) -> None:
    """Say why a measure can't be computed from ballots of an absence rule, if it can't."""
    spec = MEASURES[measure]
    if spec.absence and rule != spec.absence:
        raise ParameterError(
            f"absence: {rule!r} does not go with the preset {measure!r}, which is published with "
            f"absence {spec.absence!r}; build the ballots with that"
        )
    if rule == "half" and not (spec.is_share and distance == "linear"):
        raise ParameterError(
            f"absence: 'half' counts an absence as half a point, for which {measure!r} with "
            f"distance {distance!r} has no place; use lijphart, or s with distance 'linear'"
        )
    if rule == "category" and distance != "nominal":
        raise ParameterError(
            f"distance: {distance!r} (measure {measure!r}) puts the votes in an order, in which an "
            "absence that is a category has no place; use distance 'nominal' with agreement, s, "
            "kappa, pi or alpha, or the absence rule 'missing' or 'abstain'"
        )


def measure_similarity(
    ballots: Ballots, measure: str = "pi", *, distance: str = "linear", min_shared: int = 5
) -> Similarity:
    """Measure how alike every two members vote.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights.
    measure : str
        ``agreement`` (0..1, share of identical votes), ``lijphart`` (0..1, an abstention counts
        half), ``coincidence`` (0..1, identical among yes and no votes), ``s`` (-1..1),
        ``kappa``, ``pi``, ``alpha`` (at most 1; 0 is what chance gives); or a preset, which names
        a published definition (`helpers.similarity.presets_table`).
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
    >>> float(measure_similarity(ballots, "agreement", min_shared=1).dyad("USA", "ISR")["value"])
    0.75
    """
    return measure_all(ballots, [(measure, distance)], min_shared=min_shared)[0]


def measure_all(
    ballots: Ballots, measures: Sequence[tuple[str, str]], *, min_shared: int = 5
) -> list[Similarity]:
    """Measure several similarities from one count of the votes.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights.
    measures : sequence of (measure, distance)
        What `measure_similarity` takes; `list_measures` gives all that apply.
    min_shared : int
        Fewest shared roll calls for a value.

    Returns
    -------
    list of Similarity
        One a measure, each equal to what `measure_similarity` returns for it.

    Raises
    ------
    ParameterError
        As `measure_similarity`.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 1], [1, 3]], members=["USA", "ISR"])
    >>> [found.measure for found in measure_all(ballots, [("s", "linear"), ("pi", "nominal")])]
    ['s', 'pi']
    """
    if min_shared < 1:
        raise ParameterError(f"min_shared: {min_shared} must be 1 or more")
    formulas = [resolve_formula(*pair, ballots.categories, ballots.absence) for pair in measures]
    counts = joint_counts(ballots)
    weighted = counts if (ballots.weights == 1).all() else joint_weights(ballots)
    pairs = _Pairs(ballots.members)
    counted = _lay_out(counts[pairs.first, pairs.second])
    tables = counted
    if weighted is not counts:
        tables = _lay_out(weighted[pairs.first, pairs.second])
    shared: dict[bytes, tuple[NDArray[np.int64], pd.DataFrame]] = {}
    found = []
    worth, n_blocks, warnings = ballots.effective_blocks, ballots.n_blocks, _warn_of_blocks(ballots)
    values = evaluate_tables(tables, formulas)
    for (measure, _), formula, row in zip(measures, formulas, values, strict=True):
        key = formula.valid.tobytes()
        if key not in shared:
            n_shared = np.rint(counted[formula.valid].sum(axis=0)).astype(np.int64)
            shared[key] = n_shared, pairs.square(n_shared)
        point = _make_point(pairs, measure, formula, row, *shared[key], min_shared)
        found.append(
            replace(
                point,
                n_blocks=n_blocks,
                effective_blocks=worth,
                few_blocks=worth < FEW_BLOCKS,
                warnings=warnings,
            )
        )
    return found


def _make_point(
    pairs: _Pairs,
    measure: str,
    formula: Formula,
    values: NDArray[np.float64],
    shared: NDArray[np.int64],
    n_shared: pd.DataFrame,
    min_shared: int,
) -> Similarity:
    """Make the result of one measure from its values and shared roll calls by pair i <= j."""
    missing = _count_missing(values[pairs.apart], shared[pairs.apart], min_shared)
    values = np.where(shared < min_shared, np.nan, values)
    return Similarity(
        measure=measure,
        distance=formula.distance_name,
        members=pairs.members,
        values=pairs.square(values),
        n_shared=n_shared,
        missing=missing,
        min_shared=min_shared,
    )


def _warn_of_blocks(ballots: Ballots) -> tuple[str, ...]:
    """Say where votes are worth few blocks."""
    count, worth = ballots.n_blocks, ballots.effective_blocks
    if worth >= FEW_BLOCKS:
        return ()
    blocks = "1 block" if count == 1 else f"{count} blocks"
    sizes = "" if count - worth < 0.05 else f", worth {worth:.1f} of equal size"
    return (
        f"the votes are in {blocks}{sizes}, and say little about how likely the same is again "
        f"(below {FEW_BLOCKS})",
    )


def list_measures(categories: int = 3) -> list[tuple[str, str]]:
    """List every measure with every distance that applies to it; presets are among them.

    Parameters
    ----------
    categories : int
        3, or 4 where absence is a category: then no measure that orders the votes applies.

    Examples
    --------
    >>> len(list_measures()), len(list_measures(4))
    (15, 6)
    """
    pairs = [(name, d) for name, measure in _OUR_MEASURES.items() for d in measure.distances]
    return [pair for pair in pairs if categories == 3 or pair[1] == "nominal"]


class _Pairs:
    """Pairs of members i <= j, and tables of numbers by pair laid out as squares."""

    def __init__(self, members: tuple[str, ...]):
        self.members = members
        self.first, self.second = np.triu_indices(len(members))
        self.apart = np.flatnonzero(self.first != self.second)
        self.place = np.empty((len(members), len(members)), np.int64)
        self.place[self.first, self.second] = np.arange(self.first.size)
        self.place[self.second, self.first] = np.arange(self.first.size)
        self.index = pd.Index(list(members), dtype="str")

    def square(self, values: NDArray[Any]) -> pd.DataFrame:
        """Lay numbers by pair, or by pair i < j, out as a symmetric table."""
        if values.size != self.first.size:  # without the diagonal: NaN, or 0 for whole numbers
            full = np.full(self.first.size, np.nan if values.dtype.kind == "f" else 0, values.dtype)
            full[self.apart] = values
            values = full
        return pd.DataFrame(np.take(values, self.place), index=self.index, columns=self.index)


def _count_missing(
    values: NDArray[np.float64], shared: NDArray[np.int64], min_shared: int
) -> dict[str, int]:
    """Count the dyads without a value, by reason."""
    counts = {
        NO_SHARED: int((shared == 0).sum()),
        BELOW_MINIMUM: int(((shared > 0) & (shared < min_shared)).sum()),
        NO_EXPECTED: int(((shared >= min_shared) & np.isnan(values)).sum()),
    }
    return {reason: count for reason, count in counts.items() if count}


# --- replicates ---------------------------------------------------------------------------------


def _list_dyads(size: int) -> NDArray[np.int64]:
    return np.column_stack(np.triu_indices(size, 1)).astype(np.int64)


def _split(count: int) -> Iterator[slice]:
    for start in range(0, count, DYADS_AT_ONCE):
        yield slice(start, start + DYADS_AT_ONCE)


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
        From `helpers.ballots.resampling.draw_weights`.
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
    formula = resolve_formula(measure, distance, ballots.categories, ballots.absence)
    dyads = _list_dyads(len(ballots.members))
    out = np.empty((len(draws), len(dyads)), np.float32)
    replicator = Replicator(ballots, draws, [formula])
    for part in _split(len(dyads)):
        out[:, part] = replicator.evaluate(dyads[part])[:, 0].T
    return out


# --- intervals ----------------------------------------------------------------------------------


def bootstrap_similarity(
    ballots: Ballots,
    measure: str = "pi",
    *,
    distance: str = "linear",
    min_shared: int = 5,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> Similarity:
    """Measure similarity with an interval for every dyad, by blocks of roll calls.

    What happened is a count and certain; the interval is about how likely the same is again.
    Shares (``agreement lijphart coincidence s``) get a Beta interval on the number of
    independent votes that their blocks are worth, given how alike votes of one block are over
    all dyads; ``kappa pi alpha`` a smoothed block bootstrap (`helpers.similarity.intervals`). No
    interval has zero width, and a dyad whose votes are worth too few blocks has none
    (``warnings``). How often they hold the truth is measured in ``docs/intervals.md``.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights and blocks.
    measure, distance, min_shared
        As in `measure_similarity`.
    replicates : int
        Bootstrap replicates, at least 1; 1,000 for a figure that is published.
    level : float
        Nominal coverage, between 0 and 1.
    seed : int
        Seed of the draws, not negative.

    Returns
    -------
    Similarity
        With ``low``, ``high`` (NaN where the value is, or where votes are worth too few blocks)
        and ``undefined``, the number of replicates in which the measure was undefined.

    Raises
    ------
    ParameterError
        If a parameter is out of its range.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 3]] * 21, members=["USA", "RUS"])
    >>> row = bootstrap_similarity(ballots, "agreement", replicates=50).dyad("USA", "RUS")
    >>> [round(float(row[name]), 3) for name in ("value", "low", "high")]
    [0.0, 0.0, 0.138]
    """
    return bootstrap_measures(
        ballots,
        [(measure, distance)],
        min_shared=min_shared,
        replicates=replicates,
        level=level,
        seed=seed,
    )[0]


def bootstrap_measures(
    ballots: Ballots,
    measures: Sequence[tuple[str, str]],
    *,
    min_shared: int = 5,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> list[Similarity]:
    """Several measures with intervals from one pass over the replicates.

    Parameters
    ----------
    ballots : Ballots
        Votes, with roll-call weights and blocks.
    measures : sequence of (measure, distance)
        What `bootstrap_similarity` takes.
    min_shared, replicates, level, seed
        As in `bootstrap_similarity`.

    Returns
    -------
    list of Similarity
        One a measure, each equal to what `bootstrap_similarity` returns for it.
    """
    if not 0 < level < 1:
        raise ParameterError(f"level: {level} must be between 0 and 1")
    points = measure_all(ballots, measures, min_shared=min_shared)
    formulas = [
        resolve_formula(measure, distance, ballots.categories, ballots.absence)
        for measure, distance in measures
    ]
    found = _bound_dyads(ballots, formulas, replicates, level, seed)
    pairs = _Pairs(ballots.members)
    return [
        replace(
            _add_bounds(point, pairs, bounds),
            undefined=pairs.square(bounds.undefined),
            correlation=bounds.correlation,
            level=level,
            replicates=replicates,
            seed=seed,
        )
        for point, bounds in zip(points, found, strict=True)
    ]


class _Bounds(NamedTuple):
    """Of one measure: bounds, undefined replicates and worth in blocks by dyad; correlation."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    undefined: NDArray[np.int64]
    effective: NDArray[np.float64]
    correlation: float


def _add_bounds(point: Similarity, pairs: _Pairs, bounds: _Bounds) -> Similarity:
    """Add bounds by dyad: around the value, at most 1, and NaN where the value is."""
    value = point.values.to_numpy()[np.triu_indices(len(point.members), 1)]  # noqa: PD011
    low = np.where(np.isnan(value), np.nan, np.minimum(bounds.low, value))
    high = np.where(np.isnan(value), np.nan, np.minimum(np.maximum(bounds.high, value), 1.0))
    bare = ~np.isnan(value) & np.isnan(low)
    warnings = (*point.warnings, *_warn_of_bare(point.measure, bare, bounds.effective))
    return replace(point, low=pairs.square(low), high=pairs.square(high), warnings=warnings)


def _warn_of_bare(
    measure: str, bare: NDArray[np.bool_], effective: NDArray[np.float64]
) -> tuple[str, ...]:
    """Say why dyads have a value without an interval."""
    if not bare.any():
        return ()
    share = MEASURES[measure].is_share
    least = intervals.LEAST_EFFECTIVE if share else intervals.LEAST_CORRECTED
    who = "no dyad has" if bare.all() else f"{bare.sum()} of {bare.size} dyads have no"
    why = f"votes are worth {effective[bare].max():.1f} blocks of equal size at most"
    return (f"{who} {'an' * bool(bare.all())} interval of {measure}: {why}, and {least:.0f} are "
            "needed to tell what another vote would be",)  # fmt: skip


def _sum_dyads(
    summer: BlockSummer,
    dyads: NDArray[np.int64],
    formula: Formula,
    counts: NDArray[np.float64],
) -> intervals.BlockSums:
    """Sum over blocks for all dyads, some at a time."""

    def add(part: slice) -> intervals.BlockSums:
        some = dyads[part]
        return summer.sum(some, formula, counts[some[:, 0], some[:, 1]])

    parts = [add(part) for part in _split(max(len(dyads), 1))]
    return intervals.BlockSums(*(np.concatenate(x) for x in zip(*parts, strict=True)))


def _bound_dyads(
    ballots: Ballots,
    formulas: Sequence[Formula],
    replicates: int,
    level: float,
    seed: int,
) -> list[_Bounds]:
    """Bounds of every dyad, one result a measure."""
    draws = draw_weights(ballots.blocks, replicates, seed)
    smoothing = intervals.draw_smoothing(ballots.categories, replicates, seed)
    replicator = Replicator(ballots, draws, formulas, smoothing)
    dyads = _list_dyads(len(ballots.members))
    counts = joint_weights(ballots)
    summer = BlockSummer(ballots)
    sums = [_sum_dyads(summer, dyads, f, counts) for f in formulas]
    pooled = [intervals.pool_correlation(s, len(ballots.members)) for s in sums]
    ranks = intervals.choose_ranks(replicates, level)

    def bound(part: slice) -> tuple[NDArray[Any], ...]:
        some = dyads[part]
        cells = counts[some[:, 0], some[:, 1]]
        mine = [intervals.BlockSums(*(x[part] for x in s)) for s in sums]
        shared = [intervals.share_correlation(s, r) for s, r in zip(mine, pooled, strict=True)]
        known = list(zip(formulas, mine, shared, strict=True))
        scales = np.column_stack([scale_smoothing(*x) for x in known])
        quantiles, undefined = replicator.select(some, scales, ranks)
        bounds = [
            bound_corrected(f, s, quantiles[:, q], level)
            if f.chance
            else bound_shares(f, cells, s, summer.weigh(some, f, cells, s, r), level)
            for q, (f, s, r) in enumerate(known)
        ]
        low, high = (np.column_stack([b[side] for b in bounds]) for side in (0, 1))
        return low, high, undefined

    parts = [bound(part) for part in _split(max(len(dyads), 1))]
    low, high, undefined = (np.concatenate(x) for x in zip(*parts, strict=True))
    return [
        _Bounds(low[:, q], high[:, q], undefined[:, q].astype(np.int64), s.effective, r)
        for q, (s, r) in enumerate(zip(sums, pooled, strict=True))
    ]
