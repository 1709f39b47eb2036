"""Every study parameter once: type, allowed values, default and help."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from helpers.ballots import (
    ABSENCE_RULES,
    BLOCK_KINDS,
    ROLL_CALL_WEIGHTS,
    STATE_RULES,
    parse_sessions,
    read_windows,
)
from helpers.blocs import METHODS
from helpers.errors import MissingDataError, ParameterError, did_you_mean, must_be_one_of
from helpers.record import (
    BODIES,
    KINDS,
    SOURCES,
    Record,
    group_name,
    is_group,
    load_groups,
    resolve_member,
    split_members,
)
from helpers.similarity import DISTANCES, MEASURES, resolve_formula
from helpers.store import bundled, workspace
from helpers.study.wording import write_statements, write_title

GROUPS: Final = ("the question", "the votes", "similarity", "blocs and windows")
"""Headings under which the parameters stand in a command's help."""


def parameter(
    default: Any,
    help: str,
    group: int,
    *,
    flag: str = "",
    allowed: Iterable[str] = (),
    minimum: float | None = None,
    maximum: float | None = None,
    kind: str = "text",
) -> Any:
    """Define a field of `Study`: its default, meaning, place in the help and what it may be.

    The meaning is one line without ``|`` and ``=``: papermill prints no parameter whose comment has
    one of them. ``flag`` is the option of a command; empty: the field's name with dashes.
    """
    rules = {
        "help": help,
        "group": GROUPS[group],
        "flag": flag,
        "allowed": tuple(allowed),
        "minimum": minimum,
        "maximum": maximum,
        "kind": kind,
    }
    return dataclasses.field(default=default, metadata=rules)


@dataclass(frozen=True, kw_only=True)
class Study:
    """A set of study parameters; its defaults are about no member, day or vote in particular.

    The fields are the keys of a study file (``reports/ukraine.yml``), the variables of every
    notebook's parameters cell and the options of the commands. `check_parameters` makes one from
    values that may be wrong.
    """

    title: str = parameter("", "the question; empty: from the selection", 0)
    source: str = parameter(
        "dossier", "a source, or a folder that 'unblocs clean' wrote", 1, kind="source"
    )
    body: str = parameter("GA", "General Assembly or Security Council", 1, allowed=BODIES)
    date_from: str = parameter(
        "", "first day, ISO; empty for the first", 1, flag="from", kind="date"
    )
    date_to: str = parameter("", "last day, ISO; empty for the last", 1, flag="to", kind="date")
    sessions: str = parameter("", "Assembly sessions, such as '70-79, ES-11'", 1, kind="sessions")
    subject: str = parameter(
        "", "a subject code (me nu di hr co ec), or words that must all occur", 1
    )
    kinds: tuple[str, ...] = parameter(
        (), "kinds of roll call to keep; empty for all", 1, allowed=KINDS, kind="list"
    )
    members: str | tuple[str, ...] = parameter(
        "all",
        "'all', or members and groups (BRICS: by date; BRICS@2025-01-01: of one day)",
        1,
        kind="members",
    )
    focus: str = parameter("", "the member in question; empty for none", 0, kind="member")
    references: tuple[str, ...] = parameter(
        (), "members that the focus is compared with", 0, kind="member list"
    )
    event: str = parameter("", "the day in question, ISO; empty for none", 0, kind="date")
    target: str = parameter(
        "", "symbol of the vote that members moved on; empty: first of the event", 0
    )
    event_subject: str = parameter(
        "", "words or code of the subject of the event; empty: of all votes", 0
    )
    years_before: int = parameter(
        3,
        "calendar years before the event's that its year is compared with",
        0,
        kind="int",
        minimum=1,
        maximum=20,
    )
    baselines: tuple[str, ...] = parameter(
        (), "earlier votes to compare; empty: the one before", 0, kind="list"
    )
    measure: str = parameter("pi", "similarity measure, or a preset", 2, allowed=MEASURES)
    distance: str = parameter(
        "linear", "distance of votes, if the measure has one", 2, allowed=DISTANCES
    )
    absence: str = parameter("missing", "what an absence becomes", 1, allowed=ABSENCE_RULES)
    states: str = parameter(
        "apart", "two states that had one seat, such as China's", 1, allowed=STATE_RULES
    )
    roll_call_weights: str = parameter(
        "equal", "whether a vote recorded often counts once", 1, allowed=ROLL_CALL_WEIGHTS
    )
    min_shared: int = parameter(
        5, "fewest shared votes for a similarity", 2, kind="int", minimum=1, maximum=10_000
    )
    blocks: str = parameter("agenda", "what a bootstrap draws together", 2, allowed=BLOCK_KINDS)
    replicates: int = parameter(
        1000, "bootstrap replicates", 2, kind="int", minimum=20, maximum=100_000
    )
    nulls: int = parameter(
        100,
        "assemblies without structure to compare with",
        3,
        kind="int",
        minimum=99,
        maximum=10_000,
    )
    level: float = parameter(
        0.95, "level of the intervals", 2, kind="float", minimum=0.5, maximum=0.999
    )
    seed: int = parameter(1, "seed of every draw", 2, kind="int", minimum=0, maximum=2**32 - 1)
    method: str = parameter("average", "method of clustering", 3, allowed=METHODS)
    k: str = parameter("auto", "number of blocs, or 'auto'", 3, kind="k")
    windows: str = parameter(
        "event",
        "how the period is cut: event, session, year, or first days of windows",
        3,
        kind="windows",
    )
    statements: tuple[str, ...] = parameter(
        (), "what the multiverse tests; empty: from focus and references", 0, kind="list"
    )

    def selection(self) -> dict[str, Any]:
        """Return the arguments of `ballots.build_ballots`."""
        names = (
            "body date_from date_to sessions subject kinds members absence states "
            "roll_call_weights blocks"
        )
        return {name: getattr(self, name) for name in names.split()}

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters as JSON- and YAML-ready values, lists for tuples."""
        values = dataclasses.asdict(self)
        return {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}


COUNCIL_SOURCES: Final = ("undl-sc", "council", "council-drafts")
"""Sources that have the Security Council only."""

VOTES_FILE: Final = "votes.parquet"
"""By this file a folder of clean tables is known."""

PARAMETERS: Final = {field.name: field for field in dataclasses.fields(Study)}
"""The fields of `Study` by name."""


def check_parameters(values: Mapping[str, Any], *, where: str = "") -> Study:
    """Check parameters by themselves, before any data is read.

    Parameters
    ----------
    values : mapping
        Parameter names and values; what is left out takes its default. The focus is compared with
        others than itself: it is taken out of the references. Where there is no title, and where
        there are no statements about a focus, they are written from the other parameters.
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
    measure: 'kapa' must be one of agreement, lijphart, coincidence, s, kappa, pi, alpha, \
state-department-1985, state-department-2017, state-department-2021, voeten-agree, identical; did \
you mean 'kappa'?
    """
    checked = check_values(values, where=where)
    study = Study(**(_implied(checked) | checked))
    _raise_faults(list(_joint_faults(study)), where)
    study = dataclasses.replace(
        study, references=tuple(r for r in study.references if r != study.focus)
    )
    return dataclasses.replace(
        study,
        title=study.title or write_title(study),
        statements=study.statements or write_statements(study),
    )


def check_values(values: Mapping[str, Any], *, where: str = "") -> dict[str, Any]:
    """Check each parameter by itself and return them as fields of `Study`.

    Raises
    ------
    ParameterError
        One message that lists every fault.

    Examples
    --------
    >>> check_values({"k": 3, "references": ["FRA"]})
    {'k': '3', 'references': ('FRA',)}
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
    _raise_faults(faults, where)
    return checked


def _implied(checked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what others imply: a preset its absence rule, a source of the Council the body."""
    implied: dict[str, Any] = {}
    rule = MEASURES[checked["measure"]].absence if "measure" in checked else ""
    if rule:
        implied["absence"] = rule
    if checked.get("source") in COUNCIL_SOURCES:
        implied["body"] = "SC"
    return implied


def _joint_faults(study: Study) -> Iterable[str]:
    """Say what is wrong with parameters only together."""
    if study.date_from > study.date_to != "":
        yield "date_from: it is later than date_to; exchange them"
    categories = 3 if study.absence in ("missing", "abstain") else 4
    if categories == 4 or MEASURES[study.measure].absence:
        try:
            resolve_formula(study.measure, study.distance, categories, study.absence)
        except ParameterError as error:
            yield str(error)


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


def read_study(path: Path, settings: Mapping[str, Any] | None = None) -> Study:
    """Read and check a study file (flat YAML); ``settings`` take the place of its lines.

    Raises
    ------
    ParameterError
        The file is missing, is no flat YAML, or has a wrong parameter.
    """
    changed = check_values(settings or {})
    return check_parameters({**read_mapping(path), **changed}, where=str(path))


def read_mapping(path: Path) -> dict[str, Any]:
    """Read the lines ``parameter: value`` of a study or grid file, unchecked.

    Where there is no such file, the one of that name that travels with the package is read.

    Raises
    ------
    ParameterError
        The file is missing or is no such YAML.
    """
    import yaml

    found = path
    if not path.exists() and not path.is_absolute():
        with contextlib.suppress(MissingDataError):
            found = bundled(path.as_posix())
    try:
        values = yaml.safe_load(found.read_text(encoding="utf-8"))
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


def _check_source(name: str, value: Any, rules: Mapping[str, Any]) -> str:
    """Take the name of a source, or a folder: of the workspace, else of the working folder."""
    text = _check_text(name, value, rules)
    if text in SOURCES or (workspace() / text / VOTES_FILE).is_file():
        return text
    if (Path(text) / VOTES_FILE).is_file():
        return Path(text).resolve().as_posix()
    if "/" in text or Path(text).is_dir():
        raise ParameterError(
            f"{name}: {text!r} is no folder of clean tables; 'unblocs clean SOURCE --out {text}' "
            "makes one"
        )
    raise ParameterError(must_be_one_of(name, text, SOURCES))


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


def _check_member(name: str, value: Any, rules: Mapping[str, Any]) -> str:
    """Take a member by any of its names and codes; what is none is left to `check_study`."""
    text = str(value) if isinstance(value, int) else _check_text(name, value, rules)
    try:
        return resolve_member(text) if text else ""
    except ParameterError:
        return text


def _is_member(text: str) -> bool:
    try:
        return bool(resolve_member(text))
    except ParameterError:
        return False


def _check_member_list(name: str, value: Any, rules: Mapping[str, Any]) -> tuple[str, ...]:
    given = _check_list(name, value, rules)
    return _check_list(name, [_check_member(name, member, rules) for member in given], rules)


def _check_members(name: str, value: Any, rules: Mapping[str, Any]) -> str | tuple[str, ...]:
    """Take ``all``, or members and groups side by side, as a list or with commas between."""
    if value == "all":
        return "all"
    parts = split_members(value) if isinstance(value, str) else _check_list(name, value, rules)
    groups = sorted(set(load_groups()["group"]))
    for part in parts:
        hint = did_you_mean(part, groups)
        if hint and not group_name(part) and not _is_member(part):
            raise ParameterError(f"{name}: {part!r} is no member and no group{hint}")
    found = tuple(group_name(p) or _check_member(name, p, rules) for p in parts)
    if not found:
        raise ParameterError(f"{name}: it is empty; write 'all', or members and groups")
    one_group = len(found) == 1 and group_name(found[0])
    return found[0] if one_group else _check_list(name, found, rules)


def _check_k(name: str, value: Any, _rules: Mapping[str, Any]) -> str:
    text = str(value)
    if text != "auto" and not (text.isdecimal() and 2 <= int(text) <= 50):
        raise ParameterError(f"{name}: {value!r} must be 'auto' or a whole number from 2 to 50")
    return text


def _check_windows(name: str, value: Any, rules: Mapping[str, Any]) -> str:
    text = _check_text(name, str(value) if isinstance(value, datetime.date) else value, rules)
    read_windows(text)
    return text


_CHECKS: Final = {
    "text": _check_text,
    "source": _check_source,
    "member": _check_member,
    "int": _check_number,
    "float": _check_number,
    "date": _check_date,
    "sessions": _check_sessions,
    "list": _check_list,
    "member list": _check_member_list,
    "members": _check_members,
    "k": _check_k,
    "windows": _check_windows,
}


def _say_unknown(member: str, known: list[str], first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Word why a name is none of the members of a period: what it may mean, or what is near."""
    near = did_you_mean(member, known) if len(member) <= CODE_LENGTH else ""
    try:
        resolve_member(member)
    except ParameterError as error:
        if not near:
            return str(error).removeprefix("member: ")
    return f"{member!r} is no member of the record between {first.year} and {last.year}{near}"


CODE_LENGTH: Final = 3
"""Letters of a member's id; longer texts are names."""

_EVER: Final = pd.Timestamp("1945-01-01")
_ALWAYS: Final = pd.Timestamp("2262-01-01")


def _member_faults(study: Study, record: Record) -> Iterable[str]:
    dates = record.roll_calls["date"].dropna()
    periods = record.members
    first, last = (dates.min(), dates.max()) if len(dates) else (_EVER, _ALWAYS)
    first = pd.Timestamp(study.date_from) if study.date_from else first
    last = pd.Timestamp(study.date_to) if study.date_to else last
    inside = periods[(periods["from"] <= last) & (periods["to"].isna() | (periods["to"] >= first))]
    known = sorted(set(inside["member"]))
    asked = [("references", r) for r in study.references]
    if study.focus:
        asked.insert(0, ("focus", study.focus))
    named = [] if isinstance(study.members, str) else list(study.members)
    asked += [("members", m) for m in named if not is_group(m)]
    for name, member in asked:
        if member not in known:
            yield f"{name}: {_say_unknown(member, known, first, last)}"
    if study.focus and named and not any(map(is_group, named)) and study.focus not in named:
        yield f"members: the focus {study.focus!r} is not among them; add it"
