"""Hardware, versions of libraries, memory of the process, and the steps of a run."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from linkage.version import __version__

__all__ = [
    "ProgressFunction",
    "StepLog",
    "StepRecord",
    "available_threads",
    "collect_garbage_seldom",
    "hardware",
    "peak_memory",
    "release_memory",
    "share_memory",
    "versions",
]

_PACKAGES = (
    "numpy", "pandas", "pyarrow", "numba", "scipy", "lightgbm", "rapidfuzz", "recordlinkage",
    "faiss-cpu", "sentence-transformers", "sparse-dot-topn",
)  # fmt: skip

#: New objects after which Python looks for reference cycles: a hundred times its default of 700.
_NEW_OBJECTS = 70_000
#: Largest resident memory seen so far, in MiB.
_peak = 0.0


def versions() -> dict[str, str]:
    """Return the versions of the engine, of Python, and of libraries that influence results."""
    found = {"linkage": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def available_threads() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def hardware(threads: int | None = None) -> dict[str, Any]:
    """Return the hardware and operating system of this machine.

    Args:
        threads: How many it uses; all cores that it may use, if not given.

    Returns:
        ``cpu`` (model), ``cores`` (of the machine), ``threads``, ``memory_gb`` (10^9 bytes),
        ``gpu`` (None where none was put to use), ``system``.

    """
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "threads": threads or available_threads(),
        "memory_gb": _memory_gb(),
        "gpu": _gpu(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def peak_memory() -> float:
    """Return the largest resident memory that this process has had, in MiB.

    On Linux from ``/proc/self/status``: the figure of ``getrusage`` includes the parent process,
    as it was when this one was forked. Linux sums counters of all cores, which are not always
    exact; the largest value seen is returned, so that it never falls.
    """
    global _peak
    _peak = max(_peak, _peak_now())
    return _peak


def _peak_now() -> float:
    """Return the largest resident memory by the system's own account, in MiB."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    except (OSError, ValueError):
        pass
    # Linux counts in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)


def share_memory() -> None:
    """Make Arrow allocate from the C library, as NumPy does, unless the user chose a pool.

    Memory that one of them frees can then be used by the other: a million rows need 4 % less memory
    and 4 % less time than with a pool of Arrow's own. To be called before pyarrow is first
    imported; an application that uses the engine as a library decides for itself.
    """
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def collect_garbage_seldom() -> None:
    """Let Python look for reference cycles a hundred times less often than it does by default.

    Importing and short runs make many objects and hardly any cycles: a run on 100 rows takes 11 %
    less processor time. Nor does Python look for them as it exits, which would take a second after
    a run on 10,000 rows. For the command line; an application decides for itself.
    """
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)


def release_memory() -> None:
    """Return free memory to the system, where the C library supports it.

    Otherwise it keeps the memory of large arrays, in fragments too small for the next ones.
    """
    import ctypes

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # glibc alone has it
        ctypes.CDLL(None).malloc_trim(0)


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (OSError, ValueError):
        return None


def _gpu() -> str | None:
    """Return the name of the GPU; None if there is none, or torch was not loaded."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return str(torch.cuda.get_device_name(0))


#: Called with a step's name and the share of it that is done, None where that is not known.
ProgressFunction = Callable[[str, float | None], None]


@dataclass
class StepRecord:
    """The time and memory of one finished step.

    Attributes:
        name: what was done.
        seconds: wall-clock seconds.
        peak_memory_mb: largest resident memory of the process up to the step's end, in MiB.
    """

    name: str
    seconds: float
    peak_memory_mb: float


@dataclass
class StepLog:
    """The finished steps of a run.

    Attributes:
        progress: told of every step; None if there is no listener.
        steps: finished steps in order.
    """

    progress: ProgressFunction | None = None
    steps: list[StepRecord] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[float], None]]:
        """Time a step; yields a function to be called with the share that is done.

        Memory that the step freed is returned to the system.
        """
        self.tell(name, None)
        begun = time.perf_counter()
        yield lambda share: self.tell(name, share)
        release_memory()
        self.steps.append(StepRecord(name, round(time.perf_counter() - begun, 3), peak_memory()))
        self.tell(name, 1.0)

    def tell(self, name: str, share: float | None) -> None:
        """Pass progress on to whoever watches."""
        if self.progress is not None:
            self.progress(name, share)
