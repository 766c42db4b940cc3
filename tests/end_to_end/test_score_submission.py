"""`linkage score` of pairs whose labels are unknown writes what a challenge would hand in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from challenge_tasks import linkage_task
from pandas.testing import assert_frame_equal

from linkage.challenge.protocol_runs import run_protocols
from linkage.challenge.protocols import Protocol
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import read_task
from linkage.challenge.task_reading import read_task_data
from linkage.cli import app as cli
from linkage.io.output import write_csv, write_file


def run(*arguments: object) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main([str(argument) for argument in arguments])
    assert not caught.value.code


def test_score_writes_the_submission_of_a_challenge(tmp_path: Path) -> None:
    splits = ("train", "test")
    task = linkage_task(tmp_path / "task", splits=splits, test_labels=False, attributes=None)
    tables = [task / "left.csv", task / "right.csv"]
    model, scores = tmp_path / "model", tmp_path / "scores.csv"
    quick = ["--threads", 1, "--quiet"]
    run(
        "train",
        *tables,
        "--labels",
        task / "train.csv",
        "--model",
        model,
        "--quality",
        "fast",
        *quick,
    )
    run("score", *tables, "--pairs", task / "test.csv", "--model", model, "-o", scores, *quick)
    settings = ChallengeSettings("fast", seeds=1, threads=1, protocols=(Protocol.PAIR_SPLIT,))
    (outcome,) = run_protocols(read_task_data(read_task(task)), settings)
    assert outcome.submission is not None
    handed_in = write_file(tmp_path / "submission.csv", write_csv(outcome.submission))
    written = pd.read_csv(scores)
    assert list(written) == ["left_id", "right_id", "score", "match"]
    assert written["match"].dtype == bool
    assert written["score"].between(0, 1).all()
    asked = pd.read_csv(task / "test.csv")
    assert_frame_equal(written[["left_id", "right_id"]], asked)
    assert_frame_equal(written, pd.read_csv(handed_in))
