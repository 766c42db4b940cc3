#!/usr/bin/env python3
"""F1 by number of labels: none, random draws of several sizes, and pairs that the engine asks for.

Protocol: pair split. Labels are drawn from ``train.csv`` (so many pairs, matches and others as they
come); the threshold is chosen on those labels alone, ``valid.csv`` is not read. The pairs of the
judged split are scored one by one. Asked labels: the first tenth is asked for by the model that
was started without labels, then each next batch by the model that learned from those before.

Usage: ``scripts/bench_few_labels.py [--tasks ...] [--sizes 50 250] [--asked 250] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from benchmark_data import data_folder

from linkage import Config, Linker
from linkage.challenge.task import read_task
from linkage.challenge.task_data import Split, TaskData
from linkage.challenge.task_reading import read_task_data
from linkage.evaluation.metrics import evaluate_split

TASKS = ("abt-buy", "amazon-google", "walmart-amazon")
_KEYS = ["left_id", "right_id"]
#: Shares of the asked labels after which the model learns anew.
_BATCHES = (0.1, 0.2, 0.3, 0.4)


class Bench:
    """One task: its tables, its pool of labels, and one linker that keeps the tables prepared.

    Args:
        data: the task.
        split: ``valid`` or ``test``, the pairs that are judged.
    """

    def __init__(self, data: TaskData, split: str) -> None:
        judged = data.test if split == "test" else data.valid
        assert data.train is not None
        assert judged is not None
        self.data, self.judged = data, judged
        self.pool = data.train.without(judged).pairs.reset_index(drop=True)
        self.linker = Linker(Config(quality="balanced", attributes=dict(data.kinds)))

    def f1(self, labels: pd.DataFrame | None, seed: int) -> float:
        """F1 of a model that learned from some labels, in percent."""
        self.fit(labels, seed)
        wanted = self.judged.pairs[_KEYS].drop_duplicates()
        scored = self.linker.score(self.data.left, self.data.right, wanted)
        truth = self.judged.pairs.astype({"label": str})
        return 100 * evaluate_split(truth, scored).f1

    def fit(self, labels: pd.DataFrame | None, seed: int) -> None:
        """Learns from some labels, or from none."""
        self.linker.config = replace(self.linker.config, seed=seed)
        given = None if labels is None else Split(labels, "drawn labels").labels()
        self.linker.fit(self.data.left, self.data.right, given)

    def random(self, size: int, draw: int) -> float:
        """F1 with randomly drawn labels."""
        drawn = self.pool.sample(min(size, len(self.pool)), random_state=draw)
        return self.f1(drawn.sort_index(), 0)

    def asked(self, size: int, seed: int) -> float:
        """F1 with labels of pairs that the linker suggested."""
        labels: pd.DataFrame | None = None
        for share in _BATCHES:
            self.fit(labels, seed)
            left = self.pool if labels is None else self.pool.drop(index=labels.index)
            number = round(size * share)
            chosen = self.linker.suggest(number, self.data.left, self.data.right, left[_KEYS])
            new = left.reset_index().merge(chosen[_KEYS], on=_KEYS).set_index("index")
            labels = new if labels is None else pd.concat([labels, new])
        return self.f1(labels, seed)


def figure(values: list[float]) -> str:
    """Mean and spread."""
    return (
        f"{np.mean(values):.1f} ± {np.std(values):.1f}" if len(values) > 1 else f"{values[0]:.1f}"
    )


def main() -> int:
    """Parses arguments, runs the tasks, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", nargs="*", default=TASKS)
    parser.add_argument("--sizes", nargs="*", type=int, default=(50, 250, 1000))
    parser.add_argument("--asked", type=int, default=250)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--split", choices=("valid", "test"), default="valid")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    for name in given.tasks:
        bench = Bench(read_task_data(read_task(data_folder() / name)), given.split)
        row = [name, figure([bench.f1(None, 0)])]
        for size in given.sizes:
            row.append(figure([bench.random(size, draw) for draw in range(given.draws)]))
        row.append(figure([bench.asked(given.asked, draw) for draw in range(given.draws)]))
        rows.append(row)
        print("  ".join(row), flush=True)
    table = {
        "title": "Few labels",
        "note": f"Pair split, {given.split}: F1 (percent) by number of labels, {given.draws} "
        "draws. Labels are drawn from train at random, or asked for by the engine "
        "(`Linker.suggest`); the threshold rests on them alone.",
        "columns": [
            "task",
            "none",
            *(f"{n:,} random" for n in given.sizes),
            f"{given.asked} asked",
        ],
        "rows": rows,
    }
    if given.json:
        given.json.write_text(json.dumps([table], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
