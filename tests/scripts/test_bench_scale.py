"""The benchmark of scale: growth fitted, the page as its figures say, processes measured."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from scale_bench.judging import judge_clusters, judge_pairs, true_pairs  # noqa: E402
from scale_bench.page import exponent, render_scale  # noqa: E402
from scale_bench.process import run_measured  # noqa: E402

SCRIPT = ROOT / "scripts/make_scale.py"


def run_of(rows: int, wall: float, **other: Any) -> dict[str, Any]:
    return {
        "rows": rows, "catalog": "plain", "labels": 0, "wall": wall, "cpu": 2 * wall,
        "peak_mb": rows / 1000, "threads": 2, "quality": "fast",
        "steps": {"Read records": wall / 4, "Score candidates": wall / 2},
        "candidates": {"pairs": 10 * rows, "per_record": 10.0, "recall": 0.95},
        "definitions": {
            "exact": {"clusters": {"f1": 0.9, "largest": 7}, "pairs": {"f1": 0.85}},
            "variant": {"clusters": {"f1": 0.92, "largest": 9}, "pairs": {"f1": 0.8}},
        },
        **other,
    }  # fmt: skip


FIGURES = {
    "seed": 7, "note": "quiet", "machine": {"cpu": "A|B", "threads": 2},
    "runs": [run_of(100_000, 10.0), run_of(1_000_000, 150.0), run_of(10_000, 4.0, labels=2000)],
    "peers": [
        {"rows": 1_000_000, "name": "Peer 1", "wall": 300.0, "cpu": 300.0, "peak_mb": 4000.0,
         "definitions": {"exact": {"clusters": {"f1": 0.6, "largest": 90}}}},
    ],
}  # fmt: skip


def test_the_exponent_of_growth() -> None:
    assert exponent([10, 100, 1000], [3, 30, 300]) == pytest.approx(1.0)
    assert exponent([10, 100], [1, 1000]) == pytest.approx(3.0)


def test_the_page_says_how_cost_grows_and_how_a_peer_does() -> None:
    page = render_scale(FIGURES)
    assert "Wall seconds grow with the power 1.18 of the rows" in page
    assert "| Score candidates | 5.0 | 75.0 |" in page
    assert "A\\|B" in page
    peer = next(line for line in page.splitlines() if line.startswith("| Peer 1"))
    assert peer.endswith("| 60.0 | 0.50 | 1.00 | 0.25 |")
    assert "10,000,000" in page


def test_the_check_goes_off_when_the_figures_are_edited(tmp_path: Path) -> None:
    figures, page = tmp_path / "scale.json", tmp_path / "scale.md"
    options = [sys.executable, SCRIPT, "--json", figures, "--page", page]
    figures.write_text(json.dumps(FIGURES))
    assert subprocess.run(options).returncode == 0
    assert subprocess.run([*options, "--check"]).returncode == 0
    figures.write_text(json.dumps(FIGURES).replace("0.85", "0.86"))
    done = subprocess.run([*options, "--check"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "scale.md is not what" in done.stderr


def test_clusters_and_pairs_are_judged() -> None:
    entity = np.array([0, 0, 0, 1, 1, 2])
    assert true_pairs(entity) == 4
    left, right = np.array([0, 1, 3, 4]), np.array([1, 2, 4, 5])
    match = np.array([True, True, False, True])
    found = judge_pairs(left, right, match, entity)
    assert found == {"f1": round(4 / 7, 4), "precision": round(2 / 3, 4), "recall": 0.5}
    clusters = judge_clusters(np.array(list("aabccc")), entity)
    assert (clusters["largest"], clusters["recall"], clusters["precision"]) == (3, 0.5, 0.5)


def test_a_process_is_measured(tmp_path: Path) -> None:
    code = (
        "import os, time; x = b'x' * (200 << 20); time.sleep(1); print(os.environ['WORD']); exit(3)"
    )
    held = b"x" * (600 << 20)  # by the process that starts the other one
    found = run_measured([sys.executable, "-c", code], tmp_path / "log", {"WORD": "seen"})
    assert len(held)
    assert (found.code, found.output.strip()) == (3, "seen")
    assert 200 < found.peak_mb < 400
    assert 0 < found.wall < 60
    assert found.cpu > 0
