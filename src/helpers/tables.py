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
