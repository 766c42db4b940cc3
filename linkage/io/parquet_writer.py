"""Parquet files written by row groups, to save memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["Texts", "write_row_groups"]


@dataclass(frozen=True)
class Texts:
    """A column of strings that are known as positions in an array.

    Attributes:
        values: the array.
        at: positions, whole numbers of shape (m,).
    """

    values: pa.Array
    at: np.ndarray

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, part: slice) -> Texts:
        return Texts(self.values, self.at[part])

    def array(self) -> pa.Array:
        """The strings themselves."""
        return self.values.take(pa.array(self.at))


def write_row_groups(columns: Mapping[str, Any], path: Path, rows: int, group: int) -> None:
    """Write columns as Parquet, converted so many rows at a time to save memory.

    Args:
        columns: By name what can be cut into slices: `Texts`, and whatever Arrow makes arrays of.
        path: Where they go.
        rows: Rows that are converted at a time.
        group: Rows of a group at most.

    Raises:
        ArrowException: If the first rows do not tell a column's type.

    """

    def converted(start: int) -> pa.Table:
        return pa.table(
            {
                name: _array(column[start : start + rows], kinds.get(name))
                for name, column in columns.items()
            }
        )

    kinds: dict[str, pa.DataType] = {}
    length = max((len(column) for column in columns.values()), default=0)
    first = converted(0)
    kinds = dict(zip(first.column_names, first.schema.types, strict=True))
    if length > rows and any(pa.types.is_null(kind) for kind in first.schema.types):
        raise pa.ArrowTypeError("only missing values")
    # Ids and scores hardly repeat: a dictionary would take a third of the time and save nothing.
    few = [one.name for one in first.schema if pa.types.is_dictionary(one.type)]
    with pq.ParquetWriter(path, first.schema, compression="zstd", use_dictionary=few) as writer:
        writer.write_table(first, group)
        del first
        for start in range(rows, length, rows):
            writer.write_table(converted(start), group)


def _array(column: Any, kind: pa.DataType | None) -> pa.Array | pa.ChunkedArray:
    if isinstance(column, Texts):
        return column.array()
    if isinstance(column, pa.Array | pa.ChunkedArray):
        return column
    return pa.Array.from_pandas(column, type=kind)
