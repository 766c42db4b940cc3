"""Labels of records as labels of collapsed records, weighted to the proportion of candidates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from blocking.candidates import Candidates
from linkage.training.pair_labels import PairLabels
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["CollapsedLabels", "collapse_labels", "negative_weight"]


@dataclass(frozen=True)
class CollapsedLabels:
    """Labelled pairs of collapsed records, sorted and unique.

    Attributes:
        left, right: rows of collapsed records, the smaller first, int, shape (m,).
        match, other: numbers of labelled pairs of records of each pair that match, and that do not.
        entity: where whole entities are labelled, the entity of each record, -1 unknown.
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
        """Weight of each pair: pairs of many records count more, but do not dominate."""
        return np.sqrt(np.abs(self.match - self.other))


def collapse_labels(
    labels: PairLabels, collapsed: CollapsedRecords, candidates: Candidates
) -> CollapsedLabels:
    """Return labelled pairs of collapsed records.

    Of labelled entities these are the candidates between labelled records, so that hard and easy
    pairs are as frequent as among the pairs that are scored. Labelled pairs are used whether they
    are candidates or not; pairs within one collapsed record are left out.

    Args:
        labels: labels of records.
        collapsed: the collapsed records.
        candidates: candidate pairs of collapsed records.
    """
    if labels.entity is None:
        a, b = collapsed.row_of_record[labels.left], collapsed.row_of_record[labels.right]
        low, high, across = np.minimum(a, b), np.maximum(a, b), a != b
        keys = low[across].astype(np.int64) * len(collapsed.first_record) + high[across]
        found, number = np.unique(keys, return_inverse=True)
        match = np.bincount(number, labels.label[across] == 1, minlength=len(found))
        other = np.bincount(number, labels.label[across] == 0, minlength=len(found))
        n = len(collapsed.first_record)
        return CollapsedLabels(found // n, found % n, match, other)
    labelled = np.flatnonzero(labels.entity >= 0)
    shape = (len(collapsed.first_record), int(labels.entity.max(initial=-1)) + 1)
    row = collapsed.row_of_record[labelled]
    count = sparse.csr_array((np.ones(len(labelled)), (row, labels.entity[labelled])), shape=shape)
    size = np.asarray(count.sum(axis=1)).ravel()
    chosen = np.flatnonzero((size[candidates.left] > 0) & (size[candidates.right] > 0))
    left, right = candidates.left[chosen].astype(np.int64), candidates.right[chosen]
    match = np.asarray(count[left].multiply(count[right]).sum(axis=1)).ravel()
    return CollapsedLabels(
        left, right.astype(np.int64), match, size[left] * size[right] - match, labels.entity
    )


def negative_weight(
    candidates: Candidates, probability: np.ndarray, labelled: np.ndarray, label: np.ndarray
) -> float:
    """Return the weight of a labelled non-match, 1 or more, that corrects for its rarer sampling.

    Labels of whole entities hold all matches of a labelled record, but only those of its
    non-matches whose other record is labelled, too. The weight is the ratio of both sampling
    rates; pairs with one unlabelled record are counted by their probability without labels.

    Args:
        candidates: all candidate pairs.
        probability: probability of a match by the model without labels, shape (m,).
        labelled: whether each record is labelled, bool, shape (n,).
        label: labels of the candidates with two labelled records, in order.
    """
    half = labelled[candidates.left] ^ labelled[candidates.right]
    matches, others = 2.0 * np.sum(label == 1), 2.0 * np.sum(label == 0)
    unlabelled_matches = float(probability[half].sum())
    unlabelled_others = float(half.sum()) - unlabelled_matches
    if matches == 0 or others == 0:
        return 1.0
    rate_of_matches = matches / (matches + unlabelled_matches)
    rate_of_others = others / (others + unlabelled_others)
    return max(1.0, rate_of_matches / rate_of_others)
