"""What everybody did: towards a reference on a day, away, on new titles, and who was absent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, normalise_titles
from helpers.errors import SelectionError
from helpers.record import MISSING, NO, YES, Record
from helpers.store import Shown

Floats = NDArray[np.float64]

MIN_BEFORE: Final = 3
"""Fewest earlier votes of a member that a day is compared with."""


@dataclass(frozen=True, repr=False)
class Towards(Shown):
    """Who came nearer to a reference on one day, and how often that had happened on other days.

    Attributes
    ----------
    reference : str
        The member that the others are compared with.
    day : pandas.Timestamp
        The day.
    table : pandas.DataFrame
        ``member, before, on_day, change, rank`` (1: largest rise) of each member with votes
        before and on the day; similarities are Lijphart's, 0 to 1, means over roll calls.
    placebo : pandas.DataFrame
        ``day, member, change`` of every earlier day with votes before it: what the same
        comparison gives where nothing is claimed.
    """

    reference: str
    day: pd.Timestamp
    table: pd.DataFrame
    placebo: pd.DataFrame

    def reached(self, change: float) -> int:
        """Return the number of earlier member-days with a change at least as large."""
        return int((self.placebo["change"] >= change - 1e-9).sum())


def compare_others(
    ballots: Ballots, reference: str, day: str, *, min_before: int = MIN_BEFORE
) -> Towards:
    """Compare how near every member voted to a reference on a day with all its votes before.

    Answers: did the focus go further than everybody, and further than on any earlier day?

    Parameters
    ----------
    ballots : Ballots
        Votes on the subject in question, with dates.
    reference : str
        A member.
    day : str
        ISO date with votes.
    min_before : int
        Fewest votes of a member before a day, at least 1.

    Returns
    -------
    Towards

    Raises
    ------
    SelectionError
        The reference has no vote on the day, or none before.

    Notes
    -----
    Similarity on a roll call is ``1 - |a - b| / 2`` with yes 1, abstain 2, no 3 (Lijphart 1963).

    Examples
    --------
    >>> from helpers.ballots import build_ballots
    >>> from helpers.record import load_record
    >>> ballots = build_ballots(load_record("dossier"), kinds=["resolution"])
    >>> found = compare_others(ballots, "RUS", "2025-02-24").table.set_index("member")
    >>> float(found["change"]["USA"])
    0.75
    """
    at = pd.Timestamp(day)
    dates = ballots.roll_calls["date"].to_numpy()
    similarity = _similarity_with(ballots, reference)
    present = ~np.isnan(similarity)
    if not present[dates == at].any() or not present[dates < at].any():
        raise SelectionError(f"{reference} has no vote on {day}, or none before it, on the subject")
    days = np.unique(dates[dates <= at])
    frames = [_compare_day(similarity, dates, d, ballots.members, min_before) for d in days]
    table = frames.pop().drop(columns="day")
    table = table[table["member"] != reference]
    table["rank"] = table["change"].rank(ascending=False, method="min").astype("Int64")
    placebo = pd.concat(frames, ignore_index=True) if frames else table.iloc[:0]
    placebo = placebo[placebo["member"] != reference].reset_index(drop=True)
    return Towards(
        reference=reference,
        day=at,
        table=table.sort_values(["rank", "member"], ignore_index=True),
        placebo=placebo[["day", "member", "change"]],
    )


def count_new_titles(ballots: Ballots, focus: str) -> pd.DataFrame:
    """Count votes on titles never voted on before, and those that the focus alone opposed.

    Answers: did the member change, or did it come to be asked what nobody had been asked before?

    Parameters
    ----------
    ballots : Ballots
        All recorded votes of a body, by date.
    focus : str
        A member.

    Returns
    -------
    pandas.DataFrame
        ``year, roll_calls, new`` (titles that no earlier vote had), ``alone`` (the focus' was the
        only no), ``alone_new`` (both), one row a year.
    """
    titles = normalise_titles(ballots.roll_calls["title"])["written"]
    noes = ballots.votes == NO
    alone = (ballots.take(members=[focus]).votes[:, 0] == NO) & (noes.sum(axis=1) == 1)
    new = ~titles.duplicated() & titles.ne("")
    frame = pd.DataFrame(
        {
            "year": ballots.roll_calls["date"].dt.year,
            "roll_calls": 1,
            "new": new.astype(int),
            "alone": alone.astype(int),
            "alone_new": (alone & new.to_numpy()).astype(int),
        }
    )
    return frame.groupby("year").sum().reset_index().astype({"year": int})


def count_absences(record: Record, years: int, *, body: str = "GA") -> pd.DataFrame:
    """Return the share of votes that each member missed, by year, and its rise.

    Answers: did the member stop voting rather than vote otherwise? Absence is a series of its
    own, compared as votes are: with the member's years before and with everybody.

    Parameters
    ----------
    record : Record
        A clean record.
    years : int
        Calendar years before that a year is compared with.
    body : {"GA", "SC"}
        The body.

    Returns
    -------
    pandas.DataFrame
        ``member, year, n`` (roll calls of its membership), ``absent`` (share, 0 to 1), ``rise``
        (less its share of the ``years`` before and the mean rise of all; NaN without such years),
        ``rank`` (1: the largest rise; NA where there is none).
    """
    calls = record.roll_calls
    year = calls[calls["body"].eq(body) & calls["rolled"]].set_index("roll_call")["date"].dt.year
    by_code = year.reindex(record.votes["roll_call"].cat.categories).fillna(0).to_numpy(int)
    votes = pd.DataFrame(
        {
            "member": record.votes["member"],
            "year": by_code[record.votes["roll_call"].cat.codes],
            "away": record.votes["vote"].eq("absent"),
        }
    )
    votes = votes[votes["year"] > 0]
    table = votes.groupby(["year", "member"], observed=True)["away"].agg(["size", "sum"])
    wide = table.unstack("member")  # noqa: PD010
    before = wide.shift(1, fill_value=0).fillna(0).rolling(years, min_periods=1).sum()
    share = wide["sum"] / wide["size"]
    rise = share - (before["sum"] / before["size"].where(before["size"] > 0))
    rise = rise.sub(pd.DataFrame(rise).mean(axis=1), axis=0)
    found = pd.DataFrame(
        {
            "n": wide["size"].stack(),  # noqa: PD013
            "absent": share.stack(),  # noqa: PD013
            "rise": rise.stack(),  # noqa: PD013
        }
    )
    found = found.dropna(subset="n").reset_index()
    found["rank"] = found["rise"].rank(ascending=False, method="min").astype("Int64")
    return found.astype({"n": int, "member": "str"})[
        ["member", "year", "n", "absent", "rise", "rank"]
    ]


def _similarity_with(ballots: Ballots, reference: str) -> Floats:
    """Return each member's similarity with the reference on each roll call; NaN: not both voted."""
    column = ballots.take(members=[reference]).votes.astype(float)
    votes = ballots.votes.astype(float)
    both = (votes != MISSING) & (votes <= NO) & (column >= YES) & (column <= NO)
    return np.where(both, 1 - np.abs(votes - column) / 2, np.nan)


def _compare_day(
    similarity: Floats, dates: NDArray, day: np.datetime64, members: tuple[str, ...], least: int
) -> pd.DataFrame:
    """Return the mean of the day less that of all days before, of members that have both."""
    now, past = similarity[dates == day], similarity[dates < day]
    both = (~np.isnan(now)).any(axis=0) & ((~np.isnan(past)).sum(axis=0) >= least)
    before, on_day = np.nanmean(past[:, both], axis=0), np.nanmean(now[:, both], axis=0)
    return pd.DataFrame(
        {
            "day": day,
            "member": np.array(members)[both],
            "before": before,
            "on_day": on_day,
            "change": on_day - before,
        }
    )
