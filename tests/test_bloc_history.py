"""Blocs over time on assemblies whose moves are known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.ballots.select import ballots_from_matrix
from helpers.ballots.simulate import simulate_random_votes
from helpers.blocs.history import bloc_table, trace_blocs
from helpers.errors import SelectionError

MEMBERS = [f"M{i:02d}" for i in range(24)]


def make_window(blocs, *, seed: int, roll_calls: int = 30, noise: float = 0.08) -> np.ndarray:
    """Votes in which each bloc draws its own line; members of bloc 0 were absent throughout."""
    rng = np.random.default_rng(seed)
    lines = rng.integers(1, 4, size=(roll_calls, 4))
    votes = lines[:, np.asarray(blocs)]
    chance = rng.integers(1, 4, size=votes.shape)
    votes = np.where(rng.random(votes.shape) < noise, chance, votes)
    return np.where(np.asarray(blocs) == 0, 0, votes)


FIRST = [1] * 12 + [2] * 8 + [3] * 4
# M11 goes from the first bloc to the second; the third bloc is gone, and its members are absent.
SECOND = [1] * 11 + [2] * 9 + [0] * 4


def make_ballots(windows, sessions, dates):
    votes = np.concatenate(windows).astype(np.int8)
    ballots = ballots_from_matrix(votes, members=MEMBERS)
    lengths = [len(w) for w in windows]
    ballots.roll_calls["session"] = np.repeat(sessions, lengths)
    ballots.roll_calls["date"] = pd.to_datetime(np.repeat(dates, lengths)).astype("datetime64[s]")
    return ballots


@pytest.fixture(scope="module")
def ballots():
    windows = [make_window(FIRST, seed=1), make_window(SECOND, seed=2)]
    return make_ballots(windows, ["9", "10"], ["2000-05-01", "2001-05-01"])


@pytest.fixture(scope="module")
def history(ballots):
    return trace_blocs(ballots, windows="session", replicates=40, nulls=99)


def test_lines_overlap_known_groups():
    """The six members of NATO of 2015 are one bloc: all of it, and all of the bloc."""
    members = ["BEL", "CAN", "DEU", "FRA", "GBR", "USA", "BLR", "CUB", "NIC", "PRK", "RUS", "SYR"]
    votes = make_window([1] * 6 + [2] * 6, seed=1)
    made = ballots_from_matrix(votes, members=members)
    made.roll_calls["date"] = pd.Timestamp("2015-05-01").as_unit("s")
    history = trace_blocs(made, windows=[], replicates=20, nulls=19)
    line = history.table.set_index("member")["line"]
    nato = history.overlap[history.overlap["group"] == "NATO"]
    assert nato["line"].tolist() == [line["USA"]]
    assert nato[["both", "group_size", "share_of_bloc", "jaccard"]].iloc[0].tolist() == [6, 6, 1, 1]
    assert history.overlap["period"].unique().tolist() == ["all"]


def test_lines_live_on_though_their_rank_may_change(history):
    assert history.periods["structure"].tolist() == [True, True]
    sizes = history.lines.set_index(["line", "period"])["size"].to_dict()
    assert sizes == {(1, "9"): 12, (1, "10"): 11, (2, "9"): 8, (2, "10"): 9, (3, "9"): 4}
    kept = history.lines.set_index(["line", "period"])["kept"]
    # All 11 of line 1 were in it before; 8 of the 9 of line 2 were.
    assert kept[1, "10"] == 1.0
    assert kept[2, "10"] == pytest.approx(8 / 9)
    assert np.isnan(kept[1, "9"])


def test_who_moved_is_who_was_moved(history):
    assert history.moves["member"].tolist() == ["M11"]
    move = history.moves.iloc[0]
    assert (move["node_from"], move["node_to"]) == ("line 1", "line 2")
    assert move["probability"] > 0.9


def test_flows_count_everyone_once(history):
    flows = history.flows.set_index(["node_from", "node_to"])["members"].to_dict()
    assert flows == {
        ("line 1", "line 1"): 11,
        ("line 1", "line 2"): 1,
        ("line 2", "line 2"): 8,
        ("line 3", "absent"): 4,
    }
    (step,) = history.steps
    assert step.to_numpy().sum() == 24
    assert list(step.index) == list(step.columns) == ["line 1", "line 2", "line 3", "absent"]
    assert step.loc["line 1", "line 2"] == 1


def test_the_table_has_the_columns_of_the_command(ballots, history):
    assert list(history.table.columns) == [
        "period", "member", "bloc", "line", "node", "probability", "second_bloc",
        "second_probability", "clear",
    ]  # fmt: skip
    study = SimpleNamespace(
        windows="event", event="2001-01-01", measure="pi", distance="linear", absence="missing",
        method="average", k="auto", replicates=10, nulls=19, seed=1, min_shared=5,
    )  # fmt: skip
    table = bloc_table(study, ballots)
    assert list(table.columns) == [
        "period", "member", "bloc", "probability", "second_bloc", "clear",
    ]  # fmt: skip
    assert table["period"].unique().tolist() == ["before 2001-01-01", "since 2001-01-01"]
    assert len(table) == 24 + 20


def test_a_window_without_structure_interrupts_a_line_and_does_not_end_it():
    chance = simulate_random_votes(24, 30, absence=0.0, seed=3).votes
    windows = [make_window(FIRST, seed=1), chance, make_window(FIRST, seed=5)]
    made = make_ballots(windows, ["1", "2", "3"], ["2000-05-01", "2001-05-01", "2002-05-01"])
    history = trace_blocs(made, windows="year", replicates=30, nulls=99)
    assert history.periods["structure"].tolist() == [True, False, True]
    assert history.lines["line"].max() == 3
    middle = history.table[history.table["period"] == "2001"]
    assert (middle["node"] == "undivided").all() and middle["line"].isna().all()
    assert history.moves.empty


def test_windows_without_enough_votes_say_why(ballots):
    cuts = ["2000-06-01", "2001-05-01"]
    history = trace_blocs(ballots, windows=cuts, replicates=10, nulls=19)
    assert history.periods["why"].tolist() == ["", "no roll call", ""]
    small = ballots.take(members=MEMBERS[:4])
    with pytest.raises(SelectionError, match="windows: no window has blocs to look for"):
        trace_blocs(small, windows="year")
