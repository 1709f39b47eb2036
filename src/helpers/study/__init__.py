"""A study: its parameters, grids of studies, and the results that its notebooks call."""

from helpers.study.grid import Grid, read_grid
from helpers.study.parameters import (
    PARAMETERS,
    Study,
    check_parameters,
    check_study,
    read_study,
    study_from_notebook,
)
from helpers.study.results import Results, load_source

__all__ = [
    "PARAMETERS",
    "Grid",
    "Results",
    "Study",
    "check_parameters",
    "check_study",
    "load_source",
    "read_grid",
    "read_study",
    "study_from_notebook",
]
