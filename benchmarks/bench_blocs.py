"""Speed of the bloc stage: consensus against scipy and numpy, and a multiverse of 8,400 cells.

CPU seconds, ours and the peer interleaved, BLAS on one thread; ``ratio`` is how many times as long
the peer takes.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helpers.ballots.resampling import draw_weights
from helpers.ballots.select import Ballots
from helpers.ballots.simulate import simulate_assembly
from helpers.blocs.partition import consensus, count_shared, fill_undefined
from helpers.multiverse.run import run_multiverse
from helpers.similarity.measures import replicate_similarity

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


def share_votes(ballots: Ballots) -> NDArray[np.float64]:
    """Joint shares of votes (members, members, 3, 3) by one float32 product of indicators."""
    votes, size = ballots.votes, len(ballots.members)
    cast = (votes[:, :, None] == np.arange(1, 4, dtype=np.int8)).astype(np.float32)
    cast = cast.reshape(len(votes), -1)
    counts = (cast.T @ cast).reshape(size, 3, size, 3).transpose(0, 2, 1, 3).astype(float)
    return counts / np.maximum(counts.sum(axis=(2, 3), keepdims=True), 1)


def measure_plainly(shares: NDArray[np.float64], measure: str, distance: str) -> Any:
    """Measure of every dyad as the books write it, undefined dyads the mean of all."""
    steps = np.abs(np.subtract.outer(range(3), range(3))) / 2
    d = {"nominal": np.sign(steps), "linear": steps, "quadratic": steps**2}[distance]
    first, second = shares.sum(axis=3), shares.sum(axis=2)
    observed = (shares * d).sum(axis=(2, 3))
    if measure == "agreement":
        return 1.0 - observed
    if measure != "kappa":
        first = second = (first + second) / 2
    with np.errstate(all="ignore"):
        values = 1.0 - observed / np.einsum("ijk,kl,ijl->ij", first, d, second)
    values[~np.isfinite(values)] = np.nanmean(values[np.isfinite(values)])
    np.fill_diagonal(values, 1.0)
    return values


def alternate_medoids(distances: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """Alternate between nearest medoids and best medoids (Park and Jun 2009)."""
    medoids = np.argsort((distances / distances.sum(axis=0)).sum(axis=1))[:k]
    while True:
        labels = distances[:, medoids].argmin(axis=1)
        groups = [np.flatnonzero(labels == c) for c in range(k)]
        new = np.array([g[distances[np.ix_(g, g)].sum(axis=0).argmin()] for g in groups if g.size])
        if len(new) < k or (new == medoids).all():
            return np.asarray(labels)
        medoids = new


def cluster_plainly(similarity: NDArray[np.float64], method: str, k: int) -> Any:
    """Clusters by the library that a researcher would call."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.sparse import csr_matrix
    from scipy.spatial.distance import squareform
    from sklearn.cluster import HDBSCAN, SpectralClustering
    from sknetwork.clustering import Leiden

    distances = np.maximum(1.0 - similarity, 0.0)
    if method in ("average", "complete"):
        return fcluster(linkage(squareform(distances, checks=False), method), k, "maxclust")
    if method == "kmedoids":
        return alternate_medoids(distances, k)
    if method == "hdbscan":
        return HDBSCAN(min_cluster_size=10, metric="precomputed", copy=True).fit_predict(distances)
    affinity = np.maximum(similarity - similarity.min(), 1e-12)
    if method == "leiden":
        return Leiden(1.0).fit_predict(csr_matrix(affinity))
    model = SpectralClustering(
        k, affinity="precomputed", assign_labels="cluster_qr", random_state=1
    )
    return model.fit_predict(affinity)


def cross_plainly(ballots: Ballots, ks: tuple[int, ...]) -> int:
    """Compute the cells of one session one by one, each from its votes; return their number."""
    pairs = [(m, d) for m in ("kappa", "pi", "alpha") for d in ("nominal", "linear", "quadratic")]
    cells = 0
    for measure, distance in [*pairs, ("agreement", "nominal")]:
        for method in METHODS:
            for k in ks:
                similarity = measure_plainly(share_votes(ballots), measure, distance)
                labels = cluster_plainly(similarity, method, k)
                cells += len(labels) > 0
    return cells


def run_cells() -> dict[str, Any]:
    """Time 20 selections x 10 pairs of measure and distance x 6 methods x 7 k: 8,400 cells.

    HDBSCAN takes no k, so its seven are computed and listed as one: 7,200 distinct specifications.
    The peer computes each cell by itself, as a researcher's loop would, for one session and three
    k, and is scaled to 8,400; its Leiden takes one resolution, where ours scans five.
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
    cross_plainly(make_session(99), (2,))
    ours, theirs = [], []
    for turn in range(3):
        ours.append(seconds(cross))
        theirs.append(seconds(lambda turn=turn: cross_plainly(sessions[turn], (2, 5, 8))))
    mine, peer = statistics.median(ours), statistics.median(theirs) * 8400 / (10 * 6 * 3)
    return {
        "name": "blocs.multiverse",
        "ours_s": mine,
        "peer": f"numpy, scipy, scikit-learn, scikit-network a cell; the bar is {BAR:.0f} s",
        "peer_s": peer,
        "ratio": peer / mine,
        "peak_mb": peak_mb(lambda: run_multiverse(sessions[0], grid, STATEMENTS)),
    }


def run() -> Iterator[dict[str, Any]]:
    """Measure and yield ``name ours_s peer peer_s ratio peak_mb`` of each benchmark."""
    yield run_consensus()
    yield run_cells()
