#!/usr/bin/env python3
"""What a precision target keeps: reached precision and recall by number of suggested labels.

Protocol: the engine starts without labels, suggests pairs, a simulated reviewer answers from the
truth, and it learns from the answers with a target of precision. Judged are all pairs of the
clusters against the whole truth. The best recall is that of the same scores at the lowest of many
thresholds whose clusters have the precision: what the ranking allows.

Usage: ``scripts/bench_dial.py [--tasks ...] [--labels 0 100] [--targets .95 .98] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from benchmark_data import data_folder
from scipy.special import expit

from features.records import Records
from linkage import Config, Linker
from linkage.challenge.task import read_task
from linkage.challenge.task_data import TaskData
from linkage.challenge.task_reading import read_task_data
from linkage.clustering.cluster_pairs import decide
from linkage.errors import TargetError
from linkage.scoring.score import score_candidates

TASKS = (
    "abt-buy", "amazon-google", "dblp-acm", "fodors-zagats", "cora", "febrl3",
    "wdc-products-dedupe", "polish-drinks", "affiliations", "prosept-russian",
)  # fmt: skip
_KEYS = ["left_id", "right_id"]
#: Log-odds of the thresholds that the best recall is looked for at.
_SWEEP = np.append(np.arange(-4.0, 8.0, 0.25), np.arange(8.0, 20.0, 1.0))
#: Points of precision or of recall by which a target may be missed, and recall lost to the best.
_MISSED, _LOST = 0.01, 0.10


@dataclass(frozen=True)
class Truth:
    """Codes of true matches of a task: of pairs of rows, or by entity of each row."""

    rows: int
    pairs: np.ndarray | None
    entity: np.ndarray | None
    n_left: int

    @classmethod
    def of(cls, data: TaskData, records: Records) -> Truth:
        """The truth of a task, in rows."""
        if data.entities is not None:
            entity = pd.factorize(data.entities.reindex(records.ids))[0]
            return cls(records.n, None, entity, records.n)
        assert data.matches is not None
        left, right = _rows(records)
        a, b = left[data.matches["left_id"]], right[data.matches["right_id"]]
        pairs = np.unique(a.to_numpy() * records.n + b.to_numpy())
        return cls(records.n, pairs, None, records.n_left)

    def answers(self, labels: pd.DataFrame, records: Records) -> pd.DataFrame:
        """Suggested pairs with the labels of a reviewer who knows the truth."""
        left, right = _rows(records)
        a, b = left[labels["left_id"]].to_numpy(), right[labels["right_id"]].to_numpy()
        label = self.label(np.minimum(a, b), np.maximum(a, b)).astype(int)
        return labels.drop(columns="score").assign(label=label.astype(str))

    def label(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether pairs of rows match."""
        if self.entity is not None:
            return np.asarray(self.entity[left] == self.entity[right])
        return np.isin(left.astype(np.int64) * self.rows + right, self.pairs)

    def judge(self, cluster: np.ndarray) -> tuple[float, float]:
        """Pairwise precision and recall of clusters of rows."""
        if self.entity is not None:
            both = np.unique(np.column_stack([cluster, self.entity]), axis=0, return_counts=True)[1]
            hits = _pairs(both)
            found, true = _pairs(np.bincount(cluster)), _pairs(np.bincount(self.entity))
        else:
            assert self.pairs is not None
            a, b = np.divmod(self.pairs, self.rows)
            hits, true = int((cluster[a] == cluster[b]).sum()), len(self.pairs)
            number = int(cluster.max()) + 1
            found = int(
                np.bincount(cluster[: self.n_left], minlength=number)
                @ np.bincount(cluster[self.n_left :], minlength=number)
            )
        return (hits / found if found else 1.0), hits / true


def _rows(records: Records) -> tuple[pd.Series, pd.Series]:
    """The row of each id of the left and of the right table."""
    row, start = np.arange(records.n), records.n_left if records.is_linkage else 0
    end = start or records.n
    return pd.Series(row[:end], records.ids[:end]), pd.Series(row[start:], records.ids[start:])


def _pairs(sizes: np.ndarray) -> int:
    return int((sizes.astype(np.int64) * (sizes - 1) // 2).sum())


def run_task(folder: Path, numbers: list[int], targets: list[float]) -> Iterator[dict[str, Any]]:
    """One row for each number of labels and target of precision."""
    data = read_task_data(read_task(folder))
    plain = Config(attributes=dict(data.kinds), threads=1)
    linker = Linker(plain)
    linker.fit(data.left, data.right)
    start = dict(linker.fitted_)
    for number in numbers:
        linker.config, linker.fitted_ = plain, dict(start)
        labels = linker.suggest(number, data.left, data.right) if number else None
        for target in targets:
            linker.config = replace(plain, training=replace(plain.training, precision=target))
            row = {"task": data.task.name, "labels": number, "target": target}
            yield row | _judged(linker, data, labels, target)


def _judged(
    linker: Linker, data: TaskData, labels: pd.DataFrame | None, target: float
) -> dict[str, Any]:
    """Figures of a linker that learns from answered labels with a target, or its refusal."""
    begun = time.perf_counter()
    run = linker._begin(data.left, data.right, None)
    truth = Truth.of(data, run.records)
    answers = None if labels is None else truth.answers(labels, run.records)
    try:
        linker.fit(data.left, data.right, answers)
    except TargetError as error:
        return {"refused": str(error)}
    assert linker._run is not None
    definition = linker._run.resolved.match[0]
    session, model = linker._run.sessions.of(definition), linker.fitted_[definition.name].model
    probability = score_candidates(session, model)
    largest = linker.config.limits.max_cluster_size

    def judge(threshold: float) -> tuple[float, float]:
        clusters = decide(
            session.records, session.candidates, probability, threshold,
            one_to_one=model.one_to_one, max_cluster_size=largest,
        ).labels  # fmt: skip
        return truth.judge(pd.factorize(clusters)[0])

    precision, recall = judge(model.threshold)
    swept = [judge(float(expit(cut))) for cut in _SWEEP] + [(precision, recall)]
    return {
        "precision": precision,
        "recall": recall,
        "best_recall": max((r for p, r in swept if p >= target), default=0.0),
        "threshold": float(model.threshold),
        "matches": None if answers is None else int((answers["label"] == "1").sum()),
        "notes": list(model.training.notes),
        "seconds": time.perf_counter() - begun,
    }


def main() -> int:
    """Parses arguments, runs the tasks, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", nargs="*", default=TASKS)
    parser.add_argument("--labels", nargs="*", type=int, default=[0, 100, 300])
    parser.add_argument("--targets", nargs="*", type=float, default=[0.95, 0.98])
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    for name in given.tasks:
        for row in run_task(data_folder() / name, given.labels, given.targets):
            rows.append(row)
            head = f"{name:20} {row['labels']:4} labels, target {row['target']:.2f}: "
            if "refused" in row:
                print(head + "refused: " + row["refused"][:120], flush=True)
                continue
            missed = row["precision"] < row["target"] - _MISSED
            lost = row["recall"] < row["best_recall"] - _LOST
            print(
                head + f"precision {row['precision']:.3f}, recall {row['recall']:.3f}, best "
                f"{row['best_recall']:.3f}{' MISSED' * missed}{' LOST' * lost} (threshold "
                f"{row['threshold']:.3f}, {row['seconds']:.0f} s)",
                flush=True,
            )
        if given.json:
            given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
