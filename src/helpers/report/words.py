"""What every sentence needs: everyday names of members, dates, counts and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from helpers.record import member_names as member_names

_WITH_ARTICLE = [
    "United",
    "Dominican",
    "Central",
    "Netherlands",
    "Philippines",
    "Bahamas",
    "Gambia",
    "Maldives",
    "Comoros",
    "Marshall",
    "Solomon",
    "Seychelles",
    "Congo",
    "Soviet",
    "Republic",
    "Federal",
]

BODY_NAMES = {"GA": "General Assembly", "SC": "Security Council"}


def the(name: str) -> str:
    """Put the article where English has one.

    Examples
    --------
    >>> the("United States"), the("France")
    ('the United States', 'France')
    """
    return f"the {name}" if name.split(" ")[0] in _WITH_ARTICLE else name


def start(sentence: str) -> str:
    """Return a sentence with its first letter large.

    Examples
    --------
    >>> start("the United States voted no.")
    'The United States voted no.'
    """
    return sentence[:1].upper() + sentence[1:]


def enumerate_words(words: Iterable[str], *, most: int = 0) -> str:
    """Join words as a sentence does, with the rest counted after ``most`` of them.

    Examples
    --------
    >>> enumerate_words(["a", "b", "c"]), enumerate_words(["a", "b", "c", "d"], most=2)
    ('a, b and c', 'a, b and 2 more')
    """
    items = list(words)
    if most and len(items) > most + 1:
        items = [*items[:most], f"{len(items) - most} more"]
    return (
        items[0]
        if len(items) == 1
        else ", ".join(items[:-1]) + f" and {items[-1]}"
        if items
        else ""
    )


def long_date(date: object) -> str:
    """Write a day as a text does.

    Examples
    --------
    >>> long_date("2025-02-24")
    '24 February 2025'
    """
    day = pd.Timestamp(str(date))
    return f"{day.day} {day:%B %Y}"


def during(period: str) -> str:
    """Return what a title calls a period: nothing where it is the whole.

    Examples
    --------
    >>> during("before 24 Feb 2025"), during("whole period")
    ('before 24 Feb 2025', '')
    """
    return "" if period == "whole period" else period


def plural(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> plural(1, "vote"), plural(2, "vote")
    ('1 vote', '2 votes')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def plain_symbol(symbol: str) -> str:
    """Return the symbol of a resolution as a sentence has it.

    Examples
    --------
    >>> plain_symbol("A/RES/ES-11/7"), plain_symbol("S/2025/112")
    ('ES-11/7', 'S/2025/112')
    """
    return symbol.removeprefix("A/RES/").removeprefix("S/RES/")


def plain_title(title: str) -> str:
    """Return the title of a text without what a library's catalogue adds to it.

    Examples
    --------
    >>> plain_title("Right to food : resolution / adopted by the General Assembly")
    'Right to food'
    >>> plain_title("Peace; forces to leave.")
    'Peace; forces to leave'
    """
    return _CATALOGUED.split(title, maxsplit=1)[0].strip().rstrip(".").strip()


_CATALOGUED = re.compile(
    r"\s*:\s*(?:draft\s+)?(?:resolution|decision)s?\s*/|\s*/\s*adopted by\b", re.IGNORECASE
)


def word_statement(text: str, names: Mapping[str, str]) -> str:
    """Return a statement of the multiverse as a sentence without its full stop.

    Examples
    --------
    >>> names = {"USA": "United States", "RUS": "Russia", "DEU": "Germany"}
    >>> word_statement("same_bloc(USA, RUS)", names)
    'the United States and Russia are in one bloc'
    >>> word_statement("similarity(USA, RUS) > similarity(USA, DEU)", names)
    'the United States and Russia are more alike than the United States and Germany'
    >>> word_statement("apart(USA)", names), word_statement("nearest(USA) = RUS", names)
    ('the United States stands apart', 'Russia is the nearest to the United States')
    """
    from helpers.multiverse import parse_statements

    [said] = parse_statements([text], list(names))
    one, other = ([the(names[m]) for m in side] for side in (said.members, said.other))
    if said.kind == "same_bloc":
        return f"{one[0]} and {one[1]} are in one bloc"
    if said.kind == "apart":
        return f"{one[0]} stands apart"
    if said.kind == "nearest":
        return f"{other[0]} is the nearest to {one[0]}"
    pair, than = enumerate_words(one), enumerate_words(other)
    if than:
        return f"{pair} are {_MORE[said.sign]} alike than {than}"
    return f"the similarity of {pair} is {_ABOVE[said.sign]} {said.number:g}"


_MORE = {">": "more", "<": "less", ">=": "not less", "<=": "not more"}
_ABOVE = {">": "above", "<": "below", ">=": "at least", "<=": "at most"}


def with_interval(value: float, low: float, high: float, n: int) -> str:
    """Write a number with its interval and the number of votes behind it.

    Examples
    --------
    >>> with_interval(0.0, 0.0, 0.109, 21)
    '0.00 [0.00, 0.11], n = 21'
    """
    if pd.isna(value):
        return f"not defined, n = {n}"
    between = "" if pd.isna(low) else f" [{low:.2f}, {high:.2f}]"
    return f"{value:.2f}{between}, n = {n}".replace("-0.00", "0.00")
