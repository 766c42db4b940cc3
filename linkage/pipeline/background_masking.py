"""Masking ahead: the next definition's records are masked while another is being answered.

Much of a run is done by one thread, and masking is, too; side by side they take half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["BackgroundMasking"]


class BackgroundMasking:
    """Groupings by match definition, one of them made ahead; to be used in a ``with`` block.

    Args:
        jobs: what makes each grouping, by definition, in the order in which they are wanted. It
            must not depend on what becomes of other definitions.
        threads: threads that the run may use; with one nothing is done ahead.
    """

    def __init__(self, jobs: Mapping[str, Callable[[], CollapsedRecords]], threads: int) -> None:
        self._jobs = dict(jobs)
        self._pool = ThreadPoolExecutor(1) if threads > 1 and jobs else None
        self._under_way: tuple[str, Future[CollapsedRecords]] | None = None

    def __enter__(self) -> BackgroundMasking:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._jobs, self._under_way = {}, None

    def take(self, definition: str) -> CollapsedRecords | None:
        """The grouping of a definition, once; None where it is not one of the jobs, or is taken.

        Waits for it where it is under way.
        """
        job = self._jobs.pop(definition, None)
        if job is None:
            return None
        if self._under_way is None or self._under_way[0] != definition:
            return job()
        collapsed = self._under_way[1].result()
        self._under_way = None
        return collapsed

    def begin(self) -> None:
        """Begins the grouping that is wanted next, unless one is under way or waits to be taken.

        To be called once a definition's candidates are found, not before: most memory is in use
        while its records are prepared and joined. Much of learning is done by one thread.
        """
        if self._pool is not None and self._under_way is None and self._jobs:
            name, job = next(iter(self._jobs.items()))
            self._under_way = name, self._pool.submit(job)
