"""Ballots: a selection of the record as a matrix, cut, drawn again or simulated."""

from helpers.ballots.resampling import FEW_BLOCKS, draw_weights, permute_within_roll_calls
from helpers.ballots.select import (
    ABSENCE_RULES,
    BLOCK_KINDS,
    ROLL_CALL_WEIGHTS,
    Ballots,
    ballots_from_matrix,
    build_ballots,
    parse_sessions,
    select_roll_calls,
)

__all__ = [
    "ABSENCE_RULES",
    "BLOCK_KINDS",
    "FEW_BLOCKS",
    "ROLL_CALL_WEIGHTS",
    "Ballots",
    "ballots_from_matrix",
    "build_ballots",
    "draw_weights",
    "parse_sessions",
    "permute_within_roll_calls",
    "select_roll_calls",
]
