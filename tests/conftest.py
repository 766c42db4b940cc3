"""What all tests share: the benchmark data, and how hypothesis searches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# The first example of a compiled function pays for its compilation, so there is no deadline. The
# same examples every time: a red run can be repeated, and a green one is not luck.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_configure() -> None:
    """Give each worker of pytest-xdist a core of its own, so that it uses one thread.

    Otherwise the threads of several workers wait for each other.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the benchmark data, named by LINKAGE_DATA (relative to the repository root)."""
    folder = (ROOT / os.environ.get("LINKAGE_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"needs the benchmark data; {folder} (LINKAGE_DATA) is no folder")
    return folder
