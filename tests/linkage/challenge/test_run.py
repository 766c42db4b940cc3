"""Challenges as a whole; most with a stand-in for the processes of tasks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from boards import ENVIRONMENT
from challenge_tasks import describe, linkage_task, one_table_task

from linkage.challenge.protocols import Protocol
from linkage.challenge.run import run_challenge
from linkage.challenge.settings import ChallengeSettings
from linkage.errors import InputError, OutputError
from linkage.io.output import write_csv, write_file

FAST = ChallengeSettings(quality="fast", seeds=1, threads=1)


class FakeProcesses:
    """Stands for the processes of tasks: says what they would say."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.broken: dict[str, str] = {}
        self.killed: str | None = None
        self.before: Callable[[str], None] | None = None

    def __call__(
        self,
        folder: Path,
        settings: ChallengeSettings,
        submission: Path,
        on_message: Callable[[dict[str, Any]], None],
        *,
        debug: bool = False,
    ) -> None:
        name = folder.name
        if self.before is not None:
            self.before(name)
        self.ran.append(name)
        on_message({"step": "read", "share": None, "memory": 50.0})
        on_message(
            {"data": {"records": [2], "splits": {}, "leakage": {"removed": True}}, "memory": 60.0}
        )
        if name == self.killed:
            raise KeyboardInterrupt
        if name in self.broken:
            on_message({"error": self.broken[name]})
            return
        frame = pd.DataFrame({"id": ["a", "b"], "cluster_id": ["a", "a"]})
        write_file(submission, write_csv(frame), force=True)
        f1 = {"mean": 0.75, "spread": None, "values": [0.75]}
        outcome = {"protocol": "pair split", "f1": f1, "seconds": 1.0, "submitted": 2}
        on_message({"outcome": outcome, "memory": 70.0})
        on_message({"end": ENVIRONMENT, "memory": 80.0})


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> FakeProcesses:
    fake = FakeProcesses()
    monkeypatch.setattr("linkage.challenge.run.run_in_process", fake)
    return fake


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        folder = describe(tmp_path / "suite" / name, published={"Rival": {"f1": 70}})
        (folder / "records.csv").write_text("id,x\n1,y\n", encoding="utf-8")
    return tmp_path / "suite"


def board_of(output: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((output / "leaderboard.json").read_text(encoding="utf-8"))
    return found


def test_every_task_has_a_record_a_submission_and_a_place_on_the_board(
    suite: Path, tmp_path: Path, processes: FakeProcesses
) -> None:
    told: list[str] = []
    output = tmp_path / "out"
    board = run_challenge(suite, output, FAST, progress=lambda step, share: told.append(step))
    assert processes.ran == ["a", "b", "c"]
    assert told == ["a (1 of 3), read", "b (2 of 3), read", "c (3 of 3), read"]
    assert board == board_of(output)
    assert (board["state"], board["averages"][0]["f1"]) == ("finished", 0.75)
    first = board["tasks"][0]
    assert (first["task"], first["peak_memory_mb"]) == ("a", 80.0)
    assert first["submission"] == {"protocol": "pair split", "rows": 2}
    assert first["protocols"][0]["best_published"]["f1"] == 70
    assert first["seconds"] >= 0
    assert sorted(path.name for path in (output / "submission").iterdir()) == (
        ["a.csv", "b.csv", "c.csv"]
    )
    assert (output / "leaderboard.md").read_text(encoding="utf-8").startswith("# Leaderboard")


def test_the_board_is_whole_after_every_task(
    suite: Path, tmp_path: Path, processes: FakeProcesses
) -> None:
    seen: list[tuple[str, list[str], list[str]]] = []

    def look(name: str) -> None:
        board = board_of(tmp_path / "out")
        done = [task["task"] for task in board["tasks"]]
        seen.append((board["state"], done, board["pending"]))

    processes.before = look
    run_challenge(suite, tmp_path / "out", FAST)
    assert seen == [
        ("running", [], ["a", "b", "c"]),
        ("running", ["a"], ["b", "c"]),
        ("running", ["a", "b"], ["c"]),
    ]


def test_a_killed_run_goes_on_where_it_was(
    suite: Path, tmp_path: Path, processes: FakeProcesses
) -> None:
    output = tmp_path / "out"
    processes.killed = "b"
    with pytest.raises(KeyboardInterrupt):
        run_challenge(suite, output, FAST)
    assert [task["task"] for task in board_of(output)["tasks"]] == ["a"]
    processes.killed = None
    # Of the task that was under way no more than half a record can be there.
    (output / "tasks" / "b.json").write_text('{"task": "b", "protoc', encoding="utf-8")
    board = run_challenge(suite, output, FAST)
    assert processes.ran == ["a", "b", "b", "c"]
    assert (board["state"], len(board["tasks"])) == ("finished", 3)


def test_a_failure_is_recorded_stops_nothing_and_is_tried_again(
    suite: Path, tmp_path: Path, processes: FakeProcesses
) -> None:
    processes.broken["b"] = "out of memory."
    (suite / "c" / "task.json").write_text("{", encoding="utf-8")
    output = tmp_path / "out"
    board = run_challenge(suite, output, FAST)
    errors = {task["task"]: task["error"] for task in board["tasks"]}
    assert (errors["a"], errors["b"]) == (None, "out of memory.")
    assert "task.json is not valid JSON" in errors["c"]
    assert "out of memory." in (output / "leaderboard.md").read_text(encoding="utf-8")
    assert not (output / "submission" / "b.csv").exists()
    processes.broken.clear()
    (suite / "c" / "task.json").write_text("{}", encoding="utf-8")
    board = run_challenge(suite, output, FAST)
    assert processes.ran == ["a", "b", "b", "c"]
    assert [task["error"] for task in board["tasks"]] == [None, None, None]


def test_a_suite_of_which_nothing_can_be_read(
    suite: Path, tmp_path: Path, processes: FakeProcesses
) -> None:
    for name in ("a", "b", "c"):
        (suite / name / "task.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=r"No task of .* can be read"):
        run_challenge(suite, tmp_path / "out", FAST)
    assert not (tmp_path / "out").exists()


def test_some_tasks_now_and_others_later(
    suite: Path, tmp_path: Path, processes: FakeProcesses
) -> None:
    output = tmp_path / "out"
    run_challenge(suite, output, FAST, names=["b"])
    board = run_challenge(suite, output, FAST, names=["c", "a"])
    assert processes.ran == ["b", "a", "c"]
    assert [task["task"] for task in board["tasks"]] == ["a", "b", "c"]


def test_starting_over(suite: Path, tmp_path: Path, processes: FakeProcesses) -> None:
    output = tmp_path / "out"
    run_challenge(suite, output, FAST, names=["a"])
    other = ChallengeSettings(quality="fast", seeds=2)
    with pytest.raises(OutputError, match="seeds was 1 and is 2"):
        run_challenge(suite, output, other)
    run_challenge(suite, output, other, names=["b"], force=True)
    assert processes.ran == ["a", "b"]
    assert [task["task"] for task in board_of(output)["tasks"]] == ["b"]


def test_a_challenge_with_the_engine_itself(tmp_path: Path) -> None:
    """Two tasks in processes of their own, one of them broken past its description."""
    suite = tmp_path / "suite"
    one_table_task(suite / "grouped", kind="variants")
    broken = linkage_task(suite / "broken")
    (broken / "right.csv").write_text("id\n", encoding="utf-8")
    board = run_challenge(suite, tmp_path / "out", FAST)
    failed, grouped = board["tasks"]
    assert "has a header (id) but no rows" in failed["error"]
    (outcome,) = grouped["protocols"]
    assert outcome["protocol"] == Protocol.GROUP_NO_LABELS
    assert outcome["f1"]["mean"] > 0.7
    assert grouped["peak_memory_mb"] > 50
    submission = pd.read_csv(tmp_path / "out" / "submission" / "grouped.csv", dtype=str)
    assert list(submission) == ["id", "cluster_id"]
    assert len(submission) == 150
