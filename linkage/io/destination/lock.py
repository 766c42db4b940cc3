"""One run at a time writes an output: a lock file beside it names the owner and the time.

The system drops the lock when its owner ends, however it ends; a lock file that was left behind
locks nothing. Where a file system has no locks, nothing is locked.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path

from linkage.errors import OutputError

__all__ = ["lock_file", "locked"]

#: Outputs that this thread has locked already: what it calls may lock them again.
_held: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL}


def lock_file(output: Path) -> Path:
    """The lock file of an output."""
    return output.parent / f".{output.name}.lock"


@contextlib.contextmanager
def locked(output: Path) -> Iterator[None]:
    """Lock an output for as long as the context lasts.

    Folders above it are made, and removed again if nothing was written into them.

    Args:
        output: a file or folder to write, absolute, the links of its folder followed.

    Raises:
        OutputError: another run has locked it.
        OSError: the lock file cannot be written.
    """
    if output in _held.get():
        yield
        return
    missing = [folder for folder in output.parents if not folder.exists()]
    output.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = _acquire(output)
        token = _held.set(_held.get() | {output})
        try:
            yield
        finally:
            _held.reset(token)
            # Removed before it is unlocked: who locks it after that sees that it is gone.
            lock_file(output).unlink(missing_ok=True)
            os.close(handle)
    finally:
        for folder in missing:
            with contextlib.suppress(OSError):
                folder.rmdir()


def _acquire(output: Path) -> int:
    """Lock the lock file; returns its handle."""
    path = lock_file(output)
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _owner(handle)
            os.close(handle)
            raise OutputError(
                f"{output} is being written by another run{owner}.",
                hint="Wait until it has ended, or name another output.",
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(handle)
                raise
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                break
        os.close(handle)  # its owner removed it in between
    since = datetime.now().astimezone().isoformat(" ", "seconds")
    account = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(account).encode(), 0)
    return handle


def _owner(handle: int) -> str:
    """Who has locked a file, for a message; empty where it does not say yet."""
    try:
        owner = json.loads(os.pread(handle, 1 << 12, 0))
        return f" (process {owner['pid']} on {owner['host']}, since {owner['since']})"
    except (ValueError, KeyError, TypeError):
        return ""
