"""Who voted how on one text."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.record import VOTES, Record, member_names
from helpers.shifts.movers import cast_votes, find_roll_call
from helpers.store import Plotted


@dataclass(frozen=True, repr=False)
class VotesOn(Plotted):
    """Who voted how in one roll call.

    Attributes
    ----------
    table : pandas.DataFrame
        ``member, name, vote`` of every member of the body that day, by vote in the order of
        ``tables.VOTES``, then by name.
    totals : pandas.DataFrame
        One row a vote: ``vote, members`` (counted in ``table``), ``published`` (as the source has
        it; NA where it does not).
    roll_call, symbol, title, date : str
        The roll call; empty where unknown.
    """

    table: pd.DataFrame
    totals: pd.DataFrame
    roll_call: str
    symbol: str
    title: str
    date: str

    @property
    def by_vote(self) -> dict[str, list[str]]:
        """Names by vote, of the votes that occur."""
        names = {
            vote: self.table.loc[self.table["vote"] == vote, "name"].tolist() for vote in VOTES
        }
        return {vote: some for vote, some in names.items() if some}


def votes_on(record: Record, symbol: str) -> VotesOn:
    """Say who voted how on a text.

    Answers: who voted yes, who no, who abstained, and who did not vote?

    Parameters
    ----------
    record : Record
        A clean record.
    symbol : str
        Symbol (``A/RES/79/184``) or roll-call id, as `helpers.shifts.find_roll_call` takes it:
        where one symbol was voted on several times, the last vote on the whole is meant.

    Returns
    -------
    VotesOn
        A state that was no member that day is in no row.

    Raises
    ------
    SelectionError
        The record has no such roll call, or not the members' votes in it.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> found = votes_on(load_record("dossier"), "A/RES/ES-11/7")
    >>> found.totals["members"].tolist()
    [93, 65, 18, 17]
    >>> found.by_vote["no"][:3]
    ['Belarus', 'Burkina Faso', 'Burundi']
    """
    call = find_roll_call(record, symbol)
    cast = cast_votes(record, [str(call["roll_call"])]).iloc[:, 0]
    known = member_names()
    table = pd.DataFrame(
        {
            "member": cast.index.astype(str),
            "name": [known.get(str(member), str(member)) for member in cast.index],
            "vote": pd.Categorical(cast, categories=VOTES, ordered=True),
        }
    ).sort_values(["vote", "name"], ignore_index=True)
    counted = table["vote"].value_counts().reindex(list(VOTES), fill_value=0)
    totals = pd.DataFrame(
        {
            "vote": list(VOTES),
            "members": counted.to_numpy(),
            "published": pd.array([call.get(vote, pd.NA) for vote in VOTES], dtype="Int64"),
        }
    )
    found, title = (_word(call.get(name)) for name in ("symbol", "title"))
    day = "" if pd.isna(call["date"]) else f"{call['date']:%Y-%m-%d}"
    return VotesOn(table, totals, str(call["roll_call"]), found, title, day)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
