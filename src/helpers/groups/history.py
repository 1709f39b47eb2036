"""Known groups over time: how closely each holds together, and how the focus votes with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, split_windows
from helpers.groups.cohesion import (
    GroupResult,
    measure_cohesion,
    similarity_of_groups,
    similarity_with_group,
)
from helpers.record import MISSING, load_groups, seat_of
from helpers.store import Shown

LEAST_MEMBERS: Final = 3
"""A group is shown in a window if at least so many of its members cast a vote there."""

NOT_SHOWN: Final = ("none", "P5")
"""Names in the table of groups that are no group which could hold together."""

COLUMNS: Final = (
    *("period", "from", "to", "group", "what", "members"),
    *("value", "low", "high", "n_shared", "n_blocks"),
)
PAIR_COLUMNS: Final = ("group_a", "group_b", "value", "low", "high", "n_shared", "n_blocks")


@dataclass(frozen=True, repr=False)
class GroupHistory(Shown):
    """Cohesion of known groups in every window, and the focus beside them.

    Attributes
    ----------
    table : DataFrame
        One row a window, group and ``what`` (``inside``: the agreement index of Hix, Noury and
        Roland, 0..1; ``focus``: similarity of the focus with the group's other members, in the
        measure): ``period, from, to`` (days of its first and last roll call), ``group, what,
        members`` (that were in it and voted), ``value, low, high``
        (NaN where undefined), ``n_shared`` (roll calls), ``n_blocks``.
    focus : str
        The member that is compared with each group; empty for none.
    measure : str
        Measure of the rows ``focus``.
    level : float
        Level of the intervals.
    """

    table: pd.DataFrame
    focus: str
    measure: str
    level: float


@dataclass(frozen=True, repr=False)
class GroupPairs(Shown):
    """Similarity of every two known groups.

    Attributes
    ----------
    table : DataFrame
        One row a pair: ``group_a, group_b, value, low, high, n_shared, n_blocks``.
    measure, level
        As in `GroupHistory`.
    """

    table: pd.DataFrame
    measure: str
    level: float


def trace_groups(
    ballots: Ballots,
    *,
    windows: str | Sequence[str] = "session",
    focus: str = "",
    measure: str = "pi",
    distance: str = "linear",
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> GroupHistory:
    """Measure how closely each known group holds together, window by window.

    Answers: which groups closed ranks, which fell apart, and where does a member stand to them?

    Parameters
    ----------
    ballots : Ballots
        The whole selection, with dates.
    windows : "session", "year" or sequence of str
        See `helpers.ballots.split_windows`.
    focus : str
        A member to compare with each group; empty for none.
    measure, distance, replicates, level, seed
        As in `helpers.groups.cohesion.similarity_with_group`.

    Returns
    -------
    GroupHistory
        Membership is dated: on each roll call the members of that day count.

    Raises
    ------
    ParameterError
        An option or window cannot be used.

    References
    ----------
    Hix, Noury and Roland (2005), British Journal of Political Science 35.

    Examples
    --------
    >>> from helpers.ballots import build_ballots
    >>> from helpers.record import load_record
    >>> ballots = build_ballots(load_record("dossier"))
    >>> table = trace_groups(ballots, windows=["2025-02-24"], replicates=20).table
    >>> eu = table[table["group"] == "EU"]
    >>> eu["members"].tolist(), float(eu["value"].iloc[0])
    ([28, 27], 1.0)
    """
    rows = []
    for cut in split_windows(ballots, windows):
        window = cut.ballots
        span = {"period": cut.period, "from": cut.first, "to": cut.last}
        for group, inside in _groups_of_days(window):
            voted = ((window.votes != MISSING) & inside).any(axis=0)
            if voted.sum() < LEAST_MEMBERS:
                continue
            members = [m for m, there in zip(window.members, voted, strict=True) if there]
            head = span | {"group": group, "members": len(members)}
            found = measure_cohesion(_blank(window, inside), members, level=level)
            rows.append(head | {"what": "inside"} | _numbers(found))
            others = [m for m in members if m != focus]
            if focus in window.members and others:
                seen = _blank(window, inside, but=focus)
                found = similarity_with_group(
                    seen,
                    focus,
                    others,
                    measure,
                    distance=distance,
                    replicates=replicates,
                    level=level,
                    seed=seed,
                )
                rows.append(head | {"what": "focus"} | _numbers(found))
    return GroupHistory(pd.DataFrame(rows, columns=list(COLUMNS)), focus, measure, level)


def compare_groups(
    ballots: Ballots,
    *,
    measure: str = "pi",
    distance: str = "linear",
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> GroupPairs:
    """Measure how alike the members of every two known groups vote.

    Parameters
    ----------
    ballots, measure, distance, replicates, level, seed
        As in `helpers.groups.cohesion.similarity_of_groups`.

    Returns
    -------
    GroupPairs
        The most alike first; groups as they are on the last day. Members of both are not compared
        with themselves.

    Examples
    --------
    >>> from helpers.ballots import build_ballots
    >>> from helpers.record import load_record
    >>> ballots = build_ballots(load_record("dossier"), date_to="2025-02-23")
    >>> pairs = compare_groups(ballots, measure="agreement", replicates=20)
    >>> pairs.table.iloc[0][["group_a", "group_b"]].tolist()
    ['EU', 'NATO']
    """
    last = ballots.take(roll_calls=[len(ballots.votes) - 1])
    groups = {g: np.array(ballots.members)[inside[0]] for g, inside in _groups_of_days(last)}
    kept = {g: m.tolist() for g, m in groups.items() if len(m) >= LEAST_MEMBERS}
    rows = []
    for a, b in combinations(kept, 2):
        found = similarity_of_groups(
            ballots,
            kept[a],
            kept[b],
            measure,
            distance=distance,
            replicates=replicates,
            level=level,
            seed=seed,
        )
        rows.append({"group_a": a, "group_b": b} | _numbers(found))
    table = pd.DataFrame(rows, columns=list(PAIR_COLUMNS))
    order = ["value", "group_a", "group_b"]
    table = table.sort_values(order, ascending=[False, True, True], ignore_index=True)
    return GroupPairs(table, measure, level)


def _groups_of_days(ballots: Ballots) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each group by name, and who was in it on the day of each roll call (roll calls x members)."""
    days = ballots.roll_calls["date"].to_numpy()[:, None]
    seats = np.array([seat_of(member) for member in ballots.members])
    table = load_groups()
    table = table[~table["group"].isin(NOT_SHOWN) & table["member"].isin(seats)]
    for group, spans in table.groupby("group", sort=True):
        inside = np.zeros(ballots.votes.shape, dtype=bool)
        ends = spans["to"].fillna(pd.Timestamp.max.floor("D")).to_numpy()
        during = (days >= spans["from"].to_numpy()) & (days <= ends)
        for member, days_in in zip(spans["member"], during.T, strict=True):
            inside[:, seats == member] |= days_in[:, None]
        yield str(group), inside


def _blank(ballots: Ballots, inside: NDArray[np.bool_], but: str = "") -> Ballots:
    """Ballots without the votes that members cast outside the group; ``but`` keeps all of its."""
    keep = inside.copy()
    if but:
        keep[:, ballots.members.index(but)] = True
    return replace(ballots, votes=np.where(keep, ballots.votes, MISSING).astype(np.int8))


def _numbers(found: GroupResult) -> dict[str, float]:
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n_shared": found.n_shared,
        "n_blocks": found.n_blocks,
    }
