"""Figures of shifts: what they carry, from the dossier and the table that comes with us."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.record import load_record
from helpers.report import figures
from helpers.shifts import Shift, find_shift, load_member_years

NAMES = {"USA": "United States", "RUS": "Russia", "GRD": "Grenada"}


@pytest.fixture(scope="module")
def shift() -> Shift:
    return find_shift(
        load_record("dossier"), "USA", ["RUS", "GBR"], "2025-02-24", subject="ukraine"
    )


def words_in(figure: Figure | None) -> list[str]:
    assert figure is not None
    return [t.get_text() for axes in figure.axes for t in axes.texts]


def test_member_years_name_known_turns_and_mark_the_focus() -> None:
    drawing = figures.draw_member_years(load_member_years(), "USA", 2025, names=NAMES)
    assert drawing.numbers["rank"] == 2
    assert "United States in 2025 is number 2" in drawing.alt
    for figure in (drawing.figure, drawing.narrow):
        words = words_in(figure)
        assert {"United States 2025", "without lone noes", "Grenada 1985"} <= set(words)
    assert drawing.table["member"].eq("USA").sum() > 70  # one dot a year since 1949


def test_a_year_that_is_not_there_is_not_marked() -> None:
    drawing = figures.draw_member_years(load_member_years(), "USA", 2026, names=NAMES)
    assert "rank" not in drawing.numbers
    assert "without lone noes" not in words_in(drawing.figure)


def test_everybody_on_the_day_and_before(shift: Shift) -> None:
    drawing = figures.draw_others(shift, "RUS", names=NAMES)
    assert drawing.numbers["change"] == 0.75
    assert drawing.numbers["reached"] <= 3
    assert "United States +0.75" in drawing.alt
    assert "United States" in words_in(drawing.figure)


def test_texts_put_what_changed_first(shift: Shift) -> None:
    rows = [("a", "b", "Missiles", "yes", "yes"), ("c", "d", "Small arms", "yes", "no")]
    columns = ["before", "after", "title", "vote_before", "vote_after"]
    made = replace(shift, recurring=pd.DataFrame(rows, columns=columns))
    drawing = figures.draw_texts(made)
    assert drawing.table["title"].tolist() == ["Small arms", "Missiles"]
    assert drawing.numbers == {"texts": 2, "changed": 1, "drawn": 2}
    assert drawing.alt == "2 texts voted on again, 1 with another vote than before."


def test_parts_say_what_behaviour_gave(shift: Shift) -> None:
    values = {"behaviour": -0.03, "agenda": 0.02, "only before": -0.11, "only after": 0.0}
    rows = [("RUS", part, value) for part, value in {**values, "change": -0.12}.items()]
    parts = pd.DataFrame(rows, columns=["reference", "part", "value"])
    drawing = figures.draw_parts(replace(shift, similarity_parts=parts), names=NAMES)
    assert drawing.alt == "Change of agreement with Russia -0.12, of it -0.03 behaviour."
