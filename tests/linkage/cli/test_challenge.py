"""`linkage challenge`: what is passed on, what is printed, and how it exits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from boards import board, outcome, record

from linkage.challenge.protocols import Protocol
from linkage.challenge.settings import ChallengeSettings
from linkage.cli import app as cli
from linkage.cli import challenge as challenge_command


class FakeChallenge:
    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        self.board = board(record("a", outcome("pair split", [0.9])))

    def __call__(self, suite: Path, output: Path, settings: ChallengeSettings, **more: Any) -> Any:
        self.given = {"suite": suite, "output": output, "settings": settings, **more}
        more["progress"]("a (1 of 1), pair split, seed 0: Train", 0.5)
        return self.board


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeChallenge:
    fake = FakeChallenge()
    monkeypatch.setattr(challenge_command, "run_challenge", fake)
    return fake


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(["challenge", *arguments])
    code = caught.value.code
    assert code is None or isinstance(code, int)
    return code or 0


def test_defaults(fake: FakeChallenge, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("suite", "-o", "out") == 0
    assert fake.given["settings"] == ChallengeSettings()
    assert (fake.given["suite"], fake.given["output"]) == (Path("suite"), Path("out"))
    assert (fake.given["names"], fake.given["force"]) == ([], False)
    assert capsys.readouterr().out == (
        "pair split                 F1  90.0  mean of 1 task\nleaderboard: out/leaderboard.md\n"
    )


@pytest.mark.parametrize(
    "tasks",
    [["--tasks", "a,b"], ["--tasks", "a", "--tasks", "b"], ["--tasks", "a", "b"], ["a", "b"]],
)
def test_tasks_in_any_way(fake: FakeChallenge, tasks: list[str]) -> None:
    assert run("suite", *tasks, "-o", "out") == 0
    assert sorted(fake.given["names"]) == ["a", "b"]


def test_settings(fake: FakeChallenge) -> None:
    options = "--quality fast --seeds 1 --split valid --as-stored --threads 2 --force --quiet"
    protocols = ["--protocols", "end-to-end-no-labels,pair-split"]
    assert run("suite", "-o", "out", *options.split(), *protocols) == 0
    chosen = (Protocol.PAIR_SPLIT, Protocol.END_TO_END_NO_LABELS)
    assert fake.given["settings"] == ChallengeSettings("fast", 1, "valid", True, chosen, 2)
    assert fake.given["force"] is True


def test_progress_goes_to_standard_error(
    fake: FakeChallenge, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("suite", "-o", "out", "--verbose") == 0
    assert capsys.readouterr().err.startswith("a (1 of 1), pair split, seed 0: Train")
    assert run("suite", "-o", "out", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_a_failed_task_makes_the_run_fail(
    fake: FakeChallenge, capsys: pytest.CaptureFixture[str]
) -> None:
    part = record("b", {"protocol": "pair split", "error": "no."})
    fake.board = board(
        record("a", outcome("pair split", [0.9])), part, {"task": "c", "error": "d."}
    )
    assert run("suite", "-o", "out") == 1
    captured = capsys.readouterr()
    assert "leaderboard: out/leaderboard.md" in captured.out
    assert "error: 2 of 3 tasks failed.\n  - b, pair split: no.\n  - c: d.\n" in captured.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("none -o out", 1, "none does not exist"),
        ("suite -o out --seeds 0", 2, "--seeds must be 1 or more"),
        ("suite -o out --split train", 2, "--split must be one of"),
        ("suite -o out --quality quick", 2, "quality must be one of"),
        ("suite -o out --protocols pair", 2, "there is no protocol 'pair'"),
        ("suite", 2, "Missing option"),
    ],
)
def test_faults(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(*arguments.split()) == code
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_judge_by(fake: FakeChallenge, capsys: pytest.CaptureFixture[str]) -> None:
    fake.board = board(record("a", outcome("pair split", None)))
    assert run("suite", "-o", "out") == 0
    assert "no task has a truth to be judged by" in capsys.readouterr().out
