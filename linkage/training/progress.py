"""Reports of progress within a step of learning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

__all__ = ["ShareFunction", "part_of_progress", "report_share"]

#: Called with the share of the work that is done, 0 to 1.
ShareFunction: TypeAlias = Callable[[float], None]


def part_of_progress(
    progress: ShareFunction | None, start: float, stop: float
) -> ShareFunction | None:
    """Return a function that reports the progress of one part as progress of the whole.

    Args:
        progress: Called with the share of the whole that is done; None if nobody listens.
        start: Share of the whole that is done when the part begins.
        stop: Share of the whole that is done when the part ends.

    Returns:
        A function to be called with the share of the part; None if nobody listens.

    """
    return None if progress is None else lambda done: progress(start + (stop - start) * done)


def report_share(progress: ShareFunction | None, share: float) -> None:
    """Report the share that is done, at most 1, if somebody listens."""
    if progress is not None:
        progress(min(share, 1.0))
