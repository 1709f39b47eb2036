"""Shifts: who moved, when, by how much and with whom."""

from helpers.shifts.movers import Movers, cast_votes, find_movers, find_roll_call

__all__ = [
    "Movers",
    "cast_votes",
    "find_movers",
    "find_roll_call",
]
