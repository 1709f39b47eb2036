"""Divisions of members by a complete similarity: methods, settling, and what they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.blocs.constants import CONSTANTS
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.record import MISSING, NO
from helpers.similarity import MEASURES

AVERAGE, COMPLETE, WARD = 0, 1, 2  # the rules of `helpers.blocs.kernels`

Labels = NDArray[np.int64]

Partitioner = Callable[[NDArray[np.float64], Sequence[int], int], Labels]


def _hierarchical(rule: int) -> Partitioner:
    def partition(similarity: NDArray[np.float64], ks: Sequence[int], _seed: int) -> Labels:
        from helpers.blocs.kernels import cut_many

        cuts = cut_many(similarity[None], rule, max(ks))[0]
        return cuts[np.asarray(ks) - 1].astype(np.int64) - 1

    return partition


def _spectral(similarity: NDArray[np.float64], ks: Sequence[int], _seed: int) -> Labels:
    from scipy.linalg import eigh, qr, svd

    affinity = _affinity(similarity)
    root = np.sqrt(affinity.sum(axis=1))
    size = len(affinity)
    span = [size - max(ks), size - 1]
    vectors = eigh(affinity / np.outer(root, root), subset_by_index=span)[1][:, ::-1]
    labels = np.empty((len(ks), size), np.int64)
    for row, k in zip(labels, ks, strict=True):
        pivots = qr(vectors[:, :k].T, pivoting=True, mode="r")[1][:k]
        left, _, right = svd(vectors[pivots, :k].T)
        row[:] = np.abs(vectors[:, :k] @ (left @ right)).argmax(axis=1)
    return labels


def _kmedoids(similarity: NDArray[np.float64], ks: Sequence[int], _seed: int) -> Labels:
    from helpers.blocs.kernels import cluster_medoids

    distances = 1.0 - similarity
    return np.stack([cluster_medoids(distances, k)[0] for k in ks])


def _hdbscan(similarity: NDArray[np.float64], ks: Sequence[int], _seed: int) -> Labels:
    from sklearn.cluster import HDBSCAN

    size = find_main_size(len(similarity))
    model = HDBSCAN(min_cluster_size=size, metric="precomputed", copy=True)
    labels = model.fit_predict(np.maximum(1.0 - similarity, 0.0))
    return np.tile(labels.astype(np.int64), (len(ks), 1))


def _leiden(similarity: NDArray[np.float64], ks: Sequence[int], seed: int) -> Labels:
    from scipy.sparse import csr_matrix
    from sknetwork.clustering import Leiden

    affinity = _affinity(similarity)
    np.fill_diagonal(affinity, 0.0)
    graph = csr_matrix(affinity)
    found: dict[int, list[Labels]] = {}
    for resolution in CONSTANTS.resolutions:
        _seed_c_library(seed)
        model = Leiden(resolution, "newman", return_probs=False, return_aggregate=False)
        labels = model.fit_predict(graph).astype(np.int64)
        found.setdefault(int(labels.max()) + 1, []).append(labels)
    nearest = [min(found, key=lambda count: (abs(count - k), count)) for k in ks]
    return np.stack([found[count][len(found[count]) // 2] for count in nearest])


METHODS: Final[dict[str, Partitioner]] = {
    "average": _hierarchical(AVERAGE),
    "complete": _hierarchical(COMPLETE),
    "ward": _hierarchical(WARD),
    "spectral": _spectral,
    "kmedoids": _kmedoids,
    "hdbscan": _hdbscan,
    "leiden": _leiden,
}
"""Methods by name: ``(similarity, ks, seed) -> labels (len(ks), members)`` from 0, -1 noise.

Average, complete and Ward linkage are the nearest-neighbour chain of `helpers.blocs.kernels`
(scipy's is too slow for a thousand replicates; the tests hold ours to scipy's trees); spectral is
scipy's eigenvectors, assigned by pivoted QR (Damle, Minden and Ying 2019, no random start);
k-medoids is FasterPAM (Schubert and Rousseeuw 2021), our own, since the kept libraries of it are
copyleft or young; HDBSCAN is scikit-learn's and finds its own number of blocs, whatever k; Leiden
is scikit-network's (Traag, Waltman and van Eck 2019), over a scan of resolutions.
"""

OWN_K: Final = ("hdbscan",)
"""Methods that find their own number of blocs."""


def divide(
    similarity: NDArray[np.float64], method: str, ks: Sequence[int], seed: int
) -> NDArray[np.int64]:
    """Divide members into blocs by one method, without judging whether there are any.

    Parameters
    ----------
    similarity : array, shape (members, members)
        Complete and symmetric, at most 1, 1 on the diagonal (see `complete_similarity`).
    method : str
        One of ``METHODS``.
    ks : sequence of int
        Numbers of clusters, from 2; ignored by methods in ``OWN_K``.
    seed : int
        Seed for methods that draw.

    Returns
    -------
    int array, shape (len(ks), members)
        Bloc of each member, 1 the largest; 0 for isolates (clusters of one or two, noise). Members
        of main blocs have been moved to the bloc whose centre is nearest.

    Examples
    --------
    >>> two = np.kron(np.eye(2), np.ones((3, 3)))
    >>> divide(two, "average", (2,), seed=1).tolist()
    [[1, 1, 1, 2, 2, 2]]
    """
    from helpers.blocs.kernels import settle

    labels = METHODS[method](similarity, ks, seed)
    sizes = CONSTANTS.isolate, find_main_size(len(similarity))
    return settle(1.0 - similarity, labels, *sizes, CONSTANTS.settle_rounds).astype(np.int64)


def find_main_size(members: int) -> int:
    """Return the fewest members of a main bloc.

    Examples
    --------
    >>> find_main_size(193), find_main_size(15)
    (10, 3)
    """
    return max(CONSTANTS.isolate + 1, int(np.ceil(CONSTANTS.main_share * members)))


def _affinity(similarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Similarity stretched so that the least alike dyad has 0 and a member with itself 1."""
    least = similarity.min()
    if least >= 1.0:
        return np.ones_like(similarity)
    return np.maximum((similarity - least) / (1.0 - least), 1e-12)


def _seed_c_library(seed: int) -> None:
    """Seed the C library's ``rand``, which scikit-network's Leiden draws from unseeded."""
    import ctypes
    import sys

    name = "ucrtbase" if sys.platform == "win32" else None
    ctypes.CDLL(name).srand(seed % 2**31)


def imaginary_share(similarity: NDArray[np.float64]) -> float:
    """Return the share of a dissimilarity's inertia that no flat (Euclidean) space can hold.

    With squared distances ``2 (1 - similarity)``, classical scaling gives one eigenvalue a
    dimension; the share is that of the negative ones in the sum of absolute values, 0..1.

    References
    ----------
    Gower and Legendre (1986), Journal of Classification 3.

    Examples
    --------
    >>> imaginary_share(np.eye(4))
    0.0
    """
    centred = similarity - similarity.mean(axis=0)
    centred = centred - centred.mean(axis=1)[:, None]
    values = np.linalg.eigvalsh((centred + centred.T) / 2)
    values[np.abs(values) < 1e-9 * np.abs(values).max(initial=0.0)] = 0.0
    return float(-values[values < 0].sum() / max(np.abs(values).sum(), 1e-300)) + 0.0


def check_method(method: str) -> None:
    """Stop at a method that is not in ``METHODS``, with a `ParameterError` that lists them."""
    if method not in METHODS:
        raise ParameterError(must_be_one_of("method", method, METHODS))


def require_flat(similarity: NDArray[np.float64], method: str) -> None:
    """Stop Ward's method where the geometry does not allow it.

    Raises
    ------
    SelectionError
        The method is Ward's, and more inertia is imaginary than `Constants` allow.
    """
    if method != "ward":
        return
    share = imaginary_share(similarity)
    if share > CONSTANTS.imaginary:
        raise SelectionError(
            f"method: 'ward' needs distances as in a flat space, and {share:.0%} of this "
            f"similarity's inertia is imaginary (at most {CONSTANTS.imaginary:.0%} is allowed); "
            "use 'average', or the measure 'agreement' or 'lijphart' on members that miss few votes"
        )


def complete_similarity(
    values: NDArray[np.floating[Any]], alike: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Give every undefined dyad a value, so that a partition can be made; never 0.

    Parameters
    ----------
    values : array, shape (members, members)
        Similarity, NaN where undefined.
    alike : bool array, shape (members, members)
        Undefined dyads that are known to have voted the same way on every shared roll call.

    Returns
    -------
    float array, shape (members, members)
        Those dyads get 1. An undefined dyad about which nothing is known gets the mean of how
        similar its two members are to all others, so that it neither joins nor divides them. 1
        on the diagonal.

    Examples
    --------
    >>> s = np.array([[1, .5, np.nan], [.5, 1, .1], [np.nan, .1, 1]])
    >>> complete_similarity(s, np.zeros((3, 3), bool))[0].tolist()
    [1.0, 0.5, 0.3]
    """
    full = np.where(alike & np.isnan(values), 1.0, values).astype(np.float64)
    np.fill_diagonal(full, np.nan)
    known = ~np.isnan(full)
    count = known.sum(axis=1)
    total = np.where(known, full, 0.0).sum(axis=1)
    overall = total.sum() / max(count.sum(), 1)
    mean = np.where(count > 0, total / np.maximum(count, 1), overall)
    full = np.where(known, full, (mean[:, None] + mean) / 2)
    np.fill_diagonal(full, 1.0)
    return full


def fill_undefined(
    values: NDArray[np.floating[Any]],
    shared: NDArray[np.floating[Any]],
    measure: str,
    min_shared: int,
) -> NDArray[np.float64]:
    """Complete a measured similarity, knowing why its dyads are undefined.

    Parameters
    ----------
    values : array, shape (members, members)
        From `helpers.similarity.measure_counts`.
    shared : array, shape (members, members)
        Roll calls that each dyad shares, from `count_shared`.
    measure : str
        A measure corrected for chance is undefined on enough shared roll calls only where both
        always cast the same single vote: these two are alike. See `complete_similarity`.
    min_shared : int
        Below it nothing is known of a dyad.
    """
    enough = shared >= min_shared
    corrected = not MEASURES[measure].is_share
    return complete_similarity(np.where(enough, values, np.nan), enough & corrected)


def count_shared(ballots: Ballots, weights: NDArray[Any] | None = None) -> NDArray[np.float32]:
    """Count the roll calls on which both members of each dyad have a vote: (members, members).

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> count_shared(ballots_from_matrix([[1, 3], [1, 0]], members=["USA", "RUS"])).tolist()
    [[2.0, 1.0], [1.0, 1.0]]
    """
    cast = (ballots.votes != MISSING).astype(np.float32)
    weighted = cast if weights is None else cast * weights.astype(np.float32)[:, None]
    return np.asarray(weighted.T @ cast)


def leave_out(ballots: Ballots, least_share: float) -> tuple[Ballots, tuple[str, ...]]:
    """Drop members that cast too few votes; absences do not count as votes under any rule."""
    cast = ((ballots.votes != MISSING) & (ballots.votes <= NO)).sum(axis=0)
    least = max(1.0, least_share * len(ballots.votes))
    kept = [m for m, n in zip(ballots.members, cast, strict=True) if n >= least]
    left_out = tuple(m for m in ballots.members if m not in set(kept))
    return ballots.take(members=kept), (*ballots.left_out, *left_out)


def match_blocs(labels: NDArray[np.int64], reference: NDArray[np.int64]) -> dict[int, int]:
    """Pair the blocs of two partitions of the same members so that most members stay together.

    Parameters
    ----------
    labels, reference : int arrays, shape (members,)
        Blocs from 1; 0 for isolates, which are not matched.

    Returns
    -------
    dict
        Label -> label of the reference; pairs without a common member are left out.

    References
    ----------
    Kuhn (1955), the Hungarian method for the assignment problem.

    Examples
    --------
    >>> match_blocs(np.array([2, 2, 1, 1, 1]), np.array([1, 1, 1, 2, 2]))
    {1: 2, 2: 1}
    """
    from scipy.optimize import linear_sum_assignment

    width = int(reference.max(initial=0)) + 1
    height = int(labels.max(initial=0)) + 1
    overlap = np.bincount(labels * width + reference, minlength=height * width)
    overlap = overlap.reshape(height, width)[1:, 1:]
    rows, columns = linear_sum_assignment(-overlap)
    return {int(r) + 1: int(c) + 1 for r, c in zip(rows, columns, strict=True) if overlap[r, c] > 0}


def consensus(
    similarities: NDArray[np.floating[Any]], ks: Sequence[int], *, method: str = "average"
) -> NDArray[np.float64]:
    """Return how often two members share a cluster over replicates, for each k.

    Parameters
    ----------
    similarities : array, shape (replicates, members, members)
        Complete similarities.
    ks : sequence of int
        Numbers of clusters, each 1 to 250.
    method : {"average", "complete"}
        Rule of agglomeration.

    Returns
    -------
    float array, shape (len(ks), members, members)
        Shares 0..1 of plain clusters: isolates are not told apart and nothing is moved.

    Raises
    ------
    ParameterError
        The method has no fast tree.

    References
    ----------
    Monti and others (2003), consensus clustering, Machine Learning 52.

    Examples
    --------
    >>> two = np.kron(np.eye(2), np.ones((3, 3)))
    >>> consensus(two[None], [2])[0, 0].tolist()
    [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    """
    from helpers.blocs.kernels import AVERAGE, COMPLETE, count_together, cut_many

    rules = {"average": AVERAGE, "complete": COMPLETE}
    if method not in rules:
        raise ParameterError(must_be_one_of("method", method, rules))
    counts = np.zeros((len(ks), *similarities.shape[1:]), np.int64)
    for start in range(0, len(similarities), 255):
        part = np.ascontiguousarray(similarities[start : start + 255], dtype=np.float64)
        cuts = cut_many(part, rules[method], max(ks))
        counts += count_together(np.ascontiguousarray(cuts[:, np.asarray(ks) - 1]))
    return counts / len(similarities)
