"""Dictionary encoding of a string column: the code of each cell's text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from features.arrays.numbering import number_hashes
from features.text.tokens import hash_strings

__all__ = ["Cells", "number_cells"]


@dataclass(frozen=True)
class Cells:
    """A dictionary-encoded string column; texts are coded in order of first appearance.

    Attributes:
        values: the column.
        code: code of each row's text, int32, -1 missing.
        first: first row of each code.
    """

    values: pa.Array
    code: np.ndarray
    first: np.ndarray

    @cached_property
    def counts(self) -> np.ndarray:
        """Number of rows of each code."""
        return np.bincount(self.code[self.code >= 0], minlength=len(self.first))

    def distinct(self, most: int | None = None) -> pa.Array:
        """The distinct texts in the order of their codes, or the first ``most`` of them."""
        return self.values.take(pa.array(self.first[:most]))


def number_cells(values: pa.Array) -> Cells:
    """Dictionary-encodes a string column.

    Texts count as equal where their 64-bit hashes are, as words do everywhere. That takes a
    fraction of the time of Arrow's own dictionary encoding.

    Args:
        values: string array, null = missing.
    """
    hashes = hash_strings(values)
    if not values.null_count:
        return Cells(values, *number_hashes(hashes))
    known = np.flatnonzero(np.asarray(values.is_valid().to_numpy(zero_copy_only=False)))
    code = np.full(len(values), -1, np.int32)
    code[known], first = number_hashes(hashes[known])
    return Cells(values, code, known[first])
