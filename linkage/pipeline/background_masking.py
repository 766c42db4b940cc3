"""Background masking: the next definition's records are collapsed while another is matched.

Masking and much of matching use one thread each; side by side they take half the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["BackgroundMasking"]


class BackgroundMasking:
    """Collapsed records by match definition, the next of them made in the background.

    To be used in a ``with`` block, which waits for the background thread at its end.

    Args:
        jobs: what collapses the records, by definition, in the order of use. A job must not depend
            on the results of other definitions.
        threads: threads that the run may use; with one nothing is made in the background.
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
        """The collapsed records of a definition; None without a job for it, or at a second call.

        Waits for them where they are being made.
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
        """Starts the next job in the background, unless another's result has not been taken yet.

        To be called once a definition's candidates are found, not before: memory is at its peak
        while its records are prepared and joined.
        """
        if self._pool is not None and self._under_way is None and self._jobs:
            name, job = next(iter(self._jobs.items()))
            self._under_way = name, self._pool.submit(job)
