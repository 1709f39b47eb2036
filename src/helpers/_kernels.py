"""Every compiled kernel of the similarity layer, in this one file.

A compiled cache does not notice a change in another file, so no kernel here calls one elsewhere.
Only `helpers.similarity` imports this module, inside functions: ``import helpers`` stays light.

Votes are codes 0 (missing) to K. Roll calls are laid out in words of 64 bits, each word holding
roll calls of one weight only (``positions`` gives the roll call of each bit, -1 where it is
padding), so that counting is ``popcount(a & b)`` and weighting is one product a class of weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

TINY = 1e-9  # below it a sum of weights is 0, whatever rounding left


def compiled(function: Callable[..., Any]) -> Any:
    """Compile with a cache on disk, or without one where no folder for it can be written."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba: "no locator available", in a read-only installation
        return njit(nogil=True, error_model="numpy")(function)


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
    """Weight of each member's votes by category in each replicate.

    ``draws`` is uint8 (chunks, positions, width), the sums (chunks, members, categories, width).
    """
    n_members, categories, _ = bits.shape
    chunks, _, width = draws.shape
    out = np.zeros((chunks, n_members, categories, width))
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
    categories, _, size = cells.shape
    for m in range(categories):
        if m == common_j:
            continue
        for r in range(size):
            cells[common_i, m, r] = of_j[m, r]
        for k in range(categories):
            if k != common_i:
                for r in range(size):
                    cells[common_i, m, r] -= cells[k, m, r]
    for k in range(categories):
        for r in range(size):
            cells[k, common_j, r] = of_i[k, r]
        for m in range(categories):
            if m != common_j:
                for r in range(size):
                    cells[k, common_j, r] -= cells[k, m, r]


@compiled
def expect(rows, columns, distance, chance, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` with the chance disagreement of margins (K, R), times N squared or 4 N squared.

    ``chance`` 1: each member's own margins; 2 and 3: the margins of both together.
    """
    out.fill(0.0)
    for k in range(rows.shape[0]):
        for m in range(rows.shape[0]):
            d = distance[k, m]
            if d == 0.0:
                continue
            a, b, c, e = rows[k], columns[k], rows[m], columns[m]
            if chance == 1:
                for r in range(out.size):
                    out[r] += d * a[r] * e[r]
            else:
                for r in range(out.size):
                    out[r] += d * (a[r] + b[r]) * (c[r] + e[r])


@compiled
def evaluate(  # type: ignore[no-untyped-def]
    cells, first, valid, distance, factor, chance, extra, scale, work, out,
):  # fmt: skip
    """Fill ``out`` (R,) with one measure of joint counts; NaN where undefined.

    ``cells`` (., ., R) has the counts of the first category at ``first``. The measure is
    ``1 - factor * observed / expected`` over the cells that are ``valid``.
    ``scale`` times ``extra`` (K, K, R) is added to the counts first. ``work`` is (2 K + 3, R) of
    scratch space. Returns how many would be undefined without the addition.
    """
    categories, size = valid.shape[0], out.size
    rows, columns = work[:categories], work[categories : 2 * categories]
    shared, observed, expected = work[2 * categories], work[2 * categories + 1], work[-1]
    work.fill(0.0)
    undefined = 0
    for k in range(categories):
        for m in range(categories):
            if valid[k, m]:
                cell = cells[first + k, first + m]
                for r in range(size):
                    shared[r] += cell[r]
    for r in range(size):
        undefined += shared[r] < TINY
    if chance != 0:
        for k in range(categories):
            cell = cells[first + k, first + k]
            for r in range(size):
                undefined += (shared[r] >= TINY) & (shared[r] - cell[r] < TINY)
    shared.fill(0.0)
    for k in range(categories):
        row = rows[k]
        for m in range(categories):
            if not valid[k, m]:
                continue
            d, column = distance[k, m], columns[m]
            cell, more = cells[first + k, first + m], extra[k, m]
            for r in range(size):
                count = cell[r] + scale * more[r]
                row[r] += count
                column[r] += count
                observed[r] += d * count
        for r in range(size):
            shared[r] += row[r]
    if chance == 0:
        for r in range(size):
            out[r] = 1.0 - factor * observed[r] / shared[r] if shared[r] >= TINY else np.nan
        return undefined
    expect(rows, columns, distance, chance, expected)
    for r in range(size):
        n, e = shared[r], expected[r]
        if chance == 1:
            multiple = n
        elif chance == 2:
            multiple = 4.0 * n
        else:
            multiple = 2.0 * (2.0 * n - 1.0)
        out[r] = 1.0 - multiple * observed[r] / e if e > TINY * n * n else np.nan
    return undefined


@compiled
def evaluate_tables(tables, valid, distance, factor, chance, out):  # type: ignore[no-untyped-def]
    """Fill ``out`` (n,) with one measure of each of ``tables`` (K, K, n)."""
    categories, width = tables.shape[0], 512
    cells = np.zeros((categories, categories, width))
    nothing = np.zeros((categories, categories, width))
    work = np.empty((2 * categories + 3, width))
    values = np.empty(width)
    for start in range(0, out.size, width):
        size = min(width, out.size - start)
        for k in range(categories):
            for m in range(categories):
                for r in range(size):
                    cells[k, m, r] = tables[k, m, start + r]
        evaluate(cells, 0, valid, distance, factor, chance, nothing, 0.0, work, values)
        for r in range(size):
            out[start + r] = values[r]


@compiled
def replicate_dyads(  # type: ignore[no-untyped-def]
    dyads, bits, common, draws, totals, class_ends, class_weights, group,
    valids, distances, factors, chances, extra, scales, out, undefined,
):  # fmt: skip
    """Fill ``out`` (dyads, measures, R) with the measures of each dyad in every replicate.

    ``scales`` (dyads, measures) times ``extra`` (chunks, K, K, width) is added to the counts.
    ``undefined`` (dyads, measures) gets the number of replicates that are so without it.

    Only roll calls on which neither member did what it does most (``common``) are added up; the
    other cells follow from the margins (``totals``), exactly.
    """
    categories, replicates, width = bits.shape[1], out.shape[2], draws.shape[2]
    n_cells, n_classes = categories * categories, class_ends.size
    rows = np.empty(draws.shape[1], np.int64)
    ends = np.empty((n_classes, n_cells), np.int64)
    cells = np.empty((categories, categories, width))
    work = np.empty((2 * categories + 1, width))
    narrow = np.empty(width, np.uint8)
    values = np.empty(width)
    for dyad in range(dyads.shape[0]):
        i, j = dyads[dyad]
        count, first_word = 0, 0
        for c in range(n_classes):
            for k in range(categories):
                for m in range(categories):
                    if k != common[i] and m != common[j]:
                        count = list_bits(
                            bits[i, k], bits[j, m], first_word, class_ends[c], rows, count
                        )
                    ends[c, k * categories + m] = count
            first_word = class_ends[c]
        for chunk in range(draws.shape[0]):
            cells.fill(0.0)
            first = 0
            for c in range(n_classes):
                for cell in range(n_cells):
                    last = ends[c, cell]
                    if last > first:
                        add_rows(
                            draws[chunk], rows, first, last, class_weights[c], group,
                            narrow, cells[cell // categories, cell % categories],
                        )  # fmt: skip
                    first = last
            derive_cells(cells, totals[chunk, i], totals[chunk, j], common[i], common[j])
            start = chunk * width
            size = min(width, replicates - start)
            for q in range(factors.size):
                undefined[dyad, q] += evaluate(
                    cells, 1, valids[q], distances[q], factors[q], chances[q],
                    extra[chunk], scales[dyad, q], work, values,
                )  # fmt: skip
                for r in range(size):
                    out[dyad, q, start + r] = values[r]
                undefined[dyad, q] -= width - size  # what pads the last chunk is undefined


@compiled
def sum_blocks(dyads, votes, weights, block_ends, influences, counted, out):  # type: ignore[no-untyped-def]
    """Sum over blocks what their roll calls add to a measure, and their weights, by dyad.

    ``votes`` is (members, roll calls) with the roll calls of a block side by side;
    ``influences`` (dyads, K + 1, K + 1) is 0 on cells that do not count, ``counted``
    (K + 1, K + 1) has 1 on those that do. ``out`` (dyads, 5) gets the sums of squares of blocks'
    influence and of blocks' weight, and the numbers of blocks, of those above 0 and below 0.
    """
    for dyad in range(dyads.shape[0]):
        a, b = votes[dyads[dyad, 0]], votes[dyads[dyad, 1]]
        table = influences[dyad]
        influence2, weight2, blocks, above, below = 0.0, 0.0, 0, 0, 0
        first = 0
        for last in block_ends:
            influence, weight = 0.0, 0.0
            for r in range(first, last):
                influence += weights[r] * table[a[r], b[r]]
                weight += weights[r] * counted[a[r], b[r]]
            first = last
            influence2 += influence * influence
            weight2 += weight * weight
            blocks += weight > 0.0
            above += influence > TINY
            below += influence < -TINY
        out[dyad, 0], out[dyad, 1], out[dyad, 2] = influence2, weight2, blocks
        out[dyad, 3], out[dyad, 4] = above, below
