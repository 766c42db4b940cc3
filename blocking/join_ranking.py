"""Compiled ranking of the rows that share blocks: by what they share, then by all they say."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["best_partners"]


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
def _overlap(indptr, ids, weights, i, j):
    """Weight of the shared terms of two rows, and of all terms of the second."""
    shared = 0.0
    a, a_stop = indptr[i], indptr[i + 1]
    b, b_stop = indptr[j], indptr[j + 1]
    while a < a_stop and b < b_stop:
        x, y = ids[a], ids[b]
        if x == y:
            shared += weights[a]
        a += x <= y
        b += y <= x
    return shared


@njit(nogil=True, cache=True)
def best_partners(
    row_indptr, row_blocks, starts, rows, block_weights, n_left, linkage,
    indptr, ids, weights, norms, scale, slots, kinds, agree, differ,
    looked_at, scored, first, stop, index, similarity,
):  # fmt: skip
    """The best partners of each row among the rows that share a block with it.

    Partners are ranked by the weight of the blocks they share; the best of them are then scored by
    what their words and values have in common.

    Args:
        row_indptr, row_blocks: blocks of each row, the heaviest first.
        starts, rows: rows of each block.
        block_weights: weight of each block.
        n_left, linkage: as for records.
        indptr, ids, weights, norms: sets of words of the rows.
        scale: log-odds that a weight of one is worth.
        slots, kinds, agree, differ: values of the rows and what they are worth.
        looked_at: block members looked at for a row at most.
        scored: partners scored for a row.
        first, stop: the rows.
        index, similarity: filled with the partners and their scores, best first.
    """
    room = 1
    while room < 2 * looked_at:
        room *= 2
    table = np.full(room, -1, np.int32)
    total = np.zeros(room, np.float32)
    used = np.zeros(room, np.int64)
    scores, partners = np.zeros(scored, np.float64), np.zeros(scored, np.int32)
    k = index.shape[1]
    for row in range(first, stop):
        found = 0
        visits = 0
        own_left = row < n_left
        for q in range(row_indptr[row], row_indptr[row + 1]):
            block = row_blocks[q]
            size = starts[block + 1] - starts[block]
            if visits + size > looked_at:
                break
            visits += size
            for m in range(starts[block], starts[block + 1]):
                other = rows[m]
                if other == row or (linkage and (other < n_left) == own_left):
                    continue
                slot = (np.uint32(other) * np.uint32(2654435761)) & np.uint32(room - 1)
                while table[slot] >= 0 and table[slot] != other:
                    slot = (slot + np.uint32(1)) & np.uint32(room - 1)
                if table[slot] < 0:
                    table[slot] = other
                    total[slot] = 0.0
                    used[found] = slot
                    found += 1
                total[slot] += block_weights[block]
        size = 0
        for f in range(found):
            slot = used[f]
            score, other = np.float64(total[slot]), table[slot]
            table[slot] = -1
            if size < scored:
                # Up the heap whose root is the worst partner.
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
            shared = _overlap(indptr, ids, weights, row, other)
            scores[f] = scale * shared / max(norms[row] * norms[other], 1e-9) + agreement(
                slots, kinds, agree, differ, row, other
            )
        for place in range(min(k, size)):
            best = place
            for f in range(place + 1, size):
                if _worse(scores, partners, best, f):
                    best = f
            scores[best], scores[place] = scores[place], scores[best]
            partners[best], partners[place] = partners[place], partners[best]
            index[row, place] = partners[place]
            similarity[row, place] = scores[place]
