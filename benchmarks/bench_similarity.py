"""Similarity of every dyad against dense products and against pair-by-pair packages.

Medians of CPU seconds, ours and the peer interleaved, BLAS on one thread. ``libraries_mb`` is the
part of ``peak_mb`` that a process has when Python, all libraries and our kernels are loaded. Peers
that would run for minutes are timed on a part and scaled (the pairs, replicates or sessions are
alike). Data: an assembly of 200 members and 6,203 roll calls with the General Assembly's shares of
yes, abstain, no and absent, in meeting days of roll calls; all sessions are those of the Library's
file.
"""

# ruff: noqa: E402
from __future__ import annotations

import os

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)  # before numpy is imported: the peer's BLAS chooses its kernels

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers.ballots.resampling import draw_weights
from helpers.ballots.select import Ballots, ballots_from_matrix
from helpers.ballots.simulate import UN_ABSENCE, UN_MARGINS, simulate_assembly
from helpers.similarity import measures as sim

REPEATS = 5
MEMBERS, ROLL_CALLS, REPLICATES = 200, 6203, 1000
PRODUCT = "one float32 product a replicate"
SIZES = {
    "members": (50, 100, 200),
    "roll_calls": (100, 1000, 6000),
    "replicates": (250, 1000, 4000),
}

_PEAK = """
import sys
import numpy as np
from helpers import similarity as sim
from helpers.ballots import ballots_from_matrix
saved = np.load(sys.argv[1])
votes, blocks, replicates = saved["votes"], saved["blocks"], int(sys.argv[2])
ballots = ballots_from_matrix(votes, members=[str(i) for i in range(votes.shape[1])], blocks=blocks)
def read_peak():
    try:  # of this program alone: the maximum of getrusage survives the start of a new one
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
few = ballots_from_matrix([[1, 1], [1, 3]], members=["A", "B"])
sim.bootstrap_similarity(few, "pi", replicates=1)
libraries = read_peak()
if replicates:
    sim.bootstrap_similarity(ballots, "pi", replicates=replicates)
else:
    sim.measure_all(ballots, sim.list_measures())
print(libraries, read_peak())
"""


def run() -> Iterator[dict[str, Any]]:
    """Measure and yield ``name ours_s peer peer_s ratio peak_mb`` of each benchmark."""
    ballots = make_assembly(MEMBERS, ROLL_CALLS)
    yield _bench_counts(ballots)
    yield from _bench_measures(ballots)
    yield _bench_bootstrap(ballots)
    yield _bench_sessions()
    yield from _bench_growth()


def make_assembly(members: int, roll_calls: int) -> Ballots:
    """Three blocs, the Assembly's margins and absences, five roll calls a day."""
    ballots, _ = simulate_assembly(
        members, roll_calls, 3, noise=0.5, absence=UN_ABSENCE, margins=UN_MARGINS,
        n_blocks=-(-roll_calls // 5),
    )  # fmt: skip
    return ballots


def _bench_counts(ballots: Ballots) -> dict[str, Any]:
    ours, peer = _interleave(lambda: sim.joint_counts(ballots), lambda: _multiply(ballots))
    peak = _measure_peak(ballots, 0)
    return _row("similarity.joint_counts", ours, "numpy float32 product", peer, peak)


def _indicate(votes: np.ndarray) -> np.ndarray:
    """One column a member and vote, float32."""
    cast = votes[:, :, None] == np.arange(1, 4, dtype=np.int8)
    return cast.astype(np.float32).reshape(len(votes), -1)


def _multiply(ballots: Ballots) -> np.ndarray:
    indicators = _indicate(ballots.votes)
    return indicators.T @ indicators


def _bench_measures(ballots: Ballots) -> list[dict[str, Any]]:
    """Every measure and distance of all dyads; each peer, one measure of some dyads, scaled."""
    import krippendorff
    from sklearn.metrics import cohen_kappa_score

    votes = ballots.votes.T.astype(float)
    votes[votes == 0] = np.nan
    some = list(islice(combinations(range(0, MEMBERS, 9), 2), 12))
    times = MEMBERS * (MEMBERS - 1) / 2 / len(some)

    def alpha() -> None:
        for pair in some:
            krippendorff.alpha(votes[list(pair)], level_of_measurement="nominal")

    def kappa() -> None:
        for i, j in some:
            both = (ballots.votes[:, i] > 0) & (ballots.votes[:, j] > 0)
            cohen_kappa_score(ballots.votes[both, i], ballots.votes[both, j], weights="linear")

    pairs = sim.list_measures()
    ours, *peers = _interleave(lambda: sim.measure_all(ballots, pairs), alpha, kappa)
    peak = _measure_peak(ballots, 0)
    return [
        _row(f"similarity.all_measures{name}", ours, f"{peer}, one measure", seconds * times, peak)
        for name, peer, seconds in zip(
            ("", ".kappa"), ("krippendorff", "cohen_kappa_score"), peers, strict=True
        )
    ]


def _multiply_draws(ballots: Ballots, draws: np.ndarray) -> None:
    indicators = _indicate(ballots.votes)
    for weights in draws:
        (indicators * weights.astype(np.float32)[:, None]).T @ indicators


def _bench_bootstrap(ballots: Ballots) -> dict[str, Any]:
    draws = draw_weights(ballots.blocks, 10, seed=1)
    ours, peer = _interleave(
        lambda: sim.bootstrap_similarity(ballots, "pi", replicates=REPLICATES),
        lambda: _multiply_draws(ballots, draws),
        repeats=3,
    )
    peak = _measure_peak(ballots, REPLICATES)
    return _row("similarity.bootstrap", ours, PRODUCT, peer * REPLICATES / len(draws), peak)


def read_sessions() -> list[Ballots]:
    """Ballots of each session of the Library's Assembly file, in blocks of meeting days."""
    from helpers.record.sources.catalogue import find_files

    columns = ["undl_id", "ms_name", "ms_vote", "date", "session"]
    rows = pd.read_csv(find_files("undl-ga")[0], usecols=columns, encoding="utf-8-sig", dtype=str)
    rows = rows.assign(vote=rows["ms_vote"].map({"Y": 1, "A": 2, "N": 3, "X": 0}))
    made = []
    for _, part in rows.groupby("session"):
        table = part.pivot_table(index=["date", "undl_id"], columns="ms_name", values="vote")
        days = table.index.get_level_values("date").factorize()[0]
        votes = table.fillna(0).to_numpy().astype(np.int8)
        made.append(ballots_from_matrix(votes, members=list(table.columns), blocks=days))
    return made


def _bench_sessions() -> dict[str, Any]:
    """Two measures of every session with 1,000 replicates each; the issue allows 15 s."""
    sessions = read_sessions()
    measures = [("agreement", "nominal"), ("pi", "linear")]
    draws = [draw_weights(ballots.blocks, 5, seed=1) for ballots in sessions]

    def ours() -> None:
        for ballots in sessions:
            sim.bootstrap_measures(ballots, measures, replicates=REPLICATES)

    def peer() -> None:
        for ballots, some in zip(sessions, draws, strict=True):
            _multiply_draws(ballots, some)

    seconds = _interleave(ours, peer, repeats=1)
    peak = _measure_peak(max(sessions, key=lambda ballots: ballots.votes.size), REPLICATES)
    theirs = seconds[1] * REPLICATES / 5
    return _row("similarity.all_sessions", seconds[0], PRODUCT, theirs, peak)


def _bench_growth() -> list[dict[str, Any]]:
    """Bootstrap at growing sizes, each beside one product a replicate at the same size.

    The cost may grow as members squared x roll calls x replicates; one is changed at a time, the
    others are 100, 1,000 and 1,000.
    """
    rows = []
    for axis, sizes in SIZES.items():
        for size in sizes:
            sized = {"members": 100, "roll_calls": 1000, "replicates": REPLICATES} | {axis: size}
            replicates = sized.pop("replicates")
            ballots = make_assembly(**sized)
            draws = draw_weights(ballots.blocks, 10, seed=1)
            ours, peer = _interleave(
                lambda b=ballots, r=replicates: sim.bootstrap_similarity(b, "pi", replicates=r),
                lambda b=ballots, d=draws: _multiply_draws(b, d),
                repeats=3,
            )
            peak = _measure_peak(ballots, replicates)
            name = f"similarity.growth.{axis}_{size}"
            rows.append(_row(name, ours, PRODUCT, peer * replicates / len(draws), peak))
    return rows


def _row(
    name: str, ours: float, peer: str, theirs: float, peak: tuple[float, float]
) -> dict[str, Any]:
    return {
        "name": name,
        "ours_s": ours,
        "peer": peer,
        "peer_s": theirs,
        "ratio": theirs / ours,
        "peak_mb": peak[1],
        "libraries_mb": peak[0],
    }


def _interleave(*jobs: Callable[[], Any], repeats: int = REPEATS) -> list[float]:
    """Median CPU seconds of each job, taking turns; the first turn warms up and is not counted."""
    spent: list[list[float]] = [[] for _ in jobs]
    for turn in range(repeats + 1):
        for job, times in zip(jobs, spent, strict=True):
            start = time.process_time()
            job()
            if turn or repeats == 1:
                times.append(time.process_time() - start)
    return [statistics.median(times) for times in spent]


def _measure_peak(ballots: Ballots, replicates: int) -> tuple[float, float]:
    """Peak memory in MB of a new process: with all libraries and kernels loaded, and in all."""
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "ballots.npz"
        np.savez(saved, votes=ballots.votes, blocks=ballots.blocks)
        ran = subprocess.run(
            [sys.executable, "-c", _PEAK, str(saved), str(replicates)],
            capture_output=True,
            text=True,
            check=True,
        )
    libraries, peak = map(float, ran.stdout.split())
    return libraries, peak
