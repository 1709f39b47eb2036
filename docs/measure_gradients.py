"""Measure how often gradients are called blocs: ``python docs/measure_gradients.py``, half an hour.

Writes the tables of `docs/gradients.md`, all or those named (``sessions``, ...). The sessions need
the full record (``UNBLOCS_MIRROR``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from write_tables import write_tables

from helpers.ballots import Ballots, build_ballots
from helpers.ballots.simulate import GRADIENT_SHAPES, simulate_assembly, simulate_gradient
from helpers.blocs import (
    CONSTANTS,
    BlocOptions,
    GradientTest,
    compare_with_gradient,
    cut_assembly,
    leave_out,
    say_too_few,
)
from helpers.record import load_record

PAGE = Path(__file__).parent / "gradients.md"
OPTIONS = BlocOptions()


def judge(ballots: Ballots, seed: int) -> GradientTest:
    """Compare ballots with gradients, as `helpers.blocs.find_blocs` does."""
    cut = partial(cut_assembly, options=OPTIONS)
    return compare_with_gradient(ballots, cut, nulls=99, seed=seed)


def list_rows(head: str, rows: Iterable[str]) -> str:
    """Lay out rows as a table of Markdown."""
    return "\n".join([f"| {head} |", "|---" * (head.count("|") + 1) + "|", *rows])


def call_gradients() -> str:
    """Count how many of 200 gradients of each shape are called blocs."""
    rows = []
    for shape in GRADIENT_SHAPES:
        found = [judge(simulate_gradient(150, 80, shape, seed=s), s) for s in range(200)]
        called = sum(test.answer == "blocs" for test in found)
        second = sum(test.dimensions == 2 for test in found)
        least = min(test.p_value for test in found)
        rows.append(f"| {shape} | {called} of 200 | {least:.2f} | {second} |")
    return list_rows("positions | called blocs | least p | second dimension asked for", rows)


def call_planted() -> str:
    """Count how many planted divisions are called blocs, with seeds 0 and 5 of docs/blocs.md."""
    sizes = ([34, 33, 33], [50, 30, 20], [20] * 5, [40, 25, 15, 10, 10])
    rows = []
    for roll_calls, noises in ((30, (0.2, 0.3, 0.4, 0.5)), (60, _NOISE), (90, _NOISE)):
        found = [
            judge(_plant(blocs, roll_calls, noise, seed), 1).answer
            for blocs, noise, seed in product(sizes, noises, (0, 5))
        ]
        span = f"{noises[0]:.0%} to {noises[-1]:.0%}"
        rows.append(f"| {roll_calls} | {span} | {found.count('blocs')} of {len(found)} |")
    return list_rows("roll calls | votes by chance | called blocs", rows)


_NOISE = (0.2, 0.3, 0.4, 0.5, 0.6)


def _plant(blocs: list[int], roll_calls: int, noise: float, seed: int) -> Ballots:
    margins = np.random.default_rng(seed).dirichlet([5, 2, 2], 100)
    return simulate_assembly(
        100, roll_calls, blocs, noise, absence=0.1, margins=margins, seed=seed
    )[0]


def call_sessions() -> str:
    """Say what each regular session of the Library's Assembly file is."""
    record, rows = load_record("undl-ga"), []
    found: dict[str, list[str]] = {"gradient": [], "blocs": [], "too few votes": []}
    for session in (str(n) for n in range(1, 80) if n != 19):  # 19 had no recorded vote
        ballots, _ = leave_out(build_ballots(record, sessions=session), CONSTANTS.least_share)
        test = None if say_too_few(ballots) else judge(ballots, 1)
        answer = test.answer if test else "too few votes"
        found[answer].append(session)
        votes, members = ballots.votes.shape
        first = ballots.roll_calls["date"].min().year
        end = f"{test.p_value:.2f} | {test.dimensions}" if test else "|"
        rows.append(f"| {session} | {first} | {votes} | {members} | {answer} | {end} |")
    head = "session | from | votes | members | answer | p | dimensions of the gradient"
    few = [f"{answer}: {', '.join(found[answer])}" for answer in ("gradient", "too few votes")]
    said = f"{len(found['blocs'])} of {len(rows)} have blocs; {'; '.join(few)}."
    return f"{said}\n\n{list_rows(head, rows)}"


TABLES: dict[str, Callable[[], str]] = {
    "gradients": call_gradients,
    "planted": call_planted,
    "sessions": call_sessions,
}


if __name__ == "__main__":
    write_tables(PAGE, TABLES, sys.argv[1:])
