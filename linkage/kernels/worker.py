"""A process that compiles a share of the kernels into numba's cache, for another that started it.

Numba compiles on one core at a time within a process, and so several processes share the work.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from threading import Thread

__all__ = ["main", "start_worker"]

#: Imports of the starting process's modules from where that has them, whatever its own folder.
_PROGRAM = (
    "import sys; part, parts = map(int, sys.argv[1:3]); sys.path[:] = sys.argv[3:]; "
    "from linkage.kernels.worker import main; main(part, parts)"
)


def start_worker(part: int, parts: int) -> subprocess.Popen[str]:
    """Start a process that compiles every ``parts``-th kernel, from the last of the list backwards.

    It ends when it is done, or when this process ends or closes its standard input. It prints
    a line for each kernel that could not be compiled, and says nothing else.

    Args:
        part: Which share, from 0.
        parts: Number of shares.

    Raises:
        OSError: Where no process can be started.

    """
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(part), str(parts), *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def main(part: int, parts: int) -> None:
    """Compile a share of the kernels; see :func:`start_worker`."""
    from linkage.kernels.listed import listed_kernels

    Thread(target=_end_with_starter, daemon=True).start()
    for kernel in listed_kernels()[::-1][part::parts]:
        try:
            kernel.compile()
        except Exception as error:
            print(f"{kernel.module}.{kernel.name}: {type(error).__name__}", flush=True)


def _end_with_starter() -> None:
    """End this process once nobody holds the other end of its standard input."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdin.buffer.read()
    os._exit(0)
