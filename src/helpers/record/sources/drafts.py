"""Drafts of the Security Council that were vetoed or failed: what no voting file of the UN holds.

The facts are ``data/council_drafts.csv``, put together from public lists, each row with its source:
proposals by day and symbol (a slug by date where the symbol is not known), who vetoed them, the
tally where it is known, and the votes by member where these are: printed in a source, corrected
where a printed error was mended, or derived (all members of that day but the vetoers, where the
tally leaves no other way).
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import pandas as pd

from helpers.record.tables import RawRecord

SOURCE: Final = "council-drafts"
KINDS_OF_PROPOSAL: Final = {
    "draft": "draft",
    "amendment": "amendment",
    "preliminary question": "motion",
}
"""What was voted on, in the words of the facts and of the record."""

_VOTES: Final = {
    "voted_yes": "yes",
    "voted_no": "no",
    "abstained": "abstain",
    "did_not_vote": "absent",
}
_TOTALS: Final = ("yes", "no", "abstain", "absent")
_ROLLS: Final = {
    "derived": "the votes by member follow from the tally and the veto",
    "corrected": "a printed error in the votes by member was mended",
}


def drafts_file() -> Path:
    """Return the file of facts that comes with the package."""
    with resources.as_file(resources.files("helpers") / "data" / "council_drafts.csv") as path:
        return path


@cache
def _read_facts() -> pd.DataFrame:
    table = pd.read_csv(drafts_file(), dtype="str", keep_default_na=False)
    table["date"] = pd.to_datetime(table["date"], format="%Y-%m-%d").astype("datetime64[s]")
    for name in _TOTALS:
        table[name] = pd.to_numeric(table[name].replace("", pd.NA)).astype("Int16")
    return table


def load_drafts() -> pd.DataFrame:
    """Return the vetoed and failed proposals of the Council, one row each.

    Returns
    -------
    pandas.DataFrame
        ``date symbol kind outcome vetoed_by meeting agenda yes no abstain absent roll voted_yes
        voted_no abstained did_not_vote note source``: ``kind`` is ``draft``, ``amendment`` or
        ``preliminary question``; ``outcome`` ``vetoed`` or ``failed``; ``vetoed_by`` and the votes
        are member ids with spaces between; ``roll`` says how the votes by member are known
        (``printed``, ``derived``, ``corrected``, empty where they are not).

    Examples
    --------
    >>> table = load_drafts()
    >>> table["outcome"].value_counts().to_dict()
    {'vetoed': 233, 'failed': 130}
    """
    return _read_facts().copy()


def count_vetoes(*, by: str = "decade") -> pd.DataFrame:
    """Count the vetoes of each permanent member, and the proposals that they stopped.

    Answers: who vetoed how often, and when? A proposal vetoed by three members is one proposal and
    three vetoes. China is the Republic of China to 25 October 1971, Russia the USSR to 1991.

    Parameters
    ----------
    by : {"decade", "year"}
        Length of the periods.

    Returns
    -------
    pandas.DataFrame
        One row a period and one for ``all``: ``period``, a column a permanent member (vetoes cast),
        ``vetoes`` (their sum) and ``proposals`` (vetoed by one or more).

    Raises
    ------
    ParameterError
        ``by`` is neither.

    Examples
    --------
    >>> count_vetoes().tail(1).values.tolist()
    [['all', 20, 17, 29, 132, 90, 288, 233]]
    """
    from helpers.errors import ParameterError, must_be_one_of

    if by not in ("decade", "year"):
        raise ParameterError(must_be_one_of("by", by, ("decade", "year")))
    drafts = load_drafts()
    vetoed = drafts[drafts["outcome"].eq("vetoed")]
    year = vetoed["date"].dt.year
    period = (year // 10 * 10).astype(str) + "s" if by == "decade" else year.astype(str)
    cast = vetoed.assign(member=vetoed["vetoed_by"].str.split(), period=period).explode("member")
    table = pd.crosstab(cast["period"], cast["member"])
    table["vetoes"] = table.sum(axis=1)
    table["proposals"] = period.value_counts().reindex(table.index)
    table.loc["all"] = table.sum()
    return table.rename_axis(columns=None).rename_axis("period").reset_index()


def read_drafts() -> RawRecord:
    """Return the drafts as a raw record, with the votes by member where they are known."""
    table = load_drafts()
    key = table["date"].dt.strftime("%Y-%m-%d") + " " + table["symbol"]
    calls = pd.DataFrame(
        {
            "key": key,
            "body": "SC",
            "date": table["date"],
            "title": table["agenda"].replace("", pd.NA),
            "agenda": table["agenda"].replace("", pd.NA),
            "meeting": table["meeting"].replace("", pd.NA),
            "draft": table["symbol"],
            "kind": table["kind"].map(KINDS_OF_PROPOSAL),
            "outcome": table["outcome"],
            "modality": "recorded vote",
            "note": _join_notes(table),
        }
        | {name: table[name] for name in _TOTALS}
    )
    rows = [
        pd.DataFrame({"key": key, "code": table[column].str.split(), "vote": vote})
        for column, vote in _VOTES.items()
    ]
    votes = pd.concat(rows).explode("code").dropna(subset="code").reset_index(drop=True)
    columns = {"code": "member", "vote": "vote"}
    return RawRecord(SOURCE, votes, calls, file=drafts_file().name, columns=columns)


def _join_notes(table: pd.DataFrame) -> pd.Series:
    """Return what is said of each proposal: who vetoed it, how its votes are known, its source."""
    vetoed = "vetoed by " + table["vetoed_by"].str.replace(" ", ", ")
    parts = pd.DataFrame(
        {
            "veto": vetoed.where(table["vetoed_by"].ne(""), ""),
            "roll": table["roll"].map(_ROLLS).fillna(""),
            "note": table["note"],
            "source": "source: " + table["source"],
        }
    )
    return parts.apply(lambda row: "; ".join(filter(None, row)), axis=1).astype("str")
