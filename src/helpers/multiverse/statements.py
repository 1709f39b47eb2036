"""The language of statements: read without evaluating anything, and tested on one result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from helpers.blocs import find_main_size
from helpers.errors import ParameterError, SelectionError, did_you_mean, must_be_one_of
from helpers.record import find_member

CALLS: Final = {"same_bloc": 2, "apart": 1, "similarity": 2, "nearest": 1}
"""The calls of the statement language, and how many members each names."""

FORMS: Final = (
    "same_bloc(A, B)",
    "apart(A)",
    "similarity(A, B) > similarity(C, D)",
    "similarity(A, B) > 0.5",
    "nearest(A) = B",
)
"""The statements that can be written; ``>`` may be ``<``, ``>=`` or ``<=``."""

COMPARISONS: Final = (">", "<", ">=", "<=")
"""Signs that may stand after ``similarity(A, B)``."""

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))|(?P<word>[A-Za-z][\w-]*)|(?P<sign>>=|<=|[><=(),]))"
)


@dataclass(frozen=True)
class Statement:
    """One claim about members, ready to be tested.

    Attributes
    ----------
    text : str
        As written.
    kind : str
        One of ``CALLS``.
    members : tuple of str
        The members that the call on the left names.
    sign : str
        One of ``COMPARISONS`` or ``=``; empty for ``same_bloc`` and ``apart``.
    other : tuple of str
        The members on the right; empty for a number.
    number : float
        The number on the right; NaN for members.
    """

    text: str
    kind: str
    members: tuple[str, ...]
    sign: str = ""
    other: tuple[str, ...] = ()
    number: float = float("nan")

    @property
    def about_blocs(self) -> bool:
        """Whether the method and k matter to it."""
        return self.kind in ("same_bloc", "apart")


def parse_statements(texts: Sequence[str], members: Sequence[str]) -> list[Statement]:
    """Read statements, or say everything that is wrong with them at once.

    Parameters
    ----------
    texts : sequence of str
        Statements in one of the ``FORMS``.
    members : sequence of str
        The ids that may be named, by any of their names and codes of one word.

    Raises
    ------
    ParameterError
        One message with all faults, one a line.

    Examples
    --------
    >>> parse_statements(["nearest(USA) = ISR"], ["USA", "ISR"])[0].other
    ('ISR',)
    >>> parse_statements(["apart(UAS)"], ["USA", "ISR"])
    Traceback (most recent call last):
        ...
    helpers.errors.ParameterError: statements: 'apart(UAS)': no member 'UAS'; did you mean 'USA'?
    """
    statements, faults = [], []
    for text in texts:
        try:
            statement = _parse(text)
        except _WrongStatementError as fault:
            faults.append(f"statements: {text!r}: {fault}")
            continue
        meant: dict[str, str] = {}
        for name in dict.fromkeys((*statement.members, *statement.other)):
            try:
                meant[name] = find_member(name, members)
            except SelectionError:
                hint = did_you_mean(name, members)
                faults.append(f"statements: {text!r}: no member {name!r}{hint}")
        statements.append(_by_id(statement, meant))
    if faults:
        raise ParameterError("\n".join(faults))
    return statements


def _by_id(statement: Statement, meant: Mapping[str, str]) -> Statement:
    """Return a statement with the members by their ids, however they were named."""
    members, other = (
        tuple(meant.get(name, name) for name in names)
        for names in (statement.members, statement.other)
    )
    return replace(statement, members=members, other=other)


class _WrongStatementError(Exception):
    """What is wrong with one statement."""


def _parse(text: str) -> Statement:
    tokens = _tokens(text)
    kind, members, rest = _parse_call(tokens)
    if kind in ("same_bloc", "apart"):
        if rest:
            raise _WrongStatementError(f"nothing may follow {kind}(...), got {rest[0]!r}")
        return Statement(text, kind, members)
    if not rest:
        raise _WrongStatementError(f"{kind}(...) must be compared with something; {_forms()}")
    sign, rest = rest[0], rest[1:]
    if kind == "nearest":
        return _parse_nearest(text, members, sign, rest)
    if sign not in COMPARISONS:
        raise _WrongStatementError(must_be_one_of("comparison", sign, COMPARISONS))
    return _parse_comparison(text, members, sign, rest)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    stripped = str(text).rstrip()
    while at < len(stripped):
        found = _TOKEN.match(stripped, at)
        if not found:
            raise _WrongStatementError(f"cannot read {stripped[at:].strip()!r}; {_forms()}")
        tokens.append(found.group().strip())
        at = found.end()
    if not tokens:
        raise _WrongStatementError(f"it is empty; {_forms()}")
    return tokens


def _forms() -> str:
    return f"write one of {'; '.join(FORMS)}"


def _parse_call(tokens: Sequence[str]) -> tuple[str, tuple[str, ...], list[str]]:
    """Read ``name(A, B)`` off the front: the name, the members, and what is left."""
    name = tokens[0]
    if name not in CALLS:
        raise _WrongStatementError(f"{must_be_one_of('call', name, CALLS)}")
    count = CALLS[name]
    width = 2 * count + 2
    call = list(tokens[1:width])
    shape = ["(", *[""] * (2 * count - 1), ")"]
    shape[2 : 2 * count : 2] = [","] * (count - 1)
    members = tuple(call[1::2][:count])
    fits = len(call) == len(shape) and all(
        t == s if s else re.fullmatch(r"[A-Za-z][\w-]*", t)
        for t, s in zip(call, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("ABCD"[:count])
        plural = "member" if count == 1 else "members"
        raise _WrongStatementError(f"{name} needs {count} {plural}: {name}({wanted})")
    if len(set(members)) < count:
        raise _WrongStatementError(f"{name} needs two different members, got {members[0]!r} twice")
    return name, members, list(tokens[width:])


def _parse_nearest(
    text: str, members: tuple[str, ...], sign: str, rest: Sequence[str]
) -> Statement:
    if sign != "=" or len(rest) != 1 or not re.fullmatch(r"[A-Za-z][\w-]*", rest[0]):
        raise _WrongStatementError("nearest(A) must be followed by = and one member")
    if rest[0] == members[0]:
        raise _WrongStatementError(f"{rest[0]!r} cannot be nearest to itself")
    return Statement(text, "nearest", members, "=", (rest[0],))


def _parse_comparison(
    text: str, members: tuple[str, ...], sign: str, rest: Sequence[str]
) -> Statement:
    if len(rest) == 1 and re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)", rest[0]):
        return Statement(text, "similarity", members, sign, (), float(rest[0]))
    if not rest or rest[0] != "similarity":
        raise _WrongStatementError(
            f"{sign} must be followed by a number or similarity(C, D), got {' '.join(rest)!r}"
        )
    _, other, left = _parse_call(rest)
    if left:
        raise _WrongStatementError(f"nothing may follow the second similarity, got {left[0]!r}")
    return Statement(text, "similarity", members, sign, other)


# --- testing ------------------------------------------------------------------------------------


def measure_margin(
    statement: Statement, position: Mapping[str, int], values: NDArray[np.float64]
) -> float:
    """Measure by how much a statement on similarity holds in a matrix.

    Returns
    -------
    float
        The left side minus the right one, turned round for ``<`` and ``<=``, so that it is negative
        where the statement does not hold; for ``nearest`` the similarity with the named member
        minus that with the nearest other one. NaN where a member or similarity is missing.

    Examples
    --------
    >>> statement = parse_statements(["similarity(A, B) < 0.5"], ["A", "B"])[0]
    >>> measure_margin(statement, {"A": 0, "B": 1}, np.array([[1.0, 0.25], [0.25, 1.0]]))
    0.25
    """
    named = (*statement.members, *statement.other)
    if any(m not in position for m in named):
        return float("nan")
    places = [position[m] for m in named]
    if statement.kind == "nearest":
        others = np.delete(values[places[0]], places)
        known = others[~np.isnan(others)]
        nearest = float(known.max()) if len(known) else float("-inf")
        return float(values[places[0], places[1]]) - nearest
    left = float(values[places[0], places[1]])
    right = float(values[places[2], places[3]]) if statement.other else statement.number
    return right - left if statement.sign in ("<", "<=") else left - right


TIE: Final = 1e-9
"""Margins that are no larger are ties."""


def holds_by(statement: Statement, margin: float) -> bool | None:
    """Tell whether a statement on similarity holds by its margin.

    None where it is undefined, and at a tie, which a rounding could turn either way; a tie is
    enough only where the statement says so, by ``>=`` or ``<=``.
    """
    if np.isnan(margin):
        return None
    if abs(margin) <= TIE:
        return True if statement.sign in (">=", "<=") else None
    return margin > 0


def holds_among(
    statement: Statement, position: Mapping[str, int], labels: NDArray[np.int64]
) -> bool | None:
    """Tell whether a statement on blocs holds; None where a member is not there.

    A member is apart when it is an isolate or in a fringe bloc (smaller than a main bloc).
    """
    if any(m not in position for m in statement.members):
        return None
    blocs = labels[[position[m] for m in statement.members]]
    if statement.kind == "same_bloc":
        return bool(blocs[0] == blocs[1] and blocs[0] > 0)
    size = int((labels == blocs[0]).sum())
    return bool(blocs[0] == 0 or size < find_main_size(len(labels)))
