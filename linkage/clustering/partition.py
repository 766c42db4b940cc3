"""The partition of records into clusters, with the confidence of each cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from features.arrays.ordering import stable_order
from linkage.clustering.average_link_kernels import spanning_minimum

__all__ = [
    "ONE",
    "REASONS",
    "Clustering",
    "CutReport",
    "WeakestEdges",
    "confidence",
    "cut_report",
    "weakest_edges",
]

ONE = 1 << 30
"""A score of 1 in fixed point: sums are exact, and so do not depend on the order of edges."""

REASONS = ("max_cluster_size", "cannot", "one_per_side")


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
        confidence: float64[n], of the record's cluster: mean score over all its pairs of records
            that count, a missing pair counted with the missing score; 1.0 where no pair counts, as
            for a record alone.
        weakest: the weakest edge of each cluster.
        cuts: what the constraints refused.
    """

    labels: npt.NDArray[np.int32]
    confidence: npt.NDArray[np.float64]
    weakest: WeakestEdges
    cuts: CutReport

    def of_members(
        self, node: npt.NDArray[np.integer], first: npt.NDArray[np.integer]
    ) -> Clustering:
        """Return the clusters of what the records, here nodes, stand for.

        Args:
            node: int[m], node of each member.
            first: int[n], first member of each node, ascending.
        """
        edges, cuts = self.weakest, self.cuts
        of_node: npt.NDArray[np.int32] = first.astype(np.int32)
        return Clustering(
            self.labels[node].astype(np.int32),
            self.confidence[node],
            replace(edges, left=of_node[edges.left], right=of_node[edges.right]),
            replace(cuts, left=of_node[cuts.left], right=of_node[cuts.right]),
        )


def confidence(
    labels: npt.NDArray[np.int32],
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    fixed: npt.NDArray[np.int64],
    missing: int,
    second: npt.NDArray[np.bool_] | None = None,
    declared: npt.NDArray[np.integer] | None = None,
    weight: npt.NDArray[np.integer] | None = None,
) -> npt.NDArray[np.float64]:
    """Return the mean score of each record's cluster, see `Clustering.confidence`.

    Args:
        labels: int32[n].
        left, right: int32[m], records of each edge, each pair once.
        fixed: int64[m], scores in fixed point.
        missing: score of a pair without an edge, in fixed point.
        second: bool[n], whether a record is of the second of two sides: only pairs across count,
            and the edges must all be such pairs. None = every pair counts.
        declared: int[n], labels of declared matches; pairs of one label count as certain.
        weight: int[n], how many records each stands for; pairs among those do not count.

    Returns:
        float64[n].
    """
    size = np.bincount(labels)
    inside = labels[left] == labels[right]
    certain = np.zeros(len(size), np.float64)
    if declared is not None:
        inside &= declared[left] != declared[right]
        certain = _declared_pairs(labels, declared, second, weight) * float(ONE - missing)
    # Exact in float64: whole numbers, below 2**53 for up to eight million edges in one cluster.
    above = (fixed - missing)[inside]
    if weight is not None:
        above = above * (weight[left[inside]] * weight[right[inside]])
    total = certain + np.bincount(labels[left[inside]], weights=above, minlength=len(size))
    if weight is not None:
        pairs = _pairs_between(labels, weight)
    elif second is None:
        pairs = size * (size - 1) // 2
    else:
        of_second = np.bincount(labels[second], minlength=len(size))
        pairs = of_second * (size - of_second)
    mean = (total / np.maximum(pairs, 1) + missing) / ONE
    return np.where(pairs > 0, mean, 1.0)[labels]


def _declared_pairs(
    labels: npt.NDArray[np.int32],
    declared: npt.NDArray[np.integer],
    second: npt.NDArray[np.bool_] | None,
    weight: npt.NDArray[np.integer] | None,
) -> npt.NDArray[np.float64]:
    """Return how many pairs of each cluster are declared matches."""
    width = int(declared.max(initial=-1)) + 1
    key = labels.astype(np.int64) * max(width, 1) + declared
    cells, part = np.unique(key, return_inverse=True)
    size = np.bincount(part)
    if weight is not None:
        pairs = _pairs_between(part, weight)
    elif second is None:
        pairs = size * (size - 1) // 2
    else:
        of_second = np.bincount(part[second], minlength=len(size))
        pairs = (size - of_second) * of_second
    clusters = int(labels.max(initial=-1)) + 1
    return np.asarray(
        np.bincount(cells // max(width, 1), weights=pairs, minlength=clusters), np.float64
    )


def _pairs_between(
    labels: npt.NDArray[np.integer], weight: npt.NDArray[np.integer]
) -> npt.NDArray[np.int64]:
    """Return the pairs of records of each label, but for pairs of records of one row."""
    squares = np.bincount(labels, weight) ** 2 - np.bincount(labels, weight**2)
    return (squares / 2).astype(np.int64)


def weakest_edges(
    labels: npt.NDArray[np.int32],
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    fixed: npt.NDArray[np.int64],
) -> WeakestEdges:
    """Return the weakest edge of each cluster, from edges in record order; of ties the last.

    Args:
        labels: int32[n].
        left, right: int32[m], records of each edge, each pair once.
        fixed: int64[m], scores in fixed point.
    """
    inside = np.flatnonzero(labels[left] == labels[right])
    inside = inside[stable_order(fixed[inside], falling=True)]
    left, right, fixed = left[inside], right[inside], fixed[inside]
    clusters = int(labels.max()) + 1 if len(labels) else 0
    last = spanning_minimum(len(labels), left, right, labels, clusters)
    label = np.flatnonzero(last >= 0)
    at = last[label]
    return WeakestEdges(label.astype(np.int32), left[at], right[at], fixed[at] / ONE)


def cut_report(
    labels: npt.NDArray[np.int32],
    reason: npt.NDArray[np.int8],
    left: npt.NDArray[np.int32],
    right: npt.NDArray[np.int32],
    score: npt.NDArray[np.float64],
) -> CutReport:
    """Return the refused merges, counted by reason, with the clusters that they kept apart.

    Args:
        labels: int32[n].
        reason, left, right, score: of each refused merge, see `CutReport`.
    """
    counts, clusters = {}, {}
    for code, name in enumerate(REASONS):
        rows = reason == code
        counts[name] = int(rows.sum())
        clusters[name] = np.unique(labels[np.concatenate([left[rows], right[rows]])]).tolist()
    return CutReport(reason, left, right, score, counts, clusters)
