"""Windows: what belongs to which, and one way to cut time for every method."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.ballots import (
    ballots_from_matrix,
    build_ballots,
    find_day,
    read_windows,
    split_event,
    split_windows,
)
from helpers.errors import ParameterError
from helpers.record import load_record


@pytest.fixture(scope="module")
def ballots():
    """Session 9 in May 2000 and session 10 in May 2001, when member C is absent throughout."""
    votes = np.array([[1, 3, 2]] * 30 + [[1, 1, 0]] * 30)
    made = ballots_from_matrix(votes, members=["A", "B", "C"])
    made.roll_calls["session"] = np.repeat(["9", "10"], 30)
    days = pd.to_datetime(np.repeat(["2000-05-01", "2001-05-01"], 30))
    made.roll_calls["date"] = days.astype("datetime64[s]")
    return made


def test_windows_come_in_order_of_time(ballots):
    # By name "10" sorts before "9"; by date it comes after.
    assert [w.period for w in split_windows(ballots, "session")] == ["9", "10"]
    assert [w.roll_calls for w in split_windows(ballots, "year")] == [30, 30]
    cut = split_windows(ballots, ["2001-05-01", "2000-06-01"])
    periods = [w.period for w in cut]
    assert periods == ["before 2000-06-01", "2000-06-01 to 2001-04-30", "since 2001-05-01"]
    assert [w.roll_calls for w in cut] == [30, 0, 30]
    assert [str(w.first)[:10] for w in cut] == ["2000-05-01", "NaT", "2001-05-01"]


def test_a_window_has_the_members_that_voted_in_it(ballots):
    early, late = split_windows(ballots, "year")
    assert early.ballots.members == ("A", "B", "C")
    assert late.ballots.members == ("A", "B")
    assert late.ballots.left_out == ()


def test_wrong_windows_are_said(ballots):
    with pytest.raises(ParameterError, match="windows: 'sesion' must be one of session, year; did"):
        split_windows(ballots, "sesion")
    with pytest.raises(ParameterError, match="write dates as 2025-02-24"):
        split_windows(ballots, ["yesterday"])
    bare = ballots_from_matrix(np.ones((2, 2)), members=["A", "B"])
    with pytest.raises(ParameterError, match="windows: 'session' needs a session for each roll"):
        split_windows(bare, "session")
    with pytest.raises(ParameterError, match="no date can cut them"):
        split_windows(bare, ["2000-01-01"])


def test_windows_in_one_text():
    assert read_windows("session") == "session"
    assert read_windows("event") == ()
    assert read_windows("event", "2001-01-01") == ("2001-01-01",)
    assert read_windows("1956-01-01,  1965-01-01") == ("1956-01-01", "1965-01-01")
    with pytest.raises(ParameterError) as error:
        read_windows("yeer")
    assert str(error.value) == (
        "windows: 'yeer' must be one of event, session, year, dates such as '1956-01-01, "
        "1965-01-01'; did you mean 'year'?"
    )
    with pytest.raises(ParameterError, match="write dates as 2025-02-24"):
        read_windows("1956, 1965")


def test_an_event_parts_a_selection_only_where_votes_were_held_on_both_sides(ballots):
    assert list(split_event(ballots)) == ["all"]
    assert list(split_event(ballots, "1999-01-01")) == ["all"]
    assert list(split_event(ballots, "2009-01-01")) == ["all"]
    parts = split_event(ballots, "2001-05-01")
    assert {part: w.roll_calls for part, w in parts.items()} == {
        "all": 60,
        "before": 30,
        "since": 30,
    }
    assert find_day(ballots.roll_calls, "2001-05-01").sum() == 30
    assert find_day(ballots.roll_calls, "").sum() == 0


def test_windows_are_what_the_record_gives_for_the_same_days():
    """The dossier cut at the event has the votes that the record has before and from that day."""
    record = load_record("dossier")
    parts = split_event(build_ballots(record), "2025-02-24")
    asked = {
        "before": build_ballots(record, date_to="2025-02-23"),
        "since": build_ballots(record, date_from="2025-02-24"),
    }
    for part, built in asked.items():
        window = parts[part].ballots
        assert window.members == built.members
        assert np.array_equal(window.votes, built.votes)
        assert np.array_equal(window.blocks, built.blocks)
        assert window.roll_calls["roll_call"].tolist() == built.roll_calls["roll_call"].tolist()
