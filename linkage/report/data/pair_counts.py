"""Compiled counts of millions of scored pairs."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["DIFFERENT", "EQUAL", "UNKNOWN", "compare_codes", "count_by_blocker", "tally"]

#: How two records compare in one attribute.
UNKNOWN, EQUAL, DIFFERENT = 0, 1, 2


@njit(nogil=True, cache=True)
def tally(place, match, score, number):
    """Counts pairs by bin.

    Args:
        place: bin of each pair.
        match: whether it counts as a match.
        score: its probability.
        number: of bins.

    Returns:
        Pairs, matches and the sum of the probabilities in each bin.
    """
    pairs, matches = np.zeros(number, np.int64), np.zeros(number, np.int64)
    expected = np.zeros(number)
    for k in range(len(place)):
        pairs[place[k]] += 1
        matches[place[k]] += match[k]
        expected[place[k]] += score[k]
    return pairs, matches, expected


@njit(nogil=True, cache=True)
def count_by_blocker(blocker, number, match, left, right, n):
    """Counts pairs by what proposed them, and those of each row.

    Args:
        blocker: number of each pair's blockers.
        number: of such.
        match: whether each pair is a match.
        left, right: its rows.
        n: rows.

    Returns:
        Pairs and matches by blocker, and pairs by row; int64.
    """
    pairs, matches = np.zeros(number, np.int64), np.zeros(number, np.int64)
    degree = np.zeros(n, np.int64)
    for k in range(len(blocker)):
        pairs[blocker[k]] += 1
        matches[blocker[k]] += match[k]
        degree[left[k]] += 1
        degree[right[k]] += 1
    return pairs, matches, degree


@njit(nogil=True, cache=True)
def compare_codes(code, left, right):
    """Compares the rows of pairs in one attribute.

    Args:
        code: number of each row's value, -1 unknown.
        left, right: rows of the pairs, shape (m,).

    Returns:
        int8[m]: ``UNKNOWN`` where a value is, ``EQUAL`` or ``DIFFERENT``.
    """
    out = np.empty(len(left), np.int8)
    for k in range(len(left)):
        one, other = code[left[k]], code[right[k]]
        if one < 0 or other < 0:
            out[k] = UNKNOWN
        else:
            out[k] = EQUAL if one == other else DIFFERENT
    return out
