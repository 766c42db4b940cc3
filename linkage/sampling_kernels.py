"""Compiled choice of the pairs around a sample of the records."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["pairs_around"]


@njit(nogil=True, cache=True)
def pairs_around(drawn, left, right):
    """Pairs of records that are drawn, or that are partners of one that is.

    Args:
        drawn: bool[n], the sample.
        left, right: int32[m], rows of the candidate pairs.

    Returns:
        bool[m].

    Example:
        >>> drawn = np.array([True, False, False, False])
        >>> left, right = np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3])
        >>> pairs_around(drawn, left, right)
        array([ True,  True,  True, False])
    """
    around = drawn.copy()
    for k in range(len(left)):
        a, b = left[k], right[k]
        if drawn[a] or drawn[b]:
            around[a] = True
            around[b] = True
    out = np.empty(len(left), np.bool_)
    for k in range(len(left)):
        out[k] = around[left[k]] and around[right[k]]
    return out
