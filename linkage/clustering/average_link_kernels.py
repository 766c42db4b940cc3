"""Compiled agglomeration over sparse pairs of clusters."""

from __future__ import annotations

import numpy as np
from numba import njit

from linkage.clustering.cluster_values import (
    find_root,
    join_single,
    join_values,
    shared_value,
    values_differ,
)

__all__ = ["CANNOT", "ONE_PER_SIDE", "TOO_LARGE", "agglomerate", "spanning_minimum"]

TOO_LARGE, CANNOT, ONE_PER_SIDE = 0, 1, 2

_EMPTY = np.int64(-1)


# The table from a pair of clusters to its record: open addressing, linear probing, deletion by
# shifting back. Each component has a stretch of the table to itself, which keeps it in cache.


@njit(cache=True)
def _slot(key, mask):
    h = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    h ^= h >> np.uint64(32)
    return np.int64(h & np.uint64(mask))


@njit(cache=True)
def _lookup(keys, base, mask, key):
    i = _slot(key, mask)
    while keys[base + i] != _EMPTY and keys[base + i] != key:
        i = (i + 1) & mask
    return base + i


@njit(cache=True)
def _delete(keys, pairs, base, mask, i):
    i -= base
    j = i
    while True:
        j = (j + 1) & mask
        if keys[base + j] == _EMPTY:
            break
        home = _slot(keys[base + j], mask)
        if ((j - home) & mask) >= ((j - i) & mask):
            keys[base + i] = keys[base + j]
            pairs[base + i] = pairs[base + j]
            i = j
    keys[base + i] = _EMPTY


@njit(cache=True)
def _mask(pairs):
    """Least power of two above twice the number of pairs (at most four times it), less one."""
    size = 2
    while size <= 2 * pairs:
        size *= 2
    return size - 1


# The heap holds pairs; a pair is in it at most once and its key changes only while it is out.


@njit(cache=True)
def _before(value, rank, e, f):
    """Whether pair e goes before pair f: larger average, then earlier edge."""
    if value[e] != value[f]:
        return value[e] > value[f]
    return rank[e] < rank[f]


@njit(cache=True)
def _sift_down(heap, length, value, rank):
    i = 0
    e = heap[0]
    while True:
        child = 2 * i + 1
        if child >= length:
            break
        if child + 1 < length and _before(value, rank, heap[child + 1], heap[child]):
            child += 1
        if not _before(value, rank, heap[child], e):
            break
        heap[i] = heap[child]
        i = child
    heap[i] = e


@njit(cache=True)
def _drop_top(heap, length, value, rank):
    """Take the top from the heap; returns the length left."""
    length -= 1
    heap[0] = heap[length]
    if length > 0:
        _sift_down(heap, length, value, rank)
    return length


@njit(cache=True)
def _mean(excess, size, of_second, x, y):
    """Average excess of two clusters over the pairs that count; 0 where none does."""
    if len(of_second) == 0:
        return excess / (size[x] * size[y])
    pairs = (size[x] - of_second[x]) * of_second[y] + of_second[x] * (size[y] - of_second[y])
    return excess / max(pairs, 1)


@njit(cache=True)
def agglomerate(
    a,
    b,
    excess,
    value,
    forbidden,
    bounds,
    queue,
    queue_bounds,
    size,
    members,
    of_second,
    first,
    floor,
    largest,
    single,
    held,
    sides,
    values,
    head,
    tail,
    following,
):
    """Merge clusters, best average first, while the average excess reaches the floor.

    The pairs that count between two clusters and a third are those of the one and those of the
    other, so the average over them lies between both averages (reducibility). A pair's last known
    average is therefore an upper bound, and is recomputed only when it comes to the top of the
    heap; where the average stays as it was, so does the first edge, which breaks ties. Sums are
    integers, hence independent of order.

    Args:
        a, b: int32[m], clusters of each pair, unique, a < b; the pairs of a component together.
        excess: int64[m], sum over the pair's edges of score less missing score, fixed point.
            Changed.
        value: float64[m], average excess of each pair. Changed.
        forbidden: bool[m], pairs that must not merge. Changed.
        bounds: int64[c + 1], where the pairs of each component begin and end.
        queue: int32[k], pairs at or above the floor, by component, in each best first. Changed.
        queue_bounds: int64[c + 1], likewise for the queue.
        size, first: int64[n], int32[n], records and smallest record of each cluster. Changed.
        members: int64[n], what `largest` limits the sum of. Changed.
        of_second: int64[n], records of the second of two sides in each cluster: only pairs across
            the sides count. Empty = every pair counts. Changed.
        floor: excess an average must reach, above 0.
        largest: most members of a cluster.
        single: int32[n, c], the one value of each attribute that a cluster may hold, negative where
            it holds none yet. Changed.
        held: int32[k], values of which a cluster may hold each but once, an entry for each value of
            a record.
        sides, values: numbers of values; those below `sides` are sides of records.
        head, tail, following: linked lists of the entries of each cluster, -1 = none. Changed.

    Returns:
        parent int32[n] (roots point to themselves), and of each refused merge the reason, the
        smallest records of both clusters and the average excess.
    """
    n, m = len(size), len(a)
    parent = np.arange(n).astype(np.int32)
    left, right = a.copy(), b.copy()  # roots of each pair
    alive = np.ones(m, np.bool_)
    closed = np.zeros(m, np.bool_)
    queued = np.zeros(m, np.bool_)
    # First edge of each pair of clusters; and as it was when the pair took its place in the heap.
    earliest, rank = np.arange(m).astype(np.int32), np.arange(m).astype(np.int32)

    # No more than four places a pair: see _mask.
    keys = np.full(4 * m + 4, _EMPTY, np.int64)
    pairs = np.empty(4 * m + 4, np.int32)
    # Neighbour lists: node 2e lies in the list of a[e] and points to b[e], node 2e + 1 the other
    # way round.
    begin, end = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    degree = np.zeros(n, np.int64)
    after = np.full(2 * m, -1, np.int32)
    for e in range(m):
        for node in (2 * e, 2 * e + 1):
            x = a[e] if node & 1 == 0 else b[e]
            if begin[x] < 0:
                begin[x] = node
            else:
                after[end[x]] = node
            end[x] = node
            degree[x] += 1

    for e in queue:
        queued[e] = True
    stamp = np.full(max(values, 1), -1, np.int64)
    tick = np.int64(0)
    refused = 0
    reason = np.empty(m, np.int8)
    refused_low, refused_high = np.empty(m, np.int32), np.empty(m, np.int32)
    refused_value = np.empty(m, np.float64)

    for c in range(len(bounds) - 1):
        base, mask = 4 * bounds[c], _mask(bounds[c + 1] - bounds[c])
        for e in range(bounds[c], bounds[c + 1]):
            key = np.int64(a[e]) * n + b[e]
            i = _lookup(keys, base, mask, key)
            keys[i] = key
            pairs[i] = e
        heap = queue[queue_bounds[c] : queue_bounds[c + 1]]
        length = len(heap)
        while length > 0:
            e = heap[0]
            x, y = left[e], right[e]
            now = _mean(excess[e], size, of_second, x, y)
            live = alive[e] and not closed[e] and now >= floor
            if live and (now != value[e] or earliest[e] != rank[e]):
                value[e], rank[e] = now, earliest[e]
                _sift_down(heap, length, value, rank)
                continue
            length = _drop_top(heap, length, value, rank)
            queued[e] = False
            if not live:
                continue

            why = -1
            if forbidden[e]:
                why = CANNOT
            elif members[x] + members[y] > largest:
                why = TOO_LARGE
            elif values_differ(single, x, y):
                why = CANNOT
            elif values > 0:
                tick += 1
                shared = shared_value(held, head, following, x, y, stamp, tick)
                if shared >= 0:
                    why = ONE_PER_SIDE if shared < sides else CANNOT
            if why >= 0:
                closed[e] = True  # for good: sizes, values and prohibitions only grow
                reason[refused] = why
                refused_low[refused] = min(first[x], first[y])
                refused_high[refused] = max(first[x], first[y])
                refused_value[refused] = now
                refused += 1
                continue

            keep, drop = (x, y) if degree[x] >= degree[y] else (y, x)
            alive[e] = False
            _delete(
                keys,
                pairs,
                base,
                mask,
                _lookup(keys, base, mask, np.int64(min(x, y)) * n + max(x, y)),
            )
            node = begin[drop]
            while node >= 0:
                upcoming = after[node]
                other = find_root(parent, b[node >> 1] if node & 1 == 0 else a[node >> 1])
                if other != keep and other != drop:
                    i = _lookup(keys, base, mask, np.int64(min(drop, other)) * n + max(drop, other))
                    if keys[i] != _EMPTY:
                        f = pairs[i]
                        _delete(keys, pairs, base, mask, i)
                        key = np.int64(min(keep, other)) * n + max(keep, other)
                        j = _lookup(keys, base, mask, key)
                        if keys[j] == _EMPTY:
                            keys[j] = key
                            after[end[keep]] = node
                            after[node] = -1
                            end[keep] = node
                            degree[keep] += 1
                        else:  # two pairs become one; the one queued further ahead lives on
                            g = pairs[j]
                            ahead = queued[f] and not queued[g]
                            if queued[f] == queued[g]:
                                ahead = _before(value, rank, f, g)
                            if not ahead:
                                f, g = g, f
                            excess[f] += excess[g]
                            earliest[f] = min(earliest[f], earliest[g])
                            forbidden[f] |= forbidden[g]
                            closed[f] |= closed[g]
                            alive[g] = False
                        pairs[j] = f
                        left[f], right[f] = keep, other
                node = upcoming
            parent[drop] = keep
            size[keep] += size[drop]
            members[keep] += members[drop]
            if len(of_second) > 0:
                of_second[keep] += of_second[drop]
            first[keep] = min(first[keep], first[drop])
            join_single(single, keep, drop)
            if values > 0:
                join_values(head, tail, following, keep, drop)
    return (
        parent,
        reason[:refused].copy(),
        refused_low[:refused].copy(),
        refused_high[:refused].copy(),
        refused_value[:refused].copy(),
    )


@njit(cache=True)
def spanning_minimum(n, left, right, labels, clusters):
    """Last edge of Kruskal's maximum spanning tree of each cluster.

    Args:
        n: records.
        left, right: int32[m], edges within clusters, best first.
        labels: int32[n].
        clusters: number of clusters.

    Returns:
        int64[clusters], position of the edge, -1 where a cluster has none.
    """
    parent = np.arange(n).astype(np.int32)
    last = np.full(clusters, -1, np.int64)
    for e in range(len(left)):
        x, y = find_root(parent, left[e]), find_root(parent, right[e])
        if x != y:
            parent[max(x, y)] = min(x, y)
            last[labels[left[e]]] = e
    return last
