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
    from helpers.ballots import Ballots, build_ballots
    from helpers.bloc_history import trace_blocs
    from helpers.blocs import Blocs, find_blocs
    from helpers.errors import UnblocsError
    from helpers.members import group_members, load_members
    from helpers.movers import find_movers
    from helpers.multiverse import run_multiverse
    from helpers.parameters import Study, check_parameters
    from helpers.pipeline import make_report
    from helpers.reconcile import reconcile
    from helpers.record import clean_source, load_record, read_record, write_record
    from helpers.similarity import Similarity, bootstrap_similarity, measure_similarity
    from helpers.tables import Record

_HOME = {
    "Ballots": "ballots",
    "Blocs": "blocs",
    "Record": "tables",
    "Similarity": "similarity",
    "Study": "parameters",
    "UnblocsError": "errors",
    "bootstrap_similarity": "similarity",
    "build_ballots": "ballots",
    "check_parameters": "parameters",
    "clean_source": "record",
    "find_blocs": "blocs",
    "find_movers": "movers",
    "group_members": "members",
    "load_members": "members",
    "load_record": "record",
    "make_report": "pipeline",
    "measure_similarity": "similarity",
    "read_record": "record",
    "reconcile": "reconcile",
    "run_multiverse": "multiverse",
    "trace_blocs": "bloc_history",
    "write_record": "record",
}

__all__ = [
    "Ballots",
    "Blocs",
    "Record",
    "Similarity",
    "Study",
    "UnblocsError",
    "bootstrap_similarity",
    "build_ballots",
    "check_parameters",
    "clean_source",
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
    "trace_blocs",
    "write_record",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module 'helpers' has no attribute {name!r}")
    return getattr(import_module(f"helpers.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
