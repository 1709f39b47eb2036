"""Every compiled kernel of the similarity layer, in this one file.

A compiled cache does not notice a change in another file, so no kernel here calls one elsewhere.
Only `helpers.similarity` imports this module, inside functions: ``import helpers`` stays light.

Votes are codes 0 (missing) to K. Roll calls are laid out in words of 64 bits, each word holding
roll calls of one weight only (``positions`` gives the roll call of each bit, -1 where it is
padding), so that counting is ``popcount(a & b)`` and weighting is one product a class of weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from helpers.compiled import compiled

TINY = 1e-9  # below it a sum of weights is 0, whatever rounding left
LAST = np.int32(2**31 - 1)  # the key of what is no number
WIDTH = 1024  # replicates worked on at once: their counts stay in a core's cache


@intrinsic
def popcount(_context: Any, _word: Any) -> Any:
    """Return the number of bits set in a 64-bit word."""

    def generate(_ctx: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), generate


@intrinsic
def lowest_bit(_context: Any, _word: Any) -> Any:
    """Return the position of the lowest bit set in a 64-bit word that is not 0."""

    def generate(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), generate


@compiled
def pack_votes(votes, positions, categories):  # type: ignore[no-untyped-def]
    """Bits of who cast what: uint64 (words, categories, members), from int8 (roll calls, members).

    Category 0 is missing; padding is in no category.
    """
    n_words, n_members = positions.size // 64, votes.shape[1]
    words = np.zeros((n_words, categories, n_members), np.uint64)
    for w in range(n_words):
        for bit in range(64):
            row = positions[64 * w + bit]
            if row < 0:
                continue
            for k in range(categories):
                for j in range(n_members):
                    words[w, k, j] |= np.uint64(votes[row, j] == k) << np.uint64(bit)
    return words


@compiled
def count_dyads(bits, class_ends, class_weights, out):  # type: ignore[no-untyped-def]
    """Add to ``out`` (members, members, K, K) the weight of roll calls: i cast k and j cast l.

    ``bits`` are those of categories 1 to K; ``class_ends`` the last word, exclusive, of each
    class of weights. With integer weights the counts are exact. Three cells are counted in one
    pass over the words (the last category again where K is no multiple of three).
    """
    n_members, categories, _ = bits.shape
    first = 0
    for group in range(class_ends.size):
        weight, last = class_weights[group], class_ends[group]
        words = np.ascontiguousarray(bits[:, :, first:last])
        for i in range(n_members):
            for j in range(i, n_members):
                for k in range(categories):
                    a = words[i, k]
                    for m in range(0, categories, 3):
                        n, o = min(m + 1, categories - 1), min(m + 2, categories - 1)
                        b, c, d = words[j, m], words[j, n], words[j, o]
                        with_b, with_c, with_d = np.uint64(0), np.uint64(0), np.uint64(0)
                        for w in range(a.size):
                            with_b += popcount(a[w] & b[w])
                            with_c += popcount(a[w] & c[w])
                            with_d += popcount(a[w] & d[w])
                        out[i, j, k, m] += weight * out.dtype.type(with_b)
                        if n > m:
                            out[i, j, k, n] += weight * out.dtype.type(with_c)
                        if o > n:
                            out[i, j, k, o] += weight * out.dtype.type(with_d)
        first = last
    for i in range(n_members):
        for j in range(i):
            for k in range(categories):
                for m in range(categories):
                    out[i, j, k, m] = out[j, i, m, k]


@compiled
def add_rows(draws, rows, first, last, weight, group, narrow, out):  # type: ignore[no-untyped-def]
    """Add ``weight`` times the sum of rows of ``draws`` (uint8) to ``out``, exactly.

    Up to ``group`` rows are added as bytes in ``narrow`` (their sum cannot pass 255).
    """
    while first < last:
        end = min(last, first + group)
        narrow.fill(0)
        while first + 3 < end:
            a, b, c, d = rows[first], rows[first + 1], rows[first + 2], rows[first + 3]
            for r in range(narrow.size):
                narrow[r] = np.uint8(
                    narrow[r] + draws[a, r] + draws[b, r] + draws[c, r] + draws[d, r]
                )
            first += 4
        while first < end:
            a = rows[first]
            for r in range(narrow.size):
                narrow[r] = np.uint8(narrow[r] + draws[a, r])
            first += 1
        for r in range(narrow.size):
            out[r] += weight * narrow[r]


@compiled
def list_bits(a, b, first_word, last_word, rows, count):  # type: ignore[no-untyped-def]
    """Append the positions of the bits set in both ``a`` and ``b`` to ``rows``; the new count."""
    for w in range(first_word, last_word):
        word = a[w] & b[w]
        while word != np.uint64(0):
            rows[count] = np.int64(64 * w) + np.int64(lowest_bit(word))
            count += 1
            word &= word - np.uint64(1)
    return count


@compiled
def sum_members(bits, draws, class_ends, class_weights, group):  # type: ignore[no-untyped-def]
    """Weight of each member's votes by category in each replicate, in the type of the weights.

    ``draws`` is uint8 (chunks, positions, width), the sums (chunks, members, categories, width).
    """
    n_members, categories, _ = bits.shape
    chunks, _, width = draws.shape
    out = np.zeros((chunks, n_members, categories, width), class_weights.dtype)
    rows = np.empty(draws.shape[1], np.int64)
    narrow = np.empty(width, np.uint8)
    for i in range(n_members):
        for k in range(categories):
            first_word = 0
            for c in range(class_ends.size):
                n = list_bits(bits[i, k], bits[i, k], first_word, class_ends[c], rows, 0)
                for chunk in range(chunks):
                    add_rows(
                        draws[chunk], rows, 0, n, class_weights[c], group, narrow, out[chunk, i, k]
                    )
                first_word = class_ends[c]
    return out


@compiled
def derive_cells(cells, of_i, of_j, common_i, common_j):  # type: ignore[no-untyped-def]
    """Fill the row ``common_i`` and the column ``common_j`` of ``cells`` from the margins."""
    categories, i, j = cells.shape[0], common_i, common_j
    for m in range(categories):
        if m != j:
            for start in range(0, categories - 1, 3):
                k, n, o = skip(start, i), skip(start + 1, i), skip(start + 2, i)
                base = of_j[m] if start == 0 else cells[i, m]
                if o < categories:
                    subtract_three(base, cells[k, m], cells[n, m], cells[o, m], cells[i, m])
                else:
                    subtract_one(base, cells[k, m], cells[i, m])
    for k in range(1, categories):
        for start in range(0, categories - 1, 3):
            m, n, o = skip(start, j), skip(start + 1, j), skip(start + 2, j)
            base = of_i[k] if start == 0 else cells[k, j]
            if o < categories:
                subtract_three(base, cells[k, m], cells[k, n], cells[k, o], cells[k, j])
            else:
                subtract_one(base, cells[k, m], cells[k, j])


@compiled
def skip(place, left_out):  # type: ignore[no-untyped-def]
    """Return the category at a place among all but one."""
    return place + (place >= left_out)


@compiled
def subtract_one(base, a, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with ``base`` less another line."""
    for r in range(out.size):
        out[r] = base[r] - a[r]


@compiled
def subtract_three(base, a, b, c, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with ``base`` less three lines."""
    for r in range(out.size):
        out[r] = base[r] - a[r] - b[r] - c[r]


@compiled
def share_three(cells, middle, near, factor, least, wanted, sums, out):  # type: ignore[no-untyped-def]
    """Evaluate a share of three categories: see `evaluate`; ``middle`` is whether 2 counts."""
    c, s, w, counted = cells.reshape(cells.size), sums.reshape(sums.size), WIDTH, np.int64(middle)
    for r in range(w):
        beside = counted * (c[6 * w + r] + c[9 * w + r] + c[11 * w + r] + c[14 * w + r])
        apart = c[7 * w + r] + c[13 * w + r]
        s[r] = c[5 * w + r] + c[15 * w + r] + apart + beside + counted * c[10 * w + r]
        s[w + r], s[2 * w + r] = beside, apart
    if wanted:
        for r in range(w):
            observed = near * s[w + r] + s[2 * w + r]
            out[r] = 1.0 - factor * observed / s[r] if s[r] >= least else np.nan
    return count_below(sums[0], least)


@compiled
def pool_three(cells, near, far, less, extra, scale, least, sums, out):  # type: ignore[no-untyped-def]
    """Evaluate pi (``less`` 0) or alpha (1) of three categories: see `evaluate`.

    Only who is unlike whom matters, not which of the two cast what.
    """
    c, s, w = cells.reshape(cells.size), sums.reshape(sums.size), WIDTH
    e = extra.reshape(extra.size)
    for r in range(w):
        x01, x02 = c[6 * w + r] + c[9 * w + r], c[7 * w + r] + c[13 * w + r]
        x12 = c[11 * w + r] + c[14 * w + r]
        s[r] = c[5 * w + r] + c[5 * w + r] + x01 + x02
        s[w + r] = c[10 * w + r] + c[10 * w + r] + x01 + x12
        s[2 * w + r] = c[15 * w + r] + c[15 * w + r] + x02 + x12
        s[3 * w + r], s[4 * w + r] = x01 + x12, x02
    for r in range(w):
        p0, p1 = s[r] + scale * e[r], s[w + r] + scale * e[w + r]
        p2 = s[2 * w + r] + scale * e[2 * w + r]
        beside = s[3 * w + r] + scale * e[3 * w + r]
        apart = s[4 * w + r] + scale * e[4 * w + r]
        n2 = p0 + p1 + p2
        expected = near * p1 * (p0 + p2) + far * p0 * p2
        value = 1.0 - (n2 - less) * (near * beside + far * apart) / expected
        out[r] = value if expected > 0.125 * TINY * n2 * n2 else np.nan
    return count_uniform(sums, least)


@compiled
def correct_three(cells, near, far, extra, scale, least, sums, out):  # type: ignore[no-untyped-def]
    """Evaluate kappa of three categories: see `evaluate`."""
    c, s, w = cells.reshape(cells.size), sums.reshape(sums.size), WIDTH
    e = extra.reshape(extra.size)
    for r in range(w):
        x00, x01, x02 = c[5 * w + r], c[6 * w + r], c[7 * w + r]
        x10, x11, x12 = c[9 * w + r], c[10 * w + r], c[11 * w + r]
        x20, x21, x22 = c[13 * w + r], c[14 * w + r], c[15 * w + r]
        s[5 * w + r], s[6 * w + r], s[7 * w + r] = x00 + x01 + x02, x10 + x11 + x12, x20 + x21 + x22
        s[8 * w + r], s[9 * w + r] = x00 + x10 + x20, x01 + x11 + x21
        s[10 * w + r] = x02 + x12 + x22
        s[3 * w + r], s[4 * w + r] = x01 + x10 + x12 + x21, x02 + x20
    for r in range(3 * w):
        s[r] = s[5 * w + r] + s[8 * w + r]
    for r in range(w):
        i0, i1 = s[5 * w + r] + scale * e[5 * w + r], s[6 * w + r] + scale * e[6 * w + r]
        i2, j0 = s[7 * w + r] + scale * e[7 * w + r], s[8 * w + r] + scale * e[8 * w + r]
        j1, j2 = s[9 * w + r] + scale * e[9 * w + r], s[10 * w + r] + scale * e[10 * w + r]
        beside = s[3 * w + r] + scale * e[3 * w + r]
        apart = s[4 * w + r] + scale * e[4 * w + r]
        n = i0 + i1 + i2
        expected = near * (i1 * (j0 + j2) + (i0 + i2) * j1) + far * (i0 * j2 + i2 * j0)
        value = 1.0 - n * (near * beside + far * apart) / expected
        out[r] = value if expected > TINY * n * n else np.nan
    return count_uniform(sums, least)


@compiled
def count_uniform(sums, least):  # type: ignore[no-untyped-def]
    """Count the replicates in which all votes of both are one and the same, or none.

    The first three rows of ``sums`` are the pooled margins, of which two are then below ``least``.
    """
    s, w, count = sums.reshape(sums.size), WIDTH, np.int32(0)
    for r in range(w):
        p0, p1, p2 = s[r] < least, s[w + r] < least, s[2 * w + r] < least
        count = np.int32(count + np.int32((p0 & p1) | (p0 & p2) | (p1 & p2)))
    return np.int64(count)


@compiled
def share_any(cells, valid, distance, factor, work, out):  # type: ignore[no-untyped-def]
    """Evaluate a share of any number of categories and any distance: see `evaluate`."""
    categories, undefined = valid.shape[0], 0
    work.fill(0.0)
    shared, unlike = work[0], work[1]
    for k in range(categories):
        for m in range(categories):
            if valid[k, m]:
                cell = cells[k + 1, m + 1]
                for r in range(out.size):
                    shared[r] += cell[r]
                    unlike[r] += distance[k, m] * cell[r]
    for r in range(out.size):
        undefined += shared[r] < TINY
        out[r] = 1.0 - factor * unlike[r] / shared[r] if shared[r] >= TINY else np.nan
    return undefined


@compiled
def correct_nominal(  # type: ignore[no-untyped-def]
    cells, valid, chance, extra, scale, work, out,
):  # fmt: skip
    """Evaluate kappa, pi or alpha, all categories equally unlike: see `evaluate`."""
    categories, undefined = valid.shape[0], 0
    work.fill(0.0)
    shared, most, alike, expected = work[0], work[1], work[2], work[3]
    for k in range(categories):
        for m in range(categories):
            if not valid[k, m]:
                continue
            cell, more = cells[k + 1, m + 1], extra[k * categories + m]
            first, second = work[4 + k], work[4 + categories + m]
            for r in range(out.size):
                shared[r] += cell[r]
                first[r] += cell[r] + scale * more[r]
                second[r] += cell[r] + scale * more[r]
            if k == m:
                for r in range(out.size):
                    alike[r] += cell[r] + scale * more[r]
                    most[r] = max(most[r], float(cell[r]))
    for r in range(out.size):
        undefined += shared[r] - most[r] < TINY
    shared.fill(0.0)
    for k in range(categories):
        first, second = work[4 + k], work[4 + categories + k]
        for r in range(out.size):
            shared[r] += first[r]
            pooled = first[r] + second[r]
            expected[r] += first[r] * second[r] if chance == 1 else 0.25 * pooled * pooled
    for r in range(out.size):
        n, unlike = shared[r], shared[r] - alike[r]
        e = n * n - expected[r]
        less = 0.5 * (chance == 3)
        out[r] = 1.0 - (n - less) * unlike / e if e > TINY * n * n else np.nan
    return undefined


@compiled
def evaluate(  # type: ignore[no-untyped-def]
    cells, valid, distance, factor, chance, extra, scale, least, wanted, sums, work, out,
):  # fmt: skip
    """Fill ``out`` (R,) with one measure of joint counts; NaN where undefined.

    ``cells`` (K + 1, K + 1, R) has the counts, those of missing votes first. The measure is
    ``1 - factor * observed / expected`` over the cells that are ``valid``.
    ``scale`` times ``extra`` (see `dyads.lay_out_smoothing`) is added to the counts first.
    A count below ``least`` is none. ``sums`` (11, R), of the counts' type, and ``work``
    (2 K + 4, R) are scratch space. Returns how many would be undefined without the addition; where
    values are not ``wanted`` a share may return that only. Three categories have code of their
    own, unrolled: first whole numbers are added up, then divided.
    """
    near, far = distance[0, 1], distance[0, 2]
    if valid.shape[0] != 3 and chance == 0:
        return share_any(cells, valid, distance, factor, work, out)
    if valid.shape[0] != 3:
        return correct_nominal(cells, valid, chance, extra, scale, work, out)
    if chance == 0:
        return share_three(cells, valid[1, 1], near, factor, least, wanted, sums, out)
    if chance == 1:
        return correct_three(cells, near, far, extra, scale, least, sums, out)
    return pool_three(cells, near, far, 1.0 * (chance == 3), extra, scale, least, sums, out)


@compiled
def order_keys(values, keys):  # type: ignore[no-untyped-def]
    """Fill ``keys`` (int32) with whole numbers in the order of ``values`` (float32), NaN last."""
    bits = values.view(np.int32)
    for r in range(values.size):
        key = bits[r] ^ ((bits[r] >> np.int32(31)) & np.int32(0x7FFFFFFF))
        keys[r] = np.int32(key) if values[r] == values[r] else LAST


@compiled
def count_below(keys, bound):  # type: ignore[no-untyped-def]
    """Return how many keys are below ``bound``."""
    count = np.int32(0)
    for r in range(keys.size):
        count = np.int32(count + np.int32(keys[r] < bound))
    return count


@compiled
def find_least(keys, bound):  # type: ignore[no-untyped-def]
    """Return the least key that is not below ``bound``."""
    least = np.int32(LAST)
    for r in range(keys.size):
        kept = keys[r] if keys[r] >= bound else np.int32(LAST)
        least = min(least, kept)
    return least


@compiled
def find_greatest(keys, bound):  # type: ignore[no-untyped-def]
    """Return the greatest key below ``bound``."""
    greatest = np.int32(-LAST)
    for r in range(keys.size):
        kept = keys[r] if keys[r] < bound else np.int32(-LAST)
        greatest = kept if kept > greatest else greatest
    return greatest


@compiled
def interpolate_keys(low, high, share, pair):  # type: ignore[no-untyped-def]
    """Return the key of the value at a share of the way between those of two keys.

    ``pair`` (2, float32) is scratch space.
    """
    bits = pair.view(np.int32)
    bits[0] = low ^ ((low >> np.int32(31)) & np.int32(0x7FFFFFFF))
    bits[1] = high ^ ((high >> np.int32(31)) & np.int32(0x7FFFFFFF))
    pair[0] = np.float32(pair[0] + share * (pair[1] - pair[0]))
    return np.int32(bits[0] ^ ((bits[0] >> np.int32(31)) & np.int32(0x7FFFFFFF)))


@compiled
def select_rank(keys, rank, low, high, below_high, finite, pair):  # type: ignore[no-untyped-def]
    """Return the key of a rank (0 the least) of ``finite`` keys from ``low`` to ``high``.

    ``below_high`` are below the highest.
    Bounds close in by interpolation on how many keys are below them (the Illinois rule), or by
    halves where many are equal. The first guess takes the keys for a normal distribution.
    """
    if rank >= below_high:
        return high
    below_low, at_low, at_high = 0, -rank - 0.5, below_high - rank - 0.5
    share = 0.5 + 0.09 * np.log((rank + 0.5) / (finite - rank - 0.5))
    turn, side = 0, 0
    while below_low < rank and below_high > rank + 1:
        if turn < 20:
            middle = interpolate_keys(low, high, share, pair)
        else:
            middle = np.int32((np.int64(low) + np.int64(high)) >> 1)
        middle = max(np.int32(low + 1), min(middle, np.int32(high - 1)))
        if middle >= high:  # neighbours: all from one to the other are equal
            return low
        below = count_below(keys, middle)
        if below <= rank:
            low, below_low, at_low = middle, below, below - rank - 0.5
            at_high, side = (at_high / 2 if side < 0 else at_high), -1
        else:
            high, below_high, at_high = middle, below, below - rank - 0.5
            at_low, side = (at_low / 2 if side > 0 else at_low), 1
        share = at_low / (at_low - at_high)
        turn += 1
    return find_greatest(keys, high) if below_high == rank + 1 else find_least(keys, low)


@compiled
def select_ranks(keys, ranks, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (float32) with the values of ranks, from keys; NaN last."""
    low, high = find_least(keys, np.int32(-LAST)), find_greatest(keys, LAST)
    below_high, finite = count_below(keys, high), count_below(keys, LAST)
    pair = np.empty(2, np.float32)
    for n in range(ranks.size):
        if ranks[n] >= finite:
            out[n] = np.nan
        else:
            key = select_rank(keys, ranks[n], low, high, below_high, finite, pair)
            pair.view(np.int32)[0] = key ^ ((key >> np.int32(31)) & np.int32(0x7FFFFFFF))
            out[n] = pair[0]


@compiled
def list_uncommon(bits_i, bits_j, common_i, common_j, class_ends, rows, ends):  # type: ignore[no-untyped-def]
    """List the roll calls on which neither did what it does most, by class and cell."""
    categories = bits_i.shape[0]
    count, first_word = 0, 0
    for c in range(class_ends.size):
        for k in range(categories):
            for m in range(categories):
                if k != common_i and m != common_j:
                    count = list_bits(bits_i[k], bits_j[m], first_word, class_ends[c], rows, count)
                ends[c, k * categories + m] = count
        first_word = class_ends[c]


@compiled
def add_cells(  # type: ignore[no-untyped-def]
    draws, rows, ends, common_i, common_j, class_weights, group, narrow, cells,
):  # fmt: skip
    """Fill the cells of listed roll calls with what is drawn of them."""
    categories, first = cells.shape[0], 0
    for c in range(ends.shape[0]):
        for cell in range(ends.shape[1]):
            k, m, last = cell // categories, cell % categories, ends[c, cell]
            out = cells[k, m]
            if c == 0 and k != common_i and m != common_j:
                out.fill(0.0)
            if last > first:
                add_rows(draws, rows, first, last, class_weights[c], group, narrow, out)
            first = last


@compiled
def replicate_dyads(  # type: ignore[no-untyped-def]
    dyads, bits, common, draws, totals, absent, class_ends, class_weights, group,
    valids, distances, factors, chances, extra, scales, least, ranks, replicates, out, undefined,
):  # fmt: skip
    """Fill ``out`` (dyads, measures, R) with the measures of each dyad in every replicate.

    With ``ranks`` it is (dyads, measures, ranks): the replicates of those ranks only, and nothing
    for shares, whose intervals need none.
    ``scales`` (dyads, measures) times ``extra`` (chunks, any, width) is added to the counts.
    ``undefined`` (dyads, measures) gets the number of replicates that are so without it.

    Only roll calls on which neither member did what it does most (``common``) are added up; the
    other cells follow from the margins (``totals``), exactly. ``absent`` is the largest share of
    any replicate that a member missed: two that cannot miss all have no undefined share.
    """
    categories, width = bits.shape[1], draws.shape[2]
    rows = np.empty(draws.shape[1], np.int64)
    ends = np.empty((class_ends.size, categories * categories), np.int64)
    cells = np.empty((categories, categories, width), totals.dtype)
    sums, work = np.empty((11, width), totals.dtype), np.empty((2 * categories + 2, width))
    narrow = np.empty(width, np.uint8)
    values = np.empty(width)
    found = np.empty((factors.size, replicates), np.float32)
    keys = np.empty(replicates, np.int32)
    for dyad in range(dyads.shape[0]):
        i, j = dyads[dyad]
        list_uncommon(bits[i], bits[j], common[i], common[j], class_ends, rows, ends)
        for chunk in range(draws.shape[0]):
            add_cells(
                draws[chunk], rows, ends, common[i], common[j], class_weights, group, narrow, cells
            )
            derive_cells(cells, totals[chunk, i], totals[chunk, j], common[i], common[j])
            start = chunk * width
            size = min(width, replicates - start)
            for q in range(factors.size):
                wanted = ranks.size == 0 or chances[q] != 0
                if not wanted and valids[q, 1, 1] and absent[i] + absent[j] < 0.999:
                    continue
                undefined[dyad, q] += evaluate(
                    cells, valids[q], distances[q], factors[q], chances[q],
                    extra[chunk], scales[dyad, q], least, wanted, sums, work, values,
                )  # fmt: skip
                undefined[dyad, q] -= width - size  # what pads the last chunk is undefined
                if wanted:
                    for r in range(size):
                        found[q, start + r] = values[r]
        for q in range(factors.size):
            if ranks.size == 0:
                for r in range(replicates):
                    out[dyad, q, r] = found[q, r]
            elif chances[q] != 0:
                order_keys(found[q], keys)
                select_ranks(keys, ranks, out[dyad, q])


@compiled
def sum_blocks(dyads, votes, weights, block_ends, influences, counted, out):  # type: ignore[no-untyped-def]
    """Sum over blocks what their roll calls add to a measure, and their weights, by dyad.

    ``votes`` is (members, roll calls) with the roll calls of a block side by side;
    ``influences`` (dyads, K + 1, K + 1) is 0 on cells that do not count, ``counted``
    (K + 1, K + 1) has 1 on those that do. ``out`` (dyads, 9) gets the sums of `BlockSums`.
    """
    for dyad in range(dyads.shape[0]):
        a, b = votes[dyads[dyad, 0]], votes[dyads[dyad, 1]]
        table, row = influences[dyad], out[dyad]
        row[:] = 0.0
        first = 0
        for last in block_ends:
            influence, weight, influence2, weight2 = 0.0, 0.0, 0.0, 0.0
            for r in range(first, last):
                added = weights[r] * table[a[r], b[r]]
                heavy = weights[r] * counted[a[r], b[r]]
                influence += added
                weight += heavy
                influence2 += added * added
                weight2 += heavy * heavy
            first = last
            row[0] += weight
            row[1] += influence2
            row[2] += influence * influence
            row[3] += weight2
            row[4] += weight * weight
            row[5] += weight * weight * weight
            row[6] += weight > 0.0
            row[7] += influence > TINY
            row[8] += influence < -TINY


@compiled
def weigh_blocks(  # type: ignore[no-untyped-def]
    dyads, votes, weights, block_ends, influences, counted, units, correlations, out,
):  # fmt: skip
    """Sum over blocks what each is worth, and that times its mean influence, by dyad.

    As `sum_blocks`; a block of weight w has s = w * ``units`` votes, worth
    s / (1 + (s - 1) * ``correlations``). ``out`` is (dyads, 2).
    """
    for dyad in range(dyads.shape[0]):
        a, b = votes[dyads[dyad, 0]], votes[dyads[dyad, 1]]
        table = influences[dyad]
        worth, shift, first = 0.0, 0.0, 0
        for last in block_ends:
            influence, weight = 0.0, 0.0
            for r in range(first, last):
                influence += weights[r] * table[a[r], b[r]]
                weight += weights[r] * counted[a[r], b[r]]
            first = last
            if weight > 0.0:
                size = weight * units[dyad]
                part = size / (1.0 + max(size - 1.0, 0.0) * correlations[dyad])
                worth += part
                shift += part * influence / weight
        out[dyad, 0], out[dyad, 1] = worth, shift
