"""Compiled ranking of the rows that share blocks: by the words and values that they share."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["best_partners", "keep_words"]


@njit(nogil=True, cache=True)
def _sift(scores, partners, size):
    """Restores the order of a heap whose root, the worst partner, was replaced."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            return
        other = child + 1
        if other < size and _worse(scores, partners, other, child):
            child = other
        if not _worse(scores, partners, child, at):
            return
        scores[child], scores[at] = scores[at], scores[child]
        partners[child], partners[at] = partners[at], partners[child]
        at = child


@njit(nogil=True, cache=True)
def _worse(scores, partners, a, b):
    if scores[a] != scores[b]:
        return scores[a] < scores[b]
    return partners[a] > partners[b]


@njit(nogil=True, cache=True)
def agreement(slots, kinds, agree, differ, i, j):
    """Log-odds that the values of two rows add; unknown values add nothing."""
    total = 0.0
    for s in range(slots.shape[1]):
        a, b = slots[i, s], slots[j, s]
        if a == 0 or b == 0:
            continue
        if kinds[s] == 0:
            same = a == b
        elif kinds[s] == 1:
            same = abs(a - b) <= 1
        else:
            same = (a & b) != 0
        total += agree[s] if same else differ[s]
    return total


@njit(nogil=True, cache=True)
def keep_words(indptr, ids, weights, order, first, stop, kept, worth, counts):
    """Gathers the rarest words of each row, by ascending number, in the order of the join.

    Args:
        indptr, ids, weights: sets of words.
        order: the row at each place of the join.
        first, stop: the places.
        kept, worth, counts: filled with words, their squared weights over the norm of all that are
            kept, and their number, at each place.
    """
    most = kept.shape[1]
    for place in range(first, stop):
        row = order[place]
        start, end = indptr[row], indptr[row + 1]
        least = np.float32(-1)
        if end - start > most:
            least = np.sort(weights[start:end])[end - start - most]
        count = 0
        squares = 0.0
        for above in (True, False):
            # Words as rare as the last that finds room come after all that are rarer.
            for k in range(start, end):
                if count < most and (weights[k] > least if above else weights[k] == least):
                    at = count
                    while at > 0 and kept[place, at - 1] > ids[k]:
                        kept[place, at] = kept[place, at - 1]
                        worth[place, at] = worth[place, at - 1]
                        at -= 1
                    kept[place, at] = ids[k]
                    worth[place, at] = weights[k]
                    squares += weights[k] * weights[k]
                    count += 1
        counts[place] = count
        norm = np.sqrt(squares)
        for k in range(count):
            worth[place, k] /= norm


@njit(nogil=True, cache=True)
def best_partners(
    row_indptr, row_blocks, starts, rows, weights, side, linkage, words, worth, counts, scale,
    slots, kinds, agree, differ, looked_at, scored, order, first, stop, index, similarity,
):  # fmt: skip
    """The best partners of each row among the rows that share a block with it.

    Those that share the heaviest blocks, and values, are scored by their words.

    All rows but those of the result are given by their place in the join, where rows that share
    much are near each other in memory.

    Args:
        row_indptr, row_blocks: blocks of each row, the smallest first.
        starts, rows: rows of each block.
        weights: what a block of so many rows is worth.
        side, linkage: table of each row, and whether partners must be of the other one.
        words, worth, counts: words of each row (`keep_words`).
        scale: log-odds that equal words are worth.
        slots, kinds, agree, differ: values of the rows and what they are worth.
        looked_at: block members looked at for a row at most.
        scored: partners of a row that are scored by words.
        order: the row at each place.
        first, stop: the places.
        index, similarity: filled with the partners and their scores, best first.
    """
    room = 1
    while room < 2 * looked_at:
        room *= 2
    table = np.full(room, -1, np.int32)
    total = np.zeros(room, np.float32)
    used = np.zeros(looked_at, np.int64)
    k, width = index.shape[1], words.shape[1]
    flat_words, flat_worth = words.ravel(), worth.ravel()
    scores, partners = np.zeros(scored, np.float64), np.zeros(scored, np.int32)
    for row in range(first, stop):
        found = 0
        visits = 0
        size = 0
        for q in range(row_indptr[row], row_indptr[row + 1]):
            block = row_blocks[q]
            begin, end = starts[block], starts[block + 1]
            if visits + end - begin > looked_at:
                break
            visits += end - begin
            weight = weights[end - begin]
            for m in range(begin, end):
                other = rows[m]
                if other == row or (linkage and side[other] == side[row]):
                    continue
                slot = np.int64((np.uint32(other) * np.uint32(2654435761)) >> np.uint32(8)) & (
                    room - 1
                )
                while table[slot] >= 0 and table[slot] != other:
                    slot = (slot + 1) & (room - 1)
                if table[slot] < 0:
                    table[slot] = other
                    total[slot] = 0.0
                    used[found] = slot
                    found += 1
                total[slot] += weight
        for f in range(found):
            slot = used[f]
            other = table[slot]
            table[slot] = -1
            score = total[slot] + agreement(slots, kinds, agree, differ, row, other)
            if size < scored:
                at = size
                scores[at], partners[at] = score, other
                size += 1
                while at > 0 and _worse(scores, partners, at, (at - 1) // 2):
                    up = (at - 1) // 2
                    scores[up], scores[at] = scores[at], scores[up]
                    partners[up], partners[at] = partners[at], partners[up]
                    at = up
            elif score > scores[0] or (score == scores[0] and other < partners[0]):
                scores[0], partners[0] = score, other
                _sift(scores, partners, size)
        for f in range(size):
            other = partners[f]
            shared = 0.0
            a, b = row * width, np.int64(other) * width
            a_stop, b_stop = a + counts[row], b + counts[other]
            while a < a_stop and b < b_stop:
                x, y = flat_words[a], flat_words[b]
                if x == y:
                    shared += flat_worth[a] * flat_worth[b]
                # Without a branch: which side is behind cannot be guessed.
                a += x <= y
                b += y <= x
            scores[f] = scale * shared + agreement(slots, kinds, agree, differ, row, other)
        for place in range(min(size, k)):
            best = place
            for f in range(place + 1, size):
                if _worse(scores, partners, best, f):
                    best = f
            scores[best], scores[place] = scores[place], scores[best]
            partners[best], partners[place] = partners[place], partners[best]
            index[order[row], place] = order[partners[place]]
            similarity[order[row], place] = scores[place]
