"""Presets: which published number is which measure; an absence of half a point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.ballots import ballots_from_matrix, build_ballots
from helpers.errors import ParameterError
from helpers.record import ABSENT, ABSTAIN, MISSING, NO, YES, Record, load_record
from helpers.similarity import (
    MEASURES,
    PRESETS,
    bootstrap_similarity,
    measure_counts,
    measure_similarity,
    presets_table,
    replicate_similarity,
    warn_preset,
)

LIBRARY = "undl_id,ms_code,ms_name,ms_vote,date,session,resolution,agenda_title\n"
FIVE = [("N", "N"), ("N", "Y"), ("Y", "Y"), ("N", "A"), ("N", "X")]
"""Two the same, one opposite, one one-sided abstention, one absence."""

RULES = {
    # arithmetic on FIVE: 2 / (2 + 1); (2 + 1/2) / 4; (2 + 1/2 + 1/2) / 5; 2 / 4
    "state-department-1985": 2 / 3,
    "state-department-2017": 0.625,
    "voeten-agree": 0.625,
    "state-department-2021": 0.6,
    "identical": 0.5,
}


@pytest.fixture
def five(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """Five roll calls of the United States and Chile, in the Library's layout."""
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    rows = "".join(
        f"92000{i},{code},{name},{vote},2019-11-0{i},74,A/RES/74/90{i},Item {i}\n"
        for i, pair in enumerate(FIVE, 1)
        for code, name, vote in zip(("USA", "CHL"), ("UNITED STATES", "CHILE"), pair, strict=True)
    )
    path = tmp_path / "five.csv"
    path.write_text(LIBRARY + rows, encoding="utf-8")
    return load_record("undl-ga", files=[path])


@pytest.mark.parametrize("preset", RULES)
def test_the_rules_differ_on_five_roll_calls(five: Record, preset: str) -> None:
    ballots = build_ballots(five, absence=PRESETS[preset].absence, blocks="roll_call")
    found = measure_similarity(ballots, preset, min_shared=1)
    assert float(found.dyad("USA", "CHL")["value"]) == pytest.approx(RULES[preset], abs=1e-12)
    assert found.measure == preset
    drawn = bootstrap_similarity(ballots, preset, min_shared=1, replicates=50).dyad("CHL", "USA")
    assert drawn["value"] == found.dyad("CHL", "USA")["value"]
    assert drawn["low"] < drawn["value"] < drawn["high"]


def test_every_case_has_a_preset_and_every_preset_a_case() -> None:
    assert set(RULES) == set(PRESETS) <= set(MEASURES)
    assert presets_table()["preset"].tolist() == list(PRESETS)


def _score_half(first: list[int], second: list[int], weights: np.ndarray) -> float:
    """Half a point for an abstention or an absence of either, roll call by roll call."""
    points = {(YES, YES): 1.0, (NO, NO): 1.0, (ABSTAIN, ABSTAIN): 1.0, (YES, NO): 0.0}
    points |= {(NO, YES): 0.0}
    total = weight = 0.0
    for a, b, w in zip(first, second, weights, strict=True):
        if MISSING not in (a, b):
            total, weight = total + w * points.get((a, b), 0.5), weight + w
    return total / weight


def test_an_absence_of_half_a_point_equals_a_loop_over_the_roll_calls() -> None:
    rng = np.random.default_rng(3)
    votes = rng.choice([MISSING, YES, ABSTAIN, NO, ABSENT], (70, 5), p=[0.1, 0.3, 0.2, 0.2, 0.2])
    ballots = ballots_from_matrix(votes, members=list("ABCDE"), absence="half")
    found = measure_similarity(ballots, "state-department-2021")
    for i, a in enumerate("ABCDE"):
        for j in range(i):
            expected = _score_half(votes[:, i], votes[:, j], np.ones(70))
            assert found.values.loc[a, "ABCDE"[j]] == pytest.approx(expected, abs=1e-12)
    assert measure_similarity(ballots, "lijphart").values.equals(found.values)
    twice = measure_similarity(ballots, "s").values
    pd.testing.assert_frame_equal(twice, 2 * found.values - 1, rtol=0, atol=1e-12)


def test_replicates_of_half_a_point_equal_the_loop_with_the_draws_as_weights() -> None:
    rng = np.random.default_rng(4)
    votes = rng.choice([MISSING, YES, ABSTAIN, NO, ABSENT], (90, 4))
    ballots = ballots_from_matrix(votes, members=list("ABCD"), absence="half")
    draws = rng.integers(0, 4, (20, 90)).astype(np.uint8)
    found = replicate_similarity(ballots, draws, "state-department-2021")
    first, second = np.triu_indices(4, 1)
    for r in range(20):
        expected = [
            _score_half(votes[:, i], votes[:, j], draws[r])
            for i, j in zip(first, second, strict=True)
        ]
        np.testing.assert_allclose(found[r], expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("measure", "absence", "sentence"),
    [
        ("state-department-2021", "missing", "published with absence 'half'"),
        ("state-department-2017", "half", "published with absence 'missing'"),
        ("pi", "half", "for which 'pi' with distance 'linear' has no place"),
        ("agreement", "half", "use lijphart, or s with distance 'linear'"),
    ],
)
def test_what_does_not_go_together_is_said(measure: str, absence: str, sentence: str) -> None:
    ballots = ballots_from_matrix([[1, 1], [1, 3]], members=["USA", "CHL"], absence=absence)
    with pytest.raises(ParameterError, match=sentence):
        measure_similarity(ballots, measure)
    counts = np.ones((4, 4) if absence == "half" else (3, 3))
    with pytest.raises(ParameterError, match=sentence):
        measure_counts(counts, measure, absence=absence)


def test_a_preset_says_why_its_number_may_not_come_out() -> None:
    days = pd.to_datetime(["2005-12-01", "2019-12-01"])
    calls = pd.DataFrame({"date": days, "kind": ["resolution", "resolution"]})
    (paragraphs, years) = warn_preset("state-department-1985", calls)
    assert "up to 12 points lower than printed" in paragraphs
    assert years.endswith("for 2019 (it is 1985 to 2016)")
    assert warn_preset("state-department-2017", calls) == []
    mixed = calls.assign(kind=["resolution", "paragraph"])
    assert "this selection has paragraph as well" in warn_preset("state-department-2017", mixed)[0]
    assert len(warn_preset("state-department-1985", calls.tail(1))) == 1
