"""One task in a process of its own.

Its peak memory is then measured alone, and its failure stops no other task. The process reads its
job as one line of JSON from standard input, and reports progress and results as lines of JSON on
standard output: ``step`` and ``share``; ``data``, what the task holds; ``outcome``,
a protocol that has finished; ``error``; and last ``end``.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from linkage.challenge.settings import ChallengeSettings
from linkage.io.output import plain_json, write_csv, write_file
from linkage.runtime import hardware, peak_memory, versions

if TYPE_CHECKING:
    from linkage.challenge.protocol_runs import Outcome
    from linkage.challenge.task_data import TaskData

__all__ = ["run_in_process", "work"]

#: Run by the new process. The module path is handed over, so that it finds what its parent found.
_PROGRAM = """
import json, os, sys
line = b""
while not line.endswith(b"\\n"):
    line += os.read(0, 1 << 16) or sys.exit("no task was given")
job = json.loads(line)
sys.path[:] = job["path"]
from linkage.challenge.task_process import work
work(job)
"""
#: Seconds between two reports of one step's share.
_QUIET_FOR = 0.2
_TAIL = 300

Message = dict[str, Any]


def run_in_process(
    folder: Path,
    settings: ChallengeSettings,
    submission: Path,
    on_message: Callable[[Message], None],
    *,
    debug: bool = False,
) -> None:
    """Run a task in a process of its own, and wait for it.

    Args:
        folder: The task's folder.
        settings: How it is run.
        submission: The CSV file to write.
        on_message: Called with each message; however the process ends, the last one has ``end``
            or ``error``.
        debug: Whether its standard error goes to ours.

    """
    job = {
        "path": sys.path,
        "folder": str(folder),
        "settings": settings.to_dict(),
        "submission": str(submission),
    }
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if debug else errors,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        last: Message = {}
        try:
            # Left open: its end tells the process that nobody waits for it any more.
            with contextlib.suppress(BrokenPipeError):
                _send(process.stdin, job)
            for line in process.stdout:
                last = json.loads(line)
                on_message(last)
            process.wait()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        if not {"end", "error"} & set(last):
            on_message({"error": _reason(process.returncode, errors)})


def work(job: Mapping[str, Any]) -> None:
    """Run a task in the process that was started for it.

    Args:
        job: ``folder``, ``settings`` and ``submission``.

    """
    # What libraries print must not come between the messages.
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Worker(messages, Path(job["submission"])).run(job)


class _Worker:
    """Runs a task and reports on it."""

    def __init__(self, messages: IO[bytes], submission: Path) -> None:
        self._messages = messages
        self._submission = submission
        self._written: Any = None
        self._step = ""
        self._told = 0.0

    def run(self, job: Mapping[str, Any]) -> None:
        """Read the task and run its protocols."""
        from linkage.challenge.classification import read_classification, run_classification
        from linkage.challenge.protocol_runs import run_protocols, sentence_of
        from linkage.challenge.task import read_task
        from linkage.challenge.task_reading import read_task_data
        from linkage.challenge.task_training import training_of
        from linkage.config.resolved import resolve_quality
        from linkage.errors import LinkageError

        settings = ChallengeSettings.from_dict(job["settings"])
        try:
            self._progress("read", None)
            task = read_task(job["folder"])
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                if task.is_classification:
                    rows_data = read_classification(task, settings)
                    described = rows_data.described()
                    running = run_classification(rows_data, settings, self._progress)
                else:
                    data = read_task_data(task)
                    described = _described(data, training_of(data, settings).leakage)
                    running = run_protocols(data, settings, self._progress)
            described["notes"] = [str(warning.message) for warning in caught]
            rows = sum(described["records"])
            described["quality"] = resolve_quality(settings.quality, rows)
            self._say({"data": described})
            for outcome in running:
                self._report(outcome)
        except Exception as error:
            self._say({"error": sentence_of(error)})
            if not isinstance(error, LinkageError):
                raise
        else:
            environment = {"hardware": hardware(settings.threads), "versions": versions()}
            self._say({"end": environment})

    def _report(self, outcome: Outcome) -> None:
        """Report an outcome; write its submission, if its protocol comes first so far."""
        from linkage.challenge.protocols import Protocol

        message: Message = {"protocol": outcome.protocol, **outcome.figures}
        if outcome.error is not None:
            message["error"] = outcome.error
        if outcome.submission is not None:
            rank = list(Protocol).index(outcome.protocol)
            if self._written is None or rank < self._written:
                self._written = rank
                write_file(self._submission, write_csv(outcome.submission), force=True)
                message["submitted"] = len(outcome.submission)
        self._say({"outcome": message})

    def _progress(self, step: str, share: float | None) -> None:
        if step == self._step and time.monotonic() - self._told < _QUIET_FOR:
            return
        self._step, self._told = step, time.monotonic()
        self._say({"step": step, "share": share})

    def _say(self, message: Message) -> None:
        _send(self._messages, {**message, "memory": peak_memory()})


def _described(data: TaskData, leakage: Mapping[str, Any]) -> dict[str, Any]:
    """Counts of a task: records, pairs of the splits, true matches, leakage."""
    splits = {"train": data.train, "valid": data.valid, "test": data.test}
    rows = [table.num_rows for table in data.tables]
    return {
        "records": rows,
        "attributes": dict(data.kinds),
        "ignore": data.task.ignore,
        "splits": {
            name: {"pairs": len(split), "positives": split.positives}
            for name, split in splits.items()
            if split is not None
        },
        "true_matches": None if data.matches is None else len(data.matches),
        "leakage": leakage,
    }


def _send(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    text = json.dumps(plain_json(message), ensure_ascii=True, allow_nan=False)
    stream.write(text.encode("ascii") + b"\n")
    stream.flush()


def _end_with_parent() -> None:
    """End the process once the one that waits for it is gone."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _reason(code: int, errors: IO[bytes]) -> str:
    """The reason why a process ended without a last message, in a sentence."""
    if code < 0:
        name = signal.Signals(-code).name
        reason = ", most likely for lack of memory" if -code == signal.SIGKILL else ""
        return f"the process of this task was ended by {name}{reason}."
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").strip().splitlines()
    said = f": {lines[-1][:_TAIL]}" if lines else ""
    return f"the process of this task ended by itself with exit code {code}{said}."
