"""A study on the command line: a file, ``--set``, and an option for each parameter of `Study`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from helpers.errors import ParameterError
from helpers.study import GROUPS, PARAMETERS, check_values, explain_parameter

if TYPE_CHECKING:
    from helpers.cli.commands import Command
    from helpers.study import Study

_METAVARS: Final = {
    "date": "DATE",
    "float": "X",
    "int": "N",
    "list": "A,B",
    "member": "MEMBER",
    "member list": "A,B",
    "members": "A,B",
}
_COMMA: Final = re.compile(r",(?![^()]*\))")
"""A comma that is not inside brackets."""


def add_study(parser: argparse.ArgumentParser, command: Command) -> None:
    """Add the study file, ``--set``, and the options of the parameters that a command reads.

    Options of the others are known too, so that they are refused in a sentence.
    """
    if command.takes:
        grid = command.takes == "grid"
        study = "a study file, such as reports/ukraine.yml, or the name of a source"
        parser.add_argument(
            "file",
            metavar="GRID" if grid else "STUDY",
            nargs=None if grid else "?",
            help="a grid file, such as reports/grid.yml" if grid else study,
        )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="sets",
        metavar="NAME=VALUE",
        help="a parameter in the place of the file's, as in YAML; can be repeated"
        if command.reads
        else argparse.SUPPRESS,
    )
    if "source" in command.reads:
        parser.add_argument(
            "--record",
            metavar="DIR",
            default="",
            help="a folder that 'unblocs clean' wrote, in the place of a source",
        )
    groups = {title: parser.add_argument_group(title) for title in GROUPS}
    for name in PARAMETERS:
        if name not in command.replaces:
            _add_option(groups, name, shown=name in command.reads)


def _add_option(groups: Mapping[str, Any], name: str, *, shown: bool) -> None:
    field = PARAMETERS[name]
    rules, default = field.metadata, field.default
    if isinstance(default, tuple):
        default = ",".join(default)
    standard = f" (default: {default})" if default != "" else ""
    groups[rules["group"]].add_argument(
        option_of(name),
        dest=f"parameter_{name}",
        metavar=_METAVARS.get(rules["kind"], "VALUE"),
        help=f"{explain_parameter(name)}{standard}".replace("%", "%%")
        if shown
        else argparse.SUPPRESS,
    )


def option_of(name: str) -> str:
    """Return the option of a parameter.

    Examples
    --------
    >>> option_of("min_shared"), option_of("date_from")
    ('--min-shared', '--from')
    """
    return f"--{PARAMETERS[name].metadata['flag'] or name.replace('_', '-')}"


def read_settings(options: Any, command: Command) -> dict[str, Any]:
    """Return the parameters of a command line, each checked by itself.

    ``options.file`` becomes the study file, if any; a first argument that is none is a source.

    Raises
    ------
    ParameterError
        A value cannot be used, a parameter is given twice, or has no effect on the command.
    """
    settings: dict[str, Any] = {}
    for text in options.sets:
        name, value = _read_set(text)
        _put(settings, name, value)
    for name in PARAMETERS:
        typed = getattr(options, f"parameter_{name}", None)
        if typed is not None:
            _put(settings, name, _read_option(name, typed))
    named = getattr(options, "file", None)
    is_file = command.takes == "grid" or str(named).endswith((".yml", ".yaml"))
    options.file = Path(named) if named and is_file else None
    options.source = "" if is_file else named or ""
    if options.source and command.takes == "study":
        _put(settings, "source", options.source)
    if getattr(options, "record", ""):
        _put(settings, "source", options.record)
    idle = [name for name in settings if name in PARAMETERS and name not in command.reads]
    if idle:
        raise ParameterError(
            f"{idle[0]}: it has no effect on 'unblocs {command.name}'; leave it out"
        )
    return check_values(settings)


def _put(settings: dict[str, Any], name: str, value: Any) -> None:
    if name in settings:
        raise ParameterError(f"{name}: it is given twice; leave one out")
    settings[name] = value


def _read_set(text: str) -> tuple[str, Any]:
    """Read ``name=value``, the value as YAML; an empty one is the empty text or list."""
    import yaml

    name, sign, value = (part.strip() for part in text.partition("="))
    if not (name and sign):
        raise ParameterError(f"--set: {text!r} must be NAME=VALUE, such as measure=agreement")
    if not value:
        kind = PARAMETERS[name].metadata["kind"] if name in PARAMETERS else ""
        return name, [] if "list" in kind else ""
    try:
        return name, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ParameterError(f"{name}: {value!r} is no YAML value; put it in quotes") from error


def _read_option(name: str, text: str) -> Any:
    """Read the value of an option: a number, a list with commas between, or the text itself."""
    kind = PARAMETERS[name].metadata["kind"]
    if kind in ("int", "float"):
        return _read_set(f"{name}={text}")[1]
    if kind in ("list", "member list"):
        return [part.strip() for part in _COMMA.split(text) if part.strip()]
    return text


def refuse_idle(command: Command, study: Study, settings: Mapping[str, Any]) -> None:
    """Refuse a parameter that was given and changes nothing because of another one.

    Raises
    ------
    ParameterError
        A distance for a measure that has one of its own; an event that cuts no window of a table.
    """
    from helpers.similarity import DISTANCES, choose_distance

    if "distance" in settings:
        used = {choose_distance(study.measure, distance) for distance in DISTANCES}
        if len(used) == 1:
            raise ParameterError(
                f"distance: it has no effect on the measure {study.measure!r}; leave it out"
            )
    if "event" in settings and "target" not in command.reads and study.windows != "event":
        raise ParameterError(
            f"event: it has no effect with windows {study.windows!r}; leave one of them out"
        )
