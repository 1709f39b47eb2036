"""How a member votes: counts and shares of yes, no, abstention and absence, by year or subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from helpers.ballots.select import Ballots, build_ballots
from helpers.errors import ParameterError, must_be_one_of
from helpers.record import ABSENT, ABSTAIN, ISSUES, NO, YES, Record, find_member
from helpers.store import Plotted

_CODES: Final = {"yes": YES, "no": NO, "abstain": ABSTAIN, "absent": ABSENT}


@dataclass(frozen=True, repr=False)
class VoteShares(Plotted):
    """Counts and shares of a member's votes.

    Attributes
    ----------
    table : DataFrame
        One row a part, in its order: the part under the name in ``by``; ``roll_calls`` (held while
        it was a member), ``yes, no, abstain, absent`` (they add to ``roll_calls``), ``cast`` (``yes
        + no + abstain``); ``share_yes, share_no, share_abstain`` (of ``cast``; NaN where it cast
        none) and ``share_absent`` (of ``roll_calls``).
    member : str
        Whose votes.
    by : str
        How they are parted.
    body : str
        The organ.
    """

    table: pd.DataFrame
    member: str
    by: str
    body: str


def vote_shares(
    record: Record, member: str, *, by: str = "year", body: str = "GA", **selection: Any
) -> VoteShares:
    """Count how a member voted, in parts.

    Answers: how often does it vote yes, no, abstain or not at all, and when or on what?

    Parameters
    ----------
    record : Record
        A clean record.
    member : str
        Name, code or id.
    by : {"year", "session", "subject", "kind", "all"}
        ``subject`` is the field's six codes (`helpers.record.ISSUES`): a roll call of several
        subjects counts in each; ``none`` are those of no subject, ``unknown`` those not coded.
    body : {"GA", "SC"}
        General Assembly or Security Council.
    **selection
        ``date_from, date_to, sessions, subject, kinds, states`` of `helpers.ballots.build_ballots`.

    Returns
    -------
    VoteShares
        Roll calls without a date or session are in no part ``year`` or ``session``.

    Raises
    ------
    ParameterError
        An option has no such value or is none.
    SelectionError
        The member is not in the selection.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> table = vote_shares(load_record("dossier"), "USA", by="all").table
    >>> table[["roll_calls", "yes", "no", "abstain", "absent", "cast"]].values.tolist()
    [[23, 21, 1, 1, 0, 23]]
    """
    if by not in PARTINGS:
        raise ParameterError(must_be_one_of("by", by, PARTINGS))
    allowed = ("date_from", "date_to", "sessions", "subject", "kinds", "states")
    for name in selection:
        if name not in allowed:
            raise ParameterError(must_be_one_of("selection", name, allowed))
    ballots = build_ballots(record, body=body, absence="category", **selection)
    member = find_member(member, ballots.members)
    return VoteShares(_count(ballots, member, by), member, by, body)


def _count(ballots: Ballots, member: str, by: str) -> pd.DataFrame:
    votes = ballots.votes[:, ballots.members.index(member)]
    calls = ballots.roll_calls
    long = pd.DataFrame({by: PARTINGS[by](calls), "vote": votes, "date": calls["date"]})
    long = long[long["vote"] > 0].explode(by).dropna(subset=by)
    found = long.groupby(by, sort=False)["vote"]
    table = pd.DataFrame({name: found.apply(_counter(code)) for name, code in _CODES.items()})
    table.insert(0, "roll_calls", found.size())
    table["cast"] = table[["yes", "no", "abstain"]].sum(axis=1)
    for name in ("yes", "no", "abstain"):
        table[f"share_{name}"] = table[name] / table["cast"].replace(0, np.nan)
    table["share_absent"] = table["absent"] / table["roll_calls"]
    if by in ("subject", "kind"):
        table = table.sort_values("roll_calls", ascending=False, kind="stable")
    return table.rename_axis(by).reset_index()


def _counter(code: int) -> Callable[[pd.Series], int]:
    return lambda votes: int((votes == code).sum())


def _subjects(calls: pd.DataFrame) -> list[list[str]]:
    codes = [x.split() if isinstance(x, str) else None for x in calls["issues"]]
    return [["unknown"] if c is None else [ISSUES[x] for x in c] or ["none"] for c in codes]


PARTINGS: Final[dict[str, Callable[[pd.DataFrame], Any]]] = {
    "year": lambda calls: calls["date"].dt.strftime("%Y"),
    "session": lambda calls: calls["session"],
    "subject": _subjects,
    "kind": lambda calls: calls["kind"],
    "all": lambda calls: ["all"] * len(calls),
}
"""How votes are parted: the part, or parts, of each roll call."""
