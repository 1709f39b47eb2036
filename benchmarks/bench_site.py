"""The page that finds reports, with 600 of them: to write, to see in a browser, to search.

One report of the dossier is made; its files stand 600 times, for 6 members, 10 subjects and 10
sessions, so that sentences, strips and tables are as long as in real life.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import psutil

FOCUSES = ("USA", "RUS", "HUN", "ISR", "CHN", "FRA")
SUBJECTS = ("", "me", "nu", "di", "hr", "co", "ec", "ukraine", "palestine", "food")
SESSIONS = range(70, 80)
REPEATS = 7
LARGEST_MB = 2.0
WRITE_S = 10.0
FIRST_PAINT_S = 1.0
SEARCH_S = 0.1
QUERIES = ("u", "united states", "hungary nuclear", "session 75", "none of the kind", "")

PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0"""
SEARCH = """words => new Promise(done => {
  const form = document.getElementById("find");
  form.elements.words.value = words;
  const started = performance.now();
  form.dispatchEvent(new Event("input"));
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - started);
    channel.port2.postMessage(0);
  });
})"""


def run() -> Iterator[dict[str, Any]]:
    """Yield a row for the index and, where a Chromium is here, one each for paint and search."""
    with tempfile.TemporaryDirectory(prefix="unblocs-bench-") as folder:
        home = Path(folder)
        before = os.environ.get("UNBLOCS_HOME")
        os.environ["UNBLOCS_HOME"] = folder
        try:
            model = make_model(home)
            yield write_index(home, model)
            yield from browser_rows(home / "reports" / "index.html")
        finally:
            os.environ.pop("UNBLOCS_HOME")
            if before is not None:
                os.environ["UNBLOCS_HOME"] = before


def make_model(home: Path) -> Path:
    """Make one report of the dossier, with few replicates, and take it aside."""
    from helpers.run.pipeline import make_report

    study = home / "reports" / "model.yml"
    study.parent.mkdir()
    study.write_text("replicates: 50\nnulls: 99\n", encoding="utf-8")
    shutil.move(make_report(study), home / "model")
    study.unlink()
    return home / "model"


def write_index(home: Path, model: Path) -> dict[str, Any]:
    """Write the reports, time the site's page and links for them, and return the row."""
    from helpers.report.index import write_site

    number = 0
    shutil.rmtree(home / "reports")
    for focus, subject, session in product(FOCUSES, SUBJECTS, SESSIONS):
        copy_model(model, home / "reports", focus, subject, session)
        number += 1
    started = time.perf_counter()
    page = write_site()
    seconds = time.perf_counter() - started
    megabytes = page.stat().st_size / 1e6
    return {
        "name": "site.index",
        "ours_s": seconds,
        "peer_s": WRITE_S,
        "ratio": WRITE_S / seconds,
        "peak_mb": psutil.Process().memory_info().rss / 1e6,
        "size_mb": megabytes,
        "peer": (
            f"our own bar, no peer; index and links of {number} reports: {megabytes:.2f} MB "
            f"(bar: {LARGEST_MB:g} MB)"
        ),
    }


def copy_model(model: Path, reports: Path, focus: str, subject: str, session: int) -> None:
    """Copy what the site reads of the model, as the report on another study."""
    place = reports / f"{focus}-{subject or 'all'}-{session}"
    (place / "tables").mkdir(parents=True)
    provenance = json.loads((model / "provenance.json").read_text(encoding="utf-8"))
    provenance["parameters"] |= {
        "title": f"How did {focus} vote in session {session} of the General Assembly?",
        "focus": focus,
        "subject": subject,
        "sessions": str(session),
        "event": "",
        "target": "",
        "baselines": [],
    }
    results = json.loads((model / "results.json").read_text(encoding="utf-8"))
    results["study"] |= {"first": f"{1945 + session}-09-15", "last": f"{1946 + session}-06-30"}
    for name, content in (("provenance", provenance), ("results", results)):
        (place / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    shutil.copy(model / "tables" / "strip.csv", place / "tables")
    shutil.copy(model / "index.html", place)


def browser_rows(page_file: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows that need a browser; without one, say so and yield none."""
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    browser_path = next(found, None)
    if browser_path is None:
        print("site.first_paint, site.search: no Chromium on this machine", file=sys.stderr)
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        paints: list[float] = []
        searches: list[list[float]] = []
        peak = 0.0
        for _ in range(REPEATS):
            page = browser.new_context().new_page()
            page.goto(page_file.as_uri())
            page.wait_for_function(f"({PAINT})() > 0")
            paints.append(page.evaluate(PAINT) / 1000)
            searches.append([page.evaluate(SEARCH, words) / 1000 for words in QUERIES])
            peak = max(peak, memory_of_children())
            page.context.close()
        browser.close()
    yield bar_row("site.first_paint", statistics.median(paints), FIRST_PAINT_S, peak)
    slowest = max(map(statistics.median, zip(*searches, strict=True)))
    yield bar_row("site.search", slowest, SEARCH_S, peak)


def bar_row(name: str, seconds: float, bar: float, peak: float) -> dict[str, Any]:
    """Return a row whose peer is the bar of the issue."""
    return {
        "name": name,
        "ours_s": seconds,
        "peer_s": bar,
        "ratio": bar / seconds,
        "peak_mb": peak,
        "peer": "the bar, no peer (600 reports, Chromium, from a file; slowest query)"
        if name == "site.search"
        else "the bar, no peer (600 reports, Chromium, from a file)",
    }


def memory_of_children() -> float:
    """Return the memory of all processes of the browser and its driver, in MB."""
    total = 0
    for child in psutil.Process().children(recursive=True):
        try:
            total += child.memory_full_info().uss
        except psutil.Error:
            continue
    return total / 1e6
