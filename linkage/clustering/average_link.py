"""Clusters from scored pairs: average link over sparse edges, under constraints."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.arrays.ordering import stable_order
from linkage.clustering.average_link_kernels import agglomerate
from linkage.clustering.component_kernels import (
    best_first,
    by_component,
    connected,
)
from linkage.clustering.constraints import Constraints
from linkage.clustering.labels import renumbered
from linkage.clustering.partition import (
    ONE,
    REASONS,
    Clustering,
    CutReport,
    WeakestEdges,
    confidence,
    cut_report,
    weakest_edges,
)

__all__ = ["MISSING_SCORE", "REASONS", "Clustering", "CutReport", "WeakestEdges", "average_link"]

MISSING_SCORE = 0.05
"""Score of a pair that was never compared: no blocker proposed it, which is weak evidence
against a match."""

Ints = npt.NDArray[np.integer]
PairArrays = tuple[Ints, Ints]


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
    across: bool = False,
    start: Ints | None = None,
    constraints: Constraints | None = None,
    declared: Ints | None = None,
    weight: Ints | None = None,
    members: Ints | None = None,
) -> Clustering:
    """Agglomerate records by average link, best average first, never below the threshold.

    The average of two clusters is taken over *all* pairs of a record of the one and a record of
    the other; a pair without an edge counts with the missing score. Between two tables that were
    never compared with themselves, `across` leaves pairs of one side out, so that many records of
    one side may share a match on the other and not count against one another. Ties go to the pair
    of clusters that holds the first edge in record order. A refused merge (see the constraints) is
    passed over and the next best is tried. Nothing dense is built: time grows with the number of
    edges times its logarithm, and any graph may be one component.

    Args:
        n: number of records.
        left, right: int[m], records of the scored pairs, in any order; of a pair given twice the
            best counts.
        score: float[m], calibrated probabilities in [0, 1] (not logits).
        threshold: smallest average at which clusters merge, in (missing_score, 1].
        missing_score: score of pairs without an edge, in [0, 1).
        max_cluster_size: most records of a cluster; None = no limit.
        cannot: pairs that never share a cluster, not by a chain either. They need no edge.
        side: int[n], source of each record, negative = unknown; needed for `one_per_side` and
            `across`.
        one_per_side: at most one record of each side in a cluster.
        across: only pairs of records of different sides count, in averages, confidence and weakest
            edges; scores within a side are passed over, and clusters without a pair across never
            merge. There must be no more than two sides, and none unknown.
        start: int[n], labels of clusters to begin with (a stricter definition's, or declared
            matches); they are kept whole whatever the constraints say. In ties their first
            records stand for all of theirs.
        constraints: values that records of one cluster may not hold together; counted with
            `cannot` among the refused merges.
        declared: int[n], labels of declared matches: in the confidence, pairs within one count as
            certain.
        weight: int[n], how many records each stands for: in averages, confidence and
            `max_cluster_size` it counts as so many. Not to be used with `across`.
        members: int[n], how many records each stands for in `max_cluster_size` alone.

    Raises:
        ValueError: for values out of range, records that do not exist, and a pair within `start`
            that may not share a cluster.

    Example:
        >>> left, right = np.array([0, 1]), np.array([1, 2])
        >>> average_link(3, left, right, np.array([0.9, 0.6]), threshold=0.5).labels
        array([0, 0, 1], dtype=int32)
    """
    low, high, fixed = _checked_edges(n, left, right, score)
    if not 0 <= missing_score < 1:
        raise ValueError(f"missing_score must be in [0, 1), got {missing_score}")
    missing = round(missing_score * ONE)
    if not (missing_score < threshold <= 1 and missing < round(threshold * ONE)):
        raise ValueError(
            f"threshold must be above missing_score ({missing_score}) and at most 1, "
            f"got {threshold}: otherwise records that were never compared would merge"
        )
    if max_cluster_size is not None and max_cluster_size < 1:
        raise ValueError(f"max_cluster_size must be at least 1, got {max_cluster_size}")
    floor = round(threshold * ONE)
    kinds, second = _checked_sides(n, side, one_per_side, across)
    if second is not None:
        counts = second[low] != second[high]
        low, high, fixed = low[counts], high[counts], fixed[counts]

    begin = (
        np.arange(n, dtype=np.int64)
        if start is None
        else renumbered(_per_record(start, n, "start"))
    )
    groups = int(begin.max()) + 1 if n else 0
    component = _components(begin, groups, low, high, fixed >= floor)
    near = component[begin[low]] == component[begin[high]]  # the others can never meet
    low, high, fixed = low[near], high[near], fixed[near]
    low, high, fixed = _sorted_once(low, high, fixed, n)
    forbidden_pairs = _forbidden(begin, cannot, n)
    above = fixed - missing
    if weight is not None:
        weight = _per_record(weight, n, "weight")
        above *= weight[low] * weight[high]
    a, b, excess, forbidden = _cluster_pairs(begin, low, high, above, forbidden_pairs, component)
    size = np.bincount(begin, weight, minlength=groups).astype(np.int64)
    first = np.full(groups, n, np.int32)
    np.minimum.at(first, begin, np.arange(n, dtype=np.int32))
    if second is None:
        of_second = np.empty(0, np.int64)
        pairs = size[a] * size[b]
    else:
        of_second = np.bincount(begin[second], minlength=groups)
        pairs = (size - of_second)[a] * of_second[b] + of_second[a] * (size - of_second)[b]
    mean = excess / np.maximum(pairs, 1)  # no pair, no edge: no excess
    queue = np.flatnonzero(mean >= floor - missing).astype(np.int32)
    best_first(queue, component[a], mean)  # stable, so that equal ones stay in record order
    bounds, queue_bounds = _bounds(component[a], component), _bounds(component[a[queue]], component)
    constraints = constraints or Constraints()
    single = constraints.single_values(begin, groups)
    held, sides = constraints.value_lists(begin, groups, kinds)
    held_by = size if members is None else np.bincount(begin, members, minlength=groups)
    held_by = held_by.astype(np.int64)
    largest = int(held_by.sum()) if max_cluster_size is None else max_cluster_size
    parent, reason, refused_low, refused_high, value = agglomerate(
        a, b, excess, mean, forbidden, bounds, queue, queue_bounds,
        size, held_by, of_second, first, float(floor - missing), largest,
        single, held.value, sides, held.values, held.head, held.tail, held.following,
    )  # fmt: skip
    labels = renumbered(_roots(parent)[begin]).astype(np.int32)
    average = np.minimum((value + missing) / ONE, 1.0)
    return Clustering(
        labels,
        confidence(labels, low, high, fixed, missing, second, declared, weight),
        weakest_edges(labels, low, high, fixed),
        cut_report(labels, reason, refused_low, refused_high, average),
    )


def _checked_edges(
    n: int, left: Ints, right: Ints, score: npt.NDArray[np.floating]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the edges with left < right and scores in fixed point."""
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
    fixed = score * ONE
    np.round(fixed, out=fixed)
    return low, high, fixed.astype(np.int64)


def _sorted_once(
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    fixed: npt.NDArray[np.int64],
    n: int,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Return the edges in record order, each pair once, with its best score."""
    key = left.astype(np.int64) * n + right
    if (key[1:] > key[:-1]).all():
        return left, right, fixed
    order = stable_order(key)
    key, fixed = key[order], fixed[order]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    key, fixed = key[starts], np.maximum.reduceat(fixed, starts)
    return (key // max(n, 1)).astype(np.int32), (key % max(n, 1)).astype(np.int32), fixed


def _checked_pairs(
    n: int, left: Ints, right: Ints, what: str
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    left, right = np.asarray(left), np.asarray(right)
    low, high = np.minimum(left, right), np.maximum(left, right)
    if len(low) and (low.min() < 0 or high.max() >= n):
        raise ValueError(f"{what} names a record outside 0..{n - 1}")
    if (low == high).any():
        raise ValueError(f"{what} joins record {int(low[low == high][0])} to itself")
    return low.astype(np.int32, copy=False), high.astype(np.int32, copy=False)


def _per_record(values: Ints, n: int, what: str) -> npt.NDArray[np.int64]:
    if len(values) != n:
        raise ValueError(f"{what} has {len(values)} values for {n} records")
    return np.asarray(values, dtype=np.int64)


def _components(
    begin: npt.NDArray[np.int64],
    groups: int,
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    strong: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int32]:
    """Return components of edges at or above the threshold; each cluster lies within one."""
    return connected(groups, begin, left, right, strong)


def _forbidden(
    begin: npt.NDArray[np.int64], cannot: PairArrays | None, n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the `cannot` pairs as pairs of starting clusters."""
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
    """Return pairs of starting clusters, with their summed excess and whether they are forbidden.

    Sorted by component, then by record.
    """
    groups = max(len(component), 1)
    no = component[forbidden[0]] == component[forbidden[1]]
    short = begin.astype(np.int32)
    x = np.concatenate([short[left], forbidden[0][no].astype(np.int32)])
    y = np.concatenate([short[right], forbidden[1][no].astype(np.int32)])
    excess = np.concatenate([excess, np.zeros(int(no.sum()), np.int64)])
    stop = np.arange(len(x)) >= len(left)
    use = x != y
    key = np.minimum(x, y).astype(np.int64)
    key *= groups
    key += np.maximum(x, y)
    del x, y
    key, excess, stop = key[use], excess[use], stop[use]
    if not (key[1:] > key[:-1]).all():
        order = stable_order(key)
        key, excess, stop = key[order], excess[order], stop[order]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        key = key[starts]
        excess, stop = np.add.reduceat(excess, starts), np.logical_or.reduceat(stop, starts)
    order = by_component(component[key // groups], int(component.max(initial=-1)) + 1)
    key = key[order]
    return (
        (key // groups).astype(np.int32),
        (key % groups).astype(np.int32),
        excess[order],
        stop[order],
    )


def _bounds(some: npt.NDArray[np.int32], component: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Return where each component begins and ends among pairs sorted by component."""
    count = int(component.max()) + 1 if len(component) else 0
    return np.concatenate([[0], np.cumsum(np.bincount(some, minlength=count))]).astype(np.int64)


def _checked_sides(
    n: int, side: Ints | None, one_per_side: bool, across: bool
) -> tuple[Ints | None, npt.NDArray[np.bool_] | None]:
    """Return each record's side for `one_per_side`, and if it is of the second for `across`."""
    if not one_per_side and not across:
        return None, None
    if side is None:
        needs = "one_per_side" if one_per_side else "across"
        raise ValueError(f"{needs} needs the side of each record")
    side = _per_record(side, n, "side")
    if not across:
        return side, None
    names, inverse = np.unique(side[side >= 0], return_inverse=True)
    if len(inverse) < n:
        raise ValueError(f"across needs a known side, got {side.min()} for a record")
    if len(names) > 2:
        raise ValueError(f"across is for two sides, got {len(names)}")
    return side if one_per_side else None, inverse == 1


def _roots(parent: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    roots = parent.astype(np.int64)
    while True:
        above = roots[roots]
        if np.array_equal(above, roots):
            return roots
        roots = above
