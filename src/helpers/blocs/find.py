"""Blocs of members that vote alike: choice of k against a null, and who belongs how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import FEW_BLOCKS, Ballots
from helpers.blocs.constants import CONSTANTS
from helpers.blocs.cuts import (
    Choice,
    Cuts,
    choose_cut,
    cut_assembly,
    cut_members,
    measure_complete,
)
from helpers.blocs.describe import describe_blocs
from helpers.blocs.enough import say_too_few
from helpers.blocs.gradient import ANSWERS, compare_with_gradient
from helpers.blocs.options import BlocOptions
from helpers.blocs.partition import Labels, find_main_size, leave_out
from helpers.blocs.votes import Division, Rated, VoteModel
from helpers.similarity import MEASURES, measure_similarity
from helpers.store import Shown


@dataclass(frozen=True, repr=False)
class Blocs(Shown):
    """Blocs of one selection of ballots, and how far they can be trusted.

    Attributes
    ----------
    table : DataFrame
        One row a member: ``member``; ``bloc`` (1 the largest, 0 an isolate); ``probability`` (share
        of replicates in which it is in that bloc, 0..1, NaN when no structure was found);
        ``second_bloc`` (the next nearest, NA where there is one bloc only);
        ``second_probability``; ``clear`` (False when the probability is below
        `Constants.clear`).
    homes : DataFrame, members x blocs
        Share of replicates in which each member (index) is in each bloc (columns ``"0"``, isolates,
        ``"1"``, ...). A row's sum is below 1 by the replicates in which it is in none of these.
    summary : DataFrame
        One row a bloc: ``bloc, name, size, cohesion`` (mean similarity of its members, in the
        measure), ``typical`` (members most similar to the rest of it and rarely absent),
        ``fringe`` (smaller than a main bloc), ``divided`` (whether its members' votes still have
        more in common than chance makes, so that it has camps of its own; NA when placed by
        similarity, and where there is one bloc only).
    choice : DataFrame
        One row a k: ``k, stability`` (mean adjusted Rand with the replicates), ``silhouette,
        null_silhouette, gap`` (the difference), ``score`` (gap times stability), ``ambiguous``
        (share of dyads together in 10 to 90% of replicates), ``smallest, largest,
        blocs_over_two, main_blocs, isolates, eligible`` (two main blocs, and steady),
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
        Share of such assemblies that reach the largest gap seen, with this one counted; NaN where
        they were too few votes for it.
    k : int
        Number of clusters that was cut (isolates count), or of blocs where they were `explained`;
        1 when no structure was found, 0 where it was not looked for.
    answer : str
        One of `helpers.blocs.ANSWERS`: ``"no structure"``; ``"gradient"``, where a world without
        groups, in which members stand along one dimension or two, is divided as clearly, so that
        the blocs are where a cut falls; ``"blocs"``. Empty where it was not looked for.
    gradient : DataFrame
        What a division has beyond those of gradients, by number of blocs (see
        `helpers.blocs.GradientTest`); empty without structure.
    gradient_p : float
        Share of such gradients that are divided as clearly, with this one counted; NaN without
        structure.
    dimensions : int
        Dimensions of the gradient: 2 where the votes ask for a second one; 0 without structure.
    stability : float
        Mean adjusted Rand index of these blocs with the replicates', NaN when there are none.
    explained : bool
        Whether blocs were divided by their votes for as long as that made the votes likelier.
    why : str
        Why blocs were not looked for; empty where they were. Then all members have bloc 0.
    options : BlocOptions
        How they were looked for: measure, the distance that was used, method, k, replicates,
        nulls, seed, min_shared, least_share, placement, explain.
    n_roll_calls, n_blocks : int
        Roll calls, and blocks of them that were drawn together.
    block_kind, absence : str
        What a block is, and what an absence became (see `helpers.ballots.build_ballots`).
    left_out : tuple of str
        Members with too few votes.
    undefined : dict
        Dyads without a similarity, by reason (in `measure_similarity`'s words).
    warnings : tuple of str
        Sentences that a report must show.
    """

    table: pd.DataFrame
    homes: pd.DataFrame
    summary: pd.DataFrame
    choice: pd.DataFrame
    distinctive: pd.DataFrame
    overlap: pd.DataFrame
    coassignment: pd.DataFrame
    linkage: NDArray[np.float64]
    order: tuple[str, ...]
    structure: bool
    p_value: float
    k: int
    answer: str
    gradient: pd.DataFrame
    gradient_p: float
    dimensions: int
    stability: float
    explained: bool
    why: str
    options: BlocOptions
    n_roll_calls: int
    n_blocks: int
    block_kind: str
    absence: str
    left_out: tuple[str, ...]
    undefined: dict[str, int]
    warnings: tuple[str, ...]

    def _facts(self) -> dict[str, str]:
        return {name: word for name, word in super()._facts().items() if name != "order"}

    @property
    def labels(self) -> pd.Series:
        """Bloc of each member, by member id."""
        return self.table.set_index("member")["bloc"]

    @property
    def p_text(self) -> str:
        """The p-value in words: never below what its nulls can show."""
        return word_p_value(self.p_value, self.options.nulls)


def word_p_value(p_value: float, nulls: int) -> str:
    """Word a p-value from null assemblies, never below what they can show; empty for none.

    Examples
    --------
    >>> word_p_value(1 / 101, 100), word_p_value(0.25, 99)
    ('p <= 0.01, the least that 100 nulls can show', 'p = 0.25')
    >>> word_p_value(1 / 121, 120)
    'p <= 0.009, the least that 120 nulls can show'
    """
    if np.isnan(p_value):
        return ""
    least = 1 / (nulls + 1)
    if p_value > least * (1 + 1e-9):
        return f"p = {p_value:.2g}"
    unit = 10.0 ** np.ceil(np.log10(least) - 1)
    return f"p <= {np.ceil(least / unit) * unit:.1g}, the least that {nulls} nulls can show"


def find_blocs(
    ballots: Ballots,
    *,
    measure: str = "pi",
    distance: str = "linear",
    method: str = "average",
    k: int | str = "auto",
    replicates: int = 1000,
    seed: int = 1,
    min_shared: int = 5,
    nulls: int = 100,
    least_share: float = CONSTANTS.least_share,
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
        One of `METHODS`.
    k : int or "auto"
        Number of clusters, isolates counted; ``"auto"`` compares `Constants.k_range`.
    replicates : int
        Bootstrap replicates over blocks of roll calls.
    seed : int
        Seed of every draw.
    min_shared : int
        Dyads with fewer shared roll calls count as undefined.
    nulls : int
        Assemblies with the votes of each roll call shuffled among those that voted; 99 or more, as
        fewer could show no p-value of 0.01.
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
        Without blocs, p-value and probabilities, and with the reason in ``why``, where members or
        votes are too few (`say_too_few`).

    Raises
    ------
    ParameterError
        An option has no such value.
    SelectionError
        Ward's method does not apply.

    Notes
    -----
    Six steps, each of which can be called and looked at: `cut_members` by similarity into every k,
    `choose_cut`, `explain_votes`, `place_in_blocs`, `compare_with_gradient` and `describe_blocs`. A
    k is as good as any if its score, (silhouette - mean null silhouette) x stability, reaches
    `Constants.tolerance` of the best among those with two main blocs; of these the smallest is
    taken whose blocs foretell their members' votes about as well as any. Isolates count 0 in the
    silhouette (Rousseeuw 1987), so that peeling them off is no gain. There is structure if the
    largest gap over all k is reached by at most `Constants.alpha` of the null assemblies.

    With ``k="auto"``, ``placement="votes"`` and ``explain`` the blocs are then divided by their
    votes until there is no more to divide (`VoteModel.explain`). Where that ends, with no more
    blocs than are compared, as steadily as the cut, and (under a measure corrected for chance)
    with every bloc more alike than by chance, these blocs are the result. See ``docs/blocs.md``.

    References
    ----------
    Rousseeuw (1987), Journal of Computational and Applied Mathematics 20, equation 1; Hubert and
    Arabie (1985), Journal of Classification 2, equation 5, for the stability; Celeux and Govaert
    (1992), Computational Statistics and Data Analysis 14, for blocs by their votes.

    Examples
    --------
    >>> from helpers.ballots.simulate import simulate_assembly
    >>> ballots, truth = simulate_assembly(10, 30, blocs=2, noise=0.1, seed=1)
    >>> found = find_blocs(ballots, replicates=20)
    >>> found.structure, found.p_text, found.answer
    (True, 'p <= 0.01, the least that 100 nulls can show', 'blocs')
    >>> bool((found.labels == truth.blocs).all())
    True
    """
    options = BlocOptions(
        measure=measure,
        distance=distance,
        method=method,
        k=k,
        replicates=replicates,
        seed=seed,
        min_shared=min_shared,
        nulls=nulls,
        least_share=least_share,
        placement=placement,
        explain=explain,
    )
    kept, left_out = leave_out(ballots, least_share)
    why = say_too_few(kept)
    if why:
        return _describe_without(kept, left_out, options, why)
    model = VoteModel(kept, find_main_size(len(kept.members)), seed)
    cuts = cut_members(kept, options, model)
    choice = choose_cut(cuts, options)
    end = explain_votes(cuts, choice, options, model)
    placed = place_in_blocs(cuts, choice, end, options, model)
    return _conclude(kept, left_out, options, model, cuts, choice, placed)


def explain_votes(
    cuts: Cuts, choice: Choice, options: BlocOptions, model: VoteModel
) -> Rated | None:
    """Divide the chosen blocs by their votes until there is no more to divide.

    Returns
    -------
    Rated or None
        None where that was not asked for, does not end, or ends in blocs no more alike than chance.
    """
    if not (options.explain and options.placement == "votes" and options.k == "auto"):
        return None
    end = model.explain(choice.division.labels, CONSTANTS.k_range[1]) if choice.beyond else None
    return end if end and _is_cohesive(end.labels, cuts.similarity, options.measure) else None


def place_in_blocs(
    cuts: Cuts, choice: Choice, end: Rated | None, options: BlocOptions, model: VoteModel
) -> Division:
    """Place members by their votes: in blocs that explain them, if no less stable than the cut.

    Without an eligible cut the blocs that explain need a stability of `Constants.steady`.
    """
    cut, draws = choice.division, cuts.draws
    if options.placement == "similarity":
        return cut
    if end is not None:
        few = slice(0, CONSTANTS.few_draws)
        least = CONSTANTS.steady
        if choice.steady:
            least = model.place(Division(cut.labels, cut.replicates[few]), draws[few]).stability
        if model.repeat(end, cut.replicates[few], draws[few]).stability >= least:
            return model.repeat(end, cut.replicates, draws)
    return model.place(cut, draws)


def _conclude(
    ballots: Ballots,
    left_out: tuple[str, ...],
    options: BlocOptions,
    model: VoteModel,
    cuts: Cuts,
    choice: Choice,
    found: Division,
) -> Blocs:
    """Judge whether there is structure, and describe the blocs, or all members as one."""
    structure = bool(choice.beyond and (choice.steady or found.explained))
    judged = _judge_gradient(ballots, options) if structure else _NO_GRADIENT
    undivided = options.k == "auto" and not structure
    k = int(found.labels.max() if found.explained else cuts.table["k"].iloc[choice.row])
    if undivided:
        found, k = Division(np.ones_like(found.labels), found.replicates), 1
    known = options.placement == "votes" and not undivided
    described = describe_blocs(
        ballots,
        found,
        cuts.similarity,
        method=options.method,
        divided=model.find_divided(found.labels) if known else None,
    )
    if undivided:
        unsure = described.table.assign(probability=np.nan, clear=False)
        described = replace(described, table=unsure)
    chosen = [i == choice.row and not undivided for i in range(len(cuts.table))]
    return Blocs(
        **vars(described),
        choice=cuts.table.assign(chosen=chosen),
        structure=structure,
        **judged,
        p_value=cuts.p_value,
        k=k,
        stability=np.nan if undivided else found.stability,
        explained=found.explained,
        why="",
        **_what_was_used(ballots, left_out, options),
    )


_NO_GRADIENT: Final[dict[str, Any]] = {
    "answer": ANSWERS[0],
    "gradient": pd.DataFrame({"blocs": pd.Series(dtype=int)}),
    "gradient_p": np.nan,
    "dimensions": 0,
}
"""What `Blocs` has of gradients where there is no structure."""


def _judge_gradient(ballots: Ballots, options: BlocOptions) -> dict[str, Any]:
    """Tell blocs from a gradient: what `Blocs` has of it."""
    cut = partial(cut_assembly, options=options)
    test = compare_with_gradient(ballots, cut, nulls=options.nulls, seed=options.seed)
    return {
        "answer": test.answer,
        "gradient": test.table,
        "gradient_p": test.p_value,
        "dimensions": test.dimensions,
    }


def _describe_without(
    ballots: Ballots, left_out: tuple[str, ...], options: BlocOptions, why: str
) -> Blocs:
    """Describe a selection that is too small for blocs: who is alike, and nothing else."""
    size = len(ballots.members)
    none = Division(np.zeros(size, np.int64), np.zeros((0, size), np.int64))
    similarity = measure_complete(ballots, options)
    return Blocs(
        **vars(describe_blocs(ballots, none, similarity, method=options.method)),
        choice=pd.DataFrame({"k": pd.Series(dtype=int), "chosen": pd.Series(dtype=bool)}),
        structure=False,
        **_NO_GRADIENT | {"answer": ""},
        p_value=np.nan,
        k=0,
        stability=np.nan,
        explained=False,
        why=why,
        **_what_was_used(ballots, left_out, options) | {"warnings": ()},
    )


def _what_was_used(
    ballots: Ballots, left_out: tuple[str, ...], options: BlocOptions
) -> dict[str, Any]:
    point = measure_similarity(
        ballots, options.measure, distance=options.distance, min_shared=options.min_shared
    )
    return {
        "options": replace(options, distance=point.distance),
        "n_roll_calls": len(ballots.votes),
        "n_blocks": ballots.n_blocks,
        "block_kind": ballots.block_kind,
        "absence": ballots.absence,
        "left_out": left_out,
        "undefined": point.missing,
        "warnings": _warn(ballots, left_out, point.missing),
    }


def _is_cohesive(labels: Labels, similarity: NDArray[np.float64], measure: str) -> bool:
    """Whether the members of each bloc vote more alike than by chance, if the measure tells."""
    if MEASURES[measure].is_share:
        return True
    off = ~np.eye(len(labels), dtype=bool)
    inside = [np.outer(labels == b, labels == b) & off for b in range(1, int(labels.max()) + 1)]
    return all(similarity[pairs].mean() > 0 for pairs in inside)


def _warn(ballots: Ballots, left_out: Sequence[str], undefined: dict[str, int]) -> tuple[str, ...]:
    """Sentences about what limits the result."""
    notes = []
    if ballots.n_blocks < FEW_BLOCKS:
        notes.append(
            f"{ballots.n_blocks} blocks of roll calls are few (below {FEW_BLOCKS}), so the "
            "probabilities are too sure"
        )
    if left_out:
        notes.append(f"{len(left_out)} members with too few votes are left out")
    for reason, count in undefined.items():
        have = "1 dyad has" if count == 1 else f"{count} dyads have"
        notes.append(f"{have} no similarity: {reason}")
    return tuple(notes)
