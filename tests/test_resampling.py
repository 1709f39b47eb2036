"""Draws by block and the permutation null."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.ballots.resampling import draw_weights, permute_within_roll_calls
from helpers.ballots.select import ballots_from_matrix
from helpers.errors import ParameterError


def test_blocks_are_drawn_whole_and_as_many_as_there_are():
    blocks = np.array([0, 0, 1, 2, 2, 2, 3])
    weights = draw_weights(blocks, 200, seed=3)
    assert weights.dtype == np.uint8
    assert weights.shape == (200, 7)
    for rows in ([0, 1], [3, 4, 5]):
        assert (weights[:, rows] == weights[:, rows[:1]]).all()
    one_a_block = weights[:, [0, 2, 3, 6]].astype(int)
    assert (one_a_block.sum(axis=1) == 4).all()


def test_multiplicities_are_those_of_drawing_with_replacement():
    # Each of 50 blocks is drawn Binomial(50, 1/50) times: mean 1, variance 0.98. The standard
    # error of the mean square over 4,000 x 50 draws is about 0.005.
    weights = draw_weights(np.arange(50), 4000, seed=1).astype(float)
    assert weights.mean() == 1.0
    assert weights.var() == pytest.approx(0.98, abs=0.02)


def test_first_replicates_do_not_depend_on_how_many_follow():
    blocks = np.arange(30) // 3
    assert (draw_weights(blocks, 1000, seed=9)[:10] == draw_weights(blocks, 10, seed=9)).all()
    assert (draw_weights(blocks, 10, seed=9) != draw_weights(blocks, 10, seed=8)).any()


@pytest.mark.parametrize(
    ("replicates", "seed", "sentence"),
    [(0, 1, "replicates: 0 must be 1 or more"), (5, -1, "seed: -1 must be 0 or more")],
)
def test_impossible_draws_are_refused(replicates, seed, sentence):
    with pytest.raises(ParameterError, match=f"^{sentence}$"):
        draw_weights([0, 1], replicates, seed)


def test_permutation_keeps_totals_and_who_was_missing():
    rng = np.random.default_rng(4)
    votes = rng.integers(0, 4, size=(80, 25))
    ballots = ballots_from_matrix(votes, members=[f"M{i}" for i in range(25)])
    permuted = permute_within_roll_calls(ballots, seed=2)
    assert ((permuted.votes == 0) == (votes == 0)).all()
    assert (np.sort(permuted.votes, axis=1) == np.sort(votes, axis=1)).all()
    assert (permuted.votes != votes).any()
    assert (permuted.votes == permute_within_roll_calls(ballots, seed=2).votes).all()
    assert (ballots.votes == votes).all()


def test_permutation_is_uniform():
    # One yes among four votes: each place gets it in a quarter of seeds. 2,000 seeds: the
    # standard error of a share is sqrt(0.25 * 0.75 / 2000) = 0.0097; four of them are 0.039.
    ballots = ballots_from_matrix([[1, 3, 0, 3, 3]], members=list("ABCDE"))
    places = [permute_within_roll_calls(ballots, s).votes[0].tolist().index(1) for s in range(2000)]
    assert 2 not in places
    shares = np.bincount(places, minlength=5)[[0, 1, 3, 4]] / 2000
    assert np.abs(shares - 0.25).max() < 0.039


def test_a_negative_seed_is_refused():
    ballots = ballots_from_matrix([[1, 3]], members=["A", "B"])
    with pytest.raises(ParameterError, match="seed: -2"):
        permute_within_roll_calls(ballots, seed=-2)
