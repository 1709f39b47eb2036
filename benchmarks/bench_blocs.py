"""Speed of the bloc stage: consensus against scipy and numpy, and a multiverse of 8,400 cells.

CPU seconds, ours and the peer interleaved, BLAS on one thread; ``ratio`` is how many times as long
the peer takes.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.blocs import consensus, count_shared, fill_undefined
from helpers.multiverse import run_multiverse
from helpers.resampling import draw_weights
from helpers.similarity import replicate_similarity
from helpers.simulate import simulate_assembly

KS = tuple(range(2, 13))
BAR = 15.0
"""Seconds that 8,400 cells may take."""

METHODS = ("average", "complete", "spectral", "kmedoids", "hdbscan", "leiden")
STATEMENTS = ("same_bloc(M001, M002)", "apart(M003)", "similarity(M001, M002) > 0.2")


def make_session(seed: int = 1) -> Ballots:
    """Make an assembly of the size and noise of a session: 193 members, 90 roll calls."""
    sizes = [120, 50, 20]
    return simulate_assembly(193, 90, sizes, 0.35, 0.1, margins=(0.8, 0.13, 0.07), seed=seed)[0]


def make_replicates(ballots: Ballots, replicates: int) -> NDArray[np.float64]:
    """Complete similarities (replicates, members, members) under pi."""
    draws = draw_weights(ballots.blocks, replicates, seed=1)
    size = len(ballots.members)
    i, j = np.triu_indices(size, 1)
    stack = np.ones((replicates, size, size))
    drawn = replicate_similarity(ballots, draws, "pi")
    for matrix, row, draw in zip(stack, drawn, draws, strict=True):
        matrix[i, j] = matrix[j, i] = row
        matrix[:] = fill_undefined(matrix, count_shared(ballots, draw), "pi", 1)
    return stack


def consensus_by_scipy(stack: NDArray[np.float64]) -> NDArray[np.int64]:
    """Count members together in the same clusters, with scipy's linkage and fcluster, and numpy."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    counts = np.zeros((len(KS), *stack.shape[1:]), np.int64)
    for matrix in stack:
        tree = linkage(squareform(1.0 - matrix, checks=False), "average")
        for row, k in zip(counts, KS, strict=True):
            labels = fcluster(tree, k, "maxclust")
            row += labels[:, None] == labels
    return counts


def seconds(function: Callable[[], Any]) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    function()
    return time.process_time() - start


def peak_mb(function: Callable[[], Any]) -> float:
    """Memory that one call allocates at most, as Python and numpy count it."""
    tracemalloc.start()
    function()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def run_consensus() -> dict[str, Any]:
    """One session, 193 members, 1,000 replicates, k = 2..12, average linkage, against scipy."""
    stack = make_replicates(make_session(), 1000)

    def ours() -> NDArray[np.float64]:
        return consensus(stack, KS)

    few = stack[:20]
    different = np.abs(consensus(few, KS) * 20 - consensus_by_scipy(few)) > 1e-9
    if different.mean() > 0.01:  # scipy's maxclust gives fewer clusters under ties
        raise RuntimeError("blocs.consensus: ours and scipy's clusters differ")
    pairs = [(seconds(ours), seconds(lambda: consensus_by_scipy(stack))) for _ in range(3)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "name": "blocs.consensus",
        "ours_s": mine,
        "peer": "scipy linkage + fcluster + numpy",
        "peer_s": theirs,
        "ratio": theirs / mine,
        "peak_mb": peak_mb(ours),
    }


def run_cells() -> dict[str, Any]:
    """Time 20 selections x 10 pairs of measure and distance x 6 methods x 7 k: 8,400 cells.

    HDBSCAN takes no k, so its seven are computed and listed as one: 7,200 distinct specifications.
    """
    grid = {
        "measure": ("kappa", "pi", "alpha"),
        "distance": ("nominal", "linear", "quadratic"),
        "method": METHODS,
        "k": tuple(range(2, 9)),
    }
    sessions = [make_session(seed) for seed in range(20)]

    def cross() -> None:
        for ballots in sessions:
            run_multiverse(ballots, grid, STATEMENTS)
            run_multiverse(ballots, {**grid, "measure": ("agreement",)}, STATEMENTS)

    run_multiverse(sessions[0], {**grid, "measure": ("pi",), "k": (2,)}, STATEMENTS)  # compiles
    ours = seconds(cross)
    return {
        "name": "blocs.multiverse",
        "ours_s": ours,
        "peer": "the bar, no peer",
        "peer_s": BAR,
        "ratio": BAR / ours,
        "peak_mb": peak_mb(lambda: run_multiverse(sessions[0], grid, STATEMENTS)),
    }


def run() -> list[dict[str, Any]]:
    """Measure and return ``name ours_s peer peer_s ratio peak_mb`` of each benchmark."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return [run_consensus(), run_cells()]


if __name__ == "__main__":
    for row in run():
        print(row)
