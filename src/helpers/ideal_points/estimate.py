"""Estimate where every member stands in every period, from its votes alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from helpers.ballots import Ballots
from helpers.errors import ParameterError, must_be_one_of
from helpers.ideal_points import exact, gibbs
from helpers.ideal_points.exact import CHAINS
from helpers.ideal_points.layout import Layout
from helpers.ideal_points.presets import Selection, make_priors, select
from helpers.ideal_points.start import LOOSE, add_dimension, share_votes, start_points, start_texts
from helpers.ideal_points.variational import State, approximate, level_variance

FloatArray = NDArray[np.float64]

NORMAL_95: Final = 1.6448536269514722
"""Standard deviations from the median of a normal distribution to its 95% point."""


@dataclass(frozen=True)
class IdealPoints:
    """Where every member stood in every period, and how each text divided them.

    Attributes
    ----------
    table : pandas.DataFrame
        ``member, cow_code, period, estimate, se, q05, q95, n_votes``, by member and period. Points
        have mean 0 and variance 1 over all rows; the first anchor is on the positive side. With a
        second dimension also ``estimate_2, se_2, q05_2, q95_2``. ``cow_code`` is NA where there is
        none. A period in which a member cast no vote that divides has no row.
    roll_calls : pandas.DataFrame
        ``roll_call, period, chain, discrimination, cut_1, cut_2`` with their ``_se``: a member at
        theta votes yes where ``discrimination * theta + e`` is below ``cut_1`` and no above
        ``cut_2``, e standard normal; on the scale of the points the cuts are at
        ``cut / discrimination``. ``chain`` is the first roll call on the same text. Roll calls on
        which all voted alike are not there.
    fit : pandas.DataFrame
        ``period, votes, log_score, right, log_score_shares``: mean log-likelihood of a vote, share
        of votes whose likeliest value it was, and the log score of the roll calls' shares. On the
        votes that were fitted: `predict_votes` says how well others are foretold.
    diagnostics : dict
        How the estimate was reached: sweeps, last movement, learnt step; for samplers chains,
        R-hat and effective draws.
    options : dict
        The options that made it.
    """

    table: pd.DataFrame
    roll_calls: pd.DataFrame
    fit: pd.DataFrame
    diagnostics: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)


class Draws(NamedTuple):
    """How a sampler draws: sweeps kept (0: as usual), chains, seed, threads."""

    sweeps: int
    chains: int
    seed: int
    workers: int


@dataclass(frozen=True)
class Estimate:
    """What an estimator hands on: means and uncertainty of points and texts.

    Attributes
    ----------
    theta, se, low, high : float64 arrays, shape (n_nodes, D)
        Means, standard deviations and 5% and 95% points.
    texts, texts_se : float64 arrays, shape (n_texts, D + 2)
        ``b_1 .. b_D, c1, c2`` and their standard deviations.
    diagnostics : dict
    """

    theta: FloatArray
    se: FloatArray
    low: FloatArray
    high: FloatArray
    texts: FloatArray
    texts_se: FloatArray
    diagnostics: dict[str, Any]


def estimate_points(
    ballots: Ballots,
    *,
    periods: str | ArrayLike = "session",
    estimator: str = "variational",
    preset: str = "",
    bridges: Any = None,
    dimensions: int = 1,
    anchors: tuple[str, str] = ("USA", "RUS"),
    sweeps: int = 0,
    chains: int = CHAINS,
    seed: int = 1,
    workers: int = 1,
) -> IdealPoints:
    """Estimate where every member stood in every period.

    Parameters
    ----------
    ballots : Ballots
        Votes yes, abstain and no; others are missing. Equal weights.
    periods : {"session", "year"} or array-like of int, shape (n_roll_calls,)
        How time is cut.
    estimator : str
        One of ``ESTIMATORS``.
    preset : {"", "bsv"}
        ``bsv``: filters, linked texts and prior of Bailey, Strezhnev and Voeten (2017).
    bridges : Bridges or pandas.DataFrame, optional
        Roll calls on one text, ``before`` and ``after``; found by titles where left out. Without
        any (an empty table) the level of a period is the prior's: members that move together
        cannot be told from an agenda that does.
    dimensions : {1, 2}
        Number of dimensions.
    anchors : tuple of str
        The first is on the positive side; the start is its votes less those of the second.
    sweeps : int
        Sweeps that a sampler keeps, of each chain; 0: as many as it usually does.
    chains : int
        Chains of ``exact``, two or more.
    seed : int
        Seed of a sampler; the variational estimator draws nothing.
    workers : int
        Threads that chains are shared by; the draws are the same with any number.

    Returns
    -------
    IdealPoints

    Raises
    ------
    ParameterError
        An option has no such value, or a roll call has no period.
    SelectionError
        No roll call divides the members.
    ConvergenceError
        The estimator did not converge.

    Notes
    -----
    ``P(yes) = Phi(c_j1 - b_j theta_it)``, ``P(no) = Phi(b_j theta_it - c_j2)``, theta_it a random
    walk over periods within one period of membership; texts that came back share their parameters.

    References
    ----------
    Bailey, Strezhnev and Voeten (2017), Journal of Conflict Resolution 61(2), equations 1 to 4;
    Imai, Lo and Olmsted (2016), American Political Science Review 110(4), for variational
    estimates of such models.

    Examples
    --------
    >>> from helpers.ideal_points.simulate import simulate_points
    >>> known = simulate_points(30, 3, 40, bridged=0.5)
    >>> points = estimate_points(known.ballots, periods=known.periods, bridges=known.bridges)
    >>> points.table.columns.tolist()
    ['member', 'cow_code', 'period', 'estimate', 'se', 'q05', 'q95', 'n_votes']
    >>> found = points.table.pivot(index="period", columns="member", values="estimate")
    >>> bool((found.corrwith(known.points, axis=1).abs() > 0.97).all())
    True
    """
    if estimator not in ESTIMATORS:
        raise ParameterError(must_be_one_of("estimator", estimator, ESTIMATORS))
    if dimensions not in (1, 2):
        raise ParameterError(must_be_one_of("dimensions", dimensions, (1, 2)))
    if (estimator == "gibbs") != (preset == "bsv") and estimator != "variational":
        raise ParameterError(_REFUSED[estimator])
    if estimator == "gibbs" and dimensions == 2:
        raise ParameterError("dimensions: 'gibbs' has one; use variational or exact for two")
    if chains < 2 or workers < 1 or sweeps < 0:
        raise ParameterError("chains must be 2 or more, workers 1 or more, sweeps 0 or more")
    chosen = select(ballots, periods=periods, preset=preset, bridges=bridges)
    layout = chosen.lay_out()
    draws = Draws(sweeps, chains, seed, workers)
    found = ESTIMATORS[estimator](layout, preset, dimensions, anchors, draws)
    found = orient(layout, found, anchors[0])
    options = {
        "periods": periods if isinstance(periods, str) else "given",
        "estimator": estimator,
        "preset": preset,
        "dimensions": dimensions,
        "anchors": anchors,
        "seed": seed,
    }
    return IdealPoints(
        table=_make_table(chosen, layout, found),
        roll_calls=_list_roll_calls(chosen, layout, found),
        fit=measure_fit(layout, found),
        diagnostics=found.diagnostics,
        options=options,
    )


def fit_variational(
    layout: Layout, preset: str, dimensions: int, anchors: tuple[str, str]
) -> State:
    """Return the variational approximation of one layout of votes."""
    theta, slope = start_points(layout, anchors)
    psi = start_texts(layout, 1)
    psi[:, 0] = slope
    state = _loosen(layout, theta[:, None], psi, preset)
    state = approximate(layout, state)
    for _ in range(dimensions - 1):
        state = approximate(layout, _loosen(layout, *add_dimension(layout, state), preset))
    return state


def _loosen(layout: Layout, theta: FloatArray, psi: FloatArray, preset: str) -> State:
    """Return a start from points and texts, with nothing known of how sure they are."""
    cov = np.tile(np.eye(psi.shape[1]) * LOOSE / 3, (len(psi), 1, 1))
    priors = make_priors(layout, preset, theta.shape[1])
    return State(theta.copy(), np.full(theta.shape, LOOSE), psi.copy(), cov, priors)


def _estimate_variationally(
    layout: Layout, preset: str, dimensions: int, anchors: tuple[str, str], _: Draws
) -> Estimate:
    state = fit_variational(layout, preset, dimensions, anchors)
    se = np.sqrt(state.var + level_variance(layout, state))
    gap = np.exp(state.psi[:, -1])
    texts = state.psi.copy()
    texts[:, -1] = texts[:, -2] + gap
    variance = np.diagonal(state.cov, axis1=1, axis2=2).copy()
    variance[:, -1] = variance[:, -2] + gap**2 * variance[:, -1]
    variance[:, -1] += 2.0 * gap * state.cov[:, -2, -1]
    return Estimate(
        theta=state.theta,
        se=se,
        low=state.theta - NORMAL_95 * se,
        high=state.theta + NORMAL_95 * se,
        texts=texts,
        texts_se=np.sqrt(np.maximum(variance, 0.0)),
        diagnostics={"sweeps": state.sweeps, "moved": state.moved, **_describe_walk(layout, state)},
    )


def _describe_walk(layout: Layout, state: State) -> dict[str, float]:
    """Return the standard deviation of a member's step between periods, where it is learnt."""
    walked = layout.nodes["gap"].to_numpy() == 1
    if state.priors.rule is not None or not walked.any():
        return {}
    return {"walk": float(np.sqrt(state.priors.step[walked].mean()))}


def _estimate_as_bsv(
    layout: Layout, preset: str, dimensions: int, anchors: tuple[str, str], draws: Draws
) -> Estimate:
    start = fit_variational(layout, preset, dimensions, anchors)
    kept = draws.sweeps or gibbs.KEPT
    points, texts, taken = gibbs.sample_bsv(layout, start, kept=kept, seed=draws.seed)
    return _summarise(points[:, :, None], texts, {"sweeps": kept, "taken": {"texts": taken}})


def _estimate_exactly(
    layout: Layout, preset: str, dimensions: int, anchors: tuple[str, str], draws: Draws
) -> Estimate:
    start = fit_variational(layout, preset, dimensions, anchors)
    kept = draws.sweeps or exact.KEPT

    def run(chain: int) -> exact.Chain:
        return exact.sample_posterior(layout, start, kept=kept, seed=draws.seed * 1000 + chain)

    with ThreadPoolExecutor(draws.workers) as pool:
        chains = list(pool.map(run, range(draws.chains)))
    table = exact.diagnose(layout, chains)
    exact.require_convergence(table)
    points = np.concatenate([chain.points for chain in chains])
    texts = np.concatenate([chain.texts for chain in chains])
    report = {
        "sweeps": kept,
        "chains": draws.chains,
        "taken": chains[0].taken,
        "r_hat": float(table["r_hat"].max()),
        "ess": float(table["ess"].quantile(0.05)),
        "points": table,
        **_describe_walk(layout, start),
    }
    return _summarise(points, texts, report)


def _summarise(points: Any, texts: Any, diagnostics: dict[str, Any]) -> Estimate:
    """Return means, standard deviations and 5% and 95% points of draws."""
    low, high = np.quantile(points, [0.05, 0.95], axis=0)
    return Estimate(
        theta=np.ascontiguousarray(points.mean(axis=0, dtype=np.float64)),
        se=points.std(axis=0, dtype=np.float64),
        low=low.astype(np.float64),
        high=high.astype(np.float64),
        texts=texts.mean(axis=0, dtype=np.float64),
        texts_se=texts.std(axis=0, dtype=np.float64),
        diagnostics=diagnostics,
    )


ESTIMATORS: Final[dict[str, Callable[..., Estimate]]] = {
    "variational": _estimate_variationally,
    "gibbs": _estimate_as_bsv,
    "exact": _estimate_exactly,
}
"""``variational`` for seconds, ``gibbs`` for the rule of ``bsv``, ``exact`` for the record."""

_REFUSED: Final = {
    "gibbs": "estimator: 'gibbs' is the sampler of preset 'bsv'; name that preset, or use exact",
    "exact": "estimator: preset 'bsv' is a rule that has no posterior; use gibbs or variational",
}


def find_signs(layout: Layout, theta: FloatArray, anchor: str) -> FloatArray:
    """Return 1 or -1 by dimension: the anchor is positive; without it, the member farthest out."""
    means = pd.DataFrame(theta).groupby(layout.nodes["member"].to_numpy()).mean()
    place = {str(name): i for i, name in enumerate(means.index)}
    mean = means.to_numpy()
    farthest = np.abs(mean).argmax(axis=0)
    held = [place.get(anchor, farthest[d]) for d in range(mean.shape[1])]
    return np.where(mean[held, range(mean.shape[1])] < 0, -1.0, 1.0)


def orient(layout: Layout, found: Estimate, anchor: str) -> Estimate:
    """Turn each dimension so that the anchor is on the positive side."""
    signs = find_signs(layout, found.theta, anchor)
    both = np.append(signs, [1.0, 1.0])
    ends = found.low * signs, found.high * signs
    return Estimate(
        theta=found.theta * signs,
        se=found.se,
        low=np.minimum(*ends),
        high=np.maximum(*ends),
        texts=found.texts * both,
        texts_se=found.texts_se,
        diagnostics=found.diagnostics,
    )


def _make_table(chosen: Selection, layout: Layout, found: Estimate) -> pd.DataFrame:
    nodes = layout.nodes
    table = nodes[["member", "period"]].copy()
    table.insert(1, "cow_code", _find_cow(chosen, nodes))
    for d in range(found.theta.shape[1]):
        end = "" if d == 0 else f"_{d + 1}"
        table[f"estimate{end}"] = found.theta[:, d]
        table[f"se{end}"] = found.se[:, d]
        table[f"q05{end}"] = found.low[:, d]
        table[f"q95{end}"] = found.high[:, d]
    return table.assign(n_votes=nodes["n_votes"]).astype({"member": "str"})


def _find_cow(chosen: Selection, nodes: pd.DataFrame) -> pd.Series:
    """Correlates of War number of each point at the first roll call of its period and path."""
    row, column = np.nonzero(chosen.ballots.votes)
    names = np.array(chosen.ballots.members, dtype=object)
    seen = pd.DataFrame(
        {
            "member": names[column],
            "part": chosen.parts[row, column],
            "period": chosen.periods[row],
            "cow": chosen.cow[row, column],
        }
    ).drop_duplicates(["member", "part", "period"])
    cow = nodes.merge(seen, on=["member", "part", "period"], how="left")["cow"]
    return cow.astype("Int16").mask(cow == 0)


def _list_roll_calls(chosen: Selection, layout: Layout, found: Estimate) -> pd.DataFrame:
    kept = layout.text_of >= 0
    text = layout.text_of[kept]
    dims = found.theta.shape[1]
    table = pd.DataFrame(
        {
            "roll_call": chosen.ballots.roll_calls["roll_call"].to_numpy()[kept],
            "period": chosen.periods[kept],
            "chain": layout.texts.to_numpy()[text],
        }
    )
    names = [*["discrimination", "discrimination_2"][:dims], "cut_1", "cut_2"]
    for k, name in enumerate(names):
        table[name] = found.texts[text, k]
        table[f"{name}_se"] = found.texts_se[text, k]
    return table


def measure_fit(layout: Layout, found: Estimate) -> pd.DataFrame:
    """Return how well the votes of each period are fitted, beside the roll calls' own shares."""
    from helpers.ideal_points import kernels

    dims = found.theta.shape[1]
    parts = [np.ascontiguousarray(p) for p in np.split(found.texts, [dims, dims + 1], axis=1)]
    score, right = kernels.score_votes(
        *layout.by_node[1:], found.theta, parts[0], parts[1].ravel(), parts[2].ravel()
    )
    shares = np.log(share_votes(layout))[layout.item, layout.vote - 1]
    period = np.repeat(layout.nodes["period"].to_numpy(), np.diff(layout.node_ptr))
    votes = pd.DataFrame(
        {"period": period, "log_score": score, "right": right, "log_score_shares": shares}
    )
    table = votes.groupby("period").mean()
    table.insert(0, "votes", votes["period"].value_counts().reindex(table.index))
    return table.reset_index()
