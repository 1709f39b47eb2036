"""The claims that a verdict is made of, each with its numbers and a word by a written rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from helpers.shifts.parts import SimilarityParts
from helpers.shifts.switches import FEW_TEXTS

COLUMNS: Final = (
    "claim",
    "value",
    "low",
    "high",
    "numerator",
    "denominator",
    "comparison",
    "rank",
    "of",
    "verdict",
)
"""Columns of the table of claims."""

RARE: Final = 0.01
UNCOMMON: Final = 0.05

VERDICTS: Final = {
    "certain": "a count: what happened, without an interval",
    "not seen": "a count of what did not happen",
    "too few for a rate": f"fewer than {FEW_TEXTS} votes, or votes of one day only",
    "rare": f"among the first {RARE:.0%} of its ranking",
    "uncommon": f"among the first {UNCOMMON:.0%}",
    "not uncommon": "none of these",
    "towards": "the interval of behaviour lies above 0",
    "away": "the interval of behaviour lies below 0",
    "no clear change": "the interval of behaviour holds 0",
    "beyond everybody": "the rise has one of the five highest ranks and fewer than one in a "
    "hundred earlier member-days reach it",
    "not beyond everybody": "it is not",
    "cannot be judged": "the record has nothing to judge it by",
}
"""The words of the column ``verdict`` and the rule of each."""

FIRST_RANKS: Final = 5
RARE_DAYS: Final = 0.01


def make_claim(claim: str, verdict: str, **values: Any) -> dict[str, Any]:
    """Return a row of claims; what is not given is missing.

    Examples
    --------
    >>> make_claim("surprise", "rare", value=2.0, rank=2, of=10_000)["rank"]
    2
    """
    if verdict not in VERDICTS:
        raise KeyError(verdict)
    empty = dict.fromkeys(COLUMNS)
    return {**empty, "comparison": "", **values, "claim": claim, "verdict": verdict}


def table_of(claims: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return claims as a table with the columns of ``COLUMNS``."""
    table = pd.DataFrame(list(claims), columns=list(COLUMNS))
    whole = dict.fromkeys(("numerator", "denominator", "rank", "of"), "Int64")
    real = dict.fromkeys(("value", "low", "high"), "float64")
    return table.astype({**whole, **real})


def judge_rank(rank: Any, of: Any) -> str:
    """Return the word for a rank.

    Examples
    --------
    >>> judge_rank(2, 10_818), judge_rank(156, 10_000), judge_rank(4_000, 10_000)
    ('rare', 'uncommon', 'not uncommon')
    """
    if pd.isna(rank) or pd.isna(of) or not of:
        return "cannot be judged"
    share = float(rank) / float(of)
    return "rare" if share <= RARE else "uncommon" if share <= UNCOMMON else "not uncommon"


def judge_behaviour(parts: SimilarityParts) -> str:
    """Return the word for the behaviour part of a change of agreement."""
    row = parts.table.set_index("part").loc["behaviour"]
    if row["low"] > 0:
        return "towards"
    return "away" if row["high"] < 0 else "no clear change"


def judge_day(rank: Any, reached: int, days: int) -> str:
    """Return the word for a rise of similarity on one day.

    Parameters
    ----------
    rank : int or NA
        Rank of the rise among all members.
    reached : int
        Earlier member-days with as large a rise.
    days : int
        Earlier member-days.
    """
    if pd.isna(rank) or not days:
        return "cannot be judged"
    beyond = rank <= FIRST_RANKS and reached < RARE_DAYS * days
    return "beyond everybody" if beyond else "not beyond everybody"
