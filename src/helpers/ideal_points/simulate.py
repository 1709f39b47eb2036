"""Assemblies that vote by known ideal points, for tests, coverage and documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, ballots_from_matrix
from helpers.record import MISSING

FIRST_CUT: Final = (1.0, 1.0)
"""Mean and standard deviation of the cut between yes and abstain."""

GAP: Final = (-0.3, 0.6)
"""Mean and standard deviation of the logarithm of the distance to the cut before no."""


@dataclass(frozen=True)
class KnownPoints:
    """An assembly whose points are known.

    Attributes
    ----------
    ballots : Ballots
        Members ``M001`` and so on; roll calls ``made-1`` and so on, in order of time.
    periods : int64 array, shape (n_roll_calls,)
        Period of each roll call, from 1.
    bridges : pandas.DataFrame
        ``before, after``: roll calls of neighbouring periods on one text.
    points : pandas.DataFrame
        True point of each member (columns) in each period (rows); NaN where it is no member.
    """

    ballots: Ballots
    periods: NDArray[np.int64]
    bridges: pd.DataFrame
    points: pd.DataFrame


def simulate_points(
    n_members: int = 120,
    n_periods: int = 20,
    roll_calls: int = 60,
    *,
    walk: float = 0.1,
    movement: float = 0.0,
    agenda: float = 0.0,
    bridged: float = 0.0,
    late: float = 0.0,
    short: float = 0.0,
    absence: float = 0.1,
    discrimination: float = 1.5,
    seed: int = 1,
) -> KnownPoints:
    """Simulate an assembly that votes by the dynamic ordinal model.

    Parameters
    ----------
    n_members, n_periods, roll_calls : int
        Size; ``roll_calls`` are those of one period.
    walk : float
        Standard deviation of a member's own step from one period to the next.
    movement : float
        How far all members move together from the first period to the last.
    agenda : float
        How far the cut points of new texts move from the first period to the last.
    bridged : float
        Share of a period's texts that are voted on in every period.
    late, short : float
        Shares of members that join after a third of the periods, and that stay for three only.
    absence : float
        Probability of no vote.
    discrimination : float
        Standard deviation of the texts' discriminations.
    seed : int

    Returns
    -------
    KnownPoints

    Examples
    --------
    >>> known = simulate_points(10, 3, 4, bridged=0.5, seed=2)
    >>> known.ballots.votes.shape, known.points.shape, len(known.bridges)
    ((12, 10), (3, 10), 4)
    """
    rng = np.random.default_rng(seed)
    steps = rng.normal(0.0, walk, (n_periods, n_members))
    steps[0] = rng.normal(size=n_members)
    along = np.linspace(0.0, 1.0, n_periods)
    theta = np.cumsum(steps, axis=0) + movement * along[:, None]
    votes, pairs, texts = [], [], np.empty((0, 3))
    for t in range(n_periods):
        old = np.arange(round(bridged * roll_calls) if t else 0)
        kept = texts[old]
        texts = np.concatenate(
            [kept, _draw_texts(roll_calls - len(kept), agenda * along[t], discrimination, rng)]
        )
        pairs += [
            (f"made-{(t - 1) * roll_calls + i + 1}", f"made-{t * roll_calls + k + 1}")
            for k, i in enumerate(old)
        ]
        utility = texts[:, :1] * theta[t] + rng.normal(size=(roll_calls, n_members))
        votes.append(1 + (utility[:, :, None] > texts[:, None, 1:]).sum(axis=2))
    here = _draw_terms(n_members, n_periods, late, short)
    cast = np.concatenate(votes).astype(np.int8)
    periods = np.repeat(np.arange(n_periods), roll_calls)
    cast[(rng.random(cast.shape) < absence) | ~here[periods]] = MISSING
    names = [f"M{i + 1:03d}" for i in range(n_members)]
    points = pd.DataFrame(np.where(here, theta, np.nan), index=np.arange(n_periods) + 1)
    return KnownPoints(
        ballots=ballots_from_matrix(cast, members=names),
        periods=periods + 1,
        bridges=pd.DataFrame(pairs, columns=["before", "after"]),
        points=points.set_axis(names, axis=1),
    )


def _draw_texts(
    number: int, agenda: float, discrimination: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Discrimination and two cut points of new texts, shape (number, 3).

    The agenda moves the place on the scale at which a text divides: cut points move by as much
    times the discrimination.
    """
    slope = rng.normal(0.0, discrimination, number)
    low = rng.normal(*FIRST_CUT, number) + slope * agenda
    return np.column_stack([slope, low, low + np.exp(rng.normal(*GAP, number))])


def _draw_terms(n_members: int, n_periods: int, late: float, short: float) -> NDArray[np.bool_]:
    """Which member is there in which period."""
    here = np.ones((n_periods, n_members), dtype=bool)
    joined, brief = round(late * n_members), round(short * n_members)
    here[: n_periods // 3, :joined] = False
    for i in range(joined, joined + brief):
        first = i % max(n_periods - 3, 1)
        here[:, i] = False
        here[first : first + 3, i] = True
    return here


def standardise_points(points: pd.DataFrame) -> pd.DataFrame:
    """Return true points with mean 0 and variance 1 over all member-periods, as estimates have."""
    values: Any = points.to_numpy()
    return (points - np.nanmean(values)) / np.nanstd(values)
