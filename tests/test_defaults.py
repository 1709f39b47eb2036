"""One set of defaults: a function, a command, a notebook and a report start from the same."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from helpers.ballots import build_ballots
from helpers.blocs import find_blocs, place_members, trace_blocs
from helpers.groups import compare_groups, similarity_with_group, track_group
from helpers.multiverse import run_multiverse
from helpers.similarity import bootstrap_similarity, measure_similarity, track_dyad
from helpers.study import PARAMETERS

ROADS = (
    bootstrap_similarity,
    build_ballots,
    compare_groups,
    find_blocs,
    measure_similarity,
    place_members,
    run_multiverse,
    similarity_with_group,
    trace_blocs,
    track_dyad,
    track_group,
)
ALIKE = {
    *("measure", "distance", "absence", "roll_call_weights", "min_shared", "blocks", "replicates"),
    *("nulls", "level", "seed", "method", "body", "date_from", "date_to", "sessions", "subject"),
    *("kinds", "members"),
}
"""Parameters of a study that are options of functions under the same name."""

OTHERS = {(similarity_with_group, "min_shared"): 1, (place_members, "method"): "mds"}
"""A group is shown for any number of roll calls, each an average over its members, with its n."""


@pytest.mark.parametrize("road", ROADS, ids=lambda f: f.__name__)
def test_defaults_are_those_of_a_study(road: Callable[..., object]) -> None:
    options = inspect.signature(road).parameters
    shared = {name: options[name].default for name in options if name in ALIKE}
    expected = {name: OTHERS.get((road, name), PARAMETERS[name].default) for name in shared}
    assert shared == expected


def test_the_test_sees_the_options() -> None:
    """Seed, replicates and the minimum were 1, 200 and 1 here, and others there."""
    options = inspect.signature(find_blocs).parameters
    assert {name: options[name].default for name in ("seed", "replicates", "min_shared")} == {
        "seed": 1,
        "replicates": 1000,
        "min_shared": 5,
    }
