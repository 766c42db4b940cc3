"""What is known of a table beside its cells, kept in the metadata of its schema."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

__all__ = ["distinct_column", "notes_of", "with_distinct_column", "with_note"]

_NOTES, _DISTINCT = b"linkage.notes", b"linkage.distinct"


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


def _with(table: pa.Table, key: bytes, value: Any) -> pa.Table:
    metadata = table.schema.metadata or {}
    return table.replace_schema_metadata({**metadata, key: json.dumps(value).encode()})


def _get(table: pa.Table, key: bytes, default: Any) -> Any:
    value = (table.schema.metadata or {}).get(key)
    return default if value is None else json.loads(value)
