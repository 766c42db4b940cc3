"""Candidate classes of each row, and the features that a booster ranks them by.

The linear models leave a few classes a row in question, however many there are in all. Whether one
of these is right is a question of two answers, with features that mean the same for every class, so
that a rare class profits from what was learned of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from linkage.classify.inputs import Inputs
from linkage.classify.value_statistics import ValueCounts

__all__ = ["CANDIDATES", "Candidates", "candidate_features", "choose_candidates", "feature_owner"]

#: Candidates a row; on product catalogs 95 % of the right classes and more are among them.
CANDIDATES = 8
_VIEW, _LIFT, _ROWS, _NUMBER = "view:", "lift:", "rows:", "number:"
_BLEND = ("blend", "rank")


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidate classes, the same number for each row.

    Attributes:
        classes: Most probable first, int64, shape (n, k).

    """

    classes: np.ndarray

    @property
    def row(self) -> np.ndarray:
        """Row of each candidate, int64[n * k]."""
        return np.repeat(np.arange(len(self.classes)), self.classes.shape[1])

    @property
    def candidate(self) -> np.ndarray:
        """Class of each candidate, int64[n * k]."""
        return self.classes.ravel()

    def spread(self, scores: np.ndarray, classes: int) -> np.ndarray:
        """Return the scores of all classes: those of no candidate have the row's lowest.

        Args:
            scores: One for each candidate, shape (n * k,).
            classes: How many there are.

        Returns:
            Shape (n, classes).

        """
        by_row = scores.reshape(self.classes.shape)
        out = np.repeat(by_row.min(axis=1, keepdims=True), classes, axis=1)
        np.put_along_axis(out, self.classes, by_row, axis=1)
        return out


def choose_candidates(blend: np.ndarray) -> Candidates:
    """Return the classes of the highest scores; equal scores in the order of the classes."""
    order = np.argsort(-blend, axis=1, kind="stable")
    return Candidates(order[:, : min(CANDIDATES, blend.shape[1])])


def candidate_features(
    inputs: Inputs,
    views: Mapping[str, np.ndarray],
    blend: np.ndarray,
    candidates: Candidates,
    counts: Mapping[str, ValueCounts],
) -> tuple[list[str], np.ndarray]:
    """Return the features of candidates.

    Args:
        inputs: The rows.
        views: Log probabilities of the classes by each linear model, shape (n, classes).
        blend: Their blend, shape (n, classes).
        candidates: The candidates.
        counts: Counts of classes by value, by attribute.

    Returns:
        Names, and a float32 matrix of shape (n * k, names), NaN where unknown.

    """
    row, candidate = candidates.row, candidates.candidate
    names: list[str] = []
    columns: list[np.ndarray] = []

    def add(name: str, column: np.ndarray) -> None:
        names.append(name)
        columns.append(np.asarray(column, np.float32))

    for name, scores in views.items():
        own = scores[row, candidate]
        add(f"{_VIEW}{name}", own)
        add(f"{_VIEW}{name}:margin", own - _best_other(scores, row, candidate))
    own = blend[row, candidate]
    add(_BLEND[0], own - _best_other(blend, row, candidate))
    add(_BLEND[1], np.tile(np.arange(candidates.classes.shape[1]), len(candidates.classes)))
    share = next((one.share for one in counts.values()), None)
    if share is not None:
        add("class:share", np.log(share[candidate]))
    for name, one in counts.items():
        keys = inputs.keys[name]
        lift, rows = one.lift(keys, row, candidate)
        add(f"{_LIFT}{name}", np.where(keys[row] == 0, np.nan, lift))
        add(f"{_ROWS}{name}", rows[row])
    for name, number in inputs.numbers.items():
        add(f"{_NUMBER}{name}", number[row])
    return names, np.column_stack(columns)


def _best_other(scores: np.ndarray, row: np.ndarray, candidate: np.ndarray) -> np.ndarray:
    """The highest score of another class than the candidate."""
    if scores.shape[1] == 1:
        return scores[row, candidate]
    second, first = np.partition(scores, -2, axis=1)[:, -2:].T
    return np.where(scores[row, candidate] >= first[row], second[row], first[row])


def feature_owner(name: str, views: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return what a feature tells of: an attribute, or views of the records.

    Args:
        name: Of the feature.
        views: The names of all views.

    Returns:
        The attribute, None where there is none; and the views, empty where there are none.

    """
    for prefix in (_LIFT, _ROWS, _NUMBER):
        if name.startswith(prefix):
            return name.removeprefix(prefix), ()
    if name.startswith(_VIEW):
        return None, (name.split(":")[1],)
    return None, tuple(views) if name in _BLEND else ()
