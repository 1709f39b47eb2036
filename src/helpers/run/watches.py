"""What was known of a source the last time, and a page about what has come since."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from helpers.errors import SelectionError
from helpers.record import Record
from helpers.shifts import watch_release, write_watch
from helpers.store import workspace, write_atomic, write_json
from helpers.study import Results

if TYPE_CHECKING:
    from helpers.study import Study


def make_watch(study: Study, *, name: str, since: str = "") -> list[str]:
    """Write a page about what is new in a study's source, and remember what it has now.

    Parameters
    ----------
    study : Study
        Its source and body are looked at, and its ``event_subject`` beside recurring texts.
    name : str
        Of the page, ``reports/watch/NAME.md`` and ``.html``, and of what is remembered,
        ``data/processed/watch/NAME.json``.
    since : str
        ISO date; what is known ends on it. Empty: what was remembered the last time.

    Returns
    -------
    list of str
        What was done, in lines: the page's files, or that there is nothing new.

    Raises
    ------
    SelectionError
        The record has no vote of the body.
    """
    record = Results(study).record()
    memory = workspace() / "data" / "processed" / "watch" / f"{name}.json"
    known = _until(record, since) if since else None
    if known is None and memory.is_file():
        known = set(json.loads(memory.read_text(encoding="utf-8"))["roll_calls"])
    now = record.roll_calls.loc[record.roll_calls["rolled"].astype(bool), "roll_call"].tolist()
    if not now:
        raise SelectionError("the record has no roll call with known votes")
    if known is None:
        write_json(memory, {"roll_calls": now})
        return [f"{len(now)} roll calls are remembered; the next release is compared with them"]
    watch = watch_release(record, known, body=study.body, subject=study.event_subject)
    write_json(memory, {"roll_calls": now})
    if watch.nothing:
        return ["nothing is new"]
    texts = write_watch(watch, title=f"New votes: {name}")
    folder = workspace() / "reports" / "watch"
    paths = [folder / f"{name}{ending}" for ending in (".md", ".html")]
    for path, text in zip(paths, texts, strict=True):
        write_atomic(path, text)
    found = f"{len(watch.reversals)} reversals, {len(watch.surprises)} unlike themselves"
    return [*map(str, paths), f"{len(watch.roll_calls)} new roll calls: {found}"]


def _until(record: Record, day: str) -> set[str]:
    calls = record.roll_calls
    return set(calls.loc[calls["date"] <= day, "roll_call"])
