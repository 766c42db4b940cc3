"""Rows of different lengths in one array, as in a compressed sparse row (CSR) matrix."""

from __future__ import annotations

import numpy as np

__all__ = ["row_starts"]


def row_starts(counts: np.ndarray) -> np.ndarray:
    """Where each row begins in an array that holds all rows one after the other.

    Args:
        counts: number of elements of each row, int or bool, shape (n,).

    Returns:
        int64, shape (n + 1,); the last element is where the last row ends. scipy calls it
        ``indptr``.

    Example:
        >>> row_starts(np.array([2, 0, 1]))
        array([0, 2, 2, 3])
    """
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts
