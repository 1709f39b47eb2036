"""Texts voted on again: what each member changed, what everybody did, and runs that ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, Bridges, find_bridges
from helpers.errors import SelectionError
from helpers.record import MISSING, NO, VOTES, YES
from helpers.similarity import bound_share
from helpers.store import Shown

FEW_TEXTS: Final = 8
"""With fewer recurring texts in a year a share of changes is not ranked."""

LONG_RUN: Final = 10
"""Equal votes that make a run long, and earlier votes that a turn must have."""

FORMER_SHARE: Final = 2 / 3
"""Least share of the former vote among the earlier ones, for a turn."""

TAIL: Final = 0.025
"""Probability that an interval leaves out on each side."""


@dataclass(frozen=True, repr=False)
class Switches(Shown):
    """How members voted on texts that came back, beside their vote on them before.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a member and year with a text voted on twice: ``member, year, recurring, changed,
        reversed`` (between yes and no), ``expected`` (changes if the member had changed on each
        text with the share of the others that did), ``excess`` (changed less expected, a share
        of recurring), ``sure`` (lower end of the interval of the share that changed, less the
        share expected: 8 of 12 is worth less than 44 of 77), ``rank`` (1: highest ``sure``, among
        those with ``FEW_TEXTS`` or more; NA for the rest).
    votes : pandas.DataFrame
        One row a vote on a text voted on before: ``member, before, after`` (roll-call ids),
        ``year, vote_before, vote_after, run`` (equal votes in a row before it, 1 or more).
    bridges : Bridges
        Which texts came back.
    """

    table: pd.DataFrame
    votes: pd.DataFrame
    bridges: Bridges

    @property
    def ranked(self) -> int:
        """Number of member-years that are ranked."""
        return int(self.table["rank"].notna().sum())


def count_switches(ballots: Ballots, *, bridges: Bridges | None = None) -> Switches:
    """Count on how many texts that came back each member voted otherwise, year by year.

    Answers: did the member change its vote where nothing but time lies between, the same text and
    the same member, and is that more than everybody did?

    Parameters
    ----------
    ballots : Ballots
        Votes on dated roll calls of one record, shape (n_roll_calls, n_members).
    bridges : Bridges, optional
        Which roll calls bring the same text back; found by `find_bridges` if left out.

    Returns
    -------
    Switches
        Counts are exact; a text counts where the member voted yes, abstain or no both times.

    Raises
    ------
    SelectionError
        No text of the selection came back.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> from helpers.ballots import build_ballots
    >>> found = count_switches(build_ballots(load_record("dossier"), body="GA")).table
    >>> found[["member", "year"]].duplicated().any()
    np.False_
    """
    bridges = bridges or find_bridges(ballots.roll_calls)
    votes = _pair_votes(ballots, bridges)
    if votes.empty:
        raise SelectionError("no text of this selection came back; take a longer period")
    changed = votes["vote_before"] != votes["vote_after"]
    ends = {"yes", "no"}
    turned = changed & votes["vote_before"].isin(ends) & votes["vote_after"].isin(ends)
    rows = votes.assign(changed=changed, reversed=turned)
    text = rows.groupby("after", sort=False)["changed"]
    others = text.transform("size") - 1
    rows["expected"] = ((text.transform("sum") - changed) / others.where(others > 0)).fillna(0)
    table = (
        rows.groupby(["member", "year"], observed=True)
        .agg(
            recurring=("changed", "size"),
            changed=("changed", "sum"),
            reversed=("reversed", "sum"),
            expected=("expected", "sum"),
        )
        .reset_index()
    )
    table["excess"] = (table["changed"] - table["expected"]) / table["recurring"]
    number = table["recurring"].to_numpy(np.float64)
    low, _ = bound_share(table["changed"] / number, number, TAIL)
    table["sure"] = low - table["expected"] / number
    enough = table["sure"].where(table["recurring"] >= FEW_TEXTS)
    table["rank"] = enough.rank(ascending=False, method="min").astype("Int64")
    return Switches(table=table, votes=votes, bridges=bridges)


def count_by_run(switches: Switches, *, vote: str = "yes", longer_than: int = 20) -> pd.Series:
    """Return what followed on runs of equal votes on one text.

    Parameters
    ----------
    switches : Switches
    vote : str
        The vote of the run.
    longer_than : int
        Only runs of more votes than this.

    Returns
    -------
    pandas.Series
        Number of next votes by word, all of ``yes abstain no``.
    """
    votes = switches.votes
    chosen = votes[(votes["vote_before"] == vote) & (votes["run"] > longer_than)]
    counts = chosen["vote_after"].value_counts()
    return counts.reindex(list(VOTES[:NO]), fill_value=0)


def find_runs(ballots: Ballots) -> pd.DataFrame:
    """Return the run of equal votes of each member before each vote of a selection.

    Answers: what had the member done without a break, on a subject or on a list of texts, and
    what ended it? An absence neither lengthens nor breaks a run.

    Parameters
    ----------
    ballots : Ballots
        Votes by date, shape (n_roll_calls, n_members), of one subject, say.

    Returns
    -------
    pandas.DataFrame
        One row a vote: ``member, roll_call, vote, run`` (length of the run of equal votes before
        it, 0 for a first vote), ``run_vote`` (its vote, empty for a first vote), ``ended`` (bool),
        by roll call, then member.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> runs = find_runs(ballots_from_matrix([[1, 3], [1, 0], [3, 3]], members=["AAA", "BBB"]))
    >>> runs[runs["ended"]][["member", "run", "vote"]].to_numpy().tolist()
    [['AAA', 2, 'no']]
    """
    length = np.zeros(len(ballots.members), np.int64)
    last = np.zeros(len(ballots.members), np.int8)
    lengths = np.zeros(ballots.votes.shape, np.int64)
    lasts = np.zeros(ballots.votes.shape, np.int8)
    for row, votes in enumerate(ballots.votes):
        lengths[row], lasts[row] = length, last
        cast = (votes >= YES) & (votes <= NO)
        length = np.where(cast, np.where(votes == last, length + 1, 1), length)
        last = np.where(cast, votes, last).astype(np.int8)
    rows, columns = np.nonzero((ballots.votes >= YES) & (ballots.votes <= NO))
    words = np.array(["", *VOTES[:NO]])
    vote, before = ballots.votes[rows, columns], lasts[rows, columns]
    return pd.DataFrame(
        {
            "member": np.array(ballots.members)[columns],
            "roll_call": ballots.roll_calls["roll_call"].to_numpy()[rows],
            "vote": words[vote],
            "run": lengths[rows, columns],
            "run_vote": words[before],
            "ended": (before != MISSING) & (vote != before),
        }
    )


def find_turned(past: NDArray[np.int8], now: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Return which members cast a vote for the first time in many.

    Parameters
    ----------
    past : int8 array, shape (n_roll_calls, n_members)
        Earlier votes on a text or a subject, by date.
    now : int8 array, shape (n_members,)
        Votes on one roll call.

    Returns
    -------
    bool array, shape (n_members,)
        True where the vote had not been cast in ``LONG_RUN`` or more earlier votes, and at least
        two in three of these were one and the same other vote.

    Examples
    --------
    >>> past = np.array([[1, 1]] * 11 + [[2, 3]])
    >>> find_turned(past, np.array([3, 3])).tolist()
    [True, False]
    """
    cast = ((past >= YES) & (past <= NO)).sum(axis=0)
    most = np.max([(past == c).sum(axis=0) for c in range(YES, NO + 1)], axis=0)
    voted = (now >= YES) & (now <= NO)
    new = ~(past == now).any(axis=0)
    return np.asarray(voted & new & (cast >= LONG_RUN) & (most >= FORMER_SHARE * cast))


def _pair_votes(ballots: Ballots, bridges: Bridges) -> pd.DataFrame:
    """Return one row a member and pair of roll calls on which it voted both times."""
    ids = ballots.roll_calls["roll_call"].to_numpy()
    place = {roll_call: row for row, roll_call in enumerate(ids)}
    pairs = bridges.table
    inside = pairs["before"].isin(place) & pairs["after"].isin(place)
    before = pairs.loc[inside, "before"].map(place).to_numpy(np.int64)
    after = pairs.loc[inside, "after"].map(place).to_numpy(np.int64)
    first, second = _cast(ballots.votes[before]), _cast(ballots.votes[after])
    runs = _runs_along(ballots.votes, before, after)
    rows, columns = np.nonzero((first > 0) & (second > 0))
    words = np.array(["", *VOTES[:NO]])
    year = ballots.roll_calls["date"].dt.year.to_numpy()
    return pd.DataFrame(
        {
            "member": pd.Categorical.from_codes(
                columns.astype(np.int16), categories=pd.Index(ballots.members)
            ),
            "before": ids[before[rows]],
            "after": ids[after[rows]],
            "year": year[after[rows]].astype(np.int64),
            "vote_before": words[first[rows, columns]],
            "vote_after": words[second[rows, columns]],
            "run": runs[rows, columns],
        }
    )


def _runs_along(
    votes: NDArray[np.int8], before: NDArray[np.int64], after: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for each pair how many equal votes in a row the chain had up to its first vote."""
    length = np.zeros(votes.shape, np.int64)
    last = np.zeros(votes.shape, np.int8)
    runs = np.zeros((len(before), votes.shape[1]), np.int64)
    for pair, (a, b) in enumerate(zip(before, after, strict=True)):  # pairs come by date
        cast = _cast(votes[a])
        length[a] = np.where(cast > 0, np.where(cast == last[a], length[a] + 1, 1), length[a])
        last[a] = np.where(cast > 0, cast, last[a])
        runs[pair] = length[a]
        length[b], last[b] = length[a], last[a]
    return runs


def _cast(votes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return votes with all but yes, abstain and no as missing."""
    return np.where((votes >= YES) & (votes <= NO), votes, MISSING).astype(np.int8)
