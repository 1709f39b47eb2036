"""Probabilities of votes by a roll call's other voters and members' past alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.ballots import Ballots
from helpers.errors import SelectionError
from helpers.ideal_points.estimate import fit_variational
from helpers.ideal_points.layout import Layout
from helpers.ideal_points.presets import Selection, select
from helpers.ideal_points.start import cut_shares
from helpers.ideal_points.variational import State
from helpers.record import NO, YES

FloatArray = NDArray[np.float64]

BINS: Final = (0.0, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 1.0)
"""Ends of the classes of probability in which observed shares are compared with predicted ones.

Below the first the model is wrong by several times: it is shown as under 1%."""


@dataclass(frozen=True)
class Predictions:
    """What was expected of each vote before it was seen.

    Attributes
    ----------
    table : pandas.DataFrame
        ``roll_call, period, member, vote, yes, abstain, no, log_score``: probabilities of the three
        votes, and the logarithm of that of the vote that was cast.
    scores : pandas.DataFrame
        ``period, votes, log_score, right, log_score_shares``: means of a period's votes, and the
        log score of the shares of the roll call's other voters.
    calibration : pandas.DataFrame
        ``low, high, predicted, observed, n``: mean probability of each class and the share of
        those that happened.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    calibration: pd.DataFrame


@dataclass(frozen=True)
class Forecast:
    """Where members are expected in a period, and what is usual of texts.

    Attributes
    ----------
    place : dict of str to int
        Row of each member.
    theta, var : float64 arrays, shape (n_members, D)
        Means and variances.
    centre, spread : float64 arrays, shape (D + 2,)
        Mean and variance of texts' parameters.
    """

    place: dict[str, int]
    theta: FloatArray
    var: FloatArray
    centre: FloatArray
    spread: FloatArray


def predict_votes(
    ballots: Ballots,
    first: int,
    *,
    periods: str | ArrayLike = "session",
    bridges: Any = None,
    dimensions: int = 1,
    anchors: tuple[str, str] = ("USA", "RUS"),
) -> Predictions:
    """Predict every vote from a period on, as if it had not been cast.

    Members are placed by the periods before alone; each roll call is fitted to its other voters
    alone, each time without the member that is predicted. (A model that was fitted with the vote
    absorbs what it should find.)

    Parameters
    ----------
    ballots : Ballots
        With the periods before ``first``, which members are placed by.
    first : int
        First period that is predicted; every later one is, too.
    periods, bridges, dimensions, anchors
        As in `estimate_points`.

    Returns
    -------
    Predictions
        Of members that had a point in an earlier period.

    Raises
    ------
    SelectionError
        There is nothing before ``first``, or nothing from it on.
    ParameterError, ConvergenceError
        As in `estimate_points`.

    Examples
    --------
    >>> from helpers.ideal_points.simulate import simulate_points
    >>> known = simulate_points(30, 4, 30, bridged=0.5)
    >>> found = predict_votes(known.ballots, 4, periods=known.periods, bridges=known.bridges)
    >>> scores = found.scores.iloc[0]
    >>> bool(scores["log_score"] > scores["log_score_shares"])
    True
    """
    chosen = select(ballots, periods=periods, preset="", bridges=bridges)
    wanted = sorted(set(chosen.periods[chosen.periods >= first].tolist()))
    if not wanted or chosen.periods.min() >= first:
        raise SelectionError(
            f"first: roll calls are needed in period {first} or later, and before it"
        )
    parts = []
    for period in wanted:
        layout = take_periods(chosen, chosen.periods < period).lay_out()
        state = fit_variational(layout, "", dimensions, anchors)
        parts.append(_predict_period(chosen, period, expect_points(layout, state, period)))
    table = pd.concat(parts, ignore_index=True)
    if table.empty:
        raise SelectionError(f"first: no member that votes from period {first} on did so before")
    return Predictions(table.drop(columns="shares"), _score(table), calibrate(table))


def take_periods(chosen: Selection, rows: NDArray[np.bool_]) -> Selection:
    """Return a selection of some roll calls only."""
    return Selection(
        ballots=chosen.ballots.take(roll_calls=rows),
        periods=chosen.periods[rows],
        texts=chosen.texts[rows],
        parts=chosen.parts[rows],
        cow=chosen.cow[rows],
    )


def expect_points(layout: Layout, state: State, period: int) -> Forecast:
    """Return where each member is expected in a later period: where it was last, less surely."""
    last = layout.path_ptr[1:] - 1
    nodes = layout.nodes.iloc[last]
    latest = ~nodes["member"].duplicated(keep="last").to_numpy()
    last, nodes = last[latest], nodes[latest]
    gap = period - nodes["period"].to_numpy()
    walked = layout.nodes["gap"].to_numpy() > 0
    own = state.priors.step / np.maximum(layout.nodes["gap"].to_numpy(), 1)
    step = (float(own[walked].mean()) if walked.any() else own[0]) + state.priors.common**2
    return Forecast(
        place={str(m): i for i, m in enumerate(nodes["member"])},
        theta=np.ascontiguousarray(state.theta[last]),
        var=state.var[last] + (gap * step)[:, None],
        centre=state.priors.centre,
        spread=state.priors.spread,
    )


def _predict_period(chosen: Selection, period: int, expected: Forecast) -> pd.DataFrame:
    """Predict the votes of one period, roll call by roll call."""
    from helpers.ideal_points import kernels

    ballots = chosen.ballots
    row = np.array([expected.place.get(m, -1) for m in ballots.members])
    names = np.array(ballots.members, dtype=object)
    parts = []
    for r in np.flatnonzero(chosen.periods == period):
        votes = ballots.votes[r]
        here = np.flatnonzero((votes >= YES) & (votes <= NO) & (row >= 0))
        if len(here) < 2:
            continue
        node, vote = row[here].astype(np.int32), votes[here]
        chances = np.empty((len(here), 3))
        kernels.predict_text(
            node,
            vote,
            expected.theta,
            expected.centre,
            expected.spread,
            begin_text(node, vote, expected),
            chances,
        )
        counts = np.bincount(vote, minlength=4)[1:] + 0.5
        counts = counts[vote - 1] - 1.0
        part = pd.DataFrame(chances, columns=["yes", "abstain", "no"])
        part.insert(0, "vote", vote)
        part.insert(0, "member", names[here])
        part.insert(0, "period", period)
        part.insert(0, "roll_call", ballots.roll_calls["roll_call"].iloc[r])
        part["log_score"] = np.log(chances[np.arange(len(vote)), vote - 1])
        part["shares"] = np.log(counts / (len(vote) + 0.5))
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def begin_text(node: NDArray[np.int32], vote: NDArray[np.int8], expected: Forecast) -> FloatArray:
    """Parameters of a text at which its fit begins: shares, and the slope of votes by points."""
    psi = expected.centre.copy()
    counts = np.bincount(vote, minlength=4)[1:] + 0.5
    psi[-2:] = cut_shares(counts / counts.sum())
    points = expected.theta[node] - expected.theta[node].mean(axis=0)
    power = np.maximum((points**2).sum(axis=0), 1e-9)
    psi[:-2] = points.T @ (vote - vote.mean()) / power
    return psi


def calibrate(table: pd.DataFrame) -> pd.DataFrame:
    """Return how often what had a probability happened, by class of probability."""
    chances = table[["yes", "abstain", "no"]].to_numpy().ravel()
    happened = (table["vote"].to_numpy()[:, None] == np.arange(1, 4)).ravel()
    place = np.clip(np.searchsorted(BINS, chances, side="right") - 1, 0, len(BINS) - 2)
    size = len(BINS) - 1
    n = np.bincount(place, minlength=size)
    with np.errstate(invalid="ignore"):
        predicted, observed = (np.bincount(place, v, size) / n for v in (chances, happened))
    out = {"low": BINS[:-1], "high": BINS[1:], "predicted": predicted, "observed": observed}
    return pd.DataFrame({**out, "n": n})


def _score(table: pd.DataFrame) -> pd.DataFrame:
    """Return means by period."""
    chances = table[["yes", "abstain", "no"]].to_numpy()
    right = chances.argmax(axis=1) + 1 == table["vote"]
    votes = table.assign(right=right, log_score_shares=table["shares"])
    means = votes.groupby("period")[["log_score", "right", "log_score_shares"]].mean()
    means.insert(0, "votes", votes["period"].value_counts().reindex(means.index))
    return means.reset_index()
