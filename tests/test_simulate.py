"""Simulated assemblies have the truth they say, and intervals hold it as often as documented."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.ballots.simulate import (
    DYAD_KINDS,
    measure_coverage,
    simulate_assembly,
    simulate_dyads,
    simulate_gradient,
    simulate_random_votes,
)
from helpers.errors import ParameterError
from helpers.similarity import measures as sim


def test_members_without_noise_follow_their_bloc():
    ballots, truth = simulate_assembly(12, 60, blocs=[5, 4], noise=0.0, absence=0.0, seed=3)
    assert truth.blocs.tolist() == [1] * 5 + [2] * 4 + [0] * 3
    for bloc in (1, 2):
        inside = ballots.votes[:, (truth.blocs == bloc).to_numpy()]
        assert (inside == truth.positions[:, [bloc - 1]]).all()
    assert (ballots.votes[:, 9] != ballots.votes[:, 10]).any()


def test_noise_and_absence_are_those_asked():
    # 300 x 40 votes: the standard error of a share of 0.2 is 0.004; of 0.3 x 0.62 (a vote by
    # chance differs from the line with 1 - (0.25 + 0.04 + 0.09) = 0.62) it is 0.004 as well,
    # more since the lines are shared.
    ballots, truth = simulate_assembly(40, 300, blocs=2, noise=0.3, absence=0.2, seed=5)
    lines = truth.positions[:, truth.blocs.to_numpy() - 1]
    cast = ballots.votes > 0
    assert (~cast).mean() == pytest.approx(0.2, abs=0.015)
    assert (ballots.votes != lines)[cast].mean() == pytest.approx(0.3 * 0.62, abs=0.03)


def test_margins_may_differ_by_member():
    margins = np.tile((0.8, 0.1, 0.1), (4, 1))
    margins[3] = (0.1, 0.1, 0.8)
    ballots, _ = simulate_assembly(4, 4000, blocs=0, margins=margins, absence=0.0, seed=1)
    shares = [(ballots.votes[:, j] == 1).mean() for j in range(4)]
    # standard error sqrt(0.16 / 4000) = 0.006
    assert shares == pytest.approx([0.8, 0.8, 0.8, 0.1], abs=0.025)


def test_clustered_votes_repeat_within_blocks():
    ballots, _ = simulate_assembly(10, 200, blocs=0, n_blocks=20, absence=0.0, seed=2)
    assert ballots.n_blocks == 20
    same = ballots.votes[1:] == ballots.votes[:-1]
    inside = ballots.blocks[1:] == ballots.blocks[:-1]
    # Both kept 0.64, else as alike as chance makes them: 0.64 + 0.36 * 0.38 = 0.777.
    assert same[inside].mean() == pytest.approx(0.777, abs=0.06)
    assert same[~inside].mean() < 0.55


def test_random_votes_have_no_structure():
    ballots = simulate_random_votes(30, 400, seed=4)
    values = sim.measure_similarity(ballots, "kappa").table["value"]
    assert abs(values.mean()) < 0.35  # roll calls differ in their margins, members do not
    assert values.std() < 0.08


def test_dyads_have_the_joint_probabilities_asked():
    joint = np.asarray(DYAD_KINDS["apart"])
    ballots = simulate_dyads(50, 400, joint, n_blocks=20, correlation=0.2, seed=6)
    counts = sim.joint_counts(ballots)
    pooled = sum(counts[i, i + 1] for i in range(0, 100, 2)) / (50 * 400)
    # 50 x 20 blocks with correlation 0.2: some 4,000 independent votes, standard error 0.008.
    assert np.abs(pooled - joint / joint.sum()).max() < 0.035
    assert ballots.n_blocks == 20


def test_at_correlation_one_a_block_is_one_vote():
    ballots = simulate_dyads(30, 60, np.diag([0.5, 0.2, 0.3]), n_blocks=[30, 20, 10], correlation=1)
    for block in range(3):
        votes = ballots.votes[ballots.blocks == block]
        assert (votes == votes[0]).all()
    assert len(np.unique(ballots.votes)) == 3


@pytest.mark.parametrize(("shape", "width"), [("normal", 3.0), ("uniform", 1.8)])
def test_members_along_a_gradient_are_in_order(shape, width):
    # The first principal component of 4,000 roll calls is the position. A uniform distribution of
    # variance 1 ends at sqrt(3) = 1.73; the largest of 60 normal positions is seldom above 3.
    ballots = simulate_gradient(60, 4000, shape, absence=0.0, seed=3)
    first = np.linalg.svd(ballots.votes - ballots.votes.mean(axis=1, keepdims=True))[2][0]
    scaled = np.sort(np.abs(first - first.mean()) / first.std())
    assert scaled[-1] < width
    shares = [(ballots.votes == code).mean() for code in (1, 2, 3)]
    assert min(shares) > 0.1 and sum(shares) == pytest.approx(1)


def test_errors_repeat_within_the_blocks_of_a_gradient():
    ballots = simulate_gradient(40, 60, n_blocks=12, absence=0.0, seed=4)
    same = (ballots.votes[1:] == ballots.votes[:-1]).mean(axis=1)
    inside = ballots.blocks[1:] == ballots.blocks[:-1]
    assert same[inside].mean() > 0.8 > 0.65 > same[~inside].mean()


def test_seeds_decide_every_bit():
    for make in (
        lambda seed: simulate_gradient(9, 20, seed=seed),
        lambda seed: simulate_assembly(9, 20, seed=seed)[0],
        lambda seed: simulate_random_votes(9, 20, seed=seed),
        lambda seed: simulate_dyads(4, 20, np.eye(3), n_blocks=5, correlation=0.3, seed=seed),
    ):
        assert (make(1).votes == make(1).votes).all()
        assert (make(1).votes != make(2).votes).any()


def test_an_unknown_shape_of_a_gradient_is_refused():
    with pytest.raises(ParameterError, match="shape: 'normale' must be one of"):
        simulate_gradient(6, 20, "normale")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"blocs": [4, 4]}, r"blocs: sizes \[4, 4\] do not fit into 6 members"),
        ({"noise": 1.5}, "noise: 1.5 must be between 0 and 1"),
        ({"absence": -0.1}, "absence: -0.1 must be between 0 and 1"),
        ({"n_blocks": 99}, "n_blocks: 99 must be between 1 and 20 roll calls"),
    ],
)
def test_impossible_assemblies_are_refused(options, sentence):
    with pytest.raises(ParameterError, match=sentence):
        simulate_assembly(6, 20, **options)


SKEWED = (40, 20, 10, 6, 4, 3, 2, 2, 2, *[1] * 11)
SCENARIOS = pd.DataFrame(
    [
        ("alike", 50, 0, 0.0),
        ("apart", 100, 20, 0.2),
        ("mostly yes", 300, 20, 0.3),
        (0.02, 21, (9, 6, 4, 1, 1), 0.2),
        (0.5, 300, 20, 0.5),
        (0.3, 100, SKEWED, 0.5),
        (0.1, 100, SKEWED, 1.0),
    ],
    columns=["kind", "n", "blocks", "correlation"],
)


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["pi", "agreement"])
def test_intervals_cover(measure):
    # The small version of docs/intervals.md. 300 dyads: the standard error of a coverage of 95%
    # is 1.3 points; the bar of 92% less two of them is 89.5%.
    scenarios = SCENARIOS[:3] if measure == "pi" else SCENARIOS[3:]
    found = measure_coverage(
        lambda ballots, seed: sim.bootstrap_similarity(ballots, measure, replicates=400, seed=seed),
        lambda joint: float(sim.measure_counts(joint * 1e9, measure)),
        scenarios,
        n_dyads=300,
        seed=11,
    )
    assert (found["coverage"] >= 0.895).all(), found
    assert 0.93 <= found["coverage"].mean() <= 0.985
    assert (found["undefined"] == 0).all()


def test_an_interval_that_is_too_narrow_is_seen():
    class Narrow:
        def __init__(self, ballots):
            value = sim.measure_similarity(ballots, "agreement").values
            self.low, self.high = value - 0.02, value + 0.02

    found = measure_coverage(
        lambda ballots, seed: Narrow(ballots),
        lambda joint: joint[0, 0],
        SCENARIOS[4:5],
        n_dyads=100,
    )
    assert found["coverage"].iloc[0] < 0.5
