"""First steps to blocs: members are cut by similarity into every k, and a k is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, draw_weights, permute_within_roll_calls
from helpers.blocs.constants import CONSTANTS
from helpers.blocs.describe import count_together
from helpers.blocs.options import BlocOptions
from helpers.blocs.partition import (
    OWN_K,
    Labels,
    count_shared,
    divide,
    fill_undefined,
    find_main_size,
    require_flat,
)
from helpers.blocs.votes import Division, VoteModel
from helpers.errors import ParameterError
from helpers.similarity import joint_weights, measure_counts, replicate_similarity
from helpers.store import track


@dataclass(frozen=True)
class Cuts:
    """Members cut by similarity into every k, as are replicates, and what each k has for it.

    Attributes
    ----------
    similarity : array, shape (members, members)
        Complete.
    draws : uint8 array, shape (replicates, roll calls)
        How often each replicate draws each roll call.
    labels : int array, shape (ks, members)
        Blocs from 1; 0 for isolates.
    drawn : int array, shape (replicates, ks, members)
        Those of every replicate.
    table : DataFrame
        As `Blocs.choice`, but for ``chosen``.
    p_value : float
        Share of assemblies without structure that reach the largest gap, with this one counted.
    """

    similarity: NDArray[np.float64]
    draws: NDArray[np.uint8]
    labels: Labels
    drawn: Labels
    table: pd.DataFrame
    p_value: float


@dataclass(frozen=True)
class Choice:
    """The k that was chosen, and what is known of it.

    Attributes
    ----------
    row : int
        Row of `Cuts.table`.
    division : Division
        Its blocs and, from each replicate, a cut into as many.
    beyond : bool
        Whether the division is clearer than in assemblies without structure.
    steady : bool
        Whether any k is eligible.
    """

    row: int
    division: Division
    beyond: bool
    steady: bool


def measure_complete(ballots: Ballots, options: BlocOptions) -> NDArray[np.float64]:
    """Measure the similarity of all dyads, with a value for every one (see `fill_undefined`)."""
    counts = joint_weights(ballots)
    values = measure_counts(
        counts, options.measure, distance=options.distance, absence=ballots.absence
    )
    return fill_undefined(values, count_shared(ballots), options.measure, options.min_shared)


def cut_members(ballots: Ballots, options: BlocOptions, model: VoteModel) -> Cuts:
    """Cut the members, every replicate and every null assembly, and compare the ks.

    Parameters
    ----------
    ballots : Ballots
        Votes of the members that are to be in blocs.
    options : BlocOptions
        How.
    model : VoteModel
        Tells how well the blocs of each k foretell votes.
    """
    ks = _list_ks(options, len(ballots.members))
    draws = draw_weights(ballots.blocks, options.replicates, options.seed)
    similarity = measure_complete(ballots, options)
    require_flat(similarity, options.method)
    method, seed = options.method, options.seed
    labels = divide(similarity, method, ks, seed)
    replicates = track(_replicate(ballots, draws, options), "replicates", options.replicates)
    drawn = np.stack([divide(s, method, ks, seed) for s in replicates])
    seeds = np.random.SeedSequence((seed, 1)).generate_state(options.nulls)
    shuffled = (permute_within_roll_calls(ballots, int(s)) for s in seeds)
    assemblies = track(shuffled, "assemblies without structure", options.nulls)
    null = np.stack([cut_assembly(assembly, options)[0] for assembly in assemblies])
    table = _compare(_silhouettes(similarity, labels), labels, drawn, null, ks)
    if options.method in OWN_K:
        table["k"] = table["blocs_over_two"]
    table["foretold"] = model.foretell(labels)
    return Cuts(similarity, draws, labels, drawn, table, _p_value(table, null))


def cut_assembly(ballots: Ballots, options: BlocOptions) -> tuple[NDArray[np.float64], Labels]:
    """Cut one assembly into every k: silhouettes (ks,) and blocs (ks, members)."""
    similarity, ks = measure_complete(ballots, options), _list_ks(options, len(ballots.members))
    labels = divide(similarity, options.method, ks, options.seed)
    return _silhouettes(similarity, labels), labels


def _replicate(
    ballots: Ballots, draws: NDArray[np.uint8], options: BlocOptions
) -> Iterator[NDArray[np.float64]]:
    """Yield the complete similarity of every replicate."""
    size, measure = len(ballots.members), options.measure
    i, j = np.triu_indices(size, 1)
    for start in range(0, len(draws), 100):
        part = draws[start : start + 100]
        condensed = replicate_similarity(ballots, part, measure, distance=options.distance)
        for draw, row in zip(part, condensed, strict=True):
            values = np.ones((size, size))
            values[i, j] = values[j, i] = row
            shared = count_shared(ballots, draw)
            yield fill_undefined(values, shared, measure, options.min_shared)


def choose_cut(cuts: Cuts, options: BlocOptions) -> Choice:
    """Choose the k that is asked for, or the smallest that is about as good as any."""
    table = cuts.table
    if options.k != "auto":
        row = int(np.flatnonzero(table["k"] == options.k)[0])
    else:
        score = table["score"].where(table["eligible"])
        score = score if score.notna().any() else table["score"]
        foretold = table["foretold"].where(_reaches(score, CONSTANTS.tolerance))
        row = int(np.flatnonzero(_reaches(foretold, CONSTANTS.foretold))[0])
    division = Division(cuts.labels[row], _like(cuts.drawn, row, cuts.labels[row]))
    beyond = cuts.p_value <= CONSTANTS.alpha
    return Choice(row, division, beyond, bool(table["eligible"].any()))


def _list_ks(options: BlocOptions, members: int) -> tuple[int, ...]:
    if options.method in OWN_K:
        return (2,)
    first, last = CONSTANTS.k_range
    if options.k != "auto" and not 2 <= int(options.k) < members:
        raise ParameterError(f"k: {options.k} must be less than the {members} members")
    ks = set(range(first, min(last, members - 1) + 1))
    return tuple(sorted(ks | ({int(options.k)} if options.k != "auto" else set())))


def _silhouettes(similarity: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    from helpers.blocs.kernels import silhouettes

    return np.asarray(silhouettes(1.0 - similarity, labels))


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
) -> pd.DataFrame:
    """Build the table of choices, one row a k."""
    from helpers.blocs.kernels import rand_indices

    rows = []
    for i, (k, mine) in enumerate(zip(ks, labels, strict=True)):
        sizes = np.sort(np.bincount(mine)[1:])[::-1]
        like = _like(drawn, i, mine)
        rows.append(
            {
                "k": k,
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
    table["eligible"] = (table["main_blocs"] > 1) & (table["stability"] >= CONSTANTS.steady)
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


def _reaches(values: pd.Series, share: float) -> pd.Series:
    """Whether values come as near to the largest as a share of it, whatever its sign."""
    return values >= values.max() - (1 - share) * abs(values.max())
