"""Classification tasks of a challenge, beside matching tasks."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from catalogs import classified_catalog
from challenge_tasks import describe, one_table_task, write_table

from linkage.challenge.classification import read_classification, run_classification
from linkage.challenge.protocols import Protocol
from linkage.challenge.run import run_challenge
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import TaskKind, read_task
from linkage.errors import ConfigError, InputError, LabelError

FAST = ChallengeSettings(quality="fast", seeds=1, threads=1)
TARGET = "product_type"


def classification_task(
    folder: Path, *, parquet: bool = False, test_labels: bool = True, **values: Any
) -> Path:
    """A catalog in three splits, whose ids begin anew in each."""
    describe(folder, kind="classification", target=TARGET, **values)
    for number, (name, rows) in enumerate({"train": 120, "valid": 40, "test": 50}.items()):
        frame = classified_catalog(rows, seed=number)
        if name == "test" and not test_labels:
            frame = frame.drop(columns=TARGET)
        write_table(frame, folder, name, parquet)
    return folder


def test_a_suite_of_both_tracks_goes_on_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite, output = tmp_path / "suite", tmp_path / "out"
    classification_task(suite / "a-types", parquet=True)
    one_table_task(suite / "b-grouped", kind="variants")
    with monkeypatch.context() as patched:
        # As if killed when the first task is done.
        import linkage.challenge.run as module

        begun: list[str] = []
        inner = module.run_in_process

        def killed(folder: Path, *arguments: Any, **options: Any) -> None:
            begun.append(folder.name)
            if len(begun) == 2:
                raise KeyboardInterrupt
            inner(folder, *arguments, **options)

        patched.setattr(module, "run_in_process", killed)
        with pytest.raises(KeyboardInterrupt):
            run_challenge(suite, output, FAST)
    board = run_challenge(suite, output, FAST)
    assert board["state"] == "finished"
    types, grouped = board["tasks"]
    assert types["error"] is None
    (outcome,) = types["protocols"]
    assert outcome["protocol"] == Protocol.CLASSIFICATION
    assert outcome["accuracy"]["mean"] > 0.9
    assert grouped["protocols"][0]["f1"]["mean"] > 0.7
    averages = {one["protocol"]: one for one in board["averages"]}
    assert averages["classification"]["accuracy"] == outcome["accuracy"]["mean"]
    assert averages["classification"]["log_loss"] == outcome["log_loss"]["mean"]
    assert averages["group, no labels"]["f1"] > 0.7
    page = (output / "leaderboard.md").read_text(encoding="utf-8")
    assert "**Classification, test: accuracy" in page
    assert "| macro F1 |" in page
    submission = pd.read_csv(output / "submission" / "a-types.csv")
    assert submission["id"].tolist() == classified_catalog(50)["id"].tolist()
    shares = submission.filter(like="probability: ")
    assert shares.shape == (50, 4)
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-6)


def test_without_test_labels_there_is_a_submission_and_no_figure(tmp_path: Path) -> None:
    task = read_task(classification_task(tmp_path / "task", test_labels=False))
    (outcome,) = run_classification(read_classification(task, FAST), FAST)
    assert outcome.error is None
    assert "f1" not in outcome.figures
    assert outcome.submission is not None
    assert len(outcome.submission) == 50


def test_valid_is_learned_from_where_test_is_judged(tmp_path: Path) -> None:
    task = read_task(classification_task(tmp_path / "task"))
    assert read_classification(task, FAST).train.num_rows == 160
    on_valid = read_classification(task, ChallengeSettings(split="valid", quality="fast"))
    assert (on_valid.train.num_rows, len(on_valid.truth)) == (120, 40)


def test_labels_that_train_lacks_are_told(tmp_path: Path) -> None:
    folder = classification_task(tmp_path / "task")
    for name in ("valid", "test"):
        frame = pd.read_csv(folder / f"{name}.csv", dtype=str)
        frame.loc[:2, TARGET] = f"New in {name}"
        frame.to_csv(folder / f"{name}.csv", index=False)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read_classification(read_task(folder), FAST)
    assert [str(one.message) for one in caught] == [
        "valid.csv: 3 rows have a class that train lacks, such as 'New in valid'.",
        "test.csv: 3 rows have a class that train lacks, such as 'New in test'.",
    ]


def test_faults_are_told(tmp_path: Path) -> None:
    folder = describe(tmp_path / "untargeted", kind="classification")
    write_table(classified_catalog(10), folder, "train")
    with pytest.raises(ConfigError, match="target: it must name the column"):
        read_task(folder)
    describe(folder, kind="classification", target="type")
    with pytest.raises(LabelError, match=r"no test table to judge"):
        read_classification(read_task(folder), FAST)
    write_table(classified_catalog(10), folder, "test")
    with pytest.raises(ConfigError, match=r"train\.csv has no column 'type'"):
        read_classification(read_task(folder), FAST)
    (folder / "train.csv").unlink()
    with pytest.raises(InputError, match=r"classification task needs the tables train"):
        read_task(folder)
    folder = classification_task(tmp_path / "one")
    frame = classified_catalog(30).assign(product_type="Mug")
    for name in ("train", "valid"):
        write_table(frame, folder, name)
    task = read_task(folder)
    assert task.kind is TaskKind.CLASSIFICATION
    with pytest.warns(UserWarning, match="a class that train lacks"):
        data = read_classification(task, FAST)
    (outcome,) = run_classification(data, FAST)
    assert "one class only, 'Mug'" in str(outcome.error)
