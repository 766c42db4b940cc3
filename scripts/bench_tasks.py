#!/usr/bin/env python3
"""Runs the engine on benchmark tasks and prints what it reaches, each figure with its protocol.

Protocols, never mixed:

* ``end to end``: two tables, no configuration, no labels; F1 over all pairs against ``truth.csv``.
* ``cluster``: one table, no configuration, no labels; pairwise and B-cubed F1 against
``clusters.csv``. * ``pair split``: trained on ``train.csv``, F1 of the positive class on a split's
pairs, scored one by one. * ``linked split``: trained on ``train.csv``, tables linked as a whole, F1
on a split's pairs by cluster.

Usage: ``scripts/bench_tasks.py [--tasks abt-buy cora ...] [--split test] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from linkage import Config, Linker
from linkage.evaluation import evaluate_clusters, evaluate_pairs, evaluate_split
from linkage.labels import read_labels
from linkage.reading import read_table
from linkage.result import Result

#: Tasks that match on everything; the variants tasks ignore attributes and have a benchmark of
#: their own.
TASKS = (
    "abt-buy", "amazon-google", "walmart-amazon", "dblp-acm", "fodors-zagats", "febrl4", "febrl3",
    "cora", "shopee", "wdc-products-dedupe",
)  # fmt: skip


def data_folder() -> Path:
    """Folder of the benchmark data: ``LINKAGE_DATA``, by default beside the repository."""
    default = Path(__file__).resolve().parent.parent / "../shared/data"
    return Path(os.environ.get("LINKAGE_DATA", default))


def run_task(folder: Path, split: str) -> list[dict[str, Any]]:
    """All protocols that a task's files allow.

    Args:
        folder: the task's folder.
        split: ``valid`` or ``test``.
    """
    if (folder / "clusters.csv").is_file():
        return [clusters_without_labels(folder)]
    rows = []
    if (folder / "truth.csv").is_file():
        rows.append(pairs_without_labels(folder))
    if (folder / "train.csv").is_file():
        rows += pairs_with_labels(folder, split)
    return rows


def clusters_without_labels(folder: Path) -> dict[str, Any]:
    """The cluster protocol."""
    begun = time.perf_counter()
    result = Linker(Config()).match(read_table(folder / "records.csv"))
    seconds = time.perf_counter() - begun
    truth = pd.read_csv(folder / "clusters.csv", dtype=str).set_index("id").iloc[:, 0]
    wanted = pd.factorize(truth.reindex(result.clusters["id"]))[0]
    metrics = evaluate_clusters(pd.factorize(result.clusters["cluster_id"])[0], wanted)
    return {
        "task": folder.name, "protocol": "cluster", "f1": metrics.pairwise.f1,
        "precision": metrics.pairwise.precision, "recall": metrics.pairwise.recall,
        "b_cubed_f1": metrics.bcubed_f1, "seconds": seconds,
    }  # fmt: skip


def pairs_without_labels(folder: Path) -> dict[str, Any]:
    """The end-to-end protocol; completeness is of the blocking."""
    left, right = read_table(folder / "left.csv"), read_table(folder / "right.csv")
    begun = time.perf_counter()
    result = Linker(Config()).match(left, right)
    seconds = time.perf_counter() - begun
    truth = pd.read_csv(folder / "truth.csv", dtype=str)
    metrics = evaluate_pairs(_matches(result), truth[["left_id", "right_id"]])
    proposed = result.pairs[["left_id", "right_id"]].merge(truth[["left_id", "right_id"]])
    smaller = min(left.num_rows, right.num_rows)
    return {
        "task": folder.name, "protocol": "end to end", "f1": metrics.f1,
        "precision": metrics.precision, "recall": metrics.recall,
        "completeness": len(proposed) / len(truth),
        "pairs_a_record": len(result.pairs) / smaller, "seconds": seconds,
    }  # fmt: skip


def pairs_with_labels(folder: Path, split: str) -> list[dict[str, Any]]:
    """The pair-split and linked-split protocols."""
    left, right = read_table(folder / "left.csv"), read_table(folder / "right.csv")
    truth = pd.read_csv(folder / f"{split}.csv", dtype=str)
    labels = read_labels(folder / "train.csv")
    begun = time.perf_counter()
    linker = Linker(Config()).fit(left, right, labels)
    scored = linker.score(left, right, truth[["left_id", "right_id"]])
    seconds = time.perf_counter() - begun
    single = evaluate_split(truth, scored)
    linked = evaluate_split(truth, linker.match(left, right).pairs)
    total = time.perf_counter() - begun
    return [
        {"task": folder.name, "protocol": name, "split": split, "f1": m.f1,
         "precision": m.precision, "recall": m.recall, "seconds": spent}
        for name, m, spent in (("pair split", single, seconds), ("linked split", linked, total))
    ]  # fmt: skip


def print_rows(rows: list[dict[str, Any]]) -> None:
    """One line a figure."""
    for row in rows:
        extra = "".join(
            f"  {key} {row[key]:.3f}" for key in ("b_cubed_f1", "completeness") if key in row
        )
        name = row["protocol"] + (f" ({row['split']})" if "split" in row else "")
        print(
            f"{row['task']:<22}{name:<22}F1 {row['f1']:.4f}  P {row['precision']:.4f}  "
            f"R {row['recall']:.4f}  {row['seconds']:6.1f} s{extra}",
            flush=True,
        )


def _matches(result: Result) -> pd.DataFrame:
    return result.pairs.loc[result.pairs["match"], ["left_id", "right_id"]]


def main() -> int:
    """Parses arguments and runs the tasks."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", nargs="*", default=TASKS, help="task folders")
    parser.add_argument("--split", choices=("valid", "test"), default="valid")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    rows = []
    for task in arguments.tasks:
        rows += (found := run_task(data_folder() / task, arguments.split))
        print_rows(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
