"""Words, display objects and the page: numbers from values, nothing from outside unescaped."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import helpers
from helpers import report
from helpers.ballots import ballots_from_matrix
from helpers.ballots.simulate import simulate_assembly
from helpers.errors import MissingDataError, NotebookError, StorageError
from helpers.report.display import clean_numbers, drawn_once, format_value, html_table
from helpers.report.figures import Drawing
from helpers.report.page import render_page, sanitise_output, sanitise_words
from helpers.report.sections.answer import (
    answer_numbers,
    first_sentence,
    word_answer,
    word_limits,
)
from helpers.report.sections.later import count_later
from helpers.report.sections.methods import missing_words
from helpers.report.sections.multiverse import word_multiverse
from helpers.report.sections.votes import who_voted, word_movers
from helpers.report.svg import file_svg, inline_svg
from helpers.similarity import Similarity, measure_similarity
from helpers.study.parameters import check_parameters, read_study
from helpers.study.results import Results

NASTY = '<script>alert(1)</script><img src=x onerror=alert(1)>"&'


def quick_results(**changes: Any) -> Results:
    """Of the dossier's study, with few replicates."""
    study = read_study(Path(__file__).parent.parent / "reports" / "ukraine.yml")
    few = {"replicates": 20, "nulls": 99, **changes}
    return Results(check_parameters({**study.as_dict(), **few}))


def answer_of(results: Results) -> dict[str, Any]:
    """The numbers of the answer, from the results that the page's notebook makes."""
    study, ballots = results.study, results.ballots()
    parts = results.parts(ballots)
    counts = {
        name: results.similarity(part, "agreement", min_shared=1) for name, part in parts.items()
    }
    averages = {label: results.agreement(part) for label, part in parts.items()}
    asked = (study.focus, study.references, study.event)
    return answer_numbers(results.votes(ballots), ballots, counts, averages, *asked)


def show_dyads(results: Results) -> report.Published:
    study, parts = results.study, results.parts(results.ballots())
    least = {"agreement": 1, study.measure: study.min_shared}
    measures = (
        {name: results.similarity(part, m, min_shared=n) for name, part in parts.items()}
        for m, n in least.items()
    )
    return report.show_dyads(*measures, focus=study.focus, references=study.references)


@pytest.fixture(autouse=True)
def workspace(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path_factory.getbasetemp() / "stages"))
    monkeypatch.delenv("UNBLOCS_OUT", raising=False)


def picture(text: str = "hello") -> Figure:
    figure = Figure(figsize=(2, 1))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#1b1b1b", marker="o")
    axes.text(0.5, 0.5, text)
    return figure


# --- the answer -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def numbers() -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNBLOCS_HOME", "")
        return answer_of(quick_results())


def test_the_answer_counts_as_the_record_does(numbers: dict[str, Any]) -> None:
    """Yes on all 21 earlier votes; USA-RUS 0 of 21 before and 1 of 2 (no-no, abstain-no) since."""
    assert numbers["before"] == {"yes": 21}
    assert numbers["event_votes"] == {"A/RES/ES-11/7": "no", "A/RES/ES-11/8": "abstain"}
    russia = numbers["agreement"]["RUS"]
    assert (russia["before"]["same"], russia["before"]["n"]) == (0, 21)
    assert (russia["since"]["same"], russia["since"]["n"]) == (1, 2)
    # 0 of 21 in blocks of 9, 6, 4, 1, 1, votes of one block correlated with 0.48 over all dyads
    # (docs/intervals.md); two votes of one day have no interval at all.
    assert russia["before"]["low"] == 0
    assert russia["before"]["high"] == pytest.approx(0.346, abs=0.005)
    assert russia["since"]["low"] is None and russia["since"]["high"] is None
    assert "RUS" not in numbers["voted_alike"]
    assert {"HUN", "ISR"} <= set(numbers["voted_alike"])


def test_the_average_agreement_is_that_of_the_record(numbers: dict[str, Any]) -> None:
    """After the official totals of 24 February 2025.

    ES-11/7 (93 yes, 18 no, 65 abstentions): 17 of the 175 others said no too; ES-11/8 (93, 8, 73):
    72 of the 173 others abstained too.
    """
    since = numbers["agreement_with_all"]["since"]
    assert since["value"] == pytest.approx((17 / 175 + 72 / 173) / 2)
    assert since["n"] == 2
    for part in numbers["agreement_with_all"].values():  # 21 votes are worth 3.3 blocks, 2 one
        assert np.isnan(part["low"]) and np.isnan(part["high"])
    last = word_limits(numbers, {})[-1]
    assert re.search(
        r"agreement with all the others, on average, was 0\.\d\d in 21 votes before and 0\.26 in "
        r"2 votes since",
        last,
    )


def test_the_first_screen_says_the_texts_the_tally_and_who(numbers: dict[str, Any]) -> None:
    """Official totals of 24 February 2025: 93-18-65 and 93-8-73; 17 others voted no, of 18."""
    names = report.member_names()
    words = word_answer(numbers, names)
    first = words[0]
    assert first_sentence(numbers, names) == first.partition(". ")[0] + "."
    assert first.startswith(
        "On 24 February 2025, the United States voted no on Ukraine's text ES-11/7: a just "
        "and lasting peace in Ukraine, three years after the invasion; Russian forces to leave. "
        "It was adopted with 93 yes, 18 no and 65 abstaining."
    )
    assert "it abstained on its own text ES-11/8" in first
    assert first.endswith("It was adopted with 93 yes, 8 no and 73 abstaining.")
    assert not set("()[]") & set(first)
    assert words[1] == (
        "Its vote changed: it had voted yes in all 21 earlier votes, while Russia voted no in all "
        "of them. Two votes of one day cannot show whether it lasts."
    )
    for name in ("Russia", "Belarus", "North Korea", "Sudan", "Israel", "Hungary"):
        assert name in words[2]
    assert words[2].startswith("17 other members voted no on ES-11/7: Russia, Hungary, Israel,")
    assert words[2].endswith("Mali and 7 more.")
    assert not re.search(r"\d\.\d", " ".join(words))  # counts are counts


def test_what_came_after_stands_on_the_first_screen(numbers: dict[str, Any]) -> None:
    """In order after 24 February 2025: the votes that the dossier reports of the United States."""
    record = quick_results().record()
    later = count_later(record, "USA", ["RUS"], "2025-02-24")["votes"]
    order = [v["vote"] for v in later if v["date"] > "2025-02-24"]
    said = word_answer({**numbers, "later": later}, {})[1]
    assert f"it voted, in order, {', '.join(order[:-1])} and {order[-1]}." in said
    assert order == ["no", "yes", "no", "yes", "abstain"]


def test_the_limits_in_words(numbers: dict[str, Any]) -> None:
    names = {"USA": "United States", "RUS": "Russia", "GBR": "United Kingdom"}
    text = " ".join(word_limits(numbers, names))
    assert "Russia cast the same vote in 0 of 21" in text
    assert "in 1 of 2" in text
    assert "two votes of one day give no rate" in text
    assert "Moving to one side and moving away from everybody are different claims" in text
    assert "Russia not among them" in text


def test_words_follow_the_numbers_and_not_the_case(numbers: dict[str, Any]) -> None:
    text = {**numbers["texts"][0], "symbol": "A/RES/1", "vote": "yes", "with": [], "proposers": []}
    other = {
        **numbers,
        "focus": "FRA",
        "before": {"yes": 3, "abstain": 2},
        "event_votes": {"A/RES/1": "yes"},
        "texts": [{**text, "about": "", "outcome": "failed"}],
        "since": {"yes": 12},
        "voted_alike": [],
    }
    words = word_answer(other, {"FRA": "France"})
    assert words == [
        "On 24 February 2025, France voted yes on 1. It failed with 93 yes, 18 no and 65 "
        "abstaining.",
        "Its 5 earlier votes were yes 3 and abstain 2. In the 11 votes after that day it cast: "
        "yes 11.",
        "No other member voted yes on 1.",
    ]
    limits = " ".join(word_limits(other, {"FRA": "France"}))
    assert "no rate" not in limits
    assert "from that day on" in limits
    steady = {**other, "before": {"yes": 5}}
    assert "kept to its record: it had voted yes in all 5 earlier" in word_answer(steady, {})[1]
    mixed = {**steady, "event_votes": {"A/RES/1": "yes", "A/RES/2": "no"}}
    assert "Its vote changed in part" in word_answer(mixed, {})[1]
    nothing = {**other, "before": {}}
    assert "no earlier vote to compare" in word_answer(nothing, {})[1]


def test_a_record_that_ends_long_ago_says_so_on_the_page_and_not_in_the_text() -> None:
    """The dossier ends on 24 February 2026."""
    shown = report.show_age(quick_results().record())
    assert "The record ends on 24 February 2026" in shown.html
    assert repr(shown) == ""  # the text of a notebook's cell is the same every day


def test_without_an_event_the_period_is_described() -> None:
    """Hungary and the United States cast the same votes wherever both voted: 23 of 23."""
    results = quick_results(event="", target="", baselines=[])
    ballots = results.ballots()
    assert list(results.parts(ballots)) == ["whole period"]
    assert results.movers(ballots) == ()
    found = answer_of(results)
    names = {"USA": "United States", "HUN": "Hungary", "RUS": "Russia"}
    said = word_answer(found, names)
    assert said[0] == (
        "The United States voted yes in 21 of 23 recorded votes; abstain in 1 and no in 1."
    )
    assert said[1].startswith("The same vote was cast by Hungary in 23 of 23;")
    assert "Russia, CHN and IND in 1 of 23" in said[1]
    assert all(r in said[1] or names.get(r, "") in said[1] for r in results.study.references)
    alone = {**found, "before": {"no": 31, "yes": 3}, "alone": {"no": 14}}
    assert word_answer(alone, names)[0] == (
        "The United States voted no in 31 of 34 recorded votes, 14 times with no other member; "
        "yes in 3."
    )
    words = word_limits(found, names)
    assert words[0].startswith("The United States voted most like Hungary and least like")
    assert "1.00 [" in words[0]
    assert "n = 23" in words[0]
    assert "on average, was 0.49 in 23 votes" in words[-1]


def test_baselines_fall_back_to_the_vote_before() -> None:
    results = quick_results(target="", baselines=[])
    [movers] = results.movers(results.ballots())
    assert movers.before == "dossier-A/RES/79/184"
    assert movers.after == "dossier-A/RES/ES-11/7"


def test_movers_in_words() -> None:
    found = {
        "moved": 2,
        "members": 193,
        "counts": {"yes to no": 1, "yes to abstain": 1},
        "yes to no": ["USA"],
        "any to yes": 0,
    }
    words = word_movers(found, {"USA": "United States"}, before="A", after="B")
    assert words == (
        "Between A and B, 2 members of 193 changed: 1 from yes to no (United States), 1 from yes "
        "to abstain; none came over to yes."
    )


def test_the_multiverse_in_words() -> None:
    none: dict[str, Any] = {"untested": 0, "why": "", "turned by": "", "by": {}}
    by = {"least": "equal", "least share": 0.0, "most": "identical", "most share": 0.5}
    found = {
        "a": {
            "before": {"share": 1.0, "specifications": 8, **none},
            "since": {"share": float("nan"), "specifications": 0, **none, "why": "2 votes"},
        },
        "b": {"all": {"share": 0.0, "specifications": 8, **none}},
        "c": {"all": {"share": 0.25, "specifications": 8, **none, "by": {"roll_call_weights": by}}},
    }
    assert word_multiverse(found) == (
        "“a”: before holds under all 8 choices; since not tested (2 votes). “b”: holds under none "
        "of 8 choices. “c”: depends on the choices: holds under 25% of 8, by the roll call weights "
        "from 0% (equal) to 50% (identical)."
    )


def test_why_a_dyad_has_no_value_is_said() -> None:
    """Israel missed one of 21 votes; agreement is defined wherever enough votes are shared."""
    options: dict[str, Any] = {"event": "", "target": "", "baselines": [], "references": ["ISR"]}
    defined = show_dyads(quick_results(measure="agreement", **options))
    assert "Not defined" not in defined.html
    few = show_dyads(quick_results(measure="agreement", min_shared=23, **options))
    assert "Not defined: the two share fewer than 23 votes." in few.html
    alike = show_dyads(quick_results(references=["GBR"]))
    words = "Not defined: the two share fewer than 5 votes; or both cast one and the same vote"
    assert words in alike.html


def test_what_is_missing_is_said_with_the_later_votes() -> None:
    words = " ".join(missing_words(quick_results().record()))
    assert "adopted without a vote" in words
    assert "3 December 2025" in words
    assert "24 February 2026" in words


# --- display --------------------------------------------------------------------------------------


def test_publish_writes_nothing_without_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report.publish("a", figure=picture(), table=pd.DataFrame({"n": [1]}), numbers={"n": 1})
    assert list(tmp_path.iterdir()) == []


def test_publish_writes_every_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = Drawing(picture(), pd.DataFrame({"x": [0.1234567], "y": ["a"]}), "A line.")
    monkeypatch.setenv("UNBLOCS_OUT", str(tmp_path))
    report.publish("line", figure=drawing, numbers={"n": np.int64(3)}, title="Lines")
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert files == ["figures/line.png", "figures/line.svg", "numbers/line.json", "tables/line.csv"]
    assert (tmp_path / "tables" / "line.csv").read_text() == "x,y\n0.123457,a\n"
    assert report.collect_results(tmp_path) == {"line": {"n": 3}}


def test_a_figure_can_be_taken_away(tmp_path: Path) -> None:
    shown = report.publish(
        "some-votes", figure=picture(), table=pd.DataFrame({"a": [1]}), alt="A line.", out=tmp_path
    )
    page = sanitise_output(shown.html)
    for path in re.findall(r'href="((?:figures|tables)/[^"]+)"', page):
        assert (tmp_path / path).is_file()
    for path in ("figures/some-votes.png", "figures/some-votes.svg", "tables/some-votes.csv"):
        assert f'<a href="{path}" download' in page
    assert 'href="#some-votes"' in page
    assert "tables/" not in report.publish("x", table=pd.DataFrame({"a": [1]})).html


def test_who_voted_how_stands_in_four_columns() -> None:
    """The official totals of ES-11/7: 93 yes, 18 no, 65 abstaining, 17 not voting."""
    results = quick_results()
    votes = results.votes(results.ballots())
    table = who_voted(votes["dossier-A/RES/ES-11/7"], report.member_names())
    assert sorted(table.columns) == ["absent (17)", "abstain (65)", "no (18)", "yes (93)"]
    assert [int((table[c] != "").sum()) for c in sorted(table)] == [17, 65, 18, 93]
    assert "Russia" in set(table["no (18)"])


def test_results_that_cannot_be_read_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "numbers").mkdir()
    (tmp_path / "numbers" / "a.json").write_text("{")
    with pytest.raises(StorageError, match=r"a\.json: it cannot be read .*run the report again"):
        report.collect_results(tmp_path)


def test_text_has_the_numbers_and_the_table() -> None:
    table = pd.DataFrame({"member": ["USA", "RUS"], "value": [0.5, np.nan]})
    shown = report.publish("a", table=table, numbers={"n": 21, "low": 0.0})
    assert repr(shown) == "n: 21\nlow: 0.00\nmember  value\nUSA      0.50\nRUS"


def test_long_tables_are_cut_in_text_and_page_and_say_so(tmp_path: Path) -> None:
    table = pd.DataFrame({"i": range(300)})
    shown = report.publish("a", table=table, out=tmp_path)
    assert repr(shown).endswith("... 288 more rows")
    assert "the first 200 of 300 rows" in shown._repr_html_()
    assert len((tmp_path / "tables" / "a.csv").read_text().splitlines()) == 301


def test_everything_in_a_table_and_a_caption_is_escaped() -> None:
    table = pd.DataFrame({NASTY: [NASTY]})
    shown = report.publish(
        "a", figure=picture(NASTY), table=table, title=NASTY, caption=NASTY, note=NASTY, alt=NASTY
    )._repr_html_()
    for page in (shown, html_table(table, caption=NASTY), report.say("a", [NASTY])._repr_html_()):
        assert "<script" not in page
        assert "<img" not in page
    assert "&lt;script&gt;" in report.facts("a", {NASTY: NASTY})._repr_html_()


class Outline(HTMLParser):
    """Tags and attributes of a page, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_tables_have_captions_and_scopes() -> None:
    outline = Outline(html_table(pd.DataFrame({"a": ["x"], "b": [1.5]}), caption="C"))
    assert len(outline.all("caption")) == 1
    assert [h["scope"] for h in outline.all("th")] == ["col", "col", "row"]


@pytest.mark.parametrize(
    ("value", "word"), [(-0.001, "0.00"), (pd.NA, ""), (np.bool_(False), "no"), (7, "7")]
)
def test_cells_are_worded(value: object, word: str) -> None:
    assert format_value(value) == word


def test_numbers_become_json() -> None:
    found = clean_numbers({"a": np.float64("nan"), "b": [np.int8(1)], "c": {"d": pd.NA}, "e": True})
    assert json.loads(json.dumps(found)) == {"a": None, "b": [1], "c": {"d": None}, "e": True}


# --- drawings -------------------------------------------------------------------------------------


def test_a_drawing_is_named_sized_and_follows_the_page() -> None:
    drawn = inline_svg(picture(), name="a", alt='x "quoted" <b>', title="T")
    [svg] = Outline(drawn).all("svg")
    assert svg["role"] == "img"
    assert svg["aria-label"] == 'T. x "quoted" <b>'
    assert (svg["width"], svg["height"], svg["viewbox"]) == ("192", "96", "0 0 144 72")
    assert "var(--ink, #1b1b1b)" in drawn
    assert "DejaVu" not in drawn
    assert "<metadata" not in drawn


def test_equal_drawings_are_equal_bytes_and_two_share_no_id() -> None:
    one, again = (inline_svg(picture(), name="a", alt="", title="") for _ in range(2))
    other = inline_svg(picture(), name="b", alt="", title="")
    assert one == again
    found = [set(re.findall(r' id="([^"]+)"', text)) for text in (one, other)]
    assert found[0]
    assert not found[0] & found[1]
    for text, ids in zip((one, other), found, strict=True):
        assert set(re.findall(r'(?:url\(#|href="#)([^)"]+)', text)) == ids


def test_the_file_has_title_description_and_no_script() -> None:
    drawn = file_svg(picture("a & b"), name="a", alt="Alt <b>", title="Title")
    assert "<title" in drawn
    assert "Alt &lt;b&gt;" in drawn
    assert "<script" not in drawn
    import xml.etree.ElementTree as ET

    assert ET.fromstring(drawn).tag.endswith("svg")


# --- the page -------------------------------------------------------------------------------------


def make_notebook(*cells: Any) -> Any:
    return nbformat.v4.new_notebook(cells=list(cells))


def code(shown: Any = None, source: str = "secret = 1", tags: tuple[str, ...] = ()) -> Any:
    data = {"text/plain": "plain words", "text/html": shown} if shown else {"text/plain": "plain"}
    outputs = [nbformat.v4.new_output("execute_result", data=data)]
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})


HEAD = '<header class="masthead"><h1>A question &amp; more?</h1></header>'


def test_code_and_plain_outputs_and_notebook_cells_are_left_out() -> None:
    page = render_page(
        make_notebook(
            nbformat.v4.new_markdown_cell("# Title", metadata={"tags": ["notebook-only"]}),
            code("<p>the parameters</p>", tags=("parameters",)),
            code(HEAD),
            code(),
            nbformat.v4.new_markdown_cell("## Part one\n\nWords."),
        )
    )
    assert "<title>A question &amp; more?</title>" in page
    assert "secret" not in page
    assert "plain" not in page
    assert "the parameters" not in page
    assert ">Title<" not in page
    assert '<h2 id="section-part-one">Part one</h2>' in page


def test_the_page_allows_nothing_from_anywhere() -> None:
    page = render_page(make_notebook(code(HEAD)))
    [policy] = [m for m in Outline(page).all("meta") if "http-equiv" in m]
    assert policy["content"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style")
    outline = Outline(page)
    assert outline.all("html")[0]["lang"] == "en"
    assert not outline.all("script")
    assert not [tag for tag, a in outline.tags if "http" in str(a.get("src")) + str(a.get("href"))]


def test_the_search_is_the_only_script_and_allowed_by_its_digest() -> None:
    results = quick_results()
    ballots = results.ballots()
    maps = report.show_vote_maps(results.votes(ballots), ballots, "2025-02-24")
    page = render_page(make_notebook(code(HEAD), code(report.show_contents().html + maps.html)))
    [source] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in page
    assert page.count('data-member="KEN"') >= 4  # two maps, wide and narrow
    assert '<option value="Kenya">KEN</option>' in page


@pytest.mark.parametrize(
    "nasty",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        '<a href="data:text/html,x">a</a>',
        '<p onclick="alert(1)" style="background:url(https://a.example)">b</p>',
        "<svg><script>alert(1)</script></svg>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
        "<iframe src='https://a.example'></iframe>",
        "<base href='https://a.example'>",
        "<svg><use href='https://a.example/x.svg#a'/></svg>",
        "<svg><foreignObject><body onload=alert(1)></foreignObject></svg>",
        "<svg><image href='https://a.example/x.png'/></svg>",
        "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
        "<form action='https://a.example'><input></form>",
        "<h2 id='x' onmouseover='alert(1)'>t</h2>",
    ],
)
def test_nothing_from_outside_runs_or_loads(nasty: str) -> None:
    page = render_page(
        make_notebook(code(HEAD), nbformat.v4.new_markdown_cell(nasty), code(f"<div>{nasty}</div>"))
    )
    body = page[page.index("<main") :]
    outline = Outline(body)
    forbidden = {"script", "iframe", "base", "form", "input", "style", "math", "foreignobject"}
    assert not forbidden & {tag for tag, _ in outline.tags}
    for tag, attributes in outline.tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        for name in ("href", "src", "xlink:href", "style"):
            value = str(attributes.get(name, ""))
            assert "a.example" not in value
            assert "javascript" not in value
            assert not value.startswith("data:text")


def test_our_own_drawings_pass_the_sanitiser_whole() -> None:
    """Everything drawn is there after it: no tag, reference or style is lost."""
    axes_image = Figure(figsize=(2, 1))
    axes_image.subplots().imshow([[0, 1]], interpolation="none")
    for figure in (picture(), axes_image):
        drawn = inline_svg(figure, name="a", alt="Alt", title="T")
        before, after = Outline(drawn), Outline(sanitise_output(drawn))
        assert [tag for tag, _ in before.tags] == [tag for tag, _ in after.tags]
        for (tag, old), (_, new) in zip(before.tags, after.tags, strict=True):
            assert set(old) == set(new), tag
            styles = [str(a.get("style", "")).replace(" ", "").rstrip(";") for a in (old, new)]
            assert styles[0] == styles[1]


def test_words_keep_links_and_lists() -> None:
    kept = sanitise_words('<ul><li><a href="https://example.org">a</a></li></ul>')
    assert 'href="https://example.org"' in kept
    assert "<li>" in kept


def test_the_contents_list_the_sections() -> None:
    nav = report.show_contents()._repr_html_()
    page = render_page(
        make_notebook(code(HEAD), code(nav), nbformat.v4.new_markdown_cell("## Who moved"))
    )
    assert '<li><a href="#section-who-moved">Who moved</a></li>' in page


def test_a_notebook_that_was_not_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="06_report: it shows no heading, so it was not run"):
        render_page(make_notebook())
    with pytest.raises(MissingDataError, match="there is no such notebook; run it first"):
        report.build_page(tmp_path / "none.ipynb")
    (tmp_path / "bad.ipynb").write_text("no notebook")
    with pytest.raises(NotebookError, match="it is not a notebook that can be read"):
        report.build_page(tmp_path / "bad.ipynb")


def test_the_answer_is_read_back(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"answer": {"sentence": "Yes."}}')
    assert report.read_answer(tmp_path) == "Yes."
    (tmp_path / "results.json").write_text("{}")
    with pytest.raises(MissingDataError, match="it has no answer; make the report again"):
        report.read_answer(tmp_path)


# --- views ----------------------------------------------------------------------------------------


def test_views_of_another_study() -> None:
    """Hungary in the European Union: 27 members, and the United Kingdom to January 2020."""
    results = quick_results(
        title="Did Hungary leave?",
        focus="HUN",
        references=["DEU", "POL"],
        members="EU",
    )
    study, ballots = results.study, results.ballots()
    title = repr(report.show_title(study, ballots))
    assert title.startswith("Did Hungary leave?\nUN General Assembly")
    assert (
        "Its vote changed: it had voted yes in all 21"
        in word_answer(answer_of(results), {"HUN": "Hungary"})[1]
    )
    asked = (study.focus, study.references, study.event)
    strip = report.show_strip(results.votes(ballots), ballots, *asked)
    assert "Hungary: 21 times yes, then no and abstain" in strip._repr_html_()
    assert "of 28 members" in repr(report.show_record(results.record(), ballots))
    silent = Results(replace(study, statements=())).multiverse(ballots)
    assert silent.distinct_similarities == 0  # nothing is computed where nothing is asked
    assert "makes no statements" in repr(report.show_multiverse(silent))


def test_the_method_names_what_was_used_and_the_command_the_parameters() -> None:
    results = quick_results(title=NASTY)
    ballots = results.ballots("before")
    methods = repr(report.show_methods(results.similarity(ballots), results.blocs(ballots)))
    assert "Similarity is pi" in methods
    assert "below 5 shared votes there is no value" in methods
    assert "compared with 99 shuffled" in methods
    assert "20 times, seed 20250224" in methods
    shown = report.show_reproduction(results.study)
    assert "measure: pi" in repr(shown)
    assert "unblocs report" in repr(shown)
    assert "<script" not in shown._repr_html_()
    assert "<script" not in report.show_title(results.study, ballots)._repr_html_()


def test_views_draw_anybodys_own_ballots() -> None:
    """A table of votes of two planted parties of five, without a record, date or symbol."""
    members = [
        *("Ash", "Beech", "Cedar", "Daisy", "Elder"),
        *("Fig", "Gorse", "Hazel", "Ivy", "Jute"),
    ]
    made, truth = simulate_assembly(10, 40, blocs=2, noise=0.1, seed=1)
    assert truth.blocs.tolist() == [1] * 5 + [2] * 5
    codes = pd.DataFrame(made.votes, columns=members)
    own = helpers.ballots_from_matrix(codes, members=members)
    similarity = helpers.bootstrap_similarity(own, "pi", replicates=20)
    blocs = helpers.find_blocs(own, replicates=20)
    asked = ("Ash", ["Beech", "Jute"])
    heatmap = report.show_heatmap(similarity, blocs, *asked)
    assert "dyads: 45" in repr(heatmap)  # 10 * 9 / 2
    assert "Ash is joined to" in report.show_network(similarity, blocs, *asked).html
    assert "2 main blocs, of 5 members and 5 members" in repr(report.show_blocs(blocs, *asked))
    dyads = report.show_dyads({"all": similarity}, focus=asked[0], references=asked[1])
    assert "Ash with each of the others" in dyads.html
    assert "Ash and others, vote by vote" in report.show_strip(own.words, own, *asked).html
    assert "made-1" in repr(report.show_strip(own.words, own, *asked))
    for view in (report.show_choice, report.show_bloc_details, report.show_bloc_map):
        assert view(blocs).html


def test_the_notebooks_of_one_report_draw_a_view_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []

    @drawn_once
    def show_something(similarity: Similarity, focus: str = "") -> report.Published:
        drawn.append(focus)
        return report.publish("something", figure=picture(focus), alt="A line.")

    votes = [[1, 1, 3], [1, 3, 3]]
    one, same = (
        measure_similarity(ballots_from_matrix(votes, members=["A", "B", "C"])) for _ in range(2)
    )
    other = measure_similarity(ballots_from_matrix(votes[::-1], members=["A", "C", "B"]))
    alone = [show_something(one, "A"), show_something(one, "A")]
    assert drawn == ["A", "A"]
    monkeypatch.setenv("UNBLOCS_OUT", str(tmp_path))
    shown = [
        show_something(*asked) for asked in ((one, "A"), (same, "A"), (one, "B"), (other, "A"))
    ]
    assert drawn == ["A", "A", "A", "B", "A"]  # the same content is drawn once
    assert shown[0] == shown[1]
    assert shown[0].text == alone[0].text  # alone there are no files to link to
    assert shown[2] != shown[0]
    assert (tmp_path / "figures" / "something.svg").is_file()
