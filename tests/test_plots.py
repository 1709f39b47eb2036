"""Figures: what they carry, that shape tells votes apart, and that no member is lost."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from helpers.ballots.select import ballots_from_matrix
from helpers.record.load import load_record
from helpers.record.members import members_at
from helpers.record.tables import VOTES, Record
from helpers.report import figures as plots
from helpers.report.figures import maps, style
from helpers.report.figures.matrices import lay_out, nearest_pairs, place_labels, push_apart, spread
from helpers.shifts.movers import cast_votes, find_movers
from helpers.similarity.measures import measure_similarity

NAMES = {"USA": "United States", "RUS": "Russia", "GBR": "United Kingdom"}


@pytest.fixture(scope="module")
def dossier() -> Record:
    return load_record("dossier")


@pytest.fixture(scope="module")
def assembly(dossier: Record) -> pd.DataFrame:
    return dossier.roll_calls[dossier.roll_calls["body"] == "GA"]


@pytest.fixture(scope="module")
def cast(dossier: Record, assembly: pd.DataFrame) -> pd.DataFrame:
    known = assembly[assembly["rolled"].astype(bool)]
    return cast_votes(dossier, known["roll_call"].tolist())


def words_in(figure: Figure) -> list[str]:
    texts = [t.get_text() for axes in figure.axes for t in axes.texts]
    ticks = [
        t.get_text()
        for axes in figure.axes
        for t in axes.get_xticklabels() + axes.get_yticklabels()
    ]
    return [t for t in texts + ticks if t]


# --- colours and shapes ---------------------------------------------------------------------------


def test_votes_differ_by_shape_and_colour() -> None:
    assert len(set(style.MARKERS.values())) == len(VOTES)
    assert len({style.COLOURS[v] for v in VOTES}) == len(VOTES)
    assert len({(t.shape, t.fill == "none") for t in maps.VOTE_TILES.values()}) == len(VOTES)


def test_no_two_colours_are_one_so_that_a_page_can_replace_them() -> None:
    assert len(set(style.COLOURS.values())) == len(style.COLOURS)


@pytest.mark.parametrize("name", ["ink", "muted"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(name: str) -> None:
    assert style.contrast(style.COLOURS[name], style.COLOURS["paper"]) >= 4.5


@pytest.mark.parametrize("name", [*VOTES, "isolate"])
def test_marks_have_the_contrast_that_wcag_asks_of_graphics(name: str) -> None:
    assert style.contrast(style.COLOURS[name], style.COLOURS["paper"]) >= 3


def test_tile_text_has_contrast_on_every_bloc() -> None:
    """Codes of three letters in tiles, on the better of the two inks."""
    for bloc in range(7):
        colour = style.bloc_colour(bloc)
        assert style.contrast(style.ink_on(colour), colour) >= 4.5, bloc


# --- the strip ------------------------------------------------------------------------------------


def test_the_strip_shows_the_change(cast: pd.DataFrame, assembly: pd.DataFrame) -> None:
    """The United States: yes on all 21 earlier votes, then no and abstain; Russia no on all 23."""
    drawing = plots.draw_strip(
        cast,
        assembly,
        focus="USA",
        references=["RUS", "GBR"],
        names=NAMES,
        event="2025-02-24",
    )
    assert drawing.table["USA"].tolist() == ["yes"] * 21 + ["no", "abstain"]
    assert drawing.table["RUS"].tolist() == ["no"] * 23
    assert "United States: yes 21 before; no, abstain on 2025-02-24" in drawing.alt
    words = words_in(drawing.figure)
    assert "24 Feb 2025" in words
    assert words.index("United States") < words.index("Russia")
    assert {"USA", "RUS", "GBR"} <= set(words_in(drawing.narrow))


def test_the_strip_marks_every_vote_once(cast: pd.DataFrame, assembly: pd.DataFrame) -> None:
    drawing = plots.draw_strip(
        cast, assembly, focus="USA", references=["RUS"], names=NAMES, event="2025-02-24"
    )
    axes = drawing.figure.axes[0]
    drawn = {line.get_marker(): 0 for line in axes.lines}
    for line in axes.lines:
        drawn[line.get_marker()] += len(line.get_xdata())
    cast = pd.concat([drawing.table["USA"], drawing.table["RUS"]]).value_counts()
    assert drawn["o"] == cast["yes"] == 21
    assert drawn["X"] == cast["no"] == 24
    assert drawn["D"] == cast["abstain"] == 1


def test_a_vote_without_a_symbol_is_labelled_by_its_first_words(
    cast: pd.DataFrame, assembly: pd.DataFrame
) -> None:
    """The label ends at a word, and there is room below for all of it."""
    calls = assembly.copy()
    symbols = calls["symbol"].astype("object")
    symbols.iloc[0] = None
    calls["symbol"] = symbols
    calls.loc[calls.index[0], "title"] = "Relations between the members of the Assembly"
    drawing = plots.draw_strip(cast, calls, focus="USA", references=["RUS"], names=NAMES)
    label = drawing.table.sort_values("date")["vote"].iloc[0]
    assert label == "Relations …"
    axes = drawing.figure.axes[0]
    below = axes.get_position().y0 * drawing.figure.get_figheight()
    assert below > len(label) * 0.06


def test_a_long_strip_keeps_the_last_votes(cast: pd.DataFrame, assembly: pd.DataFrame) -> None:
    drawing = plots.draw_strip(
        cast, assembly, focus="USA", references=["RUS"], names=NAMES, limit=3
    )
    assert drawing.table["vote"].tolist() == ["79/184", "ES-11/7", "ES-11/8"]
    assert "before" not in drawing.alt


def test_a_long_strip_keeps_the_event(cast: pd.DataFrame, assembly: pd.DataFrame) -> None:
    """Six votes about 16 December 2020 (75/192): three before, it, and two after."""
    drawing = plots.draw_strip(
        cast,
        assembly,
        focus="USA",
        references=["RUS"],
        names=NAMES,
        event="2020-12-16",
        limit=6,
    )
    assert drawing.table["vote"].tolist() == [
        "74/17",
        "74/168",
        "75/29",
        "75/192",
        "76/70",
        "76/179",
    ]


# --- maps -----------------------------------------------------------------------------------------


def test_every_member_has_one_tile_and_every_tile_one_member() -> None:
    tiles = maps.load_tiles()
    assert sorted(tiles.index) == sorted(members_at("2025-02-24"))
    assert len(tiles) == 193
    assert not tiles.duplicated().any()


def test_tiles_lie_roughly_as_the_members_do() -> None:
    """Pairs that anyone can check on a globe: who is north, who is west."""
    tiles = maps.load_tiles()
    for north, south in [("CAN", "USA"), ("NOR", "ITA"), ("EGY", "ZAF"), ("CHN", "AUS")]:
        assert tiles.loc[north, "row"] < tiles.loc[south, "row"], (north, south)
    for west, east in [("USA", "PRT"), ("PRT", "POL"), ("SEN", "SOM"), ("IND", "JPN")]:
        assert tiles.loc[west, "column"] < tiles.loc[east, "column"], (west, east)


def test_a_vote_map_counts_as_published(dossier: Record) -> None:
    """ES-11/7: 93-18-65-17."""
    votes = find_votes(dossier, "A/RES/ES-11/7")
    drawing = plots.draw_vote_map(votes, names=NAMES)
    assert "yes 93, abstain 65, no 18, absent 17" in drawing.alt
    assert "United States" in drawing.alt.partition("No: ")[2]
    codes = [w for w in words_in(drawing.figure) if len(w) == 3 and w.isupper()]
    assert len(codes) == len(set(codes)) == 193


def find_votes(record: Record, symbol: str) -> pd.Series:
    from helpers.shifts.movers import cast_votes, find_roll_call

    call = str(find_roll_call(record, symbol)["roll_call"])
    return cast_votes(record, [call])[call]


def test_a_state_that_is_gone_has_a_tile_below_the_map() -> None:
    votes = pd.Series({"USA": "yes", "CSK": "no", "DDR": "no"})
    drawing = plots.draw_vote_map(votes, names=NAMES)
    assert {"CSK", "DDR"} <= set(words_in(drawing.figure))


def test_a_member_without_a_clear_home_is_hollow() -> None:
    blocs = pd.DataFrame({"member": ["USA", "FRA"], "bloc": [1, 1], "clear": [True, False]})
    drawing = plots.draw_bloc_map(blocs, labels={1: "Bloc 1"}, names=NAMES)
    assert "Bloc 1, 2 members; 1 without a clear home" in drawing.alt
    assert "no clear home: 1" in words_in(drawing.figure)


# --- movers and timeline --------------------------------------------------------------------------


def test_bands_are_as_wide_as_the_members_are_many(dossier: Record) -> None:
    movers = find_movers(dossier, "A/RES/ES-11/6", "A/RES/ES-11/7")
    drawing = plots.draw_movers(movers, before="ES-11/6", after="ES-11/7")
    assert "33 from yes to abstain" in drawing.alt
    assert {"yes 141", "yes 93", "33", "7", "8"} <= set(words_in(drawing.figure))


def test_the_timeline_has_both_bodies_and_what_failed(dossier: Record) -> None:
    """Four drafts and two amendments met a veto; the tally of those two is known in part only."""
    drawing = plots.draw_timeline(dossier.roll_calls)
    words = words_in(drawing.figure)
    assert words.count("vetoed") == 6
    assert words.count("GA") == 36
    assert words.count("SC") == 17
    assert "9 yes; rest not known" in words
    assert len(drawing.table) == 53


def test_a_long_timeline_is_added_up_by_year(dossier: Record) -> None:
    """2014: one vote in the Assembly, 100-11-58; two in the Council, 13-1-1 and 15-0-0."""
    table = plots.draw_timeline(dossier.roll_calls, limit=10).table.set_index(["date", "body"])
    assert table.loc[("2014", "GA"), ["yes", "no", "abstain"]].tolist() == [100, 11, 58]
    assert table.loc[("2014", "SC"), ["yes", "no", "abstain"]].tolist() == [28, 1, 1]


# --- similarity -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def similarity() -> Any:
    votes = [[1, 1, 3, 3], [1, 2, 3, 3], [3, 3, 1, 1], [1, 1, 3, 2]] * 3
    return measure_similarity(ballots_from_matrix(votes, members=["AAA", "BBB", "CCC", "DDD"]))


BLOCS = pd.DataFrame({"member": ["AAA", "BBB", "CCC", "DDD"], "bloc": [1, 1, 2, 2]})


def test_the_heatmap_puts_the_focus_first_in_its_table(similarity: Any) -> None:
    drawing = plots.draw_heatmap(
        similarity,
        blocs=BLOCS,
        order=["CCC", "DDD", "AAA", "BBB"],
        focus="AAA",
        references=["CCC"],
        names={"AAA": "Aland"},
        labels={1: "Bloc 1", 2: "Bloc 2"},
    )
    assert len(drawing.table) == 6
    first = drawing.table.head(3)
    assert ((first["member_a"] == "AAA") | (first["member_b"] == "AAA")).all()
    assert first["value"].is_monotonic_decreasing
    assert "Bloc 1 (2 members)" in drawing.alt
    image = drawing.figure.axes[0].images[0].get_array()
    assert image[0, 1] == pytest.approx(similarity.values.loc["CCC", "DDD"])


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_labels_stay_inside_the_axis(place: str) -> None:
    """11 labels at one end of 193 rows, as of Hungary and the United States in the dossier."""
    begin = {"first": 0, "middle": 91, "last": 182}[place]
    spots = spread(range(begin, begin + 11), 7.0, (-0.5, 192.5))
    assert min(spots) >= -0.5 + 3.5 - 1e-6
    assert max(spots) <= 192.5 - 3.5 + 1e-6
    assert np.diff(spots).min() >= 7.0 - 1e-6


def drawn_words(figure: Figure) -> dict[str, Any]:
    """The words that end up in the picture, with their boxes in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    texts = figure.findobj(lambda a: hasattr(a, "get_text") and a.get_visible())
    boxes = {t.get_text(): t.get_window_extent() for t in texts if t.get_text()}
    low, high = figure.bbox.y0, figure.bbox.y1
    gone = {
        t.get_text()
        for axes in figure.axes
        for t, at in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)
        if not min(axes.get_ylim()) <= at <= max(axes.get_ylim())
    }
    return {w: b for w, b in boxes.items() if w not in gone and low <= b.y0 and b.y1 <= high}


@pytest.mark.parametrize("at", [0, 60, 109])
def test_focus_and_references_are_drawn_in_both_variants(at: int) -> None:
    """120 members in two camps; eleven named ones stand together where labels have no room."""
    members = [f"{a}{b}{c}" for a in "ABCD" for b in "EFGHI" for c in "KLMNOP"]
    votes = [[1 if i < 60 else 3] * 6 + [1 + 2 * (i % 2)] * 2 for i in range(len(members))]
    similarity = measure_similarity(ballots_from_matrix(votes, members=members), "agreement")
    blocs = pd.DataFrame({"member": members, "bloc": [1] * 60 + [2] * 60})
    named = members[at : at + 11]
    who = {"focus": named[0], "references": named[1:], "names": {m: f"State {m}" for m in named}}
    heatmap = plots.draw_heatmap(similarity, blocs=blocs, order=members, labels={}, **who)
    dyads = plots.draw_dyads({"all": [similarity]}, **who)
    for drawing, missing in ((heatmap, ()), (dyads, named[:1])):
        for figure, words in ((drawing.figure, who["names"]), (drawing.narrow, {})):
            there = drawn_words(figure)
            wanted = {words.get(m, m) for m in named if m not in missing}
            assert wanted <= set(there)
            boxes = [there[w] for w in wanted]
            pairs = itertools.combinations(boxes, 2)
            assert not any(a.y0 + 2 < b.y1 and b.y0 + 2 < a.y1 and a.overlaps(b) for a, b in pairs)
            assert {
                t.get_text()
                for t in figure.findobj(lambda a: hasattr(a, "get_fontsize"))
                if t.get_text() and t.get_fontsize() < style.SMALL
            } == set()  # 11 CSS pixels


def test_dyads_say_when_nothing_is_defined() -> None:
    """Both always voted yes: raw agreement is 1, the corrected measure is not defined."""
    ballots = ballots_from_matrix([[1, 1], [1, 1]], members=["AAA", "BBB"])
    parts = {"before": [measure_similarity(ballots, m) for m in ("agreement", "pi")]}
    drawing = plots.draw_dyads(parts, focus="AAA", references=["BBB", "ZZZ"], names={})
    assert drawing.table["member"].tolist() == ["BBB", "BBB"]
    assert "pi: not defined (n = 2)" in drawing.alt
    assert "not defined" in words_in(drawing.figure)


def test_the_network_joins_the_nearest(similarity: Any) -> None:
    drawing = plots.draw_network(
        similarity, blocs=BLOCS, focus="AAA", references=[], names={}, neighbours=1
    )
    pairs = {tuple(p) for p in drawing.table[["member_a", "member_b"]].to_numpy()}
    assert pairs == {("AAA", "BBB"), ("CCC", "DDD")}
    assert "AAA is joined to BBB" in drawing.alt


def test_nearest_pairs_leave_out_what_is_not_known() -> None:
    values = np.full((3, 3), np.nan)
    values[0, 1] = values[1, 0] = 0.2
    assert nearest_pairs(values, 2) == [(0, 1)]


def test_layout_keeps_alike_members_near() -> None:
    groups = np.repeat([0, 1], 10)
    values = np.where(groups[:, None] == groups[None], 0.9, -0.9).astype(float)
    places = lay_out(values, 1.0)
    inside = np.hypot(*(places[:10] - places[:10].mean(axis=0)).T).max()
    between = np.hypot(*(places[:10].mean(axis=0) - places[10:].mean(axis=0)))
    assert between > 3 * inside


def test_covered_points_are_moved_apart() -> None:
    moved = push_apart(np.zeros((30, 2)), 0.02)
    gaps = [np.hypot(*(a - b)) for a, b in itertools.combinations(moved, 2)]
    assert min(gaps) > 0.01


def test_labels_do_not_cover_each_other() -> None:
    assert np.diff(sorted(spread([3.0, 3.0, 3.1, 9.0], 1.0))).min() >= 1 - 1e-6
    spots = {name: np.array([0.5, 0.5]) for name in ("one", "two", "three")}
    offsets = place_labels(spots, {n: n for n in spots}, 4.0, 500)
    assert len(set(offsets.values())) == 3


# --- blocs ----------------------------------------------------------------------------------------


def test_the_choice_says_when_there_is_none() -> None:
    choice = pd.DataFrame(
        {
            "k": [2, 3],
            "stability": [0.5, 0.4],
            "silhouette": [0.1, 0.1],
            "null_silhouette": [0.1, 0.2],
            "blocs_over_two": [2, 3],
            "isolates": [0, 0],
        }
    )
    assert "no structure was found" in plots.draw_choice(choice, k=1).alt
    assert "At the chosen 3: stability 0.40" in plots.draw_choice(choice, k=3).alt


def test_probabilities_show_home_and_next() -> None:
    table = pd.DataFrame(
        {
            "member": ["USA", "RUS"],
            "bloc": [2, 1],
            "probability": [0.6, np.nan],
            "second_bloc": [1, pd.NA],
            "second_probability": [0.4, np.nan],
            "clear": [False, True],
        }
    )
    drawing = plots.draw_probabilities(
        table, members=["USA", "RUS", "ZZZ"], names=NAMES, labels={1: "Bloc 1", 2: "Bloc 2"}
    )
    assert drawing.alt == "Bloc and its probability: United States Bloc 2 0.60; Russia Bloc 1."
    assert {"Bloc 2  0.60", "Bloc 1  0.40"} <= set(words_in(drawing.figure))


def test_together_shows_both_periods() -> None:
    table = pd.DataFrame({"member": ["GBR", "RUS"], "before": [1.0, 0.0], "since": [0.0, np.nan]})
    drawing = plots.draw_together(table, names=NAMES, focus="USA", periods=["before", "since"])
    assert "United Kingdom 1.00 before, 0.00 since; Russia 0.00 before" in drawing.alt


def test_history_names_lines_and_counts_moves() -> None:
    nodes = ["line 1", "line 2"]
    step = pd.DataFrame([[3, 1], [0, 2]], index=nodes, columns=nodes)
    flows = pd.DataFrame(
        {
            "period_from": "a",
            "period_to": "b",
            "node_from": ["line 1", "line 1", "line 2"],
            "node_to": ["line 1", "line 2", "line 2"],
            "members": [3, 1, 2],
        }
    )
    history: Any = SimpleNamespace(
        steps=[step],
        periods=pd.DataFrame({"period": ["a", "b"]}),
        lines=pd.DataFrame({"line": [1, 2], "name": ["USA, GBR", "RUS"]}),
        flows=flows,
        overlap=pd.DataFrame({"line": [1], "group": ["WEOG"], "jaccard": [0.6]}),
    )
    drawing = plots.draw_history(history, names=NAMES)
    assert "Largest: 1 from line 1 to line 2 (a to b)" in drawing.alt
    assert {"mostly Western Europe and others 4", "Russia and others 3"} <= set(
        words_in(drawing.figure)
    )


def test_the_multiverse_gives_shares_by_choice() -> None:
    """Four specifications; the statement holds under pi only: 2 of 4 in all, 2 of 2 and 0 of 2."""
    cells = pd.DataFrame(
        {
            "period": "all",
            "measure": ["pi", "pi", "s", "s"],
            "k": [2, 3, 2, 3],
            "statement": "apart(USA)",
            "holds": pd.array([True, True, False, False], dtype="boolean"),
        }
    )
    multiverse: Any = SimpleNamespace(
        cells=cells,
        summary=pd.DataFrame(
            {
                "statement": ["apart(USA)"],
                "period": ["all"],
                "specifications": [4],
                "share": [0.5],
                "why": [""],
                "turned_by": ["measure"],
            }
        ),
        turning=pd.DataFrame({"period": "all", "choice": ["measure", "k"]}),
    )
    drawing = plots.draw_multiverse(multiverse)
    shares = drawing.table.set_index(["choice", "value"])["apart(USA)"]
    assert shares["all", ""] == 0.5
    assert "all specifications" in words_in(drawing.figure)
    assert shares["measure", "pi"] == 1
    assert shares["measure", "s"] == 0
    assert "holds in 50% of 4 specifications, turned most by measure" in drawing.alt
