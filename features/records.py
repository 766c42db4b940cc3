"""Records: the rows of one table to deduplicate, or of two tables to link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

    from features.kinds import Kind

__all__ = ["Records"]


@dataclass(frozen=True, eq=False)
class Records:
    """One table to deduplicate, or two to link; a row is an offer.

    Inside the engine a row is its integer position. Where two tables are linked the rows of one
    come first and those of the other follow, so ``left < right`` holds for every pair across them.

    Attributes:
        ids: Object array of n strings; unique within each table.
        table: n rows; every column is a string column, and missing values are null.
        side: int8 array of n; 0 for the one or first table, 1 for the second one.
        kinds: The compared attributes, in column order, with their kinds.
        folders: Folder of each side, from which relative paths in its cells start; None, or no
            element, for the current one.
        is_swapped: Whether the rows of the table that the caller calls right come first.
        left_out: How many further columns have values and are not compared, as there are so many.

    """

    ids: np.ndarray
    table: pa.Table
    side: np.ndarray
    kinds: dict[str, Kind] = field(default_factory=dict)
    folders: tuple[Path | None, ...] = ()
    is_swapped: bool = False
    left_out: int = 0

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.side) == self.table.num_rows:
            raise ValueError(
                f"ids, side and table differ in length: {len(self.ids)}, {len(self.side)}, "
                f"{self.table.num_rows}"
            )
        if self.side.size and np.any(np.diff(self.side) < 0):
            raise ValueError("rows of the first table must come before those of the second table")
        known = set(self.table.column_names)
        unknown = [name for name in self.kinds if name not in known]
        if unknown:
            raise ValueError(f"attributes that the table lacks: {unknown}")

    @property
    def n(self) -> int:
        """Number of rows of both tables together."""
        return len(self.ids)

    @property
    def n_left(self) -> int:
        """Number of rows of the one or first table."""
        return int(np.count_nonzero(self.side == 0))

    @property
    def is_linkage(self) -> bool:
        """Whether the rows are of two tables to be linked."""
        return self.n_left < self.n

    @property
    def given_tables(self) -> np.ndarray:
        """Table of each row as the caller has them, int8: 0 the one or left one, 1 the right."""
        return self.side ^ 1 if self.is_swapped else self.side

    def rows_of(self, table: int) -> slice:
        """Return the rows of a table of the caller: 0 the one or left one, 1 the right."""
        first = table == int(self.is_swapped)
        return slice(0, self.n_left) if first else slice(self.n_left, self.n)

    def as_given(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of pairs, those of the caller's left table first.

        Args:
            left, right: rows of each pair, int arrays of shape (m,), the lower ones first.
        """
        return (right, left) if self.is_swapped else (left, right)

    def part(self, rows: np.ndarray) -> Records:
        """Return some of the rows, by ascending positions."""
        import pyarrow as pa

        at = pa.array(rows)
        columns = [self.values(name).take(at) for name in self.kinds]
        return Records(
            self.ids[rows],
            pa.table(columns, names=list(self.kinds)),
            self.side[rows],
            self.kinds,
            self.folders,
            self.is_swapped,
        )

    def without(self, columns: Sequence[str]) -> Records:
        """Return the same rows, compared on all attributes but some columns."""
        kinds = {name: kind for name, kind in self.kinds.items() if name not in columns}
        return replace(self, kinds=kinds)

    def values(self, column: str) -> pa.Array:
        """Return a column as one string array of length n, null where missing."""
        import pyarrow as pa

        chunked = self.table.column(column)
        if chunked.num_chunks == 1:
            return chunked.chunk(0)
        if chunked.num_chunks == 0:
            return pa.array([], pa.large_string())
        return pa.concat_arrays(chunked.chunks)
