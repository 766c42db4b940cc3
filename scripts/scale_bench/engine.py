"""One run of the engine's command on a catalog, measured and judged."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .judging import TRUTHS, entities, judge_clusters, judge_pairs
from .process import run_measured

__all__ = ["measure_candidates", "run_engine"]

#: Columns that the looser definition ignores, in either layout of the generated catalogs.
_IGNORED = {"colour", "size", "farbe", "groesse"}


def run_engine(
    folder: Path, work: Path, *, quality: str, threads: int, labels: Path | None = None
) -> dict[str, Any]:
    """Deduplicate a generated catalog by both definitions in a process of its own.

    Args:
        folder: The catalog and its truths.
        work: Where results and logs go.
        quality: The engine's quality.
        threads: How many it may use.
        labels: Labelled pairs, if it is to learn from some.

    Returns:
        Seconds, memory, steps, and figures for each definition.

    Raises:
        RuntimeError: The command failed; with the end of its output.
    """
    catalog = folder / "catalog.csv"
    columns = pd.read_csv(catalog, nrows=0).columns
    out = work / f"out_{'labels' if labels else 'alone'}"
    command: list[str | Path] = [sys.executable, "-m", "linkage", "dedupe", catalog, "-o", out]
    command += ["--quality", quality, "--threads", str(threads), "--force", "--quiet"]
    for column in columns:
        if column in _IGNORED:
            command += ["--ignore", column]
    if labels is not None:
        command += ["--labels", labels]
    measured = run_measured(command, work / "engine.log")
    if measured.code:
        raise RuntimeError(f"the engine failed on {folder}:\n{measured.output}")
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    return {
        "labels": 0 if labels is None else len(pd.read_csv(labels)),
        "wall": measured.wall,
        "cpu": measured.cpu,
        "peak_mb": measured.peak_mb,
        "quality": run["config"]["quality"],
        "threads": threads,
        "steps": _summed(run["steps"]),
        "definitions": _judged(folder, out, run),
    }


def measure_candidates(
    folder: Path, work: Path, *, quality: str, number: int
) -> tuple[dict[str, Any], Path]:
    """Candidates a record and their recall, and a file of labels drawn from them.

    Args:
        folder: The catalog and its truths.
        work: Where files go.
        quality: The engine's quality.
        number: Labels to draw.
    """
    labels, figures = work / "labels.csv", work / "candidates.json"
    script = Path(__file__).with_name("candidates.py")
    command = [sys.executable, script, folder, figures, "--labels", labels]
    measured = run_measured(
        [*command, "--number", str(number), "--quality", quality], work / "candidates.log"
    )
    if measured.code:
        raise RuntimeError(f"candidates of {folder} failed:\n{measured.output}")
    found: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    return found, labels


def _summed(steps: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds by step; a step that ran several times counts once with its sum."""
    out: dict[str, float] = {}
    for step in steps:
        out[step["name"]] = round(out.get(step["name"], 0.0) + step["seconds"], 2)
    return out


def _judged(folder: Path, out: Path, run: dict[str, Any]) -> dict[str, Any]:
    clusters = pd.read_parquet(out / "clusters.parquet")
    pairs = pd.read_parquet(out / "pairs.parquet")
    index = pd.Index(clusters["id"])
    left, right = index.get_indexer(pairs["left_id"]), index.get_indexer(pairs["right_id"])
    names = list(run["definitions"])
    found = {}
    for name in names:
        known = name if name in TRUTHS else "exact" if len(names) == 1 else None
        if known is None:
            continue
        entity = entities(folder, known, clusters["id"])
        account = run["definitions"][name]
        score = pairs["score" if len(names) == 1 else f"{name}_score"].to_numpy(np.float64)
        match = np.nan_to_num(score, nan=0.0) >= account["threshold"]
        found[name] = {
            "candidates": account["candidates"],
            "anchor": account["anchor"],
            "pairs": judge_pairs(left, right, match, entity),
            "clusters": judge_clusters(
                clusters["cluster_id" if len(names) == 1 else f"{name}_id"], entity
            ),
        }
    return found
