"""Blocs: groups of members found by their votes, in one selection and through time."""

from helpers.blocs.constants import CONSTANTS, Constants, constants_table
from helpers.blocs.cuts import Choice, Cuts, choose_cut, cut_assembly, cut_members
from helpers.blocs.describe import Description, describe_blocs
from helpers.blocs.enough import say_too_few
from helpers.blocs.find import Blocs, explain_votes, find_blocs, place_in_blocs, word_p_value
from helpers.blocs.gradient import ANSWERS, Gradient, GradientTest, compare_with_gradient
from helpers.blocs.history import BlocHistory, trace_blocs
from helpers.blocs.options import LEAST_NULLS, BlocOptions
from helpers.blocs.partition import (
    METHODS,
    OWN_K,
    count_shared,
    divide,
    fill_undefined,
    find_main_size,
    leave_out,
    require_flat,
)
from helpers.blocs.place import PLACINGS, Placement, place_members

__all__ = [
    "ANSWERS",
    "CONSTANTS",
    "LEAST_NULLS",
    "METHODS",
    "OWN_K",
    "PLACINGS",
    "BlocHistory",
    "BlocOptions",
    "Blocs",
    "Choice",
    "Constants",
    "Cuts",
    "Description",
    "Gradient",
    "GradientTest",
    "Placement",
    "choose_cut",
    "compare_with_gradient",
    "constants_table",
    "count_shared",
    "cut_assembly",
    "cut_members",
    "describe_blocs",
    "divide",
    "explain_votes",
    "fill_undefined",
    "find_blocs",
    "find_main_size",
    "leave_out",
    "place_in_blocs",
    "place_members",
    "require_flat",
    "say_too_few",
    "trace_blocs",
    "word_p_value",
]
