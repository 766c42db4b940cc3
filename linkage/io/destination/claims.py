"""Claiming an output: refused before any work is done if it could not be written in the end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from linkage.errors import OutputError, shorten
from linkage.io.destination.folder_kinds import RESULTS, FolderKind
from linkage.io.destination.lock import locked
from linkage.io.destination.protected import (
    Input,
    refuse_file_over_inputs,
    refuse_folder_over_inputs,
)
from linkage.io.destination.replacement import left_beside, repair, tidy

__all__ = ["as_output_error", "check_file", "check_folder", "claim_files", "claim_folder"]


@contextlib.contextmanager
def claim_folder(
    folder: str | Path,
    *,
    force: bool = False,
    kind: FolderKind = RESULTS,
    inputs: Sequence[Input] = (),
) -> Iterator[Path]:
    """Lock a folder, tidy what dead runs left of it, and refuse it if it must not be written.

    Args:
        folder: where results are to go; it need not exist.
        force: whether a folder of an earlier run may be replaced.
        kind: the kind of folder.
        inputs: what the run reads, which must not be in it.

    Yields:
        The folder, absolute, links followed.

    Raises:
        OutputError: it is locked by another run, holds an input, is a file, is not ours, or cannot
            be written.
    """
    _check_name(folder)
    folder = Path(folder).resolve()
    _check_parent(folder)
    with contextlib.ExitStack() as stack:
        with as_output_error(folder):
            stack.enter_context(locked(folder))
            repair(folder, kind)
        check_folder(folder, force=True, kind=kind)
        for removed in (folder, *left_beside(folder)):
            refuse_folder_over_inputs(removed, inputs)
        check_folder(folder, force=force, kind=kind)
        tidy(folder, kind)
        try:
            yield folder
        except BaseException:
            # A signal may come between two steps, where nothing else would remove what was made.
            tidy(folder, kind)
            raise


@contextlib.contextmanager
def claim_files(
    *paths: str | Path | None, force: bool = False, inputs: Sequence[Input] = ()
) -> Iterator[list[Path]]:
    """Lock files, and refuse them if they must not be written; see :func:`claim_folder`.

    Args:
        paths: the files to write; None for those that are not wanted.
        force: whether they may be replaced.
        inputs: what the run reads, which they must not be.

    Yields:
        The paths, absolute.
    """
    files = [Path(path).absolute() for path in paths if path is not None]
    places: list[Path] = []
    with contextlib.ExitStack() as stack:
        for file in files:
            check_file(file, force=True)
            place = file.parent.resolve() / file.name
            if place in places:
                raise OutputError(f"{file} is named for two outputs.", hint="Name two files.")
            places.append(place)
            with as_output_error(file):
                stack.enter_context(locked(place))
            refuse_file_over_inputs(file, inputs)
            for removed in left_beside(place):
                refuse_folder_over_inputs(removed, inputs)
            check_file(file, force=force)
            tidy(place)
            stack.callback(tidy, place)  # as of folders, where a signal comes between two steps
        yield files


def check_folder(folder: str | Path, *, force: bool = False, kind: FolderKind = RESULTS) -> Path:
    """Refuse a folder that is not one that may be replaced.

    Args:
        folder: where results are to go; it need not exist.
        force: whether a folder of an earlier run may be replaced.
        kind: the kind of folder.

    Returns:
        The folder, absolute, links followed.

    Raises:
        OutputError: it is a file, holds something, is not ours, or cannot be written.
    """
    _check_name(folder)
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
    if kind.marker not in held:
        raise OutputError(
            f"{folder} holds files that are not results of this program ({shown}).",
            hint=f"Name another folder; --force replaces only a folder with a {kind.marker}.",
        )
    if not kind.is_marked(folder):
        raise OutputError(
            f"{folder / kind.marker} is no {kind.what} of this program.",
            hint="Name another folder; --force replaces only what this program wrote.",
        )
    if not force:
        raise OutputError(
            f"{folder} already holds results ({shown}).",
            hint="Name another folder, or replace them with --force.",
        )
    return folder


def check_file(path: str | Path, *, force: bool = False) -> Path:
    """Refuse a file that may not be written.

    Args:
        path: the file to write.
        force: whether it may be replaced.

    Returns:
        The path, absolute.

    Raises:
        OutputError: it is a folder, exists, or cannot be written.
    """
    _check_name(path)
    path = Path(path).absolute()
    _check_parent(path)
    if path.is_dir():
        raise OutputError(f"{path} is a folder, not a file.", hint="Name a file in it.")
    if path.exists() and not path.is_file():  # a device or a pipe, which a file would replace
        raise OutputError(f"{path} is no file that can be replaced.", hint="Name another file.")
    if os.path.lexists(path) and not force:
        raise OutputError(
            f"{path} already exists.", hint="Name another file, or replace it with --force."
        )
    return path


@contextlib.contextmanager
def as_output_error(path: Path) -> Iterator[None]:
    """Raise errors of the file system as :class:`OutputError`."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}.",
            hint="Nothing was changed. Free some space or name another place with -o.",
        ) from error


def _check_name(path: str | Path) -> None:
    """Refuse a path that the file system cannot have: too long, or with characters it has not."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # which is said elsewhere
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise OutputError(
            f"{shorten(str(path))} cannot be written: {why}.", hint="Name another place with -o."
        ) from error


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
