"""Compiled pass over the words of records that collects the facts in them."""

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

#: Types of fact that a word can be: positions of their bits, and of their output arrays.
NUMBER, VALUE, YEAR, COLOUR, EDITION, SIZE = range(6)
#: The word is a quantity, or a unit that makes one of a number before it.
QUANTITY, UNIT = 6, 7


@njit(nogil=True, cache=True)
def state(
    indptr, ids, kinds, groups, is_plain, small, large, size_after, out_indptr, out, quantified
):
    """The facts of each record by type, distinct and ascending within it.

    Args:
        indptr, ids: start of each record's words, and their numbers.
        kinds: for each word, the bits of the types of fact that it is, uint8.
        groups: for each word its term of each type, int32, shape (words, 6).
        is_plain: for each word, whether it is a plain number, bool.
        small, large: numbers of the sizes that a modifier before them changes.
        size_after: what a modifier makes of these two, -1 otherwise, shape (words, 2).
        out_indptr: filled with the start of each record in ``out``, shape (6, n + 1).
        out: filled with the terms, shape (6, room).
        quantified: filled with whether a record has a quantity word, bool.

    Returns:
        The room that the type with most terms needs. If it is more than ``out`` has, the result is
        incomplete and the call must be repeated with a larger array.
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
                    before = kinds[ids[k - 1]]
                    if (bits >> UNIT) & 1 and is_plain[ids[k - 1]] and not (before >> YEAR) & 1:
                        continue  # the l of "0.33 l" is a litre
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
        Start of each row's words, and the words.
    """
    out_indptr = np.zeros(len(indptr), np.int64)
    for row in range(len(keep)):
        size = indptr[row + 1] - indptr[row] if keep[row] else 0
        out_indptr[row + 1] = out_indptr[row] + size
    out = np.empty(out_indptr[-1], ids.dtype)
    for row in range(len(keep)):
        for k in range(out_indptr[row + 1] - out_indptr[row]):
            out[out_indptr[row] + k] = ids[indptr[row] + k]
    return out_indptr, out
