"""Tasks in processes of their own: what they say, and what is said of them when they cannot."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from challenge_tasks import linkage_task

from linkage.challenge import task_process
from linkage.challenge.protocols import Protocol
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task_process import run_in_process

FAST = ChallengeSettings(
    quality="fast", seeds=1, threads=1, protocols=(Protocol.PAIR_SPLIT_NO_LABELS,)
)


def messages(folder: Path, output: Path, settings: ChallengeSettings = FAST) -> list[Any]:
    found: list[Any] = []
    run_in_process(folder, settings, output, found.append)
    return found


def program(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(task_process, "_PROGRAM", text)


def test_a_task_from_beginning_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Modules of the folder that the command is given in must not be taken for the engine's.
    (tmp_path / "linkage.py").write_text("raise SystemExit('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    output = tmp_path / "out" / "submission.csv"
    found = messages(linkage_task(tmp_path / "task", truth=False), output)
    (data,) = [message["data"] for message in found if "data" in message]
    assert data["records"] == [75, 75]
    assert data["splits"]["train"] == {"pairs": 155, "positives": 40}
    assert data["quality"] == "fast"
    (outcome,) = [message["outcome"] for message in found if "outcome" in message]
    assert outcome["protocol"] == "pair split, no labels"
    assert outcome["submitted"] == len(pd.read_csv(output)) == 39
    assert any(message.get("step", "").startswith("pair split, no labels: ") for message in found)
    assert found[-1]["end"]["hardware"]["threads"] == 1
    memory = [message["memory"] for message in found]
    assert memory == sorted(memory)
    assert 50 < memory[-1] < 4000
    assert capfd.readouterr() == ("", ""), "what it says goes nowhere unless asked for"


def test_a_fault_of_the_task_is_said_by_itself(tmp_path: Path) -> None:
    folder = linkage_task(tmp_path / "task")
    (folder / "left.csv").write_text("id,a\n1,x\n1,y\n", encoding="utf-8")
    last = messages(folder, tmp_path / "s.csv")[-1]
    assert "1 ids in column 'id' are not unique" in last["error"]
    assert last["memory"] > 10


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            "the process of this task was ended by SIGKILL, most likely for lack of memory.",
        ),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
            "the process of this task was ended by SIGSEGV.",
        ),
        (
            "import sys; sys.exit('no module named anything')",
            "the process of this task ended by itself with exit code 1: no module named anything.",
        ),
        ("pass", "the process of this task ended by itself with exit code 0."),
    ],
)
def test_a_process_that_ends_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: str
) -> None:
    program(monkeypatch, text)
    assert messages(tmp_path, tmp_path / "s.csv") == [{"error": expected}]


def test_an_interrupted_run_takes_its_task_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(
        monkeypatch,
        "import os, time; print('{\"pid\": %d}' % os.getpid(), flush=True); time.sleep(60)",
    )
    seen: list[int] = []

    def interrupt(message: Any) -> None:
        seen.append(message["pid"])
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_in_process(tmp_path, FAST, tmp_path / "s.csv", interrupt)
    assert time.monotonic() - begun < 30
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


def test_a_task_ends_when_nobody_waits_for_it_any_more() -> None:
    """After a run was killed its end of the task's standard input is closed."""
    code = (
        "import threading, time\nfrom linkage.challenge.task_process import _end_with_parent\n"
        "threading.Thread(target=_end_with_parent, daemon=True).start()\n"
        "print('ready', flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(task_process.__file__).parents[1],
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.stdin.close()
        assert process.wait(timeout=30) == 1
