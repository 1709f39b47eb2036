"""All cutting of time: a selection cut into windows by session, year, dates or an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots.select import Ballots
from helpers.errors import ParameterError, must_be_one_of
from helpers.record import NO, YES

WINDOW_KINDS: Final = ("session", "year")
"""Windows that a selection can be cut into by name; others are given as dates."""

PARTS: Final = ("all", "before", "since")
"""The whole selection; its roll calls before an event; those of the event's day and later."""


@dataclass(frozen=True)
class Window:
    """The ballots of one period of a selection.

    Attributes
    ----------
    period : str
        Its name, as in the column ``period`` of every table: ``"all"``, a session, a year, or days
        as in `split_windows`.
    ballots : Ballots
        Its roll calls, and the members that cast a vote on one of them (the others were absent
        throughout or not members then).
    first, last : pandas.Timestamp
        Days of its first and last roll call; NaT where they have none.
    """

    period: str
    ballots: Ballots
    first: pd.Timestamp
    last: pd.Timestamp

    @property
    def roll_calls(self) -> int:
        """Number of roll calls."""
        return len(self.ballots.votes)


def read_windows(windows: str, event: str = "") -> str | tuple[str, ...]:
    """Return windows written as one text in the form that `split_windows` takes.

    Parameters
    ----------
    windows : str
        ``"session"``, ``"year"``, ``"event"`` (before the event and since), or ISO dates with
        commas between, each the first day of a window.
    event : str
        ISO date; empty: ``"event"`` cuts nowhere.

    Raises
    ------
    ParameterError
        It is none of these.

    Examples
    --------
    >>> read_windows("event", "2025-02-24"), read_windows("1956-01-01, 1965-01-01")
    (('2025-02-24',), ('1956-01-01', '1965-01-01'))
    """
    if windows == "event":
        return (event,) if event else ()
    if windows in WINDOW_KINDS:
        return windows
    if not any(character.isdigit() for character in windows):
        dates = "dates such as '1956-01-01, 1965-01-01'"
        raise ParameterError(must_be_one_of("windows", windows, ("event", *WINDOW_KINDS, dates)))
    days = tuple(part.strip() for part in windows.split(",") if part.strip())
    _read_days(days)
    return days


def split_windows(ballots: Ballots, windows: str | Sequence[str]) -> tuple[Window, ...]:
    """Cut a selection into windows, in order of time.

    Parameters
    ----------
    ballots : Ballots
        With the columns ``session`` and ``date`` of the record.
    windows : "session", "year" or sequence of str
        Dates (ISO) begin new windows: two dates make three windows, ``"before 2014-03-27"``,
        ``"2014-03-27 to 2022-02-23"`` and ``"since 2022-02-24"``. No date makes one, ``"all"``.

    Returns
    -------
    tuple of Window
        Roll calls without a session or date belong to none. A window between dates may be empty.

    Raises
    ------
    ParameterError
        There is no such kind of window, a date is none, or the roll calls have no sessions.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 3], [1, 0]], members=["USA", "RUS"])
    >>> ballots.roll_calls["date"] = pd.to_datetime(["2024-05-01", "2025-02-24"])
    >>> [(w.period, w.ballots.members) for w in split_windows(ballots, ["2025-01-01"])]
    [('before 2025-01-01', ('USA', 'RUS')), ('since 2025-01-01', ('USA',))]
    """
    if isinstance(windows, str):
        if windows not in WINDOW_KINDS:
            raise ParameterError(must_be_one_of("windows", windows, WINDOW_KINDS))
        cut = _cut_by_label(ballots, windows)
    else:
        dates = ballots.roll_calls.get("date")
        if windows and (dates is None or dates.isna().all()):
            raise ParameterError(
                "windows: these roll calls have no date, so no date can cut them; use 'session'"
            )
        cut = _cut_by_dates(len(ballots.votes), dates, windows)
    return tuple(_open_window(ballots, period, mask) for period, mask in cut)


def split_event(ballots: Ballots, event: str = "") -> dict[str, Window]:
    """Cut a selection at the day of an event.

    Parameters
    ----------
    ballots : Ballots
        The whole selection.
    event : str
        ISO date; empty for none.

    Returns
    -------
    dict
        ``all``, the whole selection; and where roll calls were held both before the event and from
        its day on, ``before`` and ``since`` (see ``PARTS``).

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> ballots = ballots_from_matrix([[1, 3], [1, 1]], members=["USA", "RUS"])
    >>> ballots.roll_calls["date"] = pd.to_datetime(["2024-05-01", "2025-02-24"])
    >>> {part: w.period for part, w in split_event(ballots, "2025-02-24").items()}
    {'all': 'all', 'before': 'before 2025-02-24', 'since': 'since 2025-02-24'}
    """
    whole = split_windows(ballots, ())[0]
    if not event:
        return {"all": whole}
    before, since = split_windows(ballots, (event,))
    if not before.roll_calls or not since.roll_calls:
        return {"all": whole}
    return dict(zip(PARTS, (whole, before, since), strict=True))


def find_day(roll_calls: pd.DataFrame, day: str) -> NDArray[np.bool_]:
    """Tell which roll calls were held on a day (ISO); none where it is empty.

    Examples
    --------
    >>> find_day(pd.DataFrame({"date": pd.to_datetime(["2025-02-24"])}), "2025-02-24").tolist()
    [True]
    """
    if not day:
        return np.zeros(len(roll_calls), dtype=bool)
    return (roll_calls["date"] == pd.Timestamp(day)).to_numpy()


def _open_window(ballots: Ballots, period: str, mask: NDArray[np.bool_]) -> Window:
    votes = ballots.votes[mask]
    voted = np.flatnonzero(((votes >= YES) & (votes <= NO)).any(axis=0))
    members = [ballots.members[column] for column in voted]
    inside = ballots.take(roll_calls=mask, members=members)
    dates = inside.roll_calls.get("date", pd.Series(dtype="datetime64[s]"))
    return Window(period, replace(inside, left_out=ballots.left_out), dates.min(), dates.max())


def _cut_by_label(ballots: Ballots, kind: str) -> list[tuple[str, NDArray[np.bool_]]]:
    calls = ballots.roll_calls
    if "date" not in calls or calls[{"session": "session", "year": "date"}[kind]].isna().all():
        raise ParameterError(
            f"windows: {kind!r} needs a {'session' if kind == 'session' else 'date'} for each roll "
            f"call, and these have none; use {'dates' if kind == 'session' else repr('session')}"
        )
    label = calls["session"] if kind == "session" else calls["date"].dt.strftime("%Y")
    known = label[label.notna()]
    first = calls["date"].groupby(label).min()
    day = first.fillna(pd.Timestamp.max.floor("s"))
    order = sorted(known.unique(), key=lambda name: (day[name], len(name), name))
    return [(str(name), (label == name).fillna(False).to_numpy(bool)) for name in order]


def _cut_by_dates(
    count: int, dates: pd.Series | None, cuts: Sequence[str]
) -> list[tuple[str, NDArray[np.bool_]]]:
    if not cuts or dates is None:
        return [("all", np.ones(count, dtype=bool))]
    days = _read_days(cuts)
    number = np.searchsorted(np.array(days, "datetime64[s]"), dates.to_numpy(), side="right")
    text = [f"{d:%Y-%m-%d}" for d in days]
    before = [f"{d - pd.Timedelta(days=1):%Y-%m-%d}" for d in days]
    names = [f"before {text[0]}"]
    names += [f"{a} to {b}" for a, b in zip(text, before[1:], strict=False)]
    names += [f"since {text[-1]}"]
    known = dates.notna().to_numpy()
    return [(name, known & (number == i)) for i, name in enumerate(names)]


def _read_days(cuts: Sequence[str]) -> list[pd.Timestamp]:
    try:
        return sorted({pd.to_datetime(cut, format="%Y-%m-%d") for cut in cuts})
    except ValueError as error:
        raise ParameterError(f"windows: {error}; write dates as 2025-02-24") from error
