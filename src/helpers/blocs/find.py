"""Blocs of members that vote alike: choice of k against a null, and who belongs how surely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import FEW_BLOCKS, Ballots, draw_weights, permute_within_roll_calls
from helpers.blocs.describe import count_together, describe_blocs
from helpers.blocs.partition import (
    LEAST_SHARE,
    OWN_K,
    Labels,
    check_method,
    count_shared,
    divide,
    fill_undefined,
    find_main_size,
    leave_out,
    require_flat,
)
from helpers.blocs.votes import Division, Rated, VoteModel
from helpers.errors import ParameterError, must_be_one_of
from helpers.similarity import (
    MEASURES,
    joint_weights,
    measure_counts,
    measure_similarity,
    replicate_similarity,
)
from helpers.store import Shown

K_RANGE: Final = (2, 8)
"""Numbers of clusters that are compared when k is ``"auto"``."""

TOLERANCE: Final = 0.95
"""The k whose scores reach this share of the best are about as good."""

FORETOLD: Final = 0.9
"""Of k about as good, the smallest is chosen whose blocs foretell votes this well: as a share of
what the best of them gain."""

ALPHA: Final = 0.01
"""Structure is found if at most this share of assemblies without any does as well."""

STEADY: Final = 0.4
"""A k whose stability is lower is not eligible: its blocs come and go with the votes drawn."""

FEW_DRAWS: Final = 200
"""Replicates on which two divisions are compared for stability."""

PLACEMENTS: Final = ("votes", "similarity")
"""How members of main blocs are placed once the blocs are found."""


@dataclass(frozen=True, repr=False)
class Blocs(Shown):
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
        ``fringe`` (smaller than a main bloc), ``divided`` (whether its members' votes still have
        more in common than chance makes, so that it has camps of its own; NA when placed by
        similarity, and where there is one bloc only).
    choice : DataFrame
        One row a k: ``k, stability`` (mean adjusted Rand with the replicates), ``silhouette,
        null_silhouette, gap`` (the difference), ``score`` (gap times stability), ``ambiguous``
        (share of dyads together in 10 to 90% of replicates), ``smallest, largest,
        blocs_over_two, main_blocs, isolates, eligible`` (two main blocs, and `STEADY`),
        ``foretold`` (how much likelier, in log-likelihood a vote, votes are by those of the others
        in the bloc than by those of all members), ``chosen``.
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
        Number of clusters that was cut (isolates count), or of blocs where they were `explained`;
        1 when no structure was found.
    stability : float
        Mean adjusted Rand index of these blocs with the replicates', NaN when there are none.
    explained : bool
        Whether blocs were divided by their votes for as long as that made the votes likelier.
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
    stability: float
    explained: bool
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


@dataclass(frozen=True)
class _Cuts:
    """Blocs (ks, members) by similarity, those of replicates, and what each k has for it."""

    labels: Labels
    drawn: Labels
    choice: pd.DataFrame
    p_value: float


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
    explain: bool = True,
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
    explain : bool
        Whether blocs are divided further by their votes, with k ``"auto"`` and placed by votes.
        Without it every selection is cut by one rule, for comparison.

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
    the largest gap over all k is reached by at most `ALPHA` of the null assemblies.

    With ``k="auto"``, ``placement="votes"`` and ``explain`` the blocs are then divided by their
    votes until there is no more to divide (`VoteModel.explain`). Where that ends, with no more
    blocs than `K_RANGE` allows, as steadily as the cut, and (under a measure corrected for chance)
    with every bloc more alike than by chance, these blocs are the result. See ``docs/blocs.md``.

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
    draws = _draw(kept, replicates, seed)
    model = VoteModel(kept, find_main_size(len(kept.members)), seed)
    cuts = _cut(source, similarity, model, method, ks, draws, nulls, seed)
    row = _choose(cuts.choice, k)
    found = Division(cuts.labels[row], _like(cuts.drawn, row, cuts.labels[row]))
    beyond, steady = cuts.p_value <= max(ALPHA, 1 / (nulls + 1)), cuts.choice["eligible"].any()
    if placement == "votes":
        search = explain and k == "auto" and beyond
        end = model.explain(found.labels, K_RANGE[1]) if search else None
        if end is not None and not _is_cohesive(end.labels, similarity, measure):
            end = None
        found = _settle(found, end, model, draws, None if steady else STEADY)
    structure = bool(beyond and (steady or found.explained))
    undivided = k == "auto" and not structure
    if undivided:
        found = Division(np.ones_like(found.labels), found.replicates)
    tables = describe_blocs(kept, found, similarity, method=method, undivided=undivided)
    known = placement == "votes" and not undivided
    divided = model.find_divided(found.labels) if known else [pd.NA] * len(tables["blocs"])
    tables["blocs"]["divided"] = pd.array(divided, dtype="boolean")
    return Blocs(
        **tables,
        choice=cuts.choice.assign(chosen=[i == row and not undivided for i in range(len(ks))]),
        structure=structure,
        p_value=cuts.p_value,
        k=_count(found, cuts.choice, row, undivided=undivided),
        stability=np.nan if undivided else found.stability,
        explained=found.explained,
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


def _check_options(
    method: str, k: int | str, replicates: int, nulls: int, seed: int, placement: str
) -> None:
    check_method(method)
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


def _cut(
    source: _Source,
    similarity: NDArray[np.float64],
    model: VoteModel,
    method: str,
    ks: Sequence[int],
    draws: NDArray[np.uint8],
    nulls: int,
    seed: int,
) -> _Cuts:
    """Divide the members, every replicate and every null assembly, and compare the ks."""
    labels = divide(similarity, method, ks, seed)
    drawn = np.stack([divide(s, method, ks, seed) for s in source.replicates(draws)])
    null = _null_silhouettes(source, method, ks, nulls, seed)
    choice = _compare(_silhouettes(similarity, labels), labels, drawn, null, ks, method)
    choice["foretold"] = model.foretell(labels)
    return _Cuts(labels, drawn, choice, _p_value(choice, null))


def _silhouettes(similarity: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    from helpers.blocs.kernels import silhouettes

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
    from helpers.blocs.kernels import rand_indices

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
                "main_blocs": int((sizes >= find_main_size(len(mine))).sum()),
                "isolates": int((mine == 0).sum()),
            }
        )
    table = pd.DataFrame(rows)
    table.insert(4, "gap", table["silhouette"] - table["null_silhouette"])
    table.insert(5, "score", table["gap"] * table["stability"])
    table["eligible"] = (table["main_blocs"] > 1) & (table["stability"] >= STEADY)
    return table


def _share_ambiguous(labels: Labels) -> float:
    together = count_together(labels)[np.triu_indices(labels.shape[1], 1)] / len(labels)
    return float(((together > 0.1) & (together < 0.9)).mean())


def _p_value(choice: pd.DataFrame, null: NDArray[np.float64]) -> float:
    """Share of null assemblies whose largest gap over all k reaches that of any with structure."""
    gaps = choice.loc[choice["main_blocs"] > 1, "gap"]
    best = gaps.max() if len(gaps) else -np.inf
    reached = (null - null.mean(axis=0)).max(axis=1) >= best
    return float((1 + reached.sum()) / (1 + len(null)))


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


def _is_cohesive(labels: Labels, similarity: NDArray[np.float64], measure: str) -> bool:
    """Whether the members of each bloc vote more alike than by chance, if the measure tells."""
    if MEASURES[measure].is_share:
        return True
    off = ~np.eye(len(labels), dtype=bool)
    inside = [np.outer(labels == b, labels == b) & off for b in range(1, int(labels.max()) + 1)]
    return all(similarity[pairs].mean() > 0 for pairs in inside)


def _settle(
    cut: Division,
    end: Rated | None,
    model: VoteModel,
    draws: NDArray[np.uint8],
    least: float | None,
) -> Division:
    """Blocs by their votes: those that explain them, if no less stable than the cut placed."""
    few = slice(0, FEW_DRAWS)
    if end is not None:
        if least is None:
            least = model.place(Division(cut.labels, cut.replicates[few]), draws[few]).stability
        if model.repeat(end, cut.replicates[few], draws[few]).stability >= least:
            return model.repeat(end, cut.replicates, draws)
    return model.place(cut, draws)


def _count(found: Division, choice: pd.DataFrame, row: int, *, undivided: bool) -> int:
    """Count the clusters that were cut, or the blocs that explain the votes."""
    if undivided:
        return 1
    return int(found.labels.max() if found.explained else choice["k"].iloc[row])


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
