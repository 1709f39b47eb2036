"""Every study parameter once: type, allowed values, default and help."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.ballots import (
    ABSENCE_RULES,
    BLOCK_KINDS,
    ROLL_CALL_WEIGHTS,
    parse_sessions,
    read_windows,
)
from helpers.blocs import METHODS
from helpers.errors import ParameterError, did_you_mean, must_be_one_of
from helpers.record import BODIES, KINDS, SOURCES, Record
from helpers.similarity import DISTANCES, MEASURES


def parameter(
    default: Any,
    help: str,
    *,
    allowed: Iterable[str] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    kind: str = "text",
) -> Any:
    """Define a field of `Study`: its default, help and what a value must be."""
    rules = {
        "help": help,
        "allowed": tuple(allowed),
        "minimum": minimum,
        "maximum": maximum,
        "kind": kind,
    }
    return dataclasses.field(default=default, metadata=rules)


@dataclass(frozen=True, kw_only=True)
class Study:
    """A checked set of study parameters; its defaults are the Ukraine dossier.

    The fields are the keys of a study file (``reports/ukraine.yml``) and the variables of every
    notebook's parameters cell.
    """

    title: str = parameter(
        "Did the United States change sides on Ukraine?", "the report's question"
    )
    source: str = parameter("dossier", "where the votes come from", allowed=SOURCES)
    body: str = parameter("GA", "General Assembly or Security Council", allowed=BODIES)
    date_from: str = parameter("", "first day, ISO; empty for the first", kind="date")
    date_to: str = parameter("", "last day, ISO; empty for the last", kind="date")
    sessions: str = parameter("", "Assembly sessions, '70-79, ES-11'", kind="sessions")
    subject: str = parameter("", "a subject code (me nu di hr co ec) or words; empty for all")
    kinds: tuple[str, ...] = parameter(
        (), "kinds of roll call to keep; empty for all", allowed=KINDS, kind="list"
    )
    members: str | tuple[str, ...] = parameter(
        "all",
        "'all', member ids, or a group: by date, or of one day (BRICS@2025-01-01)",
        kind="members",
    )
    focus: str = parameter("USA", "the member that the report is about", kind="member")
    references: tuple[str, ...] = parameter(
        ("RUS", "UKR", "GBR", "FRA", "DEU", "POL", "HUN", "ISR", "CHN", "IND"),
        "members that the focus is compared with",
        kind="member list",
    )
    event: str = parameter("2025-02-24", "the day in question, ISO; empty for none", kind="date")
    target: str = parameter(
        "A/RES/ES-11/7", "symbol of the vote that members moved on; empty: first of the event"
    )
    baselines: tuple[str, ...] = parameter(
        ("A/RES/79/184", "A/RES/ES-11/6"),
        "symbols of earlier votes to compare it with; empty: the vote before",
        kind="list",
    )
    measure: str = parameter("pi", "measure of similarity", allowed=MEASURES)
    distance: str = parameter(
        "linear", "distance between two votes, where the measure has one", allowed=DISTANCES
    )
    absence: str = parameter("missing", "what an absence becomes", allowed=ABSENCE_RULES)
    roll_call_weights: str = parameter(
        "equal", "whether one vote recorded many times counts once", allowed=ROLL_CALL_WEIGHTS
    )
    min_shared: int = parameter(
        5, "fewest shared votes for a similarity", kind="int", minimum=1, maximum=10_000
    )
    blocks: str = parameter("agenda", "what a bootstrap draws together", allowed=BLOCK_KINDS)
    replicates: int = parameter(
        1000, "bootstrap replicates", kind="int", minimum=20, maximum=100_000
    )
    nulls: int = parameter(
        100, "assemblies without structure to compare with", kind="int", minimum=99, maximum=10_000
    )
    level: float = parameter(
        0.95, "level of the intervals", kind="float", minimum=0.5, maximum=0.999
    )
    seed: int = parameter(20250224, "seed of every draw", kind="int", minimum=0, maximum=2**32 - 1)
    method: str = parameter("average", "method of clustering", allowed=METHODS)
    k: str = parameter("auto", "number of blocs, or 'auto'", kind="k")
    windows: str = parameter(
        "event",
        "how the period is cut for the history: event, session, year, or the first days of "
        "windows with commas between",
        kind="windows",
    )
    statements: tuple[str, ...] = parameter(
        (
            "same_bloc(USA, RUS)",
            "same_bloc(USA, DEU)",
            "apart(USA)",
            "similarity(USA, RUS) > similarity(USA, DEU)",
        ),
        "statements that the multiverse tests",
        kind="list",
    )

    def selection(self) -> dict[str, Any]:
        """Return the arguments of `ballots.build_ballots`."""
        names = (
            "body date_from date_to sessions subject kinds members absence roll_call_weights blocks"
        )
        return {name: getattr(self, name) for name in names.split()}

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters as JSON- and YAML-ready values, lists for tuples."""
        values = dataclasses.asdict(self)
        return {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}


PARAMETERS: Final = {field.name: field for field in dataclasses.fields(Study)}
"""The fields of `Study` by name."""


def check_parameters(values: Mapping[str, Any], *, where: str = "") -> Study:
    """Check parameters by themselves, before any data is read.

    Parameters
    ----------
    values : mapping
        Parameter names and values; what is left out takes its default. The focus is compared with
        others than itself: it is taken out of the references.
    where : str
        The file that they come from, for the message.

    Raises
    ------
    ParameterError
        One message that lists every fault.

    Examples
    --------
    >>> check_parameters({"focus": "FRA"}).focus
    'FRA'
    >>> check_parameters({"focsu": "FRA", "measure": "kapa"})
    Traceback (most recent call last):
        ...
    helpers.errors.ParameterError: focsu: no such parameter; did you mean 'focus'?
    measure: 'kapa' must be one of agreement, lijphart, coincidence, s, kappa, pi, alpha; did you \
mean 'kappa'?
    """
    faults: list[str] = []
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in PARAMETERS:
            faults.append(f"{name}: no such parameter{did_you_mean(str(name), PARAMETERS)}")
            continue
        try:
            checked[name] = _check_value(name, value)
        except ParameterError as error:
            faults.append(str(error))
    if checked.get("date_from", "") > checked.get("date_to", "") != "":
        faults.append("date_from: it is later than date_to; exchange them")
    _raise_faults(faults, where)
    study = Study(**checked)
    others = tuple(r for r in study.references if r != study.focus)
    return dataclasses.replace(study, references=others)


def check_study(study: Study, record: Record, *, where: str = "") -> None:
    """Check what only the record can tell: members, period, symbols and statements.

    Raises
    ------
    ParameterError
        One message that lists every fault.
    """
    from helpers.multiverse import parse_statements

    faults = list(_member_faults(study, record))
    symbols = set(record.roll_calls["symbol"].dropna())
    for name, given in (("target", (study.target,)), ("baselines", study.baselines)):
        faults += [
            f"{name}: no roll call has the symbol {symbol!r} in this record"
            f"{did_you_mean(symbol, symbols)}"
            for symbol in given
            if symbol and symbol not in symbols
        ]
    try:
        parse_statements(list(study.statements), sorted(set(record.members["member"])))
    except ParameterError as error:
        faults.append(str(error))
    _raise_faults(faults, where)


def read_study(path: Path) -> Study:
    """Read and check a study file (flat YAML).

    Raises
    ------
    ParameterError
        The file is missing, is no flat YAML, or has a wrong parameter.
    """
    return check_parameters(read_mapping(path), where=str(path))


def read_mapping(path: Path) -> dict[str, Any]:
    """Read the lines ``parameter: value`` of a study or grid file, unchecked.

    Raises
    ------
    ParameterError
        The file is missing or is no such YAML.
    """
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ParameterError(
            f"{path}: there is no such study file; write one like reports/ukraine.yml"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path}: the study file cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ParameterError(f"{path}{place}: not valid YAML: {problem}") from error
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise ParameterError(f"{path}: a study file holds lines 'parameter: value', nothing else")
    return values


def study_from_notebook(namespace: Mapping[str, Any]) -> Study:
    """Check the parameters of the notebook that calls this with ``globals()``.

    A name assigned in a cell before this one that is no parameter is taken for a misspelling:
    papermill itself only warns at it.

    Raises
    ------
    ParameterError
        One message that lists every fault.
    """
    values = {name: namespace[name] for name in PARAMETERS if name in namespace}
    misspelt = {n: namespace.get(n) for n in _assigned_names(namespace.get("In", ()))}
    return check_parameters({**misspelt, **values})


def _assigned_names(cells: Iterable[str]) -> list[str]:
    names: list[str] = []
    for cell in list(cells)[:-1]:
        try:
            statements = ast.parse(cell).body
        except SyntaxError:
            continue
        for statement in statements:
            if isinstance(statement, ast.Assign):
                names += [t.id for t in statement.targets if isinstance(t, ast.Name)]
    return [name for name in names if name not in PARAMETERS]


def _raise_faults(faults: Sequence[str], where: str) -> None:
    if faults:
        prefix = f"{where}: " if where else ""
        raise ParameterError("\n".join(prefix + fault for fault in faults))


def _check_value(name: str, value: Any) -> Any:
    rules = PARAMETERS[name].metadata
    check = _CHECKS[rules["kind"]]
    checked = check(name, value, rules)
    if rules["allowed"]:
        for one in checked if isinstance(checked, tuple) else (checked,):
            if one not in rules["allowed"]:
                raise ParameterError(must_be_one_of(name, one, rules["allowed"]))
    return checked


def _check_text(name: str, value: Any, _rules: Mapping[str, Any]) -> str:
    if not isinstance(value, str):
        raise ParameterError(f"{name}: {value!r} must be text; put it in quotes")
    return value.strip()


def _check_number(name: str, value: Any, rules: Mapping[str, Any]) -> Any:
    whole = rules["kind"] == "int"
    kinds: tuple[type, ...] = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise ParameterError(f"{name}: {value!r} must be a {'whole ' if whole else ''}number")
    if not rules["minimum"] <= value <= rules["maximum"]:
        raise ParameterError(
            f"{name}: {value!r} must be between {rules['minimum']} and {rules['maximum']}"
        )
    return value


def _check_date(name: str, value: Any, _rules: Mapping[str, Any]) -> str:
    text = str(value).strip()
    if not text:
        return ""
    try:
        return pd.to_datetime(text, format="%Y-%m-%d").strftime("%Y-%m-%d")
    except ValueError as error:
        raise ParameterError(f"{name}: {value!r} must be a date such as '2025-02-24'") from error


def _check_sessions(name: str, value: Any, _rules: Mapping[str, Any]) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise ParameterError(f"{name}: {value!r} must be text such as '70-79, ES-11'")
    parse_sessions(str(value))
    return str(value).strip()


def _check_list(name: str, value: Any, _rules: Mapping[str, Any]) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ParameterError(f"{name}: {value!r} must be a list, such as [a, b]")
    wrong = [v for v in value if not isinstance(v, str)]
    if wrong:
        raise ParameterError(f"{name}: {wrong[0]!r} must be text; put it in quotes")
    repeated = sorted({v for v in value if list(value).count(v) > 1})
    if repeated:
        raise ParameterError(f"{name}: {repeated[0]!r} is listed twice; leave one out")
    return tuple(value)


def _check_members(name: str, value: Any, rules: Mapping[str, Any]) -> str | tuple[str, ...]:
    if not isinstance(value, str):
        return _check_list(name, value, rules)
    if value == "all":
        return value
    from helpers.record import load_groups, read_group

    groups = sorted(set(load_groups()["group"]))
    if value.partition("@")[0] not in groups:
        raise ParameterError(must_be_one_of(name, value, ("all", *groups)))
    read_group(value)
    return value


def _check_k(name: str, value: Any, _rules: Mapping[str, Any]) -> str:
    text = str(value)
    if text != "auto" and not (text.isdecimal() and 2 <= int(text) <= 50):
        raise ParameterError(f"{name}: {value!r} must be 'auto' or a whole number from 2 to 50")
    return text


def _check_windows(name: str, value: Any, rules: Mapping[str, Any]) -> str:
    text = _check_text(name, value, rules)
    read_windows(text)
    return text


_CHECKS: Final = {
    "text": _check_text,
    "member": _check_text,
    "int": _check_number,
    "float": _check_number,
    "date": _check_date,
    "sessions": _check_sessions,
    "list": _check_list,
    "member list": _check_list,
    "members": _check_members,
    "k": _check_k,
    "windows": _check_windows,
}


def _member_faults(study: Study, record: Record) -> Iterable[str]:
    dates = record.roll_calls["date"].dropna()
    first = pd.Timestamp(study.date_from) if study.date_from else dates.min()
    last = pd.Timestamp(study.date_to) if study.date_to else dates.max()
    periods = record.members
    inside = periods[(periods["from"] <= last) & (periods["to"].isna() | (periods["to"] >= first))]
    known = sorted(set(inside["member"]))
    asked = [("references", r) for r in study.references]
    if study.focus:
        asked.insert(0, ("focus", study.focus))
    if not isinstance(study.members, str):
        asked += [("members", m) for m in study.members]
    for name, member in asked:
        if member not in known:
            yield (
                f"{name}: {member!r} is no member of the record between {first.year} and "
                f"{last.year}{did_you_mean(member, known)}"
            )
    if study.focus and not isinstance(study.members, str) and study.focus not in study.members:
        yield f"members: the focus {study.focus!r} is not among them; add it"
