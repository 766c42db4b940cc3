"""What a classifier reads of records, in numbers: one matrix a view, keys and numbers of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from features.kinds import Kind
from features.records import Records
from linkage.classify.record_terms import number_of
from linkage.classify.text_views import View
from linkage.classify.value_statistics import value_keys

__all__ = ["Inputs"]

_NUMBERS = (Kind.NUMBER, Kind.PRICE, Kind.QUANTITY, Kind.DATE)


@dataclass(frozen=True, eq=False)
class Inputs:
    """Records in numbers.

    Attributes:
        matrices: By view, float32, shape (n, columns).
        keys: Key of each row's value by attribute, uint64[n]; 0 where it is missing.
        numbers: By attribute that holds numbers or dates, float64[n], NaN where there is none.

    """

    matrices: Mapping[str, sparse.csr_array]
    keys: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray]

    @classmethod
    def of(cls, records: Records, views: Sequence[View]) -> Inputs:
        """Read records."""
        numbers = {
            name: number_of(records.values(name), kind)
            for name, kind in records.kinds.items()
            if kind in _NUMBERS
        }
        matrices = {view.name: view.matrix(records) for view in views}
        return cls(matrices, value_keys(records), numbers)

    def at(self, rows: np.ndarray) -> Inputs:
        """Return some of the rows, by a bool or an int array."""
        return Inputs(
            {name: matrix[rows] for name, matrix in self.matrices.items()},
            {name: keys[rows] for name, keys in self.keys.items()},
            {name: numbers[rows] for name, numbers in self.numbers.items()},
        )
