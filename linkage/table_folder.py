"""The folder that a table's file lies in, from which relative paths in its cells start."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa

from linkage.errors import ConfigError

__all__ = ["image_folders", "with_folder"]

_KEY = b"linkage.folder"


def with_folder(table: pa.Table, path: Path) -> pa.Table:
    """Return the table with the folder of its file in the metadata of its schema."""
    return table.replace_schema_metadata({_KEY: os.fsencode(path.absolute().parent)})


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
