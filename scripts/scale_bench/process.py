"""Commands in processes of their own: wall and processor seconds, and peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Measured", "run_measured"]

#: Seconds between two looks at a process.
_PAUSE = 0.05


@dataclass(frozen=True)
class Measured:
    """What a command took.

    Attributes:
        code: Its exit code.
        wall: Seconds from start to end, with the interpreter's own start.
        cpu: Processor seconds, user and system, of all its threads.
        peak_mb: Largest resident memory, MiB.
        output: The end of what it printed.
    """

    code: int
    wall: float
    cpu: float
    peak_mb: float
    output: str


def run_measured(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> Measured:
    """Run a command to its end and measure it.

    Args:
        command: The program and its arguments.
        log: Where its output goes.
        environment: Variables set for it beside the present ones.
    """
    begun = time.perf_counter()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        peak = 0.0
        # Of this one process, where getrusage knows only the largest of all that ever ended.
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak = max(peak, _peak_of(process.pid))
            time.sleep(_PAUSE)
        _, status, usage = ended
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    return Measured(
        process.returncode,
        round(wall, 2),
        round(usage.ru_utime + usage.ru_stime, 2),
        round(peak or usage.ru_maxrss / 1024, 1),
        log.read_text(encoding="utf-8", errors="replace")[-2000:],
    )


def _peak_of(process: int) -> float:
    """Largest resident memory of a process until now, MiB; 0 where the system does not tell.

    What it tells once a process has ended also counts the one that started it.
    """
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return float(found[0]) / 1024 if found else 0.0
