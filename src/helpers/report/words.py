"""What every sentence needs: everyday names of members, dates, counts and lists."""

from __future__ import annotations

from collections.abc import Iterable

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
