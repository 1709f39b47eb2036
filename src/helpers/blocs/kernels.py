"""Compiled loops of the bloc stage: agglomeration, consensus, silhouette, k-medoids.

Everything that calls each other is in this one file, because a numba cache does not see a change
in another one. Import it inside functions only: it loads numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from helpers.compiled import compiled

AVERAGE, COMPLETE, WARD = 0, 1, 2
"""Codes of the Lance-Williams rules that `cut_many` knows."""


def reassociated(function: Callable[..., Any]) -> Any:
    """Compile as `compiled` does, and let sums and minima be taken in any order (vectorised)."""
    fast = {"nnan", "nsz", "reassoc"}
    try:
        return njit(cache=True, nogil=True, fastmath=fast)(function)
    except RuntimeError:
        return njit(nogil=True, fastmath=fast)(function)


@reassociated
def _nearest(row: Any, n: int, here: int, prefer: int) -> int:
    """Slot nearest to ``here`` among the first ``n``; ``prefer`` wins a tie (ends the chain)."""
    row[here] = np.inf
    least = row[0]
    for j in range(1, n):
        least = min(least, row[j])
    if prefer >= 0 and row[prefer] == least:
        return prefer
    for j in range(n):
        if row[j] == least:
            return j
    return 0


@compiled
def _merge_rows(d: Any, size: Any, n: int, x: int, y: int, rule: int) -> None:
    """Write the distances of the union of slots ``x`` and ``y`` into row and column ``x``."""
    a, b = size[x], size[y]
    share_a, share_b, between = a / (a + b), b / (a + b), d[x, y]
    if rule == AVERAGE:
        for j in range(n):
            d[x, j] = share_a * d[x, j] + share_b * d[y, j]
    elif rule == COMPLETE:
        for j in range(n):
            d[x, j] = max(d[x, j], d[y, j])
    else:
        for j in range(n):
            c = size[j]
            d[x, j] = ((a + c) * d[x, j] + (b + c) * d[y, j] - c * between) / (a + b + c)
    for j in range(n):
        d[j, x] = d[x, j]
    size[x] = a + b


@compiled
def _close_gap(d: Any, size: Any, member: Any, last: int, y: int) -> None:
    """Move slot ``last`` into the free slot ``y``, so that live slots stay the first ones."""
    if last == y:
        return
    for j in range(last):
        d[y, j] = d[last, j]
    for j in range(last):
        d[j, y] = d[y, j]
    size[y] = size[last]
    member[y] = member[last]


@compiled
def _chain(d: Any, rule: int, pairs: Any, heights: Any, size: Any, member: Any, chain: Any) -> None:
    """Nearest-neighbour chain: fill ``pairs`` (one member of each side) and ``heights``."""
    m = d.shape[0]
    for i in range(m):
        size[i] = 1.0
        member[i] = i
    n, top = m, 0
    for step in range(m - 1):
        if top == 0:
            chain[0] = 0
            top = 1
        while True:
            x = chain[top - 1]
            before = chain[top - 2] if top > 1 else -1
            y = _nearest(d[x], n, x, before)
            if y == before:
                break
            chain[top] = y
            top += 1
        top -= 2
        x, y = min(x, y), max(x, y)
        pairs[step, 0], pairs[step, 1], heights[step] = member[x], member[y], d[x, y]
        _merge_rows(d, size, n, x, y, rule)
        n -= 1
        _close_gap(d, size, member, n, y)
        for i in range(top):
            if chain[i] == n:
                chain[i] = y


@compiled
def _root(parent: Any, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@compiled
def _cut(pairs: Any, heights: Any, labels: Any, parent: Any, late: Any) -> None:
    """Fill ``labels[k - 1]`` for k = 1..len(labels), clusters numbered from 1 by first member."""
    k_max, m = labels.shape
    order = np.empty(k_max - 1, np.int64)
    late[:] = False
    for rank in range(k_max - 2, -1, -1):
        top = -1
        for s in range(m - 1):
            if not late[s] and (top < 0 or heights[s] >= heights[top]):
                top = s
        late[top] = True
        order[rank] = top
    for i in range(m):
        parent[i] = i
    for s in range(m - 1):
        if not late[s]:
            a, b = _root(parent, pairs[s, 0]), _root(parent, pairs[s, 1])
            parent[max(a, b)] = min(a, b)
    found = 1
    for i in range(m):
        r = _root(parent, i)
        if r == i:
            labels[k_max - 1, i] = found
            found += 1
        else:
            labels[k_max - 1, i] = labels[k_max - 1, r]
    for rank in range(k_max - 1):
        finer, coarser = labels[k_max - 1 - rank], labels[k_max - 2 - rank]
        one, other = finer[pairs[order[rank], 0]], finer[pairs[order[rank], 1]]
        keep, gone = min(one, other), max(one, other)
        for i in range(m):
            c = finer[i]
            coarser[i] = keep if c == gone else (c - 1 if c > gone else c)


@compiled
def cut_many(stack: Any, rule: int, k_max: int) -> Any:
    """Labels (n, k_max, m) from 1: similarities (n, m, m) cut into 1..k_max clusters."""
    n, m = stack.shape[0], stack.shape[1]
    out = np.empty((n, k_max, m), np.uint8)
    d = np.empty((m, m), stack.dtype)
    pairs = np.empty((m - 1, 2), np.int32)
    heights = np.empty(m - 1, stack.dtype)
    size, member = np.empty(m, stack.dtype), np.empty(m, np.int32)
    chain, parent, late = np.empty(m + 1, np.int32), np.empty(m, np.int32), np.empty(m, np.bool_)
    for r in range(n):
        for i in range(m):
            for j in range(m):
                d[i, j] = 1.0 - stack[r, i, j]
        _chain(d, rule, pairs, heights, size, member, chain)
        _cut(pairs, heights, out[r], parent, late)
    return out


@compiled
def count_together(labels: Any) -> Any:
    """How often each two members share a bloc: labels (n, k, m) to counts (k, m, m).

    Label 0 is an isolate and shares a bloc with no one, itself included.
    """
    n, ks, m = labels.shape
    counts = np.zeros((ks, m, m), np.int32)
    few = np.zeros((m, m), np.uint8)
    for k in range(ks):
        for start in range(0, n, 255):
            few[:] = 0
            for r in range(start, min(start + 255, n)):
                row = labels[r, k]
                for i in range(m):
                    mine = row[i]
                    if mine == 0:
                        continue
                    for j in range(m):
                        few[i, j] += np.uint8(row[j] == mine)
            for i in range(m):
                for j in range(m):
                    counts[k, i, j] += few[i, j]
    return counts


@compiled
def silhouettes(distances: Any, labels: Any) -> Any:
    """Mean silhouette of each row of ``labels`` (ks, m; 0 isolate, blocs from 1).

    An isolate counts as 0, and so does a whole row with fewer than two blocs.
    """
    ks, m = labels.shape
    out = np.zeros(ks)
    for k in range(ks):
        size = np.zeros(labels[k].max() + 1, np.int64)
        for i in range(m):
            size[labels[k, i]] += 1
        if size.size < 3:
            continue
        total = np.empty(size.size)
        for i in range(m):
            mine = labels[k, i]
            if mine == 0:
                continue
            total[:] = 0.0
            for j in range(m):
                if j != i:
                    total[labels[k, j]] += distances[i, j]
            inside, outside = total[mine] / (size[mine] - 1), np.inf
            for c in range(1, size.size):
                if c != mine:
                    outside = min(outside, total[c] / size[c])
            most = max(inside, outside)
            if most > 0.0:
                out[k] += (outside - inside) / most
        out[k] /= m
    return out


@compiled
def rand_indices(labels: Any, reference: Any) -> Any:
    """Measure the adjusted Rand index of each row of ``labels`` with ``reference``."""
    n, m = labels.shape
    out = np.empty(n)
    pairs = m * (m - 1) / 2.0
    for r in range(n):
        cells = np.zeros((labels[r].max() + 1, reference.max() + 1))
        for i in range(m):
            cells[labels[r, i], reference[i]] += 1.0
        mine = theirs = both = 0.0
        for a in range(1, cells.shape[0]):
            s = cells[a].sum()
            mine += s * (s - 1) / 2
        for b in range(1, cells.shape[1]):
            s = cells[:, b].sum()
            theirs += s * (s - 1) / 2
            for a in range(1, cells.shape[0]):
                both += cells[a, b] * (cells[a, b] - 1) / 2
        chance, most = mine * theirs / pairs, (mine + theirs) / 2
        out[r] = 1.0 if most == chance else (both - chance) / (most - chance)
    return out


@compiled
def _two_nearest(d: Any, medoids: Any, near: Any, first: Any, second: Any) -> None:
    """For every member, its nearest medoid and the distances to the nearest two."""
    for o in range(d.shape[0]):
        first[o] = second[o] = np.inf
        for i in range(medoids.size):
            x = d[o, medoids[i]]
            if x < first[o]:
                second[o], first[o], near[o] = first[o], x, i
            elif x < second[o]:
                second[o] = x


@compiled
def _build_medoids(d: Any, k: int) -> Any:
    """Greedy start: each new medoid is the one that lowers the total distance most."""
    m = d.shape[0]
    medoids, first = np.empty(k, np.int64), np.full(m, np.inf)
    for i in range(k):
        best, least = -1, np.inf
        for c in range(m):
            total = 0.0
            for o in range(m):
                total += min(first[o], d[o, c])
            if total < least:
                best, least = c, total
        medoids[i] = best
        for o in range(m):
            first[o] = min(first[o], d[o, best])
    return medoids


@compiled
def _best_swap(d: Any, x: int, near: Any, first: Any, second: Any, change: Any) -> float:
    """Change of the total if ``x`` became a medoid, apart from ``change[i]`` for losing i."""
    shared = 0.0
    for o in range(d.shape[0]):
        here = d[o, x]
        if here < first[o]:
            shared += here - first[o]
            change[near[o]] += first[o] - second[o]
        elif here < second[o]:
            change[near[o]] += here - second[o]
    return shared


@compiled
def cluster_medoids(d: Any, k: int) -> tuple[Any, Any]:
    """Partition round ``k`` medoids with eager swaps (FasterPAM); labels from 0, and medoids."""
    m = d.shape[0]
    medoids = _build_medoids(d, k)
    near, first, second = np.zeros(m, np.int64), np.empty(m), np.empty(m)
    _two_nearest(d, medoids, near, first, second)
    change, since, x = np.empty(k), 0, 0
    while since < m and k > 1:
        change[:] = 0.0
        for o in range(m):
            change[near[o]] += second[o] - first[o]
        gain = _best_swap(d, x, near, first, second, change)
        i = int(np.argmin(change))
        since += 1
        if first[x] > 0.0 and gain + change[i] < -1e-9:
            medoids[i] = x
            _two_nearest(d, medoids, near, first, second)
            since = 0
        x = (x + 1) % m
    return near, medoids


@compiled
def _number_blocs(labels: Any, isolate: int) -> int:
    """Renumber ``labels`` in place by size: blocs from 1, those of ``isolate`` or fewer 0."""
    m = labels.size
    size = np.zeros(labels.max() + 2, np.int64)
    for i in range(m):
        if labels[i] >= 0:
            size[labels[i]] += 1
    rank, found = np.zeros(size.size, np.int64), 0
    while True:
        top = int(np.argmax(size))
        if size[top] <= isolate:
            break
        found += 1
        rank[top] = found
        size[top] = 0
    for i in range(m):
        labels[i] = rank[labels[i]] if labels[i] >= 0 else 0
    return found


@compiled
def _sum_to_blocs(d: Any, labels: Any, sums: Any, size: Any) -> None:
    """Sum of distances (blocs + 1, m) from each bloc to each member, and the blocs' sizes."""
    sums[:], size[:] = 0.0, 0.0
    for j in range(labels.size):
        size[labels[j]] += 1.0
        into = sums[labels[j]]
        for i in range(labels.size):
            into[i] += d[j, i]


@compiled
def _mean_to_blocs(sums: Any, size: Any, labels: Any, to: Any, spread: Any) -> None:
    """Mean distance (blocs + 1, m) of each member to the others of each bloc, and within each."""
    spread[:] = 0.0
    for b in range(1, size.size):
        for i in range(labels.size):
            if labels[i] != b:
                to[b, i] = sums[b, i] / size[b] if size[b] > 0.0 else np.inf
            else:
                to[b, i] = sums[b, i] / (size[b] - 1.0) if size[b] > 1.0 else np.inf
                spread[b] += to[b, i] / size[b]


@compiled
def _quantile(ordered: Any, share: float) -> float:
    """Quantile of ordered values, linear between neighbours (numpy's compiles for seconds)."""
    place = share * (ordered.size - 1)
    below = int(place)
    above = min(below + 1, ordered.size - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@compiled
def _find_reach(to: Any, labels: Any, size: Any, reach: Any) -> None:
    """How far a bloc's own members are from it at most, by Tukey's rule for outliers."""
    reach[0] = -np.inf
    for b in range(1, size.size):
        reach[b] = -np.inf
        if size[b] > 0.0:
            own, count = np.empty(int(size[b])), 0
            for i in range(labels.size):
                if labels[i] == b:  # into its place among those before
                    place, count = count, count + 1
                    while place > 0 and own[place - 1] > to[b, i]:
                        own[place] = own[place - 1]
                        place -= 1
                    own[place] = to[b, i]
            low, high = _quantile(own, 0.25), _quantile(own, 0.75)
            reach[b] = high + 1.5 * (high - low)


@compiled
def _move_members(d: Any, mine: Any, sums: Any, size: Any, work: Any, main: int) -> bool:
    """Send members of main blocs, and fitting isolates, to the nearest main bloc."""
    blocs, m = size.size - 1, mine.size
    to, spread, reach = work[: blocs + 1], work[-2, : blocs + 1], work[-1, : blocs + 1]
    _mean_to_blocs(sums, size, mine, to, spread)
    if size[0] > 0.0:
        _find_reach(to, mine, size, reach)
    open_to = size >= main
    new = mine.copy()
    for i in range(m):
        if mine[i] > 0 and not open_to[mine[i]]:
            continue
        best, least = 0, np.inf
        for b in range(1, blocs + 1):
            if open_to[b] and to[b, i] - spread[b] / 2 < least:
                best, least = b, to[b, i] - spread[b] / 2
        if mine[i] > 0 or to[best, i] <= reach[best]:
            new[i] = best
    moved = False
    for j in range(m):
        old, b = mine[j], new[j]
        if old != b:
            mine[j], moved = b, True
            size[old] -= 1.0
            size[b] += 1.0
            for i in range(m):
                sums[old, i] -= d[j, i]
                sums[b, i] += d[j, i]
    return moved


@compiled
def settle(distances: Any, labels: Any, isolate: int, main: int, rounds: int) -> Any:
    """Turn clusters (ks, m; from 0, -1 noise) into settled blocs (ks, m; from 1, 0 isolate).

    Clusters of ``isolate`` members or fewer are isolates. Then every member of a main bloc (one of
    ``main`` members or more) goes to the main bloc whose centre is nearest (mean distance to its
    members, less half the mean distance among them), and an isolate joins the nearest one if it
    is no outlier of it; at most ``rounds`` times over. Blocs are numbered by size.
    """
    ks, m = labels.shape
    out = np.empty((ks, m), np.uint8)
    for k in range(ks):
        mine = labels[k].astype(np.int64)
        blocs = _number_blocs(mine, isolate)
        sums, size = np.empty((blocs + 1, m)), np.empty(blocs + 1)
        work = np.empty((blocs + 3, max(m, blocs + 1)))
        _sum_to_blocs(distances, mine, sums, size)
        for _ in range(rounds):
            if (size[1:] >= main).sum() < 2:
                break
            if not _move_members(distances, mine, sums, size, work, main):
                break
        _number_blocs(mine, isolate)
        for i in range(m):
            out[k, i] = mine[i]
    return out


@compiled
def number_all(labels: Any, isolate: int) -> Any:
    """Renumber the blocs of each row (replicates, m) by size; small ones become 0."""
    out = labels.copy()
    for r in range(out.shape[0]):
        for i in range(out.shape[1]):
            if out[r, i] == 0:
                out[r, i] = -1
        _number_blocs(out[r], isolate)
    return out
