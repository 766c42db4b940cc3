"""Cases run in forks of one warm process, so that what kills a case kills nothing else.

A fork runs a batch of cases and reports each on a pipe. One that dies, or that takes too long for a
case, costs that case; the rest of its batch is run by another fork.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import resource
import selectors
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

__all__ = ["Outcome", "internal_fault", "run_forked"]

#: Cases of a fork: a fork of a process of a gigabyte takes as long as some cases of reading.
_BATCH = 25
#: Lines of code shown of a case that does not end, and seconds to write them.
_TRACED, _DUMPING = 12, 0.5
#: Memory that a case may take beyond what the process has: none needs a tenth of it.
_MEMORY = 4 << 30

#: A case: takes its number, returns faults, one sentence each.
Case = Callable[[int], list[str]]


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes:
        number: of the case.
        faults: what went wrong, one sentence each; empty if nothing did.
        seconds: how long it took.
    """

    number: int
    faults: list[str]
    seconds: float


@dataclass
class _Fork:
    """A fork at work."""

    process: int
    reader: IO[bytes]
    trace: IO[bytes]  # where its code was when it was asked
    cases: list[int]
    begun: float = field(default_factory=time.monotonic)


def run_forked(
    case: Case, numbers: Sequence[int], *, jobs: int, limit: float, batch: int = _BATCH
) -> Iterator[Outcome]:
    """Run cases in forks of this process.

    Args:
        case: runs a case.
        numbers: of the cases.
        jobs: forks at a time.
        limit: seconds that a case may take.
        batch: cases of a fork.

    Yields:
        An outcome for each case, as they end.
    """
    waiting = [list(numbers[k : k + batch]) for k in range(0, len(numbers), batch)][::-1]
    forks: dict[int, _Fork] = {}
    with selectors.DefaultSelector() as selector:
        try:
            while waiting or forks:
                while waiting and len(forks) < jobs:
                    fork = _start(case, waiting.pop())
                    forks[fork.process] = fork
                    selector.register(fork.reader, selectors.EVENT_READ, fork)
                for key, _ in selector.select(0.2):
                    fork = key.data
                    line = fork.reader.readline()
                    if line:
                        yield _ended(fork, json.loads(line))
                        continue
                    yield from _dead(fork, "", forks, selector, waiting)
                for fork in list(forks.values()):
                    if time.monotonic() - fork.begun > limit:
                        said = f"did not end within {limit:.0f} seconds{_where(fork)}"
                        _kill(fork)
                        yield from _dead(fork, said, forks, selector, waiting)
        finally:
            for fork in forks.values():
                _kill(fork)
                os.waitpid(fork.process, 0)


def internal_fault(error: BaseException) -> str:
    """Return an exception that nobody foresaw as a sentence, with the line that raised it."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    text = str(error).split("\n")[0][:200]
    return f"internal error: {type(error).__name__}: {text} ({place})"


def _ended(fork: _Fork, faults: list[str]) -> Outcome:
    now = time.monotonic()
    outcome = Outcome(fork.cases.pop(0), faults, now - fork.begun)
    fork.begun = now
    return outcome


def _dead(
    fork: _Fork,
    said: str,
    forks: dict[int, _Fork],
    selector: selectors.BaseSelector,
    waiting: list[list[int]],
) -> Iterator[Outcome]:
    """Take a fork that ended off the list; what it was at when it died has failed."""
    selector.unregister(fork.reader)
    fork.reader.close()
    fork.trace.close()
    status = os.waitstatus_to_exitcode(os.waitpid(fork.process, 0)[1])
    del forks[fork.process]
    if fork.cases:
        died = f"died by {signal.Signals(-status).name}" if status < 0 else f"exit code {status}"
        yield _ended(fork, [said or died])
    if fork.cases:
        waiting.append(fork.cases)


def _where(fork: _Fork) -> str:
    """Return what a fork is at, the innermost calls of each thread."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(fork.process, signal.SIGUSR1)
    time.sleep(_DUMPING)
    fork.trace.seek(0)
    lines = fork.trace.read().decode("utf-8", "replace").splitlines()
    return "".join(f"\n    {line.strip()}" for line in lines[:_TRACED])


def _kill(fork: _Fork) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(fork.process, signal.SIGKILL)


def _start(case: Case, numbers: list[int]) -> _Fork:
    reader, writer = os.pipe()
    trace = tempfile.TemporaryFile()  # noqa: SIM115  (it is open as long as the fork)
    process = os.fork()
    if process:
        os.close(writer)
        # Unbuffered: what is read ahead would not wake the selector again.
        return _Fork(process, os.fdopen(reader, "rb", buffering=0), trace, numbers)
    try:
        os.close(reader)
        os.setpgid(0, 0)
        _limit_memory()
        faulthandler.disable()  # which would write of signals where the parent does
        faulthandler.register(signal.SIGUSR1, file=trace)
        with os.fdopen(writer, "wb", buffering=0) as out:
            for number in numbers:
                try:
                    faults = case(number)
                except BaseException as error:
                    faults = [internal_fault(error)]
                out.write(json.dumps(faults).encode() + b"\n")
    finally:
        os._exit(0)


def _limit_memory() -> None:
    """Let an allocation fail that would take the machine down."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        size = pages * resource.getpagesize() + _MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
