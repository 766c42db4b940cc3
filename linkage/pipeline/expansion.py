"""Expansion: pairs, scores and clusters of collapsed records written out for their records."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from blocking.candidates import Candidates
from features.arrays.ordering import stable_order
from linkage.clustering.partition import Clustering
from linkage.models.pair_model import PairModel
from linkage.results.pair_table import is_near
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.score import score_collapsed
from linkage.scoring.session import Session
from linkage.variants.collapse_kernels import pairs_across, pairs_within
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["SAME_CLUSTER", "expand", "expand_clustering", "near_pairs", "spread"]

#: Pairs of records written out for a pair of rows; where there are more, each record is paired with
#: the first record of the other row only, which connects them as well.
_MOST_PAIRS = 100
_SAME_TEXT = "same text"
#: Blocker of the pairs of records that a stricter definition joined, where its clusters are rows.
SAME_CLUSTER = "stricter definition"


@dataclass(frozen=True)
class _Members:
    rows: np.ndarray
    start: np.ndarray


def spread(
    session: Session, model: PairModel, probability: np.ndarray, clustering: Clustering
) -> tuple[Candidates, np.ndarray, Clustering]:
    """The candidates, scores and clusters of a session's rows as those of its records.

    Args:
        session: the session.
        model: its pair model.
        probability: scores of the candidates.
        clustering: clusters of the rows.
    """
    if not isinstance(session, CollapsedSession):
        return session.candidates, probability, clustering
    collapsed = session.collapsed
    own = score_collapsed(session, model)
    near = near_pairs(session, model, probability, clustering.labels)
    candidates, scores = expand(*near, collapsed, own)
    return candidates, scores, expand_clustering(clustering, collapsed, own)


def near_pairs(
    session: Session, model: PairModel, probability: np.ndarray, labels: np.ndarray
) -> tuple[Candidates, np.ndarray]:
    """The session's candidates that are written into results, and their scores.

    With quality fast pairs far below the threshold are left out before they are written out for
    records, which saves their memory.

    Args:
        session: the rows that the candidates are pairs of.
        model: the pair model, for its threshold.
        probability: scores of the candidates.
        labels: cluster of each row.
    """
    candidates = session.candidates
    if session.resolved.quality != "fast":
        return candidates, probability
    kept = is_near(candidates, probability, model.threshold, labels)
    return candidates.part(kept), probability[kept]


def expand(
    candidates: Candidates, probability: np.ndarray, collapsed: CollapsedRecords, own: np.ndarray
) -> tuple[Candidates, np.ndarray]:
    """Pairs of records, with scores, for pairs of collapsed records and for those within each.

    Args:
        candidates: pairs of collapsed records.
        probability: their scores.
        collapsed: the collapsed records.
        own: score of the records of each row among themselves, shape (rows,).
    """
    order = stable_order(collapsed.row_of_record)
    start = np.concatenate([[0], np.cumsum(collapsed.sizes)])
    members = _Members(order, start)
    left, right, pair = pairs_across(
        members.rows, members.start, candidates.left, candidates.right, _MOST_PAIRS
    )
    inner_left, inner_right, row = pairs_within(members.rows, members.start, _MOST_PAIRS)
    if collapsed.records.is_linkage:  # its pairs are across the tables
        inner_left, inner_right, row = inner_left[:0], inner_right[:0], row[:0]
    names = [*candidates.names, SAME_CLUSTER if collapsed.merged else _SAME_TEXT]
    bit = np.uint32(1) << np.uint32(len(candidates.names))
    left, right = np.concatenate([left, inner_left]), np.concatenate([right, inner_right])
    low, high = np.minimum(left, right), np.maximum(left, right)
    del left, right
    ranked = stable_order(low.astype(np.int64) * len(collapsed.row_of_record) + high)
    low, high = low[ranked], high[ranked]
    blockers = np.concatenate([candidates.blockers[pair], np.full(len(row), bit, np.uint32)])
    found = Candidates(low, high, blockers[ranked], names)
    return found, np.concatenate([probability[pair], own[row]])[ranked]


def expand_clustering(
    clustering: Clustering, collapsed: CollapsedRecords, own: np.ndarray
) -> Clustering:
    """Clusters of records for clusters of collapsed records, numbered by their smallest record.

    Args:
        clustering: clusters of collapsed records.
        collapsed: the collapsed records.
        own: score of the records of each row among themselves.
    """
    # Rows are ordered by their first record, so that the numbers of clusters keep their order.
    alone = np.bincount(clustering.labels)[clustering.labels] == 1
    confidence = np.where(alone & (collapsed.sizes > 1), own, clustering.confidence)
    clustering = replace(clustering, confidence=confidence)
    return clustering.of_members(collapsed.row_of_record, collapsed.first_record)
