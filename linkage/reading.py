"""Reading tables, and turning them into records.

A value is missing when its cell is empty, blank, or one of the null words; everything else is
text, kept as the file has it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind, infer_kind
from features.records import Records
from linkage.columns import to_string_table
from linkage.csv_files import read_csv
from linkage.errors import InputError, nearest_hint, shorten
from linkage.table_folder import image_folders, with_folder

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "NULL_WORDS",
    "blank_to_null",
    "build_records",
    "canonical_order",
    "from_frame",
    "id_candidates",
    "read_plain_table",
    "read_table",
]

#: What exporters write for a missing value, compared without case. "-" and "unknown" are left
#: to the features: catalogs use them as values too.
NULL_WORDS = ("null", "nan", "n/a", "na", "none", "<na>", "nat", "#n/a", "\\n")

_CSV_SUFFIXES = {".csv", ".tsv", ".tab", ".txt"}
_PARQUET_SUFFIXES = {".parquet", ".pq"}
_COMPRESSIONS = {".gz", ".bz2", ".zst"}
_HASH_KEY = "linkage-row-key0"  # 16 bytes, as pandas.util.hash_array asks for.
_DEFAULT_ID = "id"
_SHOWN = 5


def read_table(
    path: str | Path, *, id_column: str | None = None, encoding: str | None = None
) -> pa.Table:
    """Read a CSV or Parquet catalog as a table of strings, with its ids checked.

    Args:
        path: The file; the format follows from its suffix.
        id_column: The column of unique ids; ``id`` if not given.
        encoding: Of a CSV file; UTF-8, with or without a byte-order mark, if not given.

    Returns:
        A table whose columns are all strings, null where missing.

    Raises:
        InputError: If the file is missing, broken or empty, or its ids are missing, null or
            not unique.

    """
    table = read_plain_table(path, encoding=encoding, id_column=id_column or _DEFAULT_ID)
    _check_ids(table, id_column, str(path))
    return table


def read_plain_table(
    path: str | Path, *, encoding: str | None = None, id_column: str = _DEFAULT_ID
) -> pa.Table:
    """Read a CSV or Parquet file as a table of strings, whatever its columns mean.

    Args:
        path: The file; the format follows from its suffix.
        encoding: Of a CSV file.
        id_column: A column in which null words are ids ("NA" may well be one).

    Returns:
        A table with at least one column and one row, all strings, null where missing.
        It knows the folder of its file.

    Raises:
        InputError: If the file is missing, broken or empty.

    """
    path = Path(path)
    suffix = _checked_suffix(path)
    if suffix in _PARQUET_SUFFIXES:
        table = to_string_table(_read_parquet(path), str(path))
    else:
        table = read_csv(path, encoding)
    if table.num_rows == 0:
        raise InputError(
            f"{path} has a header ({', '.join(table.column_names[:10])}) but no rows.",
            hint="Give a file with at least one row.",
        )
    return with_folder(blank_to_null(table, id_column), path)


def from_frame(
    frame: pd.DataFrame | pa.Table, *, id_column: str | None = None, name: str = "the data frame"
) -> pa.Table:
    """Turn a pandas or Arrow table into a table of strings, with its ids checked.

    Args:
        frame: The table; a pandas index is left out.
        id_column: The column of unique ids; ``id`` if not given.
        name: What messages call it.

    Returns:
        A table as :func:`read_table` returns it.

    Raises:
        InputError: As :func:`read_table`.

    """
    table = to_string_table(frame, name)
    if table.num_rows == 0:
        raise InputError(f"{name} has no rows.", hint="Give at least one row.")
    table = blank_to_null(table, id_column or _DEFAULT_ID)
    _check_ids(table, id_column, name)
    return table


def build_records(
    left: pa.Table,
    right: pa.Table | None = None,
    *,
    id_column: str = _DEFAULT_ID,
    kinds: dict[str, Kind] | None = None,
    source_column: str | None = None,
    images: str | Path | None = None,
) -> Records:
    """Put one table, or two to be linked, into canonical order with the kinds of their columns.

    Args:
        left: A table as :func:`read_table` returns it.
        right: The table to link it with; its columns may differ, absent ones are missing.
        id_column: The column of unique ids, in both tables.
        kinds: The attributes to compare; inferred, for every column that has values, if None.
        source_column: The column that names a row's source; not compared.
        images: The folder that paths of images start from; that of each table's file if None.

    Returns:
        The records; the same whatever the order of the rows.

    Raises:
        InputError: If no attribute is left to compare.
        ConfigError: If there is no such folder of images.

    """
    for table, name in ((left, "the left table"), (right, "the right table")):
        if table is not None:
            _check_ids(table, id_column, name if right is not None else "the table")
    tables = [left] if right is None else [left, right]
    names = list(dict.fromkeys(name for table in tables for name in table.column_names))
    ordered = [
        _with_columns(table, names).take(pa.array(canonical_order(_ids(table, id_column))))
        for table in tables
    ]
    table = pa.concat_tables(ordered).combine_chunks()
    if kinds is None:
        kinds = {
            name: infer_kind(name, table.column(name))
            for name in names
            if name not in (id_column, source_column)
            and table.column(name).null_count < table.num_rows
        }
    else:
        kinds = {name: kinds[name] for name in names if name in kinds and name != id_column}
    if not kinds:
        raise InputError(
            f"There is nothing to compare: beside the id ({id_column}) no column has a value.",
            hint=f"The columns are: {', '.join(names)}.",
        )
    return Records(
        ids=_ids(table, id_column),
        table=table,
        side=np.repeat(np.arange(len(ordered), dtype=np.int8), [t.num_rows for t in ordered]),
        kinds=kinds,
        folders=image_folders(tables, images),
    )


def canonical_order(ids: np.ndarray) -> np.ndarray:
    """Return the order of rows by a stable hash of their ids, ties by id.

    Args:
        ids: Object array of n strings.

    Returns:
        int64 array of n positions; the same rows in the same order however they came.

    """
    import pandas as pd

    hashes = pd.util.hash_array(ids, hash_key=_HASH_KEY, categorize=False)
    order = np.argsort(hashes, kind="stable")
    if len(ids) and np.any(np.diff(hashes[order]) == 0):
        pairs = [(int(hashes[row]), ids[row]) for row in range(len(ids))]
        order = np.array(sorted(range(len(ids)), key=pairs.__getitem__), dtype=np.int64)
    return order


def id_candidates(table: pa.Table) -> list[str]:
    """Return the columns that could be the id: never null, never twice the same."""
    return [
        name
        for name in table.column_names
        if table.column(name).null_count == 0
        and pc.count_distinct(table.column(name)).as_py() == table.num_rows
    ]


def blank_to_null(table: pa.Table, id_column: str | None = None) -> pa.Table:
    """Turn empty cells, blank cells and null words into nulls.

    Args:
        table: A table of strings.
        id_column: A column in which only empty and blank cells are null.

    Returns:
        The table; other values are as they were.

    """
    longest = max(map(len, NULL_WORDS))
    columns = []
    for name in table.column_names:
        column = table.column(name)
        words = [""] if name == id_column else ["", *NULL_WORDS]
        trimmed = pc.utf8_trim_whitespace(column)
        short = pc.less_equal(pc.binary_length(trimmed), longest)
        word = pc.utf8_lower(pc.if_else(short, trimmed, "a value"))
        missing = pc.is_in(word, value_set=pa.array(words))
        if pc.any(missing, min_count=0).as_py():
            column = pc.if_else(missing, pa.scalar(None, pa.string()), column)
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def _checked_suffix(path: Path) -> str:
    if not path.exists():
        siblings = (
            [entry.name for entry in path.parent.iterdir() if entry.is_file()]
            if path.parent.is_dir()
            else []
        )
        hint = nearest_hint(path.name, siblings, "files there") if siblings else ""
        raise InputError(f"{path} does not exist.", hint=hint if "Did" in hint else "")
    if path.is_dir():
        raise InputError(f"{path} is a folder, not a file.", hint="Give a CSV or Parquet file.")
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in _CSV_SUFFIXES | _PARQUET_SUFFIXES:
        raise InputError(
            f"{path} has the suffix {suffix!r}, which is no known table format.",
            hint="Give a .csv, .tsv, .txt (also .gz) or .parquet file.",
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty (0 bytes).", hint="Give a file with a header and rows.")
    return suffix


def _read_parquet(path: Path) -> pa.Table:
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}",
            hint="Is the file complete, and Parquet?",
        ) from error


def _ids(table: pa.Table, id_column: str) -> np.ndarray:
    ids: np.ndarray[Any, Any] = table.column(id_column).to_numpy().astype(object)
    return ids


def _with_columns(table: pa.Table, names: list[str]) -> pa.Table:
    absent = pa.nulls(table.num_rows, pa.string())
    return pa.table(
        [table.column(name) if name in table.column_names else absent for name in names],
        names=names,
    )


def _check_ids(table: pa.Table, id_column: str | None, where: str) -> None:
    column_name = id_column or _DEFAULT_ID
    if column_name not in table.column_names:
        raise _missing_id(table, id_column, where)
    column = table.column(column_name)
    if column.null_count:
        rows = np.flatnonzero(column.is_null().to_numpy()) + 1
        raise InputError(
            f"{where}: {len(rows):,} of {table.num_rows:,} rows have no id in column "
            f"'{column_name}': {_rows_text(rows)}.",
            hint="Give every row an id, or name another column with --id.",
        )
    if pc.count_distinct(column).as_py() < table.num_rows:
        raise _duplicate_ids(column, column_name, where)


def _missing_id(table: pa.Table, id_column: str | None, where: str) -> InputError:
    if id_column is not None:
        return InputError(
            f"{where} has no column '{id_column}' (the id column).",
            hint=nearest_hint(id_column, table.column_names, "columns"),
        )
    candidates = id_candidates(table)
    hint = (
        "Name the id column with --id, or as [catalog] id in the configuration. "
        + (
            "Unique and never empty: " + ", ".join(candidates) + "."
            if candidates
            else "But no column is unique and never empty; number the rows first."
        )
        + f" All columns: {', '.join(table.column_names)}."
    )
    return InputError(f"{where} has no column 'id'.", hint=hint)


def _duplicate_ids(column: pa.ChunkedArray, name: str, where: str) -> InputError:
    import pandas as pd

    ids = pd.Series(column.to_pandas())
    repeated = ids[ids.duplicated(keep=False)]
    shown = []
    for value, group in list(repeated.groupby(repeated, sort=False))[:_SHOWN]:
        shown.append(f"{shorten(value, 40)} ({_rows_text(group.index.to_numpy() + 1)})")
    count = repeated.nunique()
    more = f"; and {count - len(shown):,} more ids" if count > len(shown) else ""
    return InputError(
        f"{where}: {count:,} ids in column '{name}' are not unique: {'; '.join(shown)}{more}.",
        hint="Remove the duplicates, or name another column with --id.",
    )


def _rows_text(rows: np.ndarray) -> str:
    shown = ", ".join(f"{row:,}" for row in rows[:_SHOWN])
    return ("row " if len(rows) == 1 else "rows ") + shown + (", ..." if len(rows) > _SHOWN else "")
