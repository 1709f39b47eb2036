"""Members as points in a plane, near each other where they vote alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.blocs.constants import CONSTANTS
from helpers.blocs.partition import fill_undefined, leave_out
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.record import ABSTAIN, NO, YES
from helpers.similarity import MEASURES, choose_distance, measure_similarity
from helpers.store import Plotted

Array = NDArray[np.float64]

POOR_STRESS: Final = 0.2
"""Stress from which Kruskal (1964) calls a picture poor."""


@dataclass(frozen=True, repr=False)
class Placement(Plotted):
    """Members as points in a plane.

    Attributes
    ----------
    table : DataFrame
        ``member, x, y``, and ``cluster`` (1 to k, the largest first; 0 where none was asked for).
        Directions, and with MDS the rotation, mean nothing: only distances do.
    method : {"mds", "pca"}
        How they were placed.
    measure, distance : str
        The similarity behind MDS; empty for PCA, which takes the votes themselves.
    stress : float
        Kruskal's stress-1 of MDS, 0 (the plane shows all) on: above 0.2 it is a poor picture. NaN
        for PCA.
    explained_x, explained_y : float
        Shares of the variance of the votes along PCA's axes; NaN for MDS.
    k : int
        Clusters of k-means; 0 for none.
    left_out : tuple of str
        Members that cast too few votes to be placed.
    seed : int
        Seed of k-means.
    warnings : tuple of str
        Sentences that must go with the picture.
    """

    table: pd.DataFrame
    method: str
    measure: str
    distance: str
    stress: float
    explained_x: float
    explained_y: float
    k: int
    left_out: tuple[str, ...]
    seed: int
    warnings: tuple[str, ...]


def place_members(
    ballots: Ballots,
    *,
    method: str = "mds",
    measure: str = "pi",
    distance: str = "linear",
    min_shared: int = 5,
    k: int = 0,
    seed: int = 1,
) -> Placement:
    """Place members in a plane so that those that vote alike are near each other.

    Answers: what does the assembly look like? Not whether it has blocs: `find_blocs` tests that.

    Parameters
    ----------
    ballots : Ballots
        Members with votes on fewer than half of the roll calls, as for blocs, are left out.
    method : {"mds", "pca"}
        Metric multidimensional scaling of ``(1 - similarity) / (1 - lowest similarity)``, from
        Torgerson's solution on; or principal components of the votes (yes 1, abstain 0, no -1,
        centred by roll call, a vote that was not cast at the roll call's mean).
    measure, distance, min_shared
        As in `helpers.similarity.measure_similarity`, for MDS.
    k : int
        Clusters of k-means on the points; 0 for none.
    seed : int
        Seed of k-means.

    Returns
    -------
    Placement

    Raises
    ------
    ParameterError
        There is no such method, or ``k`` is not 0 or 2 to the number of members.
    SelectionError
        Fewer than three members are left.

    Notes
    -----
    Stress-1 is ``sqrt(sum (d - e)^2 / sum d^2)`` over dyads, d the distance in the plane and e that
    of the votes.

    References
    ----------
    Kruskal (1964), Psychometrika 29; Torgerson (1952), Psychometrika 17; Lloyd (1982), IEEE
    Transactions on Information Theory 28, on k-means.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> votes = [[1, 1, 3, 3], [1, 1, 3, 3], [1, 2, 3, 3]]
    >>> found = place_members(
    ...     ballots_from_matrix(votes, members=list("ABCD")), method="pca", k=2
    ... )
    >>> found.table["cluster"].tolist(), round(found.explained_x, 2)
    ([1, 1, 2, 2], 0.96)
    """
    if method not in PLACINGS:
        raise ParameterError(must_be_one_of("method", method, PLACINGS))
    kept, left_out = leave_out(ballots, CONSTANTS.least_share)
    if len(kept.members) < 3:
        raise SelectionError(
            f"members: {len(kept.members)} have votes on half of the roll calls, and three are "
            "needed to place them; widen members or the period"
        )
    if k and not 2 <= k <= len(kept.members):
        raise ParameterError(f"k: {k} must be 0, or 2 to {len(kept.members)}, the members")
    used = choose_distance(measure, distance) if method == "mds" else ""
    points, quality = PLACINGS[method](kept, measure, distance, min_shared)
    table = pd.DataFrame({"member": kept.members, "x": points[:, 0], "y": points[:, 1]})
    return Placement(
        table=table.assign(cluster=_cluster(points, k, seed)),
        method=method,
        measure=measure if method == "mds" else "",
        distance=used,
        k=k,
        left_out=left_out,
        seed=seed,
        warnings=_warn(quality["stress"], k),
        **quality,
    )


def _scale(
    ballots: Ballots, measure: str, distance: str, min_shared: int
) -> tuple[Array, dict[str, float]]:
    """Metric MDS from Torgerson's solution, with its stress."""
    from scipy.spatial.distance import pdist, squareform
    from sklearn.manifold import MDS

    found = measure_similarity(ballots, measure, distance=distance, min_shared=min_shared)
    shared = found.n_shared.to_numpy(float)
    alike = fill_undefined(found.values.to_numpy(float), shared, measure, min_shared)  # noqa: PD011
    apart = (1.0 - alike) / (1.0 - MEASURES[measure].range[0])
    np.fill_diagonal(apart, 0.0)
    apart = np.maximum((apart + apart.T) / 2, 0.0)
    mds = MDS(
        n_components=2,
        metric_mds=True,
        metric="precomputed",
        init="classical_mds",
        n_init=1,
        max_iter=300,
        eps=1e-6,
        normalized_stress=False,
    )
    points = np.asarray(mds.fit_transform(apart))
    seen, meant = pdist(points), squareform(apart, checks=False)
    total = float((seen**2).sum())
    stress = float(np.sqrt(((seen - meant) ** 2).sum() / total)) if total else 0.0
    return points, {"stress": stress, "explained_x": np.nan, "explained_y": np.nan}


def _project(
    ballots: Ballots, _measure: str, _distance: str, _min_shared: int
) -> tuple[Array, dict[str, float]]:
    """Project the votes on their first two principal components."""
    from sklearn.decomposition import PCA

    codes = np.full(5, np.nan)
    codes[[YES, ABSTAIN, NO]] = 1.0, 0.0, -1.0
    votes = codes[ballots.votes]
    votes = votes[~np.isnan(votes).all(axis=1)]
    filled = np.where(np.isnan(votes), np.nanmean(votes, axis=1, keepdims=True), votes)
    pca = PCA(n_components=min(2, *filled.shape), svd_solver="full", whiten=False)
    points = np.zeros((filled.shape[1], 2))
    points[:, : pca.n_components] = pca.fit_transform(filled.T)
    # The sign of an axis is arbitrary: the member farthest out is on the positive side.
    far = points[np.abs(points).argmax(axis=0), [0, 1]]
    shares = np.zeros(2)
    shares[: pca.n_components] = np.nan_to_num(pca.explained_variance_ratio_)
    quality = {"stress": np.nan, "explained_x": float(shares[0]), "explained_y": float(shares[1])}
    return points * np.where(far < 0, -1.0, 1.0), quality


PLACINGS: Final[dict[str, Callable[..., tuple[Array, dict[str, float]]]]] = {
    "mds": _scale,
    "pca": _project,
}
"""How members are placed, by name."""


def _cluster(points: Array, k: int, seed: int) -> NDArray[np.int64]:
    """Clusters of k-means, the largest 1; all 0 where none are asked for."""
    if not k:
        return np.zeros(len(points), np.int64)
    from sklearn.cluster import KMeans

    means: Any = KMeans(
        n_clusters=k, init="k-means++", n_init=10, max_iter=300, tol=1e-4, random_state=seed,
        copy_x=True, algorithm="lloyd",
    )  # fmt: skip
    labels = pd.Series(means.fit_predict(points))
    order = {label: i + 1 for i, label in enumerate(labels.value_counts(sort=True).index)}
    return labels.map(order).to_numpy(np.int64)


def _warn(stress: float, k: int) -> tuple[str, ...]:
    """Say what a reader would otherwise take the picture for."""
    warnings = []
    if stress > POOR_STRESS:
        warnings.append(
            f"stress {stress:.2f} is above {POOR_STRESS}: two dimensions show the distances poorly"
        )
    if k:
        warnings.append(
            f"k-means cuts any cloud of points into {k} clusters, also one without blocs; "
            "find_blocs tests whether there are any"
        )
    return tuple(warnings)
