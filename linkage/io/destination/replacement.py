"""Putting a finished folder in the place of an earlier one, and tidying what dead runs left.

A folder is written as ``.NAME.new-*`` beside its place and becomes ``.NAME.old-*`` once it is
complete. It then changes names with the earlier folder in one step, so that there is a whole one
at every moment; what has the name ``.NAME.old-*`` after that is the earlier one.
Where the system has no such step the earlier folder is moved into ``.NAME.old-*/NAME`` first; a run
that dies before the new one is in its place leaves that for the next run to move back.

Files that are not ours return to where they were: they are moved, never copied or removed.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import shutil
import tempfile
import warnings
from pathlib import Path

from linkage.io.destination.folder_kinds import FolderKind

__all__ = ["left_beside", "made_beside", "repair", "replace_folder", "sync", "tidy"]

_NEW, _OLD = "new", "old"
#: Of Linux's ``renameat2``: paths start from the current folder; both names change places.
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}


def made_beside(output: Path, what: str = _NEW) -> Path:
    """Make an empty folder beside an output, by whose name :func:`tidy` knows it."""
    return Path(tempfile.mkdtemp(prefix=f".{output.name}.{what}-", dir=output.parent))


def replace_folder(made: Path, folder: Path, kind: FolderKind) -> None:
    """Move a finished folder to its place; what was there stays if that fails.

    Args:
        made: the finished folder, of :func:`made_beside`.
        folder: its place, where there may be an earlier one.
        kind: the kind of both, which says what files are not ours and so are kept.

    Raises:
        OSError: it cannot be moved; nothing was changed.
    """
    if not folder.exists():
        os.rename(made, folder)
    else:
        old = made.with_name(made.name.replace(f".{_NEW}-", f".{_OLD}-"))
        os.rename(made, old)
        try:
            if not _exchange(old, folder):
                _move_both(old, folder)
        except OSError:
            os.rename(old, made)
            raise
        _retire(old, folder, kind)
    sync(folder.parent)


def repair(folder: Path, kind: FolderKind) -> None:
    """Move a folder back that a dead run had moved aside, with a warning that says so."""
    if os.path.lexists(folder):
        return
    aside = [path / folder.name for path in _beside(folder, _OLD) if _is_aside(path, folder, kind)]
    if aside:
        newest = max(aside, key=lambda path: path.stat().st_mtime_ns)
        os.rename(newest, folder)
        newest.parent.rmdir()
        warnings.warn(
            f"An earlier run ended while it replaced {folder}; the results from before it are back "
            "in their place.",
            stacklevel=2,
        )


def tidy(output: Path, kind: FolderKind | None = None) -> None:
    """Remove what dead runs left beside an output; to be called by who has locked it.

    Args:
        output: the file or folder.
        kind: the kind of folder; None for a file.
    """
    for path in _beside(output, _NEW):  # never complete, so that all in it is ours
        shutil.rmtree(path, ignore_errors=True)
    if kind is None or not (output / kind.marker).exists():
        return
    for path in _beside(output, _OLD):
        if _is_aside(path, output, kind):
            _retire(path / output.name, output, kind)
            with contextlib.suppress(OSError):
                path.rmdir()
        else:
            _retire(path, output, kind)


def left_beside(output: Path) -> list[Path]:
    """What dead runs left beside an output, which :func:`tidy` removes."""
    return _beside(output, _NEW) + _beside(output, _OLD)


def sync(path: Path) -> None:
    """Flush a file or folder to disk, so that a crash leaves no half-written one."""
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) if path.is_dir() else os.O_RDONLY
    # Folders cannot be opened on every system, and the rename is atomic all the same.
    with contextlib.suppress(OSError):
        handle = os.open(path, flags)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _exchange(a: Path, b: Path) -> bool:
    """Let two folders change names in one step; False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    paths = os.fsencode(a), os.fsencode(b)
    if rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNSUPPORTED:
        return False
    raise OSError(code, os.strerror(code), str(b))


def _move_both(made: Path, folder: Path) -> None:
    """Let two folders change names in three steps."""
    aside = made_beside(folder, _OLD)
    try:
        os.rename(folder, aside / folder.name)
        try:
            os.rename(made, folder)
        except BaseException:
            os.rename(aside / folder.name, folder)
            raise
        os.rename(aside / folder.name, made)
    finally:
        with contextlib.suppress(OSError):
            aside.rmdir()


def _retire(old: Path, folder: Path, kind: FolderKind) -> None:
    """Remove an earlier folder, but for files that are not ours: they move into the new one."""
    unmoved = []
    for root, folders, files in os.walk(old):
        for name in (*folders, *files):
            path = Path(root, name)
            relative = path.relative_to(old)
            is_folder = name in folders and not path.is_symlink()
            if kind.owns_folder(relative) if is_folder else kind.owns(relative):
                continue
            if is_folder:
                folders.remove(name)
            if not _moved(path, folder / relative):
                unmoved.append(path)
    if not unmoved:
        shutil.rmtree(old, ignore_errors=True)
    else:
        warnings.warn(
            f"{unmoved[0]} was not written by this program and is kept there: it could not be "
            f"moved to its place in {folder}.",
            stacklevel=2,
        )


def _moved(path: Path, place: Path) -> bool:
    """Move a file or folder to a place that is free; False where that cannot be done."""
    if os.path.lexists(place):
        return False
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.rename(path, place)
    except OSError:
        return False
    return True


def _beside(output: Path, what: str) -> list[Path]:
    """The folders of :func:`made_beside` that are there."""
    # Eight characters: those of another output, such as one named OUTPUT.new-x, have more.
    name = re.compile(rf"\.{re.escape(output.name)}\.{what}-[a-z0-9_]{{8}}")
    if not output.parent.is_dir():
        return []
    return [path for path in output.parent.iterdir() if name.fullmatch(path.name) and path.is_dir()]


def _is_aside(path: Path, folder: Path, kind: FolderKind) -> bool:
    """Whether a folder holds an earlier one that was moved into it, and is none itself."""
    return (path / folder.name).is_dir() and not (path / kind.marker).exists()
