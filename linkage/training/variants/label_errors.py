"""Errors of models of collapsed records on labels that they have not learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.clustering.average_link import MISSING_SCORE, average_link
from linkage.training.variants.labels import CollapsedLabels
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["CollapsedEvaluator", "Errors"]


@dataclass(frozen=True)
class Errors:
    """False and missed matches by labelled entity (by labelled pair, where entities are unknown).

    Attributes:
        false: false positives, pairs of records, float, shape (entities,).
        missed: false negatives, pairs of records, float, shape (entities,).
        matches: number of pairs of records that match.
    """

    false: np.ndarray
    missed: np.ndarray
    matches: float

    @property
    def f1(self) -> float:
        """Pairwise F1; 0 without matches."""
        false, missed = float(self.false.sum()), float(self.missed.sum())
        found = self.matches - missed
        return 2 * found / max(2 * found + false + missed, 1e-9)

    @property
    def metrics(self) -> dict[str, float]:
        """Precision, recall and F1, by name."""
        found = self.matches - float(self.missed.sum())
        return {
            "f1": self.f1,
            "precision": found / max(found + float(self.false.sum()), 1e-9),
            "recall": found / max(self.matches, 1e-9),
        }

    def better_than(self, other: Errors, standard_errors: float) -> bool:
        """Return whether F1 is higher by so many standard errors over the entities.

        Args:
            other: errors of another model on the same labels.
            standard_errors: their number.
        """
        # Cost in F1 of a false and of a missed pair, to first order around the other's F1.
        f1 = other.f1
        gain = f1 * (other.false - self.false) + (2 - f1) * (other.missed - self.missed)
        return float(gain.sum()) > standard_errors * float(np.sqrt((gain**2).sum()))


class CollapsedEvaluator:
    """Evaluates scores of labelled pairs of collapsed records.

    Where whole entities are labelled the collapsed records are clustered as in a run, and pairs of
    records in one cluster are counted; otherwise the labelled pairs are.

    Args:
        labels: the labelled pairs.
        collapsed: the collapsed records.
        negative_weight: weight of a non-match: above 1 where too few of these are labelled.
    """

    def __init__(
        self, labels: CollapsedLabels, collapsed: CollapsedRecords, negative_weight: float
    ) -> None:
        self._labels, self._negative_weight = labels, negative_weight
        self._n = len(collapsed.first_record)
        if labels.entity is not None:
            rows = np.flatnonzero(labels.entity >= 0)
            self._row = collapsed.row_of_record[rows]
            self._entity = np.unique(labels.entity[rows], return_inverse=True)[1]

    def errors(self, probability: np.ndarray, threshold: float) -> Errors:
        """Return the errors of a model.

        Args:
            probability: probability of a match of each labelled pair.
            threshold: probability from which a pair matches.
        """
        labels = self._labels
        if labels.entity is None:
            match = probability >= threshold
            return Errors(
                np.where(match, labels.other, 0) * self._negative_weight,
                np.where(match, 0, labels.match),
                float(labels.match.sum()),
            )
        clusters = average_link(
            self._n, labels.left, labels.right, probability,
            threshold=threshold, missing_score=min(MISSING_SCORE, threshold / 2),
        ).labels[self._row].astype(np.int64)  # fmt: skip
        width = int(self._entity.max(initial=0)) + 1
        cells, count = np.unique(clusters * width + self._entity, return_counts=True)
        cluster, entity = cells // width, cells % width
        in_cluster, in_entity = np.bincount(clusters)[cluster], np.bincount(self._entity)[entity]
        false = np.bincount(entity, count * (in_cluster - count) / 2, minlength=width)
        missed = np.bincount(entity, count * (in_entity - count) / 2, minlength=width)
        size = np.bincount(self._entity, minlength=width)
        return Errors(false * self._negative_weight, missed, float((size * (size - 1) / 2).sum()))
