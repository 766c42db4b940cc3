"""Parquet files, read no further than the memory limit allows.

Encoded by a dictionary or in runs, a file of a few kilobytes may hold gigabytes of cells, so its
size says nothing of what it takes.
"""

from __future__ import annotations

import pyarrow as pa

from linkage.config.memory_limit import check_records, check_text_size
from linkage.errors import InputError

__all__ = ["read_parquet"]

#: Rows decoded at a time: with texts of 100 kB each, 400 MB a column.
_ROWS_AT_ONCE = 4_096


def read_parquet(raw: bytes, where: str, allowed: int | None = None) -> pa.Table:
    """Read the bytes of a Parquet file.

    Args:
        raw: The bytes.
        where: What messages call the file.
        allowed: The memory limit in bytes; None for no limit.

    Raises:
        InputError: If they are no Parquet file, or a damaged one.
        ConfigError: If its rows, or its decoded cells, take more than the limit.

    """
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(raw))
        rows = file.metadata.num_rows
        check_records(where, rows, allowed)
        batches, size, done = [], 0, 0
        for batch in file.iter_batches(_ROWS_AT_ONCE):
            columns = [_decoded(column) for column in batch.columns]
            batches.append(pa.RecordBatch.from_arrays(columns, names=batch.schema.names))
            size += sum(column.nbytes for column in columns)
            done += batch.num_rows
            check_text_size(where, size, allowed, share=done / max(rows, 1), unpacked=True)
        return pa.Table.from_batches(batches, None if batches else file.schema_arrow)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise InputError(
            f"{where} cannot be read as Parquet: {str(error).splitlines()[0]}",
            hint="Is the file complete, and Parquet?",
        ) from error


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
