"""What a run runs on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from linkage import __version__
from linkage import runtime as environment
from linkage.runtime import hardware, peak_memory, versions

ROOT = Path(__file__).resolve().parents[2]


def test_versions() -> None:
    found = versions()
    assert found["linkage"] == __version__
    assert found["numpy"] == np.__version__


def test_hardware() -> None:
    found = hardware(threads=1)
    assert (found["threads"], found["cores"]) == (1, os.cpu_count())
    assert found["cpu"]
    assert found["memory_gb"] > 0.1
    assert 1 <= hardware()["threads"] <= os.cpu_count()  # type: ignore[operator]


def test_peak_memory_grows_with_what_is_held() -> None:
    # In a process of its own, whose peak no other test has raised before.
    code = (
        "import numpy as np; from linkage.runtime import peak_memory; before = peak_memory(); "
        "held = np.ones(200_000_000 // 8); assert peak_memory() > before + 50, before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_peak_memory_never_falls(monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter([1e9, 1e9 - 0.1, 1e9 + 1.0])
    monkeypatch.setattr(environment, "_peak_now", lambda: next(said))
    monkeypatch.setattr(environment, "_peak", 0.0)
    assert [peak_memory() for _ in range(3)] == [1e9, 1e9, 1e9 + 1.0]


def test_peak_memory_is_the_process_own_not_its_parents() -> None:
    held = np.ones(300_000_000 // 8)
    code = "from linkage.runtime import peak_memory; print(peak_memory())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    if not Path("/proc/self/status").exists():
        return
    assert float(done.stdout) < 150 < held.nbytes / 2**20
