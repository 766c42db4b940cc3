"""Folds of labelled pairs, of which no two share a record or an entity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.scoring.record_folds import FOLDS

__all__ = ["Folds", "label_folds"]

#: Pairs of a class with both records in a fold below which its other pairs are used for early
#: stopping, too.
_FEWEST_TO_STOP = 10


@dataclass(frozen=True)
class Folds:
    """Folds of pairs by the folds of their records.

    Attributes:
        left, right: fold of each pair's left and right record, int, shape (m,).
        number: number of folds.
    """

    left: np.ndarray
    right: np.ndarray
    number: int

    def training(self, fold: int) -> np.ndarray:
        """Return the pairs to learn from when a fold is held out: without a record in it. Bool."""
        return np.asarray((self.left != fold) & (self.right != fold))

    def held_out(self, fold: int) -> np.ndarray:
        """Return the pairs that are scored when a fold is held out: each pair in one fold. Bool."""
        return np.asarray(self.left == fold)

    def early_stopping(self, fold: int, label: np.ndarray) -> np.ndarray:
        """Return the pairs to stop early by: inside of the fold, where those are enough. Bool."""
        inside = self.held_out(fold) & (self.right == fold)
        enough = np.bincount(label[inside], minlength=2).min() >= _FEWEST_TO_STOP
        return inside if enough else self.held_out(fold)


def label_folds(left: np.ndarray, right: np.ndarray, label: np.ndarray) -> Folds:
    """Return folds such that a record, and records that match, are in one fold.

    Where labels are so few that a class would be missing from the training pairs of a fold, only
    left records are kept in one fold, or none.

    Args:
        left, right: rows of the pairs.
        label: 1 match, 0 no match, int.
    """
    entity = _entities(left, right, label)
    of_left, of_right = entity[left] % FOLDS, entity[right] % FOLDS
    in_turn = np.arange(len(label)) % FOLDS
    for first, second in ((of_left, of_right), (of_left, of_left), (in_turn, in_turn)):
        present, dense = np.unique(first, return_inverse=True)
        if len(present) < 2:
            continue
        number = np.full(FOLDS, -1)
        number[present] = np.arange(len(present))
        folds = Folds(dense, number[second], len(present))
        if all(len(np.unique(label[folds.training(k)])) == 2 for k in range(folds.number)):
            return folds
    order = np.argsort(label, kind="stable")
    halves = np.zeros(len(label), int)
    halves[order] = np.arange(len(label)) % 2
    return Folds(halves, halves, 2)


def _entities(left: np.ndarray, right: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return the entity of each record, by labelled matches: the row of its first record."""
    from scipy import sparse

    records = int(max(left.max(initial=0), right.max(initial=0))) + 1
    match = label == 1
    graph = sparse.coo_array(
        (np.ones(int(match.sum()), np.int8), (left[match], right[match])), shape=(records, records)
    )
    _, component = sparse.csgraph.connected_components(graph, directed=False)
    first = np.full(int(component.max(initial=0)) + 1, records)
    np.minimum.at(first, component, np.arange(records))
    return np.asarray(first[component])
