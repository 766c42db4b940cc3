"""Parallel work in chunks, with results in order and only those under way in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_order"]

Job = TypeVar("Job")
Done = TypeVar("Done")


def in_order(
    work: Callable[[Job], Done], jobs: Iterable[Job], threads: int
) -> Iterator[tuple[Job, Done]]:
    """Yields each job with its result, in the order of the jobs, computed by several threads.

    Args:
        work: computes the result of a job. It must not depend on the other jobs, so that the
            results do not depend on the number of threads.
        jobs: the jobs; the iterator is advanced only as threads become free.
        threads: jobs computed at a time; at most one more finished result waits to be yielded.
    """
    if threads <= 1:
        for job in jobs:
            yield job, work(job)
        return
    under_way: deque[tuple[Job, Future[Done]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for job in jobs:
                under_way.append((job, pool.submit(work, job)))
                if len(under_way) > threads:
                    done, future = under_way.popleft()
                    yield done, future.result()
            while under_way:
                done, future = under_way.popleft()
                yield done, future.result()
        finally:
            for _, future in under_way:
                future.cancel()
