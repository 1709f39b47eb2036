"""The tables of a record and the vote codes, each defined once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from helpers.errors import DataError
from helpers.store import Shown

VOTES: Final = ("yes", "abstain", "no", "absent")
"""Categories of the ``vote`` column, in this order."""

MISSING: Final = 0
YES: Final = 1
ABSTAIN: Final = 2
NO: Final = 3
ABSENT: Final = 4
"""Codes of a ballots matrix; ``ABSENT`` only under the absence rules ``category`` and ``half``."""

BODIES: Final = ("GA", "SC")
KINDS: Final = ("resolution", "decision", "paragraph", "amendment", "motion", "draft", "unknown")
OUTCOMES: Final = ("adopted", "failed", "vetoed", "unknown")
MODALITIES: Final = ("recorded vote", "non-recorded vote", "without a vote", "unknown")
"""How a text was put to the vote: by name, by a count only, not at all (by consensus)."""
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


@dataclass(frozen=True, repr=False)
class Record(Shown):
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

    def _rows(self) -> pd.DataFrame:
        return self.roll_calls

    def _facts(self) -> dict[str, str]:
        tables = {name: f"{len(getattr(self, name)):,}" for name in ("members", "votes")}
        return {"source": str(self.provenance.get("title", "not stated")), **tables}


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
    "session_number": "number of the session that the source counts it with; NA where unknown",
    "date": "datetime64[s] as read; NaT where there is none or it cannot be read; required",
    "symbol": "symbol as written; NA where there is none",
    "title": "title or short text",
    "agenda": "agenda item",
    "meeting": "symbol of the meeting's record",
    "draft": "symbol of the draft",
    "kind": "one of KINDS; NA: derived from the symbol, else unknown",
    "outcome": "one of OUTCOMES; NA: unknown",
    "modality": "how it was put to the vote, as written (Vote, recorded); NA: unknown",
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
    file : str
        The file of the rows, for errors.
    columns : dict
        What columns of the rows are called in the file, for errors.
    """

    source: str
    rows: pd.DataFrame
    roll_calls: pd.DataFrame
    log: tuple[dict[str, Any], ...] = ()
    file: str = ""
    columns: dict[str, str] = field(default_factory=dict)


class Field(NamedTuple):
    """One column of a clean table.

    Attributes
    ----------
    dtype : str
        pandas dtype: ``str``, ``Int16``, ``bool``, ``category``, ``datetime64[s]``, ``int64``.
    meaning : str
        What it holds, for the data dictionary.
    required : bool
        No NA.
    allowed : tuple of str
        The values it may have; empty: any.
    unique : bool
        No value twice.
    """

    dtype: str
    meaning: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    unique: bool = False


REGIONAL_GROUPS: Final = (
    "African Group",
    "Asia-Pacific Group",
    "Eastern European Group",
    "GRULAC",
    "WEOG",
)
"""The five regional groups of the United Nations; ``none`` stands for a member outside of them."""

SUCCESSIONS: Final = (
    "original",
    "admission",
    "continuation",
    "succession",
    "dissolution",
    "union",
    "readmission",
    "change of representation",
)
EFFECTS: Final = ("repaired", "dropped", "flagged")

DATA_DICTIONARY: Final[dict[str, dict[str, Field]]] = {
    "members": {
        "member": Field("str", "Stable id: ISO alpha-3 or withdrawn code; RUS also the USSR", True),
        "period": Field("Int16", "Number of the period of membership (1, 2)", True),
        "name": Field("str", "Present or last name", True),
        "iso3": Field("str", "ISO 3166-1 alpha-3 or withdrawn code; NA: there never was one"),
        "cow": Field("Int16", "Correlates of War number"),
        "m49": Field("Int16", "UN M49 number; NA: there is none"),
        "region": Field("str", "M49 region", True),
        "subregion": Field("str", "M49 geographical sub-region", True),
        "regional_group": Field(
            "str", "Last regional group of the UN", True, (*REGIONAL_GROUPS, "none")
        ),
        "regional_group_from": Field("datetime64[s]", "First day in that group; NA: never in one"),
        "from": Field("datetime64[s]", "First day of the period", True),
        "to": Field("datetime64[s]", "Last day of the period; NA: it lasts"),
        "predecessor": Field("str", "Member that it follows; NA: none"),
        "succession": Field("str", "How the period began", True, SUCCESSIONS),
    },
    "roll_calls": {
        "roll_call": Field("str", "Id: source and the source's own key", True, unique=True),
        "body": Field("str", "General Assembly or Security Council", True, BODIES),
        "session": Field("str", "79, ES-11, S-6; NA for the Council or where unknown"),
        "session_number": Field(
            "Int16", "Regular session it is counted with: the source's number, else by its date"
        ),
        "date": Field("datetime64[s]", "Day of the vote; first of the month where only that holds"),
        "date_precision": Field("str", "What of the date holds", True, DATE_PRECISIONS),
        "symbol_raw": Field("str", "Symbol as written in the source"),
        "symbol": Field("str", "Symbol in one form; NA where it cannot be read"),
        "title": Field("str", "Title or short text"),
        "agenda": Field("str", "Agenda item"),
        "meeting": Field("str", "Symbol of the meeting's record"),
        "draft": Field("str", "Symbol of the draft"),
        "kind": Field("str", "What was voted on", True, KINDS),
        "outcome": Field("str", "What came of it", True, OUTCOMES),
        "modality": Field("str", "How it was put to the vote", True, MODALITIES),
        "proposer": Field("str", "Who proposed it"),
        "issues": Field("str", "Subject codes (me nu di hr co ec); '' none, NA unknown"),
        "issues_from": Field("str", "How they are known", True, ("known", "inferred", "unknown")),
        "yes": Field("Int16", "Yes votes as published; NA unknown"),
        "no": Field("Int16", "No votes as published; NA unknown"),
        "abstain": Field("Int16", "Abstentions as published; NA unknown"),
        "absent": Field("Int16", "Members not voting, as published; NA unknown"),
        "rolled": Field("bool", "The members' votes are known", True),
        "identical_group": Field("str", "First roll call of the records of the same vote", True),
        "note": Field("str", "Remark of the source"),
        "url": Field("str", "Address of the source's page"),
    },
    "votes": {
        "roll_call": Field("category", "Id of the roll call", True),
        "member": Field("category", "Id of the member, which was a member that day", True),
        "vote": Field("category", "The vote; a state that was no member has no row", True, VOTES),
    },
    "cleaning_log": {
        "rule": Field("str", "Name of the rule", True),
        "table": Field("str", "Table that it worked on", True),
        "effect": Field("str", "What it did", True, EFFECTS),
        "rows": Field("int64", "Rows concerned", True),
        "what": Field("str", "What was found and done, in a sentence", True),
        "examples": Field("str", "At most five examples, as JSON", True),
    },
}
"""Type and meaning of every column of the four tables: schemas and data dictionary in one."""


def write_data_dictionary() -> str:
    """Return the data dictionary as CSV text: ``table,column,type,required,values,meaning``.

    Examples
    --------
    >>> print(write_data_dictionary().splitlines()[1])
    members,member,str,yes,,Stable id: ISO alpha-3 or withdrawn code; RUS also the USSR
    """
    rows = [
        (table, name, f.dtype, "yes" if f.required else "no", " | ".join(f.allowed), f.meaning)
        for table, fields in DATA_DICTIONARY.items()
        for name, f in fields.items()
    ]
    columns = ["table", "column", "type", "required", "values", "meaning"]
    return pd.DataFrame(rows, columns=columns).to_csv(index=False, lineterminator="\n")


@cache
def _schema(table: str) -> Any:
    """Return the pandera schema of what the columns of a table may hold.

    Types are compared before: pandera's check of a text column goes through it value by value.
    """
    import pandera.pandas as pa

    columns = {}
    for name, f in DATA_DICTIONARY[table].items():
        checks = []
        if f.dtype == "category" and f.allowed:
            checks = [pa.Check(partial(_has_categories, allowed=f.allowed), name="categories")]
        elif f.allowed:
            checks = [pa.Check.isin(f.allowed)]
        if f.required or checks:
            columns[name] = pa.Column(None, checks, nullable=not f.required, unique=f.unique)
    return pa.DataFrameSchema(columns, name=table)


def _has_categories(column: pd.Series, allowed: tuple[str, ...]) -> bool:
    return tuple(column.cat.categories) == allowed


def validate_record(record: Record) -> Record:
    """Check the four tables of a record against their schemas and against each other.

    Parameters
    ----------
    record : Record

    Returns
    -------
    Record
        The same object.

    Raises
    ------
    DataError
        One sentence with every fault: table, column, what is wrong, first row.

    Examples
    --------
    >>> from helpers.record.sources.dossier import clean_dossier
    >>> validate_record(clean_dossier()).provenance["source"]
    'dossier'
    """
    tables = {
        "members": record.members,
        "roll_calls": record.roll_calls,
        "votes": record.votes,
        "cleaning_log": record.log,
    }
    faults = [fault for name, table in tables.items() for fault in _find_faults(name, table)]
    if not faults:
        faults = _find_loose_ends(record)
    if faults:
        raise DataError("the record is not valid: " + "; ".join(faults))
    return record


def _find_faults(name: str, table: pd.DataFrame) -> list[str]:
    """Return the faults of one table in words."""
    types = {column: str(dtype) for column, dtype in table.dtypes.items()}
    wrong = [
        f"{name}, column {column}: is {types.get(column, 'missing')}, expected {f.dtype}"
        for column, f in DATA_DICTIONARY[name].items()
        if types.get(column) != f.dtype
    ]
    if wrong:
        return wrong
    from pandera.errors import SchemaErrors

    try:
        _schema(name).validate(table, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.drop_duplicates(["column", "check"]).head(5)
        return [
            f"{name}, column {case.column}: {case.failure_case!r} "
            f"(row {case.index}) fails {case.check}"
            for case in cases.itertuples(index=False, name="Case")
        ]
    return []


def _find_loose_ends(record: Record) -> list[str]:
    """Return what does not fit between the tables: unknown ids, a member twice in a roll call."""
    votes = record.votes
    faults = []
    for column, known in (
        ("roll_call", record.roll_calls["roll_call"]),
        ("member", record.members["member"]),
    ):
        strangers = votes[column].cat.categories.difference(pd.Index(known))
        if len(strangers):
            faults.append(f"votes, column {column}: {strangers[0]!r} is in no other table")
    width = len(votes["member"].cat.categories)
    cells = votes["roll_call"].cat.codes.to_numpy().astype("int64") * width
    cells += votes["member"].cat.codes.to_numpy()
    if (cells[1:] <= cells[:-1]).any() and np.bincount(cells).max() > 1:  # sorted: no need to count
        row = int(np.flatnonzero(pd.Series(cells).duplicated())[0])
        faults.append(f"votes, row {row}: {votes['member'].iloc[row]} votes twice in a roll call")
    return faults
