"""Expected votes, member-years, bridges, shifts, forecasts and watch on the Assembly's full record.

CPU seconds, BLAS on one thread, medians of three. The peer is a plain pandas version of the same
formula (`expect_plainly`: tables of residuals, one member after the other), timed on the votes of
some members of one year and scaled to all votes; its probabilities are compared with ours. Where
there is no peer, the bar that the work was given stands in its place.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from helpers.ballots import Ballots, build_ballots, find_bridges
from helpers.record import load_record
from helpers.shifts import (
    expect_votes,
    find_shift,
    forecast_votes,
    rank_member_years,
    watch_release,
)
from helpers.shifts.member_years import take_once

REPEATS = 3
PEER_YEAR, PEER_MEMBERS = 1984, 4
REFERENCES = ["RUS", "UKR", "GBR", "FRA", "DEU", "POL", "HUN", "ISR", "CHN", "IND"]


def run() -> Iterator[dict[str, Any]]:
    """Measure and yield ``name ours_s peer peer_s ratio peak_mb`` of each benchmark."""
    record = load_record("undl-ga")
    ballots = take_once(build_ballots(record, body="GA", blocks="day"))
    expect_votes(ballots)
    yield _against_pandas(ballots)
    known = set(record.roll_calls.loc[record.roll_calls["date"] < "2025-01-01", "roll_call"])
    bars: dict[str, tuple[Callable[[], Any], float]] = {
        "bridges": (lambda: find_bridges(record.roll_calls), 2),
        "all member-years": (lambda: rank_member_years(record), 2),
        "one shift, 1,000 replicates": (
            lambda: find_shift(record, "USA", REFERENCES, "2025-02-24", subject="ukraine"),
            15,
        ),
        "watch a release": (lambda: watch_release(record, known, subject="ukraine"), 10),
        "forecast sessions 60 to 79": (lambda: forecast_votes(ballots, "2005-09-01"), 10),
    }
    for name, (call, bar) in bars.items():
        yield _row(name, _time(call), "bar", bar)


def expect_plainly(ballots: Ballots, year: int, members: list[str]) -> pd.DataFrame:
    """Return the expectations of some members' votes of a year, written out with pandas."""
    wide = pd.DataFrame(ballots.votes, columns=list(ballots.members)).replace(0, np.nan)
    years = ballots.roll_calls["date"].dt.year
    past = wide[(years >= year - 3) & (years < year)]
    weight = 0.6 ** (year - 1 - years[past.index])
    residuals = {
        c: past.eq(c).astype(float).sub(past.eq(c).sum(axis=1) / past.notna().sum(axis=1), axis=0)
        .where(past.notna())
        for c in (1, 2, 3)
    }  # fmt: skip
    frames = []
    for member in members:
        top, own, its = 0.0, 0.0, 0.0
        for table in residuals.values():
            mine = table[member]
            top += table.mul(mine, axis=0).mul(weight, axis=0).sum()
            own += table.notna().mul(mine**2 * weight, axis=0).sum()
            its += (table**2).mul(weight * mine.notna(), axis=0).sum()
        likeness = (top / (np.sqrt(own * its) + 5)).where(
            past.notna().mul(past[member].notna(), axis=0).any()
        )
        power = np.exp(12 * (likeness.drop(member) - likeness.drop(member).max()))
        now = wide[(years == year) & wide[member].notna()].drop(columns=member)
        share = {c: now.eq(c).sum(axis=1) / now.notna().sum(axis=1) for c in (1, 2, 3)}
        p = pd.DataFrame(
            {c: now.eq(c).astype(float) @ power.fillna(0) + 0.1 * share[c] for c in (1, 2, 3)}
        )
        p = p.div(p.sum(axis=1), axis=0).clip(lower=0.01)
        frames.append(p.div(p.sum(axis=1), axis=0).assign(member=member, row=now.index))
    return pd.concat(frames, ignore_index=True)


def _against_pandas(ballots: Ballots) -> dict[str, Any]:
    ours = _time(lambda: expect_votes(ballots, own_habit=False))
    members = list(ballots.members[:: len(ballots.members) // PEER_MEMBERS])[:PEER_MEMBERS]
    start = time.process_time()
    plain = expect_plainly(ballots, PEER_YEAR, members)
    seconds = time.process_time() - start
    expected = expect_votes(ballots, own_habit=False)
    columns = [ballots.members.index(m) for m in plain["member"]]
    mine = expected.probabilities[plain["row"], columns]
    np.testing.assert_allclose(mine, plain[[1, 2, 3]].to_numpy(), rtol=1e-3)
    whole = seconds * expected.known.sum() / len(plain)
    return _row("expected votes, all", ours, "plain pandas, scaled", whole)


def _time(call: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(REPEATS):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def _row(name: str, ours: float, peer: str, peer_s: float) -> dict[str, Any]:
    return {
        "name": f"shifts: {name}",
        "ours_s": ours,
        "peer": peer,
        "peer_s": peer_s,
        "ratio": peer_s / ours,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
