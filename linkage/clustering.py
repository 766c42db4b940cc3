"""Clusters from scored pairs: average link over sparse edges, under constraints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.clustering_kernels import agglomerate, spanning_minimum

__all__ = ["MISSING_SCORE", "REASONS", "Clustering", "CutReport", "WeakestEdges", "average_link"]

MISSING_SCORE = 0.05
"""Score of a pair that was never compared: blocking found no sign of a match, which is weak
evidence against."""

REASONS = ("max_cluster_size", "cannot", "one_per_side")

_ONE = 1 << 30  # fixed point: sums of scores are exact, so no result hangs on the order of edges

Ints = npt.NDArray[np.integer]
PairArrays = tuple[Ints, Ints]


@dataclass(frozen=True)
class WeakestEdges:
    """The weakest link of each cluster: the lowest edge of its maximum spanning tree.

    Clusters without edges are left out.

    Attributes:
        label: int32[k], ascending.
        left, right: int32[k], records of the edge.
        score: float64[k].
    """

    label: npt.NDArray[np.int32]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    score: npt.NDArray[np.float64]


@dataclass(frozen=True)
class CutReport:
    """The merges that scores asked for and constraints refused.

    Attributes:
        reason: int8[r], position in `REASONS`.
        left, right: int32[r], smallest record of either cluster when the merge was refused.
        score: float64[r], their average.
        counts: refused merges by reason, zero included.
        clusters: labels of the clusters on either side of a refused merge, by reason.
    """

    reason: npt.NDArray[np.int8]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    score: npt.NDArray[np.float64]
    counts: dict[str, int]
    clusters: dict[str, list[int]]


@dataclass(frozen=True)
class Clustering:
    """A partition of the records.

    Attributes:
        labels: int32[n], from 0, numbered by the smallest record of each cluster.
        confidence: float64[n], of the record's cluster: mean score over all its pairs of records, a
            missing pair counted with the missing score; 1.0 for a record alone.
        weakest: the weakest edge of each cluster.
        cuts: what the constraints refused.
    """

    labels: npt.NDArray[np.int32]
    confidence: npt.NDArray[np.float64]
    weakest: WeakestEdges
    cuts: CutReport


def average_link(
    n: int,
    left: Ints,
    right: Ints,
    score: npt.NDArray[np.floating],
    *,
    threshold: float,
    missing_score: float = MISSING_SCORE,
    max_cluster_size: int | None = None,
    cannot: PairArrays | None = None,
    side: Ints | None = None,
    one_per_side: bool = False,
    start: Ints | None = None,
) -> Clustering:
    """Agglomerate records by average link, best average first, never below the threshold.

    The average of two clusters is taken over *all* their cross pairs; a pair without an edge counts
    with the missing score. Ties go to the pair of clusters with the smaller records. A refused
    merge (see the constraints) is passed over and the next best is tried. Nothing dense is built:
    time grows with the number of edges times its logarithm, and any graph may be one component.

    Args:
        n: number of records.
        left, right: int[m], records of the scored pairs, in any order; of a pair given twice the
            best counts.
        score: float[m], calibrated probabilities in [0, 1] (not logits).
        threshold: smallest average at which clusters merge, in (missing_score, 1].
        missing_score: score of pairs without an edge, in [0, 1).
        max_cluster_size: most records of a cluster; None = no limit.
        cannot: pairs that never share a cluster, not by a chain either. They need no edge.
        side: int[n], source of each record, negative = unknown; needed for `one_per_side`.
        one_per_side: at most one record of each side in a cluster.
        start: int[n], labels of clusters to begin with (a stricter definition's, or declared
            matches); they are kept whole whatever the constraints say.

    Raises:
        ValueError: for values out of range, records that do not exist, and a `cannot` pair within
            `start`.

    Example:
        >>> left, right = np.array([0, 1]), np.array([1, 2])
        >>> average_link(3, left, right, np.array([0.9, 0.6]), threshold=0.5).labels
        array([0, 0, 1], dtype=int32)
    """
    left, right, fixed = _checked_edges(n, left, right, score)
    if not 0 <= missing_score < 1:
        raise ValueError(f"missing_score must be in [0, 1), got {missing_score}")
    if not missing_score < threshold <= 1:
        raise ValueError(
            f"threshold must be above missing_score ({missing_score}) and at most 1, "
            f"got {threshold}: otherwise records that were never compared would merge"
        )
    if max_cluster_size is not None and max_cluster_size < 1:
        raise ValueError(f"max_cluster_size must be at least 1, got {max_cluster_size}")
    missing, floor = round(missing_score * _ONE), round(threshold * _ONE)

    begin = (
        np.arange(n, dtype=np.int64) if start is None else _relabel(_per_record(start, n, "start"))
    )
    groups = int(begin.max()) + 1 if n else 0
    component = _components(begin, groups, left, right, fixed >= floor)
    near = component[begin[left]] == component[begin[right]]  # the others can never meet
    left, right, fixed = _sorted_once(left[near], right[near], fixed[near], n)
    forbidden_pairs = _forbidden(begin, cannot, n)
    a, b, excess, forbidden = _cluster_pairs(
        begin, left, right, fixed - missing, forbidden_pairs, component
    )
    size = np.bincount(begin, minlength=groups)
    first = np.full(groups, n, np.int32)
    np.minimum.at(first, begin, np.arange(n, dtype=np.int32))
    mean = excess / (size[a] * size[b])
    low, high = np.minimum(first[a], first[b]), np.maximum(first[a], first[b])
    queue = np.lexsort((high, low, -mean, component[a]))
    queue = queue[mean[queue] >= floor - missing].astype(np.int32)
    bounds, queue_bounds = _bounds(component[a], component), _bounds(component[a[queue]], component)
    kinds, sides = np.empty(0, np.int32), 0
    if one_per_side:
        if side is None:
            raise ValueError("one_per_side needs the side of each record")
        kinds, sides = _side_codes(_per_record(side, n, "side"))
    head, tail, following = _member_lists(begin, groups)
    largest = n if max_cluster_size is None else max_cluster_size
    parent, reason, low, high, value = agglomerate(
        a, b, excess, forbidden, bounds, queue, queue_bounds,
        size, first, float(floor - missing), largest, kinds, sides, head, tail, following,
    )  # fmt: skip
    labels = _relabel(_roots(parent)[begin]).astype(np.int32)
    average = np.minimum((value + missing) / _ONE, 1.0)
    return Clustering(
        labels,
        _confidence(labels, left, right, fixed, missing),
        _weakest(labels, left, right, fixed),
        _report(labels, reason, low, high, average),
    )


def _checked_edges(
    n: int, left: Ints, right: Ints, score: npt.NDArray[np.floating]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Edges with left < right and scores in fixed point."""
    left, right, score = np.asarray(left), np.asarray(right), np.asarray(score, dtype=np.float64)
    if not len(left) == len(right) == len(score):
        raise ValueError(
            f"left, right and score differ in length: {len(left)}, {len(right)}, {len(score)}"
        )
    if len(score) and not (score.min() >= 0 and score.max() <= 1):  # NaN fails too
        raise ValueError(
            "scores must be probabilities in [0, 1], without NaN; turn logits into probabilities"
        )
    low, high = _checked_pairs(n, left, right, "a scored pair")
    return low, high, np.round(score * _ONE).astype(np.int64)


def _sorted_once(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    fixed: npt.NDArray[np.int64],
    n: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Edges in record order, each pair once, with its best score."""
    key = left.astype(np.int64) * n + right
    if not (key[1:] > key[:-1]).all():
        order = np.argsort(key, kind="stable")
        key, fixed = key[order], fixed[order]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        key, fixed = key[starts], np.maximum.reduceat(fixed, starts)
    return (key // max(n, 1)).astype(np.int32), (key % max(n, 1)).astype(np.int32), fixed


def _checked_pairs(
    n: int, left: Ints, right: Ints, what: str
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    low, high = np.minimum(left, right), np.maximum(left, right)
    if len(low) and (low.min() < 0 or high.max() >= n):
        raise ValueError(f"{what} names a record outside 0..{n - 1}")
    if (low == high).any():
        raise ValueError(f"{what} joins record {int(low[low == high][0])} to itself")
    return low.astype(np.int32), high.astype(np.int32)


def _per_record(values: Ints, n: int, what: str) -> npt.NDArray[np.int64]:
    if len(values) != n:
        raise ValueError(f"{what} has {len(values)} values for {n} records")
    return np.asarray(values, dtype=np.int64)


def _relabel(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number labels from 0 in the order of first appearance."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]


def _components(
    begin: npt.NDArray[np.int64],
    groups: int,
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    strong: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int32]:
    """Components by the edges at or above the threshold, which no cluster can outgrow."""
    if not groups:
        return np.empty(0, np.int32)
    x, y = begin[left[strong]], begin[right[strong]]
    graph = coo_array((np.ones(len(x), np.int8), (x, y)), shape=(groups, groups))
    return np.asarray(connected_components(graph, directed=False)[1])


def _forbidden(
    begin: npt.NDArray[np.int64], cannot: PairArrays | None, n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The `cannot` pairs as pairs of starting clusters."""
    if cannot is None or not len(cannot[0]):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    low, high = _checked_pairs(n, cannot[0], cannot[1], "a cannot pair")
    x, y = begin[low], begin[high]
    if (x == y).any():
        i = int(np.argmax(x == y))
        raise ValueError(
            f"records {low[i]} and {high[i]} are a cannot pair, yet together in a starting cluster"
        )
    return x, y


def _cluster_pairs(
    begin: npt.NDArray[np.int64],
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    excess: npt.NDArray[np.int64],
    forbidden: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    component: npt.NDArray[np.int32],
) -> tuple[Ints, Ints, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Pairs of starting clusters, with their summed excess and whether they are forbidden.

    Sorted by component, then by record.
    """
    groups = max(len(component), 1)
    no = component[forbidden[0]] == component[forbidden[1]]
    x = np.concatenate([begin[left], forbidden[0][no]])
    y = np.concatenate([begin[right], forbidden[1][no]])
    excess = np.concatenate([excess, np.zeros(int(no.sum()), np.int64)])
    stop = np.arange(len(x)) >= len(left)
    key = np.minimum(x, y) * groups + np.maximum(x, y)
    use = x != y
    key, excess, stop = key[use], excess[use], stop[use]
    if not (key[1:] > key[:-1]).all():
        order = np.argsort(key, kind="stable")
        key, excess, stop = key[order], excess[order], stop[order]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        key = key[starts]
        excess, stop = np.add.reduceat(excess, starts), np.logical_or.reduceat(stop, starts)
    order = np.argsort(component[key // groups], kind="stable")
    key = key[order]
    return (
        (key // groups).astype(np.int32),
        (key % groups).astype(np.int32),
        excess[order],
        stop[order],
    )


def _bounds(some: npt.NDArray[np.int32], component: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Where each component begins and ends among pairs sorted by component."""
    count = int(component.max()) + 1 if len(component) else 0
    return np.concatenate([[0], np.cumsum(np.bincount(some, minlength=count))]).astype(np.int64)


def _side_codes(side: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int32], int]:
    codes = np.full(len(side), -1, np.int32)
    names, inverse = np.unique(side[side >= 0], return_inverse=True)
    codes[side >= 0] = inverse
    return codes, max(len(names), 1)


def _member_lists(begin: npt.NDArray[np.int64], groups: int) -> tuple[Ints, Ints, Ints]:
    """Linked lists of the records of each starting cluster: head, tail, next record (-1 = end)."""
    order = np.argsort(begin, kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(begin, minlength=groups))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64) if groups else np.empty(0, np.int64)
    following = np.full(len(begin), -1, np.int32)
    inside = np.ones(len(begin), bool)
    inside[starts] = False
    positions = np.flatnonzero(inside)
    following[order[positions - 1]] = order[positions]
    return order[starts], order[ends - 1], following


def _roots(parent: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    roots = parent.astype(np.int64)
    while True:
        above = roots[roots]
        if np.array_equal(above, roots):
            return roots
        roots = above


def _confidence(
    labels: npt.NDArray[np.int32],
    left: Ints,
    right: Ints,
    fixed: npt.NDArray[np.int64],
    missing: int,
) -> npt.NDArray[np.float64]:
    size = np.bincount(labels)
    inside = labels[left] == labels[right]
    # Exact in float64: whole numbers, below 2**53 for up to eight million edges in one cluster.
    total = np.bincount(
        labels[left[inside]], weights=(fixed - missing)[inside], minlength=len(size)
    )
    pairs = np.maximum(size * (size - 1) // 2, 1)
    mean = (total / pairs + missing) / _ONE
    return np.where(size > 1, mean, 1.0)[labels]


def _weakest(
    labels: npt.NDArray[np.int32], left: Ints, right: Ints, fixed: npt.NDArray[np.int64]
) -> WeakestEdges:
    inside = np.flatnonzero(labels[left] == labels[right])
    inside = inside[np.argsort(-fixed[inside], kind="stable")]  # edges lie in record order already
    left, right, fixed = left[inside], right[inside], fixed[inside]
    clusters = int(labels.max()) + 1 if len(labels) else 0
    last = spanning_minimum(len(labels), left, right, labels, clusters)
    label = np.flatnonzero(last >= 0)
    at = last[label]
    return WeakestEdges(label.astype(np.int32), left[at], right[at], fixed[at] / _ONE)


def _report(
    labels: npt.NDArray[np.int32],
    reason: npt.NDArray[np.int8],
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    score: npt.NDArray[np.float64],
) -> CutReport:
    counts, clusters = {}, {}
    for code, name in enumerate(REASONS):
        rows = reason == code
        counts[name] = int(rows.sum())
        clusters[name] = np.unique(labels[np.concatenate([left[rows], right[rows]])]).tolist()
    return CutReport(reason, left, right, score, counts, clusters)
