"""Numba's cache of compiled kernels, filled ahead of their use by other processes."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linkage.kernels.listed import listed_kernels
from linkage.kernels.worker import start_worker

__all__ = ["cache_folder", "compiling_ahead", "is_cold", "warm_up"]

#: Processes beside a run at most: each takes some 300 MB, and more would wait for the largest
#: kernel.
_MOST_BESIDE = 3


def cache_folder() -> Path:
    """Return the folder in which numba keeps the kernels of the package ``linkage``."""
    return Path(_first_kernel().stats.cache_path)


def is_cold() -> bool:
    """Whether the kernel that every run needs first is not in the cache, or older than its code."""
    kernel = _first_kernel()
    code = Path(kernel.py_func.__code__.co_filename)
    try:
        changed = code.stat().st_mtime
        known = cache_folder().glob(f"{code.stem}.{kernel.__name__}-*.nbi")
        return all(file.stat().st_mtime < changed for file in known)
    except OSError:
        return False


@contextlib.contextmanager
def compiling_ahead(threads: int | None = None) -> Iterator[None]:
    """Compile kernels in processes beside a run where the cache is empty, as after an install.

    They begin with the kernels that the run needs last, while it compiles those that it needs
    first. They are ended with the run, and end by themselves if it is killed. Where none can be
    started the run compiles all by itself.

    Args:
        threads: How many cores the run may use; all that there are, if not given.

    """
    from linkage.runtime import available_threads

    beside = min((threads or available_threads()) - 1, _MOST_BESIDE)
    workers: list[subprocess.Popen[str]] = []
    if beside > 0 and sys.executable and is_cold():
        with contextlib.suppress(OSError):
            workers.extend(start_worker(part, beside) for part in range(beside))
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def warm_up(threads: int) -> tuple[int, list[str]]:
    """Compile all listed kernels into numba's cache, or find them there.

    Args:
        threads: Processes to use.

    Returns:
        How many kernels are in the cache now, and a line for each that could not be compiled.

    Raises:
        OSError: Where no process can be started.

    """
    count = len(listed_kernels())
    workers = [start_worker(part, threads) for part in range(min(threads, count))]
    faults = []
    try:
        for part, worker in enumerate(workers):
            assert worker.stdout is not None
            faults += worker.stdout.read().splitlines()
            if worker.wait():
                faults.append(f"process {part} of {len(workers)} ended with {worker.returncode}")
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    return count - len(faults), faults


def _first_kernel() -> Any:
    from linkage.io.missing_values import _states

    return _states
