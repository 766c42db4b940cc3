#!/usr/bin/env python3
"""What each family of features brings and costs on the linkage tasks with splits.

Protocol: pair split. Boosters learn on ``train.csv`` (three folds by left record, early stopping on
the fold left out), the cut is that of best F1 of their out-of-fold scores, and F1 is that of
``valid.csv``, mean over seeds; ``test.csv`` is not read. A family's cost is its share of the CPU
seconds that comparing the training pairs takes. The features are those of quality ``balanced``,
context gaps included; each task's are computed once.

Usage: ``scripts/bench_ablation.py [--tasks abt-buy ...] [--seeds 3] [--json FILE]``
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from bench_features import read_records, time_group
from benchmark_data import data_folder

from blocking.context import ContextFeatures, context_feature_groups
from blocking.neighbours import sparse_neighbours, sparse_spaces
from features.compare import feature_groups
from features.compare.comparer import Comparer
from features.compare.wording import WordingFeatures
from features.embeddings.text_vectors import STATIC, Embedder
from features.feature_names import measure_of, owner_of
from features.prepare import PreparedRecords, prepare
from linkage.evaluation.metrics import average_precision
from linkage.runtime import available_threads
from linkage.scoring.record_folds import fold_of
from linkage.training.cuts.thresholds import cut_for_target

TASKS = (
    "abt-buy", "amazon-google", "walmart-amazon", "dblp-acm", "wdc-products", "fodors-zagats",
)  # fmt: skip
FOLDS = 3
_PARAMETERS = {
    "objective": "binary", "num_leaves": 31, "learning_rate": 0.1, "feature_fraction": 0.4,
    "bagging_fraction": 0.8, "bagging_freq": 1, "min_data_in_leaf": 10, "lambda_l2": 1.0,
    "num_threads": 1, "verbose": -1,
}  # fmt: skip
_MOST_ROUNDS = 500
_PATIENCE = 30

_Member = Callable[[feature_groups.FeatureGroup, str], bool]


def _of(*kinds: type, ending: str = "", stems: tuple[str, ...] = ()) -> _Member:
    """Tests whether a group is of one of these kinds, and its feature of this ending and stem."""

    def member(group: feature_groups.FeatureGroup, name: str) -> bool:
        stem, measure = owner_of(name)[0], measure_of(name)
        return (
            isinstance(group, kinds) and measure.endswith(ending) and (not stems or stem in stems)
        )

    return member


_WHOLE = _of(feature_groups.SetFeatures, feature_groups.ContainmentFeatures, stems=("record",))
#: Families of features; those whose names begin with a dash are parts of the one above.
FAMILIES: dict[str, _Member] = {
    "edit similarity of values": _of(feature_groups.StringFeatures),
    "words of the record": _WHOLE,
    "words of an attribute": lambda b, n: (
        isinstance(b, feature_groups.SetFeatures) and not _WHOLE(b, n)
    ),
    "- soft matching (any words)": _of(feature_groups.SetFeatures, ending="soft_overlap"),
    "characters": _of(feature_groups.CosineFeatures),
    "model codes": _of(feature_groups.CodeFeatures),
    "numbers, years, sizes, quantities": lambda b, n: (
        isinstance(b, feature_groups.QuantityFeatures | feature_groups.QuantityTextFeatures)
        or _of(feature_groups.AgreementFeatures, stems=("numbers", "years", "sizes"))(b, n)
    ),
    "colours, editions": _of(feature_groups.AgreementFeatures, stems=("colours", "editions")),
    "conditions, accessories, versions": _of(
        feature_groups.AgreementFeatures, stems=("conditions", "accessories", "versions")
    ),
    "first word": _of(feature_groups.FirstWordFeatures),
    "prices, numbers, dates": _of(feature_groups.NumberFeatures),
    "equality": _of(feature_groups.EqualityFeatures),
    "images": _of(feature_groups.ImageFeatures),
    "embedding cosine": _of(feature_groups.VectorFeatures),
    "wording of names": _of(WordingFeatures),
    "context gaps": _of(ContextFeatures),
}


@dataclass(frozen=True)
class Task:
    """The compared pairs of a task's splits.

    Attributes:
        name: of the task.
        families: columns of each family.
        cost: share of the comparing time of each family.
        learn, check: features, labels of ``train.csv`` and ``valid.csv``.
        group: number of each training pair's left record, by a hash of its id.
    """

    name: str
    families: dict[str, np.ndarray]
    cost: dict[str, float]
    learn: tuple[np.ndarray, np.ndarray]
    check: tuple[np.ndarray, np.ndarray]
    group: np.ndarray


def load_task(name: str, threads: int) -> Task:
    """Reads a task, compares its pairs and times the comparison."""
    records = prepare(read_records(name, 0))
    comparer = _comparer(records, threads)
    splits = {split: _read_pairs(records, name, split) for split in ("train", "valid")}
    matrices = {split: comparer.compare(*pairs[:2]) for split, pairs in splits.items()}
    left, right, _ = splits["train"]
    seconds = {id(group): time_group(group, left, right) for group in comparer.groups}
    total = sum(seconds.values())
    families, cost = {}, {}
    for family, member in FAMILIES.items():
        columns, spent, at = [], 0.0, 0
        for group in comparer.groups:
            mine = [at + k for k, n in enumerate(group.names) if member(group, n)]
            at += len(group.names)
            columns += mine
            if len(mine) == len(group.names):
                spent += seconds[id(group)]
            elif mine:
                spent = np.nan
        families[family], cost[family] = np.array(columns, int), spent / total
    group = fold_of(records.records.ids, 1 << 30)[left]
    learn, check = ((matrices[split], splits[split][2]) for split in ("train", "valid"))
    return Task(name, families, cost, learn, check, group)


def _comparer(records: PreparedRecords, threads: int) -> Comparer:
    main = records.main
    vectors = {}
    if main is not None:
        vectors[main] = Embedder(STATIC).embed(records.records.table.column(main).to_pylist())
    # The gaps look at no more than the two nearest neighbours.
    neighbours = {
        name: sparse_neighbours(name, sets, records.records.side, 2, threads=threads)
        for name, sets in sparse_spaces(records).items()
    }
    wording = [] if main is None else [WordingFeatures(records)]
    return Comparer(
        records, vectors=vectors, extra=[*wording, *context_feature_groups(records, neighbours)]
    )


def _read_pairs(
    records: PreparedRecords, task: str, split: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame = pd.read_csv(data_folder() / task / f"{split}.csv", dtype=str)
    n_left, ids = records.records.n_left, records.records.ids
    left = pd.Index(ids[:n_left]).get_indexer(frame["left_id"])
    right = pd.Index(ids[n_left:]).get_indexer(frame["right_id"]) + n_left
    return left.astype(np.int32), right.astype(np.int32), frame["label"].astype(int).to_numpy()


def learn_and_check(task: Task, columns: np.ndarray, seed: int) -> tuple[float, float]:
    """F1 and average precision on ``valid.csv`` with some columns."""
    matrix, label = task.learn[0][:, columns], task.learn[1]
    other, truth = task.check[0][:, columns], task.check[1]
    fold = (task.group // FOLDS**seed) % FOLDS
    held_out, score = np.zeros(len(label)), np.zeros(len(truth))
    for k in range(FOLDS):
        learn, check = fold != k, fold == k
        data = lightgbm.Dataset(matrix[learn], label[learn])
        booster = lightgbm.train(
            {**_PARAMETERS, "seed": 100 * seed + k}, data, _MOST_ROUNDS,
            valid_sets=[lightgbm.Dataset(matrix[check], label[check], reference=data)],
            callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
        )  # fmt: skip
        held_out[check] = booster.predict(matrix[check], raw_score=True, num_threads=1)
        score += booster.predict(other, raw_score=True, num_threads=1) / FOLDS
    match = score >= cut_for_target(held_out, label, precision=None, recall=None)
    f1 = 2 * np.sum(match & (truth == 1)) / max(np.sum(match) + np.sum(truth), 1)
    return float(f1), average_precision(truth == 1, score)


def ablate(task: Task, seeds: int, threads: int) -> dict[str, np.ndarray]:
    """F1 and average precision without each family, shape (seeds, 2); "" is with all."""
    everything = np.arange(task.learn[0].shape[1])
    without = {"": everything}
    for family, columns in task.families.items():
        if len(columns):
            without[family] = np.setdiff1d(everything, columns)
    jobs = [(family, seed) for family in without for seed in range(seeds)]
    with ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda job: learn_and_check(task, without[job[0]], job[1]), jobs)
        results = dict(zip(jobs, found, strict=True))
    return {f: np.array([results[f, seed] for seed in range(seeds)]) for f in without}


def make_tables(tasks: list[Task], results: list[dict[str, np.ndarray]]) -> list[dict[str, Any]]:
    """The tables of the results page: change of F1, of average precision, and cost."""
    tables = []
    names = [task.name for task in tasks]
    seeds = len(results[0][""])
    protocol = (
        f"Pair split, valid.csv, mean of {seeds} seeds; learned on train.csv with the cut from "
        "out-of-fold scores, context gaps included. "
    )
    for position, measure in enumerate(("F1", "average precision")):
        rows = [["all features", *(_points(r[""][:, position].mean()) for r in results), "", ""]]
        spread = [_points(r[""][:, position].std(ddof=1)) for r in results] if seeds > 1 else []
        if spread:
            rows.append(["(spread over seeds)", *spread, "", ""])
        for family in FAMILIES:
            if not any(len(task.families[family]) for task in tasks):
                continue
            changes = [
                r[family][:, position].mean() - r[""][:, position].mean() if family in r else np.nan
                for r in results
            ]
            costs = [task.cost[family] for task in tasks if len(task.families[family])]
            mean = _points(np.nanmean(changes), "+")
            share = f"{np.mean(costs):.1%}" if costs and not np.isnan(costs).any() else ""
            rows.append([f"without {family}", *(_points(c, "+") for c in changes), mean, share])
        tables.append(
            {
                "title": f"Ablation, {measure}",
                "note": protocol
                + f"{measure} in points with all features, then the change without each family; "
                "the time is the share of comparing, mean of the tasks that have the family.",
                "columns": ["features", *names, "mean", "time"],
                "rows": rows,
            }
        )
    return tables


def _points(share: float, sign: str = "") -> str:
    return "" if np.isnan(share) else f"{100 * share:{sign}.1f}"


def main() -> int:
    """Parses arguments, runs the tasks, prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tasks", nargs="*", default=TASKS, help="task folders")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--json", type=Path, help="also write the tables here")
    arguments = parser.parse_args()
    tasks, results = [], []
    for name in arguments.tasks:
        begun = time.perf_counter()
        task = load_task(name, arguments.threads)
        ready = time.perf_counter() - begun
        tasks.append(task)
        results.append(ablate(task, arguments.seeds, arguments.threads))
        spent = time.perf_counter() - begun
        print(f"{name}: {ready:.0f} s to compare, {spent - ready:.0f} s to learn", flush=True)
    tables = make_tables(tasks, results)
    for table in tables:
        print(f"\n{table['title']}\n{table['note']}")
        frame = pd.DataFrame(table["rows"], columns=table["columns"])
        print(frame.to_string(index=False))
    if arguments.json:
        arguments.json.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
