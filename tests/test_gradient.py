"""A gradient is not called blocs, blocs are, and what is drawn keeps what it must."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.ballots.select import Ballots, ballots_from_matrix, build_ballots
from helpers.ballots.simulate import (
    simulate_assembly,
    simulate_gradient,
    simulate_random_votes,
)
from helpers.blocs import BlocOptions, cut_assembly, find_blocs
from helpers.blocs import gradient as grad
from helpers.errors import ParameterError, SelectionError


def cut(ballots: Ballots):
    """Cut as blocs are by default."""
    return cut_assembly(ballots, BlocOptions())


def test_a_peak_by_hand():
    # Robertson, Wright and Dykstra: pools of neighbours out of order get their mean. With the peak
    # at 0.4 the rest 0.1, 0.3, 0.1 falls as 0.2, 0.2, 0.1.
    assert grad.fit_peak(np.array([0.1, 0.4, 0.1, 0.3, 0.1])) == pytest.approx(
        [0.1, 0.4, 0.2, 0.2, 0.1]
    )
    flat = np.full(5, 0.2)
    assert grad.fit_peak(flat) == pytest.approx(flat)
    # Two camps and nobody between: one peak at the larger, a level stretch to the other one.
    two = grad.fit_peak(np.array([0.6, 0.0, 0.0, 0.4]))
    assert two == pytest.approx([0.6, 0.4 / 3, 0.4 / 3, 0.4 / 3])


def test_votes_are_ranked_by_leaning():
    votes = np.array([[1, 3, 0, 2, 1]], np.int8)
    leaning = np.array([[0.5, -2.0, -9.0, 0.1, 3.0]])
    # One no, one abstention, two yes for the four who were there: yes for -2.0 and 0.1.
    assert grad._rank_votes(votes, leaning).tolist() == [[2, 1, 0, 1, 3]]


def test_a_drawn_assembly_keeps_totals_and_absences():
    ballots = simulate_gradient(40, 30, n_blocks=10, absence=0.2, seed=5)
    drawn = grad.draw_gradient(ballots, grad.fit_gradient(ballots), seed=3)
    assert ((drawn.votes == 0) == (ballots.votes == 0)).all()
    assert (np.sort(drawn.votes, axis=1) == np.sort(ballots.votes, axis=1)).all()
    assert (drawn.votes != ballots.votes).mean() > 0.1
    again = grad.draw_gradient(ballots, grad.fit_gradient(ballots), seed=3)
    assert (again.votes == drawn.votes).all()


def test_positions_and_likelihood_are_found():
    # The mean vote orders members where all roll calls lean one way; here half do, and the first
    # principal component knows which. Positions agree with it, and the criterion asks for one
    # dimension where there is one and for two where there are two.
    ballots = simulate_gradient(100, 80, seed=6)
    found = grad.fit_gradient(ballots)
    scores = np.where(ballots.votes == 0, 0.0, ballots.votes - 2.0)
    first = np.linalg.svd(scores - scores.mean(axis=1, keepdims=True), full_matrices=False)[2][0]
    assert found.dimensions == 1
    assert abs(np.corrcoef(first, found.positions[:, 0])[0, 1]) > 0.97
    assert found.belief.sum(axis=1) == pytest.approx(np.ones(100))
    peak = found.density[0].argmax()
    assert (np.diff(found.density[0])[:peak] >= -1e-12).all()
    assert (np.diff(found.density[0])[peak:] <= 1e-12).all()
    assert grad.fit_gradient(simulate_gradient(100, 80, dimensions=2, seed=6)).dimensions == 2


def test_the_likelihood_of_a_fit_is_that_of_plain_loops():
    ballots = simulate_gradient(6, 5, seed=2)
    found = grad.fit_gradient(ballots, 1)
    told = [len(set(row[row > 0])) > 1 for row in ballots.votes]
    total = 0.0
    for i in range(6):
        likely = 0.0
        for g, place in enumerate(found.points[:, 0]):
            chance = found.density[0][g]
            for j in np.flatnonzero(told):
                below = [1 / (1 + np.exp(found.slopes[j, 0] * place - c)) for c in found.cuts[j]]
                answers = [below[0], below[1] - below[0], 1 - below[1]]
                if ballots.votes[j, i]:
                    chance *= answers[ballots.votes[j, i] - 1]
            likely += chance
        total += np.log(likely)
    votes = (ballots.votes[told] > 0).sum()
    cost = 3 * sum(told) * np.log(votes)
    # The density of the last pass is that of the beliefs before it: nearly the same.
    assert found.criterion == pytest.approx(cost - 2 * total, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["normal", "uniform"])
def test_a_gradient_is_seldom_called_blocs(shape):
    # The small version of docs/blocs.md, where of 200 each at most 5% may be.
    answers = [
        grad.compare_with_gradient(simulate_gradient(150, 80, shape, seed=s), cut, seed=s).answer
        for s in range(6)
    ]
    assert answers.count("blocs") <= 1


def test_votes_repeated_within_blocks_are_not_called_blocs():
    answers = [
        grad.compare_with_gradient(
            simulate_gradient(100, 40, "uniform", n_blocks=10, seed=s), cut, seed=s
        ).answer
        for s in range(3)
    ]
    assert answers.count("blocs") <= 1


@pytest.mark.parametrize(
    ("sizes", "roll_calls", "noise"), [([34, 33, 33], 60, 0.5), ([40, 25, 15, 10, 10], 30, 0.4)]
)
def test_planted_blocs_are_blocs(sizes, roll_calls, noise):
    margins = np.random.default_rng(3).dirichlet([5, 2, 2], 100)
    ballots, _ = simulate_assembly(
        100, roll_calls, sizes, noise, absence=0.1, margins=margins, seed=3
    )
    found = grad.compare_with_gradient(ballots, cut)
    assert (found.answer, found.p_value <= 0.05) == ("blocs", True)
    assert found.table["blocs"].tolist() == list(range(2, 2 + len(found.table)))
    assert found.table["excess"].max() > 3
    assert found.gradient.dimensions == found.dimensions


def test_too_few_nulls_and_votes_without_a_side_are_refused():
    ballots = ballots_from_matrix([[1] * 8] * 9, members=list("ABCDEFGH"))
    with pytest.raises(ParameterError, match="nulls: 20 must be 99 or more"):
        grad.compare_with_gradient(ballots, cut, nulls=20)
    with pytest.raises(SelectionError, match="no roll call divides the members"):
        grad.compare_with_gradient(ballots, cut)


def test_find_blocs_tells_a_gradient_from_blocs():
    found = find_blocs(simulate_gradient(80, 60, seed=4), replicates=30)
    assert found.structure and found.p_value <= 0.01  # more than chance,
    assert found.answer == "gradient" and found.gradient_p > 0.05  # but no groups
    assert found.dimensions == 1 and len(found.summary) > 1  # where a cut falls
    planted = find_blocs(simulate_assembly(60, 40, 3, 0.3, seed=4)[0], replicates=30)
    assert planted.answer == "blocs" and planted.gradient_p <= 0.05
    assert planted.gradient["excess"].max() > 3
    nothing = find_blocs(simulate_random_votes(60, 40, seed=4), replicates=30)
    assert nothing.answer == "no structure" and np.isnan(nothing.gradient_p)
    few = find_blocs(ballots_from_matrix([[1] * 6, [3] * 6], members=list("ABCDEF")))
    assert few.answer == "" and few.dimensions == 0


@pytest.mark.mirror
@pytest.mark.slow
@pytest.mark.parametrize("session", ["14", "28", "61"])
def test_blocs_known_from_history_are_no_gradient(ga_record, session):
    """The Soviet bloc in 1959 and 1973, the West in 2006: see docs/gradients.md."""
    ballots = build_ballots(ga_record, sessions=session)
    assert find_blocs(ballots, replicates=30).answer == "blocs"
