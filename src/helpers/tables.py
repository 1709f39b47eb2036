"""The tables of a record and the vote codes, each defined once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

VOTES: Final = ("yes", "abstain", "no", "absent")
"""Categories of the ``vote`` column, in this order."""

MISSING: Final = 0
YES: Final = 1
ABSTAIN: Final = 2
NO: Final = 3
ABSENT: Final = 4
"""Codes of a ballots matrix; ``ABSENT`` occurs only under the absence rule ``category``."""

BODIES: Final = ("GA", "SC")
KINDS: Final = ("resolution", "decision", "paragraph", "amendment", "motion", "draft", "unknown")
OUTCOMES: Final = ("adopted", "failed", "vetoed", "unknown")
DATE_PRECISIONS: Final = ("day", "month", "none")
ISSUES: Final = {
    "me": "Middle East (Palestine)",
    "nu": "Nuclear weapons and material",
    "di": "Arms control and disarmament",
    "hr": "Human rights",
    "co": "Colonialism",
    "ec": "Economic development",
}
"""The six subject codes of the field (Voeten's data, R package unvotes)."""


@dataclass(frozen=True)
class Record:
    """A clean voting record: three tables, the cleaning log and where it all came from.

    Attributes
    ----------
    members, roll_calls, votes : pandas.DataFrame
        The clean tables; columns in ``docs/architecture.md`` and in the schemas of this module.
    log : pandas.DataFrame
        One row per cleaning rule that did something.
    provenance : dict
        ``source title citation terms files coverage``, JSON-serialisable.
    """

    members: pd.DataFrame
    roll_calls: pd.DataFrame
    votes: pd.DataFrame
    log: pd.DataFrame
    provenance: dict[str, Any] = field(default_factory=dict)


RAW_ROWS: Final = {
    "key": "the source's own id of the roll call (any type, also categorical); required",
    "name": "name of the member as written; NA where there is none",
    "code": "three-letter code of the member as written; NA where there is none",
    "cow": "Correlates of War number of the member; NA where there is none",
    "vote": "the vote as written: Y N A X NV, 1 2 3 8 9, yes no abstain absent; required",
}
"""Columns of the rows of a `RawRecord`; at least one of ``name``, ``code``, ``cow`` is there."""

RAW_ROLL_CALLS: Final = {
    "key": "the source's own id of the roll call, unique; required",
    "body": "GA or SC; required",
    "session": "session as written (XXVII, 37, S-1, ES-10 emergency special); NA where unknown",
    "date": "datetime64[s] as read; NaT where there is none or it cannot be read; required",
    "symbol": "symbol as written; NA where there is none",
    "title": "title or short text",
    "agenda": "agenda item",
    "meeting": "symbol of the meeting's record",
    "draft": "symbol of the draft",
    "kind": "one of KINDS; NA: derived from the symbol, else unknown",
    "outcome": "one of OUTCOMES; NA: unknown",
    "proposer": "who proposed it",
    "issues": "space-joined codes out of ISSUES, '' for none; NA where unknown",
    "yes": "totals as published: yes",
    "no": "no",
    "abstain": "abstentions",
    "absent": "not voting",
    "note": "remark of the source",
    "url": "address of the source's page",
}
"""Columns of the roll calls of a `RawRecord`; all but the required ones may be left out."""


@dataclass(frozen=True)
class RawRecord:
    """What every reader hands to `cleaning.clean`: the values of a file, not yet judged.

    Attributes
    ----------
    source : str
        ``undl-ga``, ``undl-sc``, ``unvotes`` or ``voeten``; the prefix of the roll-call ids.
    rows : pandas.DataFrame
        One row per member and roll call as in the file (its position + 2 is the line that errors
        name), columns :data:`RAW_ROWS`. Categorical columns are the fast way.
    roll_calls : pandas.DataFrame
        One row per roll call, columns :data:`RAW_ROLL_CALLS`.
    log : tuple of dict
        What the reader itself repaired, as rows of the cleaning log.
    """

    source: str
    rows: pd.DataFrame
    roll_calls: pd.DataFrame
    log: tuple[dict[str, Any], ...] = ()
