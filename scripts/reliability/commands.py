"""Command lines run in this process, and what is wrong with how they ended."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from linkage.cli.app import main
from linkage.errors import LinkageError
from reliability.forks import internal_fault

__all__ = ["Ended", "command_faults", "left_behind", "run_command"]

#: Exit codes that `linkage.cli.app.main` documents for runs that no signal ends.
_CODES = (0, 1, 2)
_OURS = re.compile(r"^(error: |Usage: )|^.{0,3} Error ", re.MULTILINE)


@dataclass(frozen=True)
class Ended:
    """How a command ended.

    Attributes:
        code: its exit code.
        out: what it said on standard output.
        err: what it said on standard error.
        fault: an exception that it let through and should not have, or an empty string.
    """

    code: int
    out: str
    err: str
    fault: str = ""


def run_command(arguments: Sequence[str], *, out: Path | None = None) -> Ended:
    """Run a command line in this process.

    Args:
        arguments: without the program's name.
        out: a file or device that is standard output, in place of one that is read.
    """
    code, fault = 0, ""
    with _captured(1, out) as said, _captured(2, None) as complained:
        try:
            main(list(arguments))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except (LinkageError, OSError) as error:  # as --debug asks for
            code = error.exit_code if isinstance(error, LinkageError) else 1
            fault = "" if "--debug" in arguments else internal_fault(error)
        except BaseException as error:
            code, fault = 1, internal_fault(error)
        texts = [_text(file) for file in (said, complained)]
    return Ended(code, *texts, fault)


def command_faults(ended: Ended, arguments: Sequence[str]) -> list[str]:
    """Return what is wrong with how a command ended, in sentences.

    Args:
        ended: how it ended.
        arguments: of the command.
    """
    faults = [ended.fault] if ended.fault else []
    unforeseen = re.search(r"this should not have happened \((.*)", ended.err, re.IGNORECASE)
    if unforeseen:
        faults.append(f"internal error: {unforeseen[1][:200]}")
    elif "Traceback" in ended.err and "--debug" not in arguments:
        faults.append(f"a traceback: {ended.err.strip().splitlines()[-1][:200]}")
    explained = _OURS.search(ended.err) is not None
    if ended.code not in _CODES:
        faults.append(f"exit code {ended.code}")
    elif ended.code == 0 and explained:
        faults.append(f"exit code 0 with an error: {ended.err.strip()[:200]}")
    elif ended.code and not explained and not faults and "--debug" not in arguments:
        faults.append(f"exit code {ended.code} without an error: {ended.err.strip()[-200:]!r}")
    if faults:
        faults.append("command: linkage " + " ".join(map(repr, arguments)))
    return faults


def left_behind(folder: Path, *, stages: bool = False) -> list[str]:
    """Return the names of unfinished files, of locks and of earlier results that are in a folder.

    Args:
        folder: the folder of the outputs.
        stages: whether stages that a resumed run may use are allowed.
    """
    made = re.compile(r"\..*\.(new|old)-.*|\..*\.lock|\..*\.stages")
    found = sorted(path.name for path in folder.iterdir() if made.fullmatch(path.name))
    return [name for name in found if not (stages and name.endswith(".stages"))]


@contextlib.contextmanager
def _captured(handle: int, place: Path | None) -> Iterator[IO[bytes]]:
    """Send what is written to a file handle into a file, also by compiled code."""
    stream = {1: sys.stdout, 2: sys.stderr}[handle]
    stream.flush()
    before = os.dup(handle)
    with tempfile.TemporaryFile() if place is None else place.open("wb") as file:
        os.dup2(file.fileno(), handle)
        try:
            yield file
        finally:
            with contextlib.suppress(OSError):
                stream.flush()
            os.dup2(before, handle)
            os.close(before)


def _text(file: IO[bytes]) -> str:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    if not file.readable():
        return ""
    file.seek(0)
    return file.read().decode("utf-8", "replace")
