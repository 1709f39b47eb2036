"""The published page in a real browser: seen by axe, at three widths, light, dark and printed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

WIDTHS = (375, 768, 1280)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """Source of axe-core (MPL-2.0), as the test dependency ships it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


class Visit:
    """A page that was opened, with everything that it asked for and complained of."""

    def __init__(self, browser: Any, path: Path, width: int, scheme: str = "light") -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def violations(self, axe: str) -> list[str]:
        """What axe finds, as one line for each rule."""
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']}: {v['help']} ({v['nodes'][0]['html'][:120]})" for v in found["violations"]
        ]


@pytest.fixture
def visit(browser: Any, dossier_report: Path) -> Iterator[Any]:
    opened: list[Visit] = []

    def open_page(width: int, scheme: str = "light", path: Path | None = None) -> Visit:
        opened.append(Visit(browser, path or dossier_report / "index.html", width, scheme))
        return opened[-1]

    yield open_page
    for one in opened:
        one.page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(visit: Any, axe: str, width: int, scheme: str) -> None:
    page = visit(width, scheme)
    page.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    assert page.violations(axe) == []


def test_axe_would_find_something(visit: Any, axe: str, tmp_path: Path) -> None:
    """The checker is checked: a page with an unnamed picture and pale text."""
    bad = tmp_path / "bad.html"
    bad.write_text("<html><p style='color:#bbb'>pale</p><svg role='img'></svg></html>")
    rules = {violation.split(":")[0] for violation in visit(768, path=bad).violations(axe)}
    assert {"color-contrast", "svg-img-alt", "html-has-lang", "document-title"} <= rules


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_asked_for_and_nothing_complained_of(visit: Any, width: int) -> None:
    page = visit(width)
    assert [url for url in page.asked if not url.startswith(("data:", "file:"))] == []
    assert len([url for url in page.asked if url.startswith("file:")]) == 1
    assert page.complaints == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_overflows_or_shifts(visit: Any, width: int) -> None:
    page = visit(width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shift = page.evaluate(
        """() => new Promise(done => {
            let sum = 0;
            new PerformanceObserver(list => {
                for (const entry of list.getEntries()) sum += entry.value;
            }).observe({type: 'layout-shift', buffered: true});
            setTimeout(() => done(sum), 300);
        })"""
    )
    assert shift == 0
    unsized = page.evaluate(
        "[...document.querySelectorAll('svg[role=img]')].filter(s => !s.getAttribute('width') || "
        "!s.getAttribute('height') || !s.getAttribute('viewBox')).length"
    )
    assert unsized == 0


def test_a_phone_gets_drawings_of_its_own(visit: Any) -> None:
    widths = """[...document.querySelectorAll('svg[role=img]')]
        .map(s => s.getBoundingClientRect().width).filter(Boolean)"""
    narrow = visit(375).page.evaluate(widths)
    wide = visit(1280).page.evaluate(widths)
    assert len(narrow) == len(wide) >= 12
    assert max(narrow) <= 343
    assert max(wide) > 700


def test_the_smallest_letters_can_be_read(visit: Any) -> None:
    """No letter of a drawing is under 9 px as it is shown, on a phone or on a desk."""
    smallest = """Math.min(...[...document.querySelectorAll('svg[role=img] text')]
        .filter(t => t.getBoundingClientRect().width)
        .map(t => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a))"""
    for width in WIDTHS:
        assert visit(width).page.evaluate(smallest) >= 9, width


def test_keyboard_and_landmarks(visit: Any) -> None:
    page = visit(1280).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.querySelectorAll('main').length") == 1
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    links = page.evaluate(
        "[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))"
    )
    assert len(links) >= 6
    assert page.evaluate("ids => ids.every(id => document.getElementById(id))", links)


def test_the_answer_and_the_strip_come_first(visit: Any) -> None:
    """Question, answer and key figure are in the first screens of a phone, in this order."""
    page = visit(375).page
    tops = page.evaluate(
        "['h1', '.answer', '#strip', 'h2'].map("
        "s => document.querySelector(s).getBoundingClientRect().top)"
    )
    assert tops == sorted(tops)


def test_print_shows_the_wide_drawings_on_white(visit: Any) -> None:
    page = visit(768, "dark").page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.querySelector('#strip .wide').getBoundingClientRect().width") > 0
    assert page.pdf(format="A4")[:5] == b"%PDF-"
