"""Compiled union-find, and the values that clusters hold while they are merged."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["find_root", "join_single", "join_values", "shared_value", "values_differ"]


@njit(cache=True)
def find_root(parent, x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


@njit(cache=True)
def shared_value(value, head, following, x, y, stamp, tick):
    """Return a value that two clusters both hold, -1 where there is none."""
    entry = head[x]
    while entry >= 0:
        stamp[value[entry]] = tick
        entry = following[entry]
    entry = head[y]
    while entry >= 0:
        if stamp[value[entry]] == tick:
            return value[entry]
        entry = following[entry]
    return np.int32(-1)


@njit(cache=True)
def join_values(head, tail, following, keep, drop):
    """Append the list of values of cluster ``drop`` to that of ``keep``."""
    if head[drop] < 0:
        return
    if head[keep] < 0:
        head[keep] = head[drop]
    else:
        following[tail[keep]] = head[drop]
    tail[keep] = tail[drop]


@njit(cache=True)
def values_differ(single, x, y):
    """Return whether two clusters hold different values of an attribute; negative is unknown."""
    for k in range(single.shape[1]):
        if single[x, k] >= 0 and single[y, k] >= 0 and single[x, k] != single[y, k]:
            return True
    return False


@njit(cache=True)
def join_single(single, keep, drop):
    """Give cluster ``keep`` the values that ``drop`` has and it lacks."""
    for k in range(single.shape[1]):
        if single[keep, k] < 0:
            single[keep, k] = single[drop, k]
