"""The command that compiles all kernels ahead of the first run."""

from __future__ import annotations

import typer

from linkage.kernels.cache import cache_folder, warm_up
from linkage.runtime import available_threads

__all__ = ["run_warm_up"]


def run_warm_up(threads: int | None) -> None:
    """Compile all listed kernels into numba's cache, and say where that is.

    Args:
        threads: Processes to use; one a core, if not given.

    Raises:
        SystemExit: With 1, once all else is compiled, where a kernel could not be.

    """
    count, faults = warm_up(threads or available_threads())
    typer.echo(f"{count:,} kernels are compiled, those of linkage in {cache_folder()}")
    for fault in faults:
        typer.echo(f"not compiled: {fault}", err=True)
    if faults:
        raise SystemExit(1)
