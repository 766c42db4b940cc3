"""Compiled components of a graph, and orders by them, in time that grows with its size alone."""

from __future__ import annotations

import numpy as np
from numba import njit

from linkage.clustering.cluster_values import find_root

__all__ = ["best_first", "by_component", "connected", "relabelled"]

#: Stretches up to this long are sorted by insertion, which needs no memory of its own.
_SHORT = 24


@njit(nogil=True, cache=True)
def by_component(component, components):
    """Return a stable order of items by their component.

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
    """Sort rows that are grouped by component, within each by falling value; stable, in place.

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


@njit(nogil=True, cache=True)
def connected(groups, group, left, right, joined):
    """Return the connected components of groups of records, numbered by their first group.

    Args:
        groups: number of groups.
        group: int64[n], group of each record.
        left, right: int32[m], records of each edge.
        joined: bool[m], whether an edge counts.

    Returns:
        int32[groups].
    """
    parent = np.arange(groups).astype(np.int32)
    for k in range(len(left)):
        if joined[k]:
            x, y = find_root(parent, group[left[k]]), find_root(parent, group[right[k]])
            # The lower one stays on top: a component's first group is its root.
            if x < y:
                parent[y] = x
            elif y < x:
                parent[x] = y
    number = np.empty(groups, np.int32)
    count = 0
    for x in range(groups):
        root = find_root(parent, x)
        if root == x:
            number[x] = count
            count += 1
        else:
            number[x] = number[root]
    return number


@njit(nogil=True, cache=True)
def relabelled(labels):
    """Return labels renumbered from 0 in the order of first appearance, int64[n].

    Args:
        labels: int64[n], none negative, none much above n.
    """
    number = np.full(labels.max() + 1, -1, np.int64)
    out = np.empty(len(labels), np.int64)
    count = 0
    for k in range(len(labels)):
        label = labels[k]
        if number[label] < 0:
            number[label] = count
            count += 1
        out[k] = number[label]
    return out
