"""Would another reasonable choice say the same: the grid of choices, and its curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from helpers.report import figures
from helpers.report.display import Published, drawn_once, publish, say, together
from helpers.report.figures.curves import MOST_DRAWN, list_unsettled
from helpers.report.figures.style import each_row
from helpers.report.words import member_names, plural, word_statement

if TYPE_CHECKING:
    from helpers.multiverse import Multiverse

MOST_CURVES = 2
"""At most so many statements get a curve: those that the choices leave most in doubt."""


@drawn_once
def show_multiverse(multiverse: Multiverse) -> Published:
    """Show which statements survive the grid of reasonable choices, period by period."""
    if multiverse.summary.empty:
        return say("multiverse", ["The study makes no statements to be tested."])
    numbers, spoken = multiverse_numbers(multiverse), in_words(multiverse)
    return publish(
        "multiverse",
        figure=figures.draw_multiverse(spoken),
        numbers=numbers,
        title="Would another reasonable choice say the same?",
        caption=word_multiverse(multiverse_numbers(spoken)),
        note=(
            "Each bar is the share of specifications with that choice in which the statement "
            "holds; bold is the choice that turns it most. Specifications are not independent "
            "evidence: a share is no probability. Those with the same similarities count once"
            + (f" ({multiverse.identical} left out)." if multiverse.identical else ".")
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
    multiverse = in_words(multiverse)
    shares = multiverse.summary.set_index(["statement", "period"])["share"]
    unsettled = list_unsettled(multiverse)
    doubt = sorted(unsettled, key=lambda pair: abs(shares[pair] - 0.5))[:MOST_CURVES]
    order = [pair for pair in unsettled if pair in doubt]
    return together(summary, *(_show_curve(multiverse, *s, i) for i, s in enumerate(order, 1)))


def _show_curve(multiverse: Multiverse, statement: str, period: str, number: int) -> Published:
    drawing = figures.draw_curve(multiverse, statement, period)
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
        title=f"“{statement}” under every choice" + ("" if period == "all" else f", {period}"),
        caption=(
            f"One column a specification, {order} The bars below show what each one chose, the "
            f"choice that turns the statement most first.{thinned}"
        ),
        note="A share of specifications is no probability: they are not independent.",
    )


def in_words(multiverse: Multiverse) -> Multiverse:
    """Return a multiverse with each statement as a sentence, for figures, titles and alt texts."""
    names = member_names()

    def spoken(table: pd.DataFrame) -> pd.DataFrame:
        told = {s: word_statement(str(s), names) for s in table["statement"].unique()}
        return table.assign(statement=table["statement"].astype("str").map(told))

    return replace(
        multiverse,
        cells=spoken(multiverse.cells),
        summary=spoken(multiverse.summary),
        contrast=spoken(multiverse.contrast),
        turning=spoken(multiverse.turning),
    )


def multiverse_numbers(multiverse: Multiverse) -> dict[str, Any]:
    """Return for each statement and period in which share of how many specifications it holds.

    ``by`` has, for the choice that turns it most and for the measure, the values under which it
    holds least and most often, with the shares there; ``why`` the reason where it is not tested.
    """
    numbers: dict[str, Any] = {}
    for r in each_row(multiverse.summary):
        turning = multiverse.turning[multiverse.turning["period"] == r.period]
        numbers.setdefault(str(r.statement), {})[str(r.period)] = {
            "share": r.share,
            "specifications": r.specifications,
            "untested": r.untested,
            "why": r.why,
            "turned by": r.turned_by,
            "by": _ranges(turning, str(r.statement), str(r.turned_by)),
        }
    return numbers


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
    """Word for each statement, period by period, whether it survives all choices, or what turns it.

    A period is the question and no choice, so that shares of different periods are set side by
    side and never mixed.
    """
    words = []
    for statement, periods in numbers.items():
        parts = [_word_survival(period, part) for period, part in periods.items()]
        words.append(f"“{statement}”: {'; '.join(parts)}.")
    return " ".join(words) or "No statement could be tested."


def _word_survival(period: str, part: Mapping[str, Any]) -> str:
    """Word what becomes of a statement in one period.

    Examples
    --------
    >>> _word_survival("all", {"share": 1.0, "specifications": 612, "why": "", "by": {}})
    'holds under all 612 choices'
    """
    when = "" if period == "all" else f"{period} "
    share, count = part["share"], part["specifications"]
    if pd.isna(share):
        return f"{when}not tested ({part['why']})"
    if share in (0, 1):
        every = f"{'all' if share else 'none of'} {plural(count, 'choice')}"
        return f"{when}holds under {every}"
    turned = [_word_range(choice, found) for choice, found in part["by"].items()]
    found = ", ".join([f"{share:.0%} of {count:,}", *turned])
    return f"{when}depends on the choices: holds under {found}"


def _word_range(choice: str, found: Mapping[str, Any]) -> str:
    """Word how far one choice turns a statement.

    Examples
    --------
    >>> _word_range("k", {"least": "2", "least share": 0, "most": "5", "most share": 0.5})
    'by the number of blocs from 0% (2) to 50% (5)'
    """
    word = {"k": "number of blocs"}.get(choice, choice.replace("_", " "))
    least, most = (
        "the method’s own" if choice == "k" and found[end] == "own" else found[end]
        for end in ("least", "most")
    )
    return (
        f"by the {word} from {found['least share']:.0%} ({least}) to {found['most share']:.0%} "
        f"({most})"
    )
