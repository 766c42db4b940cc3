"""Reading a file, and what is wrong with what came of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from linkage.errors import LinkageError
from linkage.io.reading import read_table
from reliability.forks import internal_fault
from reliability.offers import Offers, missing_as_none

__all__ = ["attempt", "lost_rows", "other_cells", "read_back"]


def attempt(action: Callable[[], Any]) -> tuple[Any, LinkageError | None, list[str]]:
    """Do something that may be refused.

    Returns:
        What it returned, the error by which it was refused, and faults: errors of any other kind.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return action(), None, []
        except LinkageError as error:
            return None, error, []
        except Exception as error:
            return None, None, [internal_fault(error)]


def read_back(path: Path, **options: Any) -> tuple[pa.Table | None, LinkageError | None, list[str]]:
    """Read a catalog; as of :func:`attempt`."""
    return attempt(lambda: read_table(path, **options))


def lost_rows(table: pa.Table, given: Offers, *, changed: int = 0) -> list[str]:
    """Return what is wrong with the ids of a table.

    Args:
        table: as it was read.
        given: as it was made.
        changed: rows whose ids damage may have changed.
    """
    if table.num_rows != len(given.rows):
        return [f"{len(given.rows)} rows were given and {table.num_rows} read"]
    name = given.names[0]
    if name not in table.column_names:
        return [] if changed else [f"the column {name!r} is lost"]
    read = table.column(name).to_pylist()
    other = sum(a != b for a, b in zip(read, given.ids, strict=True))
    return [f"{other} ids are others"] if other > changed else []


def other_cells(table: pa.Table, given: Offers) -> list[str]:
    """Return the first cell that was read otherwise than it was made, if there is one."""
    for k, name in enumerate(given.names):
        if name not in table.column_names:
            return [f"the column {name!r} is lost"]
        for row, read in enumerate(table.column(name).to_pylist()):
            wanted = missing_as_none(given.rows[row][k])
            if read != wanted:
                return [f"row {row + 1}, column {name!r}: {wanted!r} was read as {read!r}"[:300]]
    return []
