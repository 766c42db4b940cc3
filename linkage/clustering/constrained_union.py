"""Joining records that are declared or known to belong together, as far as constraints allow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from linkage.clustering.cluster_values import (
    find_root,
    join_single,
    join_values,
    shared_value,
    values_differ,
)
from linkage.clustering.constraints import Constraints
from linkage.clustering.labels import renumbered

__all__ = ["join_groups", "row_numbers"]

Ints = npt.NDArray[np.integer]

#: Clusters of one group that a further record is tried with.
_MOST_TRIED = 500


def join_groups(
    start: Ints, group: Ints, constraints: Constraints, *, largest: int | None = None
) -> npt.NDArray[np.int64]:
    """Return clusters that join the records of each group, as far as constraints allow.

    Within a group records with fewest unknown values go first, then those whose values most of the
    group share, then by row; each joins the first cluster of its group that may have it.

    Args:
        start: int[n], labels of clusters to begin with; they stay whole.
        group: int[n], negative = of no group.
        constraints: what a cluster may not hold; the starting clusters must comply.
        largest: most records of a joined cluster; None = no limit.

    Returns:
        Labels, int64[n], numbered by the smallest record of each cluster.

    Example:
        >>> brand = np.array([0, 0, 1, -1])
        >>> join_groups(np.arange(4), np.zeros(4, int), Constraints(single=(brand,)))
        array([0, 0, 1, 0])
    """
    start = renumbered(start)
    clusters = int(start.max(initial=-1)) + 1
    single = constraints.single_values(start, clusters)
    lists, _ = constraints.value_lists(start, clusters)
    members = _in_order(group, single[start])
    bounds = np.flatnonzero(np.diff(group[members], prepend=-1, append=-1) != 0)
    parent = _join(
        members, bounds, start, single, np.bincount(start, minlength=clusters),
        len(start) if largest is None else largest,
        lists.value, lists.values, lists.head, lists.tail, lists.following,
    )  # fmt: skip
    return renumbered(parent[start])


def row_numbers(*columns: Ints) -> npt.NDArray[np.int64]:
    """Return a number for each distinct combination of values, int64[n], from 0 in their order.

    Args:
        columns: int[n] each, from -1 up.
    """
    out = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        key = out * (int(column.max(initial=-1)) + 2) + column + 1
        out = np.unique(key, return_inverse=True)[1].astype(np.int64)
    return out


def _in_order(group: Ints, values: npt.NDArray[np.int32]) -> Ints:
    """Return the records of all groups, group by group, in the order in which they join."""
    rows = np.flatnonzero(group >= 0)
    keys: list[Ints] = [rows]
    if values.shape[1] and len(rows):
        kind = row_numbers(group[rows], *values[rows].T)
        count = np.bincount(kind)
        first = np.full(len(count), len(group))
        np.minimum.at(first, kind, rows)
        keys += [first[kind], -count[kind], (values[rows] < 0).sum(axis=1)]
    return rows[np.lexsort([*keys, group[rows]])]


@njit(cache=True)
def _join(
    members, bounds, start, single, size, largest, held, values, head, tail, following
):  # fmt: skip
    """Union of the clusters of each group's members; returns the root of each cluster."""
    parent = np.arange(len(size))
    stamp = np.full(max(values, 1), -1, np.int64)
    tick = np.int64(0)
    tried = np.empty(_MOST_TRIED, np.int64)
    for g in range(len(bounds) - 1):
        count = 0
        for k in range(bounds[g], bounds[g + 1]):
            x = find_root(parent, start[members[k]])
            found = False
            for t in range(count):
                y = find_root(parent, tried[t])
                if x == y:
                    found = True
                    break
                if size[x] + size[y] > largest or values_differ(single, x, y):
                    continue
                tick += 1
                if values > 0 and shared_value(held, head, following, x, y, stamp, tick) >= 0:
                    continue
                keep, drop = (x, y) if size[x] >= size[y] else (y, x)
                parent[drop] = keep
                size[keep] += size[drop]
                join_single(single, keep, drop)
                if values > 0:
                    join_values(head, tail, following, keep, drop)
                found = True
                break
            if not found and count < len(tried):
                tried[count] = x
                count += 1
    for x in range(len(parent)):
        parent[x] = find_root(parent, x)
    return parent
