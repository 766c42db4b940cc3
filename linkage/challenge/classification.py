"""Classification tasks: rows with a label in train, the classes of the judged split predicted."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from linkage.challenge.protocol_figures import summarise
from linkage.challenge.protocol_runs import Outcome, sentence_of
from linkage.challenge.protocols import Protocol
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import Task
from linkage.challenge.task_reading import read_id_table, task_kinds
from linkage.classify.classifier import Classifier, class_table
from linkage.classify.metrics import class_metrics
from linkage.classify.target import target_column
from linkage.errors import LabelError, LinkageError, shorten
from linkage.runtime import ProgressFunction

__all__ = ["ClassificationData", "read_classification", "run_classification"]

_log = logging.getLogger(__name__)

_SHOWN = 3


@dataclass(frozen=True, eq=False)
class ClassificationData:
    """The tables of a classification task.

    Attributes:
        task: What they belong to.
        train: What is learned from: train, and valid too where test is judged. Ids are unique.
        judged: The rows that are predicted.
        truth: The class of each of these, None where it is not known.
        splits: Rows of each split there is.

    """

    task: Task
    train: pa.Table
    judged: pa.Table
    truth: list[str | None]
    splits: dict[str, int]

    def described(self) -> dict[str, Any]:
        """Return counts of the task, as those of matching tasks are told."""
        return {
            "records": [sum(self.splits.values())],
            "attributes": dict(task_kinds(self.task.attributes, [self.train])),
            "ignore": [],
            "splits": {name: {"pairs": rows} for name, rows in self.splits.items()},
            "true_matches": None,
            "leakage": {},
        }


def read_classification(task: Task, settings: ChallengeSettings) -> ClassificationData:
    """Read the tables of a classification task.

    Args:
        task: The task.
        settings: Which split is judged.

    Raises:
        InputError: If a table cannot be read.
        ConfigError: If a table that is learned from lacks the target.
        LabelError: If the judged split is not there, or no row of train has a label.

    """
    tables = {name: read_id_table(path) for name, path in task.files.items()}
    where = {name: str(path) for name, path in task.files.items()}
    if settings.split not in tables:
        raise LabelError(
            f"{task.folder} has no {settings.split} table to judge.",
            hint=f"Add {settings.split}.csv, or choose another split with --split.",
        )
    learned = ["train", "valid"] if settings.split == "test" and "valid" in tables else ["train"]
    parts = [tables[name] for name in learned]
    for name in learned:
        target_column(tables[name], task.target, where[name])
    judged = tables[settings.split]
    truth: list[str | None] = [None] * judged.num_rows
    if task.target in judged.column_names:
        truth = judged.column(task.target).to_pylist()
        judged = judged.drop_columns([task.target])
    known = set(parts[0].column(task.target).to_pylist()) - {None}
    if not known:
        raise LabelError(
            f"{where['train']} has no value in column '{task.target}'.",
            hint="Give the class of each row.",
        )
    others = {"valid": tables["valid"].column(task.target).to_pylist()} if len(parts) > 1 else {}
    for name, labels in {**others, settings.split: truth}.items():
        _tell_unknown(labels, known, where[name])
        known |= set(labels) - {None} if name in others else set()
    whole = pa.concat_tables(parts, promote_options="default")
    ids = pa.array([str(row) for row in range(whole.num_rows)])  # those of two files may be equal
    whole = whole.set_column(whole.column_names.index("id"), "id", ids)
    rows = {name: table.num_rows for name, table in tables.items()}
    return ClassificationData(task, whole, judged, truth, rows)


def run_classification(
    data: ClassificationData,
    settings: ChallengeSettings,
    progress: ProgressFunction | None = None,
) -> Iterator[Outcome]:
    """Run the one protocol of a classification task.

    Args:
        data: The task's data.
        settings: How many seeds, quality and threads.
        progress: Called with a step's name and the share of it that is done.

    Yields:
        Its outcome, also where it failed. The submission has ``id``, ``class``, ``probability``
        and, named ``probability: CLASS``, a column for each class: means over seeds.

    """
    if Protocol.CLASSIFICATION not in settings.protocols:
        return
    try:
        yield _outcome(data, settings, progress)
    except Exception as error:
        if not isinstance(error, LinkageError):
            _log.exception("%s", data.task.name)
        yield Outcome(Protocol.CLASSIFICATION, error=sentence_of(error))


def _outcome(
    data: ClassificationData, settings: ChallengeSettings, progress: ProgressFunction | None
) -> Outcome:
    kinds = task_kinds(data.task.attributes, [data.train])
    kinds = {name: kind for name, kind in kinds.items() if name != data.task.target}
    begun = time.perf_counter()
    rows, found = [], []
    labelled = np.array([one is not None for one in data.truth])
    truth = [one for one in data.truth if one is not None]
    classes: tuple[str, ...] = ()
    for seed in range(settings.seeds):
        config = settings.config(seed=seed, attributes=kinds, catalog={"id": "id"})
        told = _named(progress, f"{Protocol.CLASSIFICATION}, seed {seed}: ")
        model = Classifier(config, told).fit(data.train, data.task.target)
        classes = model.classes
        probability = model.predict_proba(data.judged).to_numpy()
        found.append(probability)
        if labelled.any():
            own = probability[labelled]
            predicted = np.array(classes, object)[own.argmax(axis=1)].tolist()
            rows.append(class_metrics(truth, predicted, own, classes))
    figures: dict[str, Any] = {
        "rows": len(data.truth), "classes": len(classes), "seconds": time.perf_counter() - begun
    }  # fmt: skip
    if rows:
        figures |= {name: summarise([row[name] for row in rows]) for name in rows[0]}
        figures["f1"] = figures["macro_f1"]
    mean = np.mean(found, axis=0)
    ids = data.judged.column("id").to_pylist()
    submission = class_table(ids, classes, mean, probabilities=True)
    return Outcome(Protocol.CLASSIFICATION, figures, submission)


def _tell_unknown(labels: list[str | None], known: set[str], where: str) -> None:
    """Tell of labels that nothing was learned of."""
    unknown = [label for label in labels if label is not None and label not in known]
    if unknown:
        shown = ", ".join(shorten(label) for label in sorted(set(unknown))[:_SHOWN])
        warnings.warn(
            f"{Path(where).name}: {len(unknown):,} rows have a class that train lacks, such as "
            f"{shown}.",
            stacklevel=3,
        )


def _named(progress: ProgressFunction | None, name: str) -> ProgressFunction | None:
    if progress is None:
        return None
    return lambda step, share: progress(f"{name}{step}", share)
