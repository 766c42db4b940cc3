"""The column of ids: found or made where it is not named, checked for nulls and repeated ids."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.header_words import header_hints, header_words
from linkage.errors import InputError, nearest_hint, shorten
from linkage.io.row_order import row_hashes
from linkage.io.row_text import row_text
from linkage.io.tables.table_metadata import with_note

__all__ = [
    "DEFAULT_ID",
    "check_id_column",
    "check_ids",
    "id_candidates",
    "likely_id",
    "with_ids",
]

DEFAULT_ID = "id"
_SHOWN = 5
_SAMPLE = 100  # More rows than have the same signs by chance.
# A title may be unique and never empty too; a column is taken for the id by its name besides.
_ID_NAME = re.compile(r"(^|[_\W])(?i:id|sku|key|code|asin|nr|no|number)$|[a-z]I[dD]$")


def id_candidates(table: pa.Table) -> list[str]:
    """Return the columns that could be the id: never null, never twice the same."""
    return [
        name
        for name in table.column_names
        if table.column(name).null_count == 0
        and pc.count_distinct(table.column(name)).as_py() == table.num_rows
    ]


def likely_id(table: pa.Table) -> str | None:
    """Return the column that holds the ids: ``id``, or the first that could be and is named so."""
    if DEFAULT_ID in table.column_names:
        return DEFAULT_ID
    for name in id_candidates(table):
        if _ID_NAME.search(name) or "identifier" in header_hints(header_words(name)):
            return name
    return None


def with_ids(table: pa.Table, where: str) -> pa.Table:
    """Return the table with a column ``id``, and a note of where its values are from.

    Args:
        table: Strings.
        where: What the note calls the table.

    Returns:
        The table itself if it has the column; else with a copy of the column that holds ids by its
        values and name, or with the rows' numbers, counted from 1.

    Raises:
        InputError: If the only column looks like several, with a delimiter that is not known.

    """
    if table.num_columns == 1 and (sign := _common_sign(table)):
        raise InputError(
            f"{where} has no column 'id', and only one column: {shorten(table.column_names[0])}.",
            hint=f"If {sign!r} separates the cells of a CSV file, name it with --delimiter; "
            "otherwise name the id column with --id.",
        )
    column = likely_id(table)
    if column == DEFAULT_ID:
        return table
    if column is None:
        ids = pa.array(np.arange(1, table.num_rows + 1)).cast(pa.large_string())
        how = "the rows are numbered from 1 as their ids"
    else:
        ids = table.column(column)
        how = f"the ids are those of column '{column}', which is unique and never empty"
    return with_note(
        table.add_column(0, DEFAULT_ID, ids),
        f"{where} has no column 'id': {how}; --id names another column.",
    )


def check_ids(table: pa.Table, id_column: str | None, where: str) -> None:
    """Refuse a table whose rows have no ids, or not each its own.

    Args:
        table: Strings.
        id_column: The column of ids; ``id`` if not given.
        where: What messages call the table.

    Raises:
        InputError: If ids are missing, null or not unique.

    """
    column = check_id_column(table, id_column, where)
    if _may_repeat(column) and pc.count_distinct(column).as_py() < table.num_rows:
        raise _duplicate_ids(column, id_column or DEFAULT_ID, where)


def check_id_column(table: pa.Table, id_column: str | None, where: str) -> pa.ChunkedArray:
    """Return the column of ids, all of which are known; arguments as of `check_ids`."""
    column_name = id_column or DEFAULT_ID
    if column_name not in table.column_names:
        raise _missing_id(table, column_name, where)
    column = table.column(column_name)
    if column.null_count:
        rows = np.flatnonzero(column.is_null().to_numpy())
        raise InputError(
            f"{where}: {len(rows):,} of {table.num_rows:,} rows have no id in column "
            f"'{column_name}': {row_text(rows)}.",
            hint="Give every row an id, or name another column with --id.",
        )
    return column


def _missing_id(table: pa.Table, id_column: str, where: str) -> InputError:
    return InputError(
        f"{where} has no column '{id_column}' (the id column).",
        hint=nearest_hint(id_column, table.column_names, "columns")
        + " Where the right one of two tables has other ids, name them with --right-id.",
    )


def _common_sign(table: pa.Table) -> str | None:
    """Return a sign that the only column's name and all of its first cells have as many times."""
    name, texts = table.column_names[0], table.column(0).slice(0, _SAMPLE).drop_null().to_pylist()
    return next(
        (
            sign
            for sign in re.findall(r"[^\w\s]", name)
            if all(text.count(sign) == name.count(sign) for text in texts)
        ),
        None,
    )


def _duplicate_ids(column: pa.ChunkedArray, name: str, where: str) -> InputError:
    import pandas as pd

    ids = pd.Series(column.to_pandas())
    repeated = ids[ids.duplicated(keep=False)]
    shown = []
    for value, group in list(repeated.groupby(repeated, sort=False))[:_SHOWN]:
        shown.append(f"{shorten(value, 40)} ({row_text(group.index.to_numpy())})")
    count = repeated.nunique()
    more = f"; and {count - len(shown):,} more ids" if count > len(shown) else ""
    return InputError(
        f"{where}: {count:,} ids in column '{name}' are not unique: {'; '.join(shown)}{more}.",
        hint="Remove the duplicates, or name another column with --id.",
    )


def _may_repeat(column: pa.ChunkedArray) -> bool:
    """Return whether two strings may be equal, by 64-bit hashes: far faster than the strings."""
    hashes = np.sort(row_hashes(column.combine_chunks()))
    return bool((hashes[1:] == hashes[:-1]).any())
