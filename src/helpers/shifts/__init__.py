"""Shifts: did a member change, how much, how rare is that, with whom, and what was it not."""

from helpers.shifts.case import is_whole
from helpers.shifts.expected import (
    Expected,
    ExpectedScore,
    expect_votes,
    measure_calibration,
    score_expected,
)
from helpers.shifts.forecast import (
    Forecast,
    ForecastScore,
    add_next_texts,
    forecast_votes,
    score_forecast,
)
from helpers.shifts.forecast_files import score_written, write_forecast, write_next
from helpers.shifts.member_years import (
    MemberYears,
    load_member_years,
    rank_member_years,
    read_member_years,
    take_once,
    write_member_years,
)
from helpers.shifts.movers import Movers, cast_votes, find_movers, find_roll_call
from helpers.shifts.others import Towards, compare_others, count_absences, count_new_titles
from helpers.shifts.parts import SimilarityParts, split_change
from helpers.shifts.rolls import VotesOn, votes_on
from helpers.shifts.shift import Shift, find_shift
from helpers.shifts.switches import Switches, count_by_run, count_switches, find_runs
from helpers.shifts.watch import Watch, watch_release, write_watch

__all__ = [
    "Expected",
    "ExpectedScore",
    "Forecast",
    "ForecastScore",
    "MemberYears",
    "Movers",
    "Shift",
    "SimilarityParts",
    "Switches",
    "Towards",
    "VotesOn",
    "Watch",
    "add_next_texts",
    "cast_votes",
    "compare_others",
    "count_absences",
    "count_by_run",
    "count_new_titles",
    "count_switches",
    "expect_votes",
    "find_movers",
    "find_roll_call",
    "find_runs",
    "find_shift",
    "forecast_votes",
    "is_whole",
    "load_member_years",
    "measure_calibration",
    "rank_member_years",
    "read_member_years",
    "score_expected",
    "score_forecast",
    "score_written",
    "split_change",
    "take_once",
    "votes_on",
    "watch_release",
    "write_forecast",
    "write_member_years",
    "write_next",
    "write_watch",
]
