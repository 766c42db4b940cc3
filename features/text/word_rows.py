"""Terms of every record, the rarest first, and a small hash table of the terms of one record.

Candidate pairs come sorted by left record. The terms of a left record are therefore entered into a
hash table once and those of each right record looked up in it. That takes a fraction of the time of
merging two sorted rows, since no look-up depends on the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from features.arrays.prefetching import FAR, NEAR, fetch_terms, prefetch
from features.arrays.rows import row_starts
from features.arrays.sort_kernels import falling_order, rising_order
from features.text.sets import SparseSets

__all__ = ["RANKS", "WordRows", "enter", "leave", "look_up", "room", "word_rows"]

#: Rows up to this long are sorted by insertion, which needs no memory of its own.
_SHORT_ROW = 48
#: Places of the table of a row's terms; most rows then have every term in a place of its own.
_LEAST_ROOM = 1 << 11
#: An entry of the table is a term, and in the lowest bits its place in the row.
_RANK_BITS = 24
RANKS = (1 << _RANK_BITS) - 1
_ODD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class WordRows:
    """Terms of every row, the rarest first.

    Attributes:
        indptr: start of each row, int64, shape (n + 1,).
        ids: term numbers, distinct within a row, int32.
        weights: their rarity, descending within a row, float32.
        sums: sum of weights a row, float32, shape (n,).
        norms: Euclidean norm of weights a row, float32, shape (n,).
    """

    indptr: np.ndarray
    ids: np.ndarray
    weights: np.ndarray
    sums: np.ndarray
    norms: np.ndarray


def word_rows(
    sets: SparseSets, rows: np.ndarray | None = None, keys: np.ndarray | None = None
) -> WordRows:
    """The sets with the terms of each row in falling order of weight.

    Args:
        sets: the sets.
        rows: row of the sets at each position of the result; by default all rows in their order.
        keys: key of each term that breaks ties: of equally rare terms the greatest key comes first,
            then the lowest number. By default ties go by number.
    """
    chosen = np.arange(sets.n) if rows is None else rows
    indptr = row_starts(sets.counts[chosen])
    ids, weights = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
    nothing = np.zeros(0, np.uint64)
    _arrange(
        sets.indptr, sets.ids, sets.weights, nothing if keys is None else keys, chosen,
        indptr, ids, weights,
    )  # fmt: skip
    return WordRows(indptr, ids, weights, sets.sums[chosen], sets.norms[chosen])


@njit(nogil=True, cache=True)
def _arrange(indptr, ids, weights, keys, rows, out_indptr, out_ids, out_weights):
    keyed = len(keys) > 0
    for place in range(len(rows)):
        if place + FAR < len(rows):
            fetch_terms(indptr, ids, rows, place)
            prefetch(weights, indptr[rows[place + NEAR]])
        start, stop = indptr[rows[place]], indptr[rows[place] + 1]
        first = out_indptr[place]
        if stop - start > _SHORT_ROW:
            # By key first, then by weight: where keys are not given all are alike.
            own, known = np.empty(stop - start, np.uint64), np.empty(stop - start, np.float64)
            for k in range(stop - start):
                own[k] = ~keys[ids[start + k]] if keyed else np.uint64(0)
            by_key = rising_order(own)
            for k in range(stop - start):
                known[k] = weights[start + by_key[k]]
            by_weight = falling_order(known)
            for k in range(stop - start):
                at = start + by_key[by_weight[k]]
                out_ids[first + k], out_weights[first + k] = ids[at], weights[at]
            continue
        for k in range(stop - start):
            term, weight = ids[start + k], weights[start + k]
            at = first + k
            while at > first:
                other = out_weights[at - 1]
                if other > weight:
                    break
                if other == weight and (not keyed or keys[out_ids[at - 1]] >= keys[term]):
                    break
                out_ids[at], out_weights[at] = out_ids[at - 1], other
                at -= 1
            out_ids[at], out_weights[at] = term, weight


@njit(nogil=True, cache=True)
def room(indptr, rows):
    """Places of a table for the terms of any of some rows, a power of two, and the longest row."""
    longest = 0
    for row in rows:
        longest = max(longest, indptr[row + 1] - indptr[row])
    size = _LEAST_ROOM
    while size < 4 * longest:
        size *= 2
    return size, longest


@njit(nogil=True, cache=True)
def _slot_of(term, size):
    """Place of a term in a table of that size, if none other has it."""
    return ((np.uint64(term) * _ODD) >> np.uint64(32)) & np.uint64(size - 1)


@njit(nogil=True, cache=True)
def enter(table, own, ids, start, stop):
    """Enters the terms of a row into an empty table.

    Args:
        table: int64, a power of two of places, -1 where empty.
        own: filled with the place of each term.
        ids, start, stop: the terms.

    Returns:
        Whether a term is not in its own place, but in the next that was free.
    """
    moved = False
    last = np.uint64(len(table) - 1)
    for k in range(stop - start):
        slot = _slot_of(ids[start + k], len(table))
        while table[slot] >= 0:
            slot = (slot + np.uint64(1)) & last
            moved = True
        table[slot] = (np.int64(ids[start + k]) << _RANK_BITS) | k
        own[k] = slot
    return moved


@njit(nogil=True, cache=True)
def leave(table, own, size):
    """Takes the terms of a row out of the table."""
    for k in range(size):
        table[own[k]] = -1


@njit(nogil=True, cache=True)
def look_up(table, term, moved):
    """Place in the row of a term that is in the table, ``RANKS`` of one that is not."""
    slot = _slot_of(term, len(table))
    entry = table[slot]
    if moved:
        last = np.uint64(len(table) - 1)
        while entry >= 0 and entry >> _RANK_BITS != term:
            slot = (slot + np.uint64(1)) & last
            entry = table[slot]
    return entry & RANKS if entry >> _RANK_BITS == term else RANKS
