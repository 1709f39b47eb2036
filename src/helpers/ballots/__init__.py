"""Ballots: a selection of the record as a matrix, cut, drawn again or simulated."""

from helpers.ballots.bridges import PART_KINDS, Bridges, find_bridges, normalise_titles
from helpers.ballots.composition import Composition, compare_months, measure_composition
from helpers.ballots.pattern import Pattern, find_pattern
from helpers.ballots.resampling import FEW_BLOCKS, draw_weights, permute_within_roll_calls
from helpers.ballots.select import (
    ABSENCE_RULES,
    BLOCK_KINDS,
    ROLL_CALL_WEIGHTS,
    STATE_RULES,
    Ballots,
    ballots_from_matrix,
    build_ballots,
    parse_sessions,
    select_roll_calls,
)
from helpers.ballots.shares import PARTINGS, VoteShares, vote_shares
from helpers.ballots.windows import (
    PARTS,
    Window,
    find_day,
    read_windows,
    split_event,
    split_windows,
)

__all__ = [
    "ABSENCE_RULES",
    "BLOCK_KINDS",
    "FEW_BLOCKS",
    "PARTINGS",
    "PARTS",
    "PART_KINDS",
    "ROLL_CALL_WEIGHTS",
    "STATE_RULES",
    "Ballots",
    "Bridges",
    "Composition",
    "Pattern",
    "VoteShares",
    "Window",
    "ballots_from_matrix",
    "build_ballots",
    "compare_months",
    "draw_weights",
    "find_bridges",
    "find_day",
    "find_pattern",
    "measure_composition",
    "normalise_titles",
    "parse_sessions",
    "permute_within_roll_calls",
    "read_windows",
    "select_roll_calls",
    "split_event",
    "split_windows",
    "vote_shares",
]
