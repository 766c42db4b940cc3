"""Isotonic regression of short lists of numbers."""

from __future__ import annotations

import numpy as np

__all__ = ["nearest_rising"]


def nearest_rising(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the numbers, none less than the one before it, that are nearest to some values.

    By weighted least squares; pools adjacent violators, and rounds as
    ``scipy.optimize.isotonic_regression`` does. That is not called because SciPy's module takes
    longer to import than a small table takes to match, and a call on a few bins longer than this.

    Args:
        values: Finite, float64, shape (n,).
        weights: Above 0, float64, shape (n,).

    Returns:
        Float64, shape (n,).

    """
    x, w = values.tolist(), weights.tolist()
    # Pools so far: mean, weight and end of each.
    means: list[float] = []
    sizes: list[float] = []
    ends: list[int] = []
    at = 0
    while at < len(x):
        mean, size = x[at], w[at]
        if means and means[-1] >= mean:
            before = sizes.pop()
            total = before * means.pop() + size * mean
            ends.pop()
            size += before
            mean = total / size
            while at + 1 < len(x) and mean >= x[at + 1]:
                at += 1
                total += w[at] * x[at]
                size += w[at]
                mean = total / size
            while means and means[-1] >= mean:
                before = sizes.pop()
                total += before * means.pop()
                ends.pop()
                size += before
                mean = total / size
        at += 1
        means.append(mean)
        sizes.append(size)
        ends.append(at)
    return np.repeat(np.array(means), np.diff(ends, prepend=0))
