"""Who votes with whom in the United Nations, since 1946, with uncertainty.

The names that a notebook needs, from clean votes to blocs; each is loaded when it is first used, so
that ``import helpers`` loads little beyond pandas.

Examples
--------
>>> import helpers
>>> record = helpers.load_record("dossier")
>>> ballots = helpers.build_ballots(record, body="GA")
>>> round(float(helpers.measure_similarity(ballots, "agreement").values.loc["USA", "GBR"]), 3)
0.913
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers.ballots import Ballots, ballots_from_matrix, build_ballots
    from helpers.blocs import Blocs, find_blocs, trace_blocs
    from helpers.errors import UnblocsError
    from helpers.groups import compare_groups, similarity_with_group, trace_groups
    from helpers.multiverse import run_multiverse
    from helpers.record import (
        Record,
        clean_source,
        group_members,
        load_members,
        load_record,
        read_record,
        reconcile,
        write_record,
    )
    from helpers.run import make_report
    from helpers.shifts import cast_votes, find_movers
    from helpers.similarity import Similarity, bootstrap_similarity, measure_similarity
    from helpers.study import Results, Study, check_parameters, study_from_notebook

_HOME = {
    "Ballots": "ballots",
    "Blocs": "blocs",
    "Record": "record",
    "Results": "study",
    "Similarity": "similarity",
    "Study": "study",
    "UnblocsError": "errors",
    "ballots_from_matrix": "ballots",
    "bootstrap_similarity": "similarity",
    "build_ballots": "ballots",
    "cast_votes": "shifts",
    "check_parameters": "study",
    "clean_source": "record",
    "compare_groups": "groups",
    "find_blocs": "blocs",
    "find_movers": "shifts",
    "group_members": "record",
    "load_members": "record",
    "load_record": "record",
    "make_report": "run",
    "measure_similarity": "similarity",
    "read_record": "record",
    "reconcile": "record",
    "run_multiverse": "multiverse",
    "similarity_with_group": "groups",
    "study_from_notebook": "study",
    "trace_blocs": "blocs",
    "trace_groups": "groups",
    "write_record": "record",
}

__all__ = [
    "Ballots",
    "Blocs",
    "Record",
    "Results",
    "Similarity",
    "Study",
    "UnblocsError",
    "ballots_from_matrix",
    "bootstrap_similarity",
    "build_ballots",
    "cast_votes",
    "check_parameters",
    "clean_source",
    "compare_groups",
    "find_blocs",
    "find_movers",
    "group_members",
    "load_members",
    "load_record",
    "make_report",
    "measure_similarity",
    "read_record",
    "reconcile",
    "run_multiverse",
    "similarity_with_group",
    "study_from_notebook",
    "trace_blocs",
    "trace_groups",
    "write_record",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name == "__version__":
        from helpers.store import project_version

        return project_version()
    if name not in _HOME:
        raise AttributeError(f"module 'helpers' has no attribute {name!r}")
    return getattr(import_module(f"helpers.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
