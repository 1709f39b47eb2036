"""The statement language, the grid, and what survives it, on assemblies small enough to check."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.ballots.select import ballots_from_matrix, build_ballots
from helpers.ballots.simulate import simulate_assembly
from helpers.blocs.partition import divide, fill_undefined, leave_out
from helpers.errors import ParameterError
from helpers.multiverse.run import (
    BY_ARITHMETIC,
    GRID,
    NOT_THERE,
    TIED,
    run_multiverse,
)
from helpers.multiverse.statements import holds_among, holds_by, measure_margin, parse_statements
from helpers.record.load import load_record
from helpers.similarity.measures import measure_similarity

MEMBERS = ["USA", "RUS", "DEU", "ISR", "FRA"]


# --- the language -------------------------------------------------------------------------------


def test_all_forms_are_read():
    texts = [
        "same_bloc(USA, RUS)",
        " apart( USA ) ",
        "similarity(USA,RUS)>=similarity(USA, DEU)",
        "similarity(USA, RUS) < -0.5",
        "nearest(USA) = ISR",
    ]
    same, apart, two, number, nearest = parse_statements(texts, MEMBERS)
    assert (same.kind, same.members) == ("same_bloc", ("USA", "RUS"))
    assert (apart.kind, apart.members) == ("apart", ("USA",))
    assert (two.sign, two.members, two.other) == (">=", ("USA", "RUS"), ("USA", "DEU"))
    assert (number.sign, number.number, number.other) == ("<", -0.5, ())
    assert (nearest.kind, nearest.members, nearest.other) == ("nearest", ("USA",), ("ISR",))
    assert [s.about_blocs for s in (same, apart, two, number, nearest)] == [
        True, True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("same_blok(USA, RUS)", "call: 'same_blok' must be one of same_bloc, apart, similarity, "
         "nearest; did you mean 'same_bloc'?"),
        ("same_bloc(USA)", "same_bloc needs 2 members: same_bloc(A, B)"),
        ("apart(USA, RUS)", "apart needs 1 member: apart(A)"),
        ("same_bloc(USA, USA)", "same_bloc needs two different members, got 'USA' twice"),
        ("same_bloc(USA, RUS) > 1", "nothing may follow same_bloc(...), got '>'"),
        ("similarity(USA, RUS) > many", "> must be followed by a number or similarity(C, D), got "
         "'many'"),
        ("similarity(USA, RUS) = 1", "comparison: '=' must be one of >, <, >=, <=; "
         "did you mean '>='?"),
        ("nearest(USA) > ISR", "nearest(A) must be followed by = and one member"),
        ("nearest(USA) = USA", "'USA' cannot be nearest to itself"),
        ("apart(UAS)", "no member 'UAS'; did you mean 'USA'?"),
        ("similarity(USA, RUS) > similarity(USA, DEU) > 1", "nothing may follow the second "
         "similarity, got '>'"),
    ],
)  # fmt: skip
def test_each_fault_is_one_sentence(text, fault):
    with pytest.raises(ParameterError) as error:
        parse_statements([text], MEMBERS)
    assert str(error.value) == f"statements: {text!r}: {fault}"


def test_what_is_no_statement_is_refused_with_the_forms():
    for text in ["", "__import__('os').system('true')", "USA", "similarity(USA, RUS)"]:
        with pytest.raises(ParameterError, match="statements: "):
            parse_statements([text], MEMBERS)
    with pytest.raises(ParameterError, match=r"write one of same_bloc\(A, B\); apart\(A\)"):
        parse_statements(["similarity(USA, RUS)"], MEMBERS)


def test_all_faults_are_listed_at_once():
    with pytest.raises(ParameterError) as error:
        parse_statements(["apart(XXX)", "apart(USA)", "together(USA, RUS)"], MEMBERS)
    first, second = str(error.value).splitlines()
    assert first == "statements: 'apart(XXX)': no member 'XXX'"
    assert second.startswith("statements: 'together(USA, RUS)': call: 'together' must be one of")


# --- testing a statement ------------------------------------------------------------------------


def test_statements_on_similarity_by_hand():
    values = np.array(
        [[1, 0.3, 0.6, np.nan], [0.3, 1, 0.1, 0], [0.6, 0.1, 1, 0], [np.nan, 0, 0, 1]]
    )
    position = {"USA": 0, "RUS": 1, "DEU": 2, "ISR": 3}

    def test(text):
        statement = parse_statements([text], MEMBERS)[0]
        return holds_by(statement, measure_margin(statement, position, values))

    assert test("similarity(USA, RUS) > similarity(USA, DEU)") is False  # 0.3 > 0.6
    assert test("similarity(USA, RUS) < 0.31") is True
    assert test("similarity(USA, RUS) >= 0.3") is True  # a tie is enough for >=
    assert test("nearest(USA) = DEU") is True
    assert test("nearest(USA) = RUS") is False
    assert test("nearest(USA) = ISR") is None  # undefined
    assert test("similarity(USA, ISR) > 0") is None
    assert test("similarity(USA, FRA) > 0") is None  # not there


def test_margins_by_hand():
    values = np.array(
        [[1, 0.3, 0.6, np.nan], [0.3, 1, 0.1, 0], [0.6, 0.1, 1, 0], [np.nan, 0, 0, 1]]
    )
    position = {"USA": 0, "RUS": 1, "DEU": 2, "ISR": 3}

    def margin(text):
        return measure_margin(parse_statements([text], MEMBERS)[0], position, values)

    assert margin("similarity(USA, RUS) > similarity(USA, DEU)") == pytest.approx(-0.3)  # 0.3 - 0.6
    assert margin("similarity(USA, RUS) < similarity(USA, DEU)") == pytest.approx(0.3)  # turned
    assert margin("similarity(USA, RUS) >= 0.25") == pytest.approx(0.05)
    assert margin("nearest(USA) = DEU") == pytest.approx(0.3)  # 0.6 - 0.3, the next
    assert margin("nearest(USA) = RUS") == pytest.approx(-0.3)  # 0.3 - 0.6, the nearest
    assert np.isnan(margin("nearest(USA) = ISR"))


def test_a_tie_is_not_tested_unless_the_sign_allows_it():
    for text, expected in [
        ("nearest(USA) = DEU", None),
        ("similarity(USA, RUS) >= 0.3", True),
        ("similarity(USA, RUS) > 0.3", None),
        ("similarity(USA, RUS) < 0.3", None),
    ]:
        assert holds_by(parse_statements([text], MEMBERS)[0], 0.0) is expected


def test_statements_on_blocs_by_hand():
    # Twenty members: 15 in bloc 1, three in bloc 2 (a main bloc has three or more), two isolates.
    labels = np.array([1] * 15 + [2] * 3 + [0] * 2)
    position = {"USA": 0, "RUS": 1, "DEU": 15, "ISR": 18, "FRA": 19}

    def test(text):
        return holds_among(parse_statements([text], MEMBERS)[0], position, labels)

    assert test("same_bloc(USA, RUS)") is True
    assert test("same_bloc(USA, DEU)") is False
    assert test("same_bloc(ISR, FRA)") is False  # two isolates share no bloc
    assert test("apart(ISR)") is True
    assert test("apart(DEU)") is False
    # Of 100 members a bloc of three is a fringe (below 5%).
    more = np.array([1] * 97 + [2] * 3)
    assert holds_among(parse_statements(["apart(USA)"], MEMBERS)[0], {"USA": 99}, more) is True


# --- the grid -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def planted():
    ballots, truth = simulate_assembly(30, 40, [14, 10, 6], 0.1, 0.1, seed=1)
    return ballots, truth


STATEMENTS = [
    "same_bloc(M001, M002)",
    "same_bloc(M001, M030)",
    "similarity(M001, M002) > similarity(M001, M030)",
    "apart(M001)",
]


def test_findings_that_are_true_survive(planted):
    ballots, _ = planted
    grid = {
        "measure": ["agreement", "s", "pi"],
        "distance": ["nominal", "linear"],
        "method": ["average", "kmedoids", "hdbscan"],
        "k": [2, 3],
    }
    found = run_multiverse(ballots, grid, STATEMENTS)
    # agreement has one distance, s and pi two: 5 matrices; average and k-medoids with two k each,
    # HDBSCAN once: 5 partitions; 25 specifications of the three statements on blocs, and five of
    # the one on similarity, to which method and k do not matter.
    assert found.distinct_similarities == 5 and found.identical == 0
    assert len(found.cells) == 25 * 3 + 5
    assert found.cells["specification"].nunique() == 30
    assert list(found.cells.columns) == [
        "specification", "period", *GRID, "statement", "holds", "margin", "why",
    ]  # fmt: skip
    shares = found.summary.set_index("statement")["share"]
    assert shares[STATEMENTS[0]] == 1.0
    assert shares[STATEMENTS[2]] == 1.0
    assert shares[STATEMENTS[3]] == 0.0
    assert found.summary["specifications"].tolist() == [25, 25, 5, 25]
    assert found.periods == ["all"] and found.contrast.empty


def test_cells_say_what_the_parts_say(planted):
    ballots, _ = planted
    grid = {"measure": ["kappa"], "method": ["complete"], "k": [3]}
    cells = run_multiverse(ballots, grid, STATEMENTS).cells.set_index("statement")["holds"]
    values = measure_similarity(ballots, "kappa").values
    kept, _ = leave_out(ballots, 0.25)
    full = fill_undefined(values.to_numpy(), np.full((30, 30), 40.0), "kappa", 1)
    labels = dict(zip(kept.members, divide(full, "complete", (3,), 1)[0], strict=True))
    assert cells[STATEMENTS[0]] == (labels["M001"] == labels["M002"])
    assert cells[STATEMENTS[1]] == (labels["M001"] == labels["M030"])
    assert cells[STATEMENTS[2]] == (values.at["M001", "M002"] > values.at["M001", "M030"])


def test_the_choice_that_turns_a_statement_is_named():
    # A and B always agree but on abstentions; agreement counts those, coincidence does not.
    rng = np.random.default_rng(2)
    votes = rng.integers(1, 4, size=(60, 8))
    votes[:, 1] = np.where(rng.random(60) < 0.5, 2, votes[:, 0])
    ballots = ballots_from_matrix(votes, members=list("ABCDEFGH"))
    grid = {"measure": ["agreement", "coincidence"], "method": ["average"], "k": [2, 3]}
    found = run_multiverse(ballots, grid, ["similarity(A, B) > 0.9"])
    assert found.summary["share"].tolist() == [0.5]
    assert found.summary["turned_by"].tolist() == ["measure"]
    turning = found.turning.set_index("choice")
    # All pairs that differ in the measure only disagree; k is no choice of similarity.
    assert turning["flips"].to_dict() == {"measure": 1.0}
    assert turning.loc["measure", ["low", "high"]].tolist() == ["agreement", "coincidence"]


def test_specifications_that_cannot_be_computed_are_listed(planted):
    ballots, _ = planted
    grid = {"measure": ["pi"], "method": ["average"], "k": [2, 99]}
    found = run_multiverse(ballots, grid, ["apart(M001)"])
    assert found.skipped["why"].tolist() == ["k: 99 is not less than the 30 members"]
    left_out = ballots.take(roll_calls=np.arange(40))
    left_out.votes[:, 0] = 0
    found = run_multiverse(left_out, {"measure": ["pi"], "k": [2]}, ["apart(M001)"])
    assert found.cells["holds"].isna().all()
    assert found.summary["untested"].item() == len(found.cells)
    assert np.isnan(found.summary["share"].item())
    assert found.summary["why"].item() == NOT_THERE


def test_a_wrong_grid_is_refused_with_all_its_faults(planted):
    ballots, _ = planted
    grid = {"measure": ["phi"], "methods": ["average"], "k": [1], "absence": ["missing"]}
    with pytest.raises(ParameterError) as error:
        run_multiverse(ballots, grid, [])
    lines = str(error.value).splitlines()
    assert lines[0].startswith("grid: 'methods' must be one of measure, distance")
    assert any(line.startswith("measure: 'phi' must be one of agreement") for line in lines)
    assert "k: 1 must be a whole number from 2" in lines
    assert "grid: absence needs a record, and ballots were given" in lines


def test_wrong_statements_stop_before_anything_runs(planted, monkeypatch):
    from helpers.multiverse import run

    def fail(*args, **kwargs):
        raise AssertionError("computed")

    monkeypatch.setattr(run, "joint_weights", fail)
    with pytest.raises(ParameterError, match="no member 'USA'"):
        run_multiverse(planted[0], {}, ["apart(USA)"])


def test_the_period_is_the_question_and_what_is_the_same_counts_once():
    """The dossier: 21 votes before 24 February 2025, two of that day."""
    grid = {
        "measure": ["agreement", "pi", "kappa"],
        "absence": ["missing", "abstain"],
        "roll_call_weights": ["equal", "identical"],
        "method": ["average"],
        "k": [2, 3],
    }
    texts = ["same_bloc(USA, DEU)", "similarity(USA, RUS) > 0.2", "similarity(USA, RUS) > 0"]
    found = run_multiverse(
        load_record("dossier"), grid, texts, windows=["2025-02-24"], min_shared=1
    )
    before, since = found.periods
    assert (before, since) == ("before 2025-02-24", "since 2025-02-24")
    summary = found.summary.set_index(["statement", "period"])
    # No vote of the dossier is recorded twice, so that weights change nothing: of 3 measures x 2
    # absence rules x 2 weights a half is left out in each period; two k give 12 specifications.
    assert found.identical == 2 * 3 * 2
    assert summary.loc[(texts[0], before), "specifications"] == 12
    assert "roll_call_weights" not in set(found.turning["choice"])
    assert summary.loc[(texts[0], before), "share"] == 1.0
    assert np.isnan(summary.loc[(texts[0], since), "share"])
    assert summary.loc[(texts[0], since), "why"] == "2 votes: the pattern is all there is"
    # The United States voted yes and Russia no on all 21: kappa is 0 by arithmetic, agreement 0.
    assert summary.loc[(texts[1], before), ["share", "untested"]].tolist() == [0.0, 2]
    cells = found.cells[found.cells["statement"] == texts[2]].set_index(["measure", "period"])
    assert cells.loc[("kappa", before), "why"].unique().tolist() == [BY_ARITHMETIC]
    assert cells.loc[("agreement", before), "why"].unique().tolist() == [TIED]
    # On the day they agreed once in two votes: 0.5 is more than 0.2.
    contrast = found.contrast.set_index("statement")
    assert contrast.loc[texts[1], ["share_from", "share_to"]].iloc[0] == 0.0
    assert contrast.loc[texts[1], "gained"] > 0 and contrast.loc[texts[1], "lost"] == 0
    assert contrast.loc[texts[0], "both"] == 0


@pytest.mark.mirror
def test_in_2025_israel_is_nearest_under_every_measure(mirror):
    # Guide of the project: "moved away from everyone but Israel (0.75; the next is 0.25)".
    record = load_record("undl-ga", mirror=mirror)
    ballots = build_ballots(record, date_from="2025-01-01")
    grid = {
        "measure": ["agreement", "lijphart", "s", "kappa", "pi", "alpha"],
        "method": ["average", "complete", "spectral", "kmedoids"],
        "k": [2, 3, 4, 5],
    }
    texts = ["nearest(USA) = ISR", "apart(USA)", "similarity(USA, DEU) > 0"]
    found = run_multiverse(ballots, grid, texts, min_shared=10)
    summary = found.summary.set_index("statement")
    assert summary.loc["nearest(USA) = ISR", "share"] == 1.0
    assert 0.1 < summary.loc["apart(USA)", "share"] < 0.9
    assert summary.loc["similarity(USA, DEU) > 0", "turned_by"] == "measure"
