"""`Linker.update`: new, changed and deleted rows come into a state."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, Self

import pandas as pd
import pyarrow as pa

from linkage.config.authored import Config
from linkage.errors import ConfigError, InputError
from linkage.io.id_column import DEFAULT_ID
from linkage.io.inputs import Catalog, Table, tabular
from linkage.io.reading import read_plain_table
from linkage.io.string_columns import to_string_table
from linkage.result import Result
from linkage.runtime import ProgressFunction
from linkage.state.catalog_state import CatalogState
from linkage.state.updating import Update, update_state

__all__ = ["UpdatingLinker", "update"]


class UpdatingLinker(Protocol):
    """What an update asks of a linker: to be loaded, and to match a table under decisions."""

    progress: ProgressFunction | None

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a linker from a folder."""

    def match(self, left: Table, *, decisions: Table | None = None) -> Result:
        """Match a table."""


def update(
    linker: type[UpdatingLinker],
    state: str | Path,
    new: Table | None = None,
    *,
    delete: Table | Sequence[object] | None = None,
    dry_run: bool = False,
    max_changed: float | None = None,
    progress: ProgressFunction | None = None,
) -> Update:
    """Brings new, changed and deleted rows into a state, at a cost in proportion to them.

    The model, its statistics and the decisions are those of the state. Clusters that the rows
    do not touch stay as they are. The same rows once more change nothing.

    Args:
        state: file of the state of one catalog, see ``docs/state.md``.
        new: rows that are new, or that replace those of the same id; with all columns that the
            catalog compares.
        delete: ids of rows that are no more: a list, or a table or file with the id column.
        dry_run: whether only to tell what would change.
        max_changed: largest share of the ids of clusters that may end or lose records to
            others, from 0 to 1; an update that changes more is refused.
        progress: called with a step's name and the share of it done (None: not known).

    Returns:
        What changed.

    Raises:
        LinkageError: the rows do not fit the state, or change more than `max_changed`.
    """
    if new is None and delete is None:
        raise InputError("There is nothing to update.", hint="Give new rows, ids to delete.")
    if max_changed is not None and not 0 <= max_changed <= 1:
        raise ConfigError([f"max_changed must be from 0 to 1, got {max_changed}."])

    def match(folder: Path, table: pa.Table, decisions: pd.DataFrame) -> Result:
        own = linker.load(folder)
        own.progress = progress
        return own.match(table, decisions=decisions)

    return update_state(
        CatalogState.at(state),
        partial(_read, new, delete),
        match,
        dry_run=dry_run,
        max_changed=max_changed,
    )


def _read(
    new: Table | None, delete: Table | Sequence[object] | None, config: Config
) -> tuple[pa.Table | None, list[str], str]:
    """Read new rows and ids to delete, by the configuration of a state."""
    name = config.catalog.id
    gone: list[str] = []
    if delete is not None:
        gone = _ids(delete, name or DEFAULT_ID)
    if new is None:
        return None, gone, name or DEFAULT_ID
    catalog = Catalog.of(new, config, name)
    return catalog.table, gone, catalog.id_column


def _ids(given: Any, id_column: str) -> list[str]:
    """Return the ids of a list, or of a table or file: its id column, or its only one."""
    if isinstance(given, Sequence) and not isinstance(given, str):
        table = pa.table({id_column: pa.array([str(one) for one in given], pa.string())})
    elif isinstance(given, str | os.PathLike):
        table = read_plain_table(Path(given))
    else:
        table = to_string_table(tabular(given), "ids to delete")
    names = table.column_names
    if id_column not in names and len(names) != 1:
        raise InputError(
            f"The ids to delete have no column '{id_column}', but {', '.join(names)}.",
            hint=f"Name the column of the ids '{id_column}'.",
        )
    column = table.column(id_column if id_column in names else names[0])
    return [str(one) for one in column.to_pylist() if one is not None]
