"""Ids of clusters that last: old ids go to new clusters by their overlap in records."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["cluster_names", "inherited_ids", "successors"]

Ints = npt.NDArray[np.integer]

#: Crockford's base 32: no letter that is mistaken for a figure.
_SIGNS = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", np.uint8)
#: Characters of a name after its first letter, five bits each.
_LENGTH = 12
_HALF = np.uint64(30)
_MASK = np.uint64((1 << 30) - 1)
#: Rounds of the Feistel network; four make a permutation that looks random (Luby, Rackoff 1988).
_ROUNDS = 4


def inherited_ids(old: Ints, labels: Ints, rank: Ints) -> npt.NDArray[np.int64]:
    """Return the old cluster whose id each new cluster takes over, -1 where none; int64[clusters].

    One-to-one, with the largest total number of records that stay under their id (assignment by
    overlap in every component of overlapping clusters; most are one old and one new cluster). Of
    equal ones the oldest id is kept, then by the new cluster of the smallest record.

    Args:
        old: int64[n], number of each record's old cluster, smaller = older; -1 = none.
        labels: int[n], new cluster of each record, from 0.
        rank: int[clusters], place of each new cluster's smallest record among those of all.

    Example:
        >>> inherited_ids(np.array([7, 7, 7, 4, -1]), np.array([0, 0, 1, 0, 2]), np.arange(3))
        array([ 7, -1, -1])
    """
    clusters = int(labels.max(initial=-1)) + 1
    out = np.full(clusters, -1, np.int64)
    has = np.flatnonzero(old >= 0)
    if not len(has):
        return out
    key, count = np.unique(old[has] * clusters + labels[has], return_counts=True)
    number, new = np.divmod(key, clusters)
    olds, row = np.unique(number, return_inverse=True)
    alone = (np.bincount(row)[row] == 1) & (np.bincount(new, minlength=clusters)[new] == 1)
    out[new[alone]] = number[alone]
    rest = np.flatnonzero(~alone)
    if len(rest):
        chosen = rest[_best(row[rest], new[rest], count[rest], rank)]
        out[new[chosen]] = olds[row[chosen]]
    return out


def _best(row: Ints, new: Ints, count: Ints, rank: Ints) -> npt.NDArray[np.int64]:
    """Return the edges of the best assignment of old to new clusters, positions.

    Args:
        row: number of each edge's old cluster, in the order of age.
        new: its new cluster.
        count: records that both have.
        rank: as of `inherited_ids`.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

    olds, a = np.unique(row, return_inverse=True)
    ranks, b = np.unique(rank[new], return_inverse=True)
    n, m = len(olds), len(ranks)
    graph = coo_array((np.ones(len(a), np.int8), (a, n + b)), shape=(n + m, n + m))
    part = connected_components(graph, directed=False)[1]
    place = np.concatenate([_place(part[:n]), _place(part[n:])])
    # Ties: an edge earns more for an older id and, by less, for a smaller record. The sum of all
    # that a component earns so stays below one record of overlap.
    width = int(place.max()) + 2
    bonus = (width - place[a]) * width + width - place[n + b]
    largest = np.bincount(part, minlength=1).max() * int(bonus.max()) + 1
    weight = count * float(largest) + bonus
    # Each old cluster may also stay without a new one, at no gain: a column of its own.
    top = float(weight.max()) + 1
    costs = np.concatenate([top - weight, np.full(n, top)])
    ends = np.concatenate([a, np.arange(n)]), np.concatenate([b, m + np.arange(n)])
    rows, columns = min_weight_full_bipartite_matching(
        coo_array((costs, ends), shape=(n, m + n)).tocsr()
    )
    kept = columns < m
    return np.flatnonzero(np.isin(a * np.int64(m) + b, rows[kept] * np.int64(m) + columns[kept]))


def _place(part: Ints) -> npt.NDArray[np.int64]:
    """Return the place of each item among those of its component, in their order."""
    order = np.argsort(part, kind="stable")
    begins = np.flatnonzero(np.diff(part[order], prepend=-1))
    out = np.empty(len(part), np.int64)
    sizes = np.diff(np.append(begins, len(part)))
    out[order] = np.arange(len(part)) - np.repeat(begins, sizes)
    return out


def successors(old: Ints, new: Ints, wanted: Ints) -> npt.NDArray[np.int64]:
    """Return the cluster to which most records of each wanted one went; of several the oldest.

    Args:
        old: int64[n], old cluster of each record, -1 = none.
        new: int64[n], new one.
        wanted: int64[k], old clusters.

    Returns:
        int64[k], -1 where none of its records has a new cluster.
    """
    size = int(max(old.max(initial=-1), wanted.max(initial=-1))) + 2
    chosen = np.zeros(size, bool)
    chosen[wanted] = True
    chosen[-1] = False  # of -1, none
    some = np.flatnonzero(chosen[old] & (new >= 0))
    width = int(new.max(initial=-1)) + 1
    key, count = np.unique(old[some] * width + new[some], return_counts=True)
    source, target = np.divmod(key, max(width, 1))
    order = np.lexsort((target, -count, source))[::-1]  # the best comes last, and stays
    out = np.full(size, -1, np.int64)
    out[source[order]] = target[order]
    return out[wanted]


def cluster_names(numbers: Ints, salt: int) -> npt.NDArray[np.object_]:
    """Return opaque names of clusters, an object array of strings.

    A permutation of 60 bits, so that no two clusters of a state share a name, written in base 32
    after a letter: a spreadsheet does not take a name for a number.

    Args:
        numbers: int[k], numbers of clusters.
        salt: of the state, 64 bits: the names of two catalogs differ.
    """
    value = np.asarray(numbers, np.uint64)
    low, high = value & _MASK, value >> _HALF
    with np.errstate(over="ignore"):
        for turn in range(_ROUNDS):
            low, high = high ^ (_scrambled(low, np.uint64(salt), turn) & _MASK), low
    value = (high << _HALF) | low
    letters = np.empty((len(value), 1 + _LENGTH), np.uint8)
    letters[:, 0] = ord("k")
    for place in range(_LENGTH):
        figure = (value >> np.uint64(5 * (_LENGTH - 1 - place))) & np.uint64(31)
        letters[:, 1 + place] = _SIGNS[figure.astype(np.int64)]
    return letters.view(f"S{1 + _LENGTH}").ravel().astype(str).astype(object)


def _scrambled(value: npt.NDArray[np.uint64], salt: np.uint64, turn: int) -> npt.NDArray[np.uint64]:
    """Return values mixed with a key, by the finalizer of splitmix64 (Steele, Lea, Flood 2014)."""
    out = value + salt + np.uint64(turn + 1) * np.uint64(0x9E3779B97F4A7C15)
    out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))
