"""The exact estimator: draws from the posterior, with the hyperparameters of the variational one.

A member's whole path is proposed at once from its local normal approximation, and so is each text;
both are accepted by Metropolis and Hastings' rule, so that the posterior is kept exactly. No
utilities are drawn: with them, points of one session move by a tenth of their spread a sweep. What
mixes slowest is what all points of a period have in common, so that in each sweep all points from
some period on are shifted together with the texts of those periods.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.errors import ConvergenceError
from helpers.ideal_points.layout import Layout
from helpers.ideal_points.variational import Priors, State

FloatArray = NDArray[np.float64]

CHAINS: Final = 4
BURN: Final = 100
KEPT: Final = 300
"""Chains, and sweeps of each that are dropped and kept."""

RHAT: Final = 1.05
FAR_RHAT: Final = 1.2
SHARE: Final = 0.95
"""Converged: ``SHARE`` of points or more have an R-hat of at most ``RHAT``, all ``FAR_RHAT``."""

TOGETHER: Final = 1000
"""Points that are diagnosed at once."""

LEVELS: Final = 6
"""Periods from which on all is moved together in one sweep."""


@dataclass(frozen=True)
class Chain:
    """Draws of one chain.

    Attributes
    ----------
    points : float32 array, shape (kept, n_nodes, D)
        Standardised in each draw.
    texts : float32 array, shape (kept, n_texts, D + 2)
        ``b_1 .. b_D, c1, c2`` on the same scale.
    taken : dict of str to float
        Shares of steps that were taken: ``paths, texts, levels``.
    """

    points: NDArray[np.float32]
    texts: NDArray[np.float32]
    taken: dict[str, float]


def sample_posterior(
    layout: Layout, start: State, *, burn: int = BURN, kept: int = KEPT, seed: int = 1
) -> Chain:
    """Draw points and texts from the posterior.

    Parameters
    ----------
    layout : Layout
    start : State
        The variational estimate: where the chain begins (dispersed by its own uncertainty), and
        the hyperparameters that are kept.
    burn, kept : int
        Sweeps.
    seed : int

    Returns
    -------
    Chain
    """
    from helpers.ideal_points import kernels

    rng = np.random.default_rng(seed)
    priors = start.priors
    theta = start.theta + np.sqrt(start.var) * rng.standard_normal(start.theta.shape)
    psi, drift = start.psi.copy(), priors.drift.copy()
    dims, size = theta.shape[1], len(theta)
    works = np.zeros((2, 3, size))
    moves = _Levels(layout, priors)
    points = np.empty((kept, *theta.shape), np.float32)
    texts = np.empty((kept, *psi.shape), np.float32)
    taken = np.zeros(3)
    for sweep in range(burn + kept):
        slope = np.ascontiguousarray(psi[:, :dims])
        cuts = psi[:, dims].copy(), psi[:, dims] + np.exp(psi[:, dims + 1])
        for d in range(dims):
            taken[0] += kernels.draw_paths(
                *layout.by_node,
                priors.first,
                priors.step,
                drift,
                slope,
                *cuts,
                d,
                theta,
                works,
                rng,
            )
        taken[1] += kernels.draw_texts(
            *layout.by_text, theta, priors.centre, priors.spread, np.inf, psi, rng
        )
        if priors.common > 0:
            moves.draw_drift(theta, drift, rng)
        taken[2] += moves.move(theta, psi, drift, rng)
        if sweep >= burn:
            points[sweep - burn], texts[sweep - burn] = _standardised(theta, psi, start)
    steps = burn + kept
    paths = (len(layout.path_ptr) - 1) * dims
    shares = taken / (steps * np.array([paths, len(psi), moves.tried]))
    names = ("paths", "texts", "levels")
    return Chain(points, texts, dict(zip(names, shares.tolist(), strict=True)))


def _standardised(
    theta: FloatArray, psi: FloatArray, reference: State
) -> tuple[FloatArray, FloatArray]:
    """Return a draw with mean 0 and variance 1; two dimensions turned to match the reference."""
    dims = theta.shape[1]
    mean = theta.mean(axis=0)
    off = theta - mean
    turn = np.diag(1.0 / off.std(axis=0))
    if dims > 1:  # nearest rotation of the draw to the reference (orthogonal Procrustes)
        left, _, right = np.linalg.svd((off @ turn).T @ reference.theta)
        turn = turn @ left @ right
    elif off[:, 0] @ reference.theta[:, 0] < 0:
        turn = -turn
    texts = psi.copy()
    texts[:, :dims] = psi[:, :dims] @ np.linalg.inv(turn).T
    texts[:, dims] = psi[:, dims] - psi[:, :dims] @ mean
    texts[:, dims + 1] = texts[:, dims] + np.exp(psi[:, dims + 1])
    return off @ turn, texts


class _Levels:
    """Moves of all points from one period on, together with the texts of those periods."""

    def __init__(self, layout: Layout, priors: Priors) -> None:
        self.layout, self.priors = layout, priors
        self.place, periods = pd.factorize(layout.nodes["period"], sort=True)
        self.periods = np.asarray(periods)
        self.number = len(self.periods)
        self.tried = max(min(LEVELS, self.number), 1)
        owner = self.place[layout.node]
        text = np.repeat(np.arange(len(layout.texts)), np.diff(layout.item_ptr))
        self.first = np.full(len(layout.texts), self.number)
        self.last = np.zeros(len(layout.texts), np.int64)
        np.minimum.at(self.first, text, owner)
        np.maximum.at(self.last, text, owner)
        gap = layout.nodes["gap"].to_numpy()
        self.walked = gap > 0
        before = np.searchsorted(self.periods, layout.nodes["period"].to_numpy() - gap)
        self.before = np.where(self.walked, before, -1)

    def draw_drift(self, theta: FloatArray, drift: FloatArray, rng: np.random.Generator) -> None:
        """Draw the common steps given the points: a regression on the steps of all members.

        ``drift`` of a node is the sum of the common steps since the node before.
        """
        now, then = self.place[self.walked], self.before[self.walked]
        weight = 1.0 / self.priors.step[self.walked]
        steps = np.diff(theta, axis=0, prepend=0.0)[self.walked]
        covers = np.tri(self.number, dtype=np.float64)  # level = covers @ steps
        pairs = covers[now] - covers[then]
        apart = np.diff(self.periods, prepend=self.periods[0] - 1)
        precision = (pairs * weight[:, None]).T @ pairs
        precision += np.diag(1.0 / (self.priors.common**2 * apart))
        root = np.linalg.cholesky(precision)
        for d in range(theta.shape[1]):
            mean = np.linalg.solve(precision, pairs.T @ (weight * steps[:, d]))
            drawn = mean + np.linalg.solve(root.T, rng.standard_normal(self.number))
            drift[self.walked, d] = pairs @ drawn

    def move(
        self, theta: FloatArray, psi: FloatArray, drift: FloatArray, rng: np.random.Generator
    ) -> int:
        """Shift all points from some periods on; return how many moves were taken."""
        taken = 0
        for period in rng.choice(self.number, self.tried, replace=False):
            d = int(rng.integers(theta.shape[1]))
            taken += self._shift(theta, psi, drift, int(period), d, rng)
        return taken

    def _shift(
        self,
        theta: FloatArray,
        psi: FloatArray,
        drift: FloatArray,
        period: int,
        d: int,
        rng: np.random.Generator,
    ) -> bool:
        """Shift dimension ``d``: votes on texts of later periods alone are as likely as before."""
        later = self.place >= period
        crossing = later & self.walked & (self.before < period)
        own = self.first >= period
        size = self._spread(psi, crossing, own, d)
        by = size * rng.standard_normal()
        new, texts = theta.copy(), psi.copy()
        new[later, d] += by
        texts[own, -2] += by * psi[own, d]
        change = self._score(new, texts, drift, crossing, later, own, period, d)
        change -= self._score(theta, psi, drift, crossing, later, own, period, d)
        if np.log(rng.random()) >= change:
            return False
        theta[:], psi[:] = new, texts
        return True

    def _spread(
        self, psi: FloatArray, crossing: NDArray[np.bool_], own: NDArray[np.bool_], d: int
    ) -> float:
        """Size of a shift: what the steps that cross and the usual cut points leave open."""
        precision = np.sum(1.0 / self.priors.step[crossing])
        precision += np.sum(psi[own, d] ** 2) / self.priors.spread[-2] + 1.0
        return float(2.0 / np.sqrt(precision))

    def _score(
        self,
        theta: FloatArray,
        psi: FloatArray,
        drift: FloatArray,
        crossing: NDArray[np.bool_],
        later: NDArray[np.bool_],
        own: NDArray[np.bool_],
        period: int,
        d: int,
    ) -> float:
        """Log-posterior of all that a shift changes."""
        from helpers.ideal_points import kernels

        priors = self.priors
        steps = np.diff(theta[:, d], prepend=0.0)[crossing] - drift[crossing, d]
        log = -0.5 * np.sum(steps**2 / priors.step[crossing])
        begun = np.flatnonzero(~self.walked & later)
        path = self.layout.nodes["path"].to_numpy()[begun]
        off = theta[begun, d] - priors.first[path, 0]
        log -= 0.5 * np.sum(off**2 / priors.first[path, 1])
        log -= 0.5 * np.sum((psi[own, -2] - priors.centre[-2]) ** 2) / priors.spread[-2]
        both = np.flatnonzero((self.first < period) & (self.last >= period))
        return float(log + kernels.judge_texts(*self.layout.by_text, both, theta, psi))


def diagnose(layout: Layout, chains: list[Chain]) -> pd.DataFrame:
    """Return R-hat and effective draws of every point, by ArviZ.

    Returns
    -------
    pandas.DataFrame
        ``member, period, r_hat, ess`` (rank-normalised R-hat, bulk effective draws of all chains),
        of the worse dimension.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Buerkner (2021), Bayesian Analysis 16(2).
    """
    from arviz_stats.base import array_stats

    options: dict[str, Any] = {"chain_axis": 0, "draw_axis": 1}
    r_hat, ess = [], []
    for start in range(0, len(layout.nodes), TOGETHER):  # all at once would need a gigabyte
        part = np.stack([chain.points[:, start : start + TOGETHER] for chain in chains])
        draws = part.astype(np.float64)
        r_hat.append(np.max(array_stats.rhat(draws, **options), axis=-1))
        ess.append(np.min(array_stats.ess(draws, method="bulk", **options), axis=-1))
    table = layout.nodes[["member", "period"]].copy()
    return table.assign(r_hat=np.concatenate(r_hat), ess=np.concatenate(ess))


def require_convergence(table: pd.DataFrame) -> None:
    """Refuse draws that have not converged.

    Raises
    ------
    ConvergenceError
        Names the worst member and period.
    """
    share = float((table["r_hat"] <= RHAT).mean())
    values = table["r_hat"].fillna(np.inf).to_numpy()
    worst = int(values.argmax())
    if share < SHARE or values[worst] > FAR_RHAT:
        member, period = table["member"].iloc[worst], table["period"].iloc[worst]
        raise ConvergenceError(
            f"the chains do not agree: R-hat is {values[worst]:.2f} for {member} in period "
            f"{period}, and {RHAT} or less for {share:.0%} of points ({SHARE:.0%} needed, none "
            f"above {FAR_RHAT}); ask for more sweeps"
        )
