"""Progress in the terminal: each step that takes over a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from linkage.cli.plain_console import PlainConsole

__all__ = ["StepDisplay"]

_SHOWN_SECONDS = 1.0


class _SlowSteps(Progress):
    """A progress display of those steps that have taken a second."""

    def get_renderables(self) -> Iterable[RenderableType]:
        slow = [task for task in self.tasks if (task.elapsed or 0.0) >= _SHOWN_SECONDS]
        if slow:
            yield self.make_tasks_table(slow)


class StepDisplay:
    """A progress function that shows steps on standard error.

    On a terminal the running step has a bar. A finished step leaves one line with its seconds,
    if it took over a second or ``verbose`` is set.

    Args:
        quiet: Show nothing.
        verbose: Show every step.
        console: Where to show them; standard error if not given.

    """

    def __init__(
        self, *, quiet: bool = False, verbose: bool = False, console: Console | None = None
    ) -> None:
        self._quiet = quiet
        self._verbose = verbose
        self._console = console or PlainConsole(file=sys.stderr, highlight=False)
        self._step: str | None = None
        self._started = 0.0
        self._task: TaskID | None = None
        self._live: Progress | None = None

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal:
            self._live = _SlowSteps(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish(done=error is None)
        if self._live is not None:
            self._live.stop()

    def __call__(self, step: str, fraction: float | None = None) -> None:
        """Show how far a step is.

        Args:
            step: Its name; a new name ends the step before.
            fraction: From 0 to 1, or None if unknown.

        """
        if step != self._step:
            self._finish(done=True)
            self._step, self._started = step, time.monotonic()
            if self._live is not None:
                total = None if fraction is None else 1.0
                self._task = self._live.add_task(step, total=total)
        if self._live is not None and self._task is not None and fraction is not None:
            self._live.update(self._task, total=1.0, completed=min(max(fraction, 0.0), 1.0))

    def _finish(self, *, done: bool) -> None:
        if self._step is None:
            return
        seconds = time.monotonic() - self._started
        if self._live is not None and self._task is not None:
            self._live.remove_task(self._task)
        if done and not self._quiet and (self._verbose or seconds >= _SHOWN_SECONDS):
            self._console.print(f"{self._step:<40} {seconds:7.1f} s", markup=False, highlight=False)
        self._step = self._task = None
