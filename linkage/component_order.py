"""Compiled orders of pairs by component, in time that grows with their number alone."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["best_first", "by_component"]

#: Stretches up to this long are sorted by insertion, which needs no memory of its own.
_SHORT = 24


@njit(nogil=True, cache=True)
def by_component(component, components):
    """Stable order of items by their component.

    Args:
        component: int[m], component of each item.
        components: their number.

    Returns:
        int64[m], positions of the items.
    """
    at = np.zeros(components + 1, np.int64)
    for c in component:
        at[c + 1] += 1
    for c in range(components):
        at[c + 1] += at[c]
    order = np.empty(len(component), np.int64)
    for k in range(len(component)):
        c = component[k]
        order[at[c]] = k
        at[c] += 1
    return order


@njit(nogil=True, cache=True)
def best_first(rows, component, value):
    """Sorts rows that stand component by component, within each by falling value; stable.

    Args:
        rows: int32[k], positions in the other two, those of a component together. Changed.
        component: int[m].
        value: float64[m].
    """
    start = 0
    while start < len(rows):
        stop = start + 1
        while stop < len(rows) and component[rows[stop]] == component[rows[start]]:
            stop += 1
        if stop - start > _SHORT:
            part = rows[start:stop].copy()
            rows[start:stop] = part[np.argsort(-value[part], kind="mergesort")]
        else:
            for k in range(start + 1, stop):
                row = rows[k]
                at = k
                while at > start and value[rows[at - 1]] < value[row]:
                    rows[at] = rows[at - 1]
                    at -= 1
                rows[at] = row
        start = stop
