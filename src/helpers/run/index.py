"""The page that finds every report: ``reports/index.html``, and links from report to report."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, Final

from helpers.record import ISSUES
from helpers.run.pipeline import LINKS_END, LINKS_START, without_links
from helpers.store import PACKAGE, workspace, write_atomic

MOST_CHANGES: Final = 12
"""Rows of the table of what changed most."""

FEWEST_VOTES: Final = 10
"""Shared votes that both periods need before a change of agreement is listed."""

MOST_ROWS: Final = 7
"""Rows of a small figure: the focus and the first members that it is compared with."""

MOST_LINKS: Final = 10
"""Links from a report to others that the page shows; the report's own page has all."""

_PERIOD: Final = ("sessions", "date_from", "date_to", "event", "target", "baselines")
_WORDS: Final = ("title", "statements", "references")
_SUBJECTS: Final = {**ISSUES, "": "all subjects"}
_MARKS: Final = {"yes": "y", "abstain": "a", "no": "n", "absent": "x"}
_TAIL: Final = 16_384


@dataclass(frozen=True)
class Entry:
    """What the site knows of one report: its folder's name and the files that it reads."""

    name: str
    parameters: dict[str, Any]
    study: dict[str, Any]
    answer: dict[str, Any]
    strip: tuple[tuple[str, ...], ...]
    tables: tuple[str, ...]
    notebooks: tuple[str, ...]

    @property
    def title(self) -> str:
        """The report's question."""
        return str(self.parameters["title"])

    @cached_property
    def period(self) -> str:
        """The period in words: sessions, or first and last year."""
        if self.parameters["sessions"]:
            return f"session {self.parameters['sessions']}"
        return self.years

    @property
    def years(self) -> str:
        """The first and the last year of the votes."""
        first, last = (str(self.study.get(key, ""))[:4] for key in ("first", "last"))
        return first if first == last else f"{first} to {last}"

    @property
    def method(self) -> str:
        """The measure and the method of clustering."""
        return f"{self.parameters['measure']}, {self.parameters['method']}"

    def key(self, *without: str) -> str:
        """Return what two reports share when they differ in these parameters only."""
        left = {n: v for n, v in self.parameters.items() if n not in (*without, *_WORDS)}
        return json.dumps(left, sort_keys=True)


@dataclass(frozen=True)
class Change:
    """How the agreement of a focus member with another changed between two neighbouring periods."""

    before: Entry
    after: Entry
    member: str
    old: float
    new: float
    votes: tuple[int, int]
    apart: bool | None

    @property
    def size(self) -> float:
        """The change of the share of equal votes."""
        return self.new - self.old


def write_site() -> Path:
    """Write ``reports/index.html`` and the links between reports; return the page's path.

    The page lists every report of the folder and every failure that the batches remember. It is one
    file that needs no server.

    Raises
    ------
    StorageError
        The page cannot be written.
    """
    from helpers.report import member_names

    folder = workspace() / "reports"
    entries = sorted(read_entries(folder), key=lambda e: (e.parameters["focus"], e.name))
    links = find_links(entries)
    page = render_site(entries, links, failures(), member_names())
    for entry in entries:
        write_links(folder / entry.name / "index.html", links[entry.name], entry.notebooks)
    return write_atomic(folder / "index.html", page)


def batches() -> Path:
    """Return the folder that holds a folder for each batch."""
    return workspace() / "data" / "processed" / "batch"


def failures() -> dict[str, str]:
    """Return the reports that failed in a batch the last time, with the sentence."""
    marks = sorted(batches().glob("*/failed/report-*"))
    return {m.name.removeprefix("report-"): m.read_text(encoding="utf-8") for m in marks}


def read_entries(folder: Path) -> Iterator[Entry]:
    """Read every report of a folder; a folder without a whole report is left out."""
    for place in sorted(folder.glob("[!.]*/provenance.json")):
        try:
            yield _read_entry(place.parent)
        except (OSError, ValueError, KeyError):
            continue


def _read_entry(place: Path) -> Entry:
    provenance = json.loads((place / "provenance.json").read_text(encoding="utf-8"))
    results = json.loads((place / "results.json").read_text(encoding="utf-8"))
    files = sorted(provenance["files"])
    return Entry(
        name=place.name,
        parameters=provenance["parameters"],
        study=results.get("study", {}),
        answer=results["answer"],
        strip=_read_strip(place / "tables" / "strip.csv"),
        tables=tuple(f for f in files if f.startswith("tables/")),
        notebooks=tuple(f for f in files if f.startswith("notebooks/")),
    )


def _read_strip(path: Path) -> tuple[tuple[str, ...], ...]:
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(map(tuple, csv.reader(file)))


# -------------------------------------------------------------------------------- from one to other


def find_links(entries: Iterable[Entry]) -> dict[str, list[tuple[str, Entry]]]:
    """Return the neighbours of every report, in words: previous and next period, other subjects."""
    entries = list(entries)
    links: dict[str, list[tuple[str, Entry]]] = {entry.name: [] for entry in entries}
    for before, after in neighbouring_periods(entries):
        links[before.name].append(("Next period", after))
        links[after.name].insert(0, ("Previous period", before))
    for group in _groups(entries, lambda e: e.key("subject")):
        for entry in group:
            others = [o for o in group if o.parameters["subject"] != entry.parameters["subject"]]
            links[entry.name] += [("Another subject", other) for other in others]
    return links


def neighbouring_periods(entries: Iterable[Entry]) -> list[tuple[Entry, Entry]]:
    """Return the pairs of reports that ask the same about one period and the next."""
    pairs = []
    for group in _groups(entries, lambda e: e.key(*_PERIOD)):
        ordered = sorted(group, key=lambda e: (str(e.study.get("first", "")), e.name))
        pairs += [(a, b) for a, b in pairwise(ordered) if a.period != b.period]
    return pairs


def find_changes(entries: Iterable[Entry]) -> list[Change]:
    """Return the largest changes of agreement between neighbouring periods, one a pair."""
    largest = []
    for before, after in neighbouring_periods(entries):
        changes = list(_changes(before, after))
        if changes:
            largest.append(max(changes, key=lambda c: abs(c.size)))
    return sorted(largest, key=lambda c: (-abs(c.size), c.after.name))[:MOST_CHANGES]


def _changes(before: Entry, after: Entry) -> Iterator[Change]:
    olds, news = before.answer.get("agreement", {}), after.answer.get("agreement", {})
    for member in sorted(set(olds) & set(news)):
        old, new = _pooled(olds[member]), _pooled(news[member])
        if min(old["n"], new["n"]) >= FEWEST_VOTES:
            yield Change(
                before,
                after,
                member,
                old["same"] / old["n"],
                new["same"] / new["n"],
                (old["n"], new["n"]),
                _are_apart(old, new),
            )


def _pooled(parts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Put the votes before and since the event together; the interval only where it is of all."""
    known = [p for p in parts.values() if p.get("n")]
    one = known[0] if len(known) == 1 else {}
    return {
        "n": sum(p["n"] for p in known),
        "same": sum(p["same"] for p in known),
        "low": one.get("low"),
        "high": one.get("high"),
    }


def _are_apart(old: dict[str, Any], new: dict[str, Any]) -> bool | None:
    """Tell whether two intervals do not overlap; None where one is not known."""
    if None in (old["low"], old["high"], new["low"], new["high"]):
        return None
    return bool(old["high"] < new["low"] or new["high"] < old["low"])


def _groups(entries: Iterable[Entry], key: Callable[[Entry], str]) -> Iterator[list[Entry]]:
    keyed = sorted(((key(e), e) for e in entries), key=lambda pair: (pair[0], pair[1].name))
    for _, group in groupby(keyed, key=lambda pair: pair[0]):
        yield [entry for _, entry in group]


def write_links(
    page: Path, links: list[tuple[str, Entry]], notebooks: tuple[str, ...] = ()
) -> None:
    """Put the links to other reports and to its own files at the end of a report's page.

    The page is left alone where the same links are there.
    """
    items = [("", "../index.html", "All reports")]
    items += [(f"{word}: ", f"../{e.name}/index.html", e.title) for word, e in links]
    own = [("results.json", "numbers"), ("provenance.json", "provenance")]
    own += [(file, Path(file).stem) for file in notebooks]
    nav = _render("links.html.j2", items=items, own=own, start=LINKS_START, end=LINKS_END).encode()
    if not page.is_file() or nav in _tail(page):
        return
    head, main_end, rest = without_links(page.read_bytes()).rpartition(b"</main>")
    if main_end:
        write_atomic(page, b"".join((head, nav, main_end, rest)))


def _tail(page: Path) -> bytes:
    """Return the end of a page, where its links are: a page is too large to read for them."""
    with page.open("rb") as file:
        file.seek(max(0, page.stat().st_size - _TAIL))
        return file.read()


# ------------------------------------------------------------------------------------- the page


def render_site(
    entries: list[Entry],
    links: dict[str, list[tuple[str, Entry]]],
    failed: dict[str, str],
    names: Mapping[str, str],
) -> str:
    """Return the page as HTML."""
    script = (PACKAGE / "report" / "templates" / "site" / "filter.js").read_text(encoding="utf-8")
    styles = _render("style.css.j2")
    cards = [_card(entry, links[entry.name], names, failed) for entry in entries]
    tables = sorted({table for entry in entries for table in entry.tables})
    return _render(
        "index.html.j2",
        cards=cards,
        changes=[(c, names.get(c.member, c.member)) for c in find_changes(entries)],
        neighbours=neighbouring_periods(entries),
        fewest=FEWEST_VOTES,
        failed=failed,
        failures=_by_sentence(failed),
        choices={
            "focus": sorted({(c["focus"], c["focus_id"]) for c in cards}),
            "subject": sorted({(c["subject"], c["subject"]) for c in cards}),
            "period": sorted({(c["period"], c["period"]) for c in cards}),
            "method": sorted({(c["method"], c["method"]) for c in cards}),
        },
        names=names,
        subjects=_SUBJECTS,
        tables=[table.removeprefix("tables/").removesuffix(".csv") for table in tables],
        numbers={table: number for number, table in enumerate(tables)},
        script=script,
        styles=styles,
        script_hash=_hash(script),
        style_hash=_hash(styles),
    )


def _by_sentence(failed: dict[str, str]) -> list[tuple[str, list[str]]]:
    """Return each sentence with the reports that failed of it, the most frequent first."""
    reports: dict[str, list[str]] = {}
    for name, sentence in failed.items():
        reports.setdefault(sentence, []).append(name)
    return sorted(reports.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def _card(
    entry: Entry,
    links: list[tuple[str, Entry]],
    names: Mapping[str, str],
    failed: dict[str, str],
) -> dict[str, Any]:
    focus = str(entry.parameters["focus"])
    subject = _SUBJECTS.get(entry.parameters["subject"], entry.parameters["subject"])
    focus_name = names.get(focus, focus) or "no focus"
    return {
        "entry": entry,
        "focus": focus_name,
        "focus_id": focus,
        "subject": subject,
        "period": entry.period,
        "method": entry.method,
        "votes": entry.study.get("roll_calls", ""),
        "answer": entry.answer.get("sentence", ""),
        "years": "" if entry.period == entry.years else entry.years,
        "links": links[:MOST_LINKS],
        "figure": small_strip(entry, names),
        "failed": failed.get(entry.name, ""),
    }


def small_strip(entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the strip of votes, small: a path a kind of vote, and what it shows in words.

    One row a member, one column a vote; equal votes beside each other are one stroke. Yes stands
    high in its row, no low, an abstention between and an absence as a hair line, so that colour
    alone tells nothing apart.
    """
    if len(entry.strip) < 2 or len(entry.strip[0]) < 3:
        return {}
    head, *rows = entry.strip
    columns = range(2, min(len(head), 2 + MOST_ROWS))
    paths = dict.fromkeys(_MARKS.values(), "")
    for y, column in enumerate(columns):
        x = 0
        for vote, run in groupby(row[column] for row in rows):
            length = len(list(run))
            if vote in _MARKS:
                paths[_MARKS[vote]] += f"M{x} {y}h{length}"
            x += length
    event = str(entry.parameters.get("event", ""))
    marked = [x for x, row in enumerate(rows) if event and row[0] == event]
    return {
        "width": len(rows),
        "height": len(columns),
        "rows": head[2 : 2 + len(columns)],
        "paths": {mark: path for mark, path in paths.items() if path},
        "marked": (marked[0], len(marked)) if marked else None,
        "alt": _describe(head[2], rows, names, others=len(columns) - 1),
    }


def _describe(
    focus: str, rows: list[tuple[str, ...]], names: Mapping[str, str], *, others: int
) -> str:
    own = [row[2] for row in rows]
    tally = ", ".join(f"{vote} {own.count(vote)}" for vote in _MARKS if vote in own)
    return f"{names.get(focus, focus)} in {len(rows)} votes: {tally}; below it {others} others"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(PACKAGE / "report" / "templates"), autoescape=True, trim_blocks=True
    )
    return environment.get_template(f"site/{template}").render(**values)
