"""Small disks: a file system in memory where it may be mounted, else a limit of each file."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SmallDisk", "small_disk"]

#: Of Linux: a namespace of mounts for this process, private mounts, mounted anew.
_NEW_NAMESPACE, _PRIVATE, _RECURSIVE, _REMOUNT = 0x20000, 1 << 18, 1 << 14, 1 << 5
_ROOM = 1 << 30


@dataclass
class SmallDisk:
    """A disk that is soon full.

    Attributes:
        name: how it is made.
        folder: where it is.
    """

    name: str
    folder: Path

    def give_room(self) -> None:
        """Let all fit from now on."""
        if self.name == "tmpfs":
            _mount(self.folder, _ROOM, _REMOUNT)
        else:
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


@contextlib.contextmanager
def small_disk(folder: Path, size: int) -> Iterator[SmallDisk]:
    """Put a folder on a disk with little room beyond what the folder holds.

    It concerns this process and its forks alone, and ends with them.

    Args:
        folder: the folder, with its files.
        size: bytes of room.
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEW_NAMESPACE):
            raise OSError(ctypes.get_errno(), "no namespace")
        if libc.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None):
            raise OSError(ctypes.get_errno(), "no private mounts")
        aside = folder.with_name("aside")
        folder.rename(aside)
        folder.mkdir()
        _mount(folder, _ROOM, 0)
    except (OSError, AttributeError):
        if not any(folder.iterdir()) and folder.with_name("aside").exists():
            folder.rmdir()
            folder.with_name("aside").rename(folder)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        yield SmallDisk("limit of a file", folder)
        return
    shutil.copytree(aside, folder, dirs_exist_ok=True)
    held = os.statvfs(folder)
    used = (held.f_blocks - held.f_bfree) * held.f_frsize
    _mount(folder, used + size, _REMOUNT)
    yield SmallDisk("tmpfs", folder)
    os.chdir("/")
    libc.umount2(os.fsencode(folder), 2)


def _mount(folder: Path, size: int, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"size={size}".encode()
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", ctypes.c_ulong(flags), options):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(folder))
