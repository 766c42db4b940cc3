"""Clusters of a match definition: their sizes, and the largest and least sure with their edges."""

from __future__ import annotations

import numpy as np

from features.arrays.ordering import stable_order
from linkage.report.data.classes import count_classes
from linkage.report.data.contents import ClusterData
from linkage.report.data.outcome import Outcome
from linkage.results.spanning_tree import spanning_tree

__all__ = ["cluster_data", "cluster_sizes", "largest_clusters", "least_sure_clusters"]

_SHOWN_MEMBERS = 30
_SHOWN_EDGES = 150
#: Upper ends of the classes of cluster sizes.
_ENDS = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200, 500, 1000, 10_000, 10**9]


def cluster_sizes(sizes: np.ndarray) -> list[tuple[int, int, int]]:
    """Return clusters by number of records: (from, to, clusters), empty classes left out.

    Args:
        sizes: Records of each cluster.

    """
    return count_classes(sizes, _ENDS, start=1)


def largest_clusters(outcome: Outcome, number: int) -> np.ndarray:
    """Return the labels of the largest clusters, largest first; those of two are not large."""
    sizes = outcome.sizes
    order = stable_order(sizes, falling=True)[:number]
    return order[sizes[order] > 2]


def least_sure_clusters(outcome: Outcome, pairs: int, larger: int) -> np.ndarray:
    """Return the labels of the clusters that are least sure.

    Args:
        outcome: What the definition came to.
        pairs: How many of two records; they come last.
        larger: How many of three or more.

    """
    sizes = outcome.sizes
    confidence = np.ones(len(sizes))
    confidence[outcome.label] = outcome.confidence
    several = np.flatnonzero(sizes > 1)
    order = np.lexsort((several, -sizes[several], confidence[several]))
    ranked = several[order]
    is_pair = sizes[ranked] == 2
    return np.concatenate([ranked[~is_pair][:larger], ranked[is_pair][:pairs]])


def cluster_data(outcome: Outcome, chosen: np.ndarray, names: np.ndarray) -> list[ClusterData]:
    """Return given clusters with the edges between their records.

    Args:
        outcome: What the definition came to.
        chosen: Labels of the clusters.
        names: Name of each row's cluster.

    """
    if not len(chosen):
        return []
    wanted = np.zeros(len(outcome.sizes), bool)
    wanted[chosen] = True
    # Pairs of one cluster are those that match.
    inside = np.flatnonzero(outcome.match)
    edge_label = outcome.label[outcome.left[inside]]
    inside, edge_label = inside[wanted[edge_label]], edge_label[wanted[edge_label]]
    rows = np.flatnonzero(wanted[outcome.label])
    row_label = outcome.label[rows]
    found = []
    for label in chosen.tolist():
        members = rows[row_label == label]
        found.append(
            _cluster(outcome, members, inside[edge_label == label], str(names[members[0]]))
        )
    return found


def _cluster(outcome: Outcome, members: np.ndarray, edges: np.ndarray, name: str) -> ClusterData:
    edges = edges[np.lexsort((outcome.right[edges], outcome.left[edges], -outcome.score[edges]))]
    left = np.searchsorted(members, outcome.left[edges])
    right = np.searchsorted(members, outcome.right[edges])
    score = outcome.score[edges]
    tree = spanning_tree(list(zip(left.tolist(), right.tolist(), score.tolist(), strict=True)))
    kept = _shown_members(len(members), left, right, tree)
    # Edges of the tree are always shown, so that what holds the cluster together is seen.
    position = np.full(len(members), -1)
    position[kept] = np.arange(len(kept))
    visible = np.flatnonzero((position[left] >= 0) & (position[right] >= 0))
    is_tree = np.isin(visible, tree)
    room = max(_SHOWN_EDGES - int(is_tree.sum()), 0)
    visible = np.sort(np.concatenate([visible[is_tree], visible[~is_tree][:room]]))
    weakest = None
    if tree:
        weakest = int(np.searchsorted(visible, tree[-1]))
    return ClusterData(
        name=name,
        size=len(members),
        confidence=float(outcome.confidence[members[0]]),
        members=members[kept].tolist(),
        edges=[
            (int(position[left[k]]), int(position[right[k]]), round(float(score[k]), 4))
            for k in visible
        ],
        weakest=weakest,
        edges_total=len(edges),
    )


def _shown_members(size: int, left: np.ndarray, right: np.ndarray, tree: list[int]) -> np.ndarray:
    """Return members to be shown: all, or those around the weakest link."""
    if size <= _SHOWN_MEMBERS or not tree:
        return np.arange(min(size, _SHOWN_MEMBERS))
    neighbours: list[list[int]] = [[] for _ in range(size)]
    for k in tree:
        neighbours[left[k]].append(int(right[k]))
        neighbours[right[k]].append(int(left[k]))
    queue = [int(left[tree[-1]]), int(right[tree[-1]])]
    seen = set(queue)
    for member in queue:  # grows while it is gone through: breadth first
        for other in neighbours[member]:
            if other not in seen and len(queue) < _SHOWN_MEMBERS:
                seen.add(other)
                queue.append(other)
    return np.array(sorted(queue))
