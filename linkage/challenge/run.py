"""A challenge: every task of a suite run unattended, and a leaderboard kept complete throughout.

The results folder holds ``tasks/<task>.json``, the record of each task that was run,
``submission/<task>.csv``, ``leaderboard.json`` and ``leaderboard.md``. A record is written once its
task is done, so that a run that was killed goes on with the first task that has none.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from linkage.challenge.folder import ChallengeFolder
from linkage.challenge.leaderboard import collect
from linkage.challenge.leaderboard_page import render_leaderboard
from linkage.challenge.settings import ChallengeSettings
from linkage.challenge.task import Task, find_tasks, read_task
from linkage.challenge.task_process import Message, run_in_process
from linkage.challenge.task_reading import digest
from linkage.errors import InputError, LinkageError
from linkage.io.destination.claims import claim_folder
from linkage.io.destination.folder_kinds import CHALLENGE
from linkage.io.destination.protected import Input
from linkage.runtime import ProgressFunction

__all__ = ["run_challenge"]


def run_challenge(
    suite: str | Path,
    output: str | Path,
    settings: ChallengeSettings | None = None,
    *,
    names: Sequence[str] = (),
    force: bool = False,
    debug: bool = False,
    progress: ProgressFunction | None = None,
) -> dict[str, Any]:
    """Run the tasks of a suite, each in a process of its own.

    What the results folder already holds of the same settings is kept: tasks that were done and
    whose files have not changed are not run again, unless they failed.

    Args:
        suite: A folder of task folders, or one task folder.
        output: The results folder.
        settings: How tasks are run.
        names: Which tasks to run; all if empty. What is there of others stays on the board.
        force: Whether to start over, replacing all earlier results.
        debug: Whether the tasks' own messages go to standard error.
        progress: Called with a step's name and the share of it that is done.

    Returns:
        The leaderboard; see :func:`linkage.challenge.leaderboard.collect`.

    Raises:
        InputError: If the suite holds no task that can be read.
        OutputError: If the folder is not ours, or holds results of other settings.

    """
    settings = settings or ChallengeSettings()
    folders = find_tasks(suite, names)
    tasks: dict[str, Task] = {}
    unreadable: dict[str, str] = {}
    for path in folders:
        try:
            tasks[path.name] = read_task(path)
        except LinkageError as error:
            unreadable[path.name] = str(error)
    if not tasks:
        raise InputError(
            f"No task of {suite} can be read. The first says: {next(iter(unreadable.values()))}"
        )
    inputs = [Input("suite", Path(suite)), *(Input("task", path) for path in folders)]
    inputs += [Input("table", path) for task in tasks.values() for path in task.files.values()]
    folder = ChallengeFolder(output, settings)
    with claim_folder(output, force=True, kind=CHALLENGE, inputs=inputs):
        folder.open(force=force)
        return _run_tasks(folders, tasks, unreadable, folder, progress, debug=debug)


def _run_tasks(
    folders: Sequence[Path],
    tasks: Mapping[str, Task],
    unreadable: Mapping[str, str],
    folder: ChallengeFolder,
    progress: ProgressFunction | None,
    *,
    debug: bool,
) -> dict[str, Any]:
    """Run the tasks that have no result yet; returns the leaderboard."""
    pending = [path.name for path in folders]
    board = _write_board(folder, pending)
    for number, path in enumerate(folders, start=1):
        name = path.name
        if name in unreadable:
            folder.clear(name)
            folder.keep({"task": name, "error": unreadable[name]})
        elif not folder.holds(tasks[name]):
            told = _named_progress(progress, f"{name} ({number} of {len(folders)})")
            folder.clear(name)
            folder.keep(_run_task(tasks[name], folder, told, debug=debug))
        pending.remove(name)
        board = _write_board(folder, pending)
    return board


def _run_task(
    task: Task,
    folder: ChallengeFolder,
    progress: ProgressFunction,
    *,
    debug: bool,
) -> dict[str, Any]:
    """Run a task and return its record, also where the task failed."""
    record: dict[str, Any] = {
        "task": task.name,
        "title": task.title,
        "kind": task.kind,
        "published": [asdict(one) for one in task.published],
        "protocols": [],
        "submission": None,
        "error": None,
        "digest": digest(task),
    }

    def gather(message: Message) -> None:
        record["peak_memory_mb"] = message.get("memory", record.get("peak_memory_mb"))
        record.update(message.get("data", {}))
        record.update(message.get("end", {}))
        if "error" in message:
            record["error"] = message["error"]
        if "outcome" in message:
            outcome = dict(message["outcome"])
            rows = outcome.pop("submitted", None)
            if rows is not None:
                record["submission"] = {"protocol": outcome["protocol"], "rows": rows}
            record["protocols"].append(outcome)
        if "step" in message:
            progress(message["step"], message["share"])

    begun = time.perf_counter()
    run_in_process(task.folder, folder.settings, folder.submission(task.name), gather, debug=debug)
    record["seconds"] = time.perf_counter() - begun
    return record


def _named_progress(progress: ProgressFunction | None, name: str) -> ProgressFunction:
    def tell(step: str, share: float | None) -> None:
        if progress is not None:
            progress(f"{name}, {step}", share)

    return tell


def _write_board(folder: ChallengeFolder, pending: Sequence[str]) -> dict[str, Any]:
    board = collect(folder.records(), folder.settings.identity(), pending)
    folder.write_board(board, render_leaderboard(board))
    return board
