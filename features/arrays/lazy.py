"""Values that are computed when they are first asked for, and kept."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Lazy"]

Value = TypeVar("Value")


class Lazy(Generic[Value]):
    """A value that is computed at its first use, by one thread, and kept.

    Args:
        compute: gives the value; let go of once it has.
    """

    def __init__(self, compute: Callable[[], Value]) -> None:
        self._compute: Callable[[], Value] | None = compute
        self._found: list[Value] = []
        self._lock = Lock()

    def get(self) -> Value:
        """The value."""
        with self._lock:
            if self._compute is not None:
                self._found.append(self._compute())
                self._compute = None
        return self._found[0]
