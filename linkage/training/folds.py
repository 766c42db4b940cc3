"""Folds of labelled pairs, such that what is held out is new to the boosters that judge it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.scoring.record_folds import FOLDS

__all__ = ["Folds", "label_folds"]

#: Pairs of a class wholly inside of a fold below which its pairs with others check it too.
_FEWEST_TO_CHECK = 10


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

    def learn(self, fold: int) -> np.ndarray:
        """Pairs to learn from when a fold is held out: none with a record in it. Bool."""
        return np.asarray((self.left != fold) & (self.right != fold))

    def held_out(self, fold: int) -> np.ndarray:
        """Pairs judged when a fold is held out: each pair in one fold. Bool."""
        return np.asarray(self.left == fold)

    def check(self, fold: int, label: np.ndarray) -> np.ndarray:
        """Pairs to stop early by: with both records in the fold, where those are enough. Bool."""
        inside = self.held_out(fold) & (self.right == fold)
        enough = np.bincount(label[inside], minlength=2).min() >= _FEWEST_TO_CHECK
        return inside if enough else self.held_out(fold)


def label_folds(left: np.ndarray, right: np.ndarray, label: np.ndarray) -> Folds:
    """Folds in which no record, and no two records that match, straddle.

    Where labels are so few that a class would be missing from what is learned, folds hold left
    records together only, or single pairs.

    Args:
        left, right: rows of the pairs.
        label: 1 match, 0 no match, int.
    """
    thing = _things(left, right, label)
    own, other = thing[left] % FOLDS, thing[right] % FOLDS
    turns = np.arange(len(label)) % FOLDS
    for one, two in ((own, other), (own, own), (turns, turns)):
        present, dense = np.unique(one, return_inverse=True)
        if len(present) < 2:
            continue
        place = np.full(FOLDS, -1)
        place[present] = np.arange(len(present))
        folds = Folds(dense, place[two], len(present))
        if all(len(np.unique(label[folds.learn(k)])) == 2 for k in range(folds.number)):
            return folds
    order = np.argsort(label, kind="stable")
    halves = np.zeros(len(label), int)
    halves[order] = np.arange(len(label)) % 2
    return Folds(halves, halves, 2)


def _things(left: np.ndarray, right: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Number of the thing each record is, as far as matches tell; its first record's row."""
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
