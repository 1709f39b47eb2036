"""Blocs: groups of members found by their votes, in one selection and through time."""

from helpers.blocs.find import Blocs, find_blocs
from helpers.blocs.history import BlocHistory, bloc_table, trace_blocs
from helpers.blocs.partition import (
    LEAST_SHARE,
    METHODS,
    OWN_K,
    count_shared,
    divide,
    fill_undefined,
    find_main_size,
    leave_out,
    require_flat,
)

__all__ = [
    "LEAST_SHARE",
    "METHODS",
    "OWN_K",
    "BlocHistory",
    "Blocs",
    "bloc_table",
    "count_shared",
    "divide",
    "fill_undefined",
    "find_blocs",
    "find_main_size",
    "leave_out",
    "require_flat",
    "trace_blocs",
]
