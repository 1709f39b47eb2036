"""Similarity held by hand arithmetic, by other people's code, by plain loops and by properties."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tracemalloc
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from helpers.ballots.resampling import draw_weights
from helpers.ballots.select import ballots_from_matrix
from helpers.ballots.simulate import simulate_dyads
from helpers.errors import ParameterError, SelectionError
from helpers.groups import cohesion
from helpers.similarity import intervals, percentile_of_dyad, rank_members
from helpers.similarity import measures as sim
from helpers.similarity.dyads import BlockSummer, Replicator, weigh_cells
from helpers.similarity.presets import PRESETS

CHANCE = ("kappa", "pi", "alpha")
OWN = [name for name in sim.MEASURES if name not in PRESETS]
DISTANCE_OF = {
    "nominal": lambda k, m: float(k != m),
    "linear": lambda k, m: abs(k - m) / 2,
    "quadratic": lambda k, m: (abs(k - m) / 2) ** 2,
}


def make_ballots(n=90, members=8, seed=0, codes=(0, 1, 2, 3), blocks=None, **options):
    votes = np.random.default_rng(seed).choice(codes, size=(n, members), **options)
    absence = "category" if 4 in codes else "missing"
    names = [f"M{i}" for i in range(members)]
    return ballots_from_matrix(votes, members=names, blocks=blocks, absence=absence)


def loop_measure(a, b, measure, distance, weights=None):
    """Write the guide's formulas as plain loops over the votes of two members."""
    weights = np.ones(len(a)) if weights is None else weights
    d = DISTANCE_OF[distance]
    pairs = [(int(x), int(y), w) for x, y, w in zip(a, b, weights, strict=True) if x and y]
    if measure == "coincidence":
        pairs = [(x, y, w) for x, y, w in pairs if {x, y} <= {1, 3}]
    total = sum(w for _, _, w in pairs)
    if not total:
        return np.nan
    if measure in ("agreement", "coincidence"):
        return sum(w for x, y, w in pairs if x == y) / total
    if measure == "lijphart":
        return 1 - sum(w * abs(x - y) / 2 for x, y, w in pairs) / total
    observed = sum(w * d(x, y) for x, y, w in pairs) / total
    if measure == "s":
        return 1 - 2 * observed
    first, second = dict.fromkeys(range(1, 5), 0.0), dict.fromkeys(range(1, 5), 0.0)
    for x, y, w in pairs:
        first[x] += w
        second[y] += w
    expected = 0.0
    for k in range(1, 5):
        for m in range(1, 5):
            n_k, n_m = first[k] + second[k], first[m] + second[m]
            if measure == "kappa":
                expected += first[k] * second[m] / total**2 * d(k, m)
            elif measure == "pi":
                expected += n_k * n_m / (2 * total) ** 2 * d(k, m)
            elif k != m:
                expected += n_k * n_m / (2 * total * (2 * total - 1)) * d(k, m)
    return np.nan if expected < 1e-12 else 1 - observed / expected


# Ten roll calls of two members, counted by hand (rows: first member yes, abstain, no):
#   yes-yes 4, yes-abstain 1, yes-no 1, abstain-abstain 1, no-abstain 1, no-no 2; and an
#   absence by each, which does not count. N = 10.
HAND = [(1, 1)] * 4 + [(1, 2), (1, 3), (2, 2), (3, 2)] + [(3, 3)] * 2 + [(0, 1), (3, 0)]
# Margins: first 6 1 3, second 4 3 3; both together 10 4 6.
# nominal:   D_o = (1 + 1 + 1) / 10 = 0.3
#   kappa    D_e = 1 - (6*4 + 1*3 + 3*3) / 100 = 1 - 0.36 = 0.64;   1 - 0.3 / 0.64 = 0.53125
#   pi       D_e = 1 - (100 + 16 + 36) / 400 = 0.62;                1 - 0.3 / 0.62
#   alpha    D_e = 0.62 * 20 / 19;                                  1 - 0.3 * 19 / 12.4
# linear:    D_o = (0.5 + 1 + 0.5) / 10 = 0.2
#   kappa    D_e = [(6*3 + 1*4 + 1*3 + 3*3) / 2 + 6*3 + 3*4] / 100 = (17 + 30) / 100 = 0.47
#   pi       D_e = 2 * [(10*4 + 4*6) / 2 + 10*6] / 400 = 2 * 92 / 400 = 0.46
#   alpha    D_e = 0.46 * 20 / 19
# quadratic: D_o = (0.25 + 1 + 0.25) / 10 = 0.15
#   kappa    D_e = [(18 + 4 + 3 + 9) / 4 + 30] / 100 = 0.385
#   pi       D_e = 2 * [(40 + 24) / 4 + 60] / 400 = 0.38
HAND_VALUES = [
    ("agreement", "linear", 0.7),
    ("lijphart", "linear", 0.8),  # 1 - (0.5 + 1 + 0.5) / 10
    ("coincidence", "linear", 6 / 7),  # identical 4 + 2, opposite 1
    ("s", "nominal", 0.4),
    ("s", "linear", 0.6),
    ("s", "quadratic", 0.7),
    ("kappa", "nominal", 0.53125),
    ("pi", "nominal", 1 - 0.3 / 0.62),
    ("alpha", "nominal", 1 - 0.3 * 19 / 12.4),
    ("kappa", "linear", 1 - 0.2 / 0.47),
    ("pi", "linear", 1 - 0.2 / 0.46),
    ("alpha", "linear", 1 - 0.2 * 19 / 9.2),
    ("kappa", "quadratic", 1 - 0.15 / 0.385),
    ("pi", "quadratic", 1 - 0.15 / 0.38),
    ("alpha", "quadratic", 1 - 0.15 * 19 / 7.6),
]


@pytest.mark.parametrize(("measure", "distance", "value"), HAND_VALUES)
def test_measures_by_hand(measure, distance, value):
    ballots = ballots_from_matrix(HAND, members=["A", "B"])
    row = sim.measure_similarity(ballots, measure, distance=distance).dyad("A", "B")
    assert row["value"] == pytest.approx(value, abs=1e-14)
    assert row["n_shared"] == (7 if measure == "coincidence" else 10)


def test_joint_counts_by_hand():
    ballots = ballots_from_matrix(HAND, members=["A", "B"])
    counts = sim.joint_counts(ballots)
    assert counts.dtype == np.int64
    assert counts[0, 1].tolist() == [[4, 1, 1], [0, 1, 0], [0, 1, 2]]
    assert counts[1, 0].tolist() == [[4, 0, 0], [1, 1, 1], [1, 0, 2]]
    # A's own votes, without the one it missed: 6 yes, 1 abstain, 4 no.
    assert counts[0, 0].tolist() == [[6, 0, 0], [0, 1, 0], [0, 0, 4]]


@pytest.mark.parametrize("distance", sim.DISTANCES)
def test_kappa_is_that_of_scikit_learn(distance):
    from sklearn.metrics import cohen_kappa_score

    ballots = make_ballots(codes=(1, 2, 3), p=(0.6, 0.15, 0.25))
    values = sim.measure_similarity(ballots, "kappa", distance=distance).values.to_numpy()
    weights = None if distance == "nominal" else distance
    for i, j in combinations(range(8), 2):
        votes = ballots.votes[:, i], ballots.votes[:, j]
        assert values[i, j] == pytest.approx(cohen_kappa_score(*votes, weights=weights), abs=1e-12)


@pytest.mark.parametrize("distance", sim.DISTANCES)
def test_alpha_is_that_of_krippendorff(distance):
    import krippendorff

    def metric(v1, v2, **_):
        # The package asks for the distance of arrays of values; its square root is not taken.
        steps = np.abs(v1 - v2) / 2
        return {"nominal": (steps > 0) * 1.0, "linear": steps, "quadratic": steps**2}[distance]

    ballots = make_ballots(p=(0.1, 0.6, 0.1, 0.2))
    values = sim.measure_similarity(ballots, "alpha", distance=distance).values.to_numpy()
    for i, j in combinations(range(8), 2):
        pair = ballots.votes[:, [i, j]].T.astype(float)
        pair[pair == 0] = np.nan
        theirs = krippendorff.alpha(reliability_data=pair, level_of_measurement=metric)
        assert values[i, j] == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("measure", OWN)
@pytest.mark.parametrize("distance", sim.DISTANCES)
def test_plain_loops_on_random_ballots(measure, distance):
    rng = np.random.default_rng(5)
    ballots = make_ballots(n=150, seed=7)
    # Weights of several classes, among them those of identical records (one over a group).
    object.__setattr__(ballots, "weights", rng.choice([1.0, 0.5, 1 / 14, 2.0], size=150))
    values = sim.measure_similarity(ballots, measure, distance=distance).values.to_numpy()
    for i in range(8):
        for j in range(8):
            a, b = ballots.votes[:, i], ballots.votes[:, j]
            expected = loop_measure(a, b, measure, distance, ballots.weights)
            assert values[i, j] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("measure", ["agreement", "s", *CHANCE])
def test_absence_as_a_category_is_nominal(measure):
    ballots = make_ballots(codes=(1, 2, 3, 4))
    values = sim.measure_similarity(ballots, measure, distance="nominal").values.to_numpy()
    for i, j in combinations(range(8), 2):
        a, b = ballots.votes[:, i], ballots.votes[:, j]
        expected = loop_measure(a, b, measure, "nominal")
        assert values[i, j] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("n", [1, 63, 64, 65, 200])
def test_joint_counts_are_exact_at_the_edges_of_words(n):
    ballots = make_ballots(n=n, members=5, seed=n)
    counts = sim.joint_counts(ballots)
    for i in range(5):
        for j in range(5):
            for k in range(3):
                for m in range(3):
                    both = (ballots.votes[:, i] == k + 1) & (ballots.votes[:, j] == m + 1)
                    assert counts[i, j, k, m] == both.sum()


# --- undefined values ---------------------------------------------------------------------------


def test_undefined_dyads_are_nan_and_counted_by_reason():
    # A and B always vote yes; C is present once; D never with A or B.
    votes = [[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 3, 1], [0, 0, 0, 3]]
    ballots = ballots_from_matrix(votes, members=list("ABCD"))
    found = sim.measure_similarity(ballots, "pi", min_shared=2)
    assert found.values.isna().to_numpy()[np.triu_indices(4, 1)].all()
    assert found.missing == {
        sim.NO_SHARED: 2,  # AD, BD
        sim.BELOW_MINIMUM: 3,  # AC, BC, CD
        sim.NO_EXPECTED: 1,  # AB
    }
    shares = sim.measure_similarity(ballots, "agreement", min_shared=1)
    assert shares.missing == {sim.NO_SHARED: 2}
    assert shares.dyad("A", "B")["value"] == 1.0


def test_bounds_are_nan_where_the_value_is():
    ballots = ballots_from_matrix([[1, 1, 0]] * 20, members=list("ABC"))
    found = sim.bootstrap_similarity(ballots, "pi", replicates=40)
    assert np.isnan(found.dyad("A", "B")[["value", "low", "high"]].astype(float)).all()
    assert found.undefined.loc["A", "B"] == 40
    assert found.undefined.loc["A", "C"] == 40


def test_undefined_replicates_are_counted():
    # One no in twelve roll calls, by one of two: a replicate without it has no expected
    # disagreement, as the draws themselves show.
    ballots = ballots_from_matrix([[1, 3]] + [[1, 1]] * 11, members=["A", "B"])
    found = sim.bootstrap_similarity(ballots, "pi", replicates=500, seed=4)
    without = (draw_weights(ballots.blocks, 500, 4)[:, 0] == 0).sum()
    assert found.undefined.loc["A", "B"] == without
    assert 100 < without < 250  # (11/12)^12 = 0.352 of 500 is 176


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"measure": "kapa"}, "measure: 'kapa' must be one of .*; did you mean 'kappa'?"),
        ({"distance": "linaer"}, "distance: 'linaer' must be one of .*; did you mean 'linear'?"),
        ({"min_shared": 0}, "min_shared: 0 must be 1 or more"),
        ({"level": 1.0}, "level: 1.0 must be between 0 and 1"),
        ({"replicates": 0}, "replicates: 0 must be 1 or more"),
    ],
)
def test_impossible_parameters_are_refused(options, sentence):
    ballots = make_ballots(n=5, members=3)
    with pytest.raises(ParameterError, match=sentence):
        sim.bootstrap_similarity(ballots, **options)


def test_an_order_is_refused_where_absence_is_a_category():
    ballots = make_ballots(codes=(1, 2, 3, 4))
    for measure in ("pi", "lijphart"):
        with pytest.raises(ParameterError, match=r"distance: 'linear' .* use distance 'nominal'"):
            sim.measure_similarity(ballots, measure)


def test_unknown_members_are_refused():
    found = sim.measure_similarity(make_ballots(n=5, members=3))
    with pytest.raises(SelectionError, match="member: 'M9' is no member state"):
        found.dyad("M0", "M9")
    with pytest.raises(SelectionError, match="both are 'M0'"):
        found.dyad("M0", "M0")
    with pytest.raises(SelectionError, match="member: 'X' is no member state"):
        rank_members(found, "X")


# --- properties ---------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", OWN)
def test_symmetry_order_and_relabelling(measure):
    ballots = make_ballots(n=70, members=6, seed=11)
    values = sim.measure_similarity(ballots, measure).values
    assert np.array_equal(values, values.T, equal_nan=True)

    rng = np.random.default_rng(1)
    shuffled = ballots.take(roll_calls=rng.permutation(70), members=ballots.members[::-1])
    again = sim.measure_similarity(shuffled, measure).values
    assert np.allclose(again.loc[values.index, values.columns], values, atol=1e-14, rtol=0)

    swapped = np.array([0, 3, 2, 1])[ballots.votes]  # yes for no and no for yes
    other = ballots_from_matrix(swapped, members=ballots.members)
    assert np.allclose(sim.measure_similarity(other, measure).values, values, atol=1e-14, rtol=0)


@pytest.mark.parametrize("measure", OWN)
def test_limits(measure):
    # A and B alike, C their mirror image: yes where they vote no. With equal margins the
    # expected disagreement is that of independent votes: pi = kappa = -1 at half and half.
    votes = [[1, 1, 3]] * 20 + [[3, 3, 1]] * 20
    ballots = ballots_from_matrix(votes, members=list("ABC"))
    found = sim.measure_similarity(ballots, measure)
    assert found.dyad("A", "B")["value"] == pytest.approx(1.0)
    # alpha: D_o = 1, D_e = 40 * 40 * 2 / (80 * 79), so 1 - 79 / 40.
    lowest = {"s": -1.0, "kappa": -1.0, "pi": -1.0, "alpha": 1 - 79 / 40}.get(measure, 0.0)
    assert found.dyad("A", "C")["value"] == pytest.approx(lowest)


def test_weights_of_one_change_nothing_and_half_weights_halve():
    ballots = make_ballots(n=40)
    doubled = ballots.take(roll_calls=np.repeat(np.arange(40), 2))
    object.__setattr__(doubled, "weights", np.full(80, 0.5))
    for measure in OWN:
        a = sim.measure_similarity(ballots, measure)
        b = sim.measure_similarity(doubled, measure)
        assert np.allclose(a.values, b.values, atol=1e-12, rtol=0)
        assert (b.n_shared == 2 * a.n_shared).all(axis=None)


@pytest.mark.parametrize("scale", [0.5, 900.0])  # 900 * 60 roll calls are too much for 16 bits
def test_the_scale_of_the_weights_does_not_move_a_replicate(scale):
    # Whole weights are summed in 16 bits where they fit, and else in double precision. alpha's
    # small-sample term takes weights for numbers of roll calls, so it alone depends on the scale.
    ballots = make_ballots(n=60, members=9, p=(0.6, 0.3, 0.05, 0.05), blocks=np.arange(60) // 15)
    scaled = ballots.take()
    object.__setattr__(scaled, "weights", np.full(60, scale))
    draws = draw_weights(ballots.blocks, 300, seed=1)
    smoothing = intervals.draw_smoothing(3, 300, seed=1)
    names = [pair for pair in sim.list_measures() if pair[0] != "alpha"]
    formulas = [sim.resolve_formula(*name, 3) for name in names]
    dyads, ranks = np.column_stack(np.triu_indices(9, 1)), np.array([7, 150, 292])
    (a, undefined), (b, other) = (
        Replicator(x, draws, formulas, smoothing).select(
            dyads, np.full((len(dyads), len(names)), y), ranks
        )
        for x, y in ((ballots, 1.0), (scaled, scale))
    )
    assert undefined.max() > 0
    assert (undefined == other).all()
    assert np.isfinite(a[:, -6:]).all()  # kappa and pi; shares have no ranks
    assert np.allclose(a, b, atol=1e-6, rtol=0, equal_nan=True)


def test_all_measures_at_once_are_those_one_by_one():
    ballots = make_ballots()
    object.__setattr__(ballots, "weights", np.arange(1, 91) / 10)
    pairs = sim.list_measures()
    assert len(set(pairs)) == 3 + 4 * 3
    for (measure, distance), found in zip(pairs, sim.measure_all(ballots, pairs), strict=True):
        assert found.distance == distance
        assert found.table.equals(sim.measure_similarity(ballots, measure, distance=distance).table)


# --- replicates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("codes", [(0, 1, 2, 3), (0, 1, 2, 3, 4)])
@pytest.mark.parametrize("weighted", [False, True])
def test_replicates_are_those_of_repeated_roll_calls(codes, weighted):
    ballots = make_ballots(n=130, members=6, codes=codes, blocks=np.arange(130) // 3)
    if weighted:
        weights = np.random.default_rng(2).choice([1.0, 1 / 3], size=130)
        object.__setattr__(ballots, "weights", weights)
    draws = draw_weights(ballots.blocks, 70, seed=5)
    for measure, distance in sim.list_measures(ballots.categories):
        found = sim.replicate_similarity(ballots, draws, measure, distance=distance)
        assert found.shape == (70, 15)
        for r in (0, 33, 69):
            rows = np.repeat(np.arange(130), draws[r])
            for d, (i, j) in enumerate(combinations(range(6), 2)):
                a, b = ballots.votes[rows, i], ballots.votes[rows, j]
                expected = loop_measure(a, b, measure, distance, ballots.weights[rows])
                assert found[r, d] == pytest.approx(expected, abs=1e-6)  # single precision


def test_counts_stay_exact_where_bytes_would_overflow():
    # 2,000 roll calls, all drawn 200 times: 400,000 of each pair, far over a byte and a word.
    ballots = ballots_from_matrix([[2, 3], [3, 3]] * 1000, members=["A", "B"])
    draws = np.full((3, 2000), 200, np.uint8)
    # agreement 1/2 exactly, although nearly every sum of three rows passes 255
    assert sim.replicate_similarity(ballots, draws, "agreement").tolist() == [[0.5]] * 3


def test_many_replicates_are_those_of_few():
    ballots = make_ballots(n=60, members=5)
    draws = draw_weights(ballots.blocks, 1500, seed=1)  # more than one chunk
    many = sim.replicate_similarity(ballots, draws, "pi")
    few = sim.replicate_similarity(ballots, draws[1400:], "pi")
    assert np.array_equal(many[1400:], few, equal_nan=True)


def test_company_does_not_change_a_bit():
    ballots = make_ballots(n=60, members=30, blocks=np.arange(60) // 4)
    one = sim.bootstrap_similarity(ballots, "pi", replicates=150, seed=3)
    both = sim.bootstrap_measures(
        ballots, [("agreement", "linear"), ("pi", "linear")], replicates=150, seed=3
    )
    assert one.table.equals(both[1].table)
    other = sim.bootstrap_similarity(ballots, "pi", replicates=150, seed=4)
    assert not one.table["low"].equals(other.table["low"])


# --- intervals ----------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", OWN)
def test_intervals_hold_the_value_and_have_width_at_the_edges(measure):
    votes = [[1, 1, 3]] * 12 + [[3, 3, 1]] * 9
    found = sim.bootstrap_similarity(
        ballots_from_matrix(votes, members=list("ABC")), measure, replicates=200
    )
    table = found.table
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    assert (table["high"] - table["low"] > 0.01).all()
    assert (table["high"] <= 1).all()


def test_nought_of_twenty_one():
    # The percentile bootstrap says [0, 0]. Beta(3/4, 21 + 1/4) has its 97.5% point where
    # Clopper and Pearson's bound 1 - 0.025 ** (1/21) = 0.161 and Jeffreys' 0.112 enclose it.
    ballots = ballots_from_matrix([[1, 3]] * 21, members=["USA", "RUS"])
    row = sim.bootstrap_similarity(ballots, "agreement", replicates=50).dyad("USA", "RUS")
    assert (row["value"], row["low"]) == (0.0, 0.0)
    assert 0.112 < row["high"] < 0.161


def test_one_day_has_no_interval_and_says_why():
    one_day = ballots_from_matrix([[1, 3]] * 21, members=["USA", "RUS"], blocks=[0] * 21)
    for measure, least in (("agreement", 3), ("pi", 12)):
        found = sim.bootstrap_similarity(one_day, measure, replicates=50)
        row = found.dyad("USA", "RUS")
        assert found.few_blocks and not np.isnan(row["value"])
        assert np.isnan(row["low"]) and np.isnan(row["high"])
        assert found.warnings == (
            "the votes are in 1 block, and say little about how likely the same is again "
            "(below 12)",
            f"no dyad has an interval of {measure}: votes are worth 1.0 blocks of equal size at "
            f"most, and {least} are needed to tell what another vote would be",
        )


def test_the_blocks_of_palestine_are_worth_fewer_than_they_are():
    # Sizes 103, 103, 94, 25 and twelve more that make 393: the four alone give a Kish number of
    # 393^2 / (2 x 103^2 + 94^2 + 25^2 + ...) = 154449 / (30679 + ...), below 5.04.
    sizes = [103, 103, 94, 25, *[6] * 8, *[5] * 4]
    assert sum(sizes) == 393 and len(sizes) == 16
    blocks = np.repeat(np.arange(16), sizes)
    ballots = ballots_from_matrix([[1, 3]] * 393, members=["USA", "RUS"], blocks=blocks)
    assert ballots.effective_blocks == pytest.approx(393**2 / sum(x**2 for x in sizes))
    found = sim.measure_similarity(ballots, "agreement")
    assert found.few_blocks
    assert found.warnings[0].startswith("the votes are in 16 blocks, worth 5.0 of equal size")


def test_the_correlation_of_blocks_is_that_of_the_simulation():
    # 60 pairs, 30 blocks of 5 or 20: the standard error is about 0.03; the pairs' other dyads
    # (B with B) have the square of it, and pull the pooled one down a little.
    sizes = [5] * 20 + [20] * 10
    for correlation in (0.0, 0.3, 0.8):
        ballots = simulate_dyads(
            60, 300, np.array([[0.7, 0.0, 0.3], [0.0] * 3, [0.0] * 3]),
            n_blocks=sizes, correlation=correlation, seed=3,
        )  # fmt: skip
        found = sim.bootstrap_similarity(ballots, "agreement", replicates=1).correlation
        assert correlation - 0.12 < found < correlation + 0.05, correlation


def test_what_blocks_are_worth_by_hand():
    # s / (1 + (s - 1) r) for blocks of 9, 6, 4, 1, 1: 21 at r = 0; at r = 1 five; at r = 0.5
    # 9 / 5 + 6 / 3.5 + 4 / 2.5 + 1 + 1 = 7.114.
    blocks = np.repeat(np.arange(5), [9, 6, 4, 1, 1])
    influence = np.zeros(21)
    worth = [intervals.weigh_blocks(influence, np.ones(21), blocks, r)[0] for r in (0, 0.5, 1)]
    assert worth == pytest.approx([21, 7.1142857, 5])
    # Votes of the block of 9 are 1, others 0: mean 9 / 21; with blocks alike 1 / 5.
    votes = np.where(blocks == 0, 1.0, 0.0)
    shift = intervals.weigh_blocks(votes - 9 / 21, np.ones(21), blocks, 1.0)[1]
    assert 9 / 21 + shift == pytest.approx(1 / 5)


@pytest.mark.parametrize("measure", ["agreement", "lijphart", "coincidence", "pi"])
def test_kernels_sum_and_weigh_blocks_as_plain_code_does(measure):
    rng = np.random.default_rng(5)
    blocks = np.sort(rng.integers(0, 12, 60))
    ballots = make_ballots(n=60, members=2, blocks=blocks)
    formula = sim.resolve_formula(measure, "linear", 3)
    dyad, pair = np.array([[0, 1]]), ballots.votes.astype(int)
    for weights in (np.ones(60), rng.choice([1.0, 0.5, 0.2], 60)):
        weighted = replace(ballots, weights=weights)
        cells = sim.joint_weights(weighted)[[0], [1]]
        table = np.pad(weigh_cells(formula, cells)[0], ((1, 0), (1, 0)))
        valid = np.pad(formula.valid, ((1, 0), (1, 0)))
        influence = weights * table[pair[:, 0], pair[:, 1]]
        counted = weights * valid[pair[:, 0], pair[:, 1]]
        summer = BlockSummer(weighted)
        found = summer.sum(dyad, formula, cells)
        plain = intervals.sum_blocks(influence, counted, blocks)
        for name, mine, other in zip(found._fields, found, plain, strict=True):
            assert float(mine[0]) == pytest.approx(float(other), rel=1e-9), name
        size, shift = summer.weigh(dyad, formula, cells, found, np.array([0.4]))
        other = intervals.weigh_blocks(influence, counted, blocks, 0.4)
        assert (size[0], shift[0]) == pytest.approx(other, rel=1e-9)


def test_a_share_without_blocks_is_bounded_by_its_count_alone():
    from scipy import stats

    votes = [[1, 1]] * 17 + [[1, 3]] * 8
    row = sim.bootstrap_similarity(
        ballots_from_matrix(votes, members=["A", "B"]), "agreement", replicates=10
    ).dyad("A", "B")
    assert row["low"] == pytest.approx(stats.beta.ppf(0.025, 17.25, 8.75), abs=1e-9)
    assert row["high"] == pytest.approx(stats.beta.ppf(0.975, 17.75, 8.25), abs=1e-9)


def test_blocks_that_vote_alike_widen_and_do_not_move():
    votes = [[1, 1]] * 60 + [[1, 3]] * 40
    free = sim.bootstrap_similarity(ballots_from_matrix(votes, members=["A", "B"]), "agreement")
    blocks = np.arange(100) // 5  # 20 blocks, each of one mind
    tied = sim.bootstrap_similarity(
        ballots_from_matrix(votes, members=["A", "B"], blocks=blocks), "agreement"
    )
    a, b = free.dyad("A", "B"), tied.dyad("A", "B")
    assert a["value"] == b["value"] == 0.6
    # Blocks of five of one mind: sqrt(5) is 2.24 times as wide.
    assert (b["high"] - b["low"]) / (a["high"] - a["low"]) == pytest.approx(2.2, abs=0.15)


@pytest.mark.slow
def test_coverage_of_shares_from_the_binomial_itself():
    # No simulation: the probability that the interval holds p, summed over x. Issue: at least
    # 92% for every n from 10 to 500 and p from 0.02 to 0.98, 94 to 97% on average.
    from scipy import stats

    p = np.round(np.arange(0.02, 0.981, 0.002), 3)
    lowest, means = 1.0, []
    for n in [*range(10, 61), *range(65, 501, 15)]:
        x = np.arange(n + 1)
        low, high = intervals.bound_share(x / n, float(n), 0.025)
        chance = stats.binom.pmf(x[:, None], n, p)
        held = (chance * ((low[:, None] <= p) & (p <= high[:, None]))).sum(axis=0)
        lowest = min(lowest, held.min())
        means.append(held.mean())
    assert lowest >= 0.92
    assert 0.94 <= np.mean(means) <= 0.97


# --- groups -------------------------------------------------------------------------------------


def test_a_group_of_one_is_a_dyad():
    # Where every roll call is a block of its own; with larger blocks a group's votes of one block
    # are believed to be more alike than a dyad's.
    ballots = make_ballots(n=80, members=4)
    for measure in OWN:
        dyad = sim.bootstrap_similarity(ballots, measure, replicates=300).dyad("M0", "M1")
        group = cohesion.similarity_with_group(ballots, "M0", ["M1"], measure, replicates=300)
        assert group.value == pytest.approx(dyad["value"], abs=1e-12)
        assert group.low == pytest.approx(dyad["low"], abs=1e-5)
        assert group.high == pytest.approx(dyad["high"], abs=1e-5)
        assert group.n_shared == dyad["n_shared"]


def test_groups_by_hand():
    # Roll call 1: A yes; B, C, D yes, no, missing: pairs A-B alike, A-C not: 1/2.
    # Roll call 2: A no; B, C, D no, no, abstain: 2/3. Roll call 3: A missing. Mean 7/12.
    votes = [[1, 1, 3, 0], [3, 3, 3, 2], [0, 1, 1, 1]]
    ballots = ballots_from_matrix(votes, members=list("ABCD"))
    found = cohesion.similarity_with_group(ballots, "A", list("ABCD"), "agreement", replicates=20)
    assert found.value == pytest.approx(7 / 12)
    assert found.n_shared == 2 and found.effective_blocks == 2
    assert np.isnan(found.low) and np.isnan(found.high)  # two blocks are too few
    assert found.few_blocks
    # Inside B, C, D: roll call 1 B-C not; 2 one pair of three; 3 all: (0 + 1/3 + 1) / 3 = 4/9.
    inside = cohesion.similarity_of_groups(
        ballots, list("BCD"), list("BCD"), "agreement", replicates=20
    )
    assert inside.value == pytest.approx(4 / 9)


def test_cohesion_by_hand():
    # Hix, Noury and Roland: 5 yes 3 no 2 abstain: (5 - (10 - 5) / 2) / 10 = 0.25; Rice |5-3|/8.
    # 4 abstentions only: AI 1, no Rice. One voter: neither.
    votes = [[1] * 5 + [3] * 3 + [2] * 2, [2] * 4 + [0] * 6, [1] + [0] * 9]
    ballots = ballots_from_matrix(votes, members=[f"M{i}" for i in range(10)])
    found = cohesion.measure_cohesion(ballots, ballots.members)
    assert found.value == pytest.approx((0.25 + 1) / 2)
    assert found.n_shared == 2
    rice = cohesion.measure_cohesion(ballots, ballots.members, "rice")
    assert rice.value == pytest.approx(0.25)
    assert np.isnan(rice.low)
    often = replace(ballots.take(roll_calls=[0, 1, 2] * 8), blocks=np.arange(24))
    rice = cohesion.measure_cohesion(often, ballots.members, "rice")
    assert 0 <= rice.low < rice.value < rice.high <= 1
    with pytest.raises(ParameterError, match=r"index: 'Rice' must be one of .*mean 'rice'"):
        cohesion.measure_cohesion(ballots, ballots.members, "Rice")


def test_members_are_ranked_and_ties_are_shown():
    # Agreement of A with B 3/4, C 2/4, D 0/4, E 3/4; B-C 1/4, B-D 1/4, C-D 2/4.
    votes = [[1, 1, 1, 3, 1], [1, 1, 3, 3, 1], [1, 1, 3, 3, 1], [1, 3, 1, 3, 2]]
    found = sim.bootstrap_similarity(
        ballots_from_matrix(votes, members=list("ABCDE")), "agreement", min_shared=1, replicates=20
    )
    ranking = rank_members(found, "A")
    assert ranking.table["member"].tolist() == ["B", "E", "C", "D"]
    assert ranking.table["rank"].tolist() == [1, 1, 3, 4]
    assert ranking.table["tied"].tolist() == [2, 2, 1, 1]
    assert ranking.table["value"].tolist() == [0.75, 0.75, 0.5, 0.0]
    assert (ranking.table["low"] < ranking.table["high"]).all()
    ends = ranking.ends(1)
    assert ends[["end", "member", "tied"]].to_numpy().tolist() == [
        ["nearest", "B", 2], ["farthest", "D", 1],
    ]  # fmt: skip
    with pytest.raises(ParameterError, match="least_exposure: 2 must be between 0 and 1"):
        rank_members(found, "A", least_exposure=2)


def test_who_was_there_for_few_votes_stands_apart():
    # 40 votes of USA: GBR alike on 35 (0.875), and on 5 of the 6 that CSK was there for; CSK on
    # all of its 6. Nearest to USA is GBR.
    votes = np.ones((40, 3), int)
    votes[[0, 10, 20, 30, 39], 1] = 3
    votes[6:, 2] = 0
    ballots = ballots_from_matrix(votes, members=["USA", "GBR", "CSK"])
    similarity = sim.measure_similarity(ballots, "agreement", min_shared=1)
    ranking = rank_members(similarity, "USA", ballots=ballots)
    assert ranking.table[["member", "value", "n_shared"]].to_numpy().tolist() == [
        ["GBR", 0.875, 40]
    ]
    apart = ranking.apart.iloc[0]
    assert (apart["member"], apart["value"], apart["n_shared"]) == ("CSK", 1.0, 6)
    assert (apart["beside"], apart["beside_value"]) == ("GBR", pytest.approx(5 / 6))
    assert apart["exposure"] == pytest.approx(6 / 40)
    everyone = rank_members(similarity, "USA", least_exposure=0).table["member"]
    assert everyone.tolist() == ["CSK", "GBR"]


def test_a_percentile_is_a_strict_share_of_dyads_with_as_many_votes():
    # Agreement of A with B 3/4, C 2/4, D 0/4; B-C 1/4, B-D 1/4, C-D 2/4.
    votes = [[1, 1, 1, 3], [1, 1, 3, 3], [1, 1, 3, 3], [1, 3, 1, 3]]
    ballots = ballots_from_matrix(votes, members=list("ABCD"))
    found = sim.measure_similarity(ballots, "agreement", min_shared=1)
    assert percentile_of_dyad(found, "B", "A") == 100
    assert percentile_of_dyad(found, "A", "D") == 0
    # A-C: three of the five others below it, C-D level with it: 3 / 5 = 60.
    assert sorted(found.table["value"]) == [0.0, 0.25, 0.25, 0.5, 0.5, 0.75]
    assert percentile_of_dyad(found, "A", "C") == 60
    fewer = ballots_from_matrix([[1, 1, 3], [1, 1, 1], [1, 0, 1]], members=list("ABC"))
    found = sim.measure_similarity(fewer, "agreement", min_shared=1)
    # A-C shares 3 votes, no other dyad as many; A-B shares 2, and A-C (2/3), B-C (1/2) are below.
    assert np.isnan(percentile_of_dyad(found, "A", "C"))
    assert percentile_of_dyad(found, "A", "B") == 100


# --- cost ---------------------------------------------------------------------------------------


def spend(members=60, roll_calls=600, replicates=600):
    """CPU seconds of a bootstrap (the least of three) and the most bytes that it holds at once."""
    blocks = np.arange(roll_calls) // 5
    ballots = make_ballots(n=roll_calls, members=members, p=(0.1, 0.75, 0.1, 0.05), blocks=blocks)
    seconds = []
    for _ in range(3):
        start = time.process_time()
        sim.bootstrap_similarity(ballots, replicates=replicates)
        seconds.append(time.process_time() - start)
    tracemalloc.start()
    sim.bootstrap_similarity(ballots, replicates=replicates)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(seconds), peak


@pytest.mark.parametrize(
    ("more", "times"),
    [({"members": 120}, 4), ({"roll_calls": 2400}, 4), ({"replicates": 2400}, 4)],
)
def test_cost_grows_as_members_squared_times_roll_calls_times_replicates(more, times):
    few, many = spend(), spend(**more)
    assert many[0] <= 1.5 * times * few[0]  # seconds are noisy
    assert many[1] <= times * few[1]


# --- the compiled kernels -----------------------------------------------------------------------

CLEAN = """
import json
import numpy as np
from helpers import similarity as sim
from helpers.ballots import ballots_from_matrix
votes = np.random.default_rng(1).integers(0, 4, size=(100, 6))
ballots = ballots_from_matrix(votes, members=list("ABCDEF"), blocks=np.arange(100) // 4)
found = sim.bootstrap_similarity(ballots, "pi", replicates=64)
print(json.dumps(found.table[["value", "low", "high"]].to_numpy().tolist()))
"""


@pytest.mark.slow
def test_kernels_from_a_clean_cache(tmp_path, root):
    votes = np.random.default_rng(1).integers(0, 4, size=(100, 6))
    ballots = ballots_from_matrix(votes, members=list("ABCDEF"), blocks=np.arange(100) // 4)
    here = sim.bootstrap_similarity(ballots, "pi", replicates=64)
    env = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(root / "src")}
    ran = subprocess.run(
        [sys.executable, "-c", CLEAN], env=env, capture_output=True, text=True, check=True
    )
    clean = np.array(json.loads(ran.stdout))
    assert np.array_equal(clean, here.table[["value", "low", "high"]].to_numpy())
    assert list((tmp_path / "cache").rglob("*.nbi"))


def test_kernels_without_a_folder_for_the_cache(monkeypatch):
    from numba.core.caching import FunctionCache

    from helpers.similarity import kernels as _kernels

    # As in an installation that cannot be written: no place to keep what was compiled.
    monkeypatch.setattr(FunctionCache._impl_class, "_locator_classes", [])
    assert _kernels.compiled(_add_one)(1) == 2


def _add_one(x):
    return x + 1


# --- the record ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def recent(mirror):
    """Votes of the General Assembly since 2022, read without any code of ours."""
    import pandas as pd

    rows = pd.read_csv(
        mirror / "undl" / "2025_10_31_ga_voting.csv.gz",
        usecols=["undl_id", "ms_code", "ms_vote", "date"],
        encoding="utf-8-sig",
    )
    rows = rows[rows["date"] >= "2022"]
    codes = rows["ms_vote"].map({"Y": 1, "A": 2, "N": 3, "X": 0})
    rows = rows.assign(code=codes, year=rows["date"].str[:4].astype(int))
    return rows.pivot(index=["year", "date", "undl_id"], columns="ms_code", values="code")


def ballots_of(recent, first, last):
    years = recent.index.get_level_values("year")
    votes = recent[(years >= first) & (years <= last)].fillna(0).astype(int)
    days = votes.index.get_level_values("date")
    return ballots_from_matrix(
        votes.to_numpy(), members=list(votes.columns), blocks=days.factorize()[0]
    )


@pytest.mark.mirror
@pytest.mark.parametrize("measure", OWN)
def test_plain_loops_on_real_ballots(recent, measure):
    ballots = ballots_of(recent, 2024, 2025)
    values = sim.measure_similarity(ballots, measure).values.to_numpy()
    for i in range(0, len(ballots.members), 9):
        for j in range(0, len(ballots.members), 7):
            expected = loop_measure(ballots.votes[:, i], ballots.votes[:, j], measure, "linear")
            assert values[i, j] == pytest.approx(expected, abs=1e-12, nan_ok=True)


@pytest.mark.mirror
def test_what_is_known_of_the_united_states(recent):
    # The guide: USA-RUS over all subjects 0.177 in 2022 to 2024 and 0.059 in 2025, of 34
    # recorded votes; in 2025 USA-ISR 0.75 and the next 0.25, among members with 20 shared votes
    # (Argentina, present on 16 of them, stands at 0.625).
    before = sim.measure_similarity(ballots_of(recent, 2022, 2024), "agreement")
    assert before.dyad("USA", "RUS")["value"] == pytest.approx(0.177, abs=5e-4)
    ballots = ballots_of(recent, 2025, 2025)
    assert len(ballots.votes) == 34
    after = sim.measure_similarity(ballots, "agreement", min_shared=20)
    assert after.dyad("USA", "RUS")["value"] == pytest.approx(0.059, abs=5e-4)
    near = rank_members(after, "USA").table.head(2)
    assert near["member"].iloc[0] == "ISR"
    assert near["value"].round(2).tolist() == [0.75, 0.25]


@pytest.mark.mirror
def test_which_correction_sets_the_united_states_apart(recent):
    # The guide: in 2025 kappa leaves USA-DEU at 0.02 and pi sets them apart at -0.62, with
    # agreement 0.15. These are the values of the nominal distance.
    ballots = ballots_of(recent, 2025, 2025).take(members=["USA", "DEU"])
    found = {
        measure: sim.measure_similarity(ballots, measure, distance="nominal").dyad("USA", "DEU")
        for measure in ("kappa", "pi", "agreement")
    }
    rounded = {measure: round(float(row["value"]), 2) for measure, row in found.items()}
    assert rounded == {"kappa": 0.02, "pi": -0.62, "agreement": 0.15}


@pytest.mark.parametrize("measure", ["pi", "alpha"])
@pytest.mark.parametrize("distance", ["nominal", "linear", "quadratic"])
def test_no_bound_of_pooled_margins_is_below_minus_one(measure: str, distance: str) -> None:
    """Observed disagreement is at most twice the expected: d(x, y) <= d(x, z) + d(z, y)."""
    rng = np.random.default_rng(11)
    sides = np.where(np.arange(12) < 6, 1, 3)
    votes = np.repeat(np.where(rng.random((12, 12)) < 0.1, 2, sides), 4, axis=0)
    blocks = np.arange(48) // 4
    ballots = ballots_from_matrix(votes, members=[f"M{i}" for i in range(12)], blocks=blocks)
    table = sim.bootstrap_similarity(ballots, measure, distance=distance, replicates=100).table
    assert (table["value"].dropna() >= -1).all()
    assert (table["low"].dropna() >= -1).all()
    assert (table["low"].dropna() == -1).any(), "opposed sides: some bound is there"


def test_what_is_known_of_a_measure_is_one_row():
    """Ranges from the table in docs/similarity.md; a figure of a corrected one begins at -1."""
    ranges = {name: sim.MEASURES[name].range for name in OWN}
    shares = {"agreement", "lijphart", "coincidence"}
    assert {name for name, span in ranges.items() if span == (0.0, 1.0)} == shares
    assert {span for name, span in ranges.items() if name not in shares} == {(-1.0, 1.0)}
    taking = [name for name in OWN if sim.MEASURES[name].takes_distance]
    assert taking == ["s", "kappa", "pi", "alpha"]
    assert all(measure.words for measure in sim.MEASURES.values())
