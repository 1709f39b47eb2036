"""Blocs of members that vote alike: methods, choice of k against a null, who belongs how surely."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.members import load_groups
from helpers.resampling import FEW_BLOCKS, draw_weights, permute_within_roll_calls
from helpers.similarity import (
    MEASURES,
    joint_weights,
    measure_counts,
    measure_similarity,
    replicate_similarity,
)
from helpers.tables import MISSING, NO

ISOLATE: Final = 2
"""A bloc of this many members or fewer is no bloc: its members are isolates (label 0)."""

MAIN_SHARE: Final = 0.05
"""A main bloc holds at least this share of the members, and more than `ISOLATE`; structure needs
two of them. A smaller bloc is a fringe."""

CLEAR: Final = 0.7
"""Below this probability a member has no clear home."""

K_RANGE: Final = (2, 8)
"""Numbers of clusters that are compared when k is ``"auto"``."""

LEAST_SHARE: Final = 0.25
"""Members that voted in a smaller share of the roll calls are left out, and listed."""

TOLERANCE: Final = 0.95
"""The k whose scores reach this share of the best are about as good."""

FORETOLD: Final = 0.9
"""Of k about as good, the smallest is chosen whose blocs foretell votes this well: as a share of
what the best of them gain."""

ALPHA: Final = 0.01
"""Structure is found if at most this share of assemblies without any does as well."""

IMAGINARY: Final = 0.1
"""Most of a dissimilarity's inertia that may lie in imaginary directions for Ward's method."""

ROUNDS: Final = 20
"""Most passes in which members are moved to the nearest bloc."""

STEADY: Final = 0.4
"""A k whose stability is lower is not eligible: its blocs come and go with the votes drawn."""

PLACEMENTS: Final = ("votes", "similarity")
"""How members of main blocs are placed once the blocs are found."""

STRENGTH: Final = 3.0
"""Members' weight with which a bloc's shares of votes are drawn towards those of all."""

AVERAGE, COMPLETE, WARD = 0, 1, 2  # the rules of `helpers._kernels_blocs`

Labels = NDArray[np.int64]
Partitioner = Callable[[NDArray[np.float64], Sequence[int], int], Labels]


@dataclass(frozen=True)
class Blocs:
    """Blocs of one selection of ballots, and how far they can be trusted.

    Attributes
    ----------
    table : DataFrame
        One row a member: ``member``; ``bloc`` (1 the largest, 0 an isolate); ``probability`` (share
        of replicates in which it is in that bloc, 0..1, NaN when no structure was found);
        ``second_bloc`` (the next nearest, NA where there is one bloc only);
        ``second_probability``; ``clear`` (False when the probability is below `CLEAR`).
    homes : DataFrame, members x blocs
        Share of replicates in which each member (index) is in each bloc (columns ``"0"``, isolates,
        ``"1"``, ...). A row's sum is below 1 by the replicates in which it is in none of these.
    blocs : DataFrame
        One row a bloc: ``bloc, name, size, cohesion`` (mean similarity of its members, in the
        measure), ``typical`` (members most similar to the rest of it and rarely absent),
        ``fringe`` (smaller than a main bloc).
    choice : DataFrame
        One row a k: ``k, stability`` (mean adjusted Rand with the replicates), ``silhouette,
        null_silhouette, gap`` (the difference), ``score`` (gap times stability), ``ambiguous``
        (share of dyads together in 10 to 90% of replicates), ``smallest, largest,
        blocs_over_two, isolates, eligible`` (two main blocs, and `STEADY`), ``foretold`` (how much
        likelier, in log-likelihood a vote, votes are by those of the others in the bloc than by
        those of all members), ``chosen``.
    distinctive : DataFrame
        The roll calls that set each bloc apart: ``bloc, roll_call, symbol, title, vote`` (most
        frequent in the bloc), ``inside, outside`` (shares that cast it), ``distance`` (total
        variation between the votes inside and outside, 0..1).
    overlap : DataFrame
        Blocs against known groups at the last date: ``bloc, group, both, group_size,
        share_of_group, share_of_bloc, jaccard``. Empty when the roll calls have no date.
    coassignment : DataFrame, members x members
        Share of replicates in which two members share a bloc at the chosen k, 0..1.
    linkage : array, shape (members - 1, 4)
        Dendrogram in scipy's format, of average linkage (complete under ``complete``), over the
        members in the order of ``table``.
    order : tuple of str
        Members in the order of the dendrogram's leaves.
    structure : bool
        Whether there is more bloc structure than in assemblies with the votes of each roll call
        shuffled among the members. Where False and k was ``"auto"``, all are in bloc 1.
    p_value : float
        Share of such assemblies that reach the largest gap seen, with this one counted.
    k : int
        Number of clusters that was cut (isolates count), 1 when no structure was found.
    measure, distance, method : str
        What was computed with what.
    replicates, nulls, seed, n_blocks : int
        Replicates and null assemblies drawn; blocks of roll calls.
    left_out : tuple of str
        Members with too few votes.
    undefined : dict
        Dyads without a similarity, by reason (in `measure_similarity`'s words).
    warnings : tuple of str
        Sentences that a report must show.
    """

    table: pd.DataFrame
    homes: pd.DataFrame
    blocs: pd.DataFrame
    choice: pd.DataFrame
    distinctive: pd.DataFrame
    overlap: pd.DataFrame
    coassignment: pd.DataFrame
    linkage: NDArray[np.float64]
    order: tuple[str, ...]
    structure: bool
    p_value: float
    k: int
    measure: str
    distance: str
    method: str
    replicates: int
    nulls: int
    seed: int
    n_blocks: int
    left_out: tuple[str, ...]
    undefined: dict[str, int]
    warnings: tuple[str, ...]

    @property
    def labels(self) -> pd.Series:
        """Bloc of each member, by member id."""
        return self.table.set_index("member")["bloc"]


# --- methods ------------------------------------------------------------------------------------


def _hierarchical(rule: int) -> Partitioner:
    def partition(similarity: NDArray[np.float64], ks: Sequence[int], _seed: int) -> Labels:
        from helpers._kernels_blocs import cut_many

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
    from helpers._kernels_blocs import cluster_medoids

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
    for resolution in RESOLUTIONS:
        _seed_c_library(seed)
        model = Leiden(resolution, "newman", return_probs=False, return_aggregate=False)
        labels = model.fit_predict(graph).astype(np.int64)
        found.setdefault(int(labels.max()) + 1, []).append(labels)
    nearest = [min(found, key=lambda count: (abs(count - k), count)) for k in ks]
    return np.stack([found[count][len(found[count]) // 2] for count in nearest])


RESOLUTIONS: Final = (0.8, 1.0, 1.06, 1.12, 1.2)
"""Resolutions that Leiden is scanned over; k is met by the middle one that gives k communities."""

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

Average, complete and Ward linkage are the nearest-neighbour chain of `helpers._kernels_blocs`
(scipy's is too slow for a thousand replicates; the tests hold ours to scipy's trees); spectral is
scipy's eigenvectors, assigned by pivoted QR (Damle, Minden and Ying 2019, no random start);
k-medoids is FasterPAM (Schubert and Rousseeuw 2021), our own, since the kept libraries of it are
copyleft or young; HDBSCAN is scikit-learn's and finds its own number of blocs, whatever k; Leiden
is scikit-network's (Traag, Waltman and van Eck 2019), over a scan of resolutions.
"""

OWN_K: Final = ("hdbscan",)
"""Methods that find their own number of blocs."""


def partition(
    similarity: NDArray[np.float64], method: str = "average", k: int | None = None, seed: int = 1
) -> Labels:
    """Divide members into blocs by one method, without judging whether there are any.

    Parameters
    ----------
    similarity : array, shape (members, members)
        Complete and symmetric, at most 1, 1 on the diagonal (see `complete_similarity`).
    method : str
        One of ``METHODS``.
    k : int, optional
        Number of clusters; needed by all methods but those in ``OWN_K``, which ignore it.
    seed : int
        Seed for methods that draw.

    Returns
    -------
    int array, shape (members,)
        Bloc of each member, 1 the largest; 0 for isolates (clusters of one or two, noise). Members
        of main blocs have been moved to the bloc whose centre is nearest.

    Raises
    ------
    ParameterError
        The method is unknown, or k is missing or out of range.
    SelectionError
        Ward's method on a similarity that no flat space can hold.

    Examples
    --------
    >>> two = np.kron(np.eye(2), np.ones((3, 3)))
    >>> partition(two, "average", k=2).tolist()
    [1, 1, 1, 2, 2, 2]
    """
    _check_method(method)
    if method in OWN_K:
        k = 2
    if k is None or not 2 <= k < len(similarity):
        raise ParameterError(
            f"k: {k} must be a whole number from 2 to {len(similarity) - 1} for {method!r} and "
            f"{len(similarity)} members"
        )
    complete = np.asarray(similarity, dtype=np.float64)
    require_flat(complete, method)
    return divide(complete, method, (k,), seed)[0]


def divide(
    similarity: NDArray[np.float64], method: str, ks: Sequence[int], seed: int
) -> NDArray[np.int64]:
    """Settled blocs (len(ks), members) of a complete similarity; see `partition`."""
    from helpers._kernels_blocs import settle

    labels = METHODS[method](similarity, ks, seed)
    main = find_main_size(len(similarity))
    return settle(1.0 - similarity, labels, ISOLATE, main, ROUNDS).astype(np.int64)


def find_main_size(members: int) -> int:
    """Return the fewest members of a main bloc.

    Examples
    --------
    >>> find_main_size(193), find_main_size(15)
    (10, 3)
    """
    return max(ISOLATE + 1, int(np.ceil(MAIN_SHARE * members)))


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


# --- similarities without holes -----------------------------------------------------------------


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


@dataclass(frozen=True)
class _Source:
    """Ballots and a measure, giving complete similarities of themselves, replicates and nulls."""

    ballots: Ballots
    measure: str
    distance: str
    min_shared: int

    def observed(self) -> NDArray[np.float64]:
        return self._of(self.ballots)

    def _of(self, ballots: Ballots) -> NDArray[np.float64]:
        values = measure_counts(joint_weights(ballots), self.measure, distance=self.distance)
        return fill_undefined(values, count_shared(ballots), self.measure, self.min_shared)

    def replicates(self, draws: NDArray[np.uint8]) -> Iterator[NDArray[np.float64]]:
        size = len(self.ballots.members)
        i, j = np.triu_indices(size, 1)
        for start in range(0, len(draws), 100):
            part = draws[start : start + 100]
            condensed = replicate_similarity(
                self.ballots, part, self.measure, distance=self.distance
            )
            for draw, row in zip(part, condensed, strict=True):
                values = np.ones((size, size))
                values[i, j] = values[j, i] = row
                shared = count_shared(self.ballots, draw)
                yield fill_undefined(values, shared, self.measure, self.min_shared)

    def nulls(self, seeds: Sequence[int]) -> Iterator[NDArray[np.float64]]:
        for seed in seeds:
            yield self._of(permute_within_roll_calls(self.ballots, seed))


# --- the stage ----------------------------------------------------------------------------------


def find_blocs(
    ballots: Ballots,
    *,
    measure: str = "pi",
    distance: str = "linear",
    method: str = "average",
    k: int | str = "auto",
    replicates: int = 200,
    seed: int = 1,
    min_shared: int = 1,
    nulls: int = 100,
    least_share: float = LEAST_SHARE,
    placement: str = "votes",
) -> Blocs:
    """Find blocs of members that vote alike, and say how far they can be trusted.

    Answers: are there blocs beyond chance, how many, and who is in which, how surely?

    Parameters
    ----------
    ballots : Ballots
        Votes, roll calls x members, with blocks of roll calls that are drawn together.
    measure, distance : str
        As in `helpers.similarity.measure_similarity`.
    method : str
        One of ``METHODS``.
    k : int or "auto"
        Number of clusters, isolates counted; ``"auto"`` compares `K_RANGE`.
    replicates : int
        Bootstrap replicates over blocks of roll calls.
    seed : int
        Seed of every draw.
    min_shared : int
        Dyads with fewer shared roll calls count as undefined.
    nulls : int
        Assemblies with the votes of each roll call shuffled among those that voted.
    least_share : float
        Members that voted in a smaller share of the roll calls are left out, and listed.
    placement : {"votes", "similarity"}
        How the members of main blocs are placed once the blocs are found: each in the bloc whose
        votes make its own votes likeliest, or the one that is nearest in similarity.

    Returns
    -------
    Blocs

    Raises
    ------
    ParameterError
        An option has no such value.
    SelectionError
        Fewer than six members are left, or Ward's method does not apply.

    Notes
    -----
    A k is as good as any if its score, (silhouette - mean null silhouette) x stability, reaches
    `TOLERANCE` of the best among those with two main blocs; of these the smallest is taken whose
    blocs foretell their members' votes about as well as any (`FORETOLD`). Isolates count 0 in
    the silhouette (Rousseeuw 1987), so that peeling them off is no gain. There is structure if
    the largest gap over all k is reached by at most `ALPHA` of the null assemblies. See
    ``docs/blocs.md``.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> votes = np.array([[1] * 5 + [3] * 5, [3] * 5 + [1] * 5, [1] * 5 + [2] * 5] * 4)
    >>> votes[[0, 4, 8], [1, 6, 9]] = 2
    >>> ballots = ballots_from_matrix(votes, members=list("ABCDEFGHIJ"))
    >>> found = find_blocs(ballots, replicates=20, nulls=20)
    >>> found.structure, found.table["bloc"].tolist()
    (True, [1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    """
    _check_options(method, k, replicates, nulls, seed, placement)
    kept, left_out = leave_out(ballots, least_share)
    ks = _candidates(method, k, len(kept.members))
    source = _Source(kept, measure, distance, min_shared)
    point = measure_similarity(kept, measure, distance=distance, min_shared=min_shared)
    similarity = source.observed()
    require_flat(similarity, method)
    labels = divide(similarity, method, ks, seed)
    draws = _draw(kept, replicates, seed)
    drawn = np.stack([divide(s, method, ks, seed) for s in source.replicates(draws)])
    null = _null_silhouettes(source, method, ks, nulls, seed)
    silhouette = _silhouettes(similarity, labels)
    if placement == "votes":
        labels, drawn = _place(kept, labels[None], None)[0], _place(kept, drawn, draws)
    choice = _compare(silhouette, labels, drawn, null, ks, method)
    choice["foretold"] = _measure_foretold(kept, labels)
    p_value = _p_value(choice, null)
    structure = p_value <= max(ALPHA, 1 / (nulls + 1)) and bool(choice["eligible"].any())
    row = _choose(choice, k)
    choice["chosen"] = np.arange(len(choice)) == (row if structure or k != "auto" else -1)
    undivided = k == "auto" and not structure
    like = _like(drawn, row, labels[row])
    final = np.ones_like(labels[row]) if undivided else labels[row]
    return Blocs(
        **_describe(kept, final, like, similarity, undivided=undivided),
        **_arrange(kept.members, similarity, method),
        choice=choice,
        structure=structure,
        p_value=p_value,
        k=1 if undivided else int(choice["k"].iloc[row]),
        measure=measure,
        distance=point.distance,
        method=method,
        replicates=replicates,
        nulls=nulls,
        seed=seed,
        n_blocks=kept.n_blocks,
        left_out=left_out,
        undefined=point.missing,
        warnings=_warn(kept, left_out, point.missing),
    )


def _describe(
    ballots: Ballots,
    final: NDArray[np.int64],
    replicates: NDArray[np.int64],
    similarity: NDArray[np.float64],
    *,
    undivided: bool,
) -> dict[str, Any]:
    """Build the tables of `Blocs` about members and blocs."""
    members = ballots.members
    homes = find_home_shares(replicates, final)
    columns = [str(b) for b in range(homes.shape[1])]
    return {
        "table": _member_table(members, final, homes, similarity, undivided=undivided),
        "homes": pd.DataFrame(homes, index=list(members), columns=columns),
        "blocs": _bloc_table(ballots, final, similarity),
        "distinctive": find_distinctive(ballots, final),
        "overlap": _overlap(ballots, final),
        "coassignment": _together(replicates, members),
    }


def _check_method(method: str) -> None:
    if method not in METHODS:
        raise ParameterError(must_be_one_of("method", method, METHODS))


def require_flat(similarity: NDArray[np.float64], method: str) -> None:
    """Stop Ward's method where the geometry does not allow it.

    Raises
    ------
    SelectionError
        The method is Ward's and more than `IMAGINARY` of the inertia is imaginary.
    """
    if method != "ward":
        return
    share = imaginary_share(similarity)
    if share > IMAGINARY:
        raise SelectionError(
            f"method: 'ward' needs distances as in a flat space, and {share:.0%} of this "
            f"similarity's inertia is imaginary (at most {IMAGINARY:.0%} is allowed); use "
            "'average', or the measure 'agreement' or 'lijphart' on members that miss few votes"
        )


def _check_options(
    method: str, k: int | str, replicates: int, nulls: int, seed: int, placement: str
) -> None:
    _check_method(method)
    if placement not in PLACEMENTS:
        raise ParameterError(must_be_one_of("placement", placement, PLACEMENTS))
    if k != "auto" and (isinstance(k, str) or k < 2):
        raise ParameterError(f"k: {k!r} must be 'auto' or a whole number from 2")
    if k != "auto" and method in OWN_K:
        raise ParameterError(f"k: method {method!r} finds its own number of blocs; use k='auto'")
    for name, value, least in (
        ("replicates", replicates, 2),
        ("nulls", nulls, 1),
        ("seed", seed, 0),
    ):
        if value < least:
            raise ParameterError(f"{name}: {value} must be {least} or more")


def leave_out(ballots: Ballots, least_share: float) -> tuple[Ballots, tuple[str, ...]]:
    """Drop members that cast too few votes; absences do not count as votes under any rule."""
    cast = ((ballots.votes != MISSING) & (ballots.votes <= NO)).sum(axis=0)
    least = max(1.0, least_share * len(ballots.votes))
    kept = [m for m, n in zip(ballots.members, cast, strict=True) if n >= least]
    if len(kept) < 2 * (ISOLATE + 1):
        raise SelectionError(
            f"members: {len(kept)} voted in {least_share:.0%} or more of the roll calls, and blocs "
            f"need {2 * (ISOLATE + 1)}; widen members or the period"
        )
    left_out = tuple(m for m in ballots.members if m not in set(kept))
    return ballots.take(members=kept), (*ballots.left_out, *left_out)


def _candidates(method: str, k: int | str, members: int) -> tuple[int, ...]:
    if method in OWN_K:
        return (2,)
    first, last = K_RANGE
    if k != "auto" and not 2 <= int(k) < members:
        raise ParameterError(f"k: {k} must be less than the {members} members")
    ks = set(range(first, min(last, members - 1) + 1))
    return tuple(sorted(ks | ({int(k)} if k != "auto" else set())))


def _draw(ballots: Ballots, replicates: int, seed: int) -> NDArray[np.uint8]:
    """Draw blocks of roll calls; single roll calls where one block is all there is."""
    one = ballots.n_blocks < 2
    return draw_weights(np.arange(len(ballots.votes)) if one else ballots.blocks, replicates, seed)


def _place(
    ballots: Ballots, labels: NDArray[np.int64], draws: NDArray[np.uint8] | None
) -> NDArray[np.int64]:
    """Place the members of main blocs (replicates, ks, members) by their votes; number again."""
    from helpers._kernels_blocs import number_all, place_by_votes

    weights = ballots.weights[None] * (1.0 if draws is None else draws)
    main = find_main_size(len(ballots.members))
    flat = labels.reshape(-1, labels.shape[-1])
    placed = place_by_votes(
        ballots.votes, weights, flat, ballots.categories, main, STRENGTH, ROUNDS
    )
    return np.asarray(number_all(placed, ISOLATE)).reshape(labels.shape)


def _silhouettes(similarity: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    from helpers._kernels_blocs import silhouettes

    return np.asarray(silhouettes(1.0 - similarity, labels))


def _null_silhouettes(
    source: _Source, method: str, ks: Sequence[int], nulls: int, seed: int
) -> NDArray[np.float64]:
    """Silhouettes (nulls, len(ks)) of blocs found where there are none."""
    seeds = np.random.SeedSequence((seed, 1)).generate_state(nulls)
    return np.stack(
        [
            _silhouettes(s, divide(s, method, ks, seed))
            for s in source.nulls([int(x) for x in seeds])
        ]
    )


def _like(drawn: NDArray[np.int64], row: int, reference: NDArray[np.int64]) -> NDArray[np.int64]:
    """Blocs (replicates, members), each cut where it has as many blocs as the reference.

    A replicate may peel off other isolates, so equal k is not equal number of blocs; where no cut
    has that number, the cut at the same k is taken.
    """
    same = drawn.max(axis=2) == reference.max()
    cut = np.where(same[:, row], row, np.where(same.any(axis=1), same.argmax(axis=1), row))
    return np.ascontiguousarray(drawn[np.arange(len(drawn)), cut])


def _compare(
    observed: NDArray[np.float64],
    labels: NDArray[np.int64],
    drawn: NDArray[np.int64],
    null: NDArray[np.float64],
    ks: Sequence[int],
    method: str,
) -> pd.DataFrame:
    """Build the table of choices, one row a k."""
    from helpers._kernels_blocs import rand_indices

    rows = []
    for i, (k, mine) in enumerate(zip(ks, labels, strict=True)):
        sizes = np.sort(np.bincount(mine)[1:])[::-1]
        like = _like(drawn, i, mine)
        rows.append(
            {
                "k": len(sizes) if method in OWN_K else k,
                "stability": rand_indices(like, mine).mean(),
                "silhouette": observed[i],
                "null_silhouette": null[:, i].mean(),
                "ambiguous": _share_ambiguous(like),
                "smallest": int(sizes[-1]) if len(sizes) else 0,
                "largest": int(sizes[0]) if len(sizes) else 0,
                "blocs_over_two": len(sizes),
                "isolates": int((mine == 0).sum()),
                "eligible": bool((sizes >= find_main_size(len(mine))).sum() > 1),
            }
        )
    table = pd.DataFrame(rows)
    table.insert(4, "gap", table["silhouette"] - table["null_silhouette"])
    table.insert(5, "score", table["gap"] * table["stability"])
    table["eligible"] &= table["stability"] >= STEADY
    return table


def _share_ambiguous(labels: NDArray[np.int64]) -> float:
    together = _count_together(labels)[np.triu_indices(labels.shape[1], 1)] / len(labels)
    return float(((together > 0.1) & (together < 0.9)).mean())


def _count_together(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    from helpers._kernels_blocs import count_together

    return count_together(labels[:, None].astype(np.uint8))[0].astype(np.int64)


def _p_value(choice: pd.DataFrame, null: NDArray[np.float64]) -> float:
    """Share of null assemblies whose largest gap over all k reaches that of the eligible k."""
    gaps = choice.loc[choice["eligible"], "gap"]
    best = gaps.max() if len(gaps) else -np.inf
    reached = (null - null.mean(axis=0)).max(axis=1) >= best
    return float((1 + reached.sum()) / (1 + len(null)))


def _measure_foretold(ballots: Ballots, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Gain of log-likelihood a vote (ks,) by blocs (ks, members) over one bloc of all members."""
    from helpers._kernels_blocs import foretell_votes

    rows = np.concatenate([np.ones_like(labels[:1]), labels])
    options = (ballots.categories, STRENGTH)
    found = foretell_votes(ballots.votes, ballots.weights, rows, *options)
    cast = ((ballots.votes != MISSING).sum(axis=1) * ballots.weights).sum()
    return np.asarray((found[1:] - found[0]) / max(cast, 1e-300))


def _choose(choice: pd.DataFrame, k: int | str) -> int:
    """Row of the k that is asked for, or of the smallest that is about as good as any."""
    if k != "auto":
        return int(np.flatnonzero(choice["k"] == k)[0])
    score = choice["score"].where(choice["eligible"])
    score = score if score.notna().any() else choice["score"]
    good = _reaches(score, TOLERANCE)
    return int(np.flatnonzero(_reaches(choice["foretold"].where(good), FORETOLD))[0])


def _reaches(values: pd.Series, share: float) -> pd.Series:
    """Whether values come as near to the largest as a share of it, whatever its sign."""
    return values >= values.max() - (1 - share) * abs(values.max())


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


def _member_table(
    members: Sequence[str],
    final: NDArray[np.int64],
    share: NDArray[np.float64],
    similarity: NDArray[np.float64],
    *,
    undivided: bool,
) -> pd.DataFrame:
    """Bloc, probability and next nearest bloc of every member."""
    blocs = int(final.max())
    near = np.full((len(members), blocs + 1), -np.inf)
    for b in range(1, blocs + 1):
        near[:, b] = similarity[:, final == b].mean(axis=1)
    rows = np.arange(len(members))
    other = share[:, 1:] + 1e-6 * near[:, 1:]
    other[rows[final > 0], final[final > 0] - 1] = -np.inf
    second = other.argmax(axis=1) + 1
    has_second = np.isfinite(other[rows, second - 1])
    probability = np.where(undivided, np.nan, share[rows, final])
    return pd.DataFrame(
        {
            "member": list(members),
            "bloc": final,
            "probability": probability,
            "second_bloc": pd.array(np.where(has_second, second, 0), dtype="Int64"),
            "second_probability": np.where(has_second, share[rows, second], np.nan),
            "clear": probability >= CLEAR,
        }
    ).assign(second_bloc=lambda t: t["second_bloc"].where(has_second))


def find_home_shares(
    replicates: NDArray[np.int64], final: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the share of replicates in which each member is in each final bloc.

    Parameters
    ----------
    replicates : int array, shape (replicates, members)
        Blocs of each replicate under its own numbers; matched to ``final`` by `match_blocs`.
    final : int array, shape (members,)
        Blocs that the shares are about.

    Returns
    -------
    float array, shape (members, blocs + 1)
        Column 0 is isolates. Blocs of a replicate without a match count in no column.
    """
    share = np.zeros((replicates.shape[1], int(final.max()) + 1))
    rows = np.arange(replicates.shape[1])
    for labels in replicates:
        lookup = np.full(int(labels.max()) + 1, -1)
        lookup[0] = 0
        for label, home in match_blocs(labels, final).items():
            lookup[label] = home
        home = lookup[labels]
        share[rows[home >= 0], home[home >= 0]] += 1
    return share / len(replicates)


def _bloc_table(
    ballots: Ballots, final: NDArray[np.int64], similarity: NDArray[np.float64]
) -> pd.DataFrame:
    """Name, size, cohesion and most typical members of every bloc."""
    off = np.where(np.eye(len(final), dtype=bool), 0.0, similarity)
    cast = (ballots.votes != MISSING).sum(axis=0)
    members = np.asarray(ballots.members, dtype=object)
    rows = []
    for bloc in range(1, int(final.max()) + 1):
        inside = np.flatnonzero(final == bloc)
        within = off[np.ix_(inside, inside)].sum(axis=1) / max(len(inside) - 1, 1)
        present = cast[inside] / max(len(ballots.votes), 1)
        order = np.lexsort((members[inside], -(within + present).round(9)))
        typical = [str(m) for m in members[inside][order]]
        rows.append(
            {
                "bloc": bloc,
                "name": ", ".join(typical[:3]),
                "size": len(inside),
                "cohesion": float(within.mean()),
                "typical": ", ".join(typical[:8]),
                "fringe": len(inside) < find_main_size(len(final)),
            }
        )
    return pd.DataFrame(rows)


def find_distinctive(
    ballots: Ballots, labels: NDArray[np.int64], *, most: int = 10
) -> pd.DataFrame:
    """Find the roll calls that set each bloc apart from all other members.

    Parameters
    ----------
    ballots : Ballots
        Votes.
    labels : int array, shape (members,)
        Bloc of each member, from 1; 0 for isolates, which count as others.
    most : int
        Roll calls a bloc.

    Returns
    -------
    DataFrame
        As `Blocs.distinctive`, by bloc and falling distance. The distance is the total variation
        between the shares of votes inside and outside, weighted by the share of the bloc that
        voted.
    """
    names = ("missing", "yes", "abstain", "no", "absent")
    frames = []
    for bloc in range(1, int(labels.max(initial=0)) + 1):
        inside, outside = (
            _vote_shares(ballots, labels == bloc),
            _vote_shares(ballots, labels != bloc),
        )
        distance = np.abs(inside - outside).sum(axis=1) / 2
        distance *= (ballots.votes[:, labels == bloc] != MISSING).mean(axis=1)
        top = np.argsort(-distance, kind="stable")[:most]
        vote = inside[top].argmax(axis=1)
        calls = ballots.roll_calls.iloc[top].reindex(columns=["roll_call", "symbol", "title"])
        frames.append(
            calls.assign(
                bloc=bloc,
                vote=[names[v + 1] for v in vote],
                inside=inside[top, vote],
                outside=outside[top, vote],
                distance=distance[top],
            )
        )
    columns = ["bloc", "roll_call", "symbol", "title", "vote", "inside", "outside", "distance"]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat(frames, ignore_index=True)[columns]


def _vote_shares(ballots: Ballots, members: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of each vote (roll calls, categories) among those of the members that voted."""
    votes = ballots.votes[:, members]
    counts = np.stack([(votes == c + 1).sum(axis=1) for c in range(ballots.categories)], axis=1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _overlap(ballots: Ballots, final: NDArray[np.int64]) -> pd.DataFrame:
    """How far the blocs are the regional groups, alliances and unions of the last date."""
    columns = ["bloc", "group", "both", "group_size", "share_of_group", "share_of_bloc", "jaccard"]
    dates = ballots.roll_calls.get("date", pd.Series(dtype="datetime64[s]"))
    if dates.notna().sum() == 0:
        return pd.DataFrame(columns=columns)
    day, groups = dates.max(), load_groups()
    current = groups[(groups["from"] <= day) & (groups["to"].isna() | (groups["to"] >= day))]
    blocs = pd.DataFrame({"member": ballots.members, "bloc": final})
    both = current.merge(blocs, on="member")
    if both.empty:
        return pd.DataFrame(columns=columns)
    counts = both.groupby(["bloc", "group"])["member"].nunique().rename("both").reset_index()
    counts = counts[counts["bloc"] > 0]
    counts["group_size"] = counts["group"].map(both.groupby("group")["member"].nunique())
    size = counts["bloc"].map(blocs["bloc"].value_counts())
    counts["share_of_group"] = counts["both"] / counts["group_size"]
    counts["share_of_bloc"] = counts["both"] / size
    counts["jaccard"] = counts["both"] / (counts["group_size"] + size - counts["both"])
    counts = counts.sort_values(["bloc", "jaccard", "group"], ascending=[True, False, True])
    return counts[columns].reset_index(drop=True)


def _together(replicates: NDArray[np.int64], members: Sequence[str]) -> pd.DataFrame:
    share = _count_together(replicates) / len(replicates)
    np.fill_diagonal(share, 1.0)
    return pd.DataFrame(share, index=list(members), columns=list(members))


def _arrange(
    members: Sequence[str], similarity: NDArray[np.float64], method: str
) -> dict[str, Any]:
    """Tree of the members in scipy's format, and its leaves in order, like beside like."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
    from scipy.spatial.distance import squareform

    condensed = squareform(np.maximum(1.0 - similarity, 0.0), checks=False)
    tree = linkage(condensed, "complete" if method == "complete" else "average")
    tree = optimal_leaf_ordering(tree, condensed)
    return {"linkage": tree, "order": tuple(members[int(i)] for i in leaves_list(tree))}


def _warn(ballots: Ballots, left_out: Sequence[str], undefined: dict[str, int]) -> tuple[str, ...]:
    """Sentences about what limits the result."""
    notes = []
    if ballots.n_blocks < 2:
        notes.append(
            "all roll calls are of one block, so replicates draw single roll calls and say too "
            "little about how sure the blocs are"
        )
    elif ballots.n_blocks < FEW_BLOCKS:
        notes.append(
            f"{ballots.n_blocks} blocks of roll calls are few (below {FEW_BLOCKS}), so the "
            "probabilities are too sure"
        )
    if left_out:
        notes.append(f"{len(left_out)} members with too few votes are left out")
    for reason, count in undefined.items():
        notes.append(f"{count} dyads have no similarity: {reason}")
    return tuple(notes)


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
    from helpers._kernels_blocs import AVERAGE, COMPLETE, count_together, cut_many

    rules = {"average": AVERAGE, "complete": COMPLETE}
    if method not in rules:
        raise ParameterError(must_be_one_of("method", method, rules))
    counts = np.zeros((len(ks), *similarities.shape[1:]), np.int64)
    for start in range(0, len(similarities), 255):
        part = np.ascontiguousarray(similarities[start : start + 255], dtype=np.float64)
        cuts = cut_many(part, rules[method], max(ks))
        counts += count_together(np.ascontiguousarray(cuts[:, np.asarray(ks) - 1]))
    return counts / len(similarities)
