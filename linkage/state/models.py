"""The models of a state: the files of a model folder, as of the latest run."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from linkage.models.model_folder import model_files
from linkage.result import Result
from linkage.state.catalog_state import append
from linkage.version import __version__

if TYPE_CHECKING:
    import duckdb

__all__ = ["keep_models", "model_of_state"]


def keep_models(connection: duckdb.DuckDBPyConnection, result: Result) -> bool:
    """Store the models of a run, and return whether they replace others.

    Args:
        connection: of a transaction.
        result: of the run.
    """
    if result.config is None or not result.fitted:
        return False
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, write in model_files(result.config, result.fitted, __version__).items():
            write(folder / name)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        now = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    stored = dict(connection.execute("SELECT file, content FROM model").fetchall())
    if stored == now:
        return False
    connection.execute("DELETE FROM model")
    append(
        connection, "model",
        file=pa.array(list(now), pa.string()), content=pa.array(list(now.values()), pa.binary()),
    )  # fmt: skip
    return bool(stored)


def model_of_state(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the model of a state as a folder that ``linkage.Linker.load`` reads.

    Args:
        connection: of a state.
        folder: an existing, empty folder.
    """
    for name, content in connection.execute("SELECT file, content FROM model").fetchall():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
