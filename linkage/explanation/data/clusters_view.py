"""A record's clusters: members, edges, the weakest of them, and the path between two members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from linkage.explanation.data.findings import ClusterPath, ClusterView, Edge, Member, RecordView
from linkage.explanation.data.paths import bottleneck_path
from linkage.explanation.data.run_view import Key, RunView, ScoredPairs
from linkage.results.spanning_tree import spanning_tree

__all__ = ["joining_path", "view_cluster"]

#: Most records, edges inside and edges to the outside of a cluster that are listed.
_MOST_MEMBERS, _MOST_EDGES, _MOST_OUTSIDE = 200, 400, 5


def view_cluster(
    view: RunView, definition: str, position: int, record: Callable[[Key], RecordView]
) -> ClusterView:
    """The cluster of a record under one match definition.

    Args:
        view: the run.
        definition: the match definition.
        position: the record's.
        record: gives the record of a key.
    """
    cluster = view.cluster(definition, position)
    members = view.members(definition, cluster)
    pairs = view.pairs_of(definition, members)
    inside = np.isin(pairs.left, members) & np.isin(pairs.right, members)
    own, across = pairs.at(inside), pairs.at(~inside)
    order = _best_first(view, own)
    own = own.at(order)
    tree = spanning_tree(
        [(int(a), int(b), float(s)) for a, b, s in zip(own.left, own.right, own.score, strict=True)]
    )
    best = _best_first(view, across)[:_MOST_OUTSIDE]
    ends = np.concatenate([own.left, own.right])
    scores = np.concatenate([own.score, own.score])
    shown = [position, *(int(m) for m in members if m != position)][:_MOST_MEMBERS]
    listed = []
    for member in shown:
        of = scores[ends == member]
        mean = float(of.mean()) if len(of) else None
        listed.append(Member(record(view.key(member)), len(of), mean))
    return ClusterView(
        definition=definition,
        cluster_id=cluster,
        confidence=view.confidence(definition, position),
        threshold=float(view.run["definitions"][definition]["threshold"]),
        size=len(members),
        members=listed,
        edges=[view.edge(definition, own, k) for k in range(min(len(own.score), _MOST_EDGES))],
        edge_count=len(own.score),
        weakest=view.edge(definition, own, tree[-1]) if tree else None,
        outside=[view.edge(definition, across, int(k)) for k in best],
    )


def _best_first(view: RunView, pairs: ScoredPairs) -> np.ndarray:
    """Order of pairs by score, ties by their records."""
    one, two = view.rank[pairs.left], view.rank[pairs.right]
    return np.lexsort((np.maximum(one, two), np.minimum(one, two), -pairs.score))


def joining_path(view: RunView, definition: str, a: int, b: int) -> ClusterPath | None:
    """The path between two records of one cluster whose weakest edge is strongest.

    Its edges are scored pairs of the definition, and of the stricter ones within their clusters,
    which are joined before.

    Args:
        view: the run.
        definition: the match definition.
        a, b: positions of the records.

    Returns:
        None where no scored pairs join them: then a rule did.
    """
    members = view.members(definition, view.cluster(definition, a))
    found: list[Edge] = []
    ends: list[tuple[int, int, float]] = []
    for name in [*view.stricter(definition), definition]:
        pairs = view.pairs_of(name, members)
        inside = np.isin(pairs.left, members) & np.isin(pairs.right, members)
        if name != definition:
            clusters = view.clusters[view.cluster_column(name)].to_numpy()
            inside &= clusters[pairs.left] == clusters[pairs.right]
        pairs = pairs.at(inside)
        for k in _best_first(view, pairs):
            found.append(view.edge(name, pairs, int(k)))
            ends.append((int(pairs.left[k]), int(pairs.right[k]), float(pairs.score[k])))
    path = bottleneck_path(ends, a, b)
    if not path:
        return None
    edges = []
    at = a
    for k in path:
        one, two, _ = ends[k]
        # Each edge from where the one before ended.
        edges.append(found[k] if at == one else _reversed(found[k]))
        at = two if at == one else one
    weakest = min(range(len(edges)), key=lambda k: (edges[k].score, k))
    return ClusterPath(edges, weakest)


def _reversed(edge: Edge) -> Edge:
    return replace(edge, left_id=edge.right_id, right_id=edge.left_id)
