"""The parameters as text: a notebook's parameters cell, each with its meaning beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from helpers.study.parameters import PARAMETERS

if TYPE_CHECKING:
    from helpers.study.parameters import Study

WIDTH: Final = 100
"""Columns that a line may have; a longer list has a line for each of its values."""


def write_cell(study: Study) -> str:
    """Return the parameters cell of a notebook: one assignment each, its meaning as a comment.

    ``papermill --help-notebook`` prints the meanings. The layout is that of ``ruff format``.

    Examples
    --------
    >>> from helpers.study.parameters import Study
    >>> write_cell(Study()).splitlines()[2]
    'body = "GA"  # General Assembly or Security Council; one of GA, SC'
    """
    return "\n".join(_write_line(name, value) for name, value in study.as_dict().items())


def explain_parameter(name: str) -> str:
    """Return what a parameter means and, where there is a list of values, which they are.

    Examples
    --------
    >>> explain_parameter("absence")
    'what an absence becomes; one of missing, abstain, category, half'
    """
    rules = PARAMETERS[name].metadata
    choices = f"; one of {', '.join(rules['allowed'])}" if rules["allowed"] else ""
    return f"{rules['help']}{choices}"


def _write_line(name: str, value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    for meaning in (explain_parameter(name), PARAMETERS[name].metadata["help"]):
        line = f"{name} = {text}  # {meaning}"
        if len(line) <= WIDTH:
            return line
    if not isinstance(value, list) or not value:
        return line
    items = "".join(f"    {json.dumps(item, ensure_ascii=False)},\n" for item in value)
    return f"{name} = [\n{items}]  # {meaning}"
