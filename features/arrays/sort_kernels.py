"""Compiled stable sorts of a few values: one kernel for all types, and quick to compile.

Numba's own ``argsort`` is compiled again for each type and in each kernel that calls it, which
takes longer than all else in such a kernel.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["falling_order", "rising_order"]

_SIGN = np.uint64(1 << 63)


@njit(nogil=True, cache=True)
def rising_order(keys):
    """Positions of keys in ascending order, those of equal ones in the order of the array.

    Args:
        keys: uint64[m].

    Returns:
        int64[m].
    """
    size = len(keys)
    order, other = np.empty(size, np.int64), np.empty(size, np.int64)
    for k in range(size):
        order[k] = k
    width = 1
    while width < size:
        for start in range(0, size, 2 * width):
            middle, stop = min(start + width, size), min(start + 2 * width, size)
            i, j = start, middle
            for k in range(start, stop):
                if i < middle and (j >= stop or keys[order[i]] <= keys[order[j]]):
                    other[k] = order[i]
                    i += 1
                else:
                    other[k] = order[j]
                    j += 1
        order, other = other, order
        width *= 2
    return order


@njit(nogil=True, cache=True)
def falling_order(values):
    """Positions of values in descending order, those of equal ones in the order of the array.

    Args:
        values: float64[m], without NaN.

    Returns:
        int64[m].
    """
    negative = np.empty(len(values), np.float64)
    for k in range(len(values)):
        negative[k] = 0.0 - values[k]  # both zeros become 0.0
    keys = negative.view(np.uint64)
    for k in range(len(keys)):
        keys[k] = ~keys[k] if keys[k] & _SIGN else keys[k] | _SIGN
    return rising_order(keys)
