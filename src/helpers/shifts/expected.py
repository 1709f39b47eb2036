"""What each vote was to be expected, from members that voted alike in the years before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from helpers.ballots import Ballots
from helpers.errors import ParameterError, SelectionError
from helpers.record import NO, VOTES, YES
from helpers.store import Shown

Array = NDArray[np.float32]

CATEGORIES: Final = 3
FLOOR: Final = 0.01
"""No probability is below it; what is smaller can be ranked, and is not quoted."""

SHARPNESS: Final = 12.0
RECENCY: Final = 0.6
SHRINKAGE: Final = 5.0
"""The best of 27 settings by log score on the votes of 1950 to 1989, as a test checks."""

_PULL: Final = 0.1
_HABIT_PRIOR: Final = 3.0


@dataclass(frozen=True, repr=False)
class Expected(Shown):
    """Probabilities of every vote, never from the member's own vote on the roll call.

    Attributes
    ----------
    ballots : Ballots
        The votes that were cast.
    probabilities : float32 array, shape (n_roll_calls, n_members, 3)
        Yes, abstain, no; they add to 1. NaN where the member cast no vote, or none in the years
        before that others share.
    years : int
        Calendar years before that were looked at.
    without : tuple of str
        Members whose votes were not used.
    own_habit : bool
        Whether the member's own habits of the years before were used.
    sharpness, recency, shrinkage, floor : float
        As given to `expect_votes`.
    """

    ballots: Ballots
    probabilities: Array
    years: int
    without: tuple[str, ...]
    own_habit: bool
    sharpness: float
    recency: float
    shrinkage: float
    floor: float

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which votes have an expectation, shape (n_roll_calls, n_members)."""
        return ~np.isnan(self.probabilities[:, :, 0])

    @cached_property
    def of_votes(self) -> Array:
        """Probability of the vote that was cast, shape (n_roll_calls, n_members); NaN: none."""
        cast = np.clip(self.ballots.votes.astype(np.intp) - 1, 0, CATEGORIES - 1)
        return np.take_along_axis(self.probabilities, cast[:, :, None], axis=2)[:, :, 0]

    @cached_property
    def surprise(self) -> Array:
        """Surprise of each vote less what was expected, in nats; NaN where nothing is expected.

        ``-log p(vote) + sum_c p_c log p_c``: 0 on average for a member whose votes are as
        uncertain as the probabilities say, above 0 where they are less like them.
        """
        p = self.probabilities
        return -np.log(self.of_votes) + (p * np.log(p)).sum(axis=2)

    @property
    def table(self) -> pd.DataFrame:
        """One row a vote with an expectation: ``roll_call, member, vote, yes, abstain, no``."""
        rows, columns = np.nonzero(self.known)
        ids = self.ballots.roll_calls["roll_call"].to_numpy()
        p = self.probabilities[rows, columns]
        return pd.DataFrame(
            {
                "roll_call": ids[rows],
                "member": np.array(self.ballots.members)[columns],
                "vote": np.array(VOTES)[self.ballots.votes[rows, columns] - 1],
                **{word: p[:, c] for c, word in enumerate(VOTES[:CATEGORIES])},
            }
        )

    def of(self, roll_call: str, member: str) -> pd.Series:
        """Return the probabilities of a member's vote on a roll call (id or symbol), by word.

        Raises
        ------
        SelectionError
            The selection has no such roll call or member.
        """
        calls = self.ballots.roll_calls
        named = [calls[name] == roll_call for name in ("roll_call", "symbol") if name in calls]
        rows = np.flatnonzero(np.any(named, axis=0))
        if not rows.size or member not in self.ballots.members:
            raise SelectionError(
                f"no roll call {roll_call!r} or no member {member!r} in this selection"
            )
        values = self.probabilities[rows[0], self.ballots.members.index(member)]
        return pd.Series(values, index=list(VOTES[:CATEGORIES]), name=roll_call)


class ExpectedScore(NamedTuple):
    """How good expectations were.

    Attributes
    ----------
    n_votes : int
        Votes with an expectation.
    log_score : float
        Mean log probability of the votes that were cast, at most 0.
    right : float
        Share of votes that were the most probable one, 0 to 1.
    """

    n_votes: int
    log_score: float
    right: float


def expect_votes(
    ballots: Ballots,
    *,
    years: int = 3,
    without: Sequence[str] = (),
    own_habit: bool = True,
    sharpness: float = SHARPNESS,
    recency: float = RECENCY,
    shrinkage: float = SHRINKAGE,
    floor: float = FLOOR,
) -> Expected:
    """Expect each vote from how those that voted alike in the years before voted this time.

    Answers: was this vote to be expected, given what the roll call was like and where the member
    stood before? The member's own vote on the roll call is never used, nor any vote of its year,
    so that a change in January is still seen as one in December.

    Parameters
    ----------
    ballots : Ballots
        Votes with dated roll calls, shape (n_roll_calls, n_members). Roll-call weights count.
    years : int
        Calendar years before that are looked at, at least 1.
    without : sequence of str
        Members whose votes are not used: companions that turned together hide each other.
    own_habit : bool
        Correct by what the member cast in those years beyond what was expected of it then (a
        member that abstains more often than those like it). Better forecasts; without it the
        question is only whether the member voted as those did that it used to vote with.
    sharpness : float
        How much more a more similar member counts, above 0.
    recency : float
        Weight of a year relative to the year after it, above 0 to 1.
    shrinkage : float
        Evidence, in units of disagreement, that is added without agreement; 0 or more.
    floor : float
        Least probability before the three are made to add to 1 again, above 0 to 0.3.

    Returns
    -------
    Expected

    Raises
    ------
    ParameterError
        An option is out of range.
    SelectionError
        The roll calls have no dates, a member of ``without`` is not there, or absence is a
        category.

    Notes
    -----
    With ``x_jic`` = [member i voted c on roll call j] less the share of c on j, the likeness of two
    members is ``r_ik = sum x_ij . x_kj / (sqrt(sum |x_ij|^2 sum |x_kj|^2) + shrinkage)`` over
    roll calls of the years before on which both voted, each weighted ``recency^age``. Then
    ``p_ijc ~ sum_k exp(sharpness (r_ik - max_k r_ik)) [k voted c] + 0.1 share_jc``, sums over
    members other than i, times ``(cast_ic + 3) / (expected_ic + 3)`` of the years before if
    ``own_habit``; at least ``floor``. Kernel-weighted neighbours as in Nadaraya (1964) and Watson
    (1964), on the residuals that double centring leaves (Poole 2005, chapter 2).

    Examples
    --------
    >>> from helpers.record import load_record
    >>> from helpers.ballots import build_ballots
    >>> expected = expect_votes(build_ballots(load_record("dossier"), body="GA"))
    >>> row = expected.of("A/RES/ES-11/7", "USA")
    >>> row.idxmax()
    'yes'
    """
    _check(years, sharpness, recency, shrinkage, floor)
    unknown = [m for m in without if m not in ballots.members]
    if unknown:
        raise SelectionError(f"without: not in this selection: {', '.join(map(repr, unknown))}")
    if ballots.categories > CATEGORIES:
        raise SelectionError("absence: expectations are of yes, abstain and no; take 'missing'")
    model = _Model(ballots, without)
    probabilities = np.full((CATEGORIES, *ballots.votes.shape), np.nan, np.float32)
    with threadpool_limits(limits=1, user_api="blas"):  # threads wait for each other at this size
        for past, now, weights in _each_year(ballots, years, recency):
            likeness, shared = model.measure_likeness(past, weights, shrinkage)
            expected = model.weigh_neighbours(now, likeness, shared, sharpness)
            probabilities[:, now] = _set_floor(expected, floor)
    if own_habit:
        probabilities = _add_habit(probabilities, model.cast, ballots, years, floor)
    return Expected(
        ballots=ballots,
        probabilities=np.ascontiguousarray(np.moveaxis(probabilities, 0, 2)),
        years=years,
        without=tuple(without),
        own_habit=own_habit,
        sharpness=sharpness,
        recency=recency,
        shrinkage=shrinkage,
        floor=floor,
    )


def score_expected(expected: Expected, *, date_from: str = "", date_to: str = "") -> ExpectedScore:
    """Return how good expectations were on the votes of a period.

    Parameters
    ----------
    expected : Expected
    date_from, date_to : str
        ISO dates, both inclusive; empty for no bound.

    Returns
    -------
    ExpectedScore

    Raises
    ------
    SelectionError
        No vote of the period has an expectation.
    """
    inside = _in_period(expected.ballots, date_from, date_to)
    known = expected.known & inside[:, None]
    if not known.any():
        raise SelectionError("no vote of the period has an expectation; begin later or end later")
    p = expected.probabilities[known]
    best = p.argmax(axis=1) == expected.ballots.votes[known] - 1
    logs = np.log(expected.of_votes[known])
    return ExpectedScore(int(known.sum()), float(logs.mean(dtype=np.float64)), float(best.mean()))


def measure_calibration(expected: Expected, edges: Sequence[float]) -> pd.DataFrame:
    """Return how often what had a probability came true.

    Parameters
    ----------
    expected : Expected
    edges : sequence of float
        Bounds of the bins of probabilities, rising.

    Returns
    -------
    pandas.DataFrame
        ``low, high, n, predicted, observed`` a bin; each vote gives three probabilities.
    """
    known = expected.known
    p = expected.probabilities[known].ravel()
    cast = (expected.ballots.votes[known] - 1)[:, None] == np.arange(CATEGORIES)
    frame = pd.DataFrame({"predicted": p, "observed": cast.ravel()})
    bins = pd.cut(frame["predicted"], list(edges), labels=False, right=False)
    means = frame.groupby(bins).agg(
        n=("predicted", "size"), predicted=("predicted", "mean"), observed=("observed", "mean")
    )
    bounds = np.asarray(edges)
    place = means.index.to_numpy(int)
    return means.assign(low=bounds[place], high=bounds[place + 1]).reset_index(drop=True)[
        ["low", "high", "n", "predicted", "observed"]
    ]


def years_of(ballots: Ballots) -> NDArray[np.int64]:
    """Return the calendar year of each roll call; 0 where it has no date.

    Raises
    ------
    SelectionError
        No roll call has a date.
    """
    if "date" not in ballots.roll_calls or not ballots.roll_calls["date"].notna().any():
        raise SelectionError("the roll calls have no dates; expectations come from earlier years")
    return ballots.roll_calls["date"].dt.year.fillna(0).to_numpy(np.int64)


class _Model:
    """The votes laid out for matrix products: category, roll call, member."""

    def __init__(self, ballots: Ballots, without: Sequence[str]) -> None:
        used = np.array([m not in set(without) for m in ballots.members])
        codes = np.arange(YES, NO + 1, dtype=np.int8)[:, None, None]
        self.cast: Array = (ballots.votes[None] == codes).astype(np.float32)
        self.present: Array = self.cast.sum(axis=0)
        self.used_votes: Array = self.cast * used
        self.used: NDArray[np.bool_] = used
        totals = self.cast.sum(axis=2, keepdims=True)
        share = totals / np.maximum(totals.sum(axis=0), 1)
        self.residual: Array = (self.cast - share) * self.present
        self.totals: Array = self.used_votes.sum(axis=2, keepdims=True)

    def measure_likeness(
        self, past: NDArray[np.int64], weights: Array, shrinkage: float
    ) -> tuple[Array, NDArray[np.bool_]]:
        """Return likeness of members (rows) to those used (columns), and who shared a vote."""
        n_members = self.present.shape[1]
        residual = self.residual[:, past] * np.sqrt(weights)[:, None]
        flat = residual.reshape(-1, n_members)
        present = self.present[past]
        power = (residual**2).sum(axis=0).T @ present
        likeness = (flat.T @ flat) / (np.sqrt(power * power.T) + shrinkage + 1e-9)
        shared = (present.T @ present > 0) & self.used
        np.fill_diagonal(shared, False)
        return likeness, shared

    def weigh_neighbours(
        self,
        now: NDArray[np.int64],
        likeness: Array,
        shared: NDArray[np.bool_],
        sharpness: float,
    ) -> Array:
        """Return probabilities, shape (3, roll calls, members); NaN where there are none."""
        powers = np.where(shared, sharpness * likeness, -np.inf)
        top = powers.max(axis=1, keepdims=True)
        weights = np.exp(powers - np.where(np.isfinite(top), top, 0)).astype(np.float32)
        votes = self.used_votes[:, now]
        mass = (votes.reshape(-1, votes.shape[2]) @ weights.T).reshape(votes.shape)
        others = self.totals[:, now] - votes
        share = others / np.maximum(others.sum(axis=0), 1)
        expected = mass + np.float32(_PULL) * share
        total = expected.sum(axis=0)
        known = (self.present[now] > 0) & shared.any(axis=1) & (total > 0)
        return expected / np.where(known, total, np.nan)


def _each_year(
    ballots: Ballots, years: int, recency: float
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Array]]:
    """Yield positions of the years before, positions of the year, and weights of the former."""
    year = years_of(ballots)
    for y in np.unique(year[year > 0]):
        past = np.flatnonzero((year >= y - years) & (year < y))
        if past.size:
            weights = ballots.weights[past] * recency ** (y - 1 - year[past])
            yield past, np.flatnonzero(year == y), weights.astype(np.float32)


def _set_floor(probabilities: Array, floor: float) -> Array:
    """Raise what is below the floor to it, then make all add to 1 again."""
    raised = np.maximum(probabilities, np.float32(floor))
    return raised / raised.sum(axis=0)


def _add_habit(
    probabilities: Array, cast: Array, ballots: Ballots, years: int, floor: float
) -> Array:
    """Multiply by what each member cast beyond expectation in the years before."""
    year = years_of(ballots)
    known = ~np.isnan(probabilities[0])
    weights = ballots.weights.astype(np.float32)[:, None] * known
    corrected = probabilities.copy()
    sums: dict[int, tuple[Array, Array]] = {}
    for y in np.unique(year[year > 0]):
        now = np.flatnonzero(year == y)
        before = [sums[z] for z in range(y - years, y) if z in sums]
        if before:
            seen, due = np.sum(before, axis=0) + np.float32(_HABIT_PRIOR)
            tilted = probabilities[:, now] * (seen / due)[:, None, :]
            corrected[:, now] = _set_floor(tilted / tilted.sum(axis=0), floor)
        w = weights[now]
        sums[int(y)] = (
            (cast[:, now] * w).sum(axis=1),
            np.where(known[now], probabilities[:, now] * w, 0).sum(axis=1),
        )
    return corrected


def _in_period(ballots: Ballots, date_from: str, date_to: str) -> NDArray[np.bool_]:
    date = ballots.roll_calls["date"]
    inside = date.notna()
    if date_from:
        inside &= date >= pd.Timestamp(date_from)
    if date_to:
        inside &= date <= pd.Timestamp(date_to)
    return inside.to_numpy(bool)


def _check(years: int, sharpness: float, recency: float, shrinkage: float, floor: float) -> None:
    faults = [
        sentence
        for holds, sentence in [
            (years >= 1, f"years: {years} must be 1 or more"),
            (sharpness > 0, f"sharpness: {sharpness} must be above 0"),
            (0 < recency <= 1, f"recency: {recency} must be above 0 and at most 1"),
            (shrinkage >= 0, f"shrinkage: {shrinkage} must be 0 or more"),
            (0 < floor <= 0.3, f"floor: {floor} must be above 0 and at most 0.3"),
        ]
        if not holds
    ]
    if faults:
        raise ParameterError("; ".join(faults))
