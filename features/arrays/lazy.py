"""A value that is computed on first use and cached."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Lazy"]

Value = TypeVar("Value")


class Lazy(Generic[Value]):
    """A value that is computed on first use, by one thread, and cached.

    Args:
        compute: computes the value; it is called once and then freed with all that it refers to.
    """

    def __init__(self, compute: Callable[[], Value]) -> None:
        self._compute: Callable[[], Value] | None = compute
        self._found: list[Value] = []
        self._lock = Lock()

    def get(self) -> Value:
        """The value, computed if this is the first call."""
        with self._lock:
            if self._compute is not None:
                self._found.append(self._compute())
                self._compute = None
        return self._found[0]
