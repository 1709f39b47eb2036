"""What is voted on, window by window: where it changes, a series over time changes with it."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots.bridges import find_bridges
from helpers.ballots.select import Ballots
from helpers.ballots.windows import Window, split_windows
from helpers.errors import ParameterError
from helpers.record import ISSUES, KINDS
from helpers.store import Shown

GAP: Final = 0.15
"""A share jumps between two windows if it changes by at least so much ..."""

LEVEL: Final = 0.001
"""... and by more than chance does once in a thousand (Fisher's exact test of the two counts)."""

LEAST_ROLL_CALLS: Final = 10
"""Windows with fewer roll calls are not compared."""

UNLIKE: Final = 0.5
"""Two windows are of unlike months if half of the roll calls of one lie in none of the other's."""

COLUMNS: Final = ("period", "from", "to", "aspect", "value", "n", "roll_calls", "share")
JUMP_COLUMNS: Final = (
    *("aspect", "value", "period_before", "period_after"),
    *("share_before", "share_after", "roll_calls_before", "roll_calls_after", "p"),
)
MONTH_COLUMNS: Final = (
    *("period_before", "period_after", "months_before", "months_after"),
    *("only_before", "only_after", "unlike"),
)
_NEEDED: Final = ("roll_call", "body", "kind", "session", "date", "title", "issues")


@dataclass(frozen=True, repr=False)
class Composition(Shown):
    """What the roll calls of each window are, and between which windows that changes.

    Attributes
    ----------
    table : DataFrame
        One row a window and property: ``period, from, to`` (days of its first and last roll call),
        ``aspect, value`` (``kind`` with one of the record's kinds; ``subject`` with one of the six
        codes, or ``unknown``; ``text`` ``repeated``: it comes back in the selection, or had been
        there; ``session`` ``special``: special or emergency special), ``n`` roll calls that have
        it of ``roll_calls``, ``share`` (0 to 1; NaN in an empty window).
    jumps : DataFrame
        One row a property and pair of neighbouring windows between which its share jumps:
        ``aspect, value, period_before, period_after, share_before, share_after,
        roll_calls_before, roll_calls_after, p`` (Fisher's exact test, two-sided).
    months : DataFrame
        As `compare_months` returns it.
    comparable : bool array, shape (n_roll_calls,)
        Where the share of a kind jumps, the roll calls of the most frequent kind; where that of
        special sessions does, those of regular ones; all of them where neither does.
    gap, level : float
        What counts as a jump.
    """

    table: pd.DataFrame
    jumps: pd.DataFrame
    months: pd.DataFrame
    comparable: NDArray[np.bool_]
    gap: float
    level: float


def measure_composition(
    ballots: Ballots, windows: str | Sequence[str], *, gap: float = GAP, level: float = LEVEL
) -> Composition:
    """Measure what is voted on in each window, and where that jumps.

    Answers: may a series over these windows be read as a change of how members vote, or did the
    votes change? With the data of unvotes the mean agreement with the United States rises from 37
    to 55% in 2016, since votes on paragraphs come back that year.

    Parameters
    ----------
    ballots : Ballots
        The whole selection, with the columns of the record.
    windows : "session", "year" or sequence of str
        See `helpers.ballots.split_windows`.
    gap : float
        Least change of a share that is a jump, above 0, at most 1.
    level : float
        A jump's p-value is below it, above 0 and below 1.

    Returns
    -------
    Composition
        Neighbours are compared where both have ``LEAST_ROLL_CALLS`` or more. In windows by session
        the special sessions are left out of the comparison: each is on one matter.

    Raises
    ------
    ParameterError
        An option or window cannot be used, or the roll calls lack a column.

    Examples
    --------
    >>> from helpers.ballots import build_ballots
    >>> from helpers.record import load_record
    >>> found = measure_composition(build_ballots(load_record("dossier")), "year")
    >>> len(found.jumps), bool(found.comparable.all())
    (0, True)
    """
    if not 0 < gap <= 1 or not 0 < level < 1:
        raise ParameterError(f"gap {gap} and level {level} must be above 0, level also below 1")
    calls = ballots.roll_calls
    lacking = [name for name in _NEEDED if name not in calls]
    if lacking:
        raise ParameterError(f"ballots: the roll calls lack {', '.join(lacking)}")
    properties = _list_properties(calls)
    cut = split_windows(ballots, windows)
    rows = calls.reset_index(names="row").set_index("roll_call")["row"]
    parts = [properties.loc[rows[w.ballots.roll_calls["roll_call"]]] for w in cut]
    regular = _leave_out_special(cut, windows)
    periods = {window.period for window in regular}
    compared = [
        (window, part)
        for window, part in zip(cut, parts, strict=True)
        if window.period in periods and len(part) >= LEAST_ROLL_CALLS
    ]
    found = [
        row for a, b in pairwise(compared) for row in _find_jumps(*a, *b, gap=gap, level=level)
    ]
    jumps = pd.DataFrame(found, columns=list(JUMP_COLUMNS))
    table = pd.concat([_count(w, part) for w, part in zip(cut, parts, strict=True)])
    return Composition(
        table=table.reset_index(drop=True),
        jumps=jumps,
        months=_compare(regular),
        comparable=_keep_comparable(properties, jumps),
        gap=gap,
        level=level,
    )


def compare_months(ballots: Ballots, windows: str | Sequence[str]) -> pd.DataFrame:
    """Compare the calendar months that neighbouring windows cover: a part of a year is no year.

    Answers: can these windows be compared as they are? From January to October few texts come to
    the vote, and others than in autumn.

    Parameters
    ----------
    ballots : Ballots
        The whole selection, with dates.
    windows : "session", "year" or sequence of str
        See `helpers.ballots.split_windows`.

    Returns
    -------
    DataFrame
        One row two neighbouring windows (special sessions left out as in
        `measure_composition`): ``period_before, period_after,
        months_before, months_after`` (``Jan Feb Dec``), ``only_before`` (share of the roll calls of
        the first in months in which the second has none), ``only_after``, ``unlike`` (whether one
        of the two shares is ``UNLIKE`` or more).

    Raises
    ------
    ParameterError
        As `helpers.ballots.split_windows`.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1], [1], [1]], members=["USA"])
    >>> days = ["2024-12-01", "2024-12-02", "2025-02-24"]
    >>> ballots.roll_calls["date"] = pd.to_datetime(days)
    >>> compare_months(ballots, "year")[["only_before", "only_after", "unlike"]].values.tolist()
    [[1.0, 1.0, True]]
    """
    return _compare(_leave_out_special(split_windows(ballots, windows), windows))


def _leave_out_special(cut: Sequence[Window], windows: str | Sequence[str]) -> list[Window]:
    """Return the windows with roll calls; of windows by session those of regular ones."""
    return [w for w in cut if w.roll_calls and not (windows == "session" and "S-" in w.period)]


def _list_properties(calls: pd.DataFrame) -> pd.DataFrame:
    """Which roll call has which property: (n_roll_calls, properties) of bool."""
    codes = calls["issues"].str.split()
    table: dict[tuple[str, str], Any] = {("kind", k): calls["kind"].eq(k) for k in KINDS}
    table |= {
        ("subject", code): [isinstance(one, list) and code in one for one in codes]
        for code in ISSUES
    }
    table["subject", "unknown"] = codes.isna()
    chains = find_bridges(calls).chains
    table["text", "repeated"] = calls["roll_call"].isin(chains["roll_call"])
    table["session", "special"] = calls["session"].fillna("").str.match(r"E?S-")
    return pd.DataFrame(table, index=calls.index).astype(bool)


def _count(window: Window, part: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the table of one window."""
    n = part.sum()
    keys = pd.MultiIndex.from_tuples(n.index, names=["aspect", "value"])
    rows = pd.DataFrame({"n": n.to_numpy(int)}, index=keys).reset_index()
    rows = rows.assign(period=window.period, roll_calls=len(part), share=np.nan)
    rows["from"], rows["to"] = window.first, window.last
    if len(part):
        rows["share"] = rows["n"] / len(part)
    return rows[list(COLUMNS)]


def _find_jumps(
    before: Window,
    one: pd.DataFrame,
    after: Window,
    two: pd.DataFrame,
    *,
    gap: float,
    level: float,
) -> Iterator[dict[str, Any]]:
    """Yield the properties whose share jumps between two windows."""
    from scipy.stats import fisher_exact

    a, b = one.sum(), two.sum()
    shares = pd.DataFrame({"before": a / len(one), "after": b / len(two)})
    for key in shares.index[(shares["after"] - shares["before"]).abs() >= gap]:
        counts = [[a[key], len(one) - a[key]], [b[key], len(two) - b[key]]]
        p = float(fisher_exact(counts).pvalue)
        if p < level:
            yield {
                "aspect": key[0],
                "value": key[1],
                "period_before": before.period,
                "period_after": after.period,
                "share_before": float(shares.loc[key, "before"]),
                "share_after": float(shares.loc[key, "after"]),
                "roll_calls_before": len(one),
                "roll_calls_after": len(two),
                "p": p,
            }


def _keep_comparable(properties: pd.DataFrame, jumps: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which roll calls can be compared over all windows."""
    keep = np.ones(len(properties), dtype=bool)
    if jumps["aspect"].eq("kind").any():
        counts = properties["kind"].to_numpy(bool).sum(axis=0)
        keep &= properties["kind", KINDS[int(counts.argmax())]].to_numpy(bool)
    if jumps["aspect"].eq("session").any():
        keep &= ~properties["session", "special"].to_numpy(bool)
    return keep


def _compare(cut: Sequence[Window]) -> pd.DataFrame:
    """Return the months of each window beside those of the next."""
    held = [w.ballots.roll_calls["date"].dt.month.dropna().astype(int) for w in cut]
    rows = []
    for (before, one), (after, two) in pairwise(zip(cut, held, strict=True)):
        only = (1 - one.isin(set(two)).mean(), 1 - two.isin(set(one)).mean())
        row = (before.period, after.period, _name_months(one), _name_months(two), *only)
        rows.append((*row, bool(max(only) >= UNLIKE)))
    return pd.DataFrame(rows, columns=list(MONTH_COLUMNS))


def _name_months(months: pd.Series) -> str:
    return " ".join(calendar.month_abbr[month] for month in sorted(set(months)))
