"""The maximum spanning tree of a cluster's scored pairs: the edges that hold it together."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np

from linkage.clustering.cluster_values import find_root

__all__ = ["spanning_tree"]

Node = TypeVar("Node", bound=Hashable)


def spanning_tree(edges: Sequence[tuple[Node, Node, float]]) -> list[int]:
    """Positions of the edges of a maximum spanning tree (of each component), best first.

    Kruskal's method; of equal edges the first given comes first.

    Args:
        edges: ends and score of each edge.
    """
    position: dict[Node, int] = {}
    for one, other, _ in edges:
        position.setdefault(one, len(position))
        position.setdefault(other, len(position))
    parent = np.arange(len(position))
    chosen: list[int] = []
    for k in sorted(range(len(edges)), key=lambda k: (-edges[k][2], k)):
        one, other, _ = edges[k]
        a, b = find_root(parent, position[one]), find_root(parent, position[other])
        if a != b:
            parent[b] = a
            chosen.append(k)
            if len(chosen) == len(position) - 1:
                break
    return chosen
