"""What a table of strings knows of where it came from: its file, and the column of its ids.

Relative paths in its cells start from the file's folder.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa

from linkage.errors import ConfigError

__all__ = ["file_of", "has_checked_ids", "image_folders", "with_checked_ids", "with_folder"]

_KEY = b"linkage.folder"
_FILE = b"linkage.file"
_ID = b"linkage.id"


def with_folder(table: pa.Table, path: Path) -> pa.Table:
    """Return the table with its file, and the file's folder, in the metadata of its schema."""
    file = path.absolute()
    named = {_KEY: os.fsencode(file.parent), _FILE: os.fsencode(file)}
    return table.replace_schema_metadata({**(table.schema.metadata or {}), **named})


def with_checked_ids(table: pa.Table, id_column: str) -> pa.Table:
    """Return a table of strings, marked as one whose ids were checked."""
    return table.replace_schema_metadata({**(table.schema.metadata or {}), _ID: id_column.encode()})


def has_checked_ids(table: pa.Table, id_column: str) -> bool:
    """Return whether a table is one of strings whose ids were checked: it need not be again."""
    marked = (table.schema.metadata or {}).get(_ID) == id_column.encode()
    return marked and all(pa.types.is_large_string(kind) for kind in table.schema.types)


def file_of(table: pa.Table) -> Path | None:
    """Return the file that a table was read from, absolute; None where it came from none."""
    named = (table.schema.metadata or {}).get(_FILE)
    return None if named is None else Path(os.fsdecode(named))


def image_folders(tables: list[pa.Table], chosen: str | Path | None) -> tuple[Path | None, ...]:
    """Return the folder of each table that paths of images start from.

    Args:
        tables: The tables; those that came from no file have no folder.
        chosen: The folder that the user named for all.

    Returns:
        One folder for each table, None for the current one.

    Raises:
        ConfigError: If the folder named does not exist.

    """
    if chosen is None:
        named = [(table.schema.metadata or {}).get(_KEY) for table in tables]
        return tuple(None if folder is None else Path(os.fsdecode(folder)) for folder in named)
    if not Path(chosen).is_dir():
        raise ConfigError(
            f"catalog.images: there is no folder {chosen}.",
            hint="Leave it out where paths of images start from the catalog's own folder.",
        )
    return (Path(chosen),) * len(tables)
