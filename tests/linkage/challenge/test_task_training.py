"""Which pairs are learned from, and which are judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
from challenge_tasks import linkage_task

from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import read_task
from linkage.challenge.task_data import Split, TaskData
from linkage.challenge.task_reading import read_task_data
from linkage.challenge.task_training import training_of

FAST = ChallengeSettings(quality="fast", seeds=2, threads=1)


def read(folder: Path) -> TaskData:
    return read_task_data(read_task(folder))


def test_known_pairs_of_the_judged_split_are_not_learned_from(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path)
    splits = {name: pd.read_csv(folder / f"{name}.csv") for name in ("train", "valid", "test")}
    leaked = splits["test"].iloc[:3]
    for name, extra in (("train", leaked), ("valid", pd.concat([leaked, splits["train"][:2]]))):
        pd.concat([splits[name], extra]).to_csv(folder / f"{name}.csv", index=False)
    data = read(folder)
    training = training_of(data, FAST)
    expected = {"test_in_train": 3, "test_in_valid": 3, "valid_in_train": 5, "removed": True}
    assert training.leakage == expected
    assert training.train is not None
    assert training.valid is not None
    assert len(training.train) == len(splits["train"])
    assert len(training.valid) == len(splits["valid"]) + 2
    stored = training_of(data, replace(FAST, as_stored=True))
    assert stored.leakage == {**expected, "removed": False}
    assert stored.train is data.train


def test_a_valid_split_without_matches_chooses_no_threshold(tmp_path: Path) -> None:
    data = read(linkage_task(tmp_path))
    assert data.valid is not None
    pairs = data.valid.pairs
    alone = replace(data, valid=Split(pairs[pairs["label"] == 0], "valid.csv"))
    assert training_of(alone, FAST).valid is None
