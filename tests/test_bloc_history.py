"""Blocs over time on assemblies whose moves are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.ballots import split_windows
from helpers.ballots.select import ballots_from_matrix
from helpers.ballots.simulate import simulate_random_votes
from helpers.blocs.find import find_blocs
from helpers.blocs.history import trace_blocs

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
    history = trace_blocs(made, windows=[], replicates=20, nulls=99)
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


def test_the_table_has_these_columns(history):
    assert list(history.table.columns) == [
        "period", "member", "bloc", "line", "node", "probability", "second_bloc",
        "second_probability", "clear",
    ]  # fmt: skip


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
    history = trace_blocs(ballots, windows=cuts, replicates=10, nulls=99)
    assert history.periods["why"].tolist() == ["", "no roll call", ""]
    small = trace_blocs(ballots.take(members=MEMBERS[:4]), windows="year")
    why = "4 members with votes enough: blocs need 6 or more"
    assert small.periods["why"].tolist() == [why, why]
    assert small.periods["p_value"].isna().all() and not small.periods["structure"].any()
    assert small.table.empty and small.flows.empty and small.moves.empty and not small.steps


def test_a_window_has_the_blocs_that_are_found_in_it_alone(ballots, history):
    for window in split_windows(ballots, "session"):
        alone = find_blocs(window.ballots, replicates=40, nulls=99)
        inside = history.table[history.table["period"] == window.period]
        columns = ["member", "bloc", "probability", "second_bloc", "second_probability", "clear"]
        pd.testing.assert_frame_equal(
            inside[columns].reset_index(drop=True), alone.table[columns], check_exact=True
        )
        assert history.options == alone.options
