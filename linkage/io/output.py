"""Writing results: atomically, and never over files that the engine did not write.

Everything is written beside its destination first and moved there at the end, so that a run that
is stopped, or a disk that fills up, leaves what was there before.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage.io.destination.claims import as_output_error, claim_files, claim_folder
from linkage.io.destination.folder_kinds import RESULTS, FolderKind
from linkage.io.destination.protected import Input
from linkage.io.destination.replacement import made_beside, replace_folder, sync
from linkage.io.strict_json import plain_json

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "Writer",
    "plain_json",
    "write_csv",
    "write_file",
    "write_folder",
    "write_json",
    "write_parquet",
    "write_table",
    "write_text",
]

#: Writes one file to the path it is given.
Writer = Callable[[Path], None]

#: Rows of a row group of a Parquet file.
_ROW_GROUP = 1 << 20


def write_folder(
    folder: str | Path,
    files: Mapping[str, Writer],
    *,
    force: bool = False,
    kind: FolderKind = RESULTS,
    inputs: Sequence[Input] = (),
    threads: int = 1,
) -> Path:
    """Write a folder of files, whole or not at all.

    Args:
        folder: Where they go; parents are made as needed.
        files: Name -> what writes it; one that writes nothing leaves its file out.
        force: Whether a folder of an earlier run may be replaced. It is replaced as a whole, and
            stays as it was if anything fails; files in it that are not ours are kept.
        kind: The kind of folder.
        inputs: What the results were made from, which the folder must not hold.
        threads: How many files are written at a time.

    Returns:
        The folder, absolute.

    Raises:
        OutputError: If it may not or cannot be written.

    """
    with (
        claim_folder(folder, force=force, kind=kind, inputs=inputs) as folder,
        as_output_error(folder),
    ):
        made = made_beside(folder)
        try:
            made.chmod(0o777 & ~_umask())
            _write_all({made / name: write for name, write in files.items()}, threads)
            sync(made)
            replace_folder(made, folder, kind)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return folder


def write_file(
    path: str | Path, write: Writer, *, force: bool = False, inputs: Sequence[Input] = ()
) -> Path:
    """Write one file, whole or not at all.

    Args:
        path: Where it goes; parents are made as needed.
        write: What writes it.
        force: Whether an existing file may be replaced.
        inputs: What its content was made from, which it must not replace.

    Returns:
        The path, absolute.

    Raises:
        OutputError: If it may not or cannot be written.

    """
    with claim_files(path, force=force, inputs=inputs) as (path,), as_output_error(path):
        made = made_beside(path)
        try:
            # The name is kept, since writers may choose the format by its suffix.
            write(made / path.name)
            sync(made / path.name)
            os.replace(made / path.name, path)
            sync(path.parent)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return path


def write_parquet(table: pd.DataFrame | pa.Table | Mapping[str, Any]) -> Writer:
    """Return a writer of a table as Parquet (zstd).

    Args:
        table: The table; or its columns, as `linkage.io.parquet_writer.write_row_groups` takes
            them, which makes no table of millions of strings.

    """

    def write(path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        from linkage.io.parquet_writer import write_row_groups

        if isinstance(table, pa.Table):
            pq.write_table(table, path, compression="zstd")
            return
        columns = dict(table.items())
        try:
            write_row_groups(columns, path, _ROW_GROUP, _ROW_GROUP)
        except pa.ArrowException:  # a column whose first rows do not tell its type
            length = max((len(column) for column in columns.values()), default=0)
            write_row_groups(columns, path, max(length, 1), _ROW_GROUP)

    return write


def write_csv(frame: pd.DataFrame | pa.Table, *, safe: bool = False) -> Writer:
    """Return a writer of a table as CSV: UTF-8, comma, quotes where needed, missing = empty.

    Args:
        frame: The table.
        safe: Whether an apostrophe goes before cells that spreadsheets may run as formulas.

    """

    def write(path: Path) -> None:
        from linkage.io.csv_writer import write_csv_file

        write_csv_file(frame, path, safe=safe)

    return write


def write_table(frame: pd.DataFrame, path: Path, *, safe: bool = False) -> Writer:
    """Return a writer of a table as Parquet where the path ends so, as CSV otherwise.

    Args:
        frame: The table.
        path: Where it goes.
        safe: As of :func:`write_csv`.

    """
    parquet = path.suffix.lower() == ".parquet"
    return write_parquet(frame) if parquet else write_csv(frame, safe=safe)


def write_json(value: Any) -> Writer:
    """Return a writer of a value as strict JSON; see :func:`plain_json`."""

    def write(path: Path) -> None:
        text = json.dumps(plain_json(value), indent=2, ensure_ascii=False, allow_nan=False)
        path.write_text(text + "\n", encoding="utf-8")

    return write


def write_text(text: str) -> Writer:
    """Return a writer of text as UTF-8."""

    def write(path: Path) -> None:
        path.write_text(text, encoding="utf-8")

    return write


def _write_all(files: Mapping[Path, Writer], threads: int) -> None:
    """Write files, so many at a time; the first that fails is raised, and no more are begun."""

    def write_one(path: Path) -> None:
        files[path](path)
        if path.exists():
            sync(path)

    with ThreadPoolExecutor(threads) as pool:
        try:
            for _ in pool.map(write_one, files):
                pass
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
