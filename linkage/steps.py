"""The steps of a run: their seconds and peak memory, and progress for whoever watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from linkage.environment import peak_memory, release_memory

__all__ = ["ProgressFunction", "StepLog", "StepRecord"]

#: Called with a step's name and the share of it that is done, None where that is not known.
ProgressFunction = Callable[[str, float | None], None]


@dataclass
class StepRecord:
    """One step as it went.

    Attributes:
        name: what was done.
        seconds: wall-clock seconds.
        peak_memory_mb: largest resident memory of the process up to the step's end, in MiB.
    """

    name: str
    seconds: float
    peak_memory_mb: float


@dataclass
class StepLog:
    """Collects the steps of a run.

    Attributes:
        progress: told of every step; None where nobody watches.
        steps: finished steps in order.
    """

    progress: ProgressFunction | None = None
    steps: list[StepRecord] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[float], None]]:
        """Times a step; yields a function to be called with the share that is done.

        What the step leaves free is given back to the system.
        """
        self.tell(name, None)
        begun = time.perf_counter()
        yield lambda share: self.tell(name, share)
        release_memory()
        self.steps.append(StepRecord(name, round(time.perf_counter() - begun, 3), peak_memory()))
        self.tell(name, 1.0)

    def tell(self, name: str, share: float | None) -> None:
        """Passes progress on."""
        if self.progress is not None:
            self.progress(name, share)
