"""Compiled comparisons of values: codes that are equal or not, numbers, quantities.

Every function takes row positions ``left`` and ``right`` (int32, shape (m,)) and fills ``out``
(float32, a row a pair), with NaN where a side is unknown. All are symmetric.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.arrays.prefetching import NEAR, prefetch

__all__ = ["equal_codes", "number_differences", "quantity_differences"]


@njit(nogil=True, cache=True)
def equal_codes(codes, left, right, out):
    """Whether codes are equal, shape (m, k).

    Args:
        codes: int32, shape (n, k), -1 unknown: a row's codes side by side.
    """
    width = codes.shape[1]
    for p in range(len(left)):
        if p + NEAR < len(right):
            prefetch(codes, np.int64(right[p + NEAR]) * width)
        x, y = left[p], right[p]
        for k in range(width):
            a, b = codes[x, k], codes[y, k]
            out[p, k] = np.nan if a < 0 or b < 0 else np.float32(a == b)


@njit(nogil=True, cache=True)
def number_differences(number, left, right, out):
    """Difference over the larger, and logarithm of the ratio of positive numbers, shape (m, 2).

    Args:
        number: float64, shape (n,), NaN unknown.
    """
    for p in range(len(left)):
        a, b = number[left[p]], number[right[p]]
        out[p, 0] = np.nan
        out[p, 1] = np.nan
        if a == b:
            out[p, 0] = 0.0
        elif not (np.isnan(a) or np.isnan(b)):
            out[p, 0] = abs(a - b) / max(abs(a), abs(b))
        if a > 0 and b > 0:
            out[p, 1] = abs(np.log(a / b))


@njit(nogil=True, cache=True)
def quantity_differences(dimension, amount, packs, left, right, out):
    """Same dimension, logarithm of the ratio of amounts, equal packs, shape (m, 3).

    Args:
        dimension: int, shape (n,), -1 unknown.
        amount: float64, shape (n,), in base units, NaN unknown.
        packs: float64, shape (n,), NaN unknown.
    """
    for p in range(len(left)):
        x, y = left[p], right[p]
        out[p, 0], out[p, 1], out[p, 2] = np.nan, np.nan, np.nan
        if dimension[x] >= 0 and dimension[y] >= 0:
            same = dimension[x] == dimension[y]
            out[p, 0] = np.float32(same)
            if same and amount[x] > 0 and amount[y] > 0:
                out[p, 1] = abs(np.log(amount[x] / amount[y]))
        if not (np.isnan(packs[x]) or np.isnan(packs[y])):
            out[p, 2] = np.float32(packs[x] == packs[y])
