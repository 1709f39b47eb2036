"""What is estimated from: votes, periods, texts and paths, by our choices or by published ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import resources
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.ballots import Ballots, find_bridges
from helpers.errors import ParameterError, must_be_one_of
from helpers.ideal_points.layout import Layout, join_texts, lay_out, number_periods
from helpers.ideal_points.variational import Priors
from helpers.record import number_cow, number_memberships, seat_of

PRESETS: Final = ("", "bsv")
"""Our choices, and those of Bailey, Strezhnev and Voeten (2017)."""

FIRST_SPREAD: Final = 1.0
"""Variance of a path's first point; the scale is that of all points together."""

FIRST_WALK: Final = 0.01
"""Variance of a member's step in one period at the start; it is learnt from the members."""

COMMON_STEP: Final = 0.015
"""Standard deviation of a step that all members take together in one period.

Independent walks alone allow one of sqrt(walk / members), some 0.01 a session, so that real
movement of everybody is taken for another agenda where few texts come back; much more than this,
and another agenda is taken for movement."""

BSV_SMOOTH: Final = 0.5
"""Their prior's variance, were all votes of two sessions cast in the later one."""

BSV_SLOPES: Final = 0.5
"""Variance of discriminations in the variational estimate by their rule; theirs is 1.

Approximating members and texts apart lets blocs that hardly overlap run away from each other: with
1 the Soviet bloc of sessions 28 to 40 is at -3.5 where the sampler of the same rule has -2.5, and
the worst session agrees with it at 0.88; with a half at 0.93."""

_NO_PAIRS: Final = pd.DataFrame({"before": [], "after": []})


@dataclass(frozen=True)
class Selection:
    """Ballots with what the model needs to know of them.

    Attributes
    ----------
    ballots : Ballots
    periods : int64 array, shape (n_roll_calls,)
        Period of each roll call.
    texts : array of str, shape (n_roll_calls,)
        Id of the first roll call of each one's text.
    parts : int64 array, shape (n_roll_calls, n_members)
        Path of each member at each roll call.
    cow : int64 array, shape (n_roll_calls, n_members)
        Correlates of War number, 0 for none.
    """

    ballots: Ballots
    periods: NDArray[np.int64]
    texts: NDArray[np.object_]
    parts: NDArray[np.int64]
    cow: NDArray[np.int64]

    def lay_out(self, judged: NDArray[np.int8] | None = None) -> Layout:
        """Lay the votes out by member and by text, as `layout.lay_out`."""
        return lay_out(self.ballots, self.periods, self.texts, self.parts, judged)


def select(
    ballots: Ballots, *, periods: str | ArrayLike, preset: str, bridges: Any = None
) -> Selection:
    """Return what the model is fitted to.

    Parameters
    ----------
    ballots : Ballots
        With equal weights: a text that counts half is not a vote.
    periods : {"session", "year"} or array-like of int
        As in `layout.number_periods`.
    preset : {"", "bsv"}
        ``bsv`` drops what they drop, and ties texts by their list where the roll calls have the
        numbers of their data (unvotes, Voeten).
    bridges : Bridges or pandas.DataFrame, optional
        With columns ``before`` and ``after``; by titles where left out and roll calls have them.

    Raises
    ------
    ParameterError
        There is no such preset, or the weights are unequal.
    """
    if preset not in PRESETS:
        raise ParameterError(must_be_one_of("preset", preset, PRESETS))
    if (ballots.weights != ballots.weights[0]).any():
        raise ParameterError("roll_call_weights: ideal points need 'equal' weights")
    numbers = number_periods(ballots, periods)
    calls = ballots.roll_calls
    if preset == "bsv":
        ballots = _add_votes(ballots, _read("bsv_votes"))
        kept = _keep_as_bsv(calls, numbers)
        ballots, numbers = ballots.take(roll_calls=kept), numbers[kept]
        ballots = _drop_as_bsv(_join_states(ballots), numbers)
        calls = ballots.roll_calls
    dates = calls["date"] if "date" in calls else pd.Series(pd.NaT, index=calls.index)
    dated = bool(dates.notna().all())
    shape = ballots.votes.shape
    cow = number_cow(ballots.members, dates) if dated else np.zeros(shape, np.int64)
    parts = number_memberships(ballots.members, dates) if dated else np.ones(shape, np.int64)
    return Selection(
        ballots=ballots,
        periods=numbers,
        texts=_name_texts(calls, numbers, _find_pairs(calls, preset, bridges)),
        parts=cow if preset == "bsv" else parts,
        cow=cow,
    )


def _name_texts(
    calls: pd.DataFrame, numbers: NDArray[np.int64], pairs: pd.DataFrame
) -> NDArray[np.object_]:
    """Name each roll call's text by the first on it, by period and id: not by order of rows."""
    ids = calls["roll_call"].to_numpy()
    order = np.lexsort((ids.astype("str"), numbers))
    texts = np.empty(len(ids), dtype=object)
    texts[order] = join_texts(ids[order].tolist(), pairs)
    return texts


def _read(name: str) -> pd.DataFrame:
    with (resources.files("helpers") / "data" / f"{name}.csv").open("rb") as file:
        return pd.read_csv(file, dtype={"roll_call": "str", "before": "str", "after": "str"})


def _find_pairs(calls: pd.DataFrame, preset: str, bridges: Any) -> pd.DataFrame:
    """Return pairs of roll calls on one text: those given, their list, or by title."""
    if bridges is not None:
        return bridges if isinstance(bridges, pd.DataFrame) else bridges.table
    source = calls["roll_call"].str.extract(r"^(unvotes|voeten)-\d+$", expand=False)
    if preset == "bsv" and source.notna().all():
        pairs, prefix = _read("bsv_pairs"), f"{source.iloc[0]}-"
        return pd.DataFrame({side: prefix + pairs[side] for side in ("before", "after")})
    return find_bridges(calls).table if "title" in calls else _NO_PAIRS


def _keep_as_bsv(calls: pd.DataFrame, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Leave out session 19 (one vote), and paragraphs and amendments after 1989."""
    if not {"kind", "date"} <= set(calls.columns):
        raise ParameterError("preset: 'bsv' needs the kind and the date of each roll call")
    part = calls["kind"].isin(["paragraph", "amendment"]) & (calls["date"].dt.year > 1989)
    return np.asarray(~part & (numbers != 19))


def _join_states(ballots: Ballots) -> Ballots:
    """Give states that had one seat one column: their paths are told apart by number."""
    seats = [seat_of(member) for member in ballots.members]
    if len(set(seats)) == len(seats):
        return ballots
    members = sorted(set(seats))
    votes = np.zeros((len(ballots.votes), len(members)), np.int8)
    for column, seat in enumerate(seats):
        place = members.index(seat)
        votes[:, place] = np.maximum(votes[:, place], ballots.votes[:, column])
    return replace(ballots, votes=votes, members=tuple(members))


def _add_votes(ballots: Ballots, votes: pd.DataFrame) -> Ballots:
    """Add the votes that they count and a clean record does not, where their roll calls are."""
    row = {name: i for i, name in enumerate(ballots.roll_calls["roll_call"])}
    column = {name: i for i, name in enumerate(ballots.members)}
    matrix = ballots.votes.copy()
    cells = zip(votes["roll_call"], votes["member"], votes["vote"], strict=True)
    for roll_call, member, vote in cells:
        if f"unvotes-{roll_call}" in row and member in column:
            matrix[row[f"unvotes-{roll_call}"], column[member]] = vote
    return replace(ballots, votes=matrix)


def _drop_as_bsv(ballots: Ballots, numbers: NDArray[np.int64]) -> Ballots:
    """Leave out Zanzibar (two votes) and South Africa in session 48 (one)."""
    ballots = ballots.take(members=[m for m in ballots.members if m != "EAZ"])
    matrix = ballots.votes.copy()
    if "ZAF" in ballots.members:
        matrix[numbers == 48, ballots.members.index("ZAF")] = 0
    return replace(ballots, votes=matrix)


def make_priors(layout: Layout, preset: str, dimensions: int) -> Priors:
    """Return what is assumed before a vote is seen, by preset.

    Ours: first points N(0, 1), a random walk whose step is learnt, a small common step, texts'
    parameters around what is usual among texts. ``bsv``: their rule, as in `find_rule`.
    """
    nodes = layout.nodes
    drift = np.zeros((len(nodes), dimensions))
    centre, spread = np.append(np.zeros(dimensions), [1.0, 0.0]), np.ones(dimensions + 2)
    step = FIRST_WALK * np.maximum(nodes["gap"].to_numpy(np.float64), 1.0)
    if preset == "bsv":
        rule, variance = find_rule(layout)
        first = np.column_stack([np.zeros(len(nodes)), variance])
        spread[:dimensions] = BSV_SLOPES
        cuts = (dimensions, dimensions + 1)
        return Priors(first, step, drift, 0.0, centre, spread, cuts, False, rule)
    paths = len(layout.path_ptr) - 1
    first = np.column_stack([np.zeros(paths), np.full(paths, FIRST_SPREAD)])
    learnt = tuple(range(dimensions + 2))
    return Priors(first, step, drift, COMMON_STEP, centre, spread, learnt, True)


def find_rule(layout: Layout) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the node at whose mean each one's prior is under ``bsv`` (-1: zero), and its variance.

    The session before; for the first the second; 0.5 n_t / (n_t + n of that session).
    """
    votes = layout.nodes["n_votes"].to_numpy(np.float64)
    first = layout.path_ptr[:-1]
    rule = np.arange(len(votes)) - 1
    alone = np.diff(layout.path_ptr) == 1
    rule[first] = np.where(alone, -1, first + 1)
    other = np.where(rule >= 0, votes[rule], 0.0)
    return rule.astype(np.int64), BSV_SMOOTH * votes / (votes + other)
