"""Completion: pairs that no blocker proposed although both records match a third.

A group larger than the budget of its records keeps only some of its pairs. Average link takes a
missing pair as evidence against, so groups are completed before they are clustered: two records
that have matched partners in common are compared, too.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.distinct import sorted_distinct

__all__ = ["completing_pairs"]

#: New partners of a record at most: as many as the largest groups of which lists hold some pairs.
_MOST = 40
#: Matched partners of a record that are looked at; a hub has more.
_PARTNERS = 32


def completing_pairs(
    left: np.ndarray,
    right: np.ndarray,
    matched: np.ndarray,
    n: int,
    side: np.ndarray | None = None,
    most: int = _MOST,
) -> tuple[np.ndarray, np.ndarray]:
    """New pairs of records that have matched partners in common.

    Args:
        left, right: the known pairs, rows, shape (m,); left < right.
        matched: score of each known pair that matches, 0 where it does not, float, shape (m,).
        n: number of records.
        side: table of each record, where only pairs across the two count.
        most: new partners of a record: those with the most partners in common, the first ones of
            equally many.

    Returns:
        Rows of the new pairs, int32, the lower first; ordered.
    """
    partners = np.full((n, _PARTNERS), -1, np.int32)
    best = np.flatnonzero(matched > 0)
    best = best[np.argsort(-matched[best], kind="stable")]
    _strongest(left[best], right[best], partners)
    index = np.full((n, most), -1, np.int32)
    _two_steps(partners, np.zeros(n, np.int8) if side is None else side, side is not None, index)
    del partners, best
    # Most places are empty: only the others are widened to keys.
    row = np.repeat(np.arange(n, dtype=np.int32), np.sum(index >= 0, axis=1))
    other = index[index >= 0]
    del index
    found = np.minimum(row, other).astype(np.int64) * n
    found += np.maximum(row, other)
    del row, other
    found = sorted_distinct(found)
    known = np.sort(left.astype(np.int64) * n + right)
    at = np.minimum(np.searchsorted(known, found), max(len(known) - 1, 0))
    fresh = found[known[at] != found] if len(known) else found
    return (fresh // n).astype(np.int32), (fresh % n).astype(np.int32)


@njit(nogil=True, cache=True)
def _strongest(left, right, partners):
    """Fills in the partners of each row, in the order of the pairs, until there is no room."""
    used = np.zeros(len(partners), np.int32)
    for k in range(len(left)):
        a, b = left[k], right[k]
        if used[a] < partners.shape[1]:
            partners[a, used[a]] = b
            used[a] += 1
        if used[b] < partners.shape[1]:
            partners[b, used[b]] = a
            used[b] += 1


@njit(nogil=True, cache=True)
def _two_steps(partners, side, across, index):
    """The rows two steps away that share the most partners with each row, and are none of them."""
    n, width = partners.shape
    most = index.shape[1]
    count = np.zeros(n, np.int32)
    found = np.zeros(width * width, np.int32)
    for row in range(n):
        size = 0
        for p in range(width):
            middle = partners[row, p]
            if middle < 0:
                break
            for q in range(width):
                other = partners[middle, q]
                if other < 0:
                    break
                if other == row or (across and side[other] == side[row]):
                    continue
                if count[other] == 0:
                    found[size] = other
                    size += 1
                count[other] += 1
        for p in range(width):
            if partners[row, p] < 0:
                break
            count[partners[row, p]] = 0
        kept = 0
        for f in range(size):
            other = found[f]
            if count[other] == 0:
                continue
            # Insertion by count, then by row: the lists are short.
            at = kept
            while at > 0 and (
                count[index[row, at - 1]] < count[other]
                or (count[index[row, at - 1]] == count[other] and index[row, at - 1] > other)
            ):
                at -= 1
            if at == most:
                continue
            for k in range(min(kept, most - 1), at, -1):
                index[row, k] = index[row, k - 1]
            index[row, at] = other
            kept = min(kept + 1, most)
        for f in range(size):
            count[found[f]] = 0
