"""The state file of a catalog: opened to read, or for one transaction that writes."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from linkage.errors import InputError, OutputError
from linkage.io.destination.claims import as_output_error
from linkage.io.destination.lock import locked
from linkage.state.schema import SCHEMA, SCHEMA_VERSION

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "CatalogState",
    "append",
    "get_meta",
    "one_row",
    "read_columns",
    "set_meta",
    "update_rows",
]

#: Seconds to wait for another process that has the file open, such as a reader of a second.
_PATIENCE = 5.0
#: Share of free blocks from which a file is written anew, so that it stays near its contents.
_MOST_FREE = 0.15
#: Free bytes that are not worth it.
_FEW_BYTES = 1 << 22
#: Bytes of a block, the smallest that DuckDB has: each column of a table takes one at least.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {"default_block_size": 1 << 14}


@dataclass(frozen=True)
class CatalogState:
    """A state file, see ``docs/state.md``.

    A run holds a lock from its beginning to its end, and opens the file twice: to read what it
    needs, and for one transaction at its end. In between others can read.

    Attributes:
        path: the file; a first run makes it.
    """

    path: Path

    @classmethod
    def at(cls, path: str | Path) -> CatalogState:
        """Return the state of a path, absolute."""
        path = Path(path).absolute()
        return cls(path.parent.resolve() / path.name)

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    @contextlib.contextmanager
    def claimed(self) -> Iterator[None]:
        """Let no other run write the state while the context lasts.

        Raises:
            OutputError: another run does, or the place cannot be written.
        """
        if self.path.is_dir():
            raise OutputError(f"{self.path} is a folder, not a file.", hint="Name another --state.")
        with contextlib.ExitStack() as stack:
            with as_output_error(self.path):
                stack.enter_context(locked(self.path))
            self._sweep()  # what a run that was killed left
            stack.callback(self._sweep)
            yield

    @contextlib.contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the state to read.

        Raises:
            InputError: there is none, or it is no state, or another process has it open.
        """
        if not self.exists:
            raise InputError(
                f"There is no state {self.path}.",
                hint="linkage dedupe CATALOG -o OUT --state FILE makes one.",
            )
        connection = self._opened(self.path, read_only=True)
        with contextlib.closing(connection):
            self._check(connection)
            yield connection

    @contextlib.contextmanager
    def writing(self, *, keep: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the state for one transaction: all of it is written, or nothing.

        A new state comes into being as a whole, beside its place, and is then put there.

        Args:
            keep: whether what is written stays; otherwise it is taken back.

        Raises:
            OutputError: another process has it open.
        """
        with self.claimed():
            place = self.path if self.exists else self._beside
            connection = self._opened(place, read_only=False)
            with contextlib.closing(connection):
                connection.execute("BEGIN")
                if place == self._beside:
                    for statement in SCHEMA:
                        connection.execute(statement)
                    set_meta(connection, "schema_version", str(SCHEMA_VERSION))
                else:
                    self._check(connection)
                yield connection  # an error leaves without a commit
                if not keep:
                    connection.execute("ROLLBACK")
                    return
                connection.execute("COMMIT")
                connection.execute("CHECKPOINT")
                blocks = one_row(connection, "PRAGMA database_size")
            if place == self._beside:
                self._put()
            elif blocks is not None and _is_sparse(*blocks[2:5]):
                self._compact()

    def _compact(self) -> None:
        """Write the file anew, without the blocks that replaced tables left free."""
        connection = self._opened(self._beside, read_only=False)
        with contextlib.closing(connection):
            source = str(self.path).replace("'", "''")
            connection.execute(f"ATTACH '{source}' AS source (READ_ONLY)")
            here = one_row(connection, "SELECT current_database()")
            assert here is not None
            name = str(here[0]).replace('"', '""')
            connection.execute(f'COPY FROM DATABASE source TO "{name}"')
            connection.execute("DETACH source")
            connection.execute("CHECKPOINT")
        self._put()

    def _put(self) -> None:
        with open(self._beside, "rb") as file:
            os.fsync(file.fileno())
        os.replace(self._beside, self.path)

    @property
    def _beside(self) -> Path:
        return self.path.with_name(f".{self.path.name}.new")

    def _sweep(self) -> None:
        """Remove a new file that was not put in place, and its log."""
        for path in (self._beside, self._beside.with_name(f"{self._beside.name}.wal")):
            path.unlink(missing_ok=True)

    def _opened(self, path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        import duckdb

        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
            except (duckdb.IOException, duckdb.ConnectionException) as error:
                busy = isinstance(error, duckdb.ConnectionException) or "lock" in str(error)
                if not busy:
                    raise self._no_state(str(error)) from error
                if time.monotonic() > until:
                    kind = InputError if read_only else OutputError
                    raise kind(
                        f"The state {self.path} is open in another process: "
                        f"{str(error).splitlines()[0]}",
                        hint="Wait until that has ended; nothing was changed.",
                    ) from error
                time.sleep(0.1)
            except duckdb.Error as error:
                raise self._no_state(str(error)) from error

    def _check(self, connection: duckdb.DuckDBPyConnection) -> None:
        import duckdb

        try:
            version = get_meta(connection, "schema_version")
        except duckdb.CatalogException as error:
            raise self._no_state("it has no table 'meta'") from error
        if version != str(SCHEMA_VERSION):
            raise InputError(
                f"The state {self.path} has version {version}; this program reads version "
                f"{SCHEMA_VERSION}.",
                hint="Use the version of the program that wrote it, or begin another state.",
            )

    def _no_state(self, why: str) -> InputError:
        return InputError(
            f"{self.path} cannot be read as the state of a catalog: {why.splitlines()[0]}.",
            hint="Name the file that was given with --state to an earlier run, or a new one.",
        )


def get_meta(connection: duckdb.DuckDBPyConnection, key: str) -> str | None:
    """Return a value of the table ``meta``, None where it has no such key."""
    found = one_row(connection, "SELECT value FROM meta WHERE key = ?", [key])
    return None if found is None else str(found[0])


def set_meta(connection: duckdb.DuckDBPyConnection, key: str, value: str) -> None:
    """Write a value of the table ``meta`` where it is another."""
    if get_meta(connection, key) != value:
        connection.execute("DELETE FROM meta WHERE key = ?", [key])
        connection.execute("INSERT INTO meta VALUES (?, ?)", [key, value])


def one_row(
    connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()
) -> tuple[Any, ...] | None:
    """Return the first row of a query, None where it has none; all are fetched."""
    rows: list[tuple[Any, ...]] = connection.execute(query, list(values)).fetchall()
    return rows[0] if rows else None


def read_columns(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, np.ndarray]:
    """Return the columns of a query without nulls, by name, as numpy arrays."""
    found = connection.execute(query).fetchnumpy()
    return {name: np.ma.getdata(np.ma.asarray(column)) for name, column in found.items()}


def append(connection: duckdb.DuckDBPyConnection, table: str, **columns: object) -> None:
    """Append rows to a table, its columns in their order.

    Args:
        connection: of a transaction.
        table: its name.
        columns: arrays of one length.
    """
    rows = pa.table(dict(columns))
    if rows.num_rows:
        connection.register("appended", rows)
        connection.execute(f"INSERT INTO {table} SELECT * FROM appended")
        connection.unregister("appended")


def update_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    key: str,
    numbers: np.ndarray,
    assignment: str,
    values: np.ndarray | None = None,
) -> None:
    """Update the rows of a table that have some numbers; ``v.value`` stands for their values."""
    if len(numbers):
        rows = {"number": numbers, "value": numbers if values is None else values}
        connection.register("v", pa.table(rows))
        connection.execute(f"UPDATE {table} SET {assignment} FROM v WHERE {key} = v.number")
        connection.unregister("v")


def _is_sparse(block: int, blocks: int, used: int) -> bool:
    free = blocks - used
    return free * block > max(_FEW_BYTES, _MOST_FREE * blocks * block)
