"""What ``linkage challenge`` does, once its arguments are parsed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from linkage.challenge.folder import PAGE
from linkage.challenge.leaderboard import failures
from linkage.challenge.protocols import parse_protocols
from linkage.challenge.run import run_challenge
from linkage.challenge.settings import ChallengeSettings
from linkage.cli.progress import StepDisplay
from linkage.cli.run_options import RunOptions
from linkage.cli.terminal_text import say
from linkage.errors import LinkageError

__all__ = ["run_challenge_command"]


class _FailedTasksError(LinkageError):
    """Tasks that failed, once all others have been run."""


def run_challenge_command(
    suite: Path,
    output: Path,
    options: RunOptions,
    *,
    tasks: Sequence[str],
    protocols: Sequence[str],
    seeds: int,
    split: str,
    as_stored: bool,
) -> None:
    """Run the tasks of a suite, and say where the leaderboard is."""
    settings = ChallengeSettings(
        quality=options.quality or "auto",
        seeds=seeds,
        split=split,
        as_stored=as_stored,
        protocols=parse_protocols(_names(protocols)),
        threads=options.threads,
    )
    with StepDisplay(quiet=options.quiet, verbose=options.verbose) as display:

        def show(step: str, share: float | None) -> None:
            # The protocol alone names the line, unless every step is wanted.
            shown, _, inner = step.partition(": ")
            hidden = bool(inner) and not options.verbose
            display(step if options.verbose else shown, None if hidden else share)

        board = run_challenge(
            suite,
            output,
            settings,
            names=_names(tasks),
            force=options.force,
            debug=options.debug,
            progress=show,
        )
    if not options.quiet:
        say(_summary(board))
        say(f"leaderboard: {output / PAGE}")
    _report_failures(board)


def _names(given: Sequence[str]) -> list[str]:
    """Names as given, each alone or several with commas between."""
    return [name.strip() for text in given for name in text.split(",") if name.strip()]


def _summary(board: dict[str, Any]) -> str:
    lines = []
    for one in board["averages"]:
        if one["f1"] is not None:
            count = f"{one['tasks']} task{'' if one['tasks'] == 1 else 's'}"
            accuracy = one.get("accuracy")
            more = "" if accuracy is None else f", accuracy {100 * accuracy:5.1f}"
            lines.append(f"{one['protocol']:<26} F1 {100 * one['f1']:5.1f}{more}  mean of {count}")
    return "\n".join(lines) or "no task has a truth to be judged by"


def _report_failures(board: dict[str, Any]) -> None:
    lines = [
        f"{task['task']}{f', {protocol}' if protocol else ''}: {sentence}"
        for task in board["tasks"]
        for protocol, sentence in failures(task)
    ]
    if lines:
        count = sum(bool(failures(task)) for task in board["tasks"])
        listed = "".join(f"\n  - {line}" for line in lines)
        raise _FailedTasksError(
            f"{count} of {len(board['tasks'])} tasks failed.{listed}",
            hint="The same command runs them again, and only them.",
        )
