"""Target statistics: how much more frequent a class is among the rows of a value than elsewhere.

Smoothed towards the share of the class in all rows (Micci-Barreca, 2001). Those of a training row
are counted in the other folds, so that no row sees its own label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.kinds import Kind
from features.records import Records
from features.text.tokens import hash_strings, row_words
from linkage.classify.record_terms import number_of

__all__ = ["ValueCounts", "value_keys"]

#: Rows that the share of a class in all rows stands for beside the rows of a value.
_PRIOR_ROWS = 2.0
_PRIOR_CLASS = 0.5
_READ_AS_NUMBERS = (Kind.NUMBER, Kind.PRICE, Kind.QUANTITY, Kind.DATE)


@dataclass(frozen=True, eq=False)
class ValueCounts:
    """Counts of classes by value of one attribute.

    Attributes:
        values: Keys of the values, ascending, uint64, shape (v,).
        rows: Rows of each, int64, shape (v,).
        cells: Position of a value times the number of classes, plus the class; ascending, int64.
        counts: Rows of each cell, int64.
        share: Share of each class in all rows, float64, shape (classes,).

    """

    values: np.ndarray
    rows: np.ndarray
    cells: np.ndarray
    counts: np.ndarray
    share: np.ndarray

    @classmethod
    def of(cls, keys: np.ndarray, label: np.ndarray, classes: int) -> ValueCounts:
        """Count the classes of training rows.

        Args:
            keys: Key of each row's value, uint64[n]; 0 where it is missing.
            label: Class of each, int64[n].
            classes: How many there are.

        """
        share = np.bincount(label, minlength=classes) + _PRIOR_CLASS
        values, at, rows = np.unique(keys, return_inverse=True, return_counts=True)
        cells, counts = np.unique(at * classes + label, return_counts=True)
        return cls(values, rows, cells, counts, share / share.sum())

    def lift(
        self, keys: np.ndarray, row: np.ndarray, candidate: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how much more frequent candidates are among the rows of a value.

        Args:
            keys: Key of each row's value, uint64[n].
            row: Row of each candidate, int64[m].
            candidate: Class of each, int64[m].

        Returns:
            Logarithm of the ratio, float64[m]; and the training rows of each value, int64[n].

        """
        at, known = _found(self.values, keys)
        rows = np.where(known, self.rows[at], 0)
        cell, counted = _found(self.cells, at[row] * len(self.share) + candidate)
        count = np.where(counted & known[row], self.counts[cell], 0)
        share = self.share[candidate]
        smooth = (count + _PRIOR_ROWS * share) / (rows[row] + _PRIOR_ROWS)
        return np.log(smooth / share), rows


def value_keys(records: Records) -> dict[str, np.ndarray]:
    """Return a key of each record's value by attribute, uint64[n]; 0 where it is missing.

    Texts are the same where their words are; numbers and dates where they are read as equal.
    """
    found = {}
    for name, kind in records.kinds.items():
        values = records.values(name)
        if kind in _READ_AS_NUMBERS:
            number = number_of(values, kind) + 0.0  # no negative zero
            found[name] = np.where(np.isnan(number), 0, number.view(np.uint64) + np.uint64(1))
        elif kind is Kind.IMAGE:
            found[name] = np.where(values.is_null(), 0, hash_strings(values.fill_null("")))
        else:
            found[name] = row_words(values)[1]
    return {name: np.asarray(keys, np.uint64) for name, keys in found.items()}


def _found(sorted_keys: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position of each wanted key, and whether it is there."""
    if not len(sorted_keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    at = np.minimum(np.searchsorted(sorted_keys, wanted), len(sorted_keys) - 1)
    return at, sorted_keys[at] == wanted
