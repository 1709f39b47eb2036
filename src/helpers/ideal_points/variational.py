"""The variational estimator: Gaussian approximations of members' paths and of texts, in turn.

For each text the parameters, and for each member its path, are approximated by a normal
distribution; each is moved by Newton steps to the optimum of the expected log-posterior given the
other. What is not known of the one weakens what it says of the other: E[b^2] and E[theta^2] enter,
not the squares of means (joint maxima run off without it). The sequence of points is extrapolated
(Anderson 1965), since the level of whole periods moves slowly otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ConvergenceError
from helpers.ideal_points.layout import Layout

FloatArray = NDArray[np.float64]

STILL: Final = 2e-4
"""Converged where the points move by less (root mean square, in standard deviations)."""

SWEEPS: Final = 400
"""Sweeps after which an estimate that still moves is refused."""

MEMORY: Final = 10
"""Sweeps that the extrapolation looks back on."""

GROWN: Final = 2.0
LONGEST: Final = 20.0
RIDGE: Final = 1e-8
"""When the extrapolation begins anew, its longest jump, and how its equations are steadied."""

FIRST_PLAIN: Final = 4
"""Sweeps before the extrapolation begins."""


@dataclass(frozen=True)
class Priors:
    """What is assumed before a vote is seen.

    Attributes
    ----------
    first : float64 array, shape (n_paths, 2)
        Mean and variance of each path's first point; under a rule, of every point (n_nodes, 2).
    step : float64 array, shape (n_nodes,)
        Variance of the walk from the point before; 1 where there is none.
    drift : float64 array, shape (n_nodes, D)
        Mean of that step: how far all members moved together, learnt from all that were there.
    common : float
        Standard deviation of the common step of one period, before votes are seen; 0: none.
    centre, spread : float64 arrays, shape (D + 2,)
        Mean and variance of ``b_1 .. b_D, c1, log(c2 - c1)`` of the texts.
    learnt : tuple of int
        Which of those are learnt from the texts (empirical Bayes); discriminations keep mean 0.
    learn_walk : bool
        Whether the size of the steps is learnt from the members, all by one factor.
    rule : int64 array, shape (n_nodes,), optional
        Node whose mean of the last sweep is each one's prior mean (-1: zero), in place of a walk.
    """

    first: FloatArray
    step: FloatArray
    drift: FloatArray
    common: float
    centre: FloatArray
    spread: FloatArray
    learnt: tuple[int, ...]
    learn_walk: bool
    rule: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class State:
    """Means and uncertainty of points and texts.

    Attributes
    ----------
    theta, var : float64 arrays, shape (n_nodes, D)
        Means and variances of the points.
    psi : float64 array, shape (n_texts, D + 2)
        Means of the texts' parameters.
    cov : float64 array, shape (n_texts, D + 2, D + 2)
        Their covariances.
    priors : Priors
        With what was learnt.
    sweeps : int
        Sweeps taken.
    moved : float
        Root mean square of the last sweep's movement.
    """

    theta: FloatArray
    var: FloatArray
    psi: FloatArray
    cov: FloatArray
    priors: Priors
    sweeps: int = 0
    moved: float = np.inf


def approximate(layout: Layout, start: State) -> State:
    """Run sweeps from a start until the points stand still.

    Parameters
    ----------
    layout : Layout
    start : State

    Returns
    -------
    State
        Points with mean 0 and variance 1 over all member-periods, in each dimension.

    Raises
    ------
    ConvergenceError
        They still move after ``SWEEPS`` sweeps.
    """
    state = _copy(start)
    work = np.zeros((5, len(state.theta)))
    memory = _Memory()
    for sweep in range(1, SWEEPS + 1):
        before = _flatten(state)
        state = _sweep(layout, state, work)
        after = _flatten(state)
        moved = float(np.sqrt(np.mean((after - before)[: state.theta.size] ** 2)))
        if moved < STILL:
            return replace(state, sweeps=sweep, moved=moved)
        if sweep > FIRST_PLAIN:
            state = _unflatten(state, memory.extrapolate(before, after))
    raise ConvergenceError(
        f"the ideal points still move by {moved:.1g} standard deviations after {SWEEPS} sweeps; "
        "widen the period, or leave out members with few votes"
    )


def _copy(state: State) -> State:
    arrays = {name: getattr(state, name).copy() for name in ("theta", "var", "psi", "cov")}
    return replace(state, **arrays)


def _sweep(layout: Layout, state: State, work: FloatArray) -> State:
    """Move texts, then every dimension of the points, and standardise; learn the priors."""
    from helpers.ideal_points import kernels

    priors, theta, var = state.priors, state.theta, state.var
    kernels.update_texts(
        *layout.by_text, theta, var, priors.centre, priors.spread, state.psi, state.cov
    )
    priors = learn_texts(priors, state.psi, state.cov)
    texts = read_texts(state.psi, state.cov)
    joint = np.zeros_like(theta)
    for d in range(theta.shape[1]):
        paths, first = layout.path_ptr, priors.first
        if priors.rule is not None:
            mean = np.where(priors.rule >= 0, theta[priors.rule, d], 0.0)
            paths, first = np.arange(len(theta) + 1), np.column_stack([mean, priors.first[:, 1]])
        kernels.update_paths(
            paths,
            *layout.by_node[1:],
            first,
            priors.step,
            priors.drift,
            texts,
            d,
            theta,
            var,
            work,
        )
        joint[:, d] = work[2]
    if priors.rule is None:
        priors = learn_steps(layout, priors, theta, var, joint)
    turn = standardise(state)
    drift = priors.drift @ turn
    step = priors.step * np.mean((turn**2).sum(axis=0)) if priors.learn_walk else priors.step
    return replace(state, priors=replace(priors, drift=drift, step=step))


def learn_steps(
    layout: Layout, priors: Priors, theta: FloatArray, var: FloatArray, joint: FloatArray
) -> Priors:
    """Return priors with the members' common steps, and the size of their own, as they are.

    Parameters
    ----------
    layout : Layout
    priors : Priors
    theta, var, joint : float64 arrays, shape (n_nodes, D)
        Means and variances of points, and covariances with the point before.
    """
    gap, period = layout.nodes["gap"].to_numpy(), layout.nodes["period"].to_numpy()
    walked = gap > 0
    if not walked.any():
        return priors
    steps = np.diff(theta, axis=0, prepend=0.0)
    drift = np.zeros_like(theta)
    if priors.common > 0:
        first = period.min()
        usual, weight = gap == 1, 1.0 / priors.step
        total = np.bincount(period[usual] - first, weight[usual], period.max() - first + 1)
        for d in range(theta.shape[1]):
            pulled = np.bincount(period[usual] - first, (weight * steps[:, d])[usual], len(total))
            level = np.cumsum(pulled / (total + 1.0 / priors.common**2))
            drift[walked, d] = (level[period - first] - level[period - gap - first])[walked]
    if not priors.learn_walk:
        return replace(priors, drift=drift)
    spread = var + np.concatenate([np.zeros_like(var[:1]), var[:-1]]) - 2.0 * joint
    size = np.mean((((steps - drift) ** 2 + spread) / priors.step[:, None])[walked])
    return replace(priors, drift=drift, step=priors.step * size)


def read_texts(psi: FloatArray, cov: FloatArray) -> tuple[FloatArray, ...]:
    """Return ``b, c1, c2`` of texts and their covariances: bb, b1, b2, 11, 12, 22."""
    dims = psi.shape[1] - 2
    gap = np.exp(psi[:, -1])
    to_first, first = cov[:, :dims, dims], cov[:, dims, dims]
    both = first + gap * cov[:, dims, -1]
    parts = (
        psi[:, :dims],
        psi[:, dims],
        psi[:, dims] + gap,
        cov[:, :dims, :dims],
        to_first,
        to_first + gap[:, None] * cov[:, :dims, -1],
        first,
        both,
        both + gap * cov[:, dims, -1] + gap**2 * cov[:, -1, -1],
    )
    return tuple(np.ascontiguousarray(part) for part in parts)


def learn_texts(priors: Priors, psi: FloatArray, cov: FloatArray) -> Priors:
    """Return priors with mean and variance of texts' parameters as they are (empirical Bayes)."""
    centre, spread = priors.centre.copy(), priors.spread.copy()
    for k in priors.learnt:
        if k >= psi.shape[1] - 2:  # a cut point: discriminations have no sign beforehand
            centre[k] = psi[:, k].mean()
        spread[k] = np.mean((psi[:, k] - centre[k]) ** 2 + cov[:, k, k])
    return replace(priors, centre=centre, spread=spread)


def standardise(state: State) -> FloatArray:
    """Give points mean 0 and variance 1 in each dimension, texts what leaves votes as they are.

    Two dimensions are made uncorrelated over all points, and turned so that the texts'
    discriminations are, too: votes do not tell how they are turned.

    Returns
    -------
    float64 array, shape (D, D)
        By what the points were multiplied.
    """
    dims = state.theta.shape[1]
    mean = state.theta.mean(axis=0)
    turn = _find_turn(state.theta - mean, state.psi[:, :dims])
    state.theta[:] = (state.theta - mean) @ turn
    state.var[:] = state.var @ turn**2
    change = np.eye(state.psi.shape[1])
    change[:dims, :dims] = np.linalg.inv(turn)
    change[dims, :dims] = -mean
    state.psi[:] = state.psi @ change.T
    state.cov[:] = change @ state.cov @ change.T
    return turn


def _find_turn(off: FloatArray, slopes: FloatArray) -> FloatArray:
    """Return the matrix that whitens points and leaves discriminations uncorrelated."""
    if off.shape[1] == 1:
        return np.array([[1.0 / off.std()]])
    size, axes = np.linalg.eigh(off.T @ off / len(off))
    whiten = axes / np.sqrt(size) @ axes.T
    seen = slopes @ np.linalg.inv(whiten).T
    main = np.linalg.eigh(seen.T @ seen)[1][:, ::-1]
    turn = whiten @ main
    return np.asarray(turn * np.where(np.diag(turn) < 0, -1.0, 1.0))


def level_variance(layout: Layout, state: State) -> FloatArray:
    """Return the variance of what all points of a period have in common, shape (n_nodes, D).

    A shift of all members of a period is hidden by the cut points of its texts. What holds it are
    the steps from period to period, the cut points that are usual, and texts that came back: text
    j with curvature w_jt in period t says b_j^2 (diag(w_j) - w_j w_j' / (sum w_j + 1 / spread)) of
    the shifts. Approximations of one member at a time do not know of it. Under a rule, zero.
    """
    if state.priors.rule is not None:
        return np.zeros_like(state.theta)
    from scipy.sparse import csr_matrix

    from helpers.ideal_points import kernels

    texts = read_texts(state.psi, state.cov)[:3]
    weight = kernels.slopes(*layout.by_node[1:], state.theta, *texts)[1]
    place, periods = pd.factorize(layout.nodes["period"], sort=True)
    owner = np.repeat(place, np.diff(layout.node_ptr))
    shape = (len(layout.texts), len(periods))
    by_text = csr_matrix((weight, (layout.item, owner)), shape=shape)
    free = np.asarray(by_text.sum(axis=1)).ravel() + 1.0 / state.priors.spread[-2]
    steps = _step_precision(layout, state.priors, place, periods)
    share = np.bincount(place) / len(place)
    out = np.empty_like(state.theta)
    for d in range(out.shape[1]):
        slope2 = texts[0][:, d] ** 2
        hidden = by_text.T @ csr_matrix.multiply(by_text, (slope2 / free)[:, None])
        known = np.diag(by_text.T @ slope2) - hidden.toarray()
        about = np.linalg.inv(known + steps)
        off = about - share @ about
        out[:, d] = np.maximum(np.diag(off - (off @ share)[:, None]), 0.0)[place]
    return out


def _step_precision(
    layout: Layout, priors: Priors, place: NDArray[np.int64], periods: Any
) -> FloatArray:
    """Precision of the levels of periods by the members' walks alone, (n_periods, n_periods)."""
    nodes = layout.nodes.assign(place=place, step=1.0 / priors.step)
    walked = nodes[nodes["gap"] > 0]
    out = np.diag(np.full(len(periods), 1e-9))
    edges = walked.groupby(["gap", "place"])["step"].sum().reset_index()
    for gap, now, own in edges.itertuples(index=False, name=None):
        before = int(np.searchsorted(periods, periods[now] - gap))
        weight = 1.0 / (1.0 / own + priors.common**2 * gap)
        out[now, now] += weight
        out[before, before] += weight
        out[now, before] -= weight
        out[before, now] -= weight
    first = place[layout.path_ptr[:-1]]
    np.add.at(out, (first, first), 1.0 / priors.first[:, 1])
    return out


def _flatten(state: State) -> FloatArray:
    """Everything that is extrapolated: points, common steps, and the size of members' own."""
    size = np.log(state.priors.step[:1])
    return np.concatenate([state.theta.ravel(), state.priors.drift.ravel(), size])


def _unflatten(state: State, flat: FloatArray) -> State:
    """Put back what was extrapolated."""
    priors = state.priors
    theta, drift = flat[:-1].reshape(2, *state.theta.shape)
    state.theta[:] = theta
    step = priors.step * np.exp(flat[-1]) / priors.step[0]
    return replace(state, priors=replace(priors, step=step, drift=drift))


class _Memory:
    """Anderson's extrapolation of a sequence that nears a fixed point.

    It begins anew where a sweep moves much more than the last one, and no jump is longer than
    ``LONGEST`` moves.
    """

    def __init__(self) -> None:
        self.points: list[FloatArray] = []
        self.moves: list[FloatArray] = []

    def extrapolate(self, before: FloatArray, after: FloatArray) -> FloatArray:
        """Return where the sequence seems to go, from its last points and how each was moved."""
        move = after - before
        size = float(np.linalg.norm(move))
        if self.moves and size > GROWN * np.linalg.norm(self.moves[-1]):
            self.points, self.moves = [], []
        self.points = [*self.points[-MEMORY:], before.copy()]
        self.moves = [*self.moves[-MEMORY:], move]
        if len(self.moves) == 1:
            return after.copy()
        moves = np.diff(np.array(self.moves), axis=0).T
        both = np.diff(np.array(self.points), axis=0).T + moves
        products = moves.T @ moves
        products[np.diag_indices_from(products)] += RIDGE * np.trace(products)
        jump = -both @ np.linalg.solve(products, moves.T @ move)
        length = float(np.linalg.norm(jump))
        return np.asarray(after + jump * min(1.0, LONGEST * size / max(length, 1e-300)))
