"""Signals that end a run: it removes what it has not finished, and its locks, before it exits."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

__all__ = ["Terminated", "ends_in_order", "flushed_output"]

#: What batch systems and closing terminals send.
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
#: Seconds in which the same signal again does not interrupt the tidying: a terminal that closes
#: sends it once, and its shell once more.
_TIDYING = 5.0


class Terminated(SystemExit):
    """The process was told to end; its exit code is 128 and the number of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.signal = signal.Signals(number).name


@contextlib.contextmanager
def ends_in_order() -> Iterator[None]:
    """Let signals that end the process unwind what it does, as an interruption from the keyboard.

    A signal that the process was told to ignore (``nohup``) stays ignored.
    """
    first: list[float] = []

    def end(number: int, _frame: FrameType | None) -> None:
        if first and time.monotonic() - first[0] < _TIDYING:
            return
        first.append(time.monotonic())
        raise Terminated(number)

    if threading.current_thread() is not threading.main_thread():
        yield  # signals concern the main thread alone
        return
    before = {one: signal.getsignal(one) for one in _SIGNALS}
    caught = [one for one, handler in before.items() if handler is signal.SIG_DFL]
    for one in caught:
        signal.signal(one, end)
    try:
        yield
    finally:
        for one in caught:
            signal.signal(one, before[one])


@contextlib.contextmanager
def flushed_output() -> Iterator[None]:
    """Write out what was printed, so that a full disk or a closed pipe is an error in time."""
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError:
        # What is left would be tried again as Python exits, which then says so in its own way.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
