"""Roll calls that bring the same text back to the same body, found by their titles alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from helpers.errors import ParameterError
from helpers.store import Shown

BRIDGE_RULES: Final = ("title", "numbers")
"""``title``: the same words; ``numbers``: the same but for numbers, ordinals and articles."""

PART_KINDS: Final = ("paragraph", "amendment", "motion")
"""Kinds of roll call that are on a part of a text, or on none: never bridged."""

_TEXT: Final = r"(?:resol\w*|resou\w*|decisions?)"
_ADOPTED: Final = (
    rf"\s*:\s*{_TEXT}(?:\s*/?\s*\[?(?:\w+\s+)?by\s.*|\W*)$"  # also where the stroke is left out
    rf"|\W*\b{_TEXT}\s*/\s*\[?(?:\w+\s+)?by\s.*$"  # also where the colon is
)
_SMALL_WORDS: Final = r"\b(?:the|an?|th|st|nd|rd)\b"


@dataclass(frozen=True, repr=False)
class Bridges(Shown):
    """Which roll call brings back the text of which, and what could not be told.

    Attributes
    ----------
    table : pandas.DataFrame
        ``before, after`` (roll-call ids), ``rule`` (one of ``BRIDGE_RULES``), ``score`` (share of
        the words of the two titles as written that both have, above 0 to 1), one row a pair, by
        date of the later one. No roll call is twice in ``before`` or twice in ``after``.
    chains : pandas.DataFrame
        ``chain`` (id of its first roll call), ``position`` (from 0), ``roll_call``: every text
        that came back at least once, by date of its first roll call.
    refused : pandas.DataFrame
        ``roll_call, why`` of each roll call that was given no predecessor though its title had
        been there before, or that cannot have one.
    years : int
        The most calendar years between a text and its predecessor.
    """

    table: pd.DataFrame
    chains: pd.DataFrame
    refused: pd.DataFrame
    years: int


def find_bridges(roll_calls: pd.DataFrame, *, years: int = 4) -> Bridges:
    """Return which roll calls bring the same text back.

    Answers which votes can be compared over time as votes on one text. A roll call is tied to the
    last one of the same body and title where that title occurs once in its own session and once
    in the last session that had it. Titles are compared without "resolution / adopted by ...",
    numbers, ordinals, articles and punctuation. Votes are never looked at, so that what members
    did cannot decide what is compared.

    Parameters
    ----------
    roll_calls : pandas.DataFrame
        The record's table, shape (n_roll_calls, columns): ``roll_call, body, session, date, title,
        kind, identical_group``.
    years : int
        The most calendar years between a text and its predecessor, at least 1.

    Returns
    -------
    Bridges
        Records of one vote (``identical_group``) count once, by the first of them.

    Raises
    ------
    ParameterError
        ``years`` is below 1.

    References
    ----------
    Bailey, Strezhnev and Voeten (2017), Journal of Conflict Resolution 61(2), link repeated
    resolutions by a list of 955 pairs made by hand; this is a rule instead of a list.

    Examples
    --------
    >>> titles = ["Missiles : resolution / adopted by the General Assembly", "The missiles"]
    >>> calls = pd.DataFrame({"roll_call": ["a", "b"], "body": "GA", "session": ["61", "63"],
    ...     "date": pd.to_datetime(["2006-12-06", "2008-12-02"]), "title": titles,
    ...     "kind": "resolution", "identical_group": ["a", "b"]})
    >>> find_bridges(calls).table.to_dict("records")
    [{'before': 'a', 'after': 'b', 'rule': 'numbers', 'score': 0.5}]
    """
    if years < 1:
        raise ParameterError(f"years: {years} must be 1 or more")
    calls = _prepare(roll_calls)
    known = calls[calls["why"] == ""].sort_values("date", kind="stable")
    tied = _tie_sessions(known, years)
    pairs = tied.dropna(subset="before")
    pairs = pairs[pairs["why"] == ""].sort_values(["date", "after"], kind="stable")
    written = calls.set_index("roll_call")["written"]
    words = [
        (set(written[a].split()), set(written[b].split()))
        for a, b in zip(pairs["before"], pairs["after"], strict=True)
    ]
    table = pd.DataFrame(
        {
            "before": pairs["before"].to_numpy(),
            "after": pairs["after"].to_numpy(),
            "rule": ["title" if a == b else "numbers" for a, b in words],
            "score": [len(a & b) / max(len(a | b), 1) for a, b in words],
        }
    )
    why = calls.set_index("roll_call")["why"]
    judged = known.merge(tied[["key", "label", "why"]], on=["key", "label"], suffixes=("_", ""))
    why.update(judged.set_index("roll_call")["why"])
    refused = why[why != ""].rename("why").reset_index()
    return Bridges(table=table, chains=_chain(table), refused=refused, years=years)


def normalise_titles(titles: pd.Series) -> pd.DataFrame:
    """Return titles ``written`` (words and numbers) and ``key`` (what is compared), lower case.

    Parameters
    ----------
    titles : pandas.Series of str
        Titles as in the record; a missing one becomes an empty text.

    Returns
    -------
    pandas.DataFrame
        Columns ``written`` and ``key``, on the index of ``titles``.

    Examples
    --------
    >>> normalise_titles(pd.Series(["The 2nd Decade (1983-1993) : resolution"]))
                        written     key
    0  the 2nd decade 1983 1993  decade
    """
    plain = titles.fillna("").astype(str).str.normalize("NFKD").str.casefold()
    plain = plain.str.replace(r"[\u0300-\u036f]", "", regex=True)
    head = plain.str.replace(_ADOPTED, "", regex=True)
    written = head.str.replace(r"[^a-z0-9]+", " ", regex=True).str.strip()
    words = head.str.replace(r"[^a-z\s]+", " ", regex=True)
    words = words.str.replace(_SMALL_WORDS, " ", regex=True)
    return pd.DataFrame({"written": written, "key": words.str.split().str.join(" ")})


def _prepare(roll_calls: pd.DataFrame) -> pd.DataFrame:
    """Return ids, keys and session labels, and why a roll call cannot be tied at all, if so."""
    titles = normalise_titles(roll_calls["title"])
    calls = roll_calls[["roll_call", "date"]].astype({"roll_call": str}).join(titles)
    year = roll_calls["date"].dt.year
    calls["key"] = (roll_calls["body"].astype(str) + " " + calls["key"]).where(calls["key"] != "")
    calls["label"] = roll_calls["session"].astype("str").fillna(year.astype("str"))
    calls["year"] = year
    faults = {
        "a record of a vote that another record holds": roll_calls["identical_group"].duplicated(),
        "a vote on a part of a text": roll_calls["kind"].isin(PART_KINDS),
        "no title": calls["key"].isna(),
        "no date": roll_calls["date"].isna(),
    }
    calls["why"] = ""
    for why, holds in faults.items():
        calls.loc[holds & (calls["why"] == ""), "why"] = why
    return calls


def _tie_sessions(known: pd.DataFrame, years: int) -> pd.DataFrame:
    """Return one row a title and session, with the predecessor or why there is none."""
    sessions = known.groupby(["key", "label"], sort=False).agg(
        after=("roll_call", "first"),
        date=("date", "first"),
        first=("year", "first"),
        last=("year", "last"),
        texts=("roll_call", "size"),
    )
    sessions = sessions.reset_index().sort_values("date", kind="stable")
    earlier = sessions.groupby("key")[["after", "last", "texts"]].shift()
    sessions["before"] = earlier["after"]
    came = sessions["before"].notna()
    reasons = {
        "several texts of this title in its session": sessions["texts"] > 1,
        "several texts of this title in the last session that had it": earlier["texts"] > 1,
        f"more than {years} years after the last": sessions["first"] - earlier["last"] > years,
    }
    sessions["why"] = ""
    for why, holds in reasons.items():
        sessions.loc[came & holds & (sessions["why"] == ""), "why"] = why
    return sessions


def _chain(table: pd.DataFrame) -> pd.DataFrame:
    """Return the chains that the pairs form; pairs come by date of the later roll call."""
    first: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for before, after in zip(table["before"], table["after"], strict=True):
        chain = first.setdefault(before, before)
        first[after] = chain
        members.setdefault(chain, [before]).append(after)
    rows = [
        (chain, position, roll_call)
        for chain, calls in members.items()
        for position, roll_call in enumerate(calls)
    ]
    return pd.DataFrame(rows, columns=["chain", "position", "roll_call"])
