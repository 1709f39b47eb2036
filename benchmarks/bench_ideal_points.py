"""Speed of the ideal points: all votes of unvotes as the published estimates have them.

CPU seconds on one thread, from clean tables, with the cache of compiled code warm; ``ratio`` is how
many times as long the bar (or the peer) takes. The record is that of ``UNBLOCS_MIRROR``.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.special import ndtr

from helpers.ballots import Ballots, build_ballots
from helpers.ideal_points import estimate_points, simulate_points
from helpers.ideal_points.estimate import fit_variational
from helpers.ideal_points.exact import diagnose, sample_posterior
from helpers.ideal_points.gibbs import BURN, KEPT, sample_bsv
from helpers.ideal_points.presets import select
from helpers.record import load_record

ANCHORS = ("USA", "RUS")
VARIATIONAL_BAR, GIBBS_BAR = 5.0, 120.0
"""CPU seconds that all votes of unvotes may take."""


def seconds(function: Callable[[], Any]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def peak_mb() -> float:
    """Most memory that this process has had, libraries and compiled code included."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def row(name: str, ours: float, peer: str, theirs: float) -> dict[str, Any]:
    """One row of the table of benchmarks."""
    return {
        "name": f"ideal_points.{name}",
        "ours_s": float(ours),
        "peer": peer,
        "peer_s": float(theirs),
        "ratio": float(theirs / ours),
        "peak_mb": peak_mb(),
    }


def run_variational(ballots: Ballots) -> dict[str, Any]:
    """All votes of unvotes, from clean tables to converged estimates."""

    def ours() -> None:
        estimate_points(ballots, preset="bsv")

    ours()  # compiles
    taken = statistics.median(seconds(ours) for _ in range(3))
    return row("variational", taken, "the bar", VARIATIONAL_BAR)


def run_gibbs(ballots: Ballots) -> dict[str, Any]:
    """Time ten sweeps by the rule of ``bsv``, scaled to those of an estimate; sweeps are alike."""
    layout = select(ballots, periods="session", preset="bsv").lay_out()
    start = fit_variational(layout, "bsv", 1, ANCHORS)
    sample_bsv(layout, start, burn=1, kept=1)
    taken = seconds(lambda: sample_bsv(layout, start, burn=5, kept=5)) / 10 * (BURN + KEPT)
    return row("gibbs", taken, f"the bar, for {BURN + KEPT} sweeps", GIBBS_BAR)


def sample_plainly(votes: np.ndarray, theta: np.ndarray, psi: np.ndarray, sweeps: int) -> Any:
    """Random-walk Metropolis in numpy for one period: points in turn with texts."""
    rng = np.random.default_rng(1)
    draws = np.empty((sweeps, len(theta)))

    def judge(theta: np.ndarray, psi: np.ndarray) -> np.ndarray:
        eta = psi[:, :1] * theta
        below = ndtr(psi[:, 1:2] - eta)
        above = ndtr(eta - psi[:, 1:2] - np.exp(psi[:, 2:]))
        chance = np.stack([np.ones_like(below), below, 1 - below - above, above])
        return np.log(np.maximum(np.take_along_axis(chance, votes[None], axis=0)[0], 1e-12))

    for sweep in range(sweeps):
        new = theta + 0.3 * rng.standard_normal(theta.shape)
        change = (judge(new, psi) - judge(theta, psi)).sum(axis=0) + 0.5 * (theta**2 - new**2)
        theta = np.where(np.log(rng.random(theta.shape)) < change, new, theta)
        texts = psi + 0.2 * rng.standard_normal(psi.shape)
        change = (judge(theta, texts) - judge(theta, psi)).sum(axis=1)
        change += 0.5 * (psi**2 - texts**2).sum(axis=1)
        psi = np.where((np.log(rng.random(change.shape)) < change)[:, None], texts, psi)
        draws[sweep] = theta
    return draws


def run_exact() -> dict[str, Any]:
    """CPU seconds for 100 effective draws of the slowest 5% of points: one period, 60 members."""
    from arviz_stats.base import array_stats

    known = simulate_points(60, 1, 100, absence=0.0)
    layout = select(known.ballots, periods=known.periods, preset="").lay_out()
    start = fit_variational(layout, "", 1, ANCHORS)
    sample_posterior(layout, start, burn=1, kept=1)
    begun = time.process_time()
    chains = [sample_posterior(layout, start, burn=0, kept=400, seed=s) for s in (1, 2)]
    ours = (time.process_time() - begun) / diagnose(layout, chains)["ess"].quantile(0.05) * 100
    kept = layout.text_of >= 0
    votes = known.ballots.votes[kept][np.argsort(layout.text_of[kept])].astype(np.int64)
    begun = time.process_time()
    runs = [sample_plainly(votes, start.theta[:, 0], start.psi, 2000) for _ in range(2)]
    drawn = np.stack(runs)
    drawn = (drawn - drawn.mean(axis=2, keepdims=True)) / drawn.std(axis=2, keepdims=True)
    taken = time.process_time() - begun
    ess = array_stats.ess(drawn, chain_axis=0, draw_axis=1, method="bulk")
    peer = "random-walk Metropolis in numpy"
    return row("exact", ours, peer, taken / float(np.quantile(ess, 0.05)) * 100)


def run_size() -> dict[str, Any]:
    """Sweeps of a thousand votes: 30 sessions against 3, of 120 members and 100 roll calls."""
    costs = []
    for periods in (3, 30):
        known = simulate_points(120, periods, 100, bridged=0.3)
        layout = select(known.ballots, periods=known.periods, preset="").lay_out()
        begun = time.process_time()
        state = fit_variational(layout, "", 1, ANCHORS)
        costs.append((time.process_time() - begun) / state.sweeps / len(layout.vote) * 1000)
    return row("size", costs[1], "the same a vote, on a tenth of the votes", costs[0])


def run() -> Iterator[dict[str, Any]]:
    """Measure and yield ``name ours_s peer peer_s ratio peak_mb`` of each benchmark."""
    yield run_exact()
    yield run_size()
    ballots = build_ballots(load_record("unvotes"))
    yield run_variational(ballots)
    yield run_gibbs(ballots)
