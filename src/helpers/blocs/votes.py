"""Blocs as their votes see them: each takes a side or leaves a vote free; what is left inside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from helpers.ballots import Ballots
from helpers.blocs.constants import CONSTANTS
from helpers.blocs.partition import Labels


@dataclass(frozen=True)
class Division:
    """Blocs of the members, and those of every replicate.

    Attributes
    ----------
    labels : int array, shape (members,)
        Bloc of each member, 1 the largest; 0 for isolates.
    replicates : int array, shape (replicates, members)
        Blocs of each replicate, under numbers of its own.
    explained : bool
        Whether the blocs are those of `VoteModel.explain`.
    """

    labels: Labels
    replicates: Labels
    explained: bool = False

    @cached_property
    def stability(self) -> float:
        """Mean adjusted Rand index with the replicates, at most 1 (Hubert and Arabie 1985)."""
        from helpers.blocs.kernels import rand_indices

        return float(rand_indices(self.replicates, self.labels).mean())


class Rated(NamedTuple):
    """Blocs of the members, and how likely they make the votes.

    Attributes
    ----------
    score : float
        Log-likelihood of all votes, less what it costs to say which bloc each member is in.
    labels : int array, shape (members,)
        Bloc of each member, from 1; 0 for none.
    state : array, shape (2,)
        Estimated share of votes by habit, and of roll calls on which a bloc has a side.
    """

    score: float
    labels: Labels
    state: NDArray[np.float64]


class VoteModel:
    """A model of votes by bloc: places members, and asks whether blocs explain the votes.

    On a roll call a bloc either has a side, which a member follows unless it votes by its habit
    (its shares of votes over all other roll calls), or the vote is free (shares of the bloc,
    drawn towards those of all members, see `Constants`). How often votes are by habit, and on how
    many roll calls there is a side, is estimated by expectation maximisation. A member is always
    judged by the votes of the other members of a bloc.

    Parameters
    ----------
    ballots : Ballots
        Votes.
    main : int
        Fewest members of a main bloc; only main blocs give and take members.
    seed : int
        Seed of the shuffles.

    Notes
    -----
    A mixture for nominal votes, climbed by moving members (the classification likelihood of
    Celeux and Govaert 1992, Computational Statistics and Data Analysis 14).
    """

    def __init__(self, ballots: Ballots, main: int, seed: int) -> None:
        votes = ballots.votes
        each = np.stack([votes == c + 1 for c in range(ballots.categories)], axis=2)
        general = each.sum(axis=(0, 1)) + 0.5
        others = np.maximum(each.sum(axis=0) - 1, 0) + CONSTANTS.habit * general / general.sum()
        shares = each.sum(axis=1) + 0.5
        self._ballots, self._main, self._seed = ballots, main, seed
        self._habits = others / others.sum(axis=1, keepdims=True)
        self._overall = shares / shares.sum(axis=1, keepdims=True)
        self._known: dict[bytes, bool] = {}

    def place(self, division: Division, draws: NDArray[np.uint8]) -> Division:
        """Place each member of a main bloc in the main bloc that makes its votes likeliest.

        Parameters
        ----------
        division : Division
            Blocs to begin with, and those of the replicates.
        draws : uint8 array, shape (replicates, roll calls)
            How often each replicate draws each roll call.
        """
        labels, _, state = self._climb(division.labels[None])
        replicates = self._climb(division.replicates, state, draws)[0]
        return Division(_number(labels)[0], _number(replicates))

    def foretell(self, labels: Labels) -> NDArray[np.float64]:
        """Measure how much likelier votes are by the blocs than by one bloc of all members.

        Parameters
        ----------
        labels : int array, shape (divisions, members)
            Blocs from 1; 0 for isolates.

        Returns
        -------
        array, shape (divisions,)
            Gain of log-likelihood a vote, members being placed by their votes first.
        """
        rows = [np.ones_like(labels[:1]), *labels[:, None]]
        fits = np.array([self._climb(row)[1][0] for row in rows])
        cast = ((self._ballots.votes > 0).sum(axis=1) * self._ballots.weights).sum()
        return np.asarray((fits[1:] - fits[0]) / max(cast, 1e-300))

    def explain(self, labels: Labels, most: int) -> Rated | None:
        """Divide blocs by their votes until there is no more to divide.

        Begins with ``labels`` and, apart from these, with one bloc of all members: places all
        members, divides in two the bloc that gains most by it, places all members again, and so
        on, while that gains enough (`Constants.gain`) and the new bloc is apart from every other:
        what divides the two, taken together, is reached in few shuffles (`Constants.chance`) of
        their votes in which each member and each roll call keeps its totals. Of two ends the
        likelier is taken.

        Parameters
        ----------
        labels : int array, shape (members,)
            Blocs from 1; 0 for isolates.
        most : int
            Most blocs.

        Returns
        -------
        Rated or None
            Two blocs or more; None where that ends with one, or ``most`` can still be divided.
        """
        ends = [self._divide(start, most) for start in (labels, np.ones_like(labels))]
        known = [end for end in ends if end is not None and end.labels.max() > 1]
        return max(known, key=lambda end: end.score, default=None)

    def repeat(self, end: Rated, replicates: Labels, draws: NDArray[np.uint8]) -> Division:
        """Find blocs that explain the votes again in every replicate.

        Begins with the blocs found and, where a replicate's own division has as many, with that,
        and keeps the likelier.

        Parameters
        ----------
        end : Rated
            From `explain`.
        replicates : int array, shape (replicates, members)
            The replicates' own divisions.
        draws : uint8 array, shape (replicates, roll calls)
            How often each replicate draws each roll call.
        """
        here, fits, _ = self._climb(np.tile(end.labels, (len(draws), 1)), end.state, draws)
        same = np.flatnonzero(replicates.max(axis=1) == end.labels.max())
        own, own_fits, _ = self._climb(replicates[same], end.state, draws[same])
        better = own_fits > fits[same]
        here[same[better]] = own[better]
        return Division(_number(end.labels[None])[0], _number(here), explained=True)

    def find_divided(self, labels: Labels) -> list[bool]:
        """Tell of each bloc of ``labels`` (members,) whether its votes divide it (see `explain`).

        False for a bloc that is too small to hold two main blocs.
        """
        current = self._rate(labels, join=False)
        divided = {b for b, new in self._halve_all(current, join=False) if self._is_apart(new, b)}
        return [bloc in divided for bloc in range(1, int(labels.max()) + 1)]

    def _climb(
        self,
        labels: Labels,
        state: NDArray[np.float64] | None = None,
        draws: NDArray[np.uint8] | None = None,
        *,
        join: bool = False,
    ) -> tuple[Labels, NDArray[np.float64], NDArray[np.float64]]:
        """Move members of rows of blocs to where they are likeliest.

        Members of no main bloc may ``join`` one that foretells their votes better than the votes
        of all members do. With ``draws`` the ``state`` is kept, without it is where estimation
        begins. Returns the blocs, their log-likelihoods and the state.
        """
        from helpers.blocs.kernels_votes import place

        ballots, placed = self._ballots, np.array(labels, dtype=np.int64, order="C")
        weights = ballots.weights[None] * (1.0 if draws is None else draws)
        known = np.array(CONSTANTS.start if state is None else state)
        fits = place(
            ballots.votes, weights, placed, self._habits, self._overall, CONSTANTS.strength,
            self._main, CONSTANTS.place_rounds, known, draws is None, join,
        )  # fmt: skip
        return placed, fits.sum(axis=1), known

    def _rate(
        self, labels: Labels, state: NDArray[np.float64] | None = None, *, join: bool
    ) -> Rated:
        """Place all members, and rate the blocs: likelihood, less what naming the blocs costs."""
        placed, _, state = self._climb(labels[None], state, join=join)
        placed, fits, state = self._climb(placed, state)
        sizes = np.bincount(placed[0]).astype(np.float64)
        cost = float((sizes * np.log(np.maximum(sizes, 1.0) / sizes.sum())).sum())
        return Rated(float(fits[0]) + cost, placed[0], state)

    def _divide(self, labels: Labels, most: int) -> Rated | None:
        """Divide blocs while they gain by it; None where ``most`` do not end it."""
        is_main = np.bincount(labels) >= self._main
        is_main[0] = False
        start = np.where(is_main[labels], np.cumsum(is_main)[labels], 0)
        start = self._climb(start[None], join=True)[0][0]
        numbers = np.unique(np.append(start, 0))  # a bloc may have lost all its members
        current = self._rate(np.searchsorted(numbers, start), join=True)
        while True:
            halves = self._halve_all(current, join=True)
            better = next((new for bloc, new in halves if self._is_apart(new, bloc)), None)
            if better is None:
                return current
            if current.labels.max() >= most:
                return None
            current = better

    def _halve_all(self, current: Rated, *, join: bool) -> list[tuple[int, Rated]]:
        """Divide each bloc in two: all blocs then, where they gain by it, the likeliest first."""
        found = []
        for bloc in range(1, int(current.labels.max()) + 1):
            members = current.labels == bloc
            if members.sum() < 2 * self._main:
                continue
            new = self._rate(self._halve(current.labels, members), current.state, join=join)
            more = self._count_main(new.labels) > self._count_main(current.labels)
            if more and new.score > current.score + CONSTANTS.gain:
                found.append((bloc, new))
        return sorted(found, key=lambda each: -each[1].score)

    def _is_apart(self, divided: Rated, bloc: int) -> bool:
        """Whether the new bloc, the last, is apart from every other; from ``bloc`` first."""
        labels, last = divided.labels, int(divided.labels.max())
        others = [bloc, *(b for b in range(1, last) if b != bloc)]
        return all(self._is_beyond((labels == last) | (labels == b)) for b in others)

    def _count_main(self, labels: Labels) -> int:
        return int((np.bincount(labels)[1:] >= self._main).sum())

    def _halve(self, labels: Labels, members: NDArray[np.bool_]) -> Labels:
        """Divide one bloc in two along what divides it most."""
        direction = self._find_direction(self._ballots.votes[:, members])[1]
        below = int((direction <= 0).sum())
        below = min(max(below, self._main), len(direction) - self._main)
        halved = labels.copy()
        last = np.flatnonzero(members)[np.argsort(direction, kind="stable")[below:]]
        halved[last] = labels.max() + 1
        return halved

    def _is_beyond(self, members: NDArray[np.bool_]) -> bool:
        """Whether what divides some members is more than their shuffled votes have."""
        key = members.tobytes()
        if key not in self._known:
            self._known[key] = self._compare_shuffled(self._ballots.votes[:, members])
        return self._known[key]

    def _compare_shuffled(self, votes: NDArray[np.int8]) -> bool:
        from helpers.blocs.kernels_votes import shuffle_votes

        rng = np.random.default_rng((self._seed, 2))
        value = self._find_direction(votes)[0]
        votes = np.ascontiguousarray(votes)
        nulls: list[float] = []
        most = CONSTANTS.chance * (1 + CONSTANTS.shuffles)
        while len(nulls) < CONSTANTS.shuffles:
            trades = CONSTANTS.trades * (1 if nulls else 2)
            votes = shuffle_votes(votes, self._ballots.categories, trades, rng)
            nulls.append(self._find_direction(votes)[0])
            if 1 + sum(null >= value for null in nulls) > most:
                return False
            far = np.mean(nulls) + CONSTANTS.far * np.std(nulls)
            if len(nulls) >= CONSTANTS.few_shuffles and value > far:
                return True
        return True

    def _find_direction(self, votes: NDArray[np.int8]) -> tuple[float, NDArray[np.float64]]:
        """Find what divides members most: the largest eigenvalue, and its vector.

        Of how members agree about each roll call's shares, by roll calls in which both voted.
        """
        from scipy.linalg import eigh

        weights, cast = self._ballots.weights, votes > 0
        voters = np.maximum(cast.sum(axis=1), 1)
        gram = np.zeros((votes.shape[1], votes.shape[1]))
        for c in range(1, self._ballots.categories + 1):
            same = votes == c
            rest = np.where(cast, same - (same.sum(axis=1) / voters)[:, None], 0.0)
            gram += (rest * weights[:, None]).T @ rest
        scale = np.sqrt(np.maximum(weights @ cast, 1e-12))
        gram /= np.outer(scale, scale)
        np.fill_diagonal(gram, 0.0)
        values, vectors = eigh(gram, subset_by_index=[len(gram) - 1, len(gram) - 1])
        return float(values[0]), vectors[:, 0]


def _number(labels: Labels) -> Labels:
    """Give the blocs of each row new numbers, by size; too small ones become isolates."""
    from helpers.blocs.kernels import number_all

    return np.asarray(number_all(labels, CONSTANTS.isolate))
