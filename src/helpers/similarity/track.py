"""Two members over time: how alike they vote in each window, with intervals and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.ballots import Ballots, Window, read_windows, split_windows
from helpers.errors import SelectionError
from helpers.record import find_member
from helpers.similarity.measures import bootstrap_similarity, choose_distance
from helpers.store import Plotted

_NUMBERS: Final = ("value", "low", "high", "n_shared", "blocks")


@dataclass(frozen=True, repr=False)
class DyadTrack(Plotted):
    """Similarity of two members in every window.

    Attributes
    ----------
    table : DataFrame
        One row a window, in order of time: ``period, from, to`` (days of its first and last roll
        call), ``value, low, high`` (NaN where the two share fewer than ``min_shared`` roll calls,
        or their votes are worth too few blocks for an interval), ``n_shared`` (roll calls on which
        both voted), ``blocks`` (of the window).
    member_a, member_b : str
        The two members.
    measure, distance, absence : str
        What the values are.
    min_shared, replicates, seed : int
        As given.
    level : float
        Nominal coverage of the intervals.
    warnings : tuple of str
        Sentences that go with the numbers: which windows have a value without an interval, and why.
    """

    table: pd.DataFrame
    member_a: str
    member_b: str
    measure: str
    distance: str
    absence: str
    min_shared: int
    replicates: int
    level: float
    seed: int
    warnings: tuple[str, ...] = ()


def track_dyad(
    ballots: Ballots,
    member_a: str,
    member_b: str,
    *,
    windows: str | Sequence[str] = "session",
    event: str = "",
    measure: str = "pi",
    distance: str = "linear",
    min_shared: int = 5,
    replicates: int = 1000,
    level: float = 0.95,
    seed: int = 1,
) -> DyadTrack:
    """Measure how alike two members vote, window by window.

    Answers: did these two come closer or drift apart, how sure is that, and on how many votes?

    Parameters
    ----------
    ballots : Ballots
        The whole selection, of all members: how alike votes of one block are, on which an interval
        depends, is learnt from all dyads, so that the numbers are those of
        `helpers.similarity.bootstrap_similarity` on the window.
    member_a, member_b : str
        Names, codes or ids.
    windows : "session", "year", "event" or dates
        As in `helpers.ballots.read_windows`, or a sequence of ISO dates, each the first day of a
        window: ``["2017-01-20", "2021-01-20", "2025-01-20"]`` cuts at the terms of presidents.
    event : str
        ISO date that the windows ``"event"`` are cut at.
    measure, distance, min_shared, replicates, level, seed
        As in `helpers.similarity.bootstrap_similarity`.

    Returns
    -------
    DyadTrack
        A window in which one of them cast no vote has no value and ``n_shared`` 0.

    Raises
    ------
    SelectionError
        A member is not in the selection, or both are the same.
    ParameterError
        An option or window cannot be used.

    Examples
    --------
    >>> from helpers.ballots import build_ballots
    >>> from helpers.record import load_record
    >>> ballots = build_ballots(load_record("dossier"))
    >>> track = track_dyad(
    ...     ballots, "USA", "Russia", windows=["2025-02-24"], measure="agreement", replicates=20,
    ...     min_shared=1,
    ... )
    >>> track.table[["period", "value", "n_shared"]].values.tolist()
    [['before 2025-02-24', 0.0, 21], ['since 2025-02-24', 0.5, 2]]
    """
    member_a, member_b = (find_member(m, ballots.members) for m in (member_a, member_b))
    if member_a == member_b:
        raise SelectionError(f"member: a dyad needs two members, but both are {member_a!r}")
    cuts = read_windows(windows, event) if isinstance(windows, str) else windows
    options: dict[str, Any] = {"measure": measure, "distance": distance, "min_shared": min_shared}
    options |= {"replicates": replicates, "level": level, "seed": seed}
    rows = [_measure(w, member_a, member_b, options) for w in split_windows(ballots, cuts)]
    table = pd.DataFrame(rows, columns=["period", "from", "to", *_NUMBERS])
    return DyadTrack(
        table=table,
        warnings=_warn_of_bare(table),
        member_a=member_a,
        member_b=member_b,
        absence=ballots.absence,
        **options | {"distance": choose_distance(measure, distance)},
    )


def _warn_of_bare(table: pd.DataFrame) -> tuple[str, ...]:
    """Say which windows have a value without an interval."""
    bare = table.loc[table["value"].notna() & table["low"].isna(), "period"].astype(str).tolist()
    why = "the votes are worth too few blocks of equal size to tell what another would be"
    return (f"no interval in {', '.join(bare)}: {why}",) if bare else ()


def _measure(window: Window, a: str, b: str, options: dict[str, Any]) -> dict[str, Any]:
    """One row: the dyad in one window."""
    row = {"period": window.period, "from": window.first, "to": window.last}
    if not {a, b} <= set(window.ballots.members):
        blocks = window.ballots.n_blocks
        nothing = dict.fromkeys(("value", "low", "high"), np.nan)
        return row | nothing | {"n_shared": 0, "blocks": blocks}
    dyad = bootstrap_similarity(window.ballots, **options).dyad(a, b)
    return row | {name: dyad[name] for name in _NUMBERS}
