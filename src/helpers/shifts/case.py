"""What a question about a shift is asked of: the member, the day, and the votes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import PART_KINDS, Ballots, build_ballots
from helpers.errors import ParameterError, SelectionError
from helpers.record import Record
from helpers.shifts.member_years import take_once
from helpers.shifts.movers import find_roll_call
from helpers.shifts.switches import find_runs, find_turned

_CODES: Final = 3


class Case(NamedTuple):
    """What is asked, and the votes that it is asked of.

    Attributes
    ----------
    focus, references, day, subject, years
        As given to `find_shift`; references without a vote are left out.
    target : str
        Id of the vote in question.
    whole, on_subject : Ballots
        All texts of the body, and those of the subject; identical records once.
    is_whole : bool
        Whether the record has other subjects too.
    """

    focus: str
    references: tuple[str, ...]
    day: pd.Timestamp
    target: str
    subject: str
    years: int
    whole: Ballots
    on_subject: Ballots
    is_whole: bool

    @property
    def place(self) -> tuple[int, int]:
        """Row of the target and column of the focus in ``whole``."""
        rows = np.flatnonzero(self.whole.roll_calls["roll_call"] == self.target)
        return int(rows[0]), self.whole.members.index(self.focus)

    def list_votes(self) -> pd.DataFrame:
        """Return the focus' votes on the subject: ``date, symbol, vote, run, run_vote``."""
        calls = self.on_subject.roll_calls[["roll_call", "symbol", "date"]]
        runs = find_runs(self.on_subject.take(members=[self.focus]))
        return calls.merge(runs.drop(columns="member"), on="roll_call")

    def find_companions(self) -> tuple[str, ...]:
        """Return who turned with the focus, to the same vote on the target (`find_turned`)."""
        ballots = self.on_subject
        if self.focus not in ballots.members:
            return ()
        row = int(np.flatnonzero(ballots.roll_calls["roll_call"] == self.target)[0])
        past = ballots.votes[(ballots.roll_calls["date"] < self.day).to_numpy()]
        now, column = ballots.votes[row], ballots.members.index(self.focus)
        turned = find_turned(past, now)
        if not turned[column]:
            return ()
        alike = np.flatnonzero(turned & (now == now[column]))
        return tuple(ballots.members[i] for i in alike if i != column)


def open_case(
    record: Record,
    focus: str,
    references: Sequence[str],
    event: str,
    *,
    body: str,
    target: str,
    subject: str,
    years: int,
) -> Case:
    """Check a question and lay out its votes; parameters and errors as in `find_shift`."""
    if focus in references:
        raise ParameterError(f"references: {focus!r} is the focus; leave it out")
    try:
        day = pd.Timestamp(date.fromisoformat(event))
    except ValueError as error:
        raise ParameterError(f"event: {event!r} is no ISO date") from error
    whole = take_once(build_ballots(record, body=body, blocks="day"))
    whole = whole.take(roll_calls=~whole.roll_calls["kind"].isin(PART_KINDS).to_numpy())
    if focus not in whole.members:
        raise SelectionError(f"focus: no vote of {focus!r} in this record; correct the id")
    inside = _match(whole.roll_calls, record, body, subject)
    on_subject = whole.take(roll_calls=inside)
    dates = on_subject.roll_calls["date"]
    if not (dates == day).any() or not (dates < day).any():
        raise SelectionError(
            f"event: no vote on the subject {subject!r} on {event}, or none before it"
        )
    first = on_subject.roll_calls.loc[dates == day, "roll_call"].iloc[0]
    return Case(
        focus=focus,
        references=tuple(r for r in references if r in whole.members),
        day=day,
        target=str(find_roll_call(record, target)["roll_call"]) if target else str(first),
        subject=subject,
        years=years,
        whole=whole,
        on_subject=on_subject,
        is_whole=is_whole(record),
    )


def is_whole(record: Record) -> bool:
    """Return whether a record is of all subjects: it has votes of several subject codes.

    Examples
    --------
    >>> from helpers.record import load_record
    >>> is_whole(load_record("dossier"))
    False
    """
    codes = {c for issues in record.roll_calls["issues"].dropna().unique() for c in issues.split()}
    return len(codes) >= _CODES


def _match(roll_calls: pd.DataFrame, record: Record, body: str, subject: str) -> NDArray[np.bool_]:
    """Return which roll calls are of the subject."""
    if not subject:
        return np.ones(len(roll_calls), bool)
    chosen = build_ballots(record, body=body, subject=subject).roll_calls["roll_call"]
    return roll_calls["roll_call"].isin(chosen).to_numpy()
