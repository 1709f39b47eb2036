"""What the next votes will be: every member's vote and the totals, before they are cast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.ballots import Ballots, find_bridges, normalise_titles
from helpers.errors import ParameterError, SelectionError
from helpers.record import MISSING, NO, VOTES, YES
from helpers.shifts.expected import CATEGORIES, expect_votes
from helpers.store import Shown

Floats = NDArray[np.float64]
Votes = NDArray[np.int8]

SEASON_BEGINS: Final = 9
"""Month in which a session of the Assembly begins; a season is named by the year it begins in."""

_LEAST: Final = 0.003
_LEAST_NEW: Final = 0.01
_PRIOR: Final = 10.0
_SEASONS: Final = 12
_AGEING: Final = 0.9
_RUNS: Final = (2, 3, 5, 9)
_LIKELY: Final = (0.1, 0.3, 0.6, 0.85, 0.95)
_SHARPNESS: Final = 5
_YEARLY: Final = 0.8
_YEARS_OF_TEXTS: Final = 15
_HABIT: Final = 0.2
_CALIBRATION: Final = 10
_MARGIN: Final = 1.0


@dataclass(frozen=True, repr=False)
class Forecast(Shown):
    """Probabilities of votes, from what was known before the day of each.

    Attributes
    ----------
    ballots : Ballots
        The roll calls that are forecast; their votes, where there are any, were not used.
    probabilities : float64 array, shape (n_roll_calls, n_members, 3)
        Yes, abstain, no if the member votes; they add to 1.
    before : tuple of str
        Id of the roll call that the text was last voted on in; empty for a new text.
    simple : int8 array, shape (n_roll_calls, n_members)
        The forecast to beat: as last time, else the member's most frequent vote; 0 for a member
        without a vote before.
    simple_share : float64 array, shape (n_roll_calls,)
        How often such forecasts were right in the seasons before.
    totals : pandas.DataFrame
        ``roll_call, before, vote, expected, low, high``: totals with the bounds of a set that
        holds all three together with probability ``level``; NaN bounds in the first season.
    level : float
        As given to `forecast_votes`.
    """

    ballots: Ballots
    probabilities: Floats
    before: tuple[str, ...]
    simple: Votes
    simple_share: Floats
    totals: pd.DataFrame
    level: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a roll call and member: ``roll_call, before, member, yes, abstain, no``."""
        n, m = self.simple.shape
        ids = self.ballots.roll_calls["roll_call"].to_numpy()
        p = self.probabilities.reshape(-1, CATEGORIES)
        return pd.DataFrame(
            {
                "roll_call": np.repeat(ids, m),
                "before": np.repeat(np.array(self.before, dtype=object), m),
                "member": np.tile(np.array(self.ballots.members), n),
                **{word: p[:, c] for c, word in enumerate(VOTES[:NO])},
            }
        )


class ForecastScore(NamedTuple):
    """How good a forecast was, beside the simple one.

    Attributes
    ----------
    n_votes : int
        Votes cast that were forecast.
    right, log_score : float
        Share of votes that were the most probable; mean log probability of the votes cast.
    simple_right, simple_log_score : float
        The same of "as last time, else own majority", its probability the share that was right
        in the seasons before.
    covered : float
        Share of roll calls whose totals lie in their set.
    """

    n_votes: int
    right: float
    log_score: float
    simple_right: float
    simple_log_score: float
    covered: float


def forecast_votes(ballots: Ballots, since: str, *, level: float = 0.9) -> Forecast:
    """Forecast the votes of all roll calls from a day on, each from what was before its day.

    A text that was voted on before is forecast from the member's votes on it and how often such
    votes changed in the seasons before; a new text from the votes on texts with like words.

    Parameters
    ----------
    ballots : Ballots
        Votes with dated, titled roll calls, by date; those to be forecast may have no votes yet
        (`add_next_texts`).
    since : str
        ISO date of the first roll call to be forecast.
    level : float
        Probability of the sets of totals, 0 to 1.

    Returns
    -------
    Forecast

    Raises
    ------
    ParameterError
        ``level`` is out of range.
    SelectionError
        No roll call is left to be forecast.

    Notes
    -----
    A text again: ``p_c = (n_kc + 10 q_c) / (n_k + 10)`` where ``n_kc`` counts votes c among pairs
    of earlier seasons (ageing by 0.9 a season) in the same case k: last vote on the text, length
    of its run, whether the member was away the last time, how probable its last vote was from its
    neighbours' and which other vote was more so; ``q_c`` is half what followed on that last vote
    in general, half that probability. A new text: ``p_ic ~ sum_t s_t^5 0.8^age [i voted c on t] +
    0.2 share_ic``, s the cosine of TF-IDF words of title and agenda item. Sets of totals: the
    largest standardised error of the three totals stayed below the set's in ``level`` of the
    forecasts of ten seasons before (split conformal: Vovk, Gammerman and Shafer 2005).
    """
    if not 0 < level < 1:
        raise ParameterError(f"level: {level} must be between 0 and 1")
    votes = np.where((ballots.votes >= YES) & (ballots.votes <= NO), ballots.votes, MISSING)
    ballots = replace(ballots, votes=votes.astype(np.int8))
    season = _seasons(ballots)
    chosen = (ballots.roll_calls["date"] >= pd.Timestamp(since)).to_numpy()
    if not chosen.any():
        raise SelectionError(f"since: no roll call on or after {since}; take an earlier day")
    history = _History.of(ballots, season)
    first = int(season[chosen].min())
    parts = [
        part
        for s in range(first - _CALIBRATION, int(season.max()) + 1)
        if (part := _forecast_season(ballots, history, season, s)) is not None
    ]
    return _assemble(ballots, parts, chosen, season, level)


def add_next_texts(ballots: Ballots, day: str, *, years: int = 1) -> Ballots:
    """Return the ballots with a roll call without votes for each text that is due again.

    Parameters
    ----------
    ballots : Ballots
        Votes to date.
    day : str
        ISO date of the roll calls that are added; after all others.
    years : int
        A text is due that came back before and was last voted on at most this many seasons ago.

    Returns
    -------
    Ballots
        New rows have the title of the last vote, its id with ``next-`` before it, no votes.

    Raises
    ------
    SelectionError
        No text is due, or the day is not after the last roll call.
    """
    at = pd.Timestamp(day)
    calls = ballots.roll_calls
    if not at > calls["date"].max():
        raise SelectionError(f"day: {day} must be after the last roll call")
    chains = find_bridges(calls).chains
    last = chains.groupby("chain")["roll_call"].last()
    now = at.year - (at.month < SEASON_BEGINS)
    season = pd.Series(_seasons(ballots), index=calls["roll_call"])
    due = [r for r in last if 1 <= now - season[r] <= years]
    if not due:
        raise SelectionError("no text that came back before is due")
    rows = calls[calls["roll_call"].isin(due)]
    ids = "next-" + rows["roll_call"]
    added = rows.assign(
        roll_call=ids, identical_group=ids, symbol="", date=at, session=f"next-{day}"
    )
    n = len(added)
    return replace(
        ballots,
        votes=np.vstack([ballots.votes, np.zeros((n, len(ballots.members)), np.int8)]),
        roll_calls=pd.concat([calls, added.astype(calls.dtypes)], ignore_index=True),
        weights=np.append(ballots.weights, np.ones(n)),
        blocks=np.append(ballots.blocks, np.full(n, ballots.blocks.max() + 1)),
    )


def score_forecast(forecast: Forecast, ballots: Ballots | None = None) -> ForecastScore:
    """Return how good a forecast was on the votes that were cast.

    Parameters
    ----------
    forecast : Forecast
    ballots : Ballots, optional
        Votes of the same roll calls and members, once they are known; those of the forecast's own
        ballots if left out.

    Returns
    -------
    ForecastScore

    Raises
    ------
    SelectionError
        None of its votes has been cast.
    """
    votes = (ballots or forecast.ballots).votes
    cast = (votes > 0) & (forecast.simple > 0)
    if not cast.any():
        raise SelectionError("none of the votes that were forecast has been cast")
    actual = votes[cast].astype(np.intp) - 1
    p = forecast.probabilities[cast]
    simple = forecast.simple[cast] - 1 == actual
    share = np.broadcast_to(forecast.simple_share[:, None], votes.shape)[cast]
    logs = np.log(np.where(simple, share, (1 - share) / 2))
    counts = _totals(votes)
    bounds = forecast.totals[["low", "high"]].to_numpy().reshape(-1, CATEGORIES, 2)
    within = (counts >= bounds[:, :, 0]) & (counts <= bounds[:, :, 1])
    inside = np.asarray(within.all(axis=1))
    known = np.isfinite(bounds).all(axis=(1, 2)) & ((votes > 0).sum(axis=1) > 0)
    return ForecastScore(
        n_votes=int(cast.sum()),
        right=float((p.argmax(axis=1) == actual).mean()),
        log_score=float(np.log(p[np.arange(len(p)), actual]).mean()),
        simple_right=float(simple.mean()),
        simple_log_score=float(logs.mean()),
        covered=float(inside[known].mean()) if known.any() else float("nan"),
    )


class _History(NamedTuple):
    """Pairs of votes on one text, and what was known of each vote before it was cast."""

    before: NDArray[np.int64]
    after: NDArray[np.int64]
    key: NDArray[np.int64]  # pairs x members: the case that a vote is in
    last: Votes  # the last vote on the text, 0: none
    likely: NDArray[np.float32]  # pairs x members x 3, from neighbours at the last vote
    words: list[str]

    @classmethod
    def of(cls, ballots: Ballots, season: NDArray[np.int64]) -> _History:
        table = find_bridges(ballots.roll_calls).table
        place = {r: i for i, r in enumerate(ballots.roll_calls["roll_call"])}
        before = table["before"].map(place).to_numpy(np.int64)
        after = table["after"].map(place).to_numpy(np.int64)
        inside = season[after] > 0
        before, after = before[inside], after[inside]
        likely = _neighbours(ballots)[before]
        last, run = _follow(ballots.votes, before, after)
        key = _number_cases(last, run, ballots.votes[before] == MISSING, likely)
        calls = ballots.roll_calls
        agenda = calls["agenda"].fillna("") if "agenda" in calls else ""
        keys = normalise_titles(calls["title"])["key"]
        items = normalise_titles(agenda + pd.Series("", index=calls.index))["key"]
        return cls(before, after, key, last, likely, (keys + " " + items + " " + keys).tolist())


class _Season(NamedTuple):
    """Forecasts of one season: rows of the ballots and what was said of each."""

    rows: NDArray[np.int64]
    before: NDArray[np.int64]  # -1: a new text
    probabilities: Floats
    simple: Votes
    expected: Floats  # totals, rows x 3
    spread: Floats


def _totals(votes: Votes) -> NDArray[np.int64]:
    """Return the number of yes, abstain and no of each roll call."""
    return np.stack([(votes == c).sum(axis=1) for c in range(YES, NO + 1)], axis=1)


def _seasons(ballots: Ballots) -> NDArray[np.int64]:
    date = ballots.roll_calls["date"]
    return (date.dt.year - (date.dt.month < SEASON_BEGINS)).fillna(0).to_numpy(np.int64)


def _neighbours(ballots: Ballots) -> NDArray[np.float32]:
    """Return the expectation of each vote from neighbours; the roll call's shares where none."""
    p = expect_votes(ballots).probabilities
    totals = _totals(ballots.votes)
    share = (totals + 1 / CATEGORIES) / (totals.sum(axis=1, keepdims=True) + 1)
    return np.where(np.isnan(p), share[:, None, :], p).astype(np.float32)


def _follow(
    votes: Votes, before: NDArray[np.int64], after: NDArray[np.int64]
) -> tuple[Votes, NDArray[np.int64]]:
    """Return the last vote on the text and the length of its run, for each pair and member."""
    length, last = np.zeros(votes.shape, np.int64), np.zeros_like(votes)
    lasts = np.zeros((len(before), votes.shape[1]), np.int8)
    runs = np.zeros(lasts.shape, np.int64)
    for pair, (a, b) in enumerate(zip(before, after, strict=True)):  # pairs come by date
        cast = votes[a]
        length[a] = np.where(cast > 0, np.where(cast == last[a], length[a] + 1, 1), length[a])
        last[a] = np.where(cast > 0, cast, last[a])
        runs[pair], lasts[pair] = length[a], last[a]
        length[b], last[b] = length[a], last[a]
    return lasts, runs


def _number_cases(
    last: Votes, run: NDArray[np.int64], away: NDArray[np.bool_], likely: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Give each vote on a text again the number of the case that it is counted in."""
    place = np.maximum(last.astype(np.intp) - 1, 0)[:, :, None]
    own = np.where(last > 0, np.take_along_axis(likely, place, axis=2)[:, :, 0], likely.max(axis=2))
    others = likely.copy()
    np.put_along_axis(others, place, -1, axis=2)
    best = np.where(last > 0, others.argmax(axis=2), likely.argmax(axis=2))
    runs = np.where(last > 0, np.digitize(run, _RUNS), 0)
    case = (last.astype(np.int64) * (len(_RUNS) + 1) + runs) * (len(_LIKELY) + 1)
    return ((case + np.digitize(own, _LIKELY)) * 2 + away) * CATEGORIES + best


def _forecast_season(
    ballots: Ballots, history: _History, season: NDArray[np.int64], s: int
) -> _Season | None:
    """Forecast all roll calls of a season from what was before each."""
    rows = np.flatnonzero(season == s)
    past = np.flatnonzero((season < s) & (season > 0))
    if not rows.size or not past.size:
        return None
    pair_of = {int(row): pair for pair, row in enumerate(history.after)}
    pairs = np.array([pair_of.get(int(row), -1) for row in rows])
    again, new = rows[pairs >= 0], rows[pairs < 0]
    p = np.empty((len(rows), len(ballots.members), CATEGORIES))
    habits = _habits(ballots.votes, season, s)
    if again.size:
        p[pairs >= 0] = _forecast_again(ballots.votes, history, season, s, pairs[pairs >= 0])
    if new.size:
        p[pairs < 0] = _forecast_new(ballots, history.words, season, new, habits)
    voted = np.zeros(len(ballots.members), np.int8) + (habits.max(axis=1) > 0)
    usual = ((habits.argmax(axis=1) + 1) * voted).astype(np.int8)
    last = np.where(pairs[:, None] >= 0, ballots.votes[history.before[pairs]], MISSING)
    simple = np.where(last > 0, last, usual).astype(np.int8)
    there = _attendance(ballots.votes, season, s)
    chance = p * there[None, :, None]
    spread = np.sqrt((chance * (1 - chance)).sum(axis=1)) + _MARGIN
    before = np.where(pairs >= 0, history.before[pairs], -1)
    return _Season(rows, before, p, simple, chance.sum(axis=1), spread)


def _habits(votes: Votes, season: NDArray[np.int64], s: int) -> Floats:
    """Return how often each member cast each vote in earlier seasons, recent ones more."""
    past = np.flatnonzero((season < s) & (season >= s - _YEARS_OF_TEXTS))
    weights = _AGEING ** (s - 1 - season[past])
    return np.stack([weights @ (votes[past] == c) for c in range(YES, NO + 1)], axis=1)


def _attendance(votes: Votes, season: NDArray[np.int64], s: int) -> Floats:
    """Return the share of the last two seasons' roll calls on which each member voted."""
    past = (season < s) & (season >= s - 2)
    return (votes[past] > 0).mean(axis=0) if past.any() else np.ones(votes.shape[1])


def _forecast_again(
    votes: Votes, history: _History, season: NDArray[np.int64], s: int, pairs: NDArray[np.int64]
) -> Floats:
    """Forecast votes on texts that were voted on before from what followed in like cases."""
    of = season[history.after]
    known = np.flatnonzero((of < s) & (of >= s - _SEASONS))
    then = votes[history.after[known]]
    cast = then > 0
    weights = np.broadcast_to((_AGEING ** (s - 1 - of[known]))[:, None], then.shape)[cast]
    n_cases = int(history.key.max()) + 1
    counts = _count(history.key[known][cast], then[cast], weights, n_cases)
    general = _count(history.last[known][cast], then[cast], weights, NO + 1)
    general = (general + 1) / (general + 1).sum(axis=1, keepdims=True)
    guess = 0.5 * general[history.last[pairs]] + 0.5 * history.likely[pairs]
    p = counts[history.key[pairs]] + _PRIOR * guess
    return _normalise(p, _LEAST)


def _count(cases: NDArray[np.integer], votes: Votes, weights: Floats, n_cases: int) -> Floats:
    flat = cases.astype(np.int64) * CATEGORIES + votes - 1
    counts = np.bincount(flat, weights, n_cases * CATEGORIES).astype(np.float64)
    return counts.reshape(n_cases, CATEGORIES)


def _forecast_new(
    ballots: Ballots,
    words: list[str],
    season: NDArray[np.int64],
    rows: NDArray[np.int64],
    habits: Floats,
) -> Floats:
    """Forecast votes on new texts from those on texts with like words, before the day."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    s = int(season[rows[0]])
    past = np.flatnonzero((season <= s) & (season >= s - _YEARS_OF_TEXTS))
    earlier = [words[i] for i in past if season[i] < s]
    vectors = TfidfVectorizer(sublinear_tf=True).fit(earlier)
    alike = (
        vectors.transform([words[i] for i in rows]) @ vectors.transform([words[i] for i in past]).T
    ).toarray()
    date = ballots.roll_calls["date"].to_numpy()
    age = (date[rows][:, None] - date[past]) / np.timedelta64(1, "D") / 365.25
    weights = np.where(age > 0, alike**_SHARPNESS * _YEARLY ** np.maximum(age, 0), 0)
    votes = ballots.votes[past]
    cast = np.stack([weights @ (votes == c) for c in range(YES, NO + 1)], axis=2)
    usual = _normalise(habits + 0.3, 0.0)
    return _normalise(cast + _HABIT * usual, _LEAST_NEW)


def _normalise(p: Floats, least: float) -> Floats:
    p = np.maximum(p / p.sum(axis=-1, keepdims=True), least)
    return p / p.sum(axis=-1, keepdims=True)


def _assemble(
    ballots: Ballots,
    parts: list[_Season],
    chosen: NDArray[np.bool_],
    season: NDArray[np.int64],
    level: float,
) -> Forecast:
    """Put the seasons asked for together, with sets of totals calibrated on those before."""
    rows = np.concatenate([p.rows for p in parts])
    both = _Season(*(np.concatenate([getattr(p, n) for p in parts]) for n in _Season._fields))
    votes = ballots.votes[rows]
    counts = _totals(votes)
    error = np.abs(counts - both.expected) / both.spread
    judged = (votes > 0).sum(axis=1) > 0
    worst = np.where(judged, error.max(axis=1), np.nan)
    hit, n = ((both.simple == votes) & (votes > 0)).sum(axis=1), (votes > 0).sum(axis=1)
    at = season[rows]
    wanted = np.flatnonzero(chosen[rows])
    width, share = np.full(len(wanted), np.nan), np.full(len(wanted), np.nan)
    for s in np.unique(at[wanted]):
        for new in (False, True):
            mine = (at[wanted] == s) & ((both.before[wanted] < 0) == new)
            old = (at < s) & (at >= s - _CALIBRATION) & ((both.before < 0) == new) & judged
            if mine.any() and old.any():
                width[mine] = _conformal(worst[old], level)
                share[mine] = hit[old].sum() / n[old].sum()
    expected, spread = both.expected[wanted], both.spread[wanted]
    ids = ballots.roll_calls["roll_call"].to_numpy()
    before = tuple(str(ids[b]) if b >= 0 else "" for b in both.before[wanted])
    picked = ballots.take(roll_calls=rows[wanted])
    totals = pd.DataFrame(
        {
            "roll_call": np.repeat(ids[rows[wanted]], CATEGORIES),
            "before": np.repeat(np.array(before, dtype=object), CATEGORIES),
            "vote": np.tile(np.array(VOTES[:NO]), len(wanted)),
            "expected": expected.ravel(),
            "low": np.floor(np.maximum(expected - width[:, None] * spread, 0)).ravel(),
            "high": np.ceil(expected + width[:, None] * spread).ravel(),
        }
    )
    return Forecast(
        ballots=picked,
        probabilities=both.probabilities[wanted],
        before=before,
        simple=both.simple[wanted],
        simple_share=share,
        totals=totals,
        level=level,
    )


def _conformal(errors: Floats, level: float) -> float:
    """Return the error that a share ``level`` of future ones is not above, with one to come."""
    rank = int(np.ceil(level * (len(errors) + 1))) - 1
    return float(np.sort(errors)[min(rank, len(errors) - 1)])
