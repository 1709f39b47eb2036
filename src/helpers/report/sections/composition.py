"""What is voted on in each window: where it changes, a series over time changes with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from helpers.record import ISSUES
from helpers.report.display import Published, publish, say, together
from helpers.report.figures.lifelines import name_windows
from helpers.report.figures.style import each_row
from helpers.report.words import enumerate_words, plural, start

if TYPE_CHECKING:
    from helpers.ballots import Composition

MOST_NAMED: Final = 3
"""At most so many pairs of windows are told in words; the table has them all."""

_PROPERTIES: Final = {
    ("kind", "unknown"): "votes of unknown kind",
    ("subject", "unknown"): "votes whose subject nobody coded",
    ("text", "repeated"): "votes on texts that come back",
    ("session", "special"): "votes of special sessions",
    **{("subject", code): f"votes on {name[0].lower()}{name[1:]}" for code, name in ISSUES.items()},
}


def show_composition(composition: Composition) -> Published:
    """Show in words where what is voted on jumps, and which windows are of unlike months.

    The shares of every window are a table where something jumps.
    """
    words = say(
        "composition", word_composition(composition), numbers=composition_numbers(composition)
    )
    if composition.jumps.empty:
        return words
    jumping = composition.jumps[["aspect", "value"]].drop_duplicates()
    shares = composition.table.merge(jumping, on=["aspect", "value"])
    shares = shares.assign(what=[_name(r.aspect, r.value) for r in each_row(shares)])
    table = shares[["period", "what", "n", "roll_calls", "share"]]
    shown = publish(
        "what-is-voted-on",
        table=table.reset_index(drop=True),
        title="What is voted on, where it jumps",
        caption="The share of the votes of each window; only what jumps somewhere is listed.",
        note="A share may also change with what the source records, not with what was voted on.",
    )
    return together(words, shown)


def composition_numbers(composition: Composition) -> dict[str, Any]:
    """Return the numbers of windows, jumps, comparable votes and pairs of unlike months."""
    return {
        "windows": int(composition.table["period"].nunique()),
        "jumps": len(composition.jumps),
        "votes": len(composition.comparable),
        "comparable": int(composition.comparable.sum()),
        "unlike months": int(composition.months["unlike"].sum()),
    }


def word_composition(composition: Composition) -> list[str]:
    """Word the jumps, what is comparable in spite of them, and the windows of unlike months."""
    short = name_windows(composition.table.drop_duplicates("period"))
    if len(short) < 2:
        return ["The whole period is one window, so what is voted on is not compared."]
    words = list(_word_jumps(composition.jumps, short))
    if not words:
        words = [
            "Between no two neighbouring windows that are long enough does the share of a kind of "
            "vote, of a subject, of texts that come back or of special sessions jump."
        ]
    kept, n = int(composition.comparable.sum()), len(composition.comparable)
    if kept < n:
        words.append(
            "A series over these windows changes with what is voted on; it is drawn a second time "
            f"on the {kept:,} of {plural(n, 'vote')} that can be compared."
        )
    unlike = composition.months[composition.months["unlike"]]
    if len(unlike):
        told = (
            f"{short[r.period_before]} ({r.months_before}) and {short[r.period_after]} "
            f"({r.months_after})"
            for r in each_row(unlike.tail(MOST_NAMED))
        )
        more = len(unlike) - MOST_NAMED
        rest = f", and {more} pairs more" if more > 0 else ""
        words.append(
            f"These neighbouring windows are of unlike months: {'; '.join(told)}{rest}. What comes "
            "to the vote in one part of a year is not what comes in another."
        )
    return words


def _word_jumps(jumps: pd.DataFrame, short: dict[str, str]) -> Iterator[str]:
    pairs = list(jumps.groupby(["period_before", "period_after"], sort=False))
    for key, rows in pairs[:MOST_NAMED]:
        before, after = (short[str(period)] for period in key)
        told = enumerate_words(
            f"{_name(r.aspect, r.value)} are {r.share_before:.0%}, then {r.share_after:.0%}"
            for r in each_row(rows)
        )
        sizes = f"{rows['roll_calls_before'].iloc[0]:,} and {rows['roll_calls_after'].iloc[0]:,}"
        yield start(f"what is voted on changes from {before} to {after} ({sizes} votes): {told}.")
    if len(pairs) > MOST_NAMED:
        yield f"It changes between {plural(len(pairs) - MOST_NAMED, 'pair')} of windows more."


def _name(aspect: str, value: str) -> str:
    """Name a property in words.

    Examples
    --------
    >>> _name("kind", "paragraph"), _name("subject", "co")
    ('votes on paragraphs', 'votes on colonialism')
    """
    return _PROPERTIES.get((aspect, value), f"votes on {value}s")
