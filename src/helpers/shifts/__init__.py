"""Shifts: did a member change, how much, how rare is that, with whom, and what was it not."""

from helpers.shifts.expected import (
    Expected,
    ExpectedScore,
    expect_votes,
    measure_calibration,
    score_expected,
)
from helpers.shifts.member_years import (
    MemberYears,
    load_member_years,
    rank_member_years,
    read_member_years,
    write_member_years,
)
from helpers.shifts.movers import Movers, cast_votes, find_movers, find_roll_call
from helpers.shifts.switches import Switches, count_by_run, count_switches, find_runs

__all__ = [
    "Expected",
    "ExpectedScore",
    "MemberYears",
    "Movers",
    "Switches",
    "cast_votes",
    "count_by_run",
    "count_switches",
    "expect_votes",
    "find_movers",
    "find_roll_call",
    "find_runs",
    "load_member_years",
    "measure_calibration",
    "rank_member_years",
    "read_member_years",
    "score_expected",
    "write_member_years",
]
