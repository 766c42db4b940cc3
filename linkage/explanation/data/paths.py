"""Paths through a cluster, between two records whose own pair did not join them."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from typing import TypeVar

from linkage.results.spanning_tree import spanning_tree

__all__ = ["bottleneck_path"]

Node = TypeVar("Node", bound=Hashable)


def bottleneck_path(
    edges: Sequence[tuple[Node, Node, float]], start: Node, end: Node
) -> list[int] | None:
    """Positions of the edges of the path whose weakest edge is strongest, in order.

    It is the path in the maximum spanning tree (Hu 1961).

    Args:
        edges: ends and score of each edge.
        start, end: where the path begins and ends.

    Returns:
        None where no path joins the two.
    """
    near: dict[Node, list[tuple[Node, int]]] = defaultdict(list)
    for k in spanning_tree(edges):
        a, b, _ = edges[k]
        near[a].append((b, k))
        near[b].append((a, k))
    came: dict[Node, tuple[Node, int] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        if node == end:
            break
        for other, k in near[node]:
            if other not in came:
                came[other] = (node, k)
                waiting.append(other)
    if end not in came:
        return None
    path = []
    step = came[end]
    while step is not None:
        path.append(step[1])
        step = came[step[0]]
    return path[::-1]
