"""Measure how often intervals hold the truth: ``python docs/measure_intervals.py``, ten minutes.

Writes the tables of `docs/intervals.md` between their marks, all or those named (``shares``, ...);
nothing there is typed. Every seed is fixed, so equal code gives equal pages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from write_tables import write_tables

from helpers.ballots.simulate import DYAD_KINDS, measure_coverage, simulate_assembly
from helpers.groups import measure_cohesion, similarity_of_groups
from helpers.similarity import MEASURES, bootstrap_similarity, intervals, measure_counts

PAGE = Path(__file__).parent / "intervals.md"
SEED = 7
SIZES: dict[str, list[int]] = {
    "the dossier's 5: 9, 6, 4, 1, 1": [9, 6, 4, 1, 1],
    "5 of 12": [12] * 5,
    "8 of 8": [8] * 8,
    "8 skewed: 30, 15, 8, 6, ...": [30, 15, 8, 6, 4, 3, 2, 2],
    "12 of 5": [5] * 12,
    "12 skewed: 20, 10, 6, 5, ...": [20, 10, 6, 5, 4, 3, 2, 2, 2, 1, 1, 1],
    "20 of 5": [5] * 20,
    "20 skewed: 40, 20, 10, 6, ...": [40, 20, 10, 6, 4, 3, *[2] * 3, *[1] * 11],
    "50 of 6": [6] * 50,
    "50 skewed: 60, 30, 20, 12, ...": [60, 30, 20, 12, 8, 6, 5, 4, 3, 3, *[2] * 15, *[1] * 25],
}
CORRECTED: dict[str, list[int] | int] = {
    "50 of 1": 50,
    "100 of 1": 100,
    "12 of 5": [5] * 12,
    "20 of 5": [5] * 20,
    "40 skewed: 20, 15, 12, 10, ...": [
        *(20, 15, 12, 10, 8, 8, 6, 6, 5, 5, 4, 4, 3, 3),
        *[2] * 10,
        *[1] * 16,
    ],
    "50 of 6": [6] * 50,
}
SHARES = (0.02, 0.1, 0.3, 0.5, 0.9, 0.98)
CORRELATIONS = (0.0, 0.05, 0.2, 0.5, 0.8, 1.0)


def measure(
    name: str,
    kinds: Iterable[Any],
    sizes: dict[str, Any],
    correlations: Iterable[float],
    *,
    n_dyads: int,
    replicates: int,
) -> pd.DataFrame:
    """Measure the coverage of one measure over kinds of dyads, blocks and correlations."""
    rows = [
        (kind, *((s, 0) if isinstance(s, int) else (sum(s), tuple(s))), r, label)
        for (label, s), r, kind in product(sizes.items(), correlations, kinds)
        if r == 0 or not isinstance(s, int)
    ]
    columns = ["kind", "n", "blocks", "correlation", "sizes"]
    return measure_coverage(
        lambda ballots, seed: bootstrap_similarity(ballots, name, replicates=replicates, seed=seed),
        lambda joint: float(measure_counts(joint * 1e9, name)),  # alpha without its small term
        pd.DataFrame(rows, columns=columns),
        n_dyads=n_dyads,
        seed=SEED,
    )


def lay_out(found: pd.DataFrame, rows: str, columns: str, corner: str) -> str:
    """Lay out the lowest coverage in percent, and the mean width, as a table of Markdown."""
    heads = list(dict.fromkeys(found[columns]))
    lines = [f"| {corner} | " + " | ".join(str(h) for h in heads) + " |"]
    lines.append("|---" * (len(heads) + 1) + "|")
    for row, part in found.groupby(rows, sort=False):
        cells = []
        for head in heads:
            some = part[part[columns] == head].dropna(subset="coverage")
            text = f"{100 * some['coverage'].min():.1f} ({some['width'].mean():.2f})"
            cells.append(text if len(some) else "none")
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def sum_up(found: pd.DataFrame) -> str:
    """Say the lowest and the mean coverage of all cells."""
    shown = found.dropna(subset="coverage")
    low = int((shown["coverage"] < 0.92).sum())
    return (
        f"{len(shown)} cells: the lowest {100 * shown['coverage'].min():.1f}%, the mean "
        f"{100 * shown['coverage'].mean():.1f}%, {low or 'none'} below 92%."
    )


def cover_binomial() -> str:
    """Coverage where roll calls are independent, from the binomial distribution itself."""
    p = np.round(np.arange(0.02, 0.9801, 0.002), 3)
    lowest, means = 1.0, []
    for n in [*range(3, 61), *range(65, 501, 15)]:
        x = np.arange(n + 1)
        low, high = intervals.bound_share(x / n, float(n), 0.025)
        chance = stats.binom.pmf(x[:, None], n, p)
        held = (chance * ((low[:, None] <= p) & (p <= high[:, None]))).sum(axis=0)
        lowest = min(lowest, held.min())
        means.append(held.mean())
    return (
        f"Computed without simulation, for n = 3 to 500 and p = 0.02 to 0.98: at least "
        f"{100 * lowest:.1f}%, on average {100 * np.mean(means):.1f}%."
    )


def cover_shares() -> str:
    """Coverage of shares with clustered votes."""
    found = measure("agreement", SHARES, SIZES, CORRELATIONS, n_dyads=1500, replicates=1)
    dossier = found[found["sizes"] == next(iter(SIZES))]
    dossier = dossier[dossier["correlation"].isin([0.2, 0.5])]
    table = lay_out(found, "sizes", "correlation", "blocks, by correlation")
    widths = lay_out(dossier, "correlation", "kind", "correlation, by share")
    return f"{table}\n\n{sum_up(found)}\n\nThe dossier's blocks, by share:\n\n{widths}"


def cover_corrected() -> str:
    """Coverage of measures corrected for chance."""
    parts = []
    for name in (m for m, known in MEASURES.items() if not known.is_share):
        correlations = (0.0, 0.2, 0.5, 1.0) if name != "alpha" else (0.0, 0.5)
        found = measure(name, DYAD_KINDS, CORRECTED, correlations, n_dyads=1000, replicates=400)
        design = found["sizes"] + ", r=" + found["correlation"].astype(str)
        table = lay_out(found.assign(design=design), "design", "kind", "blocks and correlation r")
        parts.append(f"`{name}`:\n\n{table}\n\n{sum_up(found)}")
    return "\n\n".join(parts)


GROUPS: dict[str, Callable[..., Any]] = {
    "agreement index": lambda b, a, _: measure_cohesion(b, a),
    "Rice": lambda b, a, _: measure_cohesion(b, a, "rice"),
    "agreement of two groups": lambda b, a, c: similarity_of_groups(b, a, c, "agreement"),
}


def cover_groups() -> str:
    """Coverage of what is measured of two groups of fifteen, votes being by lines and chance."""
    rows = []
    for margins, noise in product(((0.5, 0.2, 0.3), (0.82, 0.12, 0.06)), (0.05, 0.3, 0.7)):
        options: dict[str, Any] = {"margins": margins, "absence": 0.1, "noise": noise}
        endless, truth = simulate_assembly(40, 20_000, [15, 15], seed=99, **options)
        groups = [truth.blocs.index[truth.blocs == bloc].tolist() for bloc in (1, 2)]
        true = {name: find(endless, *groups).value for name, find in GROUPS.items()}
        for n, blocks in ((24, 8), (60, 12), (100, 20), (250, 50)):
            drawn = [
                simulate_assembly(40, n, [15, 15], n_blocks=blocks, seed=s, **options)[0]
                for s in range(200)
            ]
            for name, find in GROUPS.items():
                found = [find(ballots, *groups) for ballots in drawn]
                low, high = np.array([(f.low, f.high) for f in found]).T
                shown = np.isfinite(low)  # Rice leaves roll calls out, and may have too few blocks
                held = ((low <= true[name]) & (true[name] <= high))[shown].mean()
                label = f"{n} votes, {blocks} blocks"
                rows.append((name, label, held, (high - low)[shown].mean()))
    found = pd.DataFrame(rows, columns=["measure", "design", "coverage", "width"])
    return f"{lay_out(found, 'measure', 'design', 'of groups')}\n\n{sum_up(found)}"


TABLES: dict[str, Callable[[], str]] = {
    "binomial": cover_binomial,
    "shares": cover_shares,
    "corrected": cover_corrected,
    "groups": cover_groups,
}


if __name__ == "__main__":
    write_tables(PAGE, TABLES, sys.argv[1:])
