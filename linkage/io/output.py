"""Writing results: atomically, and never over files that the engine did not write.

Everything is written beside its destination first and moved there at the end, so that a run that
is stopped, or a disk that fills up, leaves what was there before.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage.errors import OutputError
from linkage.io.strict_json import plain_json

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "Writer",
    "check_file",
    "check_folder",
    "plain_json",
    "write_csv",
    "write_file",
    "write_folder",
    "write_json",
    "write_parquet",
    "write_text",
]

#: Writes one file to the path it is given.
Writer = Callable[[Path], None]

_MARKER = "run.json"
#: Rows of a row group of a Parquet file.
_ROW_GROUP = 1 << 20


def check_folder(folder: str | Path, *, force: bool = False, marker: str = _MARKER) -> Path:
    """Refuse, before any work is done, a folder that could not be written in the end.

    Args:
        folder: Where results are to go; it need not exist.
        force: Whether a folder of an earlier run may be replaced.
        marker: The file by which a folder of ours is known.

    Returns:
        The folder, absolute, links followed.

    Raises:
        OutputError: If it is a file, holds something, is not ours, or cannot be written.

    """
    folder = Path(folder).resolve()
    _check_parent(folder)
    if not folder.exists():
        return folder
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file, not a folder.", hint="Name another folder.")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{folder} cannot be written: permission denied.")
    held = sorted(entry.name for entry in folder.iterdir())
    if not held:
        return folder
    shown = ", ".join(held[:5]) + (", ..." if len(held) > 5 else "")
    if marker not in held:
        raise OutputError(
            f"{folder} holds files that are not results of this program ({shown}).",
            hint=f"Name another folder; --force replaces only a folder with a {marker}.",
        )
    if not force:
        raise OutputError(
            f"{folder} already holds results ({shown}).",
            hint="Name another folder, or replace them with --force.",
        )
    return folder


def check_file(path: str | Path, *, force: bool = False) -> Path:
    """Refuse, before any work is done, a file that could not be written in the end.

    Args:
        path: The file to write.
        force: Whether it may be replaced.

    Returns:
        The path, absolute.

    Raises:
        OutputError: If it is a folder, exists, or cannot be written.

    """
    path = Path(path).absolute()
    _check_parent(path)
    if path.is_dir():
        raise OutputError(f"{path} is a folder, not a file.", hint="Name a file in it.")
    if path.exists() and not force:
        raise OutputError(
            f"{path} already exists.", hint="Name another file, or replace it with --force."
        )
    return path


def write_folder(
    folder: str | Path,
    files: Mapping[str, Writer],
    *,
    force: bool = False,
    marker: str = _MARKER,
    threads: int = 1,
) -> Path:
    """Write a folder of files, whole or not at all.

    Args:
        folder: Where they go; parents are made as needed.
        files: Name -> what writes it; one that writes nothing leaves its file out.
        force: Whether a folder of an earlier run may be replaced. It is replaced as a whole, and
            stays as it was if anything fails.
        marker: The file by which a folder of ours is known.
        threads: How many files are written at a time.

    Returns:
        The folder, absolute.

    Raises:
        OutputError: If it may not or cannot be written.

    """
    folder = check_folder(folder, force=force, marker=marker)
    with _as_output_error(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=folder.parent))
        try:
            made.chmod(0o777 & ~_umask())
            _write_all({made / name: write for name, write in files.items()}, threads)
            _sync(made)
            _swap(made, folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    return folder


def write_file(path: str | Path, write: Writer, *, force: bool = False) -> Path:
    """Write one file, whole or not at all.

    Args:
        path: Where it goes; parents are made as needed.
        write: What writes it.
        force: Whether an existing file may be replaced.

    Returns:
        The path, absolute.

    Raises:
        OutputError: If it may not or cannot be written.

    """
    path = check_file(path, force=force)
    with _as_output_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        # The suffix is kept, since writers may choose the format by it.
        made = Path(tempfile.mkdtemp(prefix=f".{path.name}.new-", dir=path.parent))
        try:
            write(made / path.name)
            _sync(made / path.name)
            os.replace(made / path.name, path)
            _sync(path.parent)
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


def write_csv(frame: pd.DataFrame | pa.Table) -> Writer:
    """Return a writer of a table as CSV: UTF-8, comma, quotes where needed, missing = empty."""

    def write(path: Path) -> None:
        from linkage.io.csv_writer import write_csv_file

        write_csv_file(frame, path)

    return write


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
            _sync(path)

    with ThreadPoolExecutor(threads) as pool:
        try:
            for _ in pool.map(write_one, files):
                pass
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _check_parent(path: Path) -> None:
    """Refuse a path whose nearest existing parent is no folder that can be written."""
    parent = path.parent
    try:
        while not parent.exists():
            parent = parent.parent
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error
    if not parent.is_dir():
        raise OutputError(
            f"{path} cannot be written: {parent} is a file.", hint="Name another place with -o."
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        raise OutputError(
            f"{path} cannot be written: no permission to write in {parent}.",
            hint="Name another place with -o.",
        )


def _swap(made: Path, folder: Path) -> None:
    """Move a finished folder to its place; what was there comes back if that fails."""
    if not folder.exists():
        os.rename(made, folder)
    else:
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old-", dir=folder.parent))
        old = aside / folder.name
        os.rename(folder, old)
        try:
            os.rename(made, folder)
        except BaseException:
            os.rename(old, folder)
            raise
        finally:
            if folder.exists():
                shutil.rmtree(aside, ignore_errors=True)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    """Flush a file or folder to disk, so that a crash leaves no half-written one."""
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) if path.is_dir() else os.O_RDONLY
    # Folders cannot be opened on every system, and the rename is atomic all the same.
    with contextlib.suppress(OSError):
        handle = os.open(path, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _as_output_error(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Nothing was changed. Free some space or name another place with -o.",
        ) from error
