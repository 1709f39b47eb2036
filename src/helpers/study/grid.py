"""A grid study: parameters that are lists are crossed, and every combination is a study."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from helpers.errors import ParameterError
from helpers.store import workspace
from helpers.study.parameters import PARAMETERS, Study, check_parameters, read_mapping
from helpers.study.wording import name_member

GRID_KEYS: Final = ("name", "together", "exclude")
"""Keys of a grid file that are no study parameters."""

_LISTS: Final = ("list", "member list", "members")
NAME: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""What names the folder of a report, as a regular expression."""

_MOST_FAULTS: Final = 30


@dataclass(frozen=True)
class Grid:
    """The studies of a grid file, by the name of their report, in the file's order."""

    path: Path
    studies: dict[str, Study]


def read_grid(path: Path, settings: Mapping[str, Any] | None = None) -> Grid:
    """Read a grid file and expand it into its studies.

    Every key is a study parameter. A list of values is crossed with all other lists; for a
    parameter that is itself a list, that is a list of lists. ``together`` is a list of mappings,
    whose parameters vary together (a session with its event); ``exclude`` is a list of mappings:
    a study that agrees with all values of one of them is left out; ``name``, ``title`` and
    ``statements`` may hold ``{parameter}``.

    Parameters
    ----------
    path : Path
        A YAML file such as ``reports/grid.yml``.
    settings : mapping, optional
        Parameters that take the place of the file's, the same in every study.

    Raises
    ------
    ParameterError
        One message that lists every fault of the file and of its studies.
    """
    values = {**read_mapping(path), **(settings or {})}
    faults: list[str] = []
    crossed = _axes(values, faults)
    excluded = _mappings(values, "exclude", faults)
    unused = set(range(len(excluded)))
    combinations = []
    for combination in _combine(values, crossed):
        matched = {i for i, e in enumerate(excluded) if _agrees(combination, e)}
        unused -= matched
        if not matched:
            combinations.append(combination)
    faults += [
        f"exclude: {excluded[i]} matches no study; correct or remove it"
        for i in sorted(unused)
        if set(excluded[i]) <= set(PARAMETERS)
    ]
    if not combinations and not faults:
        faults.append("exclude: it leaves no study; take something out of it")
    studies = _check_studies(path, values, combinations, crossed, faults)
    if faults:
        raise ParameterError(_listed(path, faults))
    return Grid(path, studies)


def _axes(values: Mapping[str, Any], faults: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the alternatives of every axis: parameter name to mappings of values."""
    axes = {}
    for name, value in values.items():
        if name not in GRID_KEYS and _is_crossed(name, value):
            axes[name] = [{name: one} for one in value]
            if not value:
                faults.append(f"{name}: the list to cross is empty; give at least one value")
            elif any(value.count(one) > 1 for one in value):
                faults.append(f"{name}: a value is listed twice; leave one out")
    together = _mappings(values, "together", faults)
    faults += [
        f"together: {name!r} is also given outside of it; leave it in one place"
        for name in sorted({n for m in together for n in m} & set(values))
    ]
    if together:
        axes["together"] = together
    return axes


def _is_crossed(name: str, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    rules = PARAMETERS[name].metadata if name in PARAMETERS else {"kind": "text"}
    if rules["kind"] not in _LISTS:
        return True
    if rules["kind"] == "members":
        from helpers.record import load_groups

        groups = {"all", *load_groups()["group"]}
        return any(isinstance(one, list) or str(one).partition("@")[0] in groups for one in value)
    return any(isinstance(one, list) for one in value)


def _mappings(values: Mapping[str, Any], key: str, faults: list[str]) -> list[dict[str, Any]]:
    given = values.get(key) or []
    if not isinstance(given, list) or not all(isinstance(m, dict) and m for m in given):
        faults.append(f"{key}: it must be a list of mappings, each line '- parameter: value'")
        return []
    unknown = sorted({str(n) for m in given for n in m} - set(PARAMETERS))
    faults += [f"{key}: {name!r} is no study parameter" for name in unknown]
    return given


def _combine(
    values: Mapping[str, Any], axes: Mapping[str, list[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    plain = {n: v for n, v in values.items() if n not in axes and n not in GRID_KEYS}
    for parts in itertools.product(*axes.values()):
        combination = dict(plain)
        for part in parts:
            combination.update(part)
        yield combination


def _agrees(combination: Mapping[str, Any], excluded: Mapping[str, Any]) -> bool:
    return all(name in combination and combination[name] == v for name, v in excluded.items())


def _check_studies(
    path: Path,
    values: Mapping[str, Any],
    combinations: list[dict[str, Any]],
    axes: Mapping[str, Any],
    faults: list[str],
) -> dict[str, Study]:
    """Name and check every combination; what is wrong with it is added to ``faults``."""
    pattern = values.get("name", "") or _default_name(path, axes)
    others = (p for p in (workspace() / "reports").glob("*.yml") if p.name != path.name)
    taken = {p.stem.lower() for p in others}
    studies: dict[str, Study] = {}
    for combination in combinations:
        try:
            name = _report_name(_fill("name", pattern, combination, slug=True), taken)
            studies[name] = check_parameters(_worded(combination))
            taken.add(name.lower())
        except ParameterError as error:
            faults += [f for f in str(error).splitlines() if f not in faults]
    return studies


def _worded(combination: dict[str, Any]) -> dict[str, Any]:
    """Return the combination with values of parameters put into its title and statements.

    In a title ``{focus_name}`` is the focus's everyday name.
    """
    worded = dict(combination)
    if isinstance(worded.get("title"), str):
        focus = str(combination.get("focus", ""))
        named = {"focus_name": name_member(focus)}
        worded["title"] = _fill("title", worded["title"], {**combination, **named})
    if isinstance(worded.get("statements"), list):
        worded["statements"] = [
            _fill("statements", s, combination) if isinstance(s, str) else s
            for s in worded["statements"]
        ]
    return worded


def _default_name(path: Path, axes: Mapping[str, list[dict[str, Any]]]) -> str:
    names = [n for axis in axes.values() for n in axis[0]] if all(axes.values()) else []
    return "-".join([path.stem, *(f"{{{name}}}" for name in names)])


def _report_name(name: str, taken: set[str]) -> str:
    if not re.fullmatch(NAME, name):
        raise ParameterError(
            f"name: {name!r} cannot name a folder; use up to 100 letters, digits, '.', '_' and '-'"
        )
    if name.lower() in taken:
        raise ParameterError(
            f"name: {name!r} is taken by another study; put the parameters that differ into it, "
            "such as '{focus}-{measure}'"
        )
    return name


def _fill(key: str, pattern: str, combination: Mapping[str, Any], *, slug: bool = False) -> str:
    """Put the values of parameters into a pattern such as ``{focus}-{measure}``."""
    defaults = {name: field.default for name, field in PARAMETERS.items() if name != "title"}
    known = {**defaults, **combination}
    try:
        parts = list(string.Formatter().parse(pattern))
    except (ValueError, TypeError) as error:
        raise ParameterError(f"{key}: {pattern!r} has an unmatched brace") from error
    text = ""
    for literal, field, _spec, _conversion in parts:
        text += literal
        if field is not None and field not in known:
            raise ParameterError(f"{key}: {{{field}}} is no study parameter")
        if field is not None:
            text += _word(known[field], slug=slug)
    return text


def _word(value: Any, *, slug: bool) -> str:
    text = " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return re.sub(r"[^A-Za-z0-9.]+", "_", text).strip("_") or "all" if slug else text


def _listed(path: Path, faults: list[str]) -> str:
    lines = [f"{path}: {fault}" for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        lines.append(f"{path}: and {len(faults) - _MOST_FAULTS} more faults")
    return "\n".join(lines)
