"""The page that finds every report, on made-up folders with the files that it reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from helpers.run import index as site
from helpers.run.pipeline import without_links
from helpers.store import bundled
from helpers.study.parameters import read_study

SUBJECTS = ("", "me", "nu", "di", "hr", "co", "ec", "ukraine", "palestine", "food")
FOCUSES = ("USA", "RUS", "HUN", "ISR", "CHN", "FRA")
PAGE = "<!DOCTYPE html>\n<html><body>\n<main id='main'>\n<p>text</p>\n</main>\n</body></html>\n"


def part(same: int, n: int, low: float | None = None, high: float | None = None) -> dict:
    return {"value": same / n, "low": low, "high": high, "n": n, "same": same}


def make_folder(
    folder: Path,
    name: str,
    agreement: dict,
    *,
    first: str = "2020-01-01",
    last: str = "2020-12-31",
    votes: int = 30,
    **parameters: object,
) -> None:
    """Write the files of a report that the site reads."""
    study = read_study(
        bundled("reports/ukraine.yml"), {"title": f"The report {name}", **parameters}
    )
    place = folder / "reports" / name
    (place / "tables").mkdir(parents=True)
    members = [study.focus, *study.references]
    rng = np.random.default_rng(len(name))
    cast = rng.choice(["yes", "abstain", "no", "absent"], size=(votes, len(members)))
    lines = [",".join(["date", "vote", *members])]
    lines += [",".join([f"2020-01-{1 + i % 28:02}", f"75/{i}", *row]) for i, row in enumerate(cast)]
    (place / "tables" / "strip.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (place / "index.html").write_text(PAGE, encoding="utf-8")
    tables = ["strip", "movers", "dyads", "neighbours", "heatmap", "blocs", "choice", "timeline"]
    files = [f"tables/{t}.csv" for t in tables]
    files += [f"notebooks/{n}.ipynb" for n in ("01_record", "02_similarity", "06_report")]
    results = {
        "study": {"title": study.title, "first": first, "last": last, "roll_calls": votes},
        "answer": {
            "sentence": f"In {votes} recorded votes, {study.focus} voted: yes 12, no 18.",
            "agreement": agreement,
        },
    }
    (place / "results.json").write_text(json.dumps(results), encoding="utf-8")
    provenance = {"parameters": study.as_dict(), "files": dict.fromkeys(files, "0" * 16)}
    (place / "provenance.json").write_text(json.dumps(provenance), encoding="utf-8")


def make_many(folder: Path, sessions: int) -> int:
    """Write a grid of reports: focus members x subjects x sessions."""
    number = 0
    for focus in FOCUSES:
        for subject in SUBJECTS:
            for session in range(70, 70 + sessions):
                make_folder(
                    folder,
                    f"{focus}-{subject or 'all'}-{session}",
                    {"GBR": {"before": part(10 + session % 7, 30, 0.2, 0.6)}},
                    first=f"{1945 + session}-09-15",
                    last=f"{1946 + session}-06-30",
                    focus=focus,
                    subject=subject,
                    sessions=str(session),
                    event="",
                )
                number += 1
    return number


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UNBLOCS_HOME", str(tmp_path))
    return tmp_path


def test_neighbours_are_the_sessions_beside_and_the_other_subjects(home: Path) -> None:
    for name, session, subject in (
        ("a", "78", "me"),
        ("b", "79", "me"),
        ("c", "80", "me"),
        ("d", "79", "hr"),
    ):
        make_folder(
            home, name, {}, sessions=session, subject=subject, event="", first=f"20{session}-01-01"
        )
    links = site.find_links(site.read_entries(home / "reports"))
    words = {name: [(word, other.name) for word, other in found] for name, found in links.items()}
    assert words == {
        "a": [("Next period", "b")],
        "b": [("Previous period", "a"), ("Next period", "c"), ("Another subject", "d")],
        "c": [("Previous period", "b")],
        "d": [("Another subject", "b")],
    }


def test_the_largest_change_counts_all_votes_of_both_periods(home: Path) -> None:
    # DEU: (8 + 2) of (10 + 10) = 0.5, then 18 of 20 = 0.9; FRA changes less; ISR has too few votes
    make_folder(
        home,
        "a",
        {
            "DEU": {"before": part(8, 10), "since": part(2, 10)},
            "FRA": {"before": part(15, 30, 0.4, 0.6)},
            "ISR": {"before": part(0, 9)},
        },
        sessions="78",
        event="",
        first="2023-09-01",
    )
    make_folder(
        home,
        "b",
        {
            "DEU": {"before": part(18, 20, 0.8, 0.95)},
            "FRA": {"before": part(21, 30, 0.65, 0.8)},
            "ISR": {"before": part(9, 9)},
        },
        sessions="79",
        event="",
        first="2024-09-01",
    )
    [change] = site.find_changes(site.read_entries(home / "reports"))
    assert (change.before.name, change.after.name, change.member) == ("a", "b", "DEU")
    assert (change.old, change.new, change.votes) == (0.5, 0.9, (20, 20))
    assert change.apart is None
    assert site._are_apart(part(1, 2, 0.4, 0.6), part(1, 2, 0.65, 0.8)) is True
    assert site._are_apart(part(1, 2, 0.4, 0.66), part(1, 2, 0.65, 0.8)) is False


def test_the_small_figure_has_every_vote_once(home: Path) -> None:
    make_folder(home, "a", {}, votes=25, references=["RUS", "GBR"])
    [entry] = site.read_entries(home / "reports")
    figure = site.small_strip(entry, {"USA": "United States"})
    assert figure["rows"] == ("USA", "RUS", "GBR"), "whose votes a row shows"
    lengths = [int(n) for path in figure["paths"].values() for n in re.findall(r"h(\d+)", path)]
    assert sum(lengths) == 25 * 3
    _head, *rows = entry.strip
    first = {"yes": "y", "abstain": "a", "no": "n", "absent": "x"}[rows[0][2]]
    assert figure["paths"][first].startswith("M0 0h")
    assert figure["alt"].startswith("United States in 25 votes: ")


def test_the_page_escapes_what_comes_from_outside(home: Path) -> None:
    make_folder(home, "a", {}, title='<script>alert("x")</script>', subject='"><img src=x>')
    page = site.write_site().read_text(encoding="utf-8")
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert "&lt;script&gt;alert" in page


def test_failures_and_whole_reports_only(home: Path) -> None:
    make_folder(home, "good", {})
    make_folder(home, "old", {})
    (home / "reports" / "half").mkdir()
    (home / "reports" / "half" / "provenance.json").write_text("{}", encoding="utf-8")
    failed = home / "data" / "processed" / "batch" / "grid" / "failed"
    failed.mkdir(parents=True)
    (failed / "report-bad").write_text("focus: 'XXX' is no member", encoding="utf-8")
    (failed / "report-old").write_text("the disk is full", encoding="utf-8")
    (failed / "similarity-0123").write_text("not a report", encoding="utf-8")
    (failed / "report-worse").write_text("focus: 'XXX' is no member", encoding="utf-8")
    page = site.write_site().read_text(encoding="utf-8")
    assert re.findall(r'<li id="(\w+)"', page) == ["good", "old"]
    assert "&#39;XXX&#39; is no member</td><td>bad, worse</td>" in page, "a sentence stands once"
    assert '<a href="#failures">3 failed</a>' in page
    assert "focus: &#39;XXX&#39; is no member" in page
    assert "The last attempt failed; this is the report before it. the disk is full" in page
    assert "not a report" not in page


def test_links_go_into_the_pages_and_come_out_whole(home: Path) -> None:
    for name, session in (("a", "78"), ("b", "79")):
        make_folder(home, name, {}, sessions=session, event="", first=f"20{session}-01-01")
    site.write_site()
    page = home / "reports" / "a" / "index.html"
    linked = page.read_text(encoding="utf-8")
    assert '<a href="notebooks/01_record.ipynb">01_record</a>' in linked
    assert '<a href="provenance.json">provenance</a>' in linked
    assert '<li>Next period: <a href="../b/index.html">The report b</a></li>' in linked
    assert without_links(page.read_bytes()) == PAGE.encode()
    times = page.stat().st_mtime_ns
    site.write_site()
    assert page.stat().st_mtime_ns == times, "nothing has changed, so nothing is written"
    (home / "reports" / "b" / "provenance.json").unlink()
    site.write_site()
    assert "../b/" not in page.read_text(encoding="utf-8"), "the link goes with the report"
    assert without_links(page.read_bytes()) == PAGE.encode()


def test_600_reports_are_under_2_mb(home: Path) -> None:
    assert make_many(home, 10) == 600
    page = site.write_site()
    assert page.stat().st_size < 2_000_000
    # 6 focus members x 10 subjects x 9 pairs of sessions
    assert len(site.neighbouring_periods(site.read_entries(home / "reports"))) == 6 * 10 * 9


SEARCH = """() => ["united states ukraine", "session 75", "nothing of the kind", ""].map(words => {
  const form = document.getElementById("find");
  form.elements.words.value = words;
  form.dispatchEvent(new Event("input"));
  return document.getElementById("count").textContent;
})"""


@pytest.mark.browser
def test_600_reports_are_found_by_words_in_a_browser(home: Path, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    assert make_many(home, 10) == 600
    page_file = site.write_site()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 800})
        messages: list[str] = []
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.goto(page_file.as_uri())
        found = page.evaluate(SEARCH)
        width = page.evaluate("document.documentElement.scrollWidth")
        browser.close()
    assert messages == [], "also none of the content security policy"
    # 10 sessions of one member and subject; 10 subjects of 6 members in one session
    assert found == [
        "10 of 600 reports",
        "60 of 600 reports, the first 12 shown",
        "0 of 600 reports",
        "600 of 600 reports, the first 12 shown",
    ]
    assert width == 360, "nothing sticks out on a phone"


def test_periods_with_too_few_votes_are_said_to_say_nothing(home: Path) -> None:
    for name, session in (("a", "78"), ("b", "79")):
        agreement = {"DEU": {"before": part(4, 9)}}
        make_folder(home, name, agreement, sessions=session, event="", first=f"20{session}-01-01")
    page = site.write_site().read_text(encoding="utf-8")
    assert "No two neighbouring periods have 10 votes or more" in page
    assert "<caption>The" not in page


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(home: Path, chromium: str, scheme: str) -> None:
    from importlib.resources import files

    from playwright.sync_api import sync_playwright

    for name, session in (("a", "78"), ("b", "79")):
        agreement = {"DEU": {"before": part(int(session) - 70, 30)}}
        make_folder(home, name, agreement, sessions=session, event="", first=f"20{session}-01-01")
    failed = home / "data" / "processed" / "batch" / "grid" / "failed"
    failed.mkdir(parents=True)
    (failed / "report-b").write_text("the disk is full", encoding="utf-8")
    page_file = site.write_site()
    axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(color_scheme=scheme)
        page.goto(page_file.as_uri())
        page.locator("#reports details").first.click()
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        browser.close()
    assert [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]] == []
