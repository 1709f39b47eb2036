"""The grid of reasonable choices: which statements survive it, and which choice turns them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import ABSENCE_RULES, ROLL_CALL_WEIGHTS, Ballots, build_ballots, parse_sessions
from helpers.blocs import (
    LEAST_SHARE,
    METHODS,
    OWN_K,
    count_shared,
    divide,
    fill_undefined,
    find_main_size,
    leave_out,
    require_flat,
)
from helpers.errors import ParameterError, SelectionError, did_you_mean, must_be_one_of
from helpers.record import KINDS, Record
from helpers.similarity import DISTANCES, MEASURES, joint_weights, measure_counts
from helpers.store import Shown

GRID: Final[dict[str, tuple[Any, ...]]] = {
    "measure": tuple(name for name, measure in MEASURES.items() if measure.crossed),
    "distance": ("linear",),
    "absence": ("missing", "abstain"),
    "roll_call_weights": ("equal", "identical"),
    "period": ("all",),
    "roll_calls": ("all",),
    "method": ("average", "complete", "spectral", "kmedoids", "hdbscan"),
    "k": (2, 3, 4, 5),
}
"""The choices that are crossed, with the values that a grid takes when it names none."""

RECORD_CHOICES: Final = ("absence", "roll_call_weights", "period", "roll_calls")
"""Choices that need a record; ballots have made them already."""

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


@dataclass(frozen=True, repr=False)
class Multiverse(Shown):
    """What every specification says of every statement.

    Attributes
    ----------
    cells : DataFrame
        One row a specification and statement: ``specification`` (from 0), the choices (the keys
        of ``GRID``), ``statement, holds`` (boolean; NA where a member or similarity is missing),
        ``margin`` (by how much a statement on similarity holds, negative where it does not, in the
        unit of the measure: see `measure_margin`; NaN for statements on blocs).
    summary : DataFrame
        One row a statement: ``statement, specifications`` (where it could be tested), ``holds``
        (how many), ``share`` (0..1), ``untested, turned_by`` (the choice that turns it most;
        empty when none does).
    turning : DataFrame
        One row a statement and choice: ``statement, choice, flips`` (share of pairs of
        specifications, alike in all but this choice, that disagree, 0..1), ``low, low_share,
        high, high_share`` (the values under which it holds least and most often).
    skipped : DataFrame
        Specifications that could not be computed: the choices and ``why``.
    distinct_similarities : int
        Similarity matrices that were computed.
    """

    cells: pd.DataFrame
    summary: pd.DataFrame
    turning: pd.DataFrame
    skipped: pd.DataFrame
    distinct_similarities: int

    def _rows(self) -> pd.DataFrame:
        return self.summary


# --- the statement language -----------------------------------------------------------------------


def parse_statements(texts: Sequence[str], members: Sequence[str]) -> list[Statement]:
    """Read statements, or say everything that is wrong with them at once.

    Parameters
    ----------
    texts : sequence of str
        Statements in one of the ``FORMS``.
    members : sequence of str
        The ids that may be named.

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
        statements.append(statement)
        faults += [
            f"statements: {text!r}: no member {name!r}{did_you_mean(name, members)}"
            for name in dict.fromkeys((*statement.members, *statement.other))
            if name not in members
        ]
    if faults:
        raise ParameterError("\n".join(faults))
    return statements


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


def holds_by(statement: Statement, margin: float) -> bool | None:
    """Tell whether a statement on similarity holds by its margin; None where it is undefined.

    A draw is enough for ``nearest``, ``>=`` and ``<=``.
    """
    if np.isnan(margin):
        return None
    return margin > 0 if statement.sign in (">", "<") else margin >= 0


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


# --- the grid -----------------------------------------------------------------------------------


def run_multiverse(
    data: Record | Ballots,
    grid: Mapping[str, Sequence[Any]],
    statements: Sequence[str] | Sequence[Statement],
    *,
    selection: Mapping[str, Any] | None = None,
    min_shared: int = 1,
    least_share: float = LEAST_SHARE,
    seed: int = 1,
) -> Multiverse:
    """Test statements under every combination of reasonable choices.

    Answers: which findings survive the choice of measure, absence rule, weights, method, k,
    period and roll calls, and which choice turns the others?

    Parameters
    ----------
    data : Record or Ballots
        With ballots, the choices in ``RECORD_CHOICES`` are made already and cannot be crossed.
    grid : mapping
        Choice -> values. ``measure``, ``distance``, ``absence``, ``roll_call_weights``, ``method``
        and ``k`` (numbers) as elsewhere; ``period`` is ``"all"``, ISO dates as
        ``"2022-02-24..2025-02-23"`` (either may be missing) or sessions as ``"70-79"``;
        ``roll_calls`` is ``"all"``, a kind (``"resolution"``) or a subject (a code or words).
        A choice left out takes its value from ``GRID``.
    statements : sequence of str or Statement
        In one of the ``FORMS``.
    selection : mapping, optional
        Other arguments of `helpers.ballots.build_ballots`, the same in all specifications.
    min_shared : int
        Dyads with fewer shared roll calls have no similarity.
    least_share : float
        Members that voted in a smaller share of the roll calls are left out.
    seed : int
        Seed for methods that draw.

    Returns
    -------
    Multiverse

    Raises
    ------
    ParameterError
        A choice, a value or a statement cannot be read; raised before anything is computed.

    Notes
    -----
    Each similarity is computed once for each distinct input. A distance that a measure does not
    take, and k for a method that finds its own, are no choice: such specifications are listed once.
    See Steegen, Tuerlinckx, Gelman and Vanpaemel (2016) on multiverse analysis and Simonsohn,
    Simmons and Nelson (2020) on specification curves.

    Examples
    --------
    >>> from helpers.ballots import ballots_from_matrix
    >>> votes = [[1, 1, 1, 3, 3, 3], [3, 3, 3, 1, 1, 1], [1, 1, 2, 3, 3, 3]] * 3
    >>> ballots = ballots_from_matrix(votes, members=["A", "B", "C", "D", "E", "F"])
    >>> grid = {"measure": ["agreement", "pi"], "method": ["average"], "k": [2]}
    >>> run_multiverse(ballots, grid, ["same_bloc(A, B)", "same_bloc(A, D)"]).summary["share"]
    0    1.0
    1    0.0
    Name: share, dtype: float64
    """
    full = _check_grid(grid, data)
    tests = _check_statements(data, statements)
    book = _Book(full, tests)
    for chosen, ballots in _selections(data, full, dict(selection or {}), book):
        try:
            kept, _ = leave_out(ballots, least_share)
        except SelectionError as error:
            book.skip(chosen, str(error))
            continue
        _fill(book, chosen, kept, min_shared, seed)
    return book.close()


Choices = dict[str, Any]


class _Book:
    """Specifications and their answers while the grid runs."""

    def __init__(self, grid: Mapping[str, tuple[Any, ...]], tests: Sequence[Statement]):
        self.grid, self.tests = grid, tests
        self.specifications: list[tuple[Any, ...]] = []
        self.answers: list[list[bool | None]] = []
        self.margins: list[list[float]] = []
        self.skipped: list[Choices] = []
        self.similarities = 0

    def add(self, chosen: Choices, answers: list[bool | None], margins: list[float]) -> None:
        self.specifications.append(tuple(chosen[c] for c in GRID))
        self.answers.append(answers)
        self.margins.append(margins)

    def skip(self, chosen: Choices, why: str) -> None:
        self.skipped.append({**chosen, "why": why})

    def close(self) -> Multiverse:
        specifications = pd.DataFrame(self.specifications, columns=list(GRID))
        codes = {True: 1, False: 0, None: -1}
        answers = np.array([[codes[a] for a in row] for row in self.answers], dtype=np.int8)
        answers = answers.reshape(len(specifications), len(self.tests))
        turning = _find_turning(specifications, answers, self.tests)
        return Multiverse(
            cells=_lay_out(specifications, answers, self.margins, self.tests),
            summary=_summarise(answers, self.tests, turning),
            turning=turning,
            skipped=pd.DataFrame(self.skipped, columns=[*GRID, "why"]),
            distinct_similarities=self.similarities,
        )


def _check_statements(
    data: Record | Ballots, statements: Sequence[str] | Sequence[Statement]
) -> list[Statement]:
    if isinstance(data, Ballots):
        members = [*data.members, *data.left_out]
    else:
        members = sorted(set(data.members["member"].astype(str)))
    texts = [s.text if isinstance(s, Statement) else s for s in statements]
    return parse_statements(texts, members)


def _check_grid(
    grid: Mapping[str, Sequence[Any]], data: Record | Ballots
) -> dict[str, tuple[Any, ...]]:
    """Fill in what the grid does not name, and list every fault at once."""
    faults = [must_be_one_of("grid", name, GRID) for name in grid if name not in GRID]
    full = {**GRID, **{n: _as_tuple(v) for n, v in grid.items() if n in GRID}}
    faults += [f"grid: {name} has no value" for name, values in full.items() if not values]
    allowed = {
        "measure": MEASURES,
        "distance": DISTANCES,
        "absence": ABSENCE_RULES,
        "roll_call_weights": ROLL_CALL_WEIGHTS,
        "method": METHODS,
    }
    faults += [
        must_be_one_of(name, value, names)
        for name, names in allowed.items()
        for value in full[name]
        if value not in names
    ]
    faults += [
        f"k: {k!r} must be a whole number from 2"
        for k in full["k"]
        if isinstance(k, bool) or not isinstance(k, int) or k < 2
    ]
    faults += [f"period: {p!r} cannot be read" for p in full["period"] if not _reads(p)]
    if isinstance(data, Ballots):
        crossed = [n for n in RECORD_CHOICES if n in grid]
        faults += [f"grid: {n} needs a record, and ballots were given" for n in crossed]
        full |= {"absence": (data.absence,), "roll_call_weights": ("as given",)}
    if faults:
        raise ParameterError("\n".join(faults))
    return full


def _as_tuple(values: Any) -> tuple[Any, ...]:
    single = isinstance(values, str) or not isinstance(values, Sequence)
    return (values,) if single else tuple(dict.fromkeys(values))


def _reads(period: str) -> bool:
    try:
        read_period(period)
    except ParameterError:
        return False
    return True


def read_period(period: str) -> dict[str, str]:
    """Return the arguments of `build_ballots` that a period stands for.

    Raises
    ------
    ParameterError
        It is neither ``"all"``, dates with ``..`` between, nor sessions.

    Examples
    --------
    >>> read_period("2022-02-24..")
    {'date_from': '2022-02-24', 'date_to': ''}
    >>> read_period("70-79"), read_period("all")
    ({'sessions': '70-79'}, {})
    """
    text = str(period).strip()
    if text == "all":
        return {}
    if ".." not in text:
        parse_sessions(text)
        return {"sessions": text}
    first, last = (part.strip() for part in text.split("..", 1))
    for day in filter(None, (first, last)):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", day):
            raise ParameterError(f"period: {day!r} is no date; write it as 2025-02-24")
    return {"date_from": first, "date_to": last}


def _read_roll_calls(roll_calls: str) -> dict[str, Any]:
    if roll_calls == "all":
        return {}
    return {"kinds": (roll_calls,)} if roll_calls in KINDS else {"subject": roll_calls}


def _selections(
    data: Record | Ballots, grid: Mapping[str, tuple[Any, ...]], base: Choices, book: _Book
) -> Iterator[tuple[Choices, Ballots]]:
    """Yield the choices that concern the ballots, with the ballots that they give."""
    for values in itertools.product(*(grid[c] for c in RECORD_CHOICES)):
        chosen = dict(zip(RECORD_CHOICES, values, strict=True))
        if isinstance(data, Ballots):
            yield chosen, data
            continue
        options = {
            **base,
            **read_period(chosen["period"]),
            **_read_roll_calls(chosen["roll_calls"]),
        }
        options |= {n: chosen[n] for n in ("absence", "roll_call_weights")}
        try:
            yield chosen, build_ballots(data, **options)
        except SelectionError as error:
            book.skip(chosen, str(error))


def _fill(book: _Book, chosen: Choices, ballots: Ballots, min_shared: int, seed: int) -> None:
    """Run all measures, distances, methods and k on one selection."""
    counts, shared = joint_weights(ballots), count_shared(ballots)
    position = {member: i for i, member in enumerate(ballots.members)}
    for measure, distance in _measures(book.grid):
        here = {**chosen, "measure": measure, "distance": distance}
        try:
            values = measure_counts(counts, measure, distance=distance)
        except ParameterError as error:
            book.skip(here, str(error))
            continue
        book.similarities += 1
        values = np.where(shared >= min_shared, values, np.nan)
        known = {t: measure_margin(t, position, values) for t in book.tests if not t.about_blocs}
        complete = fill_undefined(values, shared, measure, min_shared)
        _fill_methods(book, here, complete, position, known, seed)


def _measures(grid: Mapping[str, tuple[Any, ...]]) -> list[tuple[str, str]]:
    """Pairs of measure and distance; a measure with one distance of its own occurs once."""
    pairs = [
        (m, d if MEASURES[m].takes_distance else MEASURES[m].distances[0])
        for m in grid["measure"]
        for d in grid["distance"]
    ]
    return list(dict.fromkeys(pairs))


def _fill_methods(
    book: _Book,
    chosen: Choices,
    similarity: NDArray[np.float64],
    position: Mapping[str, int],
    known: Mapping[Statement, float],
    seed: int,
) -> None:
    possible = [k for k in book.grid["k"] if k < len(similarity)]
    margins = [known.get(t, float("nan")) for t in book.tests]
    held = {t: holds_by(t, margin) for t, margin in known.items()}
    for k in sorted(set(book.grid["k"]) - set(possible)):
        book.skip({**chosen, "k": k}, f"k: {k} is not less than the {len(similarity)} members")
    for method in book.grid["method"]:
        try:
            require_flat(similarity, method)
        except SelectionError as error:
            book.skip({**chosen, "method": method}, str(error))
            continue
        ks = possible if method not in OWN_K else [2]
        if not ks:
            continue
        for k, labels in zip(ks, divide(similarity, method, ks, seed), strict=True):
            answers = [
                held[t] if t in held else holds_among(t, position, labels) for t in book.tests
            ]
            label = str(k) if method not in OWN_K else "own"
            book.add({**chosen, "method": method, "k": label}, answers, margins)


# --- what came out ------------------------------------------------------------------------------


def _lay_out(
    specifications: pd.DataFrame,
    answers: NDArray[np.int8],
    margins: Sequence[Sequence[float]],
    tests: Sequence[Statement],
) -> pd.DataFrame:
    """One row a specification and statement."""
    count = len(tests)
    repeated = specifications.loc[specifications.index.repeat(count)].reset_index(drop=True)
    flat = answers.ravel()
    holds = pd.array(flat == 1, dtype="boolean")
    holds[flat < 0] = pd.NA
    repeated.insert(0, "specification", np.arange(len(specifications)).repeat(count))
    return repeated.assign(
        statement=np.tile(np.array([t.text for t in tests], dtype=object), len(specifications)),
        holds=holds,
        margin=np.asarray(margins, dtype=np.float64).reshape(-1),
    )


def _summarise(
    answers: NDArray[np.int8], tests: Sequence[Statement], turning: pd.DataFrame
) -> pd.DataFrame:
    rows = []
    for column, test in zip(answers.T, tests, strict=True):
        tested, holds = int((column >= 0).sum()), int((column == 1).sum())
        mine = turning[(turning["statement"] == test.text) & (turning["flips"] > 0)]
        rows.append(
            {
                "statement": test.text,
                "specifications": tested,
                "holds": holds,
                "share": holds / tested if tested else np.nan,
                "untested": len(column) - tested,
                "turned_by": mine["choice"].iloc[mine["flips"].argmax()] if len(mine) else "",
            }
        )
    columns = ["statement", "specifications", "holds", "share", "untested", "turned_by"]
    return pd.DataFrame(rows, columns=columns)


def _find_turning(
    specifications: pd.DataFrame, answers: NDArray[np.int8], tests: Sequence[Statement]
) -> pd.DataFrame:
    """How often each choice, all others alike, turns each statement."""
    columns = ["statement", "choice", "flips", "low", "low_share", "high", "high_share"]
    codes = {c: pd.factorize(specifications[c])[0] for c in specifications}
    rows = []
    for column, test in zip(answers.T, tests, strict=True):
        tested = column >= 0
        for choice in specifications:
            others = [codes[c][tested] for c in specifications if c != choice]
            values = specifications[choice][tested]
            if values.nunique() < 2:
                continue
            held = pd.Series(column[tested] == 1, index=values.index)
            shares = held.groupby(values).mean()
            rows.append(
                {
                    "statement": test.text,
                    "choice": choice,
                    "flips": _share_of_flips(others, held.to_numpy()),
                    "low": shares.idxmin(),
                    "low_share": shares.min(),
                    "high": shares.idxmax(),
                    "high_share": shares.max(),
                }
            )
    return pd.DataFrame(rows, columns=columns)


def _share_of_flips(others: Sequence[NDArray[np.int64]], held: NDArray[np.bool_]) -> float:
    """Share of pairs in the same group (all other choices alike) of which one holds, one not."""
    group = np.zeros(len(held), dtype=np.int64)
    for code in others:
        group = np.unique(group * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1]
    size = np.bincount(group)
    true = np.bincount(group, weights=held)
    pairs = (size * (size - 1) / 2).sum()
    return float((true * (size - true)).sum() / pairs) if pairs else 0.0
