"""Known groups over time: how closely each holds together, and how the focus votes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, split_windows
from helpers.errors import ParameterError
from helpers.groups.cohesion import (
    GroupResult,
    cohesion_by_roll_call,
    measure_cohesion,
    similarity_of_groups,
    similarity_with_group,
)
from helpers.record import MISSING, NO, YES, in_group, load_groups
from helpers.store import Plotted, Shown

LEAST_MEMBERS: Final = 3
"""A group is shown in a window if at least so many of its members cast a vote there."""

NO_GROUP: Final = "none"
"""What the table of groups says of members in no regional group."""

COLUMNS: Final = (
    *("period", "from", "to", "group", "what", "voted"),
    *("value", "low", "high", "n_shared", "n_blocks", "unanimous"),
)
PAIR_COLUMNS: Final = ("group_a", "group_b", "value", "low", "high", "n_shared", "n_blocks")


@dataclass(frozen=True, repr=False)
class GroupHistory(Plotted):
    """Cohesion of known groups in every window, and the focus beside them.

    Attributes
    ----------
    table : DataFrame
        One row a window, group and ``what`` (``inside``: the agreement index of Hix, Noury and
        Roland, 0..1; ``focus``: similarity of the focus with the group's other members, in the
        measure): ``period, from, to`` (days of its first and last roll call), ``group, what,
        voted`` (number of members that cast a vote while in it), ``value, low, high`` (NaN where
        undefined), ``n_shared`` (roll calls on which two or more of them voted), ``n_blocks``,
        ``unanimous`` (of these the roll calls on which all that voted cast the same vote; NA in
        the rows ``focus``).
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


def track_group(
    ballots: Ballots,
    group: str = "",
    *,
    windows: str | Sequence[str] = "session",
    focus: str = "",
    measure: str = "pi",
    distance: str = "linear",
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> GroupHistory:
    """Measure how closely a known group, or each of them, holds together, window by window.

    Answers: which groups closed ranks, which fell apart, on how many votes were they of one mind,
    and where does a member stand to them?

    Parameters
    ----------
    ballots : Ballots
        The whole selection, with dates.
    group : str
        A name of `helpers.record.load_groups`, alone or with a day (``BRICS@2025-01-01``: who was
        in it that day, throughout); empty for every group of which ``LEAST_MEMBERS`` voted.
    windows : "session", "year" or sequence of str
        See `helpers.ballots.split_windows`.
    focus : str
        A member to compare with each group; empty for none.
    measure, distance, replicates, level, seed
        As in `helpers.groups.cohesion.similarity_with_group`.

    Returns
    -------
    GroupHistory
        Membership is dated: on each roll call the members of that day count. What happened is the
        count ``unanimous`` of ``n_shared``; the interval of the agreement index is about how the
        group would vote again.

    Raises
    ------
    ParameterError
        An option or window cannot be used, there is no such group, or the roll calls have no dates.

    References
    ----------
    Hix, Noury and Roland (2005), British Journal of Political Science 35.

    Examples
    --------
    >>> from helpers.ballots import build_ballots
    >>> from helpers.record import load_record
    >>> ballots = build_ballots(load_record("dossier"))
    >>> eu = track_group(ballots, "EU", windows=["2025-02-24"], replicates=20).table
    >>> eu[["voted", "unanimous", "n_shared"]].values.tolist()
    [[28, 21, 21], [27, 0, 2]]
    """
    _check_dates(ballots)
    names = [group] if group else sorted(set(load_groups()["group"]) - {NO_GROUP})
    least = 2 if group else LEAST_MEMBERS
    options: dict[str, Any] = {"measure": measure, "distance": distance, "seed": seed}
    options |= {"replicates": replicates, "level": level}
    rows: list[dict[str, Any]] = []
    for cut in split_windows(ballots, windows):
        window = cut.ballots
        span = {"period": cut.period, "from": cut.first, "to": cut.last}
        for name in names:
            inside = in_group(name, window.members, window.roll_calls["date"])
            cast = (window.votes >= YES) & (window.votes <= NO)
            voted = np.asarray((cast & inside).any(axis=0))
            if voted.sum() >= least:
                head = span | {"group": name, "voted": int(voted.sum())}
                rows += [head | row for row in _measure(window, inside, voted, focus, options)]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"unanimous": "Int64"})
    return GroupHistory(table, focus, measure, level)


def _measure(
    window: Ballots,
    inside: NDArray[np.bool_],
    voted: NDArray[np.bool_],
    focus: str,
    options: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """One group in one window: inside, and the focus with its other members."""
    members = [m for m, there in zip(window.members, voted, strict=True) if there]
    seen = _blank(window, inside)
    found = measure_cohesion(seen, members, level=options["level"])
    unanimous = int(cohesion_by_roll_call(seen, members)["unanimous"].sum())
    yield {"what": "inside", "unanimous": unanimous} | _numbers(found)
    others = [m for m in members if m != focus]
    if focus in window.members and others:
        beside = _blank(window, inside, but=focus)
        found = similarity_with_group(beside, focus, others, **options)
        yield {"what": "focus"} | _numbers(found)


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
    ['EU', 'G7']
    """
    _check_dates(ballots)
    last, members = ballots.roll_calls["date"].tail(1), np.array(ballots.members)
    names = sorted(set(load_groups()["group"]) - {NO_GROUP})
    groups = {g: members[in_group(g, ballots.members, last)[0]].tolist() for g in names}
    kept = {g: m for g, m in groups.items() if len(m) >= LEAST_MEMBERS}
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


def _check_dates(ballots: Ballots) -> None:
    if "date" not in ballots.roll_calls:
        raise ParameterError(
            "ballots: who was in a known group needs the date of each roll call, and these have "
            "none; give them a column date"
        )


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
