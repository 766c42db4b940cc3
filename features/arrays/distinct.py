"""Distinct values of an array by sorting.

``numpy.unique`` hashes where only the values are asked for, which takes several times as long where
most values are distinct.
"""

from __future__ import annotations

import numpy as np

__all__ = ["sorted_distinct"]


def sorted_distinct(values: np.ndarray) -> np.ndarray:
    """The distinct values of an array, ascending; an array of several dimensions is flattened.

    Example:
        >>> sorted_distinct(np.array([3, 1, 3]))
        array([1, 3])
    """
    ordered = np.sort(values, axis=None)
    first = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]
