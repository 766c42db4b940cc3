"""Running protocols: what is learned from, what is compared, and what comes of a failure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from challenge_tasks import EXTRA, describe, linkage_task, one_table_task
from fake_linker import FakeLinker

from linkage.challenge.protocol_runs import (
    Outcome,
    run_protocols,
    sentence_of,
)
from linkage.challenge.protocols import Protocol
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import read_task
from linkage.challenge.task_data import TaskData
from linkage.challenge.task_reading import read_task_data
from linkage.errors import LabelError

FAST = ChallengeSettings(quality="fast", seeds=2, threads=1)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeLinker]:
    monkeypatch.setattr("linkage.linker.Linker", FakeLinker)
    monkeypatch.setattr(FakeLinker, "calls", [])
    monkeypatch.setattr(FakeLinker, "fails", set())
    return FakeLinker


def read(folder: Path) -> TaskData:
    return read_task_data(read_task(folder))


def run(data: TaskData, settings: ChallengeSettings = FAST) -> dict[Protocol, Outcome]:
    return {outcome.protocol: outcome for outcome in run_protocols(data, settings)}


def called(name: str) -> list[tuple[Any, ...]]:
    return [call[1:] for call in FakeLinker.calls if call[0] == name]


def mean(outcome: Outcome, name: str) -> float:
    value: float = outcome.figures[name]["mean"]
    return value


def test_the_engine_itself_runs_every_protocol_of_two_tables(tmp_path: Path) -> None:
    """The only test here that learns: quality fast, one seed, tables of 75 rows."""
    found = run(read(linkage_task(tmp_path, parquet=True)), replace(FAST, seeds=1))
    of_one_table = {
        Protocol.CLUSTER_NO_LABELS,
        Protocol.GROUP_NO_LABELS,
        Protocol.CLASSIFICATION,
    }
    assert set(found) == set(Protocol) - of_one_table
    assert [outcome.error for outcome in found.values()] == [None] * 5
    for outcome in found.values():
        assert 0.8 < mean(outcome, "f1") <= 1, outcome.protocol
        assert outcome.figures["seconds"] > 0
    split = found[Protocol.PAIR_SPLIT]
    assert split.submission is not None
    assert list(split.submission) == ["left_id", "right_id", "score", "match"]
    assert split.figures["submission_f1"] == pytest.approx(mean(split, "f1"))
    assert mean(split, "log_loss") < 0.3
    whole = found[Protocol.END_TO_END_NO_LABELS].figures
    assert whole["pairs_completeness"] > 0.9
    assert whole["pairs_per_record"] <= 25


@pytest.mark.parametrize("kind", ["dedupe", "variants"])
def test_the_engine_itself_clusters_one_table(tmp_path: Path, kind: str) -> None:
    (outcome,) = run_protocols(read(one_table_task(tmp_path, kind=kind)), FAST)
    assert outcome.error is None
    assert outcome.protocol.value == f"{'cluster' if kind == 'dedupe' else 'group'}, no labels"
    assert mean(outcome, "f1") > 0.7
    assert mean(outcome, "b_cubed_f1") > 0.8
    assert outcome.submission is not None
    assert list(outcome.submission) == ["id", "cluster_id"]
    assert len(outcome.submission) == 150


def test_labels_go_where_they_belong(tmp_path: Path, fake: type[FakeLinker]) -> None:
    data = read(linkage_task(tmp_path))
    found = run(data)
    configs = [config for (config,) in called("init")]
    assert [config.training.context for config in configs] == [True, False, True]
    assert all(config.quality == "fast" and config.threads == 1 for config in configs)
    assert all(dict(config.attributes) == data.kinds for config in configs)
    train, valid = data.train, data.valid
    assert train is not None
    assert valid is not None
    fits = called("fit")
    assert [seed for seed, *_ in fits] == [1, 0, 1, 0, 0], "the first seed last, then no labels"
    for _, labels, validation in fits[:4]:
        assert labels.table.num_rows == len(train)
        assert validation.table.num_rows == len(valid)
    assert fits[4][1:] == (None, None)
    assert called("match") == [(0,), (0,)]
    assert found[Protocol.PAIR_SPLIT].figures["threshold_from"] == "valid"
    assert found[Protocol.PAIR_SPLIT].figures["labels"]["train"]["pairs"] == len(train)
    assert found[Protocol.END_TO_END_NO_LABELS].figures["labels"] == {}


def test_figures_are_means_over_seeds_and_submissions_of_mean_scores(
    tmp_path: Path, fake: type[FakeLinker]
) -> None:
    # Thresholds 0.5, 0.6, 0.7 and scores of matches 0.9, 0.7, 0.5: the last seed finds none.
    split = run(read(linkage_task(tmp_path)), replace(FAST, seeds=3))[Protocol.PAIR_SPLIT]
    assert split.figures["f1"]["values"] == [1, 1, 0]
    assert split.figures["f1"]["spread"] == pytest.approx(3**-0.5)
    assert mean(split, "precision") == 1, "where nothing is predicted there is no precision"
    assert split.figures["threshold"] == [0.5, 0.6, 0.7]
    assert split.submission is not None
    scores = split.submission["score"].unique().tolist()
    assert sorted(scores) == pytest.approx([0.1, 0.7])
    assert split.submission["match"].sum() == 10, "0.7 is above the mean threshold of 0.6"
    assert split.figures["submission_f1"] == 1


def test_all_pairs_are_judged_with_the_truth(tmp_path: Path, fake: type[FakeLinker]) -> None:
    folder = linkage_task(tmp_path)
    truth = pd.read_csv(folder / "truth.csv")
    missed = pd.DataFrame({"left_id": ["l0"], "right_id": ["r75"]})
    known = pd.concat([truth.iloc[:-12], missed])
    known.to_csv(folder / "truth.csv", index=False)
    data = read(folder)
    figures = run(data)[Protocol.END_TO_END_NO_LABELS].figures
    assert figures["precision"]["mean"] == pytest.approx(48 / 60)
    assert figures["recall"]["mean"] == pytest.approx(48 / 49)
    assert figures["pairs_completeness"] == pytest.approx(48 / 49)
    assert figures["pairs_per_record"] == pytest.approx(61 / 75)


def test_clusters_are_judged_where_the_truth_is_known(
    tmp_path: Path, fake: type[FakeLinker]
) -> None:
    folder = one_table_task(tmp_path)
    truth = pd.read_csv(folder / "clusters.csv").iloc[:100]
    truth.to_csv(folder / "clusters.csv", index=False)
    (outcome,) = run(read(folder)).values()
    assert mean(outcome, "f1") == mean(outcome, "b_cubed_f1") == 1
    assert outcome.figures["records_without_truth"] == 50
    assert outcome.submission is not None
    assert len(outcome.submission) == 150


def test_ignored_columns_are_ignored(tmp_path: Path, fake: type[FakeLinker]) -> None:
    run(read(one_table_task(tmp_path, kind="variants")))
    ((config,),) = called("init")
    assert [definition.ignore for definition in config.match.values()] == [(EXTRA,)]


def test_a_test_without_labels_gives_a_submission_and_no_figure(
    tmp_path: Path, fake: type[FakeLinker]
) -> None:
    found = run(read(linkage_task(tmp_path, test_labels=False, truth=False)))
    assert Protocol.END_TO_END not in found
    split = found[Protocol.PAIR_SPLIT]
    assert split.submission is not None
    assert len(split.submission) == split.figures["pairs"] == 39
    assert "f1" not in split.figures


def test_without_valid_the_threshold_is_chosen_out_of_fold(
    tmp_path: Path, fake: type[FakeLinker]
) -> None:
    split = run(read(linkage_task(tmp_path, splits=("train", "test"))))[Protocol.PAIR_SPLIT]
    assert split.figures["threshold_from"] == "train, out of fold"
    assert called("fit")[0][2] is None


def test_without_train_nothing_is_learned_from_labels(
    tmp_path: Path, fake: type[FakeLinker]
) -> None:
    found = run(read(linkage_task(tmp_path, splits=("valid", "test"))))
    assert list(found) == [Protocol.PAIR_SPLIT_NO_LABELS, Protocol.END_TO_END_NO_LABELS]
    assert called("fit") == [(0, None, None)]


def test_labelled_pairs_of_one_table(tmp_path: Path, fake: type[FakeLinker]) -> None:
    folder = one_table_task(tmp_path)
    (folder / "train.csv").write_text("left_id,right_id,label\nl0,r0,1\nl1,r0,0\n")
    (folder / "test.csv").write_text("left_id,right_id,label\nl2,r2,1\nl2,r0,0\n")
    found = run(read(folder))
    assert list(found) == [
        Protocol.PAIR_SPLIT,
        Protocol.PAIR_SPLIT_NO_LABELS,
        Protocol.CLUSTER_NO_LABELS,
    ]
    assert mean(found[Protocol.PAIR_SPLIT], "f1") == 1


def test_a_repeated_pair_counts_once_and_is_submitted_as_often(
    tmp_path: Path, fake: type[FakeLinker]
) -> None:
    folder = linkage_task(tmp_path)
    rows = "l0,r0,1\nl1,r0,0\nl0,r0,1\nl2,r3,1\n"
    (folder / "test.csv").write_text(f"left_id,right_id,label\n{rows}")
    split = run(read(folder))[Protocol.PAIR_SPLIT]
    assert split.figures["recall"]["values"] == [0.5, 0.5]
    assert split.submission is not None
    assert split.submission["match"].tolist() == [True, False, True, False]


def test_judged_on_valid_the_test_split_is_not_looked_at(
    tmp_path: Path, fake: type[FakeLinker]
) -> None:
    data = read(linkage_task(tmp_path))
    split = run(data, replace(FAST, split="valid"))[Protocol.PAIR_SPLIT]
    assert data.valid is not None
    assert split.figures["pairs"] == len(data.valid)
    assert split.figures["threshold_from"] == "train, out of fold"
    assert called("fit")[0][2] is None


def test_a_record_in_both_tables_is_no_find(tmp_path: Path, fake: type[FakeLinker]) -> None:
    folder = describe(tmp_path, kind="linkage")
    rows = "id,a\nxa,first\nxb,second\nyb,third\n"
    (folder / "left.csv").write_text(rows)
    (folder / "right.csv").write_text(rows)
    (folder / "truth.csv").write_text("left_id,right_id\nxb,yb\nyb,xb\n")
    figures = run(read(folder))[Protocol.END_TO_END_NO_LABELS].figures
    assert figures["records_in_both_tables"] == 3
    assert figures["precision"]["mean"] == 1
    (folder / "truth.csv").write_text("left_id,right_id\nxa,xa\n")
    figures = run(read(folder))[Protocol.END_TO_END_NO_LABELS].figures
    assert "records_in_both_tables" not in figures, "here the truth has such pairs"
    assert figures["precision"]["mean"] == pytest.approx(1 / 5)


def test_a_failure_does_not_stop_the_other_protocols(
    tmp_path: Path, fake: type[FakeLinker], caplog: pytest.LogCaptureFixture
) -> None:
    fake.fails.add("match")
    found = run(read(linkage_task(tmp_path)))
    failed = {protocol for protocol, outcome in found.items() if outcome.error}
    assert failed == {Protocol.END_TO_END, Protocol.END_TO_END_NO_LABELS}
    error = found[Protocol.END_TO_END].error
    assert error == "this should not have happened (RuntimeError: no such thing)."
    assert "no such thing" in caplog.text, "the traceback is logged"
    fake.fails.add("fit")
    found = run(read(linkage_task(tmp_path / "again")))
    assert len(found) == 5
    assert {outcome.error for outcome in found.values()} == {
        "the labels have only label 1.\n  Add others."
    }


def test_progress_names_the_protocol_and_the_seed(tmp_path: Path, fake: type[FakeLinker]) -> None:
    told: list[tuple[str, float | None]] = []
    settings = replace(FAST, protocols=(Protocol.PAIR_SPLIT, Protocol.END_TO_END_NO_LABELS))
    list(
        run_protocols(
            read(linkage_task(tmp_path)), settings, lambda step, share: told.append((step, share))
        )
    )
    assert told == [
        ("pair split, seed 1: Train", 0.5),
        ("pair split, seed 0: Train", 0.5),
        ("end to end, no labels: Train", 0.5),
    ]


def test_sentences() -> None:
    assert sentence_of(LabelError("no.", hint="yes")) == "no.\n  yes"
    assert sentence_of(MemoryError()) == "out of memory."
