"""Reading tables, and turning them into records.

A value is missing when its cell is empty, blank, or one of the null words; everything else is
text, kept as the file has it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind, infer_kind
from features.records import Records
from features.text.markup import without_markup
from features.values.placeholders import without_placeholders
from linkage.errors import InputError
from linkage.io.delimited.csv_reader import read_csv
from linkage.io.file_content import (
    JSON_SUFFIXES,
    PARQUET_SUFFIXES,
    is_stream,
    name_of,
    read_unpacked,
    utf8_content,
)
from linkage.io.id_column import DEFAULT_ID, check_id_column, check_ids, with_ids
from linkage.io.json_lines import read_json
from linkage.io.missing_values import blank_to_null
from linkage.io.parquet_reader import read_parquet
from linkage.io.row_order import canonical_order
from linkage.io.source_file import image_folders, with_checked_ids, with_folder
from linkage.io.string_columns import to_string_table
from linkage.io.tables.informative_columns import informative_columns
from linkage.io.tables.shop_exports import complete_shop_export

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["build_records", "from_frame", "read_plain_table", "read_table"]


def read_table(
    path: str | Path,
    *,
    id_column: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    skip_rows: int | None = None,
    compared: Collection[str] | None = None,
    allowed: int | None = None,
) -> pa.Table:
    """Read a catalog as a table of strings, with its ids checked.

    Args:
        path: The file, as of :func:`read_plain_table`.
        id_column: The column of unique ids; ``id`` if not given.
        encoding: Of a text file; UTF-8, with or without a byte-order mark, if not given.
        delimiter: What separates the cells of a CSV file; found out if not given.
        skip_rows: Lines of a CSV file before its header; found out if not given.
        compared: The columns that are to be compared, if that is decided: others that cannot be
            read as text are then left out without a warning.
        allowed: The memory limit in bytes; None for no limit.

    Returns:
        A table whose columns are all strings, null where missing.

    Raises:
        InputError: If the file is missing, broken or empty, or its ids are missing, null or
            not unique.
        ConfigError: If its rows or texts, decoded, are too many for the memory limit.

    """
    table = read_plain_table(
        path,
        encoding=encoding,
        id_columns=(id_column or DEFAULT_ID,),
        delimiter=delimiter,
        skip_rows=skip_rows,
        compared=compared,
        allowed=allowed,
    )
    return _offers(table, id_column, name_of(Path(path)))


def read_plain_table(
    path: str | Path,
    *,
    encoding: str | None = None,
    id_columns: Collection[str] = (DEFAULT_ID,),
    delimiter: str | None = None,
    skip_rows: int | None = None,
    compared: Collection[str] | None = None,
    allowed: int | None = None,
) -> pa.Table:
    """Read a file as a table of strings, whatever its columns mean.

    Args:
        path: A CSV, JSON Lines or Parquet file, also packed (``.gz``, ``.bz2``, ``.zst``, or a
            ``.zip`` of one file), by its suffix; without one by its content. ``-`` is standard
            input.
        encoding, delimiter, skip_rows, compared, allowed: As of :func:`read_table`.
        id_columns: Columns in which null words are ids ("NA" may well be one).

    Returns:
        A table with at least one column and one row, all strings, null where missing.
        It knows the folder of its file.

    Raises:
        InputError: If the file is missing, broken or empty.

    """
    path = Path(path)
    where = name_of(path)
    raw, suffix = read_unpacked(path, allowed)
    if suffix in PARQUET_SUFFIXES:
        table = to_string_table(read_parquet(raw, where, allowed), where, compared)
    elif suffix in JSON_SUFFIXES:
        table = read_json(utf8_content(raw, where, encoding), where, compared)
    else:
        table = read_csv(raw, where, encoding, delimiter, skip_rows)
    del raw  # Large files need the memory below.
    if not table.num_columns:
        raise InputError(
            f"{where} has no column of text or numbers.",
            hint="Give a row for each offer, its attributes as columns.",
        )
    if table.num_rows == 0:
        raise InputError(
            f"{where} has a header ({', '.join(table.column_names[:10])}) but no rows.",
            hint="Give a file with at least one row.",
        )
    table = blank_to_null(table, id_columns)
    return table if is_stream(path) else with_folder(table, path)


def from_frame(
    frame: pd.DataFrame | pa.Table,
    *,
    id_column: str | None = None,
    name: str = "the data frame",
    compared: Collection[str] | None = None,
) -> pa.Table:
    """Turn a pandas or Arrow table into a table of strings, with its ids checked.

    Args:
        frame: The table; a pandas index is left out.
        id_column: The column of unique ids; ``id`` if not given.
        name: What messages call it.
        compared: As of :func:`read_table`.

    Returns:
        A table as :func:`read_table` returns it.

    Raises:
        InputError: As :func:`read_table`.

    """
    table = to_string_table(frame, name, compared)
    if table.num_rows == 0:
        raise InputError(f"{name} has no rows.", hint="Give at least one row.")
    table = blank_to_null(table, (id_column or DEFAULT_ID,))
    if isinstance(frame, pa.Table):  # It may know its file.
        table = table.replace_schema_metadata(frame.schema.metadata)
    return _offers(table, id_column, name)


def build_records(
    left: pa.Table,
    right: pa.Table | None = None,
    *,
    id_column: str = DEFAULT_ID,
    kinds: dict[str, Kind] | None = None,
    source_column: str | None = None,
    images: str | Path | None = None,
    threads: int = 1,
) -> Records:
    """Put one table, or two to be linked, into canonical order with the kinds of their columns.

    Args:
        left: A table as :func:`read_table` returns it.
        right: The table to link it with; its columns may differ, absent ones are missing.
        id_column: The column of unique ids, in both tables.
        kinds: The attributes to compare; inferred, for every column that has values, if None; of
            very many columns for those that tell most (`linkage.io.tables.informative_columns`).
        source_column: The column that names a row's source; not compared.
        images: The folder that paths of images start from; that of each table's file if None.
        threads: How many columns are worked on at a time.

    Returns:
        The records; the same whatever the order of the rows. Texts are without HTML, and values
        of identifiers that identify nothing are missing (`features.values.placeholders`).

    Raises:
        InputError: If no attribute is left to compare.
        ConfigError: If there is no such folder of images.

    """
    orders, left_out = [], 0
    for table, name in ((left, "the left table"), (right, "the right table")):
        if table is not None:
            where = name if right is not None else "the table"
            check_id_column(table, id_column, where)
            order, tied = canonical_order(table.column(id_column).combine_chunks())
            if tied:
                check_ids(table, id_column, where)
            orders.append(order)
    tables = [left] if right is None else [left, right]
    names = list(dict.fromkeys(name for table in tables for name in table.column_names))
    with ThreadPoolExecutor(threads) as pool:
        by_name = [dict(zip(one.column_names, one.columns, strict=True)) for one in tables]
        columns = pool.map(partial(_ordered, by_name, orders), names)
        raw = pa.table(dict(zip(names, columns, strict=True))).combine_chunks()
        ids_and_sources = {id_column, source_column}
        clean = pool.map(
            lambda name: raw.column(name) if name in ids_and_sources else _clean(raw.column(name)),
            names,
        )
        table = pa.table(dict(zip(names, clean, strict=True)))
        if kinds is None:
            candidates = [
                name
                for name in names
                if name not in (id_column, source_column)
                and table.column(name).null_count < table.num_rows
                and not _repeats_ids(table.column(name), table.column(id_column))
            ]
            chosen = informative_columns({name: table.column(name) for name in candidates})
            left_out = len(candidates) - len(chosen)
            found = pool.map(infer_kind, chosen, map(table.column, chosen))
            kinds = dict(zip(chosen, found, strict=True))
        else:
            kinds = {name: kinds[name] for name in names if name in kinds and name != id_column}
    if not kinds:
        raise InputError(
            f"There is nothing to compare: beside the id ({id_column}) no column has a value.",
            hint=f"The columns are: {', '.join(names)}.",
        )
    return Records(
        ids=_ids(table, id_column),
        table=_without_placeholders(table, kinds),
        side=np.repeat(np.arange(len(tables), dtype=np.int8), [t.num_rows for t in tables]),
        kinds=kinds,
        folders=image_folders(tables, images),
        left_out=left_out,
    )


def _offers(table: pa.Table, id_column: str | None, where: str) -> pa.Table:
    """Return the offers of a table, each with its id, which is checked."""
    table = complete_shop_export(table, where, with_ids=id_column is None)
    if id_column is None:
        table = with_ids(table, where)
    check_ids(table, id_column, where)
    return with_checked_ids(table, id_column or DEFAULT_ID)


def _repeats_ids(column: pa.ChunkedArray, ids: pa.ChunkedArray) -> bool:
    """Return whether a column holds only ids of its own rows, none of them twice in all tables."""
    known = column.is_valid()
    values = column.filter(known)
    return values.equals(ids.filter(known)) and pc.count_distinct(values).as_py() == len(values)


def _ids(table: pa.Table, id_column: str) -> np.ndarray:
    ids: np.ndarray[Any, Any] = table.column(id_column).to_numpy().astype(object)
    return ids


def _clean(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([without_markup(chunk) for chunk in column.chunks], column.type)


def _without_placeholders(table: pa.Table, kinds: dict[str, Kind]) -> pa.Table:
    texts = [
        _one_array(table.column(name))
        for name, kind in kinds.items()
        if kind in (Kind.TEXT, Kind.NAME)
    ]
    for name, kind in kinds.items():
        if kind == Kind.IDENTIFIER:
            found = without_placeholders(_one_array(table.column(name)), texts)
            table = table.set_column(table.column_names.index(name), name, found)
    return table


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _ordered(
    tables: Sequence[Mapping[str, pa.ChunkedArray]], orders: Sequence[np.ndarray], name: str
) -> pa.ChunkedArray:
    """Return a column over all tables, rows in the given order; null where a table lacks it."""
    parts: list[pa.Array] = []
    for table, order in zip(tables, orders, strict=True):
        if name in table:
            # Taking rows of a chunked column would combine its chunks too, but more slowly.
            parts.append(table[name].combine_chunks().take(pa.array(order)))
        else:
            parts.append(pa.nulls(len(order), pa.large_string()))
    return pa.chunked_array(parts)
