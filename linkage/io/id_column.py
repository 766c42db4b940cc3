"""Checks of the column of ids: present, no null, no id twice."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import InputError, nearest_hint, shorten
from linkage.io.row_order import row_hashes
from linkage.io.row_text import row_text

__all__ = ["DEFAULT_ID", "check_id_column", "check_ids", "id_candidates"]

DEFAULT_ID = "id"
_SHOWN = 5


def id_candidates(table: pa.Table) -> list[str]:
    """Return the columns that could be the id: never null, never twice the same."""
    return [
        name
        for name in table.column_names
        if table.column(name).null_count == 0
        and pc.count_distinct(table.column(name)).as_py() == table.num_rows
    ]


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
        raise _missing_id(table, id_column, where)
    column = table.column(column_name)
    if column.null_count:
        rows = np.flatnonzero(column.is_null().to_numpy())
        raise InputError(
            f"{where}: {len(rows):,} of {table.num_rows:,} rows have no id in column "
            f"'{column_name}': {row_text(rows)}.",
            hint="Give every row an id, or name another column with --id.",
        )
    return column


def _missing_id(table: pa.Table, id_column: str | None, where: str) -> InputError:
    if id_column is not None:
        return InputError(
            f"{where} has no column '{id_column}' (the id column).",
            hint=nearest_hint(id_column, table.column_names, "columns"),
        )
    if table.num_columns == 1:
        return InputError(
            f"{where} has no column 'id', and only one column: {shorten(table.column_names[0])}.",
            hint="Name the id column with --id; or, if something else than a comma, tab, semicolon "
            "or bar separates the cells of a CSV file, name that with --delimiter.",
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
