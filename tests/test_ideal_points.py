"""Ideal points: likelihood, known points, coverage, prediction, bridges, replication."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr
from scipy.stats import kstest, norm, truncnorm

from helpers import ideal_points
from helpers.ballots import Ballots, ballots_from_matrix, build_ballots
from helpers.errors import ConvergenceError, ParameterError, SelectionError
from helpers.ideal_points import estimate_points, kernels, predict_votes, simulate_points
from helpers.ideal_points.estimate import fit_variational
from helpers.ideal_points.exact import require_convergence, sample_posterior
from helpers.ideal_points.layout import join_texts, lay_out
from helpers.ideal_points.presets import select
from helpers.ideal_points.simulate import KnownPoints, standardise_points
from helpers.ideal_points.variational import State, _Memory
from helpers.record import Record, load_record

Command = Callable[..., subprocess.CompletedProcess[str]]

CUTS = [
    (0.0, 1.0),
    (-3.0, -2.9),
    (5.0, 6.0),
    (-12.0, -10.0),
    (8.0, 12.0),
    (-40.0, -38.0),
    (-40.0, 45.0),
    (38.0, 41.0),
]
"""Cut points less utilities: in the middle, close together, and far out on both sides."""


def log_vote(y: int, low: float, high: float) -> float:
    """Log-likelihood of a vote as scipy has it."""
    if y == 1:
        return float(norm.logcdf(low))
    if y == 3:
        return float(norm.logsf(high))
    a, b = (low, high) if low + high < 0 else (-high, -low)
    return float(norm.logcdf(b) + np.log1p(-np.exp(norm.logcdf(a) - norm.logcdf(b))))


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("y", [1, 2, 3])
def test_the_likelihood_is_that_of_scipy(y: int, cuts: tuple[float, float]) -> None:
    assert kernels.log_vote(y, *cuts) == pytest.approx(log_vote(y, *cuts), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("y", [1, 2, 3])
def test_slopes_and_curvature_are_differences_of_the_likelihood(
    y: int, cuts: tuple[float, float]
) -> None:
    low, high = cuts
    step = 1e-4
    chance, p1, p2, k11, k12, k22 = kernels.derive_vote(y, low, high)
    assert np.log(chance) == pytest.approx(max(log_vote(y, low, high), np.log(1e-300)), rel=1e-8)
    log, slope = kernels.log_vote, kernels.derive_vote
    by_hand = [
        (log(y, low + step, high) - log(y, low - step, high)) / (2 * step),
        (log(y, low, high + step) - log(y, low, high - step)) / (2 * step),
        (slope(y, low - step, high)[1] - slope(y, low + step, high)[1]) / (2 * step),
        (slope(y, low, high - step)[1] - slope(y, low, high + step)[1]) / (2 * step),
        (slope(y, low, high - step)[2] - slope(y, low, high + step)[2]) / (2 * step),
    ]
    scale = max(1.0, abs(k11), abs(k22))
    assert np.allclose([p1, p2, k11, k12, k22], by_hand, rtol=1e-4, atol=1e-5 * scale)


def test_a_path_is_solved_as_a_dense_system() -> None:
    """One path of six points without votes: numpy inverts the same precision."""
    rng = np.random.default_rng(0)
    n = 6
    step = np.append(9.0, rng.uniform(0.1, 1.0, n - 1))
    drift = rng.normal(0.0, 0.05, (n, 1))
    theta, var, work = np.zeros((n, 1)), np.zeros((n, 1)), np.zeros((5, n))
    work[0] = rng.uniform(0.5, 2.0, n)
    work[1] = rng.normal(0.0, 0.3, n)
    kernels.add_walk(0, n, np.array([0.3, 2.0]), step, drift, 0, work[0], work[1])
    precision = np.diag(work[0])
    for k in range(1, n):
        precision[k, k - 1] = precision[k - 1, k] = -1 / step[k]
    inverse = np.linalg.inv(precision)
    expected = inverse @ work[1]
    assert np.abs(expected).max() < 1.0  # no step is cut short
    kernels._invert_path(0, n, step, 0, var, work[0].copy(), work[3])
    kernels._solve_path(0, n, step, 0, theta, work)
    assert np.allclose(theta[:, 0], expected)
    assert np.allclose(var[:, 0], np.diag(inverse))
    assert np.allclose(work[3, 1:], np.diag(inverse, 1))


def test_the_extrapolation_ends_at_the_fixed_point_of_a_linear_map() -> None:
    """x = 0.9 x + 0.1 (1, 2): the fixed point is (1, 2); plain steps need 200 for 1e-9."""
    memory, x = _Memory(), np.zeros(2)
    for _ in range(4):
        x = memory.extrapolate(x, 0.9 * x + 0.1 * np.array([1.0, 2.0]))
    assert np.allclose(x, [1.0, 2.0], atol=1e-6)


# --- known points --------------------------------------------------------------------------------


def compare(known: KnownPoints, found: pd.DataFrame) -> pd.DataFrame:
    """Lay estimates beside the truth, both standardised, turned the same way."""
    truth = standardise_points(known.points).stack().rename("truth")
    both = found.join(truth, on=["period", "member"])
    if both["estimate"].corr(both["truth"]) < 0:
        flipped = {"estimate": -both["estimate"], "q05": -both["q95"], "q95": -both["q05"]}
        both = both.assign(**flipped)
    return both


SCENES = {
    "plain": {},
    "steady": {"walk": 0.05},
    "restless": {"walk": 0.2},
    "late joiners and short-lived members": {"late": 0.2, "short": 0.2, "bridged": 0.3},
    "a drifting agenda": {"agenda": 1.5, "bridged": 0.3},
}


@pytest.mark.parametrize("name", SCENES)
def test_intervals_of_ninety_percent_hold_the_truth_in_about_ninety(name: str) -> None:
    """The bar of the issue: 0.87 to 0.93 in simulated assemblies of known truth."""
    held = []
    for seed in (1, 2, 3):
        known = simulate_points(seed=seed, **SCENES[name])
        found = estimate_points(known.ballots, periods=known.periods, bridges=known.bridges)
        both = compare(known, found.table)
        held.append(both["truth"].between(both["q05"], both["q95"]).mean())
    assert 0.87 <= np.mean(held) <= 0.93, held


def moved(known: KnownPoints, bridges: pd.DataFrame) -> float:
    """How far the members seem to move together, in units of the simulation."""
    found = estimate_points(known.ballots, periods=known.periods, bridges=bridges)
    both = compare(known, found.table)
    level = both.groupby("period")["estimate"].mean() * np.nanstd(known.points.to_numpy())
    return float(level.iloc[-1] - level.iloc[0])


@pytest.mark.parametrize("seed", [1, 2])
def test_an_agenda_that_moves_is_not_taken_for_members_that_do(seed: int) -> None:
    """The bar of the issue: cut points move by 1.5, members seem to by 0.15 at most."""
    known = simulate_points(agenda=1.5, bridged=0.3, seed=seed)
    truth = known.points.mean(axis=1)
    assert abs(moved(known, known.bridges) - (truth.iloc[-1] - truth.iloc[0])) < 0.15


@pytest.mark.parametrize("movement", [1.2, 1.4])
def test_members_that_move_together_are_seen_to_by_the_texts_that_came_back(
    movement: float,
) -> None:
    """The bar of the issue: at least 80% with bridges; without, the level is the prior's."""
    known = simulate_points(movement=movement, bridged=0.3)
    truth = known.points.mean(axis=1)
    real = truth.iloc[-1] - truth.iloc[0]
    assert moved(known, known.bridges) > 0.8 * real
    assert moved(known, known.bridges.iloc[:0]) < 0.5 * real


def test_order_of_members_and_roll_calls_changes_no_bit() -> None:
    known = simulate_points(25, 4, 20, bridged=0.3, seed=5)
    rng = np.random.default_rng(1)
    rows, columns = rng.permutation(80), rng.permutation(25)
    names = [known.ballots.members[c] for c in columns]
    shuffled = known.ballots.take(roll_calls=rows, members=names)
    one = estimate_points(known.ballots, periods=known.periods, bridges=known.bridges)
    other = estimate_points(shuffled, periods=known.periods[rows], bridges=known.bridges)
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)


def test_members_with_one_vote_and_texts_that_separate_have_points_and_wide_intervals() -> None:
    """M001 votes once, M002 in one period only, and made-1 splits yes from no without overlap."""
    known = simulate_points(20, 3, 30, absence=0.0, seed=3)
    votes = known.ballots.votes.copy()
    votes[1:, 0] = 0
    votes[30:, 1] = 0
    votes[0] = np.where(known.points.iloc[0] > 0, 3, 1)
    ballots = ballots_from_matrix(votes, members=known.ballots.members)
    table = estimate_points(ballots, periods=known.periods).table.set_index("member")
    assert np.isfinite(table[["estimate", "se", "q05", "q95"]]).all(axis=None)
    assert table.loc[["M001"], "n_votes"].tolist() == [1]
    assert table.loc[["M002"], "period"].tolist() == [1]
    assert table.loc["M001", "se"] > 2 * table.loc["M003", "se"].max()


def test_two_dimensions_are_found_where_there_are_two() -> None:
    """Votes by two independent scales; correlations of the estimates with both, in all, near 2."""
    rng = np.random.default_rng(4)
    theta = rng.normal(size=(60, 2))
    slope = rng.normal(0.0, 1.5, (300, 2))
    cut = rng.normal(0.5, 0.7, (300, 1))
    utility = slope @ theta.T + rng.normal(size=(300, 60))
    votes = 1 + (utility > cut) + (utility > cut + 0.7)
    ballots = ballots_from_matrix(votes, members=[f"M{i:02d}" for i in range(60)])
    periods = np.repeat([1, 2, 3], 100)
    found = estimate_points(ballots, periods=periods, dimensions=2)
    mean = found.table.groupby("member")[["estimate", "estimate_2"]].mean().to_numpy()
    explained = 1 - np.linalg.lstsq(mean - mean.mean(axis=0), theta - theta.mean(axis=0))[1] / (
        60 * theta.var(axis=0)
    )
    assert (explained > 0.9).all()
    one = estimate_points(ballots, periods=periods).fit["log_score"].mean()
    assert found.fit["log_score"].mean() > one + 0.1


# --- samplers ------------------------------------------------------------------------------------


def draw(low: float, high: float) -> np.ndarray:
    rng = np.random.default_rng(7)
    return np.array([kernels.draw_between(low, high, rng) for _ in range(20_000)])


@pytest.mark.parametrize("ends", [(-1.0, 0.5), (0.3, 0.6), (2.0, 9.0), (-9.0, -2.0), (-3.0, 4.0)])
def test_draws_between_two_points_are_those_of_a_truncated_normal(
    ends: tuple[float, float],
) -> None:
    """Kolmogorov-Smirnov against scipy's truncnorm; p below 0.001 would be one seed in 1,000."""
    assert kstest(draw(*ends), truncnorm(*ends).cdf).pvalue > 0.001


@pytest.mark.parametrize("low", [-2.0, 0.4, 3.0, 8.0])
def test_draws_above_a_point_are_those_of_a_truncated_normal(low: float) -> None:
    rng = np.random.default_rng(7)
    found = [kernels.draw_above(low, rng) for _ in range(20_000)]
    assert kstest(found, truncnorm(low, np.inf).cdf).pvalue > 0.001


def sample_plainly(
    votes: np.ndarray, start: State, sweeps: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sample one period by random-walk Metropolis in numpy, likelihood by scipy; means and sds.

    Points N(0, 1), texts as the priors of ``start`` have them; each draw standardised.
    """
    rng = np.random.default_rng(seed)
    theta, psi = start.theta[:, 0].copy(), start.psi.copy()
    centre, spread = start.priors.centre, start.priors.spread

    def judge(theta: np.ndarray, psi: np.ndarray) -> np.ndarray:
        eta = psi[:, :1] * theta
        below = ndtr(psi[:, 1:2] - eta)
        above = ndtr(eta - psi[:, 1:2] - np.exp(psi[:, 2:]))
        chance = np.stack([np.ones_like(below), below, 1 - below - above, above])
        return np.log(np.maximum(np.take_along_axis(chance, votes[None], axis=0)[0], 1e-12))

    draws = []
    for sweep in range(sweeps):
        for of_members in (True, False):
            new, texts = theta, psi
            if of_members:
                new = theta + 0.5 * rng.standard_normal(theta.shape)
            else:
                texts = psi + 0.25 * rng.standard_normal(psi.shape)
            change = (judge(new, texts) - judge(theta, psi)).sum(axis=0 if of_members else 1)
            if of_members:
                change += 0.5 * (theta**2 - new**2)
            else:
                change += 0.5 * (((psi - centre) ** 2 - (texts - centre) ** 2) / spread).sum(axis=1)
            taken = np.log(rng.random(change.shape)) < change
            if of_members:
                theta = np.where(taken, new, theta)
            else:
                psi = np.where(taken[:, None], texts, psi)
        if sweep >= sweeps // 5:
            draws.append((theta - theta.mean()) / theta.std())
    turned = np.array(draws) * np.sign(np.array(draws) @ start.theta[:, 0])[:, None]
    return turned.mean(axis=0), turned.std(axis=0)


@pytest.mark.slow
def test_the_exact_estimator_agrees_with_an_independent_sampler() -> None:
    """One period, 12 members, 25 roll calls: a plain Metropolis sampler with scipy's likelihood."""
    known = simulate_points(12, 1, 25, absence=0.0, seed=6)
    layout = select(known.ballots, periods=known.periods, preset="").lay_out()
    start = fit_variational(layout, "", 1, ("USA", "RUS"))
    chain = sample_posterior(layout, start, burn=500, kept=8000, seed=2)
    votes = np.array(known.ballots.votes[layout.text_of >= 0], np.int64)
    order = layout.text_of[layout.text_of >= 0]
    mean, sd = sample_plainly(votes[np.argsort(order)], start, 25_000, seed=3)
    assert np.abs(chain.points[:, :, 0].mean(axis=0) - mean).max() < 0.06
    assert np.allclose(chain.points[:, :, 0].std(axis=0), sd, rtol=0.12)


def test_exact_intervals_hold_and_the_variational_ones_are_as_wide() -> None:
    known = simulate_points(60, 8, 40, bridged=0.3, walk=0.15)
    options = {"periods": known.periods, "bridges": known.bridges}
    exact = estimate_points(known.ballots, estimator="exact", sweeps=200, chains=2, **options)
    quick = estimate_points(known.ballots, **options)
    both = compare(known, exact.table)
    assert 0.87 <= both["truth"].between(both["q05"], both["q95"]).mean() <= 0.94
    assert exact.table["estimate"].abs().corr(quick.table["estimate"].abs()) > 0.999
    assert 0.9 < (quick.table["se"] / exact.table["se"]).median() < 1.1
    assert exact.diagnostics["r_hat"] <= 1.2
    assert {"member", "period", "r_hat", "ess"} <= set(exact.diagnostics["points"])


def test_chains_are_the_same_on_one_thread_and_on_two() -> None:
    known = simulate_points(20, 3, 30, bridged=0.5)
    options = {"periods": known.periods, "estimator": "exact", "sweeps": 150, "chains": 2}
    one = estimate_points(known.ballots, bridges=known.bridges, **options)
    two = estimate_points(known.ballots, bridges=known.bridges, workers=2, **options)
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)


def test_chains_that_do_not_agree_are_refused_by_name() -> None:
    table = pd.DataFrame({"member": ["FRA", "USA"], "period": [7, 8], "r_hat": [1.0, 2.3]})
    with pytest.raises(ConvergenceError) as caught:
        require_convergence(table)
    assert str(caught.value) == (
        "the chains do not agree: R-hat is 2.30 for USA in period 8, and 1.05 or less for 50% of "
        "points (95% needed, none above 1.2); ask for more sweeps"
    )


# --- a free step ---------------------------------------------------------------------------------


def dated(known: KnownPoints) -> Ballots:
    """Give each period a year of its own from 2001 on."""
    days = pd.to_datetime(pd.Series([f"{2000 + p}-10-01" for p in known.periods]))
    calls = known.ballots.roll_calls.assign(date=days, session_number=known.periods)
    return replace(known.ballots, roll_calls=calls)


def test_a_jump_is_found_and_a_walk_is_not_taken_for_one() -> None:
    """M001 votes as its own opposite in the last of six years; M002 goes on as before."""
    known = simulate_points(60, 6, 40, bridged=0.3, absence=0.0, seed=11)
    member = known.points.iloc[-1].abs().idxmax()
    votes = known.ballots.votes.copy()
    other = (known.points.iloc[-1] + known.points.iloc[-1][member] / 2).abs().idxmin()
    column = known.ballots.members.index(member)
    votes[-40:, column] = votes[-40:, known.ballots.members.index(other)]
    ballots = dated(replace(known, ballots=replace(known.ballots, votes=votes)))
    jump = ideal_points.test_step(ballots, member, "2006-01-01", bridges=known.bridges)
    assert jump.step > jump.walk + 3
    assert not jump.beyond and abs(jump.estimate) > 1.0
    assert len(jump.votes) == jump.table["n_votes"].iloc[0]
    quiet = ideal_points.test_step(ballots, other, "2006-01-01", bridges=known.bridges)
    assert quiet.step < quiet.walk
    assert quiet.q05 < 0.2 and quiet.q95 > -0.2


def test_a_step_needs_a_date_and_votes_on_both_sides() -> None:
    known = simulate_points(10, 2, 20)
    ballots = dated(known)
    with pytest.raises(ParameterError) as caught:
        ideal_points.test_step(ballots, "M001", "in May")
    assert str(caught.value) == "date: 'in May' is no date; write it as 2025-02-24"
    with pytest.raises(SelectionError) as early:
        ideal_points.test_step(ballots, "M001", "2001-01-01")
    assert str(early.value) == "date: M001 has no vote before 2001-01-01"
    with pytest.raises(SelectionError) as unknown:
        ideal_points.test_step(ballots, "M01", "2002-01-01")
    assert str(unknown.value).startswith("member: 'M01' has no vote in this selection")


# --- texts, periods, faults ----------------------------------------------------------------------


def test_texts_are_tied_through_roll_calls_that_are_not_there() -> None:
    pairs = pd.DataFrame({"before": ["a", "b", "x"], "after": ["b", "d", "c"]})
    assert join_texts(["a", "c", "d", "e"], pairs).tolist() == ["a", "c", "a", "e"]


def test_a_layout_counts_votes_that_divide() -> None:
    """made-1 divides; on made-2 all that vote say yes; made-3 is tied to made-2 and divides it."""
    ballots = ballots_from_matrix([[1, 3, 0], [1, 1, 0], [1, 1, 3]], members=["C", "A", "B"])
    parts = np.ones((3, 3), np.int64)
    alone = lay_out(ballots, np.array([1, 1, 2]), np.array(["a", "b", "c"], object), parts)
    assert alone.text_of.tolist() == [0, -1, 1]
    tied = lay_out(ballots, np.array([1, 1, 2]), np.array(["a", "b", "b"], object), parts)
    assert tied.text_of.tolist() == [0, 1, 1]
    assert tied.nodes["member"].tolist() == ["A", "A", "B", "C", "C"]
    assert tied.nodes["n_votes"].tolist() == [2, 1, 1, 2, 1]
    assert tied.nodes["gap"].tolist() == [0, 1, 0, 0, 1]
    assert tied.path_ptr.tolist() == [0, 2, 3, 5]


def small() -> Ballots:
    return simulate_points(10, 2, 10).ballots


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"estimator": "variatonal"},
            "estimator: 'variatonal' must be one of variational, gibbs, exact; "
            "did you mean 'variational'?",
        ),
        ({"preset": "bvs"}, "preset: 'bvs' must be one of , bsv; did you mean 'bsv'?"),
        ({"dimensions": 3}, "dimensions: 3 must be one of 1, 2"),
        (
            {"estimator": "gibbs"},
            "estimator: 'gibbs' is the sampler of preset 'bsv'; name that preset, or use exact",
        ),
        (
            {"estimator": "exact", "preset": "bsv"},
            "estimator: preset 'bsv' is a rule that has no posterior; use gibbs or variational",
        ),
        ({"chains": 1}, "chains must be 2 or more, workers 1 or more, sweeps 0 or more"),
        ({"periods": "month"}, "periods: 'month' must be one of session, year"),
        (
            {"periods": "session"},
            "periods: 'session' needs a session_number for each roll call; "
            "give whole numbers instead",
        ),
        (
            {"periods": [1, 2]},
            "periods: one whole number for each of the 20 roll calls is needed",
        ),
    ],
)
def test_faults_are_one_sentence(options: dict[str, object], sentence: str) -> None:
    ballots = small()
    given = {"periods": np.repeat([1, 2], 10), **options}
    with pytest.raises(ParameterError) as caught:
        estimate_points(ballots, **given)  # type: ignore[arg-type]
    assert str(caught.value) == sentence


def test_votes_that_divide_nobody_are_refused() -> None:
    ballots = ballots_from_matrix([[1, 1], [3, 3]], members=["A", "B"])
    with pytest.raises(SelectionError) as caught:
        estimate_points(ballots, periods=[1, 1])
    assert str(caught.value) == (
        "no roll call divides the members; widen the period or the subject"
    )
    with pytest.raises(SelectionError):
        predict_votes(small(), 1, periods=np.repeat([1, 2], 10))


# --- the record ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unvotes(mirror: Path) -> Ballots:
    files = sorted((mirror / "unvotes").glob("*.rda"))
    record: Record = load_record("unvotes", files=files)
    return build_ballots(record)


@pytest.mark.mirror
def test_the_votes_of_the_published_estimates_come_out(unvotes: Ballots) -> None:
    """797,473 votes, 4,784 texts, 10,469 member-sessions; votes a member-session as published.

    Source of the last: IdealpointestimatesAll_Apr2020.csv of the authors' repository (MIT).
    """
    layout = select(unvotes, periods="session", preset="bsv").lay_out()
    assert len(layout.item) == 797_473
    assert len(layout.texts) == 4_784
    assert len(layout.nodes) == 10_469
    votes = layout.nodes.set_index(["member", "part", "period"])["n_votes"]
    published = {
        ("PRT", 235, 11): 59,
        ("PRT", 235, 26): 107,
        ("PRT", 235, 74): 91,
        ("DEU", 255, 46): 73,
        ("DEU", 260, 45): 84,
        ("DEU", 260, 28): 90,
        ("AND", 232, 48): 25,
        ("DDR", 265, 28): 91,
    }
    assert votes.loc[list(published)].to_dict() == published


@pytest.fixture(scope="module")
def library(ga_record: Record) -> Ballots:
    return build_ballots(ga_record)


@pytest.mark.mirror
def test_known_moves_are_among_the_largest(library: Ballots) -> None:
    """Carnations 1974, Sandinistas 1979, the turn of 1990, Albania 1991, Milei 2024.

    The Soviet Union is at the end of the scale before Gorbachev (39 and 40: fourth) and moves from
    1986 on, before Poland's 1990; the United States are first in six of ten sessions and never
    before 1963, when colonial powers are beyond it.
    """
    table = estimate_points(library).table
    last = table.drop_duplicates(["member", "period"], keep="last")  # China has two points in 26
    points = last.pivot(index="period", columns="member", values="estimate")
    steps = table["estimate"].diff().abs().where(table["member"].eq(table["member"].shift()))
    rank = steps.rank(ascending=False).set_axis(
        pd.MultiIndex.from_frame(table[["member", "period"]])
    )
    known = {"PRT": 29, "CSK": 45, "POL": 45, "ARG": 79, "NIC": 34, "ALB": 46}
    assert {m: rank[m, p] <= 12 for m, p in known.items()} == dict.fromkeys(known, True)
    soviet = points.rank(axis=1)["RUS"]
    assert soviet.loc[:38].max() <= 3 and soviet.loc[:40].max() <= 4
    moves = points["RUS"].diff()
    assert (moves.loc[41:45] > 0.3).all() and points.loc[43, "POL"] < 0
    first = points.rank(axis=1, ascending=False)["USA"] == 1
    assert first.mean() > 0.6 and first.index[first].min() > 18


@pytest.mark.mirror
@pytest.mark.slow
@pytest.mark.parametrize(("dimensions", "bar"), [(1, -0.295), (2, -0.265)])
def test_votes_of_four_years_are_foretold(library: Ballots, dimensions: int, bar: float) -> None:
    """The bars of the issue: log score a vote, September 2021 to September 2025; shares -0.523."""
    days = library.roll_calls["date"]
    chosen = library.take(roll_calls=(days < "2025-09-09").to_numpy())
    found = predict_votes(chosen, 76, dimensions=dimensions)
    assert found.table["log_score"].mean() > bar
    weights = found.scores["votes"]
    shares = np.average(found.scores["log_score_shares"], weights=weights)
    assert shares == pytest.approx(-0.523, abs=0.003)
    assert np.average(found.scores["right"], weights=weights) > 0.9
    middle = found.calibration.iloc[1:-1]
    if dimensions == 1:  # two are too unsure of what is rare: 0.65 to 0.8 of the predicted
        assert (middle["observed"] / middle["predicted"]).between(0.75, 1.25).all()
    assert found.table["roll_call"].nunique() == 380


@pytest.mark.mirror
@pytest.mark.slow
def test_steps_at_a_date_are_those_that_are_known(library: Ballots) -> None:
    """The United States in 2025 are beyond the scale, Argentina moved; Norway, Hungary did not."""
    recent = library.take(roll_calls=(library.roll_calls["session_number"] >= 50).to_numpy())
    states = ideal_points.test_step(recent, "USA", "2025-01-20")
    assert states.beyond and np.isnan(states.estimate) and states.step > states.walk + 5
    assert len(states.votes) == 34
    argentina = ideal_points.test_step(recent, "ARG", "2023-12-10")
    assert argentina.step > argentina.walk + 3 and argentina.q05 > 0.3
    assert not argentina.beyond and argentina.q95 < 1.3
    for member, date in (("NOR", "2015-01-01"), ("HUN", "2024-01-01")):
        quiet = ideal_points.test_step(recent, member, date)
        assert quiet.step < quiet.walk and quiet.q05 < 0 < quiet.q95


@pytest.mark.mirror
@pytest.mark.slow
def test_the_rule_of_the_published_estimates_gives_them(unvotes: Ballots) -> None:
    """Published means and 5 to 95% intervals: IdealpointestimatesAll_Apr2020.csv (MIT licence)."""
    published = pd.read_csv(Path(__file__).parent / "data" / "bsv_published.csv")
    found = estimate_points(unvotes, preset="bsv", estimator="gibbs", sweeps=300)
    both = published.merge(found.table, on=["member", "cow_code", "period"])
    assert len(both) == len(published)
    assert both["estimate"].corr(both["mean"]) > 0.99
    width = (both["q95_x"] - both["q05_x"]) / (both["q95_y"] - both["q05_y"])
    assert 0.85 < width.median() < 1.2
    quick = estimate_points(unvotes, preset="bsv").table
    pair = found.table.merge(quick, on=["member", "cow_code", "period"])
    by_session = pair.groupby("period")[["estimate_x", "estimate_y"]].corr().iloc[::2, 1]
    assert by_session.median() > 0.994 and by_session.min() > 0.9


def test_the_command_writes_a_table(tmp_path: Path, unblocs: Command) -> None:
    file = tmp_path / "points.csv"
    done = unblocs(
        "ideal-points",
        "--source",
        "dossier",
        "--periods",
        "year",
        "--out",
        str(file),
        home=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(file, comment="#")
    assert {"member", "cow_code", "period", "estimate", "se", "q05", "q95"} <= set(table.columns)
    refused = unblocs(
        "ideal-points",
        "--source",
        "dossier",
        "--method",
        "gibbs",
        "--out",
        str(file),
        home=tmp_path,
    )
    assert refused.returncode == 1
    assert "estimator: 'gibbs' is the sampler of preset 'bsv'" in refused.stderr


def test_the_module_offers_what_it_says() -> None:
    assert set(ideal_points.__all__) <= set(dir(ideal_points))
