"""Whether one member's votes changed at a date by more than a walk from period to period.

A walk smooths a jump, and a model that is fitted with the member's own votes absorbs what it should
find: a lone no is taken up by the text's own parameters. So the roll calls after the date are
fitted without the member, and its votes on them are scored twice: as those of a member that walked
on from where it stood, and of one that may have jumped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr
from scipy.stats import norm

from helpers.ballots import Ballots
from helpers.errors import ParameterError, SelectionError, did_you_mean
from helpers.ideal_points.estimate import find_signs, fit_variational
from helpers.ideal_points.layout import Layout
from helpers.ideal_points.predict import expect_points
from helpers.ideal_points.presets import Selection, select
from helpers.ideal_points.variational import State
from helpers.record import NO, YES

FloatArray = NDArray[np.float64]

FREE_STEP: Final = 1.0
"""Standard deviation of a free step before votes are seen: that of all points."""

GRID: Final = np.linspace(-8.0, 8.0, 1601)
"""Places at which a member's votes are scored, in standard deviations of all points."""

LEAST: Final = 1e-6
"""Least probability of a vote, as in predictions."""


@dataclass(frozen=True)
class Step:
    """Whether a free step at a date explains a member's votes after it.

    Attributes
    ----------
    member : str
    date, until : pandas.Timestamp
        Roll calls from ``date`` on and before ``until`` are scored.
    votes : pandas.DataFrame
        ``roll_call, vote, walk, step``: each vote and its log score given those before it, of a
        member that walked on, and of one that may have jumped.
    walk, step : float
        Sums of the two. A step costs where there was none.
    before : float
        Where the member stood before the date.
    estimate, q05, q95 : float
        How far it moved; NaN where ``beyond``.
    beyond : bool
        Its votes after the date are the likelier the farther out it is put, past every other
        member: it is beyond the end of the scale, and no number says how far.
    """

    member: str
    date: pd.Timestamp
    until: pd.Timestamp
    votes: pd.DataFrame
    walk: float
    step: float
    before: float
    estimate: float
    q05: float
    q95: float
    beyond: bool

    @property
    def table(self) -> pd.DataFrame:
        """The numbers in one row."""
        names = ("member", "date", "until", "walk", "step", "before", "estimate", "q05", "q95")
        row = {name: getattr(self, name) for name in names}
        return pd.DataFrame([{**row, "beyond": self.beyond, "n_votes": len(self.votes)}])


def test_step(
    ballots: Ballots,
    member: str,
    date: str,
    *,
    until: str = "",
    periods: str | ArrayLike = "session",
    bridges: Any = None,
    anchors: tuple[str, str] = ("USA", "RUS"),
) -> Step:
    """Compare the log score of a member's votes after a date with and without a free step.

    Parameters
    ----------
    ballots : Ballots
        With a date for each roll call, and votes before the date.
    member : str
    date : str
        ISO date; roll calls of that day are after it.
    until : str
        ISO date at which the scored roll calls end; empty: a year later.
    periods, bridges, anchors
        As in `estimate_points`.

    Returns
    -------
    Step
        ``step`` above ``walk``: a jump explains the votes better. Scores are natural logarithms;
        by Bayes' rule their difference is the logarithm of the odds that votes give a jump.

    Raises
    ------
    ParameterError
        A date is none, or the roll calls have no dates.
    SelectionError
        The member has no vote before the date, or none on a roll call that divides after it.
    ConvergenceError
        As in `estimate_points`.

    References
    ----------
    Park (2011), Sociological Methods and Research 39(1), on jumps that a walk smooths.
    """
    first = _read_day("date", date)
    last = _read_day("until", until) if until else first + pd.DateOffset(years=1)
    if member not in ballots.members:
        hint = did_you_mean(member, ballots.members)
        raise SelectionError(f"member: {member!r} has no vote in this selection{hint}")
    if "date" not in ballots.roll_calls or ballots.roll_calls["date"].isna().any():
        raise ParameterError("date: a step at a date needs the date of each roll call")
    ballots = ballots.take(roll_calls=(ballots.roll_calls["date"] < last).to_numpy())
    after = (ballots.roll_calls["date"] >= first).to_numpy()
    column = ballots.members.index(member)
    cast = ballots.votes[:, column].copy()
    if after.all() or not ((cast >= YES) & (cast <= NO))[~after].any():
        raise SelectionError(f"date: {member} has no vote before {first:%Y-%m-%d}")
    judged = ballots.votes.copy()
    ballots.votes[after, column] = 0
    chosen = select(ballots, periods=periods, preset="", bridges=bridges)
    layout = chosen.lay_out(judged)
    state = fit_variational(layout, "", 1, anchors)
    rows = np.flatnonzero(after & (cast >= YES) & (cast <= NO) & (layout.text_of >= 0))
    if not len(rows):
        raise SelectionError(
            f"date: {member} has no vote on a roll call that divides others from "
            f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
        )
    return _compare(chosen, layout, state, member, (first, last), rows, cast[rows], anchors[0])


test_step.__test__ = False  # type: ignore[attr-defined]  # a name for users, not for pytest


def _read_day(name: str, value: str) -> pd.Timestamp:
    try:
        return pd.Timestamp(value)
    except ValueError as error:
        raise ParameterError(f"{name}: {value!r} is no date; write it as 2025-02-24") from error


def _compare(
    chosen: Selection,
    layout: Layout,
    state: State,
    member: str,
    days: tuple[pd.Timestamp, pd.Timestamp],
    rows: NDArray[np.int64],
    cast: NDArray[np.int8],
    anchor: str,
) -> Step:
    """Score the member's votes on the given roll calls, with the walk's prior and with a jump's."""
    text = layout.text_of[rows]
    sign = float(find_signs(layout, state.theta, anchor)[0])
    logs = score_grid(cast, state.psi[text], state.cov[text])
    period = int(chosen.periods[rows].min())
    expected = expect_points(layout, state, period)
    place = expected.place[member]
    mean, var = float(expected.theta[place, 0]), float(expected.var[place, 0])
    walk, _ = score_sequence(logs, mean, var)
    step, posterior = score_sequence(logs, mean, var + FREE_STEP**2)
    moved, low, high = _summarise_step(posterior, mean, var)
    others = state.theta[layout.nodes["member"].to_numpy() != member, 0]
    best = GRID[logs.sum(axis=0).argmax()]
    beyond = bool(best > others.max() or best < others.min())
    if sign < 0:
        moved, low, high = -moved, -high, -low
    ids = chosen.ballots.roll_calls["roll_call"].to_numpy()[rows]
    votes = pd.DataFrame({"roll_call": ids, "vote": cast, "walk": walk, "step": step})
    found = (np.nan,) * 3 if beyond else (moved, low, high)
    return Step(
        member, *days, votes, float(walk.sum()), float(step.sum()), sign * mean, *found, beyond
    )


def score_grid(cast: NDArray[np.int8], psi: FloatArray, cov: FloatArray) -> FloatArray:
    """Log-probability of each vote at each place of ``GRID``, the text's uncertainty included.

    Parameters
    ----------
    cast : int8 array, shape (n_votes,)
    psi : float64 array, shape (n_votes, 3)
        ``b, c1, log(c2 - c1)`` of the texts.
    cov : float64 array, shape (n_votes, 3, 3)

    Returns
    -------
    float64 array, shape (n_votes, len(GRID))
    """
    gap = np.exp(psi[:, 2])
    below = []
    for widen in (0.0, 1.0):
        slope = np.stack(np.broadcast_arrays(-GRID, 1.0, widen * gap[:, None]), axis=-1)
        spread = 1.0 + np.einsum("vga,vab,vgb->vg", slope, cov, slope)
        cut = psi[:, 1] + widen * gap
        below.append(ndtr((cut[:, None] - psi[:, :1] * GRID) / np.sqrt(spread)))
    chances = np.stack([below[0], below[1] - below[0], 1.0 - below[1]])
    own = chances[cast - 1, np.arange(len(cast))]
    return np.asarray(np.log(np.maximum(own, LEAST)))


def score_sequence(logs: FloatArray, mean: float, var: float) -> tuple[FloatArray, FloatArray]:
    """Return each vote's log score given those before it, and the posterior on ``GRID``."""
    weight = norm.logpdf(GRID, mean, np.sqrt(var))
    weight -= np.logaddexp.reduce(weight)
    scores = np.empty(len(logs))
    for i, log in enumerate(logs):
        weight = weight + log
        scores[i] = np.logaddexp.reduce(weight)
        weight -= scores[i]
    return scores, np.exp(weight)


def _summarise_step(posterior: FloatArray, mean: float, var: float) -> tuple[float, float, float]:
    """Mean, 5% and 95% point of the step, given where the member is after it."""
    share = FREE_STEP**2 / (FREE_STEP**2 + var)
    centres, spread = share * (GRID - mean), np.sqrt(share * var)
    below = ndtr((GRID[:, None] - centres) / spread) @ posterior
    low, high = np.interp([0.05, 0.95], below, GRID)
    return float(posterior @ centres), float(low), float(high)
