"""The dossier: votes on Ukraine in our own table of facts, checked like any other source.

The layout is explained in ``data/raw/ukraine/README.md``. A person corrects the files in an
editor, so every fault is reported with the file, the line and the field.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.record.files import checksum
from helpers.record.follow import write_named
from helpers.record.members import load_members
from helpers.record.sources._dossier_checks import Facts, check_entries
from helpers.record.sources._dossier_files import (
    FIELDS,
    FILES,
    NAMED,
    Entry,
    find_folder,
    raise_faults,
    read_files,
)
from helpers.record.sources._roll_calls import number_sessions
from helpers.record.tables import VOTES, Record

TITLE: Final = "Votes of the United Nations on Ukraine, 2014 to 2026: the project's own dossier"
CITATION: Final = (
    "UN Voting Blocs contributors. Votes of the United Nations on Ukraine, 15 March 2014 to "
    "24 February 2026 (data/raw/ukraine). Members' votes after the voting data of the United "
    "Nations Digital Library, records 4060887 (General Assembly) and 4055387 (Security Council)."
)
TERMS: Final = (
    "Facts in our own layout. The Library's data are for non-commercial use with attribution."
)
LOG_COLUMNS: Final = ("rule", "table", "effect", "rows", "what", "examples")


def read_dossier(folder: str | Path | None = None) -> pd.DataFrame:
    """Read the dossier's files as they are written, one row a vote, all text.

    Parameters
    ----------
    folder : path, optional
        Folder with ``assembly.yml`` and ``council.yml``; the project's own dossier by default.

    Returns
    -------
    pandas.DataFrame
        The fields of the layout, and ``file`` and ``line`` of each vote; an absent field is NA.

    Raises
    ------
    MissingDataError
        The folder or one of its files is not there.
    DataError
        A file is not in the layout (file, line, field).

    Examples
    --------
    >>> read_dossier()[["id", "totals"]].iloc[0].tolist()
    ['A/RES/68/262', '100-11-58-24']
    """
    place = find_folder(folder)
    entries, _, faults = read_files(place)
    raise_faults(place, faults)
    rows = [{"file": e.file, "line": e.line, **e.text} for e in entries]
    table = pd.DataFrame(rows, columns=["file", "line", *FIELDS])
    return table.astype(dict.fromkeys(("file", *FIELDS), "str"))


def clean_dossier(folder: str | Path | None = None) -> Record:
    """Read and check the dossier, and lay it out as the tables of a record.

    Parameters
    ----------
    folder : path, optional
        Folder with ``assembly.yml`` and ``council.yml``; the project's own dossier by default.

    Returns
    -------
    Record
        ``roll_calls`` in order of time, with more columns than other sources have: ``order``,
        the place among the votes of the same body that day (1, 2, ...), and what only a table of
        facts knows: ``scope`` (one of :data:`helpers.record.SCOPES`), ``roll`` (``full``,
        ``reported`` or ``tally``), ``sponsors`` beside the proposer, ``reason`` (``USA: ...``) and
        ``named``, the votes of members that are known but not in ``votes``.
        ``votes`` has the texts on the subject whose roll is on the record only; the others have
        ``rolled`` False. `helpers.record.follow_members` reads both.

    Raises
    ------
    MissingDataError
        The folder or one of its files is not there.
    DataError
        One sentence with all faults of the files, each with file, line and field.

    Examples
    --------
    >>> record = clean_dossier()
    >>> record.roll_calls["body"].value_counts().to_dict()
    {'GA': 36, 'SC': 17}
    """
    place = find_folder(folder)
    entries, elected, faults = read_files(place)
    members = load_members()
    facts = Facts(tuple(sorted(set(members["member"]))), elected)
    raise_faults(place, faults + check_entries(entries, facts))
    entries = sorted(entries, key=lambda e: (e.get("date"), e.get("body"), int(e.get("order"))))
    return Record(
        members=members,
        roll_calls=_build_roll_calls(entries),
        votes=_build_votes(entries),
        log=_build_log(entries),
        provenance=_describe(place, entries),
    )


def _roll_call_id(entry: Entry) -> str:
    return f"dossier-{entry.get('id')}"


def _build_roll_calls(entries: list[Entry]) -> pd.DataFrame:
    table = pd.DataFrame([_roll_call(entry) for entry in entries])
    texts = [c for c in table.columns if c not in (*NAMED, "date", "rolled", "order")]
    kinds = dict.fromkeys(texts, "str") | dict.fromkeys(NAMED, "Int16")
    table = table.astype(kinds | {"date": "datetime64[s]", "rolled": "bool", "order": "int64"})
    none = pd.Series(pd.NA, index=table.index)
    number = number_sessions(none, table["session"], table["body"], table["date"])
    table.insert(list(table.columns).index("session") + 1, "session_number", number)
    return table


def _roll_call(entry: Entry) -> dict[str, Any]:
    def text(name: str) -> str | None:
        return entry.get(name) or None

    totals = entry.totals() or [None] * len(NAMED)
    return {
        "roll_call": _roll_call_id(entry),
        "body": entry.get("body"),
        "session": text("session"),
        "date": entry.get("date"),
        "date_precision": "day",
        "symbol_raw": text("symbol") or text("draft"),
        "symbol": text("symbol"),
        "title": entry.get("about"),
        "agenda": entry.get("agenda"),
        "meeting": text("meeting"),
        "draft": text("draft"),
        "kind": entry.get("kind"),
        "outcome": entry.get("outcome"),
        "modality": "recorded vote",
        "proposer": text("proposer"),
        "issues": "",
        "issues_from": "unknown",
        **dict(zip(NAMED, totals, strict=True)),
        "rolled": _is_rolled(entry),
        "identical_group": _roll_call_id(entry),
        "note": _note(entry),
        "url": text("url"),
        "order": int(entry.get("order")),
        "scope": entry.get("scope") or "subject",
        "roll": entry.get("roll"),
        "sponsors": text("sponsors"),
        "reason": text("reason"),
        "named": None if _is_rolled(entry) else write_named(_named(entry)) or None,
    }


def _is_rolled(entry: Entry) -> bool:
    """Tell whether the members' votes enter the table of votes."""
    return entry.get("roll") == "full" and entry.get("scope") in ("", "subject")


def _named(entry: Entry) -> dict[str, list[str]]:
    return {vote: entry.names(name) for vote, name in NAMED.items()}


def _note(entry: Entry) -> str:
    source = f"Source: {entry.get('source')}."
    return f"{entry.get('note')} {source}".strip()


def _build_votes(entries: list[Entry]) -> pd.DataFrame:
    rows = [
        (_roll_call_id(entry), code, vote)
        for entry in entries
        if _is_rolled(entry)
        for code, vote in sorted((c, v) for v, name in NAMED.items() for c in entry.names(name))
    ]
    table = pd.DataFrame(rows, columns=["roll_call", "member", "vote"])
    roll_calls = [_roll_call_id(entry) for entry in entries]
    return pd.DataFrame(
        {
            "roll_call": pd.Categorical(table["roll_call"], categories=roll_calls),
            "member": pd.Categorical(table["member"], categories=sorted(set(table["member"]))),
            "vote": pd.Categorical(table["vote"], categories=list(VOTES)),
        }
    )


def _build_log(entries: list[Entry]) -> pd.DataFrame:
    """Say which rolls are unknown and which members' votes are kept out for it."""
    unknown = [e for e in entries if e.get("roll") != "full"]
    partly = [e for e in unknown if e.get("roll") == "reported"]
    beside = [e for e in entries if e.get("roll") == "full" and not _is_rolled(e)]
    log = [
        {
            "rule": "roll unknown",
            "table": "roll_calls",
            "effect": "flagged",
            "rows": len(unknown),
            "what": "The tally is public, the roll is not: in the timeline, in no similarity.",
            "examples": _first_ids(unknown),
        },
        {
            "rule": "roll incomplete or unconfirmed",
            "table": "votes",
            "effect": "dropped",
            "rows": _count_names(partly),
            "what": "Votes of single members that are known, but without a confirmed full roll.",
            "examples": _first_ids(partly),
        },
        {
            "rule": "beside the subject",
            "table": "votes",
            "effect": "dropped",
            "rows": _count_names(beside),
            "what": "Texts that name the subject in passing, or not at all: in no similarity.",
            "examples": _first_ids(beside),
        },
    ]
    return pd.DataFrame([row for row in log if row["rows"]], columns=list(LOG_COLUMNS))


def _count_names(entries: list[Entry]) -> int:
    return sum(len(names) for entry in entries for names in _named(entry).values())


def _first_ids(entries: list[Entry]) -> str:
    return json.dumps([entry.get("id") for entry in entries[:5]])


def _describe(place: Path, entries: list[Entry]) -> dict[str, Any]:
    """Provenance: what this is, whose, which files, which days."""
    last = entries[-1].get("date")
    return {
        "source": "dossier",
        "title": TITLE,
        "citation": CITATION,
        "terms": TERMS,
        "files": [
            {
                "name": name,
                "sha256": checksum(place / name),
                "bytes": (place / name).stat().st_size,
                "version": last,
            }
            for name in FILES
        ],
        "coverage": f"{entries[0].get('date')} to {last}",
    }
