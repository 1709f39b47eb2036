"""Assemblies whose truth is known, for documentation, tests and the coverage of intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.ballots.select import Ballots, ballots_from_matrix
from helpers.errors import ParameterError, must_be_one_of
from helpers.record import MISSING

UN_MARGINS: Final = (0.825, 0.12, 0.055)
"""Shares of yes, abstain and no among votes cast in the General Assembly, 1946 to 2025."""

UN_ABSENCE: Final = 0.094
"""Share of votes not cast by members present in the record, 1946 to 2025."""

DYAD_KINDS: Final[dict[str, ArrayLike]] = {
    "independent": np.outer((0.5, 0.2, 0.3), (0.4, 0.3, 0.3)),
    "close": 0.97 * np.diag((0.7, 0.15, 0.15))
    + 0.03 * np.outer((0.7, 0.15, 0.15), (0.7, 0.15, 0.15)),
    "alike": 0.85 * np.diag((0.6, 0.2, 0.2)) + 0.15 * np.outer((0.6, 0.2, 0.2), (0.6, 0.2, 0.2)),
    "apart": ((0.10, 0.08, 0.10), (0.05, 0.05, 0.10), (0.40, 0.10, 0.02)),
    "opposed": ((0.06, 0.01, 0.00), (0.02, 0.03, 0.00), (0.75, 0.08, 0.05)),
    "mostly yes": 0.1 * np.diag((0.9, 0.07, 0.03))
    + 0.9 * np.outer((0.9, 0.07, 0.03), (0.9, 0.07, 0.03)),
    "mostly yes, alike": 0.8 * np.diag((0.9, 0.07, 0.03))
    + 0.2 * np.outer((0.9, 0.07, 0.03), (0.9, 0.07, 0.03)),
    "nearly unanimous": 0.5 * np.diag((0.96, 0.03, 0.01))
    + 0.5 * np.outer((0.96, 0.03, 0.01), (0.96, 0.03, 0.01)),
}
"""Joint probabilities of two members' votes (yes, abstain, no) that the coverage is measured on."""


GRADIENT_SHAPES: Final = ("normal", "uniform")
"""Distributions of the positions of members along a gradient."""

DYADS_TOGETHER: Final = 20
"""Simulated dyads that share the draws of one bootstrap."""


@dataclass(frozen=True)
class Truth:
    """What a simulated assembly was made from.

    Attributes
    ----------
    blocs : pandas.Series of int
        Bloc of each member, 1 to the number of blocs; 0 for none.
    positions : int8 array, shape (n_roll_calls, n_blocs)
        The vote that each bloc's line asks for.
    noise : float
        Probability that a member votes by chance instead.
    """

    blocs: pd.Series
    positions: NDArray[np.int8]
    noise: float


def simulate_assembly(
    n_members: int = 60,
    n_roll_calls: int = 200,
    blocs: int | Sequence[int] = 3,
    noise: float = 0.1,
    absence: float = 0.05,
    *,
    margins: ArrayLike = (0.5, 0.2, 0.3),
    n_blocks: int | None = None,
    seed: int = 1,
) -> tuple[Ballots, Truth]:
    """Simulate an assembly with known blocs.

    On each roll call every bloc draws its line from ``margins``; a member follows it, or, with
    probability ``noise``, casts a vote drawn from margins of its own. With no blocs at all every
    vote is chance: no structure.

    Parameters
    ----------
    n_members, n_roll_calls : int
        Size of the assembly.
    blocs : int or sequence of int
        Number of blocs of nearly equal size, or their sizes; members beyond the sum of sizes
        belong to none and always vote by chance. 0: random votes.
    noise, absence : float
        Probabilities, 0 to 1, of a vote by chance and of no vote.
    margins : array-like, shape (3,) or (n_members, 3)
        Probabilities of yes, abstain, no of a vote by chance; with a row a member, members
        differ (unequal margins). The blocs' lines follow their mean.
    n_blocks : int, optional
        Number of blocks of neighbouring roll calls on which every bloc keeps its line and every
        vote by chance is repeated in four of five cases (clustered votes); each roll call is
        its own block when left out.
    seed : int
        Seed.

    Returns
    -------
    ballots : Ballots
        Members are called ``M001`` and so on.
    truth : Truth
        Bloc of each member and line of each bloc.

    Raises
    ------
    ParameterError
        If sizes or probabilities are impossible.

    Examples
    --------
    >>> ballots, truth = simulate_assembly(6, 20, blocs=[3, 2], noise=0.0, absence=0.0)
    >>> truth.blocs.tolist()
    [1, 1, 1, 2, 2, 0]
    >>> bool((ballots.votes[:, 0] == ballots.votes[:, 1]).all())
    True
    """
    member_bloc = _assign_blocs(n_members, blocs)
    for name, value in {"noise": noise, "absence": absence}.items():
        if not 0 <= value <= 1:
            raise ParameterError(f"{name}: {value} must be between 0 and 1")
    rng = np.random.default_rng(seed)
    block = _number_blocks(n_roll_calls, n_blocks)
    own = np.broadcast_to(np.asarray(margins, np.float64), (n_members, 3))
    lines = _draw_votes(
        np.broadcast_to(own.mean(axis=0), (member_bloc.max(initial=0), 3)), block, rng, 1.0
    )
    votes = _draw_votes(own, block, rng, 0.8)
    follows = (rng.random(votes.shape) >= noise) & (member_bloc > 0)
    if lines.shape[1]:
        votes = np.where(follows, lines[:, np.maximum(member_bloc - 1, 0)], votes)
    votes[rng.random(votes.shape) < absence] = MISSING
    names = [f"M{i + 1:03d}" for i in range(n_members)]
    ballots = ballots_from_matrix(votes, members=names, blocks=block)
    return ballots, Truth(pd.Series(member_bloc, index=names, name="bloc"), lines, noise)


def simulate_random_votes(
    n_members: int = 60, n_roll_calls: int = 200, absence: float = 0.05, *, seed: int = 1
) -> Ballots:
    """Simulate votes without any structure: the null that must give "no bloc structure".

    Members have the same margins on each roll call, which differ between roll calls as drawn
    from a Dirichlet distribution around those of the General Assembly.

    Examples
    --------
    >>> simulate_random_votes(4, 3, seed=2).votes.shape
    (3, 4)
    """
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(4 * np.asarray(UN_MARGINS), size=n_roll_calls)
    draws = rng.random((n_roll_calls, n_members, 1))
    votes = 1 + (draws > np.cumsum(chances, axis=1)[:, None, :2]).sum(axis=2)
    votes[rng.random(votes.shape) < absence] = MISSING
    return ballots_from_matrix(votes, members=[f"M{i + 1:03d}" for i in range(n_members)])


def simulate_gradient(
    n_members: int = 150,
    n_roll_calls: int = 80,
    shape: str = "normal",
    absence: float = 0.1,
    *,
    dimensions: int = 1,
    n_blocks: int | None = None,
    seed: int = 1,
) -> Ballots:
    """Simulate members along a gradient, without groups: what must not be called blocs.

    Members have positions; a roll call divides them by position, and each vote has a logistic
    error: P(vote <= k) = 1 / (1 + exp(slope . position - cut_k)). Slopes are normal with
    standard deviation 1.5, the first cut point is normal on the scale of the slopes, the second
    0.2 to 1.5 above it.

    Parameters
    ----------
    n_members, n_roll_calls : int
        Size of the assembly.
    shape : {"normal", "uniform"}
        Distribution of positions, of variance 1 in each dimension.
    absence : float
        Probability of no vote.
    dimensions : int
        Dimensions of positions, independent of each other.
    n_blocks : int, optional
        Number of blocks of neighbouring roll calls on one question, in which four in five
        errors are repeated; each roll call is its own block when left out.
    seed : int
        Seed.

    Raises
    ------
    ParameterError
        If the shape is unknown or a number is impossible.

    Examples
    --------
    >>> simulate_gradient(5, 4, "uniform").votes.shape
    (4, 5)
    """
    if shape not in GRADIENT_SHAPES:
        raise ParameterError(must_be_one_of("shape", shape, GRADIENT_SHAPES))
    rng = np.random.default_rng(seed)
    size = (n_members, dimensions)
    half = np.sqrt(3.0)
    places = rng.normal(size=size) if shape == "normal" else rng.uniform(-half, half, size)
    block = _number_blocks(n_roll_calls, n_blocks)
    count = int(block.max()) + 1
    slopes = rng.normal(0, 1.5, (count, dimensions))
    first = rng.normal(size=count) * np.abs(slopes).sum(axis=1)
    second = first + rng.uniform(0.2, 1.5, count)
    alone = np.bincount(block)[block] == 1
    shared = rng.logistic(size=(count, n_members))[block]
    errors = rng.logistic(size=shared.shape)
    errors = np.where((rng.random(errors.shape) < 0.8) & ~alone[:, None], shared, errors)
    leaning = (slopes @ places.T)[block] + errors
    votes = 1 + (leaning > first[block, None]).astype(np.int8) + (leaning > second[block, None])
    votes[rng.random(votes.shape) < absence] = MISSING
    names = [f"M{i + 1:03d}" for i in range(n_members)]
    return ballots_from_matrix(votes, members=names, blocks=block)


def _assign_blocs(n_members: int, blocs: int | Sequence[int]) -> NDArray[np.int64]:
    """Bloc of each member: sizes as given, or as equal as can be."""
    if isinstance(blocs, int):
        sizes = [len(part) for part in np.array_split(np.arange(n_members), blocs)] if blocs else []
    else:
        sizes = list(blocs)
    if n_members < 1 or sum(sizes) > n_members or any(size < 0 for size in sizes):
        raise ParameterError(f"blocs: sizes {sizes} do not fit into {n_members} members")
    assigned = np.repeat(np.arange(len(sizes)) + 1, sizes)
    return np.concatenate([assigned, np.zeros(n_members - assigned.size, np.int64)])


def _number_blocks(n_roll_calls: int, n_blocks: int | None) -> NDArray[np.int64]:
    """Block of each roll call: its own, or one of neighbours of nearly equal number."""
    count = n_roll_calls if n_blocks is None else n_blocks
    if not 1 <= count <= n_roll_calls:
        raise ParameterError(f"n_blocks: {count} must be between 1 and {n_roll_calls} roll calls")
    return np.arange(n_roll_calls) * count // n_roll_calls


def _draw_votes(
    chances: NDArray[np.float64], block: NDArray[np.int64], rng: np.random.Generator, kept: float
) -> NDArray[np.int8]:
    """Draw a vote for every roll call and column; a block keeps it with probability ``kept``."""
    shape = (block.size, len(chances))
    fresh = rng.random(shape)
    by_block = rng.random((int(block.max()) + 1, shape[1]))[block]
    alone = np.bincount(block)[block] == 1
    uniform = np.where((rng.random(shape) < kept) & ~alone[:, None], by_block, fresh)
    steps = np.cumsum(chances, axis=1)[None, :, :2]
    return (1 + (uniform[:, :, None] > steps).sum(axis=2)).astype(np.int8)


def simulate_dyads(
    n_dyads: int,
    n_roll_calls: int,
    joint: ArrayLike,
    *,
    n_blocks: int | Sequence[int] | None = None,
    correlation: float = 0.0,
    seed: int = 1,
) -> Ballots:
    """Simulate independent pairs of members whose joint probabilities are known.

    Parameters
    ----------
    n_dyads, n_roll_calls : int
        Number of pairs, and of the roll calls that each shares.
    joint : array-like, shape (3, 3)
        Probability of each pair of votes (yes, abstain, no).
    n_blocks : int or sequence of int, optional
        Number of blocks of unequal size, or their sizes, of which ``n_roll_calls`` is the sum;
        each roll call its own when left out.
    correlation : float
        Correlation of a pair's votes within a block, 0 to 1 (all votes of a block are one).
    seed : int
        Seed.

    Returns
    -------
    Ballots
        Members ``A1, B1, A2, B2`` and so on; only A and B of one number are a pair.

    Examples
    --------
    >>> simulate_dyads(1, 3, np.diag([1.0, 0.0, 0.0])).votes.tolist()
    [[1, 1], [1, 1], [1, 1]]
    """
    rng = np.random.default_rng(seed)
    cells = np.asarray(joint, np.float64).ravel()
    block = _draw_blocks(n_roll_calls, n_blocks, rng)
    chances = np.broadcast_to(cells / cells.sum(), (int(block.max()) + 1, n_dyads, 9))
    if correlation >= 1:
        drawn = rng.random((len(chances), n_dyads, 1)) > np.cumsum(chances, axis=2)[:, :, :8]
        chances = np.eye(9)[drawn.sum(axis=2)]
    elif correlation > 0:
        gamma = rng.gamma(np.maximum(chances * (1 / correlation - 1), 1e-12)) + 1e-300
        chances = gamma / gamma.sum(axis=2, keepdims=True)
    steps = np.cumsum(chances, axis=2)[block, :, :8]
    cell = (rng.random((n_roll_calls, n_dyads, 1)) > steps).sum(axis=2)
    votes = np.stack([cell // 3, cell % 3], axis=2).reshape(n_roll_calls, 2 * n_dyads) + 1
    names = [f"{side}{i + 1}" for i in range(n_dyads) for side in "AB"]
    return ballots_from_matrix(votes, members=names, blocks=block)


def _draw_blocks(
    n_roll_calls: int, n_blocks: int | Sequence[int] | None, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Block of each roll call: of the sizes given, or at least one a block, the rest at random."""
    if n_blocks is None:
        return np.arange(n_roll_calls)
    if not isinstance(n_blocks, int):
        return np.repeat(np.arange(len(n_blocks)), n_blocks)
    rest = rng.integers(n_blocks, size=n_roll_calls - n_blocks)
    return np.sort(np.concatenate([np.arange(n_blocks), rest]))


def measure_coverage(
    bound: Callable[[Ballots, int], Any],
    truth: Callable[[NDArray[np.float64]], float],
    scenarios: pd.DataFrame,
    *,
    n_dyads: int = 200,
    seed: int = 1,
) -> pd.DataFrame:
    """Measure how often an interval holds the truth, over scenarios of simulated dyads.

    Parameters
    ----------
    bound : callable
        Takes ballots and a seed, returns a result with tables ``low`` and ``high``; for example
        ``lambda ballots, seed: bootstrap_similarity(ballots, "pi", seed=seed)``.
    truth : callable
        Takes joint probabilities (3, 3), returns the true value.
    scenarios : pandas.DataFrame
        Columns ``kind`` (of `DYAD_KINDS`, or a share ``p``: two members that agree, yes and yes,
        with that probability and else vote yes and no), ``n`` (roll calls), ``blocks`` (their
        number, 0 for each roll call its own, or a tuple of sizes), ``correlation``.
    n_dyads : int
        Dyads simulated for each scenario.
    seed : int
        Seed.

    Returns
    -------
    pandas.DataFrame
        The scenarios with ``truth``, ``coverage`` (share of the intervals shown that hold it),
        ``width`` (their mean), ``undefined`` (share of dyads without an interval).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> def everything(ballots, seed):
    ...     low = pd.DataFrame(0.0, ballots.members, ballots.members)
    ...     return SimpleNamespace(low=low, high=low + 1)
    >>> scenarios = pd.DataFrame({"kind": [0.5], "n": [20], "blocks": [0], "correlation": [0.0]})
    >>> found = measure_coverage(everything, lambda p: p[0, 0], scenarios, n_dyads=3)
    >>> found[["truth", "coverage", "width"]].iloc[0].tolist()
    [0.5, 1.0, 1.0]
    """
    rows = []
    for number, scenario in enumerate(scenarios.to_dict("records")):
        joint = _find_joint(scenario["kind"])
        true = truth(joint)
        low, high = _bound_scenario(bound, scenario, joint, n_dyads, seed * 1000 + number)
        shown = np.isfinite(high - low)
        held = ((low <= true + 1e-12) & (true <= high + 1e-12))[shown]
        some = (held.mean(), (high - low)[shown].mean()) if shown.any() else (np.nan, np.nan)
        rows.append((true, *some, 1.0 - shown.mean()))
    names = ["truth", "coverage", "width", "undefined"]
    return scenarios.reset_index(drop=True).join(pd.DataFrame(rows, columns=names))


def _bound_scenario(
    bound: Callable[[Ballots, int], Any],
    scenario: dict[Any, Any],
    joint: NDArray[np.float64],
    n_dyads: int,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of all dyads of one scenario, a few to an assembly, each assembly with its seed."""
    low, high = [], []
    for start in range(0, n_dyads, DYADS_TOGETHER):
        ballots = simulate_dyads(
            min(DYADS_TOGETHER, n_dyads - start),
            scenario["n"],
            joint,
            n_blocks=scenario["blocks"] or None,
            correlation=scenario["correlation"],
            seed=seed * 1000 + start,
        )
        found = bound(ballots, seed * 1000 + start)
        first = np.arange(0, len(ballots.members), 2)
        low.append(found.low.to_numpy()[first, first + 1])
        high.append(found.high.to_numpy()[first, first + 1])
    return np.concatenate(low), np.concatenate(high)


def _find_joint(kind: Any) -> NDArray[np.float64]:
    if isinstance(kind, str):
        joint = np.asarray(DYAD_KINDS[kind], np.float64)
        return joint / joint.sum()
    agree = float(kind)
    return np.array([[agree, 0.0, 1.0 - agree], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
