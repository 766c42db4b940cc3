"""Parquet files written group by group."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["write_row_groups"]


def write_row_groups(
    frame: pd.DataFrame,
    path: Path,
    rows: int,
    group: int,
    texts: Mapping[str, tuple[pa.Array, np.ndarray]],
) -> None:
    """Write a table as Parquet, converted so many rows at a time to save memory.

    Args:
        frame: The table.
        path: Where it goes.
        rows: Rows that are converted at a time.
        group: Rows of a group at most.
        texts: Columns of strings that are known as positions in an array, too.

    Raises:
        ArrowException: If the first rows do not tell a column's type.

    """

    def converted(start: int) -> pa.Table:
        part = frame[start : start + rows]
        arrays = [
            texts[name][0].take(pa.array(texts[name][1][start : start + rows]))
            if name in texts
            else pa.Array.from_pandas(part[name], type=kinds.get(name))
            for name in part.columns
        ]
        return pa.table(arrays, names=list(part.columns))

    kinds: dict[str, pa.DataType] = {}
    first = converted(0)
    kinds = dict(zip(first.column_names, first.schema.types, strict=True))
    if len(frame) > rows and any(pa.types.is_null(kind) for kind in first.schema.types):
        raise pa.ArrowTypeError("only missing values")
    # Ids and scores hardly repeat: looking for what does takes a third of the time for nothing.
    few = [one.name for one in first.schema if pa.types.is_dictionary(one.type)]
    with pq.ParquetWriter(path, first.schema, compression="zstd", use_dictionary=few) as writer:
        writer.write_table(first, group)
        del first
        for start in range(rows, len(frame), rows):
            writer.write_table(converted(start), group)
