"""Compiled loops over millions of scored pairs."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["are_ascending", "equal_at", "merge_pairs"]


@njit(nogil=True, cache=True)
def are_ascending(left, right):
    """Whether pairs are ordered by their left rows, then their right ones, and distinct."""
    for k in range(1, len(left)):
        if left[k] < left[k - 1] or (left[k] == left[k - 1] and right[k] <= right[k - 1]):
            return False
    return True


@njit(nogil=True, cache=True)
def equal_at(values, left, right):
    """Whether both rows of a pair have the same value.

    Args:
        values: a value of each row.
        left, right: rows of the pairs, shape (m,).

    Returns:
        bool[m].
    """
    out = np.empty(len(left), np.bool_)
    for k in range(len(left)):
        out[k] = values[left[k]] == values[right[k]]
    return out


@njit(nogil=True, cache=True)
def merge_pairs(left, right, other_left, other_right):
    """The distinct pairs of two ascending lists of pairs, ascending.

    Args:
        left, right: rows of the pairs of one list, int32.
        other_left, other_right: of the other.

    Returns:
        Their left and right rows, and the position of each pair of either list among them; four
        arrays int32.
    """
    one, two = len(left), len(other_left)
    merged_left = np.empty(one + two, np.int32)
    merged_right = np.empty(one + two, np.int32)
    at, other_at = np.empty(one, np.int32), np.empty(two, np.int32)
    i = j = size = 0
    while i < one or j < two:
        # -1: the next pair is of the first list, 1: of the other, 0: of both.
        if j == two:
            side = -1
        elif i == one:
            side = 1
        elif left[i] != other_left[j]:
            side = -1 if left[i] < other_left[j] else 1
        elif right[i] != other_right[j]:
            side = -1 if right[i] < other_right[j] else 1
        else:
            side = 0
        if side <= 0:
            merged_left[size], merged_right[size] = left[i], right[i]
            at[i] = size
            i += 1
        if side >= 0:
            merged_left[size], merged_right[size] = other_left[j], other_right[j]
            other_at[j] = size
            j += 1
        size += 1
    return merged_left[:size].copy(), merged_right[:size].copy(), at, other_at
