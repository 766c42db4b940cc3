"""Compiled passes over the words of records for what they state."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.text.sets import distinct_row

__all__ = [
    "COLOUR",
    "EDITION",
    "NUMBER",
    "QUANTITY",
    "SIZE",
    "UNIT",
    "VALUE",
    "YEAR",
    "kept_rows",
    "state",
]

#: What a word may state, by position of its bit, and of its array where it is stated.
NUMBER, VALUE, YEAR, COLOUR, EDITION, SIZE = range(6)
#: The word is a quantity, or a unit that makes one of a number before it.
QUANTITY, UNIT = 6, 7


@njit(nogil=True, cache=True)
def state(
    indptr, ids, kinds, groups, is_plain, small, large, size_after, out_indptr, out, quantified
):
    """What each record states, distinct and ascending within it.

    Args:
        indptr, ids: start of each record's words, and their numbers.
        kinds: for each word, the bits of what it states, uint8.
        groups: for each word what it states of each kind, int32, shape (words, 6).
        is_plain: for each word, whether it is a plain number, bool.
        small, large: numbers of the sizes that a modifier before them changes.
        size_after: what a modifier makes of these two, -1 otherwise, shape (words, 2).
        out_indptr: filled with the start of each record in ``out``, shape (6, n + 1).
        out: filled with what is stated, shape (6, room).
        quantified: filled with whether a record states a quantity, bool.

    Returns:
        The room that the largest kind needs; where it is more than there is, all is to be done
        again.
    """
    most = 0
    room = out.shape[1]
    used = np.zeros(6, np.int64)
    wanted = np.zeros(6, np.int64)
    for row in range(len(indptr) - 1):
        for k in range(indptr[row], indptr[row + 1]):
            word = ids[k]
            bits = kinds[word]
            if bits == 0:
                continue
            quantified[row] |= (bits >> QUANTITY) & 1 == 1
            if (bits >> UNIT) & 1 == 1 and k > indptr[row]:
                quantified[row] |= is_plain[ids[k - 1]]
            for kind in range(6):
                if (bits >> kind) & 1 == 0:
                    continue
                wanted[kind] += 1
                if used[kind] == room:
                    continue
                value = groups[word, kind]
                if kind == SIZE and k > indptr[row]:
                    if value == small and size_after[ids[k - 1], 0] >= 0:
                        value = size_after[ids[k - 1], 0]
                    if value == large and size_after[ids[k - 1], 1] >= 0:
                        value = size_after[ids[k - 1], 1]
                out[kind, used[kind]] = value
                used[kind] += 1
        for kind in range(6):
            used[kind] = distinct_row(out[kind], out_indptr[kind, row], used[kind])
            out_indptr[kind, row + 1] = used[kind]
    for kind in range(6):
        most = max(most, wanted[kind])
    return most


@njit(nogil=True, cache=True)
def kept_rows(indptr, ids, keep):
    """Some rows with their words; the others without any.

    Args:
        indptr, ids: start of each row's words, and their numbers.
        keep: the rows, bool.

    Returns:
        Start of each row's words, row of each word, and the words.
    """
    out_indptr = np.zeros(len(indptr), np.int64)
    for row in range(len(keep)):
        size = indptr[row + 1] - indptr[row] if keep[row] else 0
        out_indptr[row + 1] = out_indptr[row] + size
    rows, out = np.empty(out_indptr[-1], np.int64), np.empty(out_indptr[-1], ids.dtype)
    for row in range(len(keep)):
        for k in range(out_indptr[row + 1] - out_indptr[row]):
            rows[out_indptr[row] + k] = row
            out[out_indptr[row] + k] = ids[indptr[row] + k]
    return out_indptr, rows, out
