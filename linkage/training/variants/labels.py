"""Labels of records as labels of forms, in the proportion in which pairs are scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from blocking.candidates import Candidates
from linkage.training.pair_labels import PairLabels
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["CollapsedLabels", "collapse_labels", "labelled_share"]


@dataclass(frozen=True)
class CollapsedLabels:
    """Labelled pairs of forms, sorted and unique.

    Attributes:
        left, right: forms, the smaller first, int, shape (m,).
        match, other: labelled pairs of records behind each that match, and that do not.
        entity: where whole groups are known, the group of each record, -1 unknown.
    """

    left: np.ndarray
    right: np.ndarray
    match: np.ndarray
    other: np.ndarray
    entity: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.left)

    @property
    def label(self) -> np.ndarray:
        """1 where most pairs of records match, 0 otherwise."""
        return (self.match > self.other).astype(np.int64)

    @property
    def weight(self) -> np.ndarray:
        """What each pair counts: large groups more than small ones, but not all alone."""
        return np.sqrt(np.abs(self.match - self.other))


def collapse_labels(
    labels: PairLabels, collapsed: CollapsedRecords, candidates: Candidates
) -> CollapsedLabels:
    """Labelled pairs of forms.

    Of known groups these are the candidates between labelled records: the pairs that are scored, so
    that hard and easy ones come as they are. Labelled pairs are taken whether they are candidates
    or not.

    Args:
        labels: of records.
        grouping: the forms.
        candidates: pairs of forms.
    """
    if labels.entity is None:
        a, b = collapsed.row_of_record[labels.left], collapsed.row_of_record[labels.right]
        low, high, across = np.minimum(a, b), np.maximum(a, b), a != b
        keys = low[across].astype(np.int64) * len(collapsed.first_record) + high[across]
        found, place = np.unique(keys, return_inverse=True)
        match = np.bincount(place, labels.label[across] == 1, minlength=len(found))
        other = np.bincount(place, labels.label[across] == 0, minlength=len(found))
        n = len(collapsed.first_record)
        return CollapsedLabels(found // n, found % n, match, other)
    known = np.flatnonzero(labels.entity >= 0)
    shape = (len(collapsed.first_record), int(labels.entity.max(initial=-1)) + 1)
    held = sparse.csr_array(
        (np.ones(len(known)), (collapsed.row_of_record[known], labels.entity[known])), shape=shape
    )
    size = np.asarray(held.sum(axis=1)).ravel()
    chosen = np.flatnonzero((size[candidates.left] > 0) & (size[candidates.right] > 0))
    left, right = candidates.left[chosen].astype(np.int64), candidates.right[chosen]
    match = np.asarray(held[left].multiply(held[right]).sum(axis=1)).ravel()
    return CollapsedLabels(
        left, right.astype(np.int64), match, size[left] * size[right] - match, labels.entity
    )


def labelled_share(
    candidates: Candidates, probability: np.ndarray, known: np.ndarray, label: np.ndarray
) -> float:
    """How much oftener a match of a labelled record is labelled than another pair of it.

    Whoever labels whole groups knows all matches of a labelled record, but of its other candidates
    only those that were labelled too. The pairs with unlabelled records count by the probability
    that a model without labels gives them.

    Args:
        candidates: all candidates.
        probability: of a match without labels, shape (m,).
        known: whether each record (or form) is labelled, bool.
        label: of the candidates with two labelled records, in order.

    Returns:
        The weight of a labelled non-match, 1 or more.
    """
    one, other = known[candidates.left], known[candidates.right]
    half = one ^ other
    matches, others = 2.0 * np.sum(label == 1), 2.0 * np.sum(label == 0)
    open_matches = float(probability[half].sum())
    open_others = float(half.sum()) - open_matches
    if matches == 0 or others == 0:
        return 1.0
    share_of_matches = matches / (matches + open_matches)
    share_of_others = others / (others + open_others)
    return max(1.0, share_of_matches / share_of_others)
