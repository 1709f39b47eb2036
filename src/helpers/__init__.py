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
    from helpers.ballots import (
        Ballots,
        ballots_from_matrix,
        build_ballots,
        find_bridges,
        vote_shares,
    )
    from helpers.blocs import Blocs, find_blocs, place_members, trace_blocs
    from helpers.errors import UnblocsError
    from helpers.groups import compare_groups, similarity_with_group, track_group
    from helpers.ideal_points import estimate_points, predict_votes, test_step
    from helpers.multiverse import run_multiverse
    from helpers.record import (
        Record,
        cite,
        clean_source,
        count_modalities,
        count_vetoes,
        group_members,
        load_members,
        load_record,
        read_record,
        reconcile,
        write_record,
    )
    from helpers.run import make_report
    from helpers.shifts import (
        cast_votes,
        expect_votes,
        find_movers,
        find_shift,
        forecast_votes,
        rank_member_years,
        votes_on,
    )
    from helpers.similarity import (
        Similarity,
        bootstrap_similarity,
        check_published,
        compare_with_drafts,
        measure_similarity,
        presets_table,
        rank_members,
        trace_consensus,
        track_dyad,
    )
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
    "check_published": "similarity",
    "cite": "record",
    "clean_source": "record",
    "compare_groups": "groups",
    "expect_votes": "shifts",
    "compare_with_drafts": "similarity",
    "count_modalities": "record",
    "count_vetoes": "record",
    "estimate_points": "ideal_points",
    "find_blocs": "blocs",
    "find_bridges": "ballots",
    "find_movers": "shifts",
    "find_shift": "shifts",
    "forecast_votes": "shifts",
    "group_members": "record",
    "load_members": "record",
    "load_record": "record",
    "make_report": "run",
    "measure_similarity": "similarity",
    "rank_member_years": "shifts",
    "rank_members": "similarity",
    "place_members": "blocs",
    "presets_table": "similarity",
    "predict_votes": "ideal_points",
    "read_record": "record",
    "reconcile": "record",
    "run_multiverse": "multiverse",
    "similarity_with_group": "groups",
    "study_from_notebook": "study",
    "test_step": "ideal_points",
    "trace_blocs": "blocs",
    "trace_consensus": "similarity",
    "track_dyad": "similarity",
    "track_group": "groups",
    "vote_shares": "ballots",
    "votes_on": "shifts",
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
    "check_published",
    "cite",
    "clean_source",
    "compare_groups",
    "compare_with_drafts",
    "count_modalities",
    "count_vetoes",
    "estimate_points",
    "expect_votes",
    "find_blocs",
    "find_bridges",
    "find_movers",
    "find_shift",
    "forecast_votes",
    "group_members",
    "load_members",
    "load_record",
    "make_report",
    "measure_similarity",
    "place_members",
    "predict_votes",
    "presets_table",
    "rank_member_years",
    "rank_members",
    "read_record",
    "reconcile",
    "run_multiverse",
    "similarity_with_group",
    "study_from_notebook",
    "test_step",
    "trace_blocs",
    "trace_consensus",
    "track_dyad",
    "track_group",
    "vote_shares",
    "votes_on",
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
