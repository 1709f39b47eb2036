"""Would another reasonable choice say the same: the grid of choices, and its curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.report import figures
from helpers.report.display import Published, drawn_once, publish, say, together
from helpers.report.figures.curves import MOST_DRAWN, list_unsettled
from helpers.report.figures.style import each_row

if TYPE_CHECKING:
    from helpers.multiverse import Multiverse

MOST_CURVES = 2
"""At most so many statements get a curve: those that the choices leave most in doubt."""


@drawn_once
def show_multiverse(multiverse: Multiverse) -> Published:
    """Show which statements survive the grid of reasonable choices."""
    if multiverse.summary.empty:
        return say("multiverse", ["The study makes no statements to be tested."])
    numbers = multiverse_numbers(multiverse)
    return publish(
        "multiverse",
        figure=figures.draw_multiverse(multiverse),
        numbers=numbers,
        title="Would another reasonable choice say the same?",
        caption=word_multiverse(numbers),
        note=(
            "Each bar is the share of specifications with that choice in which the statement "
            "holds; bold is the choice that turns it most. Specifications are not independent "
            "evidence: a share is no probability."
        ),
    )


@drawn_once
def show_robustness(multiverse: Multiverse) -> Published:
    """Show which statements survive the grid of choices, and the curves of those most in doubt.

    A statement that holds under every choice, or under none, has no curve.
    """
    summary = show_multiverse(multiverse)
    if multiverse.summary.empty:
        return summary
    shares = multiverse.summary.set_index("statement")["share"]
    doubt = sorted(list_unsettled(multiverse), key=lambda s: abs(shares[s] - 0.5))[:MOST_CURVES]
    order = [s for s in multiverse.summary["statement"] if s in doubt]
    return together(summary, *(_show_curve(multiverse, s, i) for i, s in enumerate(order, 1)))


def _show_curve(multiverse: Multiverse, statement: str, number: int) -> Published:
    drawing = figures.draw_curve(multiverse, statement)
    numeric = "margin" in drawing.table
    order = (
        "sorted by the margin, the left side minus the right: a round mark where it holds, a cross "
        "where it does not, a dash at the bottom where it could not be tested. Measures have "
        "scales of their own, so only the sign compares."
        if numeric
        else "sorted by its answer, since blocs have no margin that methods share."
    )
    drawn = drawing.numbers["drawn"]
    thinned = (
        f" {drawn} of {drawing.numbers['specifications']:,} are drawn, one from each equal part of "
        "their order."
        if drawn == MOST_DRAWN
        else ""
    )
    return publish(
        f"curve-{number}",
        figure=drawing,
        title=f"“{statement}” under every choice",
        caption=(
            f"One column a specification, {order} The bars below show what each one chose, the "
            f"choice that turns the statement most first.{thinned}"
        ),
        note="A share of specifications is no probability: they are not independent.",
    )


def multiverse_numbers(multiverse: Multiverse) -> dict[str, Any]:
    """Return for each statement in which share of how many specifications it holds, and by what.

    ``by`` has, for the choice that turns it most and for the measure, the values under which it
    holds least and most often, with the shares there.
    """
    return {
        str(r.statement): {
            "share": r.share,
            "specifications": r.specifications,
            "turned by": r.turned_by or "",
            "by": _ranges(multiverse.turning, str(r.statement), str(r.turned_by or "")),
        }
        for r in each_row(multiverse.summary.fillna({"turned_by": ""}))
    }


def _ranges(turning: pd.DataFrame, statement: str, choice: str) -> dict[str, Any]:
    rows = turning[(turning["statement"] == statement) & (turning["flips"] > 0)]
    return {
        str(r.choice): {
            "least": str(r.low),
            "least share": float(r.low_share),
            "most": str(r.high),
            "most share": float(r.high_share),
        }
        for wanted in dict.fromkeys((choice, "measure"))
        for r in each_row(rows[rows["choice"] == wanted])
    }


def word_multiverse(numbers: Mapping[str, Any]) -> str:
    """Word which statements survive every choice, which none, and what turns the others."""
    groups: dict[str, list[str]] = {"always": [], "never": [], "sometimes": []}
    for statement, part in numbers.items():
        share = part["share"]
        if pd.isna(share):
            continue
        kind = "always" if share == 1 else "never" if share == 0 else "sometimes"
        words = f"“{statement}”"
        if kind == "sometimes":
            turned = [_word_range(choice, found) for choice, found in part["by"].items()]
            count = f"{share:.0%} of {part['specifications']:,}"
            words += f" in {', '.join([count, *turned])}"
        groups[kind].append(words)
    openings = {
        "always": "Under every choice hold",
        "never": "Under no choice hold",
        "sometimes": "It depends on the choices for",
    }
    parts = [f"{openings[k]}: {'; '.join(g)}." for k, g in groups.items() if g]
    return " ".join(parts) or "No statement could be tested."


def _word_range(choice: str, found: Mapping[str, Any]) -> str:
    """Word how far one choice turns a statement.

    Examples
    --------
    >>> _word_range("k", {"least": "2", "least share": 0, "most": "5", "most share": 0.5})
    'by the number of blocs from 0% (2) to 50% (5)'
    """
    word = {"k": "number of blocs"}.get(choice, choice.replace("_", " "))
    least, most = (
        "the method’s own" if choice == "k" and found[end] == "own" else _plain_period(found[end])
        for end in ("least", "most")
    )
    return (
        f"by the {word} from {found['least share']:.0%} ({least}) to {found['most share']:.0%} "
        f"({most})"
    )


def _plain_period(value: str) -> str:
    """Write a span of days that is open at an end as words; anything else as it is.

    Examples
    --------
    >>> _plain_period("..2025-02-23"), _plain_period("2025-02-24.."), _plain_period("pi")
    ('to 2025-02-23', 'from 2025-02-24', 'pi')
    """
    first, dots, last = value.partition("..")
    if not dots:
        return value
    return f"{first} to {last}" if first and last else f"to {last}" if last else f"from {first}"
