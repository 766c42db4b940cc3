"""Runs of one form of a task without labels, judged."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from linkage import Config, Linker, Result
from linkage.challenge.protocol_figures import (
    SeedRun,
    all_pair_figures,
    cluster_figures,
    split_figures,
)
from linkage.challenge.protocols import Protocol, allowed_protocols
from linkage.challenge.task import Task, read_task
from linkage.challenge.task_data import TaskData
from linkage.challenge.task_reading import read_task_data
from linkage.evaluation.metrics import evaluate_clusters
from unseen_bench.forms import COPY, Form, OneTable, diluted, doubled, emptied, one_table

__all__ = ["baseline", "other_task", "run_form"]

Row = dict[str, Any]
_KEYS = ["left_id", "right_id"]


def run_form(folder: Path, form: Form, other: Path | None, threads: int) -> list[Row]:
    """Run a form of a task.

    Args:
        folder: The task's folder.
        form: The form.
        other: The task of the strangers of a diluted one.
        threads: How many.

    Returns:
        One row a protocol: ``task, kind, form, protocol, figure`` and what belongs to it; none
        where the task has no such form.

    """
    data = read_task_data(read_task(folder))
    begun = time.perf_counter()
    rows = list(_rows(data, form, other, threads))
    known = {"task": data.task.name, "kind": str(data.task.kind), "form": str(form)}
    return [{**known, **row, "seconds": time.perf_counter() - begun} for row in rows]


def other_task(folder: Path, folders: list[Path]) -> Path | None:
    """Return the next task of a list that is of another family: the first word of its name."""
    position = folders.index(folder)
    family = folder.name.split("-")[0]
    following = folders[position + 1 :] + folders[:position]
    return next((one for one in following if one.name.split("-")[0] != family), None)


def baseline(task: Task, protocol: Protocol) -> float | None:
    """Return the best F1 (0 to 1) that ``task.json`` has of the plainest methods.

    These are the equality of one or two columns, and the cosine of words with the best cut. Where
    a task has no whole truth its figures are of the labelled pairs.
    """
    raw = json.loads(task.description.read_text(encoding="utf-8-sig"))
    whole = bool({"truth", "clusters"} & set(task.files))
    equality = raw.get("exact_equality_baselines") or {}
    cosine = {
        name: figure
        for name, figure in (raw.get("tfidf_oracle") or {}).items()
        if ("labelled" in name) == protocol.scores_pairs
    }
    entries = [*cosine.values()]
    if whole != protocol.scores_pairs:
        entries += equality.values()
    found = [entry.get("f1") if isinstance(entry, dict) else entry for entry in entries]
    numbers = [one for one in found if isinstance(one, int | float)]
    return max(numbers) / 100 if numbers else None


def _rows(data: TaskData, form: Form, other: Path | None, threads: int) -> Iterator[Row]:
    if form is Form.PLAIN:
        yield from _protocols(data, data, threads)
        return
    if form is Form.DILUTED:
        if other is not None:
            strangers = read_task_data(read_task(other))
            rows = _protocols(data, diluted(data, strangers), threads)
            yield from ({**row, "strangers": other.name} for row in rows)
        return
    one = one_table(data)
    if form is Form.DOUBLED:
        result, known = _match(data, doubled(one), threads)
        cluster = result.clusters.set_index("id")["cluster_id"]
        ids = one.table.column("id").to_pandas()
        same = cluster[ids].to_numpy() == cluster[COPY + ids].to_numpy()
        yield {"figure": float(same.mean()), **known}
    elif one.entity is None or (form is Form.STACKED and data.right is None):
        return
    elif form is Form.EMPTIED:
        result, known = _match(data, emptied(one), threads)
        size = result.clusters["cluster_id"].map(result.clusters["cluster_id"].value_counts())
        yield {"figure": float((size > 1).mean()), "largest": int(size.max()), **known}
    else:
        result, known = _match(data, one, threads)
        clusters = result.clusters
        metrics = evaluate_clusters(
            pd.factorize(clusters["cluster_id"])[0],
            pd.factorize(one.entity[clusters["id"]])[0],
        ).pairwise
        yield {
            "figure": _share(metrics.f1), "precision": metrics.precision,
            "recall": metrics.recall, **known,
        }  # fmt: skip


def _match(data: TaskData, one: OneTable, threads: int) -> tuple[Result, Row]:
    result = (linker := Linker(_config(data, threads))).match(one.table)
    return result, _account(linker, result)


def _protocols(data: TaskData, given: TaskData, threads: int) -> Iterator[Row]:
    """The protocols without labels of a task, on tables that may hold strangers, too."""
    allowed = [one for one in allowed_protocols(data.task) if not one.learns_from_labels]
    linker = Linker(_config(data, threads))
    linker.fit(given.left, given.right)
    scored = None
    if data.test is not None and data.test.labelled:
        pairs = data.test.pairs[_KEYS].drop_duplicates()
        scored = linker.score(given.left, given.right, pairs)
    result = linker.match(given.left, given.right)
    for protocol in allowed:
        if protocol.scores_pairs:
            if data.test is None or scored is None:
                continue
            threshold = next(iter(linker.fitted_.values())).model.threshold
            figures = split_figures(data.test, [SeedRun(scored, threshold)])
        elif data.matches is None and data.entities is None:
            continue
        elif data.right is not None:
            own = [
                np.isin(result.pairs[k], t["id"]) for k, t in zip(_KEYS, data.tables, strict=True)
            ]
            # Pairs of strangers are not judged.
            judged = SimpleNamespace(pairs=result.pairs[own[0] & own[1]])
            figures, _ = all_pair_figures(data, judged)
        else:
            figures, _ = cluster_figures(data, result)
        means = {name: figures[name]["mean"] for name in ("f1", "precision", "recall")}
        row = {"protocol": str(protocol), "figure": _share(means.pop("f1")), **means}
        yield {**row, "baseline": baseline(data.task, protocol), **_account(linker, result)}


def _config(data: TaskData, threads: int) -> Config:
    values: dict[str, Any] = {"threads": threads}
    if data.kinds:
        values["attributes"] = dict(data.kinds)
    if data.task.ignore:
        values["match"] = {"variant": {"ignore": list(data.task.ignore)}}
    return Config(**values)


def _account(linker: Linker, result: Result) -> Row:
    """What the engine says of its own answer: source, F1 as it estimates it, and from what."""
    (account,) = result.run["definitions"].values()
    expected = account.get("expected")
    return {
        "source": str(next(iter(linker.fitted_.values())).model.training.source),
        "estimate": None if expected is None else expected["f1"],
        "signs": {} if expected is None else expected["signs"],
        "notes": account["notes"],
    }


def _share(value: float | None) -> float:
    """F1, 0 where it is undefined since nothing was found."""
    return 0.0 if value is None or np.isnan(value) else float(value)
