"""The search of the page, in a real browser, from a file and without a network."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from helpers import report
from helpers.record import load_record
from helpers.report.figures import draw_vote_map
from helpers.report.page import render_page
from helpers.report.sections.votes import who_voted
from helpers.shifts import cast_votes

VOTE = "dossier-A/RES/ES-11/7"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with the map of one vote and its table of who voted how."""
    record = load_record("dossier")
    calls = record.roll_calls[record.roll_calls["roll_call"].eq(VOTE)]
    votes = cast_votes(record, [VOTE])
    names = report.member_names()
    shown = [
        f"<h1>{calls['symbol'].iloc[0]}</h1>",
        report.show_contents().html,
        report.publish("map", figure=draw_vote_map(votes[VOTE], names=names)).html,
        report.publish("who", table=who_voted(votes[VOTE], names)).html,
    ]
    output = nbformat.v4.new_output("display_data", {"text/html": "\n".join(shown)})
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    path = tmp_path_factory.mktemp("page") / "index.html"
    text = render_page(nbformat.v4.new_notebook(cells=[cell]))
    path.write_text(text, encoding="utf-8")
    return path


def test_a_member_is_marked_everywhere_and_kept_in_the_address(page: Path, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        opened, said = browser.new_page(viewport={"width": 1280, "height": 900}), []
        opened.on("console", lambda message: said.append(message.text))
        opened.goto(f"{page.as_uri()}#member=KEN")
        assert opened.input_value("#member") == "Kenya"
        opened.fill("#member", "north k")
        opened.press("#member", "Enter")
        assert opened.url.endswith("#member=PRK")
        marked = opened.eval_on_selector_all(".picked", "all => all.map(m => m.textContent.trim())")
        assert "North Korea" in marked
        assert opened.locator('[data-member="PRK"].picked').count() >= 2
        assert opened.locator('[data-member="KEN"].picked').count() == 0
        opened.fill("#member", "Atlantis")
        opened.press("#member", "Enter")
        assert opened.text_content("#find output") == "No member of that name."
        took = opened.evaluate(
            "() => { const i = document.getElementById('member'), t = performance.now();"
            " i.value = 'Kenya'; i.dispatchEvent(new Event('change'));"
            " return performance.now() - t }"
        )
        assert took < 100  # milliseconds
        assert said == []  # nothing in the console: the policy lets the script run
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(page.as_uri())
        assert not plain.is_visible("#member")
        assert plain.is_visible("#who")
        browser.close()
