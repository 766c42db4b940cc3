"""Judging models of forms by labels that they have not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.clustering.average_link import MISSING_SCORE, average_link
from linkage.training.variants.labels import CollapsedLabels
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["CollapsedEvaluator", "Errors"]


@dataclass(frozen=True)
class Errors:
    """What a model gets wrong, by labelled group (or by labelled pair, where groups are unknown).

    Attributes:
        false: pairs of records that it joins and that do not match, float, shape (groups,).
        missed: pairs that match and that it does not join, float, shape (groups,).
        matches: number of pairs that match.
    """

    false: np.ndarray
    missed: np.ndarray
    matches: float

    @property
    def f1(self) -> float:
        """Pairwise F1; 0 where nothing matches."""
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

    def better_than(self, other: Errors, errors: float) -> bool:
        """Whether F1 is higher, by so many standard errors over the groups.

        Args:
            other: errors of another model on the same labels.
            errors: how many.
        """
        # What a false and a missed pair cost near the other's F1, to first order.
        f1 = other.f1
        gain = f1 * (other.false - self.false) + (2 - f1) * (other.missed - self.missed)
        return float(gain.sum()) > errors * float(np.sqrt((gain**2).sum()))


class CollapsedEvaluator:
    """Tells the errors of scores of labelled pairs of forms.

    Where whole groups are known the forms are clustered as a run would, and pairs of records in one
    cluster count; otherwise the labelled pairs by themselves.

    Args:
        known: the labelled pairs.
        grouping: the forms.
        others: what a pair that does not match counts: more than 1 where fewer of these are
            labelled.
    """

    def __init__(self, known: CollapsedLabels, collapsed: CollapsedRecords, others: float) -> None:
        self._known, self._others = known, others
        self._forms = len(collapsed.first_record)
        if known.entity is not None:
            rows = np.flatnonzero(known.entity >= 0)
            self._form = collapsed.row_of_record[rows]
            self._entity = np.unique(known.entity[rows], return_inverse=True)[1]

    def errors(self, probability: np.ndarray, threshold: float) -> Errors:
        """Errors of a model.

        Args:
            probability: of each labelled pair.
            threshold: probability at which a match begins.
        """
        known = self._known
        if known.entity is None:
            match = probability >= threshold
            return Errors(
                np.where(match, known.other, 0) * self._others,
                np.where(match, 0, known.match),
                float(known.match.sum()),
            )
        clusters = average_link(
            self._forms, known.left, known.right, probability,
            threshold=threshold, missing_score=min(MISSING_SCORE, threshold / 2),
        ).labels[self._form].astype(np.int64)  # fmt: skip
        width = int(self._entity.max(initial=0)) + 1
        cells, count = np.unique(clusters * width + self._entity, return_counts=True)
        cluster, entity = cells // width, cells % width
        in_cluster, in_entity = np.bincount(clusters)[cluster], np.bincount(self._entity)[entity]
        false = np.bincount(entity, count * (in_cluster - count) / 2, minlength=width)
        missed = np.bincount(entity, count * (in_entity - count) / 2, minlength=width)
        size = np.bincount(self._entity, minlength=width)
        return Errors(false * self._others, missed, float((size * (size - 1) / 2).sum()))
