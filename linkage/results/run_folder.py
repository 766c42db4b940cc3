"""The folder of a run as read back: its account, tables, models and catalogs."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from linkage.config.authored import Config
from linkage.errors import ConfigError, InputError, LinkageError
from linkage.io.inputs import read_catalog
from linkage.io.output import Writer
from linkage.io.source_file import file_of
from linkage.io.tables.table_metadata import new_names, with_new_names
from linkage.models.model_folder import OF_THE_FILE, FittedDefinition, model_files, read_model
from linkage.results.run_account import CatalogAccount, RunAccount
from linkage.version import __version__

__all__ = ["RunFolder", "catalogs_account", "fingerprint", "model_of_run"]

_MODEL = "model"
_SIDES = ("left", "right")
#: What the tables of every run have.
_COLUMNS = {"pairs": ("left_id", "right_id"), "clusters": ("id",)}
_AGAIN = "Run again into another folder."


def catalogs_account(tables: Sequence[pa.Table | None]) -> list[CatalogAccount]:
    """The account of the tables of a run: file, rows, columns, fingerprint."""
    return [
        {
            "path": None if file_of(table) is None else str(file_of(table)),
            "rows": table.num_rows,
            "columns": table.column_names,
            "fingerprint": fingerprint(table),
            "renamed": new_names(table) or {},
        }
        for table in tables
        if table is not None
    ]


def fingerprint(table: pa.Table) -> str:
    """A SHA-256 of a table of strings: its columns' names and cells, in their order.

    The same for the same cells, whatever kind of file they came from.
    """
    digest = hashlib.sha256()
    for name in table.column_names:
        digest.update(f"{len(name)}:{name}".encode())
        column = table.column(name).cast(pa.large_string())
        # A missing cell is a length of its own, so that it is not the empty one.
        lengths = pc.fill_null(pc.cast(pc.binary_length(column), pa.int64()), -1)
        digest.update(lengths.to_numpy().tobytes())
        for chunk in column.chunks:
            cells = pc.drop_null(chunk)
            offsets, data = cells.buffers()[1:]
            if data is not None and len(cells):
                ends = memoryview(offsets).cast("B").cast("q")
                begin, end = ends[cells.offset], ends[cells.offset + len(cells)]
                digest.update(memoryview(data)[begin:end])
    return f"sha256:{digest.hexdigest()}"


def model_of_run(
    config: Config | None, fitted: Mapping[str, FittedDefinition] | None
) -> dict[str, Writer]:
    """The model folder inside a run's, with what writes it; nothing without models."""
    if config is None or not fitted:
        return {}
    files = model_files(config, fitted, __version__)

    def write(path: Path) -> None:
        path.mkdir()
        for name, writer in files.items():
            writer(path / name)

    return {_MODEL: write}


@dataclass(frozen=True)
class RunFolder:
    """The folder that a run wrote.

    Attributes:
        path: the folder.
        run: what its run.json says.
    """

    path: Path
    run: RunAccount

    @classmethod
    def open(cls, folder: str | Path) -> RunFolder:
        """Opens a folder of results.

        Raises:
            InputError: it is none.
        """
        folder = Path(folder)
        marker = folder / "run.json"
        if not os.path.isfile(marker):  # which takes a path of any length
            what = "has no run.json" if os.path.isdir(folder) else "is no folder"
            raise InputError(
                f"{folder} {what}, so it holds no results.",
                hint="Name the folder that was given with -o to linkage dedupe, link or group.",
            )
        try:
            run = json.loads(marker.read_text(encoding="utf-8"))
            if not _is_account(run):
                raise ValueError("it is no account of a run")
        except ValueError as error:
            raise InputError(f"{marker} cannot be read: {error}.", hint=_AGAIN) from error
        return cls(folder, cast("RunAccount", run))

    def frame(self, name: str) -> pd.DataFrame:
        """One of the run's tables, ``pairs`` or ``clusters``.

        Raises:
            InputError: it is missing or damaged.
        """
        path = self.path / f"{name}.parquet"
        try:
            frame = pd.read_parquet(path)
            # A folder of that name would be read as a table of no columns.
            if missing := [column for column in _COLUMNS[name] if column not in frame]:
                raise ValueError(f"there is no column {missing[0]}")
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read: {error}.", hint=_AGAIN) from error
        return frame

    def model(self) -> tuple[Config, dict[str, FittedDefinition]]:
        """The run's configuration and models.

        Raises:
            InputError: the run kept none.
            ModelError: they cannot be read.
        """
        folder = self.path / _MODEL
        if not folder.is_dir():
            raise InputError(
                f"{self.path} has no folder named {_MODEL}: the run was made by an earlier version,"
                " or its model was deleted.",
                hint="Run again with this version, and name the new folder.",
            )
        config, fitted = read_model(folder)
        own = self.run["config"].get("catalog", {})
        of_file = {name: own.get(name) for name in OF_THE_FILE}
        return replace(config, catalog=replace(config.catalog, **of_file)), fitted

    def catalogs(
        self, config: Config, moved: Sequence[str | Path] = ()
    ) -> tuple[pa.Table, pa.Table | None]:
        """The tables of the run, read again from their files.

        Args:
            config: the run's configuration.
            moved: where the files are now, in their order; where the run read them if empty.

        Raises:
            InputError: a file is gone, cannot be read, or has changed since the run.
            ConfigError: another number of files was given than the run read.
        """
        accounts = self.run.get("catalogs") or []
        if not accounts:
            raise InputError(
                f"{self.path / 'run.json'} does not say what catalog the run read.",
                hint="Run again with this version, and name the new folder.",
            )
        if moved and len(moved) != len(accounts):
            raise ConfigError(
                f"--catalog was given {len(moved)} times; the run read {len(accounts)} "
                f"table{'s' if len(accounts) > 1 else ''}.",
                where="command line",
                hint="Give it once for each table, the left one first.",
            )
        given: list[str | Path | None] = list(moved) or [a["path"] for a in accounts]
        tables = [
            self._table(account, path, config, id_column)
            for account, path, id_column in zip(accounts, given, config.catalog.ids, strict=False)
        ]
        return tables[0], tables[1] if len(tables) > 1 else None

    def _table(
        self,
        account: CatalogAccount,
        path: str | Path | None,
        config: Config,
        id_column: str | None,
    ) -> pa.Table:
        if path is None:
            raise InputError(
                f"The run in {self.path} read its catalog from memory, not from a file.",
                hint="Write the catalog to a file, and name it with --catalog FILE.",
            )
        path = Path(path)
        if not path.is_file():
            raise InputError(
                f"The run in {self.path} read {path}, which is gone.",
                hint="Put it back, or say where it is now with --catalog FILE.",
            )
        try:
            table = read_catalog(path, config, id_column)
        except LinkageError as error:
            raise InputError(
                f"The catalog of the run in {self.path} cannot be read any more: {error.message}",
                hint=error.hint or "Give the file that the run read with --catalog FILE.",
            ) from error
        table = with_new_names(table, account.get("renamed", {}))
        if fingerprint(table) != account.get("fingerprint"):
            raise InputError(
                f"{path} has changed since the run in {self.path}: {_change(account, table)}.",
                hint="Run again with the file as it is now, or give the file that the run read with"
                " --catalog FILE.",
            )
        return table


def _is_account(run: object) -> bool:
    """Return whether a value of JSON has what every account of a run has, of its types."""
    if not isinstance(run, dict) or not isinstance(run.get("config"), dict):
        return False
    definitions, catalogs = run.get("definitions", {}), run.get("catalogs", [])
    return (
        isinstance(definitions, dict)
        and all(isinstance(one, dict) for one in definitions.values())
        and isinstance(catalogs, list)
        and all(isinstance(one, dict) and _is_catalog(one) for one in catalogs)
    )


def _is_catalog(account: dict[str, object]) -> bool:
    return (
        isinstance(account.get("path"), str | None)
        and "path" in account
        and isinstance(account.get("fingerprint", ""), str)
        and isinstance(account.get("rows", 0), int)
        and isinstance(account.get("columns", []), list)
        and isinstance(account.get("renamed", {}), dict)
    )


def _change(account: CatalogAccount, table: pa.Table) -> str:
    """How a table differs from the one that a run read."""
    if table.num_rows != account.get("rows", table.num_rows):
        return f"it had {account['rows']:,} rows, and has {table.num_rows:,}"
    before, now = set(account.get("columns", table.column_names)), set(table.column_names)
    if before != now:
        parts = [f"it lacks {', '.join(sorted(before - now))}"] if before - now else []
        parts += [f"it has {', '.join(sorted(now - before))} in addition"] if now - before else []
        return " and ".join(parts)
    return "some of its cells are others, or its rows or columns are in another order"
