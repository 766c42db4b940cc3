"""Completion of candidates by triadic closure: pairs of records that both match a third.

In a cluster larger than the budget of its records only some pairs are candidates. Average-link
clustering counts a missing pair as evidence against a match. So before clustering, pairs of records
with matched partners in common become candidates, too.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from blocking.join_terms import in_slices
from features.arrays.chunked import in_order
from features.arrays.distinct import sorted_distinct
from features.arrays.rows import row_starts
from features.arrays.sort_kernels import falling_order

__all__ = ["completing_pairs"]

#: Largest number of new partners of a record.
_MOST = 40
#: Largest number of matched partners of a record that are looked at; hubs have more.
_PARTNERS = 32
#: Partners of a record up to which they are sorted by insertion, which needs no memory of its own.
_SHORT = 48
#: Records of one job.
_RECORDS_AT_ONCE = 1 << 16


def completing_pairs(
    left: np.ndarray,
    right: np.ndarray,
    matched: np.ndarray,
    n: int,
    side: np.ndarray | None = None,
    most: int = _MOST,
    *,
    order: np.ndarray | None = None,
    threads: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """New candidate pairs: records with matched partners in common.

    Args:
        left, right: rows of the present candidates, shape (m,); left < right.
        matched: score of each candidate that matches, 0 where it does not, float, shape (m,).
        n: number of records.
        side: table of each record in a linkage, where only pairs across the two count.
        most: largest number of new partners of a record: those with the most partners in common,
            ties by row.
        order: all rows in locality order (`blocking.locality`); it changes the speed, not the
            result.
        threads: threads to use; the result does not depend on it.

    Returns:
        Rows of the new pairs, int32, left < right, ordered by (left, right).
    """
    indptr, partners = _partners(left, right, matched, n, threads)
    sides = np.zeros(0, np.int8) if side is None else side
    rows = np.arange(n) if order is None else order

    def look(first: int) -> np.ndarray:
        part = rows[first : first + _RECORDS_AT_ONCE]
        index = np.full((len(part), most), -1, np.int32)
        _two_steps(indptr, partners, sides, part, n, index)
        row = np.repeat(part, np.sum(index >= 0, axis=1)).astype(np.int64)
        other = index[index >= 0]
        return sorted_distinct(np.minimum(row, other) * n + np.maximum(row, other))

    parts = [found for _, found in in_order(look, range(0, n, _RECORDS_AT_ONCE), threads)]
    found = sorted_distinct(np.concatenate([np.zeros(0, np.int64), *parts]))
    del parts
    known = left.astype(np.int64) * n + right
    known.sort()
    fresh = found[: _without(found, known)]
    return (fresh // n).astype(np.int32), (fresh % n).astype(np.int32)


def _partners(
    left: np.ndarray, right: np.ndarray, matched: np.ndarray, n: int, threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """Matched partners of each row, best first: where each row's begin, and the partners."""
    matches = np.flatnonzero(matched > 0)
    a, b = left[matches], right[matches]
    indptr = row_starts(np.bincount(a, minlength=n) + np.bincount(b, minlength=n))
    partners = np.empty(indptr[-1], np.int32)
    score = np.empty(indptr[-1], np.float64)
    _adjacent(a, b, matched[matches], indptr[:-1].copy(), partners, score)
    in_slices(n, lambda first, stop: _best_first(indptr, partners, score, first, stop), threads)
    return indptr, partners


@njit(nogil=True, cache=True)
def _adjacent(left, right, matched, cursor, partners, score):
    """Writes the partners of each row, and the scores, in the order of the pairs."""
    for k in range(len(left)):
        for row, other in ((left[k], right[k]), (right[k], left[k])):
            partners[cursor[row]] = other
            score[cursor[row]] = matched[k]
            cursor[row] += 1


@njit(nogil=True, cache=True)
def _best_first(indptr, partners, score, first, stop):
    """Sorts the partners of each row by falling score; stable."""
    for row in range(first, stop):
        start, end = indptr[row], indptr[row + 1]
        if end - start > _SHORT:
            order, part = falling_order(score[start:end]), partners[start:end].copy()
            for k in range(end - start):
                partners[start + k] = part[order[k]]
            continue
        for k in range(start + 1, end):
            own, other = score[k], partners[k]
            at = k
            while at > start and score[at - 1] < own:
                score[at], partners[at] = score[at - 1], partners[at - 1]
                at -= 1
            score[at], partners[at] = own, other


@njit(nogil=True, cache=True)
def _two_steps(indptr, partners, side, rows, n, index):
    """The rows two steps away that share the most partners with each row, and are none of them."""
    most = index.shape[1]
    count = np.zeros(n, np.int32)
    found = np.zeros(_PARTNERS * _PARTNERS, np.int32)
    for place in range(len(rows)):
        row = rows[place]
        size = 0
        start, stop = indptr[row], min(indptr[row + 1], indptr[row] + _PARTNERS)
        for p in range(start, stop):
            middle = partners[p]
            for q in range(indptr[middle], min(indptr[middle + 1], indptr[middle] + _PARTNERS)):
                other = partners[q]
                if other == row or (len(side) > 0 and side[other] == side[row]):
                    continue
                if count[other] == 0:
                    found[size] = other
                    size += 1
                count[other] += 1
        for p in range(start, stop):
            count[partners[p]] = 0
        kept = 0
        for f in range(size):
            other = found[f]
            if count[other] == 0:
                continue
            # Insertion by count, then by row: the lists are short.
            at = kept
            while at > 0 and (
                count[index[place, at - 1]] < count[other]
                or (count[index[place, at - 1]] == count[other] and index[place, at - 1] > other)
            ):
                at -= 1
            if at == most:
                continue
            for k in range(min(kept, most - 1), at, -1):
                index[place, k] = index[place, k - 1]
            index[place, at] = other
            kept = min(kept + 1, most)
        for f in range(size):
            count[found[f]] = 0


@njit(nogil=True, cache=True)
def _without(values, known):
    """Moves the values that are not known to the front; both ascend. Returns how many there are."""
    kept, at = 0, 0
    for value in values:
        while at < len(known) and known[at] < value:
            at += 1
        if at == len(known) or known[at] != value:
            values[kept] = value
            kept += 1
    return kept
