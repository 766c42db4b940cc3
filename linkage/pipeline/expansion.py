"""From forms back to records: pairs, scores and clusters of forms spread over their records."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from blocking.candidates import Candidates
from features.arrays.ordering import stable_order
from linkage.clustering.partition import Clustering, WeakestEdges
from linkage.models.pair_model import PairModel
from linkage.results.pair_table import is_near
from linkage.scoring.collapsed_session import CollapsedSession
from linkage.scoring.score import score_collapsed
from linkage.scoring.session import Session
from linkage.variants.collapse_kernels import pairs_across, pairs_within
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["expand", "expand_clustering", "near_pairs", "spread"]

#: Pairs of records written out for a pair of forms; beyond, each record is paired with the other
#: form's first, which says the same.
_MOST_PAIRS = 100
_SAME_TEXT, _SAME_CLUSTER = "same text", "stricter definition"


@dataclass(frozen=True)
class _Members:
    rows: np.ndarray
    start: np.ndarray


def spread(
    session: Session, model: PairModel, probability: np.ndarray, clustering: Clustering
) -> tuple[Candidates, np.ndarray, Clustering]:
    """The candidates, scores and clusters of a session's rows as those of its records."""
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
    """The session's candidates that are worth writing out, and their scores.

    With quality fast pairs far from any match are left out, before they are spread over records.

    Args:
        session: the rows that the candidates are pairs of.
        model: its threshold says what is far.
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
    """Pairs of records for pairs of forms, and the pairs within each form.

    Args:
        candidates: pairs of forms.
        probability: their scores.
        grouping: the forms.
        own: score of a form's records among themselves, shape (forms,).
    """
    order = stable_order(collapsed.row_of_record)
    start = np.concatenate([[0], np.cumsum(collapsed.sizes)])
    members = _Members(order, start)
    left, right, pair = pairs_across(
        members.rows, members.start, candidates.left, candidates.right, _MOST_PAIRS
    )
    inner_left, inner_right, form = pairs_within(members.rows, members.start, _MOST_PAIRS)
    if collapsed.records.is_linkage:  # its pairs are across the tables
        inner_left, inner_right, form = inner_left[:0], inner_right[:0], form[:0]
    names = [*candidates.names, _SAME_CLUSTER if collapsed.merged else _SAME_TEXT]
    bit = np.uint32(1) << np.uint32(len(candidates.names))
    left, right = np.concatenate([left, inner_left]), np.concatenate([right, inner_right])
    low, high = np.minimum(left, right), np.maximum(left, right)
    del left, right
    ranked = stable_order(low.astype(np.int64) * len(collapsed.row_of_record) + high)
    low, high = low[ranked], high[ranked]
    blockers = np.concatenate([candidates.blockers[pair], np.full(len(form), bit, np.uint32)])
    found = Candidates(low, high, blockers[ranked], names)
    return found, np.concatenate([probability[pair], own[form]])[ranked]


def expand_clustering(
    clustering: Clustering, collapsed: CollapsedRecords, own: np.ndarray
) -> Clustering:
    """Clusters of records for clusters of forms; numbered by their smallest record as before.

    Args:
        clustering: clusters of forms.
        grouping: the forms.
        own: score of a form's records among themselves.
    """
    # Forms are ordered by their first record, so that numbers keep their order.
    labels = clustering.labels[collapsed.row_of_record].astype(np.int32)
    alone = np.bincount(clustering.labels)[clustering.labels] == 1
    several = collapsed.sizes > 1
    confidence = np.where(alone & several, own, clustering.confidence)[collapsed.row_of_record]
    weakest, first = clustering.weakest, collapsed.first_record
    edges = WeakestEdges(
        weakest.label,
        first[weakest.left].astype(np.int32),
        first[weakest.right].astype(np.int32),
        weakest.score,
    )
    cuts = clustering.cuts
    cuts = replace(
        cuts, left=first[cuts.left].astype(np.int32), right=first[cuts.right].astype(np.int32)
    )
    return Clustering(labels, confidence, edges, cuts)
