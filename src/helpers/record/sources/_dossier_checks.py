"""What must hold for a vote of the dossier; each check yields a field and what is wrong with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from helpers.errors import did_you_mean, must_be_one_of
from helpers.record.follow import SCOPES
from helpers.record.members import members_at
from helpers.record.sources._dossier_files import NAMED, PERMANENT, REQUIRED, Entry
from helpers.record.tables import BODIES, KINDS, OUTCOMES

ROLLS: Final = ("full", "reported", "tally")
"""What is known of the votes: every member's on the record, some names, only how many."""

WORDS: Final = {"body": BODIES, "kind": KINDS, "outcome": OUTCOMES, "roll": ROLLS, "scope": SCOPES}

BACKERS: Final = ("proposer", "sponsors")
"""Fields of members that stand behind a text, which in the Council need not have a seat."""

EMERGENCY_SESSIONS: Final = {"ES-11": "2022-02-28"}
"""Emergency special session -> the day it opened; it has not been closed."""

PATTERNS: Final = {
    ("GA", "symbol"): r"A/RES/(ES-)?\d+/\d+|A/(ES-)?\d+/L\.\d+(/Rev\.\d+)?",
    ("GA", "draft"): r"A/(ES-)?\d+/L\.\d+(/Rev\.\d+)?",
    ("GA", "meeting"): r"A/(ES-)?\d+/PV\.\d+",
    ("SC", "symbol"): r"S/RES/\d+|S/\d{4}/\d+",
    ("SC", "draft"): r"S/\d{4}/\d+",
    ("SC", "meeting"): r"S/PV\.\d+",
}
EXAMPLES: Final = {
    ("GA", "symbol"): "A/RES/79/184 or A/ES-11/L.15",
    ("GA", "draft"): "A/ES-11/L.11",
    ("GA", "meeting"): "A/ES-11/PV.20",
    ("SC", "symbol"): "S/RES/2774 or S/2014/189",
    ("SC", "draft"): "S/2025/112",
    ("SC", "meeting"): "S/PV.9866",
}

Fault = tuple[str, str]
"""Name of the field and what is wrong with it."""


@dataclass(frozen=True)
class Facts:
    """What a vote is checked against: ids of all members, elected Council members by year."""

    ids: tuple[str, ...]
    elected: dict[str, list[str]]

    def voters(self, entry: Entry) -> set[str]:
        """Return the members of the body on the day of a vote."""
        if entry.get("body") == "GA":
            return set(_present(entry.get("date")))
        return {*PERMANENT, *self.elected.get(entry.get("date")[:4], [])}


@lru_cache
def _present(date: str) -> frozenset[str]:
    """Members of the United Nations on a day."""
    return frozenset(members_at(date))


def check_entries(entries: list[Entry], facts: Facts) -> list[str]:
    """Return all faults of the votes, worded with file, line and field."""
    own = [fault for entry in entries for fault in _check_entry(entry, facts)]
    return [*own, *_check_places(entries)]


def _check_entry(entry: Entry, facts: Facts) -> Iterator[str]:
    """Faults of one vote; where a field that others rest on is wrong, only that is said."""
    basic = [*_check_required(entry), *_check_words(entry), *_check_date(entry)]
    checks = () if basic else CHECKS
    for name, message in [*basic, *(fault for check in checks for fault in check(entry, facts))]:
        yield entry.fault(name, message)


def _check_required(entry: Entry) -> Iterator[Fault]:
    for name in REQUIRED:
        if not entry.get(name):
            yield name, "must be given"


def _check_words(entry: Entry) -> Iterator[Fault]:
    for name, allowed in WORDS.items():
        value = entry.get(name)
        if value and value not in allowed:
            yield name, must_be_one_of(name, value, allowed).removeprefix(f"{name}: ")


def _check_date(entry: Entry) -> Iterator[Fault]:
    if entry.get("date") and entry.date() is None:
        yield "date", f"{entry.get('date')!r} must be a day such as 2025-02-24"


def _check_council(entry: Entry, facts: Facts) -> Iterator[Fault]:
    year = entry.get("date")[:4]
    if entry.get("body") == "SC" and year not in facts.elected:
        yield "date", f"elected_members has no members of the Council for {year}"


def _check_session(entry: Entry, _facts: Facts) -> Iterator[Fault]:
    session, date = entry.get("session"), entry.get("date")
    if entry.get("body") == "SC":
        if session:
            yield "session", f"{session!r} must be left out: the Council has no sessions"
        return
    if re.fullmatch(r"[0-9]{1,3}", session):
        opens, closes = f"{1945 + int(session)}-09-01", f"{1946 + int(session)}-09-30"
    elif session in EMERGENCY_SESSIONS:
        opens, closes = EMERGENCY_SESSIONS[session], "9999"
    else:
        known = ", ".join(EMERGENCY_SESSIONS)
        yield "session", f"{session!r} must be the number of a session, or one of {known}"
        return
    if not opens <= date <= closes:
        yield "date", f"{date!r} is outside session {session}"


def _check_symbols(entry: Entry, _facts: Facts) -> Iterator[Fault]:
    body, session = entry.get("body"), entry.get("session")
    for name in ("symbol", "draft", "meeting"):
        value = entry.get(name)
        if value and not re.fullmatch(PATTERNS[body, name], value):
            yield name, f"{value!r} must be like {EXAMPLES[body, name]}"
        elif value and body == "GA" and f"/{session}/" not in value:
            yield name, f"{value!r} is not of session {session}"
    numbered = entry.get("symbol") or entry.get("roll") == "full"
    if entry.get("kind") == "resolution" and numbered and "/RES/" not in entry.get("symbol"):
        yield "symbol", "must be that of the resolution"


def _check_totals(entry: Entry, facts: Facts) -> Iterator[Fault]:
    totals, seats = entry.totals(), len(facts.voters(entry))
    if totals is None:
        yield "totals", "must be yes-no-abstain-absent such as 93-18-65-17, ? where not known"
        return
    known = [n for n in totals if n is not None]
    if sum(known) > seats or (len(known) == len(totals) and sum(known) != seats):
        yield "totals", f"add up to {sum(known)}, but {seats} were members that day"


def _check_names(entry: Entry, facts: Facts) -> Iterator[Fault]:
    """Every code is a member that day, those that voted are of the body, nobody is twice."""
    present, voters = _present(entry.get("date")), facts.voters(entry)
    listed = Counter(code for name in NAMED.values() for code in entry.names(name))
    missing = sorted(voters - listed.keys())
    body = "the Assembly" if entry.get("body") == "GA" else "the Council"
    for name in (*BACKERS, *NAMED.values()):
        for code in entry.names(name):
            if code not in facts.ids:
                near = did_you_mean(code.upper(), missing) or did_you_mean(code.upper(), facts.ids)
                yield name, f"{code!r} is no member{near}"
            elif code not in present:
                yield name, f"{code!r} was not a member on {entry.get('date')}"
            elif name not in BACKERS and code not in voters:
                yield name, f"{code!r} was not in {body} on {entry.get('date')}"
    for code in (code for code, times in listed.items() if times > 1):
        where = [name for name in NAMED.values() if code in entry.names(name)]
        yield where[-1], f"{code!r} is listed more than once ({', '.join(where)})"


def _check_roll(entry: Entry, facts: Facts) -> Iterator[Fault]:
    """Totals are those of the lists, and a full roll names every member of the body."""
    roll, totals = entry.get("roll"), entry.totals() or [None] * len(NAMED)
    for name, total in zip(NAMED.values(), totals, strict=True):
        count = len(entry.names(name))
        if roll == "tally" and count:
            yield name, "must be left out where roll is tally"
        elif total is not None and (count > total or (roll == "full" and count < total)):
            yield name, f"lists {count}, but totals say {total}"
    listed = {code for name in NAMED.values() for code in entry.names(name)}
    missing = sorted(facts.voters(entry) - listed)
    if roll == "full" and missing:
        yield "roll", f"is full, but no list has {' '.join(missing)}"
    if roll == "full" and None in totals and entry.totals():
        yield "totals", "must have all four figures where roll is full"


def _check_backers(entry: Entry, _facts: Facts) -> Iterator[Fault]:
    """Nobody stands behind a text twice."""
    listed = Counter(code for name in BACKERS for code in entry.names(name))
    for code in (code for code, times in listed.items() if times > 1):
        where = [name for name in BACKERS if code in entry.names(name)]
        yield where[-1], f"{code!r} is listed more than once ({', '.join(where)})"


def _check_reason(entry: Entry, _facts: Facts) -> Iterator[Fault]:
    """Faults of a reason, which must be that of a member whose vote is listed."""
    text = entry.get("reason")
    member, words, said = text.partition(": ")
    if text and not (words and said and re.fullmatch("[A-Z]{3}", member)):
        yield "reason", "must be a member and the reason it gave, such as USA: it came too late"
    elif text and not any(member in entry.names(name) for name in NAMED.values()):
        yield "reason", f"{member!r} gave a reason, but no list has its vote"


def _check_outcome(entry: Entry, _facts: Facts) -> Iterator[Fault]:
    """Outcome and figures agree, as far as they are known."""
    totals, outcome = entry.totals(), entry.get("outcome")
    if totals is None:
        return
    yes, no = totals[:2]
    if entry.get("body") == "SC":
        yield from _check_council_outcome(entry, yes)
    elif outcome == "vetoed":
        yield "outcome", "is vetoed, but the Assembly has no veto"
    elif outcome == "adopted" and yes is not None and no is not None and yes <= no:
        yield "outcome", f"is adopted, but {yes} yes are not more than {no} no"


def _check_council_outcome(entry: Entry, yes: int | None) -> Iterator[Fault]:
    outcome, needed = entry.get("outcome"), 7 if entry.get("date") < "1966" else 9
    against = set(entry.names("voted_no")) & set(PERMANENT)
    if outcome == "vetoed" and not against:
        yield "outcome", "is vetoed, but voted_no lists no permanent member"
    elif outcome == "vetoed" and entry.get("kind") == "motion":
        yield "outcome", "is vetoed, but the veto does not apply to a motion"
    if yes is None:
        return
    if outcome in ("adopted", "vetoed") and yes < needed:
        yield "outcome", f"is {outcome}, but {yes} yes are fewer than the {needed} needed"
    elif outcome == "failed" and yes >= needed:
        yield "outcome", f"is failed, but {yes} yes are enough unless vetoed"


CHECKS: Final[tuple[Callable[[Entry, Facts], Iterator[Fault]], ...]] = (
    _check_council,
    _check_session,
    _check_symbols,
    _check_totals,
    _check_names,
    _check_roll,
    _check_backers,
    _check_reason,
    _check_outcome,
)


def _check_places(entries: list[Entry]) -> Iterator[str]:
    """Each id once; dates in order within a file; order 1, 2, ... within a body's day."""
    ids: set[str] = set()
    last: dict[str, str] = {}
    places: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        name, date, body = entry.get("id"), entry.get("date"), entry.get("body")
        if name in ids:
            yield entry.fault("id", f"{name!r} is given twice")
        ids.add(name)
        if date < last.get(entry.file, ""):
            yield entry.fault("date", f"{date!r} stands below a vote of {last[entry.file]}")
        last[entry.file] = max(date, last.get(entry.file, ""))
        places[body, date] += 1
        if entry.get("order") != str(places[body, date]):
            place = places[body, date]
            yield entry.fault(
                "order", f"must be {place}, its place among the body's votes that day"
            )
