"""Compiled search for runs of words that are known by their hash."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["hash_rows", "mentions_of_rows"]


@njit(nogil=True, cache=True)
def _continue_hash(value, text, start, length):
    for k in range(start, start + length):
        value = (value ^ np.uint64(text[k])) * np.uint64(1099511628211)
    return value


@njit(nogil=True, cache=True)
def hash_rows(text, indptr, start, length, out):
    """Hash of each row's words written together, into ``out``."""
    for row in range(len(indptr) - 1):
        value = np.uint64(14695981039346656037)
        for t in range(indptr[row], indptr[row + 1]):
            value = _continue_hash(value, text, start[t], length[t])
        out[row] = value


@njit(nogil=True, cache=True)
def mentions_of_rows(
    text, indptr, start, length, words, hashes, number, begins, longest, most_bytes, first_row,
    stop_row, out,
):  # fmt: skip
    """Mentions in some rows; where there is no room for all, only their number counts.

    Args:
        text, indptr, start, length, words: the token table; ``words`` are its hashes.
        hashes, number: hashes of the forms, ascending, and which form each is of.
        begins: whether the hash of a form begins with these 16 bits.
        longest, most_bytes: words and bytes of a form at most.
        first_row, stop_row: the rows.
        out: filled with row, token, number of words and form of each mention.
    """
    count = 0
    for row in range(first_row, stop_row):
        for first in range(indptr[row], indptr[row + 1]):
            value = words[first]
            size = np.int64(length[first])
            for last in range(first, min(first + longest, indptr[row + 1])):
                if last > first:
                    size += length[last]
                    value = _continue_hash(value, text, start[last], length[last])
                if size > most_bytes:
                    break
                if not begins[value >> np.uint64(48)]:
                    continue
                at = np.searchsorted(hashes, value)
                if at < len(hashes) and hashes[at] == value:
                    if count < len(out):
                        out[count, 0] = row
                        out[count, 1] = first
                        out[count, 2] = last - first + 1
                        out[count, 3] = number[at]
                    count += 1
    return count
