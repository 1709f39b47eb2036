"""The multiverse: which statements survive every reasonable choice."""

from helpers.multiverse.run import Multiverse, parse_statements, run_multiverse

__all__ = [
    "Multiverse",
    "parse_statements",
    "run_multiverse",
]
