"""What is known of a table beside its cells, kept in the metadata of its schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

__all__ = [
    "distinct_column",
    "new_names",
    "notes_of",
    "with_distinct_column",
    "with_new_names",
    "with_note",
]

_NOTES, _DISTINCT, _NAMES = b"linkage.notes", b"linkage.distinct", b"linkage.names"


def with_note(table: pa.Table, note: str) -> pa.Table:
    """Return the table with one more note for its user, a sentence, after those that it has."""
    return _with(table, _NOTES, [*notes_of([table]), note])


def notes_of(tables: Iterable[pa.Table | None]) -> list[str]:
    """Return the notes of some tables, in order; None stands for no table."""
    return [note for table in tables if table is not None for note in _get(table, _NOTES, [])]


def with_distinct_column(table: pa.Table, column: str) -> pa.Table:
    """Return the table with a column named whose equal values mark rows of different offers."""
    return _with(table, _DISTINCT, column)


def distinct_column(table: pa.Table) -> str | None:
    """Return the column whose equal values mark rows of different offers, if one is known."""
    found: str | None = _get(table, _DISTINCT, None)
    return found


def with_new_names(table: pa.Table, names: dict[str, str]) -> pa.Table:
    """Return the table with some columns renamed, old name to new name, and a record of that."""
    renamed = pa.table(
        table.columns,
        names=[names.get(name, name) for name in table.column_names],
        metadata=table.schema.metadata,
    )
    return _with(renamed, _NAMES, (new_names(table) or {}) | names)


def new_names(table: pa.Table) -> dict[str, str] | None:
    """Return the columns that were renamed, old name to new name; None if none ever was to be."""
    found: dict[str, str] | None = _get(table, _NAMES, None)
    return found


def _with(table: pa.Table, key: bytes, value: Any) -> pa.Table:
    metadata = table.schema.metadata or {}
    return table.replace_schema_metadata({**metadata, key: json.dumps(value).encode()})


def _get(table: pa.Table, key: bytes, default: Any) -> Any:
    value = (table.schema.metadata or {}).get(key)
    return default if value is None else json.loads(value)
