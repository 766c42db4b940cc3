"""The list of kernels, and compiling them ahead."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from linkage.kernels import cache as kernel_cache
from linkage.kernels.listed import listed_kernels
from linkage.kernels.worker import start_worker

ROOT = Path(__file__).resolve().parents[2]


def test_every_listed_kernel_is_there() -> None:
    listed = listed_kernels()
    assert len(listed) > 50
    for kernel in listed:
        compiled = getattr(import_module(kernel.module), kernel.name)
        assert compiled.py_func.__code__.co_argcount >= 1, kernel
    assert len(set(listed)) == len(listed)


def test_a_listed_kernel_compiles_for_its_types() -> None:
    small = next(kernel for kernel in listed_kernels() if kernel.name == "_pack")
    small.compile()
    assert getattr(import_module(small.module), small.name).signatures


def test_a_worker_ends_with_who_started_it() -> None:
    worker = start_worker(0, 1)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(60) == 0
    assert worker.stdout is not None
    worker.stdout.close()


def test_an_empty_cache_is_cold(tmp_path: Path) -> None:
    code = (
        "from linkage.kernels.cache import is_cold\n"
        "print(is_cold())\n"
        "import pyarrow as pa\n"
        "from linkage.io.missing_values import missing_cells\n"
        "missing_cells(pa.array(['a']), ['b'])\n"
        "print(is_cold())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        check=True,
    )
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.parametrize(("threads", "cold", "count"), [(1, True, 0), (3, False, 0), (3, True, 2)])
def test_processes_beside_a_run(
    monkeypatch: pytest.MonkeyPatch, threads: int, cold: bool, count: int
) -> None:
    workers = []

    def start(part: int, parts: int) -> subprocess.Popen[str]:
        workers.append(start_worker(part, parts))
        return workers[-1]

    monkeypatch.setattr(kernel_cache, "start_worker", start)
    monkeypatch.setattr(kernel_cache, "is_cold", lambda: cold)
    with kernel_cache.compiling_ahead(threads):
        pass
    assert len(workers) == count
    assert all(worker.returncode is not None for worker in workers)
