"""From scored pairs to clusters: by assignment for two clean tables, by average link otherwise."""

from __future__ import annotations

import numpy as np

from blocking.candidates import Candidates
from features.records import Records
from linkage.clustering import MISSING_SCORE, average_link
from linkage.one_to_one import assign_by_log_odds
from linkage.partition import Clustering

__all__ = ["decide"]


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
) -> Clustering:
    """Clusters records by their scored pairs.

    Args:
        records: the rows.
        candidates: the scored pairs.
        probability: calibrated probability of a match, shape (m,).
        threshold: probability at which a match begins.
        one_to_one: whether a record of one table has at most one partner in the other.
        max_cluster_size: most records of a cluster.
        start: clusters of a stricter definition, which stay whole.
        sources: source of each record of one table, negative where unknown, if no source lists a
            thing twice: a cluster then has at most one record of each.
    """
    left, right, score = candidates.left, candidates.right, probability
    if one_to_one:
        inside = np.clip(probability, 1e-9, 1 - 1e-9)
        cut = np.log(threshold / (1 - threshold))
        log_odds = np.log(inside / (1 - inside))
        chosen = assign_by_log_odds(left, right, log_odds, cut)
        left, right, score = left[chosen], right[chosen], score[chosen]
    # Below the usual weight of a missing pair (a dial set for recall) missing pairs must weigh less
    # than the cut.
    missing = min(MISSING_SCORE, threshold / 2)
    return average_link(
        records.n,
        left,
        right,
        score,
        threshold=float(threshold),
        missing_score=missing,
        max_cluster_size=max_cluster_size,
        side=records.side if records.is_linkage else sources,
        one_per_side=sources is not None and not records.is_linkage,
        across=records.is_linkage,
        start=start,
    )
