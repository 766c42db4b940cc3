"""From scored pairs to clusters: by assignment for two clean tables, by average link otherwise."""

from __future__ import annotations

import numpy as np

from blocking.candidates import Candidates
from features.records import Records
from linkage.clustering.assignment import assign_by_log_odds, pick_best_first
from linkage.clustering.average_link import MISSING_SCORE, average_link
from linkage.clustering.constraints import Constraints
from linkage.clustering.equal_nodes import EqualNodes
from linkage.clustering.partition import Clustering

__all__ = ["decide", "decide_edges"]


def decide(
    records: Records,
    candidates: Candidates,
    probability: np.ndarray,
    threshold: float,
    *,
    one_to_one: bool,
    max_cluster_size: int,
    start: np.ndarray | None = None,
    sources: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    equal: np.ndarray | None = None,
) -> Clustering:
    """Return the clusters of records, from their scored pairs.

    Average link, after a one-to-one assignment of the pairs where that is asked for.

    Args:
        records: the rows.
        candidates: the scored pairs.
        probability: calibrated probability of a match, shape (m,).
        threshold: probability at which a match begins.
        one_to_one: whether a record of one table has at most one partner in the other.
        max_cluster_size: most records of a cluster.
        start: clusters of a stricter definition, which stay whole.
        sources: source of each record of one table, negative where unknown, if no source lists a
            product twice: a cluster then has at most one record of each.
        weight: how many records each row stands for, if not one.
        equal: group of equal rows that each is of, negative = none; see :func:`decide_edges`.
    """
    return decide_edges(
        records.n,
        candidates.left,
        candidates.right,
        probability,
        threshold,
        one_to_one=one_to_one,
        max_cluster_size=max_cluster_size,
        start=start,
        side=records.side if records.is_linkage else None,
        sources=sources,
        weight=weight,
        equal=equal,
    )


def decide_edges(
    n: int,
    left: np.ndarray,
    right: np.ndarray,
    score: np.ndarray,
    threshold: float,
    *,
    one_to_one: bool,
    max_cluster_size: int,
    start: np.ndarray | None = None,
    side: np.ndarray | None = None,
    sources: np.ndarray | None = None,
    constraints: Constraints | None = None,
    declared: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    equal: np.ndarray | None = None,
    members: np.ndarray | None = None,
) -> Clustering:
    """Return the clusters of nodes, from scored edges; see :func:`decide`.

    Args:
        n: number of nodes.
        left, right: nodes of each edge.
        score: probability of a match of each edge.
        threshold: probability at which a match begins.
        one_to_one: whether a node has at most one partner, on the other side if there are two;
            nodes of two sides that the starting clusters give a partner keep it.
        max_cluster_size: most nodes of a cluster.
        start: clusters to begin with, which stay whole.
        side: side of each node, where only edges across two tables count.
        sources: source of each node of one table, if a cluster has at most one of each.
        constraints: what the nodes of one cluster may not hold together.
        declared: labels of declared matches.
        weight: how many records each node stands for, if not one.
        equal: group of equal nodes that each is of, negative = none. They come together as far as
            sources, constraints and the size of clusters allow it, and count as one in averages.
            Of two sides with one partner each they only score alike.
        members: how many records each node stands for in `max_cluster_size` alone.
    """
    if equal is not None and (side is None or not one_to_one):
        nodes = EqualNodes.of(equal, start, side, sources, constraints, max_cluster_size)
        ends = nodes.node[left], nodes.node[right]
        across = ends[0] != ends[1]
        clustering = decide_edges(
            len(nodes.first),
            ends[0][across],
            ends[1][across],
            score[across],
            threshold,
            one_to_one=one_to_one,
            max_cluster_size=max_cluster_size,
            start=nodes.start,
            side=None if side is None else side[nodes.first],
            constraints=nodes.constraints,
            declared=None if declared is None else declared[nodes.first],
            weight=None if weight is None else np.bincount(nodes.node, weight).astype(np.int64),
            members=np.bincount(nodes.node),
        )
        return nodes.spread(clustering, side)
    if one_to_one:
        chosen = _assigned(left, right, score, threshold, start, side)
        left, right, score = left[chosen], right[chosen], score[chosen]
    # A threshold chosen for recall may be lower than the usual score of a missing pair, which must
    # stay below the threshold.
    missing = min(MISSING_SCORE, threshold / 2)
    return average_link(
        n,
        left,
        right,
        score,
        threshold=float(threshold),
        missing_score=missing,
        max_cluster_size=max_cluster_size,
        side=sources if side is None else side,
        one_per_side=sources is not None and side is None,
        across=side is not None,
        start=start,
        constraints=constraints,
        declared=declared,
        weight=weight,
        members=members,
    )


def _assigned(
    left: np.ndarray,
    right: np.ndarray,
    score: np.ndarray,
    threshold: float,
    start: np.ndarray | None,
    side: np.ndarray | None,
) -> np.ndarray:
    """Return which edges the assignment keeps, those within starting clusters too; bool[m]."""
    if side is None:
        order = np.argsort(-score, kind="stable")
        n = int(max(left.max(initial=0), right.max(initial=0))) + 1
        kept = pick_best_first(left, right, order[score[order] >= threshold], n)
        return kept if start is None else kept | (start[left] == start[right])
    kept = np.zeros(len(left), bool)
    free = np.ones(len(left), bool)
    if start is not None:
        kept = start[left] == start[right]
        of_second = np.bincount(start, weights=side)
        taken = ((of_second > 0) & (of_second < np.bincount(start)))[start]
        free = ~taken[left] & ~taken[right]
    inside = np.clip(score[free], 1e-9, 1 - 1e-9)
    cut = np.log(threshold / (1 - threshold))
    log_odds = np.log(inside / (1 - inside))
    kept[np.flatnonzero(free)] |= assign_by_log_odds(left[free], right[free], log_odds, cut)
    return kept
