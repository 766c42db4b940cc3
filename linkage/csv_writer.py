"""Tables as CSV files: by Arrow where no cell needs quotes, by pandas otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["write_csv_file"]

#: What makes a cell need quotes.
_SPECIAL = '",\r\n'


def write_csv_file(frame: pd.DataFrame | pa.Table, path: Path) -> None:
    """Write a table as CSV: UTF-8, comma, quotes where needed, missing = empty."""
    import pyarrow as pa

    plain = _plain(frame) if isinstance(frame, pa.Table) else _plain_frame(frame)
    if plain is None:
        table = frame.to_pandas() if isinstance(frame, pa.Table) else frame
        table.to_csv(path, index=False, lineterminator="\n")
        return
    from pyarrow import csv

    with path.open("wb") as file:
        file.write((",".join(plain.column_names) + "\n").encode())
        options = csv.WriteOptions(include_header=False, quoting_style="none")
        csv.write_csv(plain, file, options)


def _plain_frame(frame: pd.DataFrame) -> pa.Table | None:
    import pyarrow as pa

    try:
        return _plain(pa.Table.from_pandas(frame, preserve_index=False))
    except pa.ArrowException:  # a column of several types
        return None


def _plain(table: pa.Table) -> pa.Table | None:
    """The table as texts and whole numbers none of which needs quotes; None where some does.

    Such a table is written many times as fast.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if table.num_columns < 2:  # a missing value alone in its row would be an empty line
        return None
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not name or any(mark in name for mark in _SPECIAL):
            return None
        if pa.types.is_float64(column.type):
            column = _as_text(column)
        elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            found = pc.match_substring_regex(column, f"[{_SPECIAL}]")
            if pc.any(found, min_count=0).as_py():
                return None
        elif not pa.types.is_integer(column.type):
            return None
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    """Numbers in their shortest form, as pandas writes them, formatted once each."""
    import numpy as np
    import pyarrow as pa

    values, which = np.unique(column.to_numpy(), return_inverse=True)
    texts = pa.array([None if value != value else repr(value) for value in values.tolist()])
    return texts.cast(pa.string()).take(pa.array(which))
