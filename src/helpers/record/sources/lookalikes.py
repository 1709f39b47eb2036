"""Files that are often taken for voting records and are something else, named by their columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from helpers.record.members import codes_to_members, names_to_members

_MANY_CODES: Final = 20
"""So many columns named by a country make a file wide; no voting file has more than a few."""


def name_look_alike(columns: Iterable[str], first: Iterable[str] = ()) -> str | None:
    """Say what a table of another kind seems to be.

    Answers: this file has no single votes; what is it then? For use in an error sentence ("seems to
    be ...").

    Parameters
    ----------
    columns : iterable of str
        Column names as written, in any order.
    first : iterable of str
        Some values of the first column, which tell a matrix of dyads from a wide table of votes.

    Returns
    -------
    str or None
        A noun phrase; None where the columns are none of the known look-alikes.

    Examples
    --------
    >>> name_look_alike(["ccode1", "ccode2", "agree", "year"])
    'a table of agreement scores, one row a pair of countries and year'
    >>> name_look_alike(["rcid", "ccode", "vote"]) is None
    True
    """
    written = [str(column) for column in columns]
    names = [re.sub(r"[^0-9a-z]+", "", column.lower()) for column in written]
    for what, fits in _LOOK_ALIKES:
        if fits(names):
            return what
    if _has_many_roll_calls(written):
        return _ONE_COLUMN_A_ROLL_CALL
    if not _is_wide(written, names):
        return None
    return _MATRIX if _are_countries(list(first)) else _WIDE


def _is_dyadic(names: list[str]) -> bool:
    """Tell two countries a row: ``ccode1 ccode2``, ``statea stateb``, ``iso3_1 iso3_2``."""
    stems = {name[:-1] for name in names if name.endswith(("1", "a"))}
    pairs = {name[:-1] for name in names if name.endswith(("2", "b"))} & stems
    return bool(pairs & {"ccode", "state", "country", "countryabb", "iso", "iso3", "cow", "member"})


def _is_wide(written: list[str], names: list[str]) -> bool:
    """Tell one column a country: by name, by code of two or three letters, by COW number."""
    import pandas as pd

    columns = pd.Series(written, dtype="str")
    any_day = pd.Series(pd.NaT, index=columns.index, dtype="datetime64[s]")
    numbers = {m[1] for name in names if (m := re.fullmatch(r"(?:x|v|vote|ccode)?(\d{1,3})", name))}
    counts = (
        len(numbers),
        sum(bool(re.fullmatch("[A-Z]{2}", column)) for column in written),
        int(codes_to_members(columns.str.upper(), any_day).notna().sum()),
        int(names_to_members(columns, any_day).notna().sum()),
    )
    return max(counts) >= _MANY_CODES


def _has_many_roll_calls(written: list[str]) -> bool:
    """Tell one column a roll call, named by the symbol of its text."""
    return sum(bool(_SYMBOL.match(column.upper())) for column in written) >= _MANY_ROLL_CALLS


def _are_countries(values: list[str]) -> bool:
    """Say whether most of some values are members, by name or code of three letters."""
    import pandas as pd

    texts = pd.Series([value for value in values if value], dtype="str")
    any_day = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[s]")
    known = codes_to_members(texts.str.upper(), any_day).notna()
    known |= names_to_members(texts, any_day).notna()
    return len(texts) > 1 and bool(known.mean() > _MOST)


def _is_coincidence(names: list[str]) -> bool:
    """Tell counts of equal and opposite votes with one member, a row a country."""
    wanted = ("coincid", "votingcoincid", "votesonlycoincid", "identical", "samevote", "opposite")
    return any(name.startswith(wanted) for name in names) and not _SINGLE & set(names)


def _is_list_of_vetoes(names: list[str]) -> bool:
    """Tell drafts with who vetoed them."""
    return any("veto" in name for name in names) and not _SINGLE & set(names)


def _is_ideal_points(names: list[str]) -> bool:
    return any(name.startswith(("idealpoint", "theta", "q5", "q50")) for name in names)


def _is_aggregated(names: list[str]) -> bool:
    """Tell counts or shares per country and year, without a roll call."""
    shares = ("pct", "percent", "share", "nvotes", "agree", "coincidence", "allvotes", "importantv")
    counts = any(name.startswith(shares) for name in names) or {"yes", "no"} <= set(names)
    single = (_SINGLE | {"resolution"}) & set(names)
    return counts and not single and any(name in ("year", "session") for name in names)


_SINGLE: Final = {"vote", "msvote", "msvotes", "rcid"}
"""Columns of files with single votes."""

_MANY_ROLL_CALLS: Final = 3
_MOST: Final = 0.6
_SYMBOL: Final = re.compile(r"(?:[AS]/(?:RES|DEC)/|R/\d|RES[ _/.]?\d|RC_?ID[ _.]?\d)")
_ONE_COLUMN_A_ROLL_CALL: Final = (
    "a wide table of votes with one row per country and one column per roll call"
)
_MATRIX: Final = "a matrix of dyads, one row and one column per country"
_WIDE: Final = "a wide table of votes with one column per country"
_LOOK_ALIKES: Final[tuple[tuple[str, Callable[[list[str]], bool]], ...]] = (
    ("a table of agreement scores, one row a pair of countries and year", _is_dyadic),
    ("a table of ideal-point estimates, one row a country and session", _is_ideal_points),
    ("a table of counts or shares, one row a country and year", _is_aggregated),
    ("a table of voting coincidence with one member, one row a country", _is_coincidence),
    ("a list of vetoes, one row a draft", _is_list_of_vetoes),
)
