"""The multiverse: which statements survive every reasonable choice, and in which period."""

from helpers.multiverse.run import AXES, GRID, Multiverse, choices_table, run_multiverse
from helpers.multiverse.statements import Statement, parse_statements

__all__ = [
    "AXES",
    "GRID",
    "Multiverse",
    "Statement",
    "choices_table",
    "parse_statements",
    "run_multiverse",
]
