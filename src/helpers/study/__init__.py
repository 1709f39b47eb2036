"""A study: its parameters, grids of studies, and the results that its notebooks call."""

from helpers.study.cell import explain_parameter, write_cell
from helpers.study.grid import NAME, Grid, read_grid
from helpers.study.parameters import (
    GROUPS,
    PARAMETERS,
    Study,
    check_parameters,
    check_study,
    check_values,
    read_mapping,
    read_study,
    study_from_notebook,
)
from helpers.study.results import Results, load_source, source_files

__all__ = [
    "GROUPS",
    "NAME",
    "PARAMETERS",
    "Grid",
    "Results",
    "Study",
    "check_parameters",
    "check_study",
    "check_values",
    "explain_parameter",
    "load_source",
    "read_grid",
    "read_mapping",
    "read_study",
    "source_files",
    "study_from_notebook",
    "write_cell",
]
