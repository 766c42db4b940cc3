"""The results folder of a challenge."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from boards import record
from challenge_tasks import linkage_task

from linkage.challenge.folder import ChallengeFolder
from linkage.challenge.leaderboard import collect
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import Task, read_task
from linkage.challenge.task_reading import digest
from linkage.errors import OutputError

SETTINGS = ChallengeSettings()


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return read_task(linkage_task(tmp_path / "suite" / "shop", splits=("test",)))


@pytest.fixture
def folder(tmp_path: Path, task: Task) -> ChallengeFolder:
    """A folder in which the task is done."""
    folder = ChallengeFolder(tmp_path / "out", SETTINGS)
    folder.open(force=False)
    folder.keep(record("shop", digest=digest(task)))
    folder.submission("shop").parent.mkdir()
    folder.submission("shop").write_text("left_id\n", encoding="utf-8")
    folder.write_board(collect(folder.records(), SETTINGS.identity()), "page")
    return folder


def test_what_was_done_is_known(folder: ChallengeFolder, task: Task) -> None:
    assert folder.holds(task)
    assert [one["task"] for one in folder.records()] == ["shop"]
    assert (folder.path / "leaderboard.md").read_text(encoding="utf-8") == "page"
    ChallengeFolder(folder.path, SETTINGS).open(force=False)
    assert folder.holds(task)


@pytest.mark.parametrize("what", ["half", "failed", "part", "changed", "submission", "other"])
def test_what_must_be_done_again(folder: ChallengeFolder, task: Task, what: str) -> None:
    path = folder.path / "tasks" / "shop.json"
    done = record("shop", digest=digest(task))
    if what == "half":
        path.write_text(path.read_text(encoding="utf-8")[:-50], encoding="utf-8")
    elif what == "failed":
        folder.keep({**done, "error": "killed."})
    elif what == "part":
        folder.keep({**done, "protocols": [{"protocol": "pair split", "error": "no."}]})
    elif what == "changed":
        (task.folder / "test.csv").write_text("left_id,right_id\nl1,r1\n", encoding="utf-8")
    elif what == "submission":
        folder.submission("shop").unlink()
    else:
        path.write_text("[]", encoding="utf-8")
    assert not folder.holds(task)


def test_half_a_record_is_no_record(folder: ChallengeFolder) -> None:
    (folder.path / "tasks" / "half.json").write_text('{"task": "ha', encoding="utf-8")
    (folder.path / "tasks" / "none.json").write_text("{}", encoding="utf-8")
    assert [one["task"] for one in folder.records()] == ["shop"]


def test_other_settings_are_refused_unless_forced(folder: ChallengeFolder, task: Task) -> None:
    other = ChallengeFolder(folder.path, replace(SETTINGS, quality="fast", seeds=1))
    with pytest.raises(OutputError) as caught:
        other.open(force=False)
    assert "quality was auto and is fast; seeds was 3 and is 1" in str(caught.value)
    assert "--force" in str(caught.value)
    assert folder.holds(task), "nothing was touched"
    mine = [folder.path / name for name in ("notes.txt", "tasks/own.json", "submission/own.csv")]
    for path in mine:
        path.write_text("{}", encoding="utf-8")
    other.open(force=True)
    assert not other.holds(task)
    assert other.records() == []
    assert not folder.submission("shop").exists()
    assert all(path.exists() for path in mine), "what is not ours stays"


def test_threads_may_differ(folder: ChallengeFolder) -> None:
    ChallengeFolder(folder.path, replace(SETTINGS, threads=1)).open(force=False)


def test_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    for force in (False, True):
        with pytest.raises(OutputError, match="not results of this program"):
            ChallengeFolder(tmp_path, SETTINGS).open(force=force)
    (tmp_path / "leaderboard.json").write_text(json.dumps({"a": 1}), encoding="utf-8")
    with pytest.raises(OutputError, match="is no leaderboard of this program"):
        ChallengeFolder(tmp_path, SETTINGS).open(force=False)


def test_clearing_leaves_nothing_of_a_task(folder: ChallengeFolder, task: Task) -> None:
    folder.clear("shop")
    assert folder.records() == []
    assert not folder.submission("shop").exists()
    folder.clear("shop")
