"""Compiled ranking of the partners of a row by the blocks, words and values that they share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["best_partners", "keep_words"]

#: Places for the words of a row; `_word_slot` knows their number.
_WORD_SLOTS = 1 << 11


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
def _agreements(own, slots, kinds, agree, differ, others, size, values, out):
    """Log-odds that the values of a row and of others add; unknown values add nothing.

    Args:
        own: values of the row.
        slots, kinds: values of all rows side by side, and how each agrees.
        agree, differ: what values are worth that agree, and that do not.
        others: the other rows, in the first places of the array.
        size: how many there are.
        values: room for their values, shape (slots, places).
        out: filled with the sums.
    """
    width = np.uint64(len(own))
    # All rows are fetched before any is looked at: waiting for one by one takes most of the time.
    for f in range(size):
        start = np.uint64(others[f]) * width
        for s in range(width):
            values[s, f] = slots[start + s]
        out[f] = 0.0
    for s in range(len(own)):
        a = own[s]
        if a == 0:
            continue
        value = values[s]
        same, other = agree[s], differ[s]
        if kinds[s] == 0:
            for f in range(size):
                b = value[f]
                out[f] += (same if a == b else other) if b != 0 else 0.0
        elif kinds[s] == 1:
            for f in range(size):
                b = value[f]
                out[f] += (same if abs(a - b) <= 1 else other) if b != 0 else 0.0
        else:
            for f in range(size):
                b = value[f]
                out[f] += (same if (a & b) != 0 else other) if b != 0 else 0.0


@njit(nogil=True, cache=True, inline="always")
def _word_slot(word):
    return (np.uint64(word) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(53)


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
    used, rated = np.zeros(looked_at, np.int64), np.zeros(looked_at, np.float64)
    met, shared_blocks = np.zeros(looked_at, np.int32), np.zeros(looked_at, np.float32)
    values = np.zeros((slots.shape[1], looked_at), np.int32)
    flat_slots = slots.ravel()
    k, width = index.shape[1], np.uint64(words.shape[1])
    flat_words, flat_worth = words.ravel(), worth.ravel()
    scores, partners = np.zeros(scored, np.float64), np.zeros(scored, np.int32)
    ranked, ranking = np.zeros(scored, np.float64), np.zeros(scored, np.int32)
    own = np.zeros(slots.shape[1], np.int32)
    near_words = np.zeros(np.uint64(scored) * width, np.int32)
    near_worth = np.zeros(np.uint64(scored) * width, np.float32)
    # Words of the row at hand, by hash; rows with two words in one place are rare.
    own_words = np.full(_WORD_SLOTS, -1, np.int32)
    own_worth = np.zeros(_WORD_SLOTS, np.float32)
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
        for s in range(len(own)):
            own[s] = slots[row, s]
        for f in range(found):
            slot = used[f]
            met[f] = table[slot]
            shared_blocks[f] = total[slot]
            table[slot] = -1
        _agreements(own, flat_slots, kinds, agree, differ, met, found, values, rated)
        for f in range(found):
            other, score = met[f], shared_blocks[f] + rated[f]
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
        clash = False
        own_start = np.uint64(row) * width
        for q in range(counts[row]):
            place = _word_slot(flat_words[own_start + np.uint64(q)])
            clash |= own_words[place] >= 0
            own_words[place] = flat_words[own_start + np.uint64(q)]
            own_worth[place] = flat_worth[own_start + np.uint64(q)]
        _agreements(own, flat_slots, kinds, agree, differ, partners, size, values, rated)
        for f in range(size):
            start = np.uint64(partners[f]) * width
            for q in range(width):
                near_words[np.uint64(f) * width + q] = flat_words[start + q]
                near_worth[np.uint64(f) * width + q] = flat_worth[start + q]
        for f in range(size):
            other = partners[f]
            start = np.uint64(f) * width
            shared: Any = 0.0
            if clash:
                shared = _merged(
                    flat_words, flat_worth, own_start, counts[row],
                    near_words, near_worth, start, counts[other],
                )  # fmt: skip
            else:
                for q in range(counts[other]):
                    word = near_words[start + np.uint64(q)]
                    place = _word_slot(word)
                    both = own_worth[place] * near_worth[start + np.uint64(q)]
                    shared += both if own_words[place] == word else np.float32(0)
            score = scale * shared + rated[f]
            at = f
            while at > 0 and (
                ranked[at - 1] < score or (ranked[at - 1] == score and ranking[at - 1] > other)
            ):
                ranked[at], ranking[at] = ranked[at - 1], ranking[at - 1]
                at -= 1
            ranked[at], ranking[at] = score, other
        for q in range(counts[row]):
            own_words[_word_slot(flat_words[own_start + np.uint64(q)])] = -1
        for f in range(min(size, k)):
            index[order[row], f] = order[ranking[f]]
            similarity[order[row], f] = ranked[f]


@njit(nogil=True, cache=True)
def _merged(words, worth, start, count, other_words, other_worth, other_start, other_count):
    """What the words of two rows share, by merging them."""
    shared = 0.0
    i, j = start, other_start
    while i < start + np.uint64(count) and j < other_start + np.uint64(other_count):
        x, y = words[i], other_words[j]
        if x == y:
            shared += worth[i] * other_worth[j]
        i += np.uint64(x <= y)
        j += np.uint64(y <= x)
    return shared
