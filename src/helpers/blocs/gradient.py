"""Whether blocs are more than a gradient cut in two: assemblies without groups, to compare with.

Votes are fitted as ordered answers to positions in one or two dimensions, whose distribution
rises to one peak and falls. Assemblies drawn from the fit have a gradient and no blocs; what a
division of the real votes has beyond divisions of theirs is what blocs add.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.blocs.constants import CONSTANTS
from helpers.blocs.options import LEAST_NULLS
from helpers.blocs.partition import Labels
from helpers.errors import ParameterError, SelectionError
from helpers.record import NO, YES
from helpers.store import Shown

FloatArray = NDArray[np.float64]
Cut = Callable[[Ballots], tuple[FloatArray, Labels]]
"""Divides an assembly: silhouettes (ks,) and blocs (ks, members), 0 for isolates."""

ANSWERS: Final = ("no structure", "gradient", "blocs")
"""What votes may have: nothing beyond chance, positions without groups, or groups."""

AT_ONCE: Final = 256
"""Roll calls whose slopes are moved at a time: bounds the memory."""


@dataclass(frozen=True)
class Gradient:
    """Positions with one peak in each dimension, and how roll calls divide by them.

    Attributes
    ----------
    slopes : array, shape (n_roll_calls, dimensions)
        How strongly each roll call divides by position; 0 where all voted alike.
    cuts : array, shape (n_roll_calls, 2)
        Where yes becomes abstain and abstain no, on the scale of slope times position.
    points : array, shape (n_points, dimensions)
        The grid of positions.
    density : array, shape (dimensions, points along a dimension)
        Share of members at each point along each dimension; it rises to one peak and falls.
    belief : array, shape (n_members, n_points)
        Probability of each position, given the member's votes.
    criterion : float
        Bayesian information criterion; the smaller, the better.
    """

    slopes: FloatArray
    cuts: FloatArray
    points: FloatArray
    density: FloatArray
    belief: FloatArray
    criterion: float

    @property
    def dimensions(self) -> int:
        """Number of dimensions of positions."""
        return len(self.density)

    @property
    def positions(self) -> FloatArray:
        """Expected position of each member: (n_members, dimensions)."""
        return np.asarray(self.belief @ self.points)


@dataclass(frozen=True, repr=False)
class GradientTest(Shown):
    """Whether a division of members is clearer than those of assemblies with a gradient.

    Attributes
    ----------
    table : DataFrame
        One row a least number of blocs: ``blocs``; ``silhouette`` (the best division into as many
        or more); ``gradient`` and ``spread`` (mean and standard deviation of the same in
        assemblies with a gradient); ``excess`` (the difference in standard deviations). NaN where
        there is no such division, or too few gradients have one.
    answer : str
        ``"blocs"``, or ``"gradient"``; see `ANSWERS`.
    p_value : float
        Share of gradients whose largest excess reaches that of the votes, with the votes counted.
    dimensions : int
        Dimensions of the gradient: 2 where the votes ask for a second one.
    nulls : int
        Assemblies with a gradient that were drawn.
    gradient : Gradient
        What they were drawn from.
    """

    table: pd.DataFrame
    answer: str
    p_value: float
    dimensions: int
    nulls: int
    gradient: Gradient


def compare_with_gradient(
    ballots: Ballots, cut: Cut, *, nulls: int = LEAST_NULLS, seed: int = 1
) -> GradientTest:
    """Test whether members are in blocs, or along a gradient that any cut divides.

    Answers: would a world without groups, in which members stand along one dimension or two as
    those who vote did, have been divided as clearly?

    Parameters
    ----------
    ballots : Ballots
        Votes, roll calls x members, with blocks of roll calls.
    cut : callable
        Takes ballots, returns the silhouettes (ks,) of its divisions and the blocs (ks, members)
        that they are of, 0 for isolates. The same is done to every drawn assembly.
    nulls : int
        Assemblies with a gradient to draw, 99 or more.
    seed : int
        Seed of the draws.

    Returns
    -------
    GradientTest

    Raises
    ------
    ParameterError
        Fewer nulls than 99, which could show no small share.
    SelectionError
        No roll call divides the members.

    Notes
    -----
    For each number of blocs m the statistic is the largest silhouette among divisions into m
    blocs or more. It is compared with its mean and standard deviation over the gradients, and
    the largest excess over all m with the largest excess of each gradient, so that the choice
    of m costs nothing. A drawn assembly has the totals of every roll call and the absences of
    every member (`draw_gradient`).

    References
    ----------
    Rousseeuw (1987) for the silhouette; Kass and Raftery (1995), Journal of the American
    Statistical Association 90, for the evidence that a second dimension needs.

    Examples
    --------
    >>> from helpers.ballots.simulate import simulate_gradient
    >>> ballots = simulate_gradient(30, 40, seed=2)
    >>> def halve(some):
    ...     scores = (some.votes - 2.0).mean(axis=0)
    ...     return np.zeros(1), (1 + (scores > np.median(scores)))[None].astype(np.int64)
    >>> compare_with_gradient(ballots, halve).answer
    'gradient'
    """
    if nulls < LEAST_NULLS:
        raise ParameterError(f"nulls: {nulls} must be {LEAST_NULLS} or more")
    gradient = fit_gradient(ballots)
    seeds = np.random.SeedSequence((seed, 2)).spawn(nulls)
    drawn = [_best_by_count(*cut(draw_gradient(ballots, gradient, s))) for s in seeds]
    observed = _best_by_count(*cut(ballots))
    table, p_value = _compare(observed, drawn)
    answer = ANSWERS[2] if p_value <= CONSTANTS.gradient_alpha else ANSWERS[1]
    return GradientTest(table, answer, p_value, gradient.dimensions, nulls, gradient)


def _best_by_count(silhouettes: FloatArray, labels: Labels) -> FloatArray:
    """Largest silhouette among divisions into m blocs or more, m = 2, 3, ...; NaN without one."""
    counts = labels.max(axis=1)
    found = [silhouettes[counts >= m] for m in range(2, int(counts.max()) + 1)]
    return np.array([some.max() for some in found])


def _compare(observed: FloatArray, drawn: list[FloatArray]) -> tuple[pd.DataFrame, float]:
    """Build the table by number of blocs, and the share of gradients with as large an excess."""
    width = max(len(x) for x in [observed, *drawn, np.zeros(1)])
    rows = np.full((len(drawn) + 1, width), np.nan)
    for row, values in zip(rows, [observed, *drawn], strict=True):
        row[: len(values)] = values
    known = np.isfinite(rows[1:])
    count = known.sum(axis=0)
    with np.errstate(all="ignore"):
        mean = np.where(known, rows[1:], 0.0).sum(axis=0) / count
        spread = np.sqrt(np.where(known, (rows[1:] - mean) ** 2, 0.0).sum(axis=0) / count)
        spread = np.maximum(np.maximum(spread, spread[0]), 1e-6)
        excess = np.where(
            count >= CONSTANTS.gradients_reached * len(drawn), (rows - mean) / spread, np.nan
        )
    largest = np.where(np.isfinite(excess), excess, -np.inf).max(axis=1)
    reached = (largest[1:] >= largest[0]).sum()
    columns = {"silhouette": rows[0], "gradient": mean, "spread": spread, "excess": excess[0]}
    table = pd.DataFrame({"blocs": np.arange(width) + 2, **columns})
    return table, float((1 + reached) / (1 + len(drawn)))


# --- drawing ------------------------------------------------------------------------------------


def draw_gradient(
    ballots: Ballots, gradient: Gradient, seed: int | np.random.SeedSequence
) -> Ballots:
    """Draw an assembly with a gradient and no blocs: the same totals, the same absences.

    Parameters
    ----------
    ballots : Ballots
        What the gradient was fitted to.
    gradient : Gradient
        From `fit_gradient`.
    seed : int or SeedSequence
        Seed of the draw.

    Returns
    -------
    Ballots
        Positions are drawn from the density and given to the members whose own are nearest.
        What is left of members' votes beyond position is exchanged among members, a block of
        roll calls at a time, so that votes of one block stay as alike as they are. Who leans
        least votes yes, until the roll call has its number of yes votes, and so on.

    Examples
    --------
    >>> from helpers.ballots.simulate import simulate_gradient
    >>> ballots = simulate_gradient(12, 20, seed=1)
    >>> drawn = draw_gradient(ballots, fit_gradient(ballots), seed=1)
    >>> bool((np.sort(drawn.votes, axis=1) == np.sort(ballots.votes, axis=1)).all())
    True
    """
    rng = np.random.default_rng(seed)
    rest = _draw_rest(ballots, gradient, rng)
    order = np.argsort(rng.random((int(ballots.blocks.max()) + 1, rest.shape[1])), axis=1)
    rest = np.take_along_axis(rest, order[ballots.blocks], axis=1)
    leaning = gradient.slopes @ _draw_places(gradient, rng).T + rest
    return replace(ballots, votes=_rank_votes(ballots.votes, leaning))


def _draw_rest(ballots: Ballots, gradient: Gradient, rng: np.random.Generator) -> FloatArray:
    """Draw what members' leanings had beyond position, given their votes: logistic."""
    bounds = np.pad(gradient.cuts, ((0, 0), (1, 1)), constant_values=((0, 0), (-np.inf, np.inf)))
    sums = np.cumsum(gradient.belief, axis=1)
    at = (rng.random((len(sums), 1)) * sums[:, -1:] > sums).sum(axis=1)
    place = gradient.slopes @ gradient.points[np.minimum(at, len(gradient.points) - 1)].T
    cast = _was_cast(ballots.votes)
    vote = np.where(cast, ballots.votes, YES).astype(np.int64)
    low = np.take_along_axis(bounds, vote - 1, axis=1) - place
    high = np.take_along_axis(bounds, vote, axis=1) - place
    low, high = _squash(np.where(cast, low, -np.inf)), _squash(np.where(cast, high, np.inf))
    chance = np.clip(low + rng.random(low.shape) * (high - low), 1e-12, 1 - 1e-12)
    return np.asarray(np.log(chance / (1 - chance)))


def _draw_places(gradient: Gradient, rng: np.random.Generator) -> FloatArray:
    """Draw positions, and give each to a member near it (least sum of squared moves)."""
    from scipy.optimize import linear_sum_assignment

    own = gradient.positions
    grid = _grid(gradient.dimensions)
    step = grid[1] - grid[0]
    drawn = [rng.choice(grid, len(own), p=margin) for margin in gradient.density]
    places = np.column_stack(drawn) + rng.uniform(-step / 2, step / 2, own.shape)
    moves = ((own[:, None] - places) ** 2).sum(axis=2)
    return np.asarray(places[linear_sum_assignment(moves)[1]])


def _rank_votes(votes: NDArray[np.int8], leaning: FloatArray) -> NDArray[np.int8]:
    """Give each roll call's votes to those present, yes to who leans least, no to who most."""
    cast = _was_cast(votes)
    order = np.argsort(np.where(cast, leaning, np.inf), axis=1)
    given = np.sort(np.where(cast, votes, NO + 1), axis=1)
    ranked = np.empty_like(votes)
    np.put_along_axis(ranked, order, given, axis=1)
    return np.where(cast, ranked, votes)


def _was_cast(votes: NDArray[np.int8]) -> NDArray[np.bool_]:
    return (votes >= YES) & (votes <= NO)


def _squash(x: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -35, 35))))


# --- fitting ------------------------------------------------------------------------------------


class _Items(NamedTuple):
    """Slopes (roll calls, dimensions) and cut points (roll calls, 2)."""

    slopes: FloatArray
    cuts: FloatArray


def fit_gradient(ballots: Ballots, dimensions: int | None = None) -> Gradient:
    """Fit positions that have one peak, and how roll calls divide by them.

    Parameters
    ----------
    ballots : Ballots
        Votes; absences are missing.
    dimensions : int, optional
        1 or 2; left out, a second one is taken where the votes ask for it
        (`Constants.second_dimension`).

    Returns
    -------
    Gradient

    Raises
    ------
    SelectionError
        No roll call divides the members.

    Notes
    -----
    P(vote <= k) = 1 / (1 + exp(slope . position - cut_k)), k = yes, abstain. Marginal maximum
    likelihood by expectation maximisation over a grid of positions (Bock and Aitkin 1981); in
    each pass the density along each dimension becomes the likeliest that rises to one peak and
    falls (isotonic on both sides of it: Robertson, Wright and Dykstra 1988).

    Examples
    --------
    >>> from helpers.ballots.simulate import simulate_gradient
    >>> fit_gradient(simulate_gradient(40, 60, seed=1)).dimensions
    1
    """
    if dimensions is not None:
        return _fit(ballots, dimensions)
    one, two = _fit(ballots, 1), _fit(ballots, 2)
    return two if two.criterion < one.criterion - CONSTANTS.second_dimension else one


def _fit(ballots: Ballots, dimensions: int) -> Gradient:
    codes = np.arange(YES, NO + 1)[:, None]
    shown = (ballots.votes[:, None, :] == codes).astype(np.float64)
    told = (shown.sum(axis=2) > 0).sum(axis=1) > 1
    if not told.any():
        raise SelectionError("no roll call divides the members; widen the period or the subject")
    shown = shown[told]
    cast = np.ascontiguousarray(shown.transpose(2, 0, 1).reshape(shown.shape[2], -1))
    grid = _grid(dimensions)
    points = np.stack(np.meshgrid(*[grid] * dimensions, indexing="ij"), -1).reshape(-1, dimensions)
    shares = (shown.sum(axis=2) + 0.1) / (shown.sum(axis=(1, 2)) + 0.3)[:, None]
    below = np.cumsum(shares, axis=1)[:, :2]
    items = _Items(np.zeros((len(shares), dimensions)), np.log(below / (1 - below)))
    belief, likelihood, rounds = _begin(shown, points), -np.inf, 8
    for _ in range(CONSTANTS.gradient_passes):
        counts = (cast.T @ belief).reshape(*shares.shape, -1).transpose(0, 2, 1)
        counts = counts + CONSTANTS.pseudo_votes * shares[:, None, :] * belief.mean(axis=0)[:, None]
        items, rounds = _move_items(items, counts, points, rounds), 2
        density = _find_peaks(belief, dimensions)
        belief, found = _believe(cast, items, points, density)
        if found - likelihood < 0.1 and likelihood > -np.inf:
            break
        likelihood = found
    slopes, cuts = np.zeros((len(told), dimensions)), np.zeros((len(told), 2))
    slopes[told], cuts[told] = items
    cost = (dimensions + 2) * told.sum() * np.log(cast.sum())
    return Gradient(slopes, cuts, points, density, belief, float(cost - 2 * found))


def _grid(dimensions: int) -> FloatArray:
    return np.linspace(
        -CONSTANTS.gradient_reach,
        CONSTANTS.gradient_reach,
        CONSTANTS.gradient_points[dimensions - 1],
    )


def _begin(shown: FloatArray, points: FloatArray) -> FloatArray:
    """First beliefs (members, points): around principal components of the votes."""
    scores = shown[:, 2] - shown[:, 0]
    present = shown.any(axis=1)
    mean = scores.sum(axis=1, keepdims=True) / present.sum(axis=1, keepdims=True)
    centred = np.where(present, scores - mean, 0.0)
    reach = CONSTANTS.gradient_reach
    places = np.linalg.svd(centred.T, full_matrices=False)[0][:, : points.shape[1]]
    places = np.clip(1.2 * places / np.maximum(places.std(axis=0), 1e-9), -reach, reach)
    apart = ((places[:, None] - points[:, : places.shape[1]]) ** 2).sum(axis=2)
    belief = np.exp(-(apart - apart.min(axis=1, keepdims=True)) / (2 * 0.4**2))
    return np.asarray(belief / belief.sum(axis=1, keepdims=True))


def _answer(items: _Items, points: FloatArray) -> FloatArray:
    """Probabilities (roll calls, points, 3) of yes, abstain and no."""
    below = _squash(items.cuts[:, None, :] - (items.slopes @ points.T)[:, :, None])
    chances = [below[..., 0], below[..., 1] - below[..., 0], 1 - below[..., 1]]
    return np.maximum(np.stack(chances, axis=-1), 1e-12)


def _believe(
    cast: FloatArray, items: _Items, points: FloatArray, density: FloatArray
) -> tuple[FloatArray, float]:
    """Probability of each position (members, points), and the log-likelihood of the votes."""
    chances = np.log(_answer(items, points)).transpose(0, 2, 1).reshape(-1, len(points))
    prior = density[0] if len(density) == 1 else np.multiply.outer(*density).ravel()
    joint = cast @ chances + np.log(np.maximum(prior, 1e-300))
    top = joint.max(axis=1, keepdims=True)
    belief = np.exp(joint - top)
    total = belief.sum(axis=1, keepdims=True)
    return belief / total, float((top + np.log(total)).sum())


def _move_items(items: _Items, counts: FloatArray, points: FloatArray, rounds: int) -> _Items:
    """Move slopes and cut points towards the likeliest by Fisher scoring, some at a time."""
    moved = []
    for start in range(0, len(counts), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        some = _Items(items.slopes[part], items.cuts[part])
        for _ in range(rounds):
            some = _score(some, counts[part], points)
        moved.append(some)
    return _Items(*(np.concatenate(x) for x in zip(*moved, strict=True)))


def _score(items: _Items, counts: FloatArray, points: FloatArray) -> _Items:
    """Take one step of Fisher scoring; ``counts`` are (roll calls, points, 3)."""
    chances = _answer(items, points)
    below = np.cumsum(chances, axis=2)[..., :2]
    steep = below * (1 - below)
    change = np.zeros((*steep.shape[:2], 2 + points.shape[1], 3))  # of chances by parameters
    change[..., 0, 0], change[..., 0, 1] = steep[..., 0], -steep[..., 0]
    change[..., 1, 1], change[..., 1, 2] = steep[..., 1], -steep[..., 1]
    change[..., 2:, :] = -change[..., :2, :].sum(axis=2)[..., None, :] * points[:, :, None]
    gain = (change @ (counts / chances)[..., None])[..., 0].sum(axis=1)
    weighted = change * np.sqrt(counts.sum(axis=2)[..., None] / chances)[..., None, :]
    flat = weighted.transpose(0, 2, 1, 3).reshape(len(counts), change.shape[2], -1)
    information = flat @ flat.transpose(0, 2, 1)
    gain[:, 2:] -= items.slopes / CONSTANTS.slope_deviation**2
    ridge = np.full(change.shape[2], 1e-6)
    ridge[2:] += 1 / CONSTANTS.slope_deviation**2
    step = np.linalg.solve(information + np.diag(ridge), gain[..., None])[..., 0]
    step = np.clip(step, -1.0, 1.0)
    cuts = items.cuts + step[:, :2]
    cuts[:, 1] = np.maximum(cuts[:, 1], cuts[:, 0] + 1e-3)
    return _Items(items.slopes + step[:, 2:], cuts)


def _find_peaks(belief: FloatArray, dimensions: int) -> FloatArray:
    """Densities (dimensions, points) with one peak that are likeliest, given beliefs."""
    shares = belief.mean(axis=0).reshape((CONSTANTS.gradient_points[dimensions - 1],) * dimensions)
    if dimensions == 1:
        return fit_peak(shares)[None]
    return np.stack([fit_peak(shares.sum(axis=1 - d)) for d in range(dimensions)])


def fit_peak(shares: FloatArray) -> FloatArray:
    """Find the likeliest shares that rise to one peak and fall.

    Parameters
    ----------
    shares : array, shape (n,)
        Observed shares.

    Returns
    -------
    array, shape (n,)
        They sum to 1.

    Examples
    --------
    >>> fit_peak(np.array([0.1, 0.4, 0.1, 0.3, 0.1])).round(3).tolist()
    [0.1, 0.4, 0.2, 0.2, 0.1]
    """
    best, most = shares, -np.inf
    for mode in range(len(shares)):
        up, down = _rise(shares[:mode]), _rise(shares[mode:][::-1])[::-1]
        found = np.maximum(np.concatenate([up, down]), 1e-12)
        fit = float((shares * np.log(found)).sum())
        if fit > most and not (up.size and up[-1] > down[0]):
            best, most = found, fit
    return np.asarray(best / best.sum())


def _rise(shares: FloatArray) -> FloatArray:
    from scipy.optimize import isotonic_regression

    return np.asarray(isotonic_regression(shares).x) if shares.size else shares
