"""Pairs that labels tell of beyond their own: matches by record, candidates of known clusters."""

from __future__ import annotations

import numpy as np

from linkage.models.evidence.known_matches import KnownMatches, record_hashes
from linkage.scoring.session import Session
from linkage.training.pair_labels import PairLabels

__all__ = ["known_matches_of", "with_hard_pairs"]

#: Candidates between records of known clusters that are added to the labelled pairs.
_MOST_HARD_PAIRS = 200_000


def known_matches_of(
    session: Session, labels: PairLabels, validation: PairLabels | None
) -> KnownMatches | None:
    """Return the labelled matches by hashes of their records, for two tables; None for one."""
    if not session.records.is_linkage:
        return None
    prints = record_hashes(session.records)
    parts = [part for part in (labels, validation) if part is not None]
    sides = [
        np.concatenate([getattr(part, side)[part.label == 1] for part in parts])
        for side in ("left", "right")
    ]
    return KnownMatches(prints[sides[0]], prints[sides[1]])


def with_hard_pairs(
    session: Session, labels: PairLabels
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows and labels of labelled pairs and of candidates within known clusters' records."""
    left, right, label = labels.left, labels.right, labels.label
    if labels.entity is None:
        return left, right, label
    candidates = session.candidates
    known = (labels.entity[candidates.left] >= 0) & (labels.entity[candidates.right] >= 0)
    chosen = np.flatnonzero(known)[:: max(1, int(known.sum()) // _MOST_HARD_PAIRS)]
    hard_left, hard_right = candidates.left[chosen], candidates.right[chosen]
    hard = (labels.entity[hard_left] == labels.entity[hard_right]).astype(label.dtype)
    left, right = np.concatenate([left, hard_left]), np.concatenate([right, hard_right])
    label = np.concatenate([label, hard])
    _, first = np.unique(left.astype(np.int64) * session.records.n + right, return_index=True)
    return left[first], right[first], label[first]
