"""Life lines, known groups and specification curves: what is drawn and said, from small tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers import report
from helpers.blocs import BlocOptions
from helpers.blocs.history import OVERLAP_COLUMNS, BlocHistory
from helpers.groups.history import GroupHistory
from helpers.report import figures as plots
from helpers.report.figures.curves import ANSWERS, list_unsettled, sort_specifications
from helpers.report.figures.lifelines import lifeline_table, name_windows, nearest_groups
from helpers.report.sections.groups import cohesion_numbers, show_groups, word_cohesion
from helpers.report.sections.history import line_numbers, word_lines
from helpers.study.parameters import check_parameters, read_study
from helpers.study.results import Results

NAMES = {"AAA": "Aland", "BBB": "Beland", "DDD": "Deland"}
WINDOWS = ["1", "2", "3", "4"]


def words_in(figure: Figure) -> list[str]:
    texts = [t.get_text() for axes in figure.axes for t in axes.texts]
    ticks = [
        t.get_text()
        for axes in figure.axes
        for t in [*axes.get_xticklabels(), *axes.get_yticklabels()]
    ]
    return [t for t in texts + ticks if t]


@pytest.fixture(scope="module")
def history() -> BlocHistory:
    """Line 1 takes in line 2 after the second window; in the third no blocs are found."""
    places = {
        "1": {"AAA": 1, "BBB": 1, "CCC": 1, "DDD": 2, "EEE": 2, "FFF": 2},
        "2": {"AAA": 1, "BBB": 1, "CCC": 1, "DDD": 2, "EEE": 2, "FFF": 2},
        "4": {"AAA": 1, "BBB": 1, "CCC": 3, "DDD": 1, "EEE": 1, "FFF": 1, "GGG": 3, "HHH": 3},
    }
    rows = [
        {"period": p, "member": m, "bloc": b, "line": b, "node": f"line {b}"}
        for p, blocs in places.items()
        for m, b in blocs.items()
    ]
    rows += [
        {"period": "3", "member": m, "bloc": 1, "line": pd.NA, "node": "undivided"}
        for m in places["1"]
    ]
    table = pd.DataFrame(rows).astype({"line": "Int64"})
    periods = pd.DataFrame(
        {
            "period": WINDOWS,
            "structure": [True, True, False, True],
            "why": "",
            "n_blocks": [20, 20, 20, 5],
        }
    )
    names = {1: "AAA, BBB", 2: "DDD, EEE", 3: "CCC, GGG"}
    lines = pd.DataFrame(
        [
            {"line": b, "name": names[b], "period": p, "bloc": b, "size": n, "kept": np.nan}
            for b, p, n in [
                *((1, "1", 3), (1, "2", 3), (1, "4", 5)),
                *((2, "1", 3), (2, "2", 3), (3, "4", 3)),
            ]
        ]
    ).assign(typical=lambda t: t["name"])
    overlap = pd.DataFrame(
        [
            ("1", 2, 2, "EAST", 3, 3, 1.0, 1.0, 1.0),
            ("1", 1, 1, "WEST", 2, 4, 0.5, 0.67, 0.4),
            ("2", 1, 1, "WEST", 1, 4, 0.25, 0.33, 0.17),
        ],
        columns=list(OVERLAP_COLUMNS),
    )
    moves = pd.DataFrame(
        [("DDD", "2", "4", "line 2", "line 1", 0.9)],
        columns=["member", "period_from", "period_to", "node_from", "node_to", "probability"],
    )
    return BlocHistory(table, periods, lines, pd.DataFrame(), moves, overlap, 0, BlocOptions())


# --- windows --------------------------------------------------------------------------------------


def test_windows_of_one_year_and_of_days() -> None:
    names = ["before 1990-01-01", "1990-01-01 to 1990-12-31", "1991-01-01 to 1991-06-30"]
    days = pd.to_datetime(["1989-03-01", "1990-03-01", "1991-03-01"])
    short = name_windows(pd.DataFrame({"period": names, "from": days, "to": days}))
    assert list(short.values()) == ["1989", "1990", "1 Jan 1991 to 30 Jun 1991"]


# --- life lines -----------------------------------------------------------------------------------


def test_life_lines_tell_birth_end_and_size(history: BlocHistory) -> None:
    drawing = plots.draw_lifelines(history, names=NAMES)
    assert "Life lines of 3 blocs over 4 windows" in drawing.alt
    assert "Line 1 (Aland, Beland) from 1 to 4, 3 to 5 members." in drawing.alt
    assert "Line 3 (CCC, GGG) in 4, 3 members." in drawing.alt
    words = words_in(drawing.figure)
    assert "no blocs found" in words
    assert {"EAST", "WEST"} <= set(words)
    assert sum(w.startswith(("1 · Aland", "2 · Deland", "3 · CCC")) for w in words) == 3
    # Five sizes of 3 and the name of the third window; one size of 5.
    assert (words.count("3"), words.count("5")) == (6, 1)


def test_bands_between_lines_are_the_members_that_went(history: BlocHistory) -> None:
    from helpers.report.figures.lifelines import _plan

    plan = _plan(history, [1, 2, 3], NAMES)
    # Three of line 2 go to line 1, one of line 1 to line 3: a third of the smaller bloc.
    assert sorted(plan.moves) == [(1, 1, 3, 3, 1), (2, 1, 1, 3, 3)]
    assert plan.gaps == {2: "no blocs found"}


def test_smaller_lines_are_counted_and_stay_in_the_table(history: BlocHistory) -> None:
    drawing = plots.draw_lifelines(history, names=NAMES, limit=2)
    assert "1 smaller lines are only in the table" in drawing.alt
    assert drawing.table["line"].nunique() == 3


def test_groups_name_lines_only_where_they_overlap_enough(history: BlocHistory) -> None:
    near = nearest_groups(history).set_index(["line", "period"])["group"]
    assert near.to_dict() == {(2, "1"): "EAST", (1, "1"): "WEST"}  # 0.17 is too little
    table = lifeline_table(history, NAMES).set_index(["period", "line"])["groups"]
    assert table["1", 2] == "EAST (100% of it, 100% of the bloc)"
    assert table["2", 1] == "no known group"


def test_lines_in_words(history: BlocHistory) -> None:
    words = word_lines(line_numbers(history), NAMES)
    assert words == [
        "3 blocs lived over 3 windows with bloc structure; 2 of them live to the last.",
        "Line 1 (Aland and Beland): 3 to 5 members, 1 to 4. Closest to WEST (50% of it, 67% of the "
        "bloc) in 1.",
        "Line 2 (Deland and EEE): 3 members, 1 to 2. Closest to EAST (100% of it, 100% of the "
        "bloc) in 1. Then 3 of its 3 members went to line 1.",
        "Line 3 (CCC and GGG): 3 members, in 4 only.",
    ]


# --- flows ----------------------------------------------------------------------------------------


def test_flows_hold_members_that_come_later() -> None:
    """A node that nobody came from in the first step, and that some leave in the second."""
    nodes = ["line 1", "absent"]
    steps = [
        pd.DataFrame([[4, 0], [0, 0]], index=nodes, columns=nodes),
        pd.DataFrame([[4, 0], [2, 0]], index=nodes, columns=nodes),
    ] * 2
    flows = pd.DataFrame(
        {
            "period_from": ["1", "2", "3", "4"],
            "period_to": ["2", "3", "4", "5"],
            "node_from": "line 1",
            "node_to": "line 1",
            "members": 4,
        }
    )
    history: Any = SimpleNamespace(
        steps=steps,
        flows=flows,
        periods=pd.DataFrame({"period": list("12345")}),
        lines=pd.DataFrame({"line": [1], "name": ["AAA"]}),
        overlap=pd.DataFrame(columns=["line", "group", "jaccard"]),
    )
    words = words_in(plots.draw_history(history, names=NAMES).figure)
    # Five windows: only the ends are labelled, numbers of lines stand between.
    assert [w for w in words if "Aland" in w] == ["Aland and others 4", "Aland and others 6"]
    assert words.count("1") == 3 + 1  # three windows between, and the first one's title


# --- known groups ---------------------------------------------------------------------------------


def group_history(values: dict[str, list[tuple[float, float, float]]]) -> GroupHistory:
    rows = [
        {
            "period": f"{i + 1}",
            "from": pd.NaT,
            "to": pd.NaT,
            "group": group,
            "what": "inside",
            "voted": 10,
            "value": value,
            "low": low,
            "high": high,
            "n_shared": 50,
            "n_blocks": 20,
            "unanimous": round(50 * value) if value == value else 0,
        }
        for group, windows in values.items()
        for i, (value, low, high) in enumerate(windows)
    ]
    return GroupHistory(pd.DataFrame(rows), "", "pi", 0.95)


RISE = {
    "EU": [(0.5, 0.4, 0.6), (0.8, 0.7, 0.9), (0.9, 0.8, 1.0)],
    "NAM": [(0.8, 0.7, 0.9), (0.75, 0.65, 0.85), (0.8, 0.7, 0.9)],
}


def test_over_many_windows_changes_beyond_the_intervals_are_named() -> None:
    numbers = cohesion_numbers(group_history(RISE))
    assert list(numbers["closed"]) == ["EU"] and not numbers["by_count"]
    assert numbers["apart"] == {}
    words = word_cohesion(numbers)
    assert words == [
        "Groups that closed ranks, the largest change first: EU unanimous on 25 of 50 votes "
        "(agreement index 0.50 [0.40, 0.60], 10 members voted) in 1, unanimous on 45 of 50 votes "
        "(agreement index 0.90 [0.80, 1.00], 10 members voted) in 3.",
        "3, EU held together most closely: unanimous on 45 of 50 votes (agreement index 0.90, 10 "
        "members voted). NAM did least: unanimous on 40 of 50 votes (agreement index 0.80, 10 "
        "members voted).",
    ]
    fall = {group: windows[::-1] for group, windows in RISE.items()}
    assert "Groups that drew apart" in word_cohesion(cohesion_numbers(group_history(fall)))[0]


def test_counts_are_told_where_no_interval_can_tell() -> None:
    """The European Union before and since February 2025: intervals from 0 to 1 hide a parting."""
    parted = {"EU": [(1.0, 0.0, 1.0), (0.94, 0.0, 1.0)]}
    words = word_cohesion(cohesion_numbers(group_history(parted)))
    assert words[0] == (
        "Groups that drew apart, the largest change first: EU unanimous on 50 of 50 votes "
        "(agreement index 1.00, 10 members voted) in 1, unanimous on 47 of 50 votes (agreement "
        "index 0.94, 10 members voted) in 2."
    )
    wide = {"NAM": RISE["NAM"]}
    words = word_cohesion(cohesion_numbers(group_history(wide)))
    assert words[0].startswith("Groups that closed ranks, the largest change first: NAM unanimous")
    steady = {"NAM": [(0.8, 0.7, 0.9)] * 2}
    words = word_cohesion(cohesion_numbers(group_history(steady)))
    assert words[0] == "Every group was of one mind equally often in each window in which it voted."


def test_cohesion_is_drawn_twice_where_other_votes_can_be_compared() -> None:
    groups, fewer = group_history(RISE), group_history(RISE)
    fewer.table["n_shared"] = 40
    assert show_groups(groups, groups).name == "groups cohesion"
    shown = show_groups(groups, fewer)
    assert shown.name == "groups cohesion cohesion-comparable"
    assert "on votes that can be compared" in shown._repr_html_()


def test_groups_are_lines_over_many_windows_and_marks_over_few() -> None:
    many = plots.draw_groups(group_history(RISE), "inside", names=NAMES)
    assert len(many.figure.axes) == 2
    assert [axes.get_title(loc="left") for axes in many.figure.axes] == ["EU", "NAM"]
    assert "EU 0.50 1, 0.90 3; NAM 0.80 1, 0.80 3" in many.alt
    few = {group: windows[:2] for group, windows in RISE.items()}
    drawing = plots.draw_groups(group_history(few), "inside", names=NAMES)
    assert len(drawing.figure.axes) == 1
    assert {"EU", "NAM", "1", "2"} <= set(words_in(drawing.figure))


def test_a_window_without_any_value_is_left_blank() -> None:
    """All in one group voted the same way, so chance-corrected similarity is not defined."""
    history = group_history({"EU": [(np.nan, np.nan, np.nan), (0.5, 0.4, 0.6)]})
    drawing = plots.draw_groups(history, "inside", names=NAMES)
    assert "EU 0.50 2" in drawing.alt
    none = group_history({"EU": [(np.nan, np.nan, np.nan)] * 2})
    assert "EU not defined" in plots.draw_groups(none, "inside", names=NAMES).alt
    many = group_history({"EU": [(np.nan, np.nan, np.nan)] * 3})
    assert "EU not defined" in plots.draw_groups(many, "inside", names=NAMES).alt
    words = word_cohesion(cohesion_numbers(none))
    assert words == ["In no group is cohesion defined."]


# --- curves ---------------------------------------------------------------------------------------

CLAIM = "similarity(A, B) > similarity(A, C)"


def multiverse(
    margins: list[float], holds: list[bool | None], ks: tuple[str, ...] = ("2", "3")
) -> Any:
    """Two measures x two absence rules x some k; margins by measure and absence rule."""
    choices = [(m, a, k) for m in ("pi", "s") for a in ("abstain", "missing") for k in ks]
    cells = pd.DataFrame(choices, columns=["measure", "absence", "k"])
    cells["statement"], cells["period"] = CLAIM, "all"
    cells["margin"] = np.repeat(margins, len(ks))
    cells["holds"] = pd.array(np.repeat(np.array(holds, dtype=object), len(ks)), dtype="boolean")
    turning = pd.DataFrame(
        {
            "statement": CLAIM,
            "period": "all",
            "choice": ["absence", "measure", "k"],
            "flips": [0.2, 0.9, 0.0],
        }
    ).head(1 + len(ks))
    held = int(cells["holds"].sum())
    tested = int(cells["holds"].notna().sum())
    summary = pd.DataFrame(
        {"statement": [CLAIM], "period": ["all"], "holds": [held], "specifications": [tested]}
    )
    return SimpleNamespace(cells=cells, turning=turning, summary=summary)


def test_a_numeric_statement_is_sorted_by_its_margin_and_k_is_no_choice() -> None:
    made = multiverse([0.3, -0.2, 0.1, np.nan], [True, False, True, None], ("any",))
    curve = sort_specifications(made, CLAIM, "all")
    assert curve.choices == ("measure", "absence")  # the one that turns it most comes first
    assert curve.table["answer"].tolist() == ["does not hold", "not tested", "holds", "holds"]
    assert curve.table["margin"].dropna().tolist() == [-0.2, 0.1, 0.3]
    drawing = plots.draw_curve(made, CLAIM, "all")
    assert "4 specifications, 2 holds, 1 not tested, 1 does not hold" in drawing.alt
    assert "Margin from -0.20 to 0.30, median 0.10" in drawing.alt
    assert {"measure pi", "measure s", "absence missing"} <= set(words_in(drawing.figure))
    assert "k 2" not in words_in(drawing.figure)
    assert list_unsettled(made) == [(CLAIM, "all")]


def test_a_statement_on_blocs_is_sorted_by_its_answer() -> None:
    made = multiverse([np.nan] * 4, [True, False, True, False])
    curve = sort_specifications(made, CLAIM, "all")
    assert not curve.numeric
    assert curve.table["answer"].tolist() == ["does not hold"] * 4 + ["holds"] * 4
    assert "margin" not in plots.draw_curve(made, CLAIM, "all").table
    assert list_unsettled(multiverse([np.nan] * 4, [True] * 4)) == []


def test_a_distance_that_follows_from_the_measure_is_no_choice() -> None:
    made = multiverse([0.3, -0.2, 0.1, 0.2], [True, False, True, True])
    made.cells["distance"] = np.where(made.cells["measure"] == "pi", "linear", "nominal")
    made.cells.loc[made.cells.index[0], "measure"] = "alpha"
    row = {"statement": CLAIM, "period": "all", "choice": "distance", "flips": 0.5}
    made.turning = pd.concat([made.turning, pd.DataFrame([row])], ignore_index=True)
    assert "distance" not in sort_specifications(made, CLAIM, "all").choices


def test_thinning_keeps_the_shares() -> None:
    """Of 1,000 specifications, 370 of which hold, 300 are drawn, and 37% of these hold."""
    from helpers.report.figures.curves import Curve, _thin

    answers = [ANSWERS[0]] * 630 + [ANSWERS[2]] * 370
    table = pd.DataFrame({"measure": ["pi", "s"] * 500, "answer": answers, "margin": np.nan})
    drawn = _thin(Curve(table, ("measure",), False), 300).table
    assert len(drawn) == 300
    assert (drawn["answer"] == "holds").mean() == pytest.approx(0.37, abs=0.005)
    # What alternates along the order is hit in both of its values.
    assert (drawn["measure"] == "pi").mean() == pytest.approx(0.5, abs=0.05)
    few = _thin(Curve(table.head(10), ("measure",), False), 300).table
    assert len(few) == 10


# --- the displays on the dossier ------------------------------------------------------------------


def quick_results(**changes: Any) -> Results:
    """Of the dossier's study, with few replicates."""
    study = read_study(Path(__file__).parent.parent / "reports" / "ukraine.yml")
    few = {"replicates": 20, "nulls": 99, **changes}
    return Results(check_parameters({**study.as_dict(), **few}))


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path_factory.getbasetemp() / "stages"))
    monkeypatch.delenv("UNBLOCS_OUT", raising=False)


@pytest.mark.usefixtures("workspace")
def test_a_window_with_too_few_votes_has_no_flows() -> None:
    results = quick_results()
    ballots = results.ballots()
    shown = report.show_bloc_lives(results.history(ballots), "USA")
    assert shown.name == "history lines-and-groups"
    assert "2 votes: the pattern is all there is" in shown.html
    whole = quick_results(event="", target="", baselines=[]).history(ballots)
    assert repr(report.show_bloc_lives(whole)).startswith("The whole period is one window")
    groups = report.show_groups(results.groups(ballots))
    assert groups.name == "groups cohesion focus-and-groups"
    few = results.groups(ballots.take(members=["USA", "CUB", "CHN"]))
    assert "No known group has three members" in repr(report.show_groups(few))


@pytest.mark.usefixtures("workspace")
def test_statements_most_in_doubt_have_curves() -> None:
    results = quick_results()
    shown = report.show_robustness(results.multiverse(results.ballots()))
    assert shown.name == "multiverse curve-1"
    none = Results(replace(results.study, statements=()))
    assert report.show_robustness(none.multiverse(none.ballots())).name == "multiverse"


def test_a_group_without_a_mark_is_explained() -> None:
    # Before 2025 the United States and every member of these five groups voted yes throughout.
    study = read_study(Path(__file__).parent.parent / "reports" / "ukraine.yml")
    results = Results(study)
    shown = show_groups(results.groups(results.ballots()))._repr_html_()
    groups = ["EU", "G7", "NATO", "Nordic countries", "Visegrad"]
    named = ", ".join(f"{group} before 24 Feb 2025" for group in groups[:-1])
    assert f"No mark: {named} and Visegrad before 24 Feb 2025, where pi is" in shown
    assert "NATO unanimous on 21 of 21 votes (agreement index 1.00, 32 members voted)" in shown
