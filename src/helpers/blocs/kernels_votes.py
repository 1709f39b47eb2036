"""Compiled loops of `helpers.blocs.votes`: which side a bloc takes, who follows it, shuffled votes.

Everything that calls each other is in this one file, because a numba cache does not see a change
in another one. Import it inside functions only: it loads numba.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from helpers.compiled import compiled

TOGETHER = 16  # likelihoods that are multiplied before a logarithm is taken
TINY = 1e-9
LEAST, MOST = np.array([0.01, 0.01]), np.array([0.7, 0.99])  # of the estimates: were more votes
# by habit, members that always vote one way, and others that always vote another, would be a bloc
FAR = 32.0  # most that estimates are extrapolated
STILL = 1e-3  # a change of the estimates below it is none


@compiled
def _sum_blocs(row: Any, mine: Any, low: Any, up: Any, counts: Any, base: Any, sides: Any) -> None:
    """Sum over each bloc's members at one roll call: votes, and logs of the chance of each side."""
    counts[:], base[:], sides[:] = 0.0, 0.0, 0.0
    for i in range(row.size):
        if row[i] > 0:
            b, c = mine[i], row[i] - 1
            counts[b, c] += 1.0
            base[b] += low[i, c]
            sides[b, c] += up[i, c]


@compiled
def _judge(
    counts: Any, base: float, sides: Any, overall: Any, strength: float, sided: float, out: Any
) -> None:
    """Posterior (K + 1,) of one bloc at one roll call: a side for each vote; last, a free vote."""
    categories, cast = counts.size, counts.sum()
    free = math.lgamma(strength) - math.lgamma(strength + cast)
    for c in range(categories):
        prior = strength * overall[c]
        free += math.lgamma(prior + counts[c]) - math.lgamma(prior)
        out[c] = np.log(sided * overall[c]) + base + sides[c]
    out[categories] = np.log(1.0 - sided) + free
    top = out[: categories + 1].max()
    total = 0.0
    for c in range(categories + 1):
        out[c] = np.exp(out[c] - top)
        total += out[c]
    for c in range(categories + 1):
        out[c] /= total


@compiled
def _weigh_votes(
    post: Any,
    counts: Any,
    overall: Any,
    strength: float,
    chance: float,
    by_others: Any,
    by_own: Any,
) -> None:
    """Write how likely each vote (1 to K) is in one bloc at one roll call, from its posterior.

    For others ``by_others`` (5, 2): what does not depend on habit, and what is multiplied by it.
    For the bloc's own members ``by_own`` (5, 3): the posterior of the vote's side, of other sides,
    and of a free vote over its likelihood; their harmonic mean leaves the member's own vote out.
    """
    categories = counts.size
    cast, free = counts.sum() + strength, post[categories]
    for c in range(categories):
        count, prior = counts[c], strength * overall[c]
        by_others[c + 1, 0] = (1.0 - chance) * post[c] + free * (count + prior) / cast
        by_others[c + 1, 1] = chance * (1.0 - free)
        by_own[c + 1, 0], by_own[c + 1, 1] = post[c], max(1.0 - post[c] - free, 0.0)
        by_own[c + 1, 2] = free * (cast - 1.0) / (max(count - 1.0, 0.0) + prior)


@compiled
def _multiply_others(row: Any, habit: Any, by_others: Any, into: Any) -> None:
    """Multiply ``into`` (m,) by the likelihood of each member's vote, were it to come to a bloc.

    Four votes at most, written out, since a choice among few numbers is faster than a look-up.
    """
    a1, a2, a3, a4 = by_others[1, 0], by_others[2, 0], by_others[3, 0], by_others[4, 0]
    slope = by_others[1, 1]
    for i in range(row.size):
        vote = row[i]
        low, high = a1 if vote == 1 else a2, a3 if vote == 3 else a4
        x = (low if vote <= 2 else high) + slope * habit[i]
        into[i] *= x if vote > 0 else 1.0


@compiled
def _multiply_own(
    row: Any, mine: Any, wanted: Any, habit: Any, chance: float, by_own: Any, into: Any
) -> None:
    """Multiply ``into`` (m,) by the likelihood of each member's vote by the others of its bloc."""
    for i in range(row.size):
        if row[i] > 0 and wanted[mine[i]]:
            astray, weigh = chance * habit[i], by_own[mine[i], row[i]]
            into[i] /= weigh[0] / (1.0 - chance + astray) + weigh[1] / astray + weigh[2]


@compiled
def _add_logs(product: Any, weight: float, into: Any) -> None:
    """Add the weighted logarithms of ``product`` to ``into``, and begin it again."""
    for b in range(product.shape[0]):
        for i in range(product.shape[1]):
            into[b, i] += weight * np.log(product[b, i])
            product[b, i] = 1.0


@compiled
def _count_following(
    row: Any, mine: Any, wanted: Any, habit: Any, chance: float, post: Any, weight: float, sums: Any
) -> None:
    """Add to ``sums`` the weight of votes by a side, and of votes where there is one."""
    for i in range(row.size):
        if row[i] > 0 and wanted[mine[i]]:
            side = post[mine[i], row[i] - 1]
            sums[0] += weight * side * (1.0 - chance) / (1.0 - chance + chance * habit[i])
            sums[1] += weight * (1.0 - post[mine[i], -1])


@compiled
def _fit(
    votes: Any, weights: Any, order: Any, mine: Any, wanted: Any, habits: Any, habit: Any,
    overall: Any, strength: float, state: Any, fits: Any,
) -> None:  # fmt: skip
    """Log-likelihood ``fits`` (blocs + 1, m) of each member's votes in each wanted bloc.

    Row 0 is by the shares of all members. ``state`` holds the share of votes by chance and of
    roll calls with a side, and receives their next estimates (expectation maximisation).
    """
    blocs, m, categories = wanted.size, votes.shape[1], overall.shape[1]
    chance, sided = state[0], state[1]
    counts, base, sides = (
        np.empty((blocs, categories)),
        np.empty(blocs),
        np.empty((blocs, categories)),
    )
    post, by_others, by_own = (
        np.zeros((blocs, categories + 1)),
        np.zeros((5, 2)),
        np.zeros((blocs, 5, 3)),
    )
    low = np.log(chance * habits)
    up = np.log(1.0 + (1.0 - chance) / (chance * habits))
    product, sums, places = np.ones((blocs + 1, m)), np.zeros(2), np.zeros(2)
    logs = np.zeros((blocs + 1, m))  # the last row: each member in its own bloc
    together, last = 0, 0.0
    for j in order:
        weight, row = weights[j], votes[j]
        if weight == 0.0:
            continue
        if together == TOGETHER or weight != last:
            _add_logs(product, last, logs)
            together, last = 0, weight
        together += 1
        _sum_blocs(row, mine, low, up, counts, base, sides)
        for i in range(m):
            if row[i] > 0:
                product[0, i] *= overall[j, row[i] - 1]
        for b in range(1, blocs):
            if wanted[b]:
                _judge(counts[b], base[b], sides[b], overall[j], strength, sided, post[b])
                _weigh_votes(post[b], counts[b], overall[j], strength, chance, by_others, by_own[b])
                _multiply_others(row, habit[j], by_others, product[b])
                places[0] += weight * (1.0 - post[b, -1])
                places[1] += weight
        _multiply_own(row, mine, wanted, habit[j], chance, by_own, product[blocs])
        _count_following(row, mine, wanted, habit[j], chance, post, weight, sums)
    _add_logs(product, last, logs)
    fits[:] = logs[:blocs]
    for i in range(m):
        if wanted[mine[i]]:
            fits[mine[i], i] = logs[blocs, i]
    state[2] = 1.0 - sums[0] / max(sums[1], TINY)
    state[3] = places[0] / max(places[1], TINY)


@compiled
def _move(fits: Any, mine: Any, is_main: Any, join: bool) -> bool:
    """Send each member of a main bloc to the likeliest; others too if they ``join`` and it fits."""
    moved = False
    for i in range(mine.size):
        if not is_main[mine[i]] and not join:
            continue
        best, most = mine[i], -np.inf
        if not is_main[mine[i]]:
            most = fits[0, i]
        for b in range(1, is_main.size):
            if is_main[b] and fits[b, i] > most + 1e-9:
                best, most = b, fits[b, i]
        moved |= best != mine[i]
        mine[i] = best
    return moved


@compiled
def _step(estimates: Any, steps: Any, moved: bool) -> float:
    """Take the next estimates, every third time far along the last two steps; return the change.

    Squared extrapolation (Varadhan and Roland 2008), begun again whenever a member has moved.
    ``steps`` keeps in its first row how many steps there were, then the last two.
    """
    step = np.minimum(np.maximum(estimates[2:], LEAST), MOST) - estimates[:2]
    estimates[:2] += step
    steps[0, 0] = 0.0 if moved else steps[0, 0] + 1.0
    if steps[0, 0] == 3.0:
        bend = np.sqrt(((step - steps[2]) ** 2).sum())
        far = np.sqrt((steps[2] ** 2).sum()) / max(bend, TINY)
        if far > 1.0:
            far = min(far, FAR)
            ahead = estimates[:2] - step - steps[2]
            ahead = ahead + 2.0 * far * steps[2] + far**2 * (step - steps[2])
            estimates[:2] = np.minimum(np.maximum(ahead, LEAST), MOST)
        steps[0, 0] = 0.0
    steps[2] = step
    return np.abs(step).max()


@compiled
def place(
    votes: Any, weights: Any, labels: Any, habits: Any, overall: Any, strength: float, main: int,
    rounds: int, state: Any, learn: bool, join: bool,
) -> Any:  # fmt: skip
    """Move members between main blocs until each is where its votes are likeliest.

    ``votes`` (n, m) from 0 missing; ``weights`` of roll calls (replicates, n); ``labels``
    (replicates, m; 0 isolate) are changed; ``habits`` (m, K) shares of each vote in the other
    votes of a member; ``overall`` (n, K) in the votes of a roll call. ``state`` (2,): share of
    votes by chance and of roll calls with a side, estimated on the way where ``learn``. Returns
    the log-likelihood (replicates, m) of each member where it is.
    """
    n, m = votes.shape
    habit = np.zeros((n, m))
    for j in range(n):
        for i in range(m):
            if votes[j, i] > 0:
                habit[j, i] = habits[i, votes[j, i] - 1]
    result = np.zeros(labels.shape)
    estimates, steps = np.array([state[0], state[1], 0.0, 0.0]), np.zeros((3, 2))
    for r in range(labels.shape[0]):
        mine, order = labels[r], np.argsort(weights[r])
        is_main = np.zeros(mine.max() + 1, np.bool_)
        fits = np.zeros((is_main.size, m))
        for _ in range(rounds):
            for b in range(1, is_main.size):
                is_main[b] = (mine == b).sum() >= main
            _fit(
                votes, weights[r], order, mine, is_main, habits, habit, overall, strength,
                estimates, fits,
            )  # fmt: skip
            moved = is_main.sum() > 1 and _move(fits, mine, is_main, join)
            change = _step(estimates, steps, moved) if learn else 0.0
            if not moved and change < STILL:
                break
        for i in range(m):
            result[r, i] = fits[mine[i], i] if is_main[mine[i]] else fits[0, i]
    state[:] = estimates[:2]
    return result


@compiled
def _trade(row: Any, other: Any, a: int, b: int, who: Any, rng: Any) -> None:
    """Deal out anew which members have a on one roll call and b on the other, and which b and a."""
    count, first = 0, 0
    for i in range(row.size):
        if (row[i] == a and other[i] == b) or (row[i] == b and other[i] == a):
            who[count] = i
            count += 1
            first += row[i] == a
    for place in range(count):
        pick = place + int(rng.random() * (count - place))
        who[place], who[pick] = who[pick], who[place]
        i = who[place]
        row[i], other[i] = (a, b) if place < first else (b, a)


@compiled
def shuffle_votes(votes: Any, categories: int, rounds: int, rng: Any) -> Any:
    """Shuffle ``votes`` (n, m), keeping how often each member and each roll call has each vote.

    Pairs of roll calls trade votes (Strona and others 2014, for each pair of categories), every
    roll call ``rounds`` times on average. Who did not vote stays where it is.
    """
    n, m = votes.shape
    out, who = votes.copy(), np.empty(m, np.int64)
    for _ in range(rounds * n // 2):
        j = int(rng.random() * n)
        other = (j + 1 + int(rng.random() * (n - 1))) % n
        for a in range(1, categories + 1):
            for b in range(a + 1, categories + 1):
                _trade(out[j], out[other], a, b, who, rng)
    return out
