"""Results show themselves: what, n, options, first rows; nothing from outside runs."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pandas as pd
import pytest

from helpers.ballots import Ballots, Pattern, ballots_from_matrix
from helpers.blocs import BlocHistory, Blocs, find_blocs
from helpers.groups import GroupHistory, GroupPairs
from helpers.multiverse import Multiverse, run_multiverse
from helpers.record import Reconciliation, Record, load_record
from helpers.report.figures import Drawing
from helpers.shifts import Movers, find_movers
from helpers.similarity import (
    Check,
    ConsensusCurve,
    DraftComparison,
    Similarity,
    measure_similarity,
)
from helpers.store import Shown

NASTY = "<script>alert(1)</script>"
PARTIES = [[1, 1, 1, 3, 3, 3], [3, 3, 3, 1, 1, 1], [1, 1, 2, 3, 3, 3]] * 4


def test_every_result_shows_itself() -> None:
    kinds = (Record, Ballots, Similarity, Blocs, BlocHistory, GroupHistory, GroupPairs)
    kinds += (Check, ConsensusCurve, DraftComparison)
    for kind in (*kinds, Pattern, Multiverse, Movers, Reconciliation):
        assert issubclass(kind, Shown), kind


@pytest.fixture(scope="module")
def ballots() -> Ballots:
    return ballots_from_matrix(PARTIES, members=["A", "B", "C", "D", "E", "F"])


def test_a_similarity_says_what_it_is_of_how_much_and_by_which_options(ballots: Ballots) -> None:
    """Six members make 6 * 5 / 2 = 15 dyads."""
    similarity = measure_similarity(ballots, "pi", min_shared=3)
    assert repr(similarity).startswith(
        "Similarity: 15 rows; measure pi, distance linear, members 6"
    )
    assert "min shared 3" in repr(similarity)
    page = similarity._repr_html_()
    assert "Similarity of every dyad of a selection" in page
    assert "measure: pi; distance: linear; members: 6" in page
    assert page.count("<tr") == 1 + 5  # the head and the first five rows
    assert "and 10 more rows" in page


def test_each_shows_its_own_rows(ballots: Ballots) -> None:
    record = load_record("dossier")
    assert repr(record).startswith("Record: 53 rows; source Votes of the United Nations on Ukraine")
    assert repr(ballots).startswith("Ballots: 12 rows; members 6")
    movers = find_movers(record, "A/RES/ES-11/6", "A/RES/ES-11/7")
    assert repr(movers).startswith("Movers: 193 rows; before dossier-A/RES/ES-11/6")
    statements = ["same_bloc(A, B)", "apart(A)"]
    grid = {"measure": ["agreement"], "method": ["average"], "k": [2]}
    multiverse = run_multiverse(ballots, grid, statements)
    assert repr(multiverse).startswith("Multiverse: 2 rows")
    assert "same_bloc(A, B)" in multiverse._repr_html_()
    blocs = find_blocs(ballots, replicates=10, nulls=100)
    assert repr(blocs).startswith("Blocs: 6 rows;")
    assert "method average, replicates 10" in repr(blocs)
    assert "k auto" not in repr(blocs)  # what was found, not what was asked for


def test_what_comes_from_outside_is_escaped() -> None:
    calls = pd.DataFrame({"roll_call": [NASTY], NASTY: [NASTY]})
    record = Record(pd.DataFrame(), calls, pd.DataFrame(), pd.DataFrame(), {"title": NASTY})
    assert "<script" not in record._repr_html_()
    assert record._repr_html_().count("&lt;script&gt;") == 4  # source, column and two cells


def test_a_drawing_shows_its_picture_and_says_what_it_shows() -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([0, 1], [0, 1])
    drawing: Any = Drawing(figure, pd.DataFrame(), "A line that <rises>.")
    assert repr(drawing) == "A line that <rises>."
    assert drawing._repr_html_().startswith("<svg role=")
    assert "<rises>" not in drawing._repr_html_()


def test_results_load_no_drawing_library() -> None:
    code = (
        "import sys, helpers.study.results\n"
        "assert not {'matplotlib', 'seaborn', 'tqdm'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
