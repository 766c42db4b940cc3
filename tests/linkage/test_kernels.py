"""The list of kernels, and compiling them ahead."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

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


def test_a_worker_fills_the_cache(tmp_path: Path) -> None:
    few = len(listed_kernels())
    code = (
        "import sys\n"
        "from linkage.kernels.worker import main\n"
        f"main({few - 1}, {few})\n"  # the first of the list alone
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        check=False,
        input=None,
    )
    assert done.stdout == "", "what could not be compiled"
    assert any(tmp_path.rglob("*.nbi"))
