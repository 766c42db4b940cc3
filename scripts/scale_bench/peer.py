"""Runs of Splink on the same catalogs, in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from .judging import entities, judge_clusters
from .process import run_measured

__all__ = ["environment", "run_splink"]


def environment(folder: Path) -> Path:
    """The Python of an environment with Splink, which is made where there is none."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "splink"], check=True)
    return python


def run_splink(python: Path, folder: Path, work: Path, *, threads: int) -> dict[str, Any]:
    """Deduplicate a generated catalog with Splink in a process of its own.

    Args:
        python: The Python of its environment.
        folder: The catalog and its truths.
        work: Where results and logs go.
        threads: How many it may use.

    Raises:
        RuntimeError: It failed; with the end of its output.
    """
    out = work / "splink.parquet"
    script = Path(__file__).with_name("splink_peer.py")
    command = [python, script, folder / "catalog.csv", out, "--threads", str(threads)]
    measured = run_measured(command, work / "splink.log")
    if measured.code:
        raise RuntimeError(f"Splink failed on {folder}:\n{measured.output}")
    clusters = pd.read_parquet(out)
    version = subprocess.run(
        [str(python), "-c", "import splink; print(splink.__version__)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        "name": f"Splink {version.stdout.strip()}",
        "wall": measured.wall,
        "cpu": measured.cpu,
        "peak_mb": measured.peak_mb,
        "steps": json.loads(measured.output.strip().splitlines()[-1]),
        "definitions": {
            name: {
                "clusters": judge_clusters(
                    clusters["cluster_id"], entities(folder, name, clusters["id"])
                )
            }
            for name in ("exact",)
        },
    }
