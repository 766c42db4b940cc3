"""Compiled part of the nearest neighbours in a sparse space: the top rows of a sparse product."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["write_nearest"]

_LOW = np.uint64(0xFFFFFFFF)


@njit(nogil=True, cache=True)
def write_nearest(
    indptr, ids, weights, term_starts, term_rows, term_weights, rows,
    start, stop, within, index, similarity,
):  # fmt: skip
    """Writes the rows of the largest dot products with each row, equal ones by ascending row.

    Args:
        indptr, ids, weights: sparse rows (CSR), weights above 0.
        term_starts, term_rows, term_weights: the rows of each term, of the same or another table.
        rows: number of rows of that table.
        start, stop: the rows to find neighbours of.
        within: whether both are one table, so that a row is not its own neighbour.
        index, similarity: written, shape (rows, k); left as they are where there are fewer.
    """
    k = index.shape[1]
    sums = np.zeros(rows, np.float32)
    bits = sums.view(np.uint32)
    touched = np.empty(rows + 1, np.int32)
    written = similarity.view(np.uint32)
    # Similarity above, complement of the row below: one comparison orders by both.
    best = np.empty(4 * k, np.uint64)
    for row in range(start, stop):
        count = 0
        for place in range(indptr[row], indptr[row + 1]):
            term, weight = ids[place], weights[place]
            for entry in range(term_starts[term], term_starts[term + 1]):
                other = term_rows[entry]
                touched[count] = other
                count += sums[other] == 0
                sums[other] += weight * term_weights[entry]
        size, bound = 0, np.uint64(0)
        for place in range(count):
            other = touched[place]
            key = (np.uint64(bits[other]) << np.uint64(32)) | (_LOW - np.uint64(other))
            sums[other] = 0
            if key <= bound or (within and other == row):
                continue
            if size == len(best):
                best.sort()
                best[:k] = best[size - k :]
                size, bound = k, best[0]
                if key <= bound:
                    continue
            best[size] = key
            size += 1
        found = np.sort(best[:size])
        for place in range(min(k, size)):
            key = found[size - 1 - place]
            index[row, place] = np.int32(_LOW - (key & _LOW))
            written[row, place] = np.uint32(key >> np.uint64(32))
