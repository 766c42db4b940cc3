"""Numba's cache of compiled kernels, filled ahead of their use by other processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from linkage.kernels.listed import listed_kernels
from linkage.kernels.worker import start_worker

__all__ = ["cache_folder", "warm_up"]


def cache_folder() -> Path:
    """Return the folder in which numba keeps the kernels of the package ``linkage``."""
    return Path(_first_kernel().stats.cache_path)


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
