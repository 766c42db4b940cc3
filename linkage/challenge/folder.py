"""The results folder of a challenge, with the results of earlier runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from linkage.challenge.leaderboard import failures
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import Task
from linkage.challenge.task_reading import digest
from linkage.errors import OutputError
from linkage.io.destination.claims import check_folder
from linkage.io.destination.folder_kinds import CHALLENGE
from linkage.io.output import write_file, write_json, write_text

__all__ = ["BOARD", "PAGE", "ChallengeFolder"]

BOARD = CHALLENGE.marker
PAGE = "leaderboard.md"
_RECORDS, _SUBMISSIONS = "tasks", "submission"


class ChallengeFolder:
    """Keeps the record and the submission of each task, and the leaderboard.

    Args:
        folder: Where results go.
        settings: Those of the run.

    """

    def __init__(self, folder: str | Path, settings: ChallengeSettings) -> None:
        self.path = Path(folder)
        self.settings = settings

    def open(self, *, force: bool) -> None:
        """Begin the folder, or continue the run that it holds.

        Args:
            force: Whether to start over.

        Raises:
            OutputError: If it holds what is not ours, or results of other settings that may not
                be replaced.

        """
        check_folder(self.path, force=True, kind=CHALLENGE)
        if force:
            for record in self.records():  # other files in its folders are not ours
                self.clear(record["task"])
        elif (self.path / BOARD).exists():
            self._refuse_other_settings()

    def submission(self, name: str) -> Path:
        """Return where a task's submission goes."""
        return self.path / _SUBMISSIONS / f"{name}.csv"

    def holds(self, task: Task) -> bool:
        """Whether a task has a result without errors, and its files have not changed since."""
        record = _read_json(self._record(task.name))
        if record is None or failures(record) or record.get("digest") != digest(task):
            return False
        return record.get("submission") is None or self.submission(task.name).is_file()

    def clear(self, name: str) -> None:
        """Remove the results of a task."""
        self._record(name).unlink(missing_ok=True)
        self.submission(name).unlink(missing_ok=True)

    def keep(self, record: dict[str, Any]) -> None:
        """Write a task's record, whole or not at all."""
        write_file(self._record(record["task"]), write_json(record), force=True)

    def records(self) -> list[dict[str, Any]]:
        """Return the records of tasks, by name; files that are no whole record are passed over."""
        found = {path.stem: _read_json(path) for path in self.path.glob(f"{_RECORDS}/*.json")}
        return [
            record
            for name, record in sorted(found.items())
            if record and record.get("task") == name
        ]

    def write_board(self, board: dict[str, Any], page: str) -> None:
        """Write the leaderboard and its page."""
        write_file(self.path / BOARD, write_json(board), force=True)
        write_file(self.path / PAGE, write_text(page), force=True)

    def _record(self, name: str) -> Path:
        return self.path / _RECORDS / f"{name}.json"

    def _refuse_other_settings(self) -> None:
        held = (_read_json(self.path / BOARD) or {}).get("settings") or {}
        other = [
            f"{name} was {_shown(held.get(name))} and is {_shown(value)}"
            for name, value in self.settings.identity().items()
            if held.get(name) != value
        ]
        if other:
            raise OutputError(
                f"{self.path} holds results of other settings: {'; '.join(other)}.",
                hint="Name another folder, or start over with --force.",
            )


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
