"""The grid of reasonable choices: which statements survive it, when, and what turns them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import (
    ABSENCE_RULES,
    ROLL_CALL_WEIGHTS,
    Ballots,
    Window,
    build_ballots,
    split_windows,
)
from helpers.blocs import (
    CONSTANTS,
    METHODS,
    OWN_K,
    count_shared,
    divide,
    fill_undefined,
    leave_out,
    require_flat,
    say_too_few,
)
from helpers.errors import ParameterError, SelectionError, must_be_one_of
from helpers.multiverse.statements import (
    Statement,
    holds_among,
    holds_by,
    measure_margin,
    parse_statements,
)
from helpers.record import KINDS, Record
from helpers.similarity import DISTANCES, MEASURES, joint_weights, measure_counts
from helpers.store import Shown, track


@dataclass(frozen=True)
class Axis:
    """One choice that is crossed: the values of a grid that names none, and why they are in."""

    choices: tuple[Any, ...]
    why: str


AXES: Final[dict[str, Axis]] = {
    "measure": Axis(
        tuple(name for name, measure in MEASURES.items() if measure.crossed),
        "the literature uses raw, stepwise and chance-corrected agreement, and disagrees which; "
        "coincidence leaves out votes that the others count, and s is lijphart stretched",
    ),
    "distance": Axis(("linear",), "an abstention half-way is the field's usual reading"),
    "absence": Axis(
        ("missing", "abstain"),
        "absence is not abstention, but older work counts it so",
    ),
    "roll_call_weights": Axis(
        ROLL_CALL_WEIGHTS, "one vote recorded many times may count once or as often as recorded"
    ),
    "roll_calls": Axis(("all",), "a study may name kinds or subjects to look at apart"),
    "method": Axis(
        ("average", "complete", "spectral", "kmedoids", "hdbscan"),
        "linkage, graph, medoid and density: one of each family; Ward's needs a flat space, and "
        "Leiden's communities follow from its resolution",
    ),
    "k": Axis((2, 3, 4, 5), "from the steadiest number of clusters to the last that is plausible"),
}
"""The choices that are crossed. Period and subject are the question, not a choice."""

GRID: Final = {name: axis.choices for name, axis in AXES.items()}
"""The values that a grid takes when it names none."""

RECORD_CHOICES: Final = ("absence", "roll_call_weights", "roll_calls")
"""Choices that need a record; ballots have made them already."""

NOT_THERE: Final = "a member cast too few votes there"
NO_VALUE: Final = "no similarity: too few shared votes, or no disagreement to expect"
TIED: Final = "a tie"
BY_ARITHMETIC: Final = "0 by arithmetic: one of the two voted one way throughout"
NO_DIVISION: Final = "the method does not divide the members"


@dataclass(frozen=True, repr=False)
class Multiverse(Shown):
    """What every specification says of every statement, period by period.

    Attributes
    ----------
    summary : DataFrame
        One row a statement and period: ``statement, period, specifications`` (where it could be
        tested), ``holds`` (in how many), ``share`` (0..1), ``untested, why`` (the most frequent
        reason), ``turned_by`` (the choice that turns it most; empty when none does).
    contrast : DataFrame
        One row a statement and two periods that follow each other: ``statement, period_from,
        period_to, share_from, share_to, change``, and of the specifications tested in ``both`` how
        many ``gained`` (hold in the later only) and ``lost`` (in the earlier only).
    cells : DataFrame
        One row a specification and statement: ``specification`` (from 0), ``period``, the choices
        (the keys of ``GRID``), ``statement, holds`` (boolean; NA where not tested), ``margin`` (by
        how much a statement on similarity holds, negative where it does not, in the unit of the
        measure: see `measure_margin`; NaN for statements on blocs), ``why`` (the reason where not
        tested; empty else). Specifications that come to the same similarities in a period (a
        weight that weighs nothing there) are there once.
    turning : DataFrame
        One row a statement, period and choice: ``statement, period, choice, flips`` (share of pairs
        of specifications, alike in all but this choice, that disagree, 0..1), ``low, low_share,
        high, high_share`` (the values under which it holds least and most often).
    skipped : DataFrame
        Specifications that could not be computed: period, choices and ``why``.
    identical : int
        Similarities equal to another one's, whose specifications are left out.
    distinct_similarities : int
        Similarity matrices that were computed.
    min_shared, least_share, seed
        The options that were used.
    """

    summary: pd.DataFrame
    contrast: pd.DataFrame
    cells: pd.DataFrame
    turning: pd.DataFrame
    skipped: pd.DataFrame
    identical: int
    distinct_similarities: int
    min_shared: int
    least_share: float
    seed: int

    @property
    def table(self) -> pd.DataFrame:
        """One row a statement and period: `summary`."""
        return self.summary

    @property
    def periods(self) -> list[str]:
        """The periods, in order of time."""
        return list(dict.fromkeys(self.summary["period"]))


def choices_table() -> pd.DataFrame:
    """Return the choices that are crossed: ``choice, values, why``.

    Examples
    --------
    >>> choices_table().set_index("choice").at["k", "values"]
    '2, 3, 4, 5'
    """
    rows = [
        {"choice": name, "values": ", ".join(map(str, axis.choices)), "why": axis.why}
        for name, axis in AXES.items()
    ]
    return pd.DataFrame(rows)


def run_multiverse(
    data: Record | Ballots,
    grid: Mapping[str, Sequence[Any]],
    statements: Sequence[str] | Sequence[Statement],
    *,
    windows: str | Sequence[str] = (),
    selection: Mapping[str, Any] | None = None,
    min_shared: int = 5,
    least_share: float = CONSTANTS.least_share,
    seed: int = 1,
) -> Multiverse:
    """Test statements under every combination of reasonable choices, in each period.

    Answers: which findings survive the choice of measure, absence rule, weights, method and k,
    which choice turns the others, and does the answer differ between periods?

    Parameters
    ----------
    data : Record or Ballots
        With ballots, the choices in ``RECORD_CHOICES`` are made already and cannot be crossed.
    grid : mapping
        Choice -> values. ``measure``, ``distance``, ``absence``, ``roll_call_weights``, ``method``
        and ``k`` (numbers) as elsewhere; ``roll_calls`` is ``"all"``, a kind (``"resolution"``) or
        a subject (a code or words). A choice left out takes its value from ``GRID``.
    statements : sequence of str or Statement
        In one of the ``FORMS``.
    windows : "session", "year" or sequence of str
        The periods, see `helpers.ballots.split_windows`; no date: one period, ``"all"``.
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
    Period and subject are the question and not a choice: shares are by period. Each similarity is
    computed once for each distinct input, and specifications with the same similarities count
    once. Method and k do not matter to a statement on similarity, so it counts once a similarity. A
    distance that a measure does not take, and k for a method that finds its own, are no choice.
    Statements on blocs are not tested where votes are too few for blocs (`say_too_few`); ties, and
    similarities that are 0 by arithmetic, are not tested.

    References
    ----------
    Steegen, Tuerlinckx, Gelman and Vanpaemel (2016), Perspectives on Psychological Science 11;
    Simonsohn, Simmons and Nelson (2020), Nature Human Behaviour 4, on specification curves.

    Examples
    --------
    >>> from helpers.ballots.simulate import simulate_assembly
    >>> ballots, _ = simulate_assembly(12, 30, blocs=2, noise=0.1, seed=1)
    >>> grid = {"measure": ["agreement", "pi"], "method": ["average"], "k": [2]}
    >>> texts = ["same_bloc(M001, M002)", "same_bloc(M001, M012)"]
    >>> run_multiverse(ballots, grid, texts).summary["share"].tolist()
    [1.0, 0.0]
    """
    full = _check_grid(grid, data)
    tests = _check_statements(data, statements)
    book = _Book(full, tests)
    selections = _selections(data, full, windows, dict(selection or {}), book)
    for chosen, window in track(selections if tests else (), "selections of the multiverse"):
        kept, _ = leave_out(window.ballots, least_share)
        if len(kept.members) < 2:
            book.skip(chosen, "fewer than two members cast votes enough")
            continue
        _fill(book, chosen, kept, min_shared, seed)
    return book.close(min_shared, least_share, seed)


Choices = dict[str, Any]


class _Book:
    """Specifications and their answers while the grid runs."""

    def __init__(self, grid: Mapping[str, tuple[Any, ...]], tests: Sequence[Statement]):
        self.grid, self.tests = grid, tests
        self.cells: list[dict[str, Any]] = []
        self.skipped: list[Choices] = []
        self.seen: set[tuple[Any, ...]] = set()
        self.specifications = self.identical = self.similarities = 0

    def is_new(self, *what: Any) -> bool:
        """Tell whether something is met for the first time."""
        new = what not in self.seen
        self.seen.add(what)
        return new

    def add(self, chosen: Choices, answers: Mapping[Statement, tuple[float, str, Any]]) -> None:
        """Add what one specification says: margin, why not tested, and whether it holds."""
        for test, (margin, why, holds) in answers.items():
            self.cells.append(
                {"specification": self.specifications, "period": chosen["period"]}
                | {c: chosen[c] for c in GRID}
                | {"statement": test.text, "holds": holds, "margin": margin, "why": why}
            )
        self.specifications += 1

    def skip(self, chosen: Choices, why: str) -> None:
        self.skipped.append({**chosen, "why": why})

    def close(self, min_shared: int, least_share: float, seed: int) -> Multiverse:
        columns = ["specification", "period", *GRID, "statement", "holds", "margin", "why"]
        cells = pd.DataFrame(self.cells, columns=columns)
        cells["holds"] = cells["holds"].astype("boolean")
        cells["margin"] = cells["margin"].astype(float)
        turning = _find_turning(cells)
        summary = _summarise(cells, turning, [t.text for t in self.tests])
        return Multiverse(
            summary=summary,
            contrast=_contrast(summary, cells),
            cells=cells,
            turning=turning,
            skipped=pd.DataFrame(self.skipped, columns=["period", *GRID, "why"]),
            identical=self.identical,
            distinct_similarities=self.similarities,
            min_shared=min_shared,
            least_share=least_share,
            seed=seed,
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


def _read_roll_calls(roll_calls: str) -> dict[str, Any]:
    if roll_calls == "all":
        return {}
    return {"kinds": (roll_calls,)} if roll_calls in KINDS else {"subject": roll_calls}


def _selections(
    data: Record | Ballots,
    grid: Mapping[str, tuple[Any, ...]],
    windows: str | Sequence[str],
    base: Choices,
    book: _Book,
) -> Iterator[tuple[Choices, Window]]:
    """Yield the choices that concern the ballots, with each window of the ballots they give."""
    for values in itertools.product(*(grid[c] for c in RECORD_CHOICES)):
        chosen = dict(zip(RECORD_CHOICES, values, strict=True))
        if isinstance(data, Ballots):
            ballots = data
        else:
            options = {**base, **_read_roll_calls(chosen["roll_calls"])}
            options |= {n: chosen[n] for n in ("absence", "roll_call_weights")}
            try:
                ballots = build_ballots(data, **options)
            except SelectionError as error:
                book.skip(chosen, str(error))
                continue
        for window in split_windows(ballots, windows):
            yield {**chosen, "period": window.period}, window


def _fill(book: _Book, chosen: Choices, ballots: Ballots, min_shared: int, seed: int) -> None:
    """Run all measures, distances, methods and k on one selection."""
    counts, shared = joint_weights(ballots), count_shared(ballots)
    position = {member: i for i, member in enumerate(ballots.members)}
    too_few = say_too_few(ballots)
    for measure, distance in _measures(book.grid):
        here = {**chosen, "measure": measure, "distance": distance}
        try:
            values = measure_counts(counts, measure, distance=distance, absence=ballots.absence)
        except ParameterError as error:
            book.skip(here, str(error))
            continue
        book.similarities += 1
        values = np.where(shared >= min_shared, values, np.nan)
        same = (chosen["period"], ballots.members, values.tobytes(), measure, distance)
        if not book.is_new(*same):
            book.identical += 1
            continue
        flat = _find_flat(counts) if MEASURES[measure].chance == "own" else None
        known = {
            t: _answer_by_values(t, position, values, flat) for t in book.tests if not t.about_blocs
        }
        if known:
            book.add({**here, "method": "any", "k": "any"}, known)
        if any(t.about_blocs for t in book.tests):
            complete = fill_undefined(values, shared, measure, min_shared)
            _fill_methods(book, here, complete, position, too_few, seed)


def _find_flat(counts: NDArray[Any]) -> NDArray[np.bool_]:
    """Dyads of which one voted one way on all shared roll calls: kappa is 0 whatever the other."""
    rows, columns = (counts.sum(axis=axis) > 0 for axis in (3, 2))
    return np.asarray((rows.sum(axis=2) <= 1) | (columns.sum(axis=2) <= 1))


def _answer_by_values(
    test: Statement,
    position: Mapping[str, int],
    values: NDArray[np.float64],
    flat: NDArray[np.bool_] | None,
) -> tuple[float, str, bool | None]:
    """Answer a statement on similarity: margin, why it is not tested, and whether it holds."""
    margin = measure_margin(test, position, values)
    named = (*test.members, *test.other)
    if any(m not in position for m in named):
        return margin, NOT_THERE, None
    if np.isnan(margin):
        return margin, NO_VALUE, None
    places = [position[m] for m in named]
    if flat is not None and any(flat[a, b] for a, b in zip(*[iter(places)] * 2, strict=True)):
        return margin, BY_ARITHMETIC, None
    holds = holds_by(test, margin)
    return margin, TIED if holds is None else "", holds


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
    too_few: str,
    seed: int,
) -> None:
    tests = [t for t in book.tests if t.about_blocs]
    if too_few:
        untested = dict.fromkeys(tests, (np.nan, too_few, None))
        book.add({**chosen, "method": "none", "k": "none"}, untested)
        return
    possible = [k for k in book.grid["k"] if k < len(similarity)]
    for k in sorted(set(book.grid["k"]) - set(possible)):
        book.skip({**chosen, "k": k}, f"k: {k} is not less than the {len(similarity)} members")
    for method in book.grid["method"]:
        try:
            require_flat(similarity, method)
        except SelectionError as error:
            book.skip({**chosen, "method": method}, str(error))
            continue
        ks = possible if method not in OWN_K else [2]
        for k, labels in zip(ks, divide(similarity, method, ks, seed) if ks else [], strict=True):
            answers = {t: _answer_by_blocs(t, position, labels) for t in tests}
            label = str(k) if method not in OWN_K else "own"
            book.add({**chosen, "method": method, "k": label}, answers)


def _answer_by_blocs(
    test: Statement, position: Mapping[str, int], labels: NDArray[np.int64]
) -> tuple[float, str, bool | None]:
    """Answer a statement on blocs: no margin, why it is not tested, and whether it holds."""
    holds = holds_among(test, position, labels)
    if holds is None:
        return np.nan, NOT_THERE, None
    if len(np.unique(labels)) < 2:
        return np.nan, NO_DIVISION, None
    return np.nan, "", holds


# --- what came out ------------------------------------------------------------------------------


def _summarise(
    cells: pd.DataFrame, turning: pd.DataFrame, statements: Sequence[str]
) -> pd.DataFrame:
    rows = []
    periods = cells["period"].drop_duplicates().tolist()
    for statement, period in itertools.product(statements, periods):
        mine = _pick(cells, statement, period)
        held = mine["holds"].dropna()
        turned = _pick(turning, statement, period)
        turned = turned[turned["flips"] > 0]
        reasons = mine.loc[mine["why"] != "", "why"]
        rows.append(
            {
                "statement": statement,
                "period": period,
                "specifications": len(held),
                "holds": int(held.sum()),
                "share": float(held.mean()) if len(held) else np.nan,
                "untested": len(mine) - len(held),
                "why": reasons.value_counts(sort=False).idxmax() if len(reasons) else "",
                "turned_by": turned["choice"].iloc[turned["flips"].argmax()] if len(turned) else "",
            }
        )
    columns = ["statement", "period", "specifications", "holds", "share", "untested", "why"]
    return pd.DataFrame(rows, columns=[*columns, "turned_by"])


def _pick(table: pd.DataFrame, statement: str, period: str) -> pd.DataFrame:
    return table[(table["statement"] == statement) & (table["period"] == period)]


def _contrast(summary: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Compare each period with the next, specification by specification."""
    columns = ["statement", "period_from", "period_to", "share_from", "share_to", "change"]
    rows = []
    shares = summary.set_index(["statement", "period"])["share"]
    for statement in summary["statement"].drop_duplicates():
        for a, b in pairwise(summary["period"].drop_duplicates()):
            then, now = (
                _pick(cells, statement, p).dropna(subset="holds").set_index(list(GRID))["holds"]
                for p in (a, b)
            )
            both = then.index.intersection(now.index)
            one, other = then[both].to_numpy(bool), now[both].to_numpy(bool)
            from_, to = float(shares[statement, a]), float(shares[statement, b])
            row = dict(zip(columns, (statement, a, b, from_, to, to - from_), strict=True))
            counts = {"gained": int((~one & other).sum()), "lost": int((one & ~other).sum())}
            rows.append(row | {"both": len(both)} | counts)
    return pd.DataFrame(rows, columns=[*columns, "both", "gained", "lost"])


def _find_turning(cells: pd.DataFrame) -> pd.DataFrame:
    """How often each choice, all others alike, turns each statement in a period."""
    columns = ["statement", "period", "choice", "flips", "low", "low_share", "high", "high_share"]
    rows = []
    tested = cells.dropna(subset="holds")
    for (statement, period), mine in tested.groupby(["statement", "period"], sort=False):
        held = mine["holds"].astype(bool)
        codes = {c: pd.factorize(mine[c])[0] for c in GRID}
        for choice in GRID:
            if mine[choice].nunique() < 2:
                continue
            others = [code for c, code in codes.items() if c != choice]
            flips = _share_of_flips(others, held.to_numpy())
            if np.isnan(flips):  # made by another choice, as a distance that a measure has one of
                continue
            shares = held.groupby(mine[choice]).mean()
            rows.append(
                {
                    "statement": statement,
                    "period": period,
                    "choice": choice,
                    "flips": flips,
                    "low": shares.idxmin(),
                    "low_share": shares.min(),
                    "high": shares.idxmax(),
                    "high_share": shares.max(),
                }
            )
    return pd.DataFrame(rows, columns=columns)


def _share_of_flips(others: Sequence[NDArray[np.int64]], held: NDArray[np.bool_]) -> float:
    """Share of pairs alike in all other choices of which one holds, one not; NaN for no pair."""
    group = np.zeros(len(held), dtype=np.int64)
    for code in others:
        group = np.unique(group * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1]
    size = np.bincount(group)
    true = np.bincount(group, weights=held)
    pairs = (size * (size - 1) / 2).sum()
    return float((true * (size - true)).sum() / pairs) if pairs else float("nan")
