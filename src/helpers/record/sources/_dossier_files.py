"""The dossier's files as they are written: each vote with the text and the line of each field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.errors import DataError, MissingDataError, did_you_mean, must_be_one_of
from helpers.record.tables import VOTES
from helpers.store import bundled

FOLDER: Final = "data/raw/ukraine"
FILES: Final = ("assembly.yml", "council.yml")
PARTS: Final = ("votes", "elected_members")
MAX_BYTES: Final = 5_000_000
MAX_FAULTS: Final = 20

NAMED: Final = {
    "yes": "voted_yes",
    "no": "voted_no",
    "abstain": "abstained",
    "absent": "absent",
}
"""Vote -> the field that lists its members, in the order of ``totals``."""

REQUIRED: Final = (
    *("id", "body", "date", "order", "about", "agenda", "kind", "outcome", "totals", "roll"),
    "source",
)
OPTIONAL: Final = (
    *("session", "meeting", "symbol", "draft", "scope", "proposer", "sponsors", "reason", "url"),
    "note",
)
FIELDS: Final = (*REQUIRED, *OPTIONAL, *NAMED.values())

PERMANENT: Final = ("CHN", "FRA", "GBR", "RUS", "USA")
"""Permanent members of the Security Council."""


@dataclass(frozen=True)
class Entry:
    """One vote as written."""

    file: str
    line: int
    text: dict[str, str] = field(default_factory=dict)
    lines: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return the text of a field, empty where it is absent."""
        return self.text.get(name, "")

    def names(self, name: str) -> list[str]:
        """Return the member codes of a field."""
        return self.get(name).split()

    def date(self) -> pd.Timestamp | None:
        """Return the day, or None when it is none."""
        text = self.get("date")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return None
        day = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
        return None if pd.isna(day) else day

    def totals(self) -> list[int | None] | None:
        """Return yes, no, abstain, absent: None for a figure unknown, or for all if unreadable."""
        parts = self.get("totals").split("-")
        if len(parts) != len(VOTES) or not all(re.fullmatch(r"[0-9]{1,3}|\?", p) for p in parts):
            return None
        return [None if part == "?" else int(part) for part in parts]

    def fault(self, name: str, message: str) -> str:
        """Word a fault: file, line (of the quoted word, if the field has many) and field."""
        first, text = self.lines.get(name, (self.line, []))
        quoted = re.match(r"'([^']+)'", message)
        word = rf"\b{re.escape(quoted[1])}\b" if quoted else r"(?!)"
        found = (i for i, line in enumerate(text) if re.search(word, line))
        return f"{self.file} line {first + next(found, 0)}, {name}: {message}"


def find_folder(folder: str | Path | None) -> Path:
    """Return the folder of the dossier: the one given, or the project's own.

    Raises
    ------
    MissingDataError
        There is no such folder.
    """
    place = bundled(FOLDER) if folder is None else Path(folder)
    if not place.is_dir():
        raise MissingDataError(
            f"{place}: there is no such folder; name the folder that holds {' and '.join(FILES)}"
        )
    return place


def read_files(place: Path) -> tuple[list[Entry], dict[str, list[str]], list[str]]:
    """Return votes of all files, elected members of the Council by year, faults of the layout.

    Raises
    ------
    MissingDataError
        A file is not there.
    DataError
        A file cannot be read as text.
    """
    entries: list[Entry] = []
    elected: dict[str, list[str]] = {}
    faults: list[str] = []
    for name in FILES:
        text = _read_text(place / name)
        root = _parse(text, name, faults)
        parts = dict(_items(root, name, "the file", faults))
        for key in parts.keys() - set(PARTS):
            line = parts[key].start_mark.line + 1
            faults.append(f"{name} line {line}, {must_be_one_of('part', key, PARTS)}")
        if root is not None and "votes" not in parts:
            faults.append(f"{name} line 1, votes: the list of votes is missing")
        if "votes" in parts:
            entries += _read_votes(parts["votes"], name, text.splitlines(), faults)
        if "elected_members" in parts:
            elected |= _read_elected(parts["elected_members"], name, faults)
    return entries, elected, faults


def raise_faults(place: Path, faults: list[str]) -> None:
    """Raise all faults as one sentence.

    Raises
    ------
    DataError
        There is a fault.
    """
    if not faults:
        return
    count = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}"
    more = f"; and {len(faults) - MAX_FAULTS} more" if len(faults) > MAX_FAULTS else ""
    raise DataError(
        f"The dossier in {place} has {count}: {'; '.join(faults[:MAX_FAULTS])}{more}; "
        "correct what is named there"
    )


def _read_text(path: Path) -> str:
    """Text of one file.

    Raises
    ------
    MissingDataError
        It is not there.
    DataError
        It cannot be read as text.
    """
    if not path.exists():
        raise MissingDataError(
            f"{path}: this file of the dossier is missing; restore it (git checkout {FOLDER})"
        )
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{path}: over {MAX_BYTES} bytes, which no dossier has; restore it")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); restore it") from error


def _parse(text: str, name: str, faults: list[str]) -> Any:
    """Root node of the YAML text, or None with a fault."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = " ".join(str(getattr(error, "problem", "") or "unreadable").split())
        faults.append(f"{name}{where}: this is no YAML ({problem})")
        return None
    if root is None:
        faults.append(f"{name} line 1: the file is empty")
    return root


def _items(node: Any, name: str, what: str, faults: list[str]) -> Iterator[tuple[str, Any]]:
    """Keys and nodes of a mapping, each key once."""
    if node is None:
        return
    if node.id != "mapping":
        line = node.start_mark.line + 1
        faults.append(f"{name} line {line}: {what} must be made of lines 'field: value'")
        return
    seen: set[str] = set()
    for key, value in node.value:
        field_name = key.value if key.id == "scalar" else "?"
        if field_name in seen:
            line = key.start_mark.line + 1
            faults.append(f"{name} line {line}, {field_name}: given twice in {what}")
        else:
            seen.add(field_name)
            yield field_name, value


def _read_elected(node: Any, name: str, faults: list[str]) -> dict[str, list[str]]:
    elected = {}
    for year, value in _items(node, name, "elected_members", faults):
        codes = value.value.split() if value.id == "scalar" else []
        seats = 6 if year < "1966" else 10
        if len(set(codes) - set(PERMANENT)) != seats or len(codes) != seats:
            line = value.start_mark.line + 1
            faults.append(
                f"{name} line {line}, elected_members {year}: must be {seats} different codes, "
                f"none of a permanent member (got {' '.join(codes) or 'nothing'})"
            )
        elected[year] = codes
    return elected


def _read_votes(node: Any, name: str, lines: list[str], faults: list[str]) -> list[Entry]:
    if node.id != "sequence" or not node.value:
        faults.append(f"{name} line {node.start_mark.line + 1}, votes: must be a list of votes")
        return []
    entries = [_read_entry(child, name, lines, faults) for child in node.value]
    return [entry for entry in entries if entry.text]


def _read_entry(node: Any, name: str, lines: list[str], faults: list[str]) -> Entry:
    entry = Entry(name, node.start_mark.line + 1)
    for key, value in _items(node, name, "a vote", faults):
        first, last = value.start_mark.line, value.end_mark.line
        entry.lines[key] = (first + 1, lines[first : last + 1])
        if value.id != "scalar":
            faults.append(entry.fault(key, "must be a single value"))
        elif key not in FIELDS:
            faults.append(entry.fault(key, f"is no field of a vote{did_you_mean(key, FIELDS)}"))
        else:
            entry.text[key] = " ".join(value.value.split())
    return entry
