"""Everyday names of members, dates and lists, as a sentence needs them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from helpers.record import Record, load_short_names

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
]

BODY_NAMES = {"GA": "General Assembly", "SC": "Security Council"}


def member_names(record: Record) -> dict[str, str]:
    """Return an everyday name for each member of a record, by id (the last name it had).

    Examples
    --------
    >>> from helpers.record.members import load_members
    >>> empty = pd.DataFrame()
    >>> member_names(Record(load_members(), empty, empty, empty))["RUS"]
    'Russia'
    """
    last = record.members.sort_values("period").groupby("member")["name"].last()
    return {str(m): load_short_names().get(str(m), str(name)) for m, name in last.items()}


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
