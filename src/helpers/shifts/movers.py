"""Who changed between two roll calls, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.errors import SelectionError, did_you_mean
from helpers.record import VOTES, Record
from helpers.store import Shown


@dataclass(frozen=True, repr=False)
class Movers(Shown):
    """What every member did in two roll calls.

    Attributes
    ----------
    before, after : str
        Ids of the two roll calls.
    table : pandas.DataFrame
        ``member, before, after`` of each member that belonged to the body at both, by member; the
        votes are categoricals with the categories of ``tables.VOTES``.
    counts : pandas.DataFrame
        Members by vote before (rows) and after (columns), each in the order of ``tables.VOTES``.
    only_before, only_after : tuple of str
        Members that belonged to the body at one of the two only; they are in neither table.
    """

    before: str
    after: str
    table: pd.DataFrame
    counts: pd.DataFrame
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()

    @property
    def moved(self) -> pd.DataFrame:
        """Rows of the members whose vote differs, by vote before and after."""
        changed = self.table[self.table["before"] != self.table["after"]]
        return changed.sort_values(["before", "after", "member"], ignore_index=True)

    @property
    def flows(self) -> dict[tuple[str, str], int]:
        """How many members went from each vote to each vote, of the pairs that occur."""
        sizes = {(a, b): len(self.members(a, b)) for a in VOTES for b in VOTES}
        return {pair: size for pair, size in sizes.items() if size}

    def members(self, before: str, after: str) -> list[str]:
        """Return the members that went from one vote to another."""
        rows = (self.table["before"] == before) & (self.table["after"] == after)
        return [str(m) for m in self.table.loc[rows, "member"]]


def find_movers(record: Record, before: str, after: str) -> Movers:
    """Return who voted otherwise in one roll call than in an earlier one, and how.

    Parameters
    ----------
    record : Record
        A clean record.
    before, after : str
        Symbols (``A/RES/79/184``) or roll-call ids. Where one symbol was voted on several times
        (its paragraphs, say), the vote on the whole is meant, and of several such the last.

    Returns
    -------
    Movers

    Raises
    ------
    SelectionError
        The record has no such roll call, or not the members' votes in it.

    Examples
    --------
    >>> from helpers.record.tables import Record
    >>> calls = pd.DataFrame({"roll_call": ["a", "b"], "symbol": ["A/1", "A/2"], "rolled": True,
    ...     "kind": "resolution", "date": pd.to_datetime(["2024-01-01", "2025-01-01"])})
    >>> rows = [("a", "USA", "yes"), ("b", "USA", "no"), ("a", "FRA", "yes"), ("b", "FRA", "yes")]
    >>> votes = pd.DataFrame(rows, columns=["roll_call", "member", "vote"])
    >>> movers = find_movers(Record(pd.DataFrame(), calls, votes, pd.DataFrame()), "A/1", "A/2")
    >>> movers.members("yes", "no")
    ['USA']
    """
    ids = [str(find_roll_call(record, name)["roll_call"]) for name in (before, after)]
    votes = cast_votes(record, ids)
    both = votes[(votes != "").all(axis=1)]
    table = pd.DataFrame(
        {
            "member": both.index.astype(str),
            "before": pd.Categorical(both[ids[0]], categories=VOTES, ordered=True),
            "after": pd.Categorical(both[ids[1]], categories=VOTES, ordered=True),
        }
    )
    counts = pd.crosstab(table["before"], table["after"], dropna=False)
    return Movers(
        before=ids[0],
        after=ids[1],
        table=table,
        counts=counts.reindex(index=list(VOTES), columns=list(VOTES), fill_value=0),
        only_before=tuple(votes.index[votes[ids[1]] == ""]),
        only_after=tuple(votes.index[votes[ids[0]] == ""]),
    )


def find_roll_call(record: Record, name: str) -> pd.Series:
    """Return the row of the roll call that a symbol or an id stands for, votes known.

    Raises
    ------
    SelectionError
        There is none, or only its totals are known.
    """
    calls = record.roll_calls
    named = calls[(calls["roll_call"] == name) | (calls["symbol"] == name)]
    if named.empty:
        hint = did_you_mean(name, calls["symbol"].dropna().unique())
        raise SelectionError(f"no roll call of this record has the symbol {name!r}{hint}")
    known = named[named["rolled"].astype(bool)]
    if known.empty:
        raise SelectionError(f"{name}: its full roll is not in this record; name another")
    whole = known[known["kind"].isin(["resolution", "decision", "unknown"])]
    return (known if whole.empty else whole).sort_values("date", kind="stable").iloc[-1]


def cast_votes(record: Record, roll_calls: Sequence[str]) -> pd.DataFrame:
    """Return the votes of all members in some roll calls, as words.

    Parameters
    ----------
    record : Record
        A clean record.
    roll_calls : sequence of str
        Roll-call ids, in the order wanted.

    Returns
    -------
    pandas.DataFrame
        One row a member (by id), one column a roll call; ``yes``, ``abstain``, ``no``, ``absent``,
        or an empty string for a state that was no member of the body that day.
    """
    chosen = record.votes[record.votes["roll_call"].isin(list(roll_calls))]
    words = chosen.assign(**{c: chosen[c].astype(str) for c in ("roll_call", "member", "vote")})
    wide = words.set_index(["member", "roll_call"])["vote"].unstack("roll_call")  # noqa: PD010
    return wide.reindex(columns=list(roll_calls)).fillna("").sort_index()
