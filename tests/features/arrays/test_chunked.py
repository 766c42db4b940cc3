"""Chunked work: in order, bounded, and its errors are heard."""

from __future__ import annotations

import threading
import time

import pytest

from features.arrays.chunked import in_order


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_the_jobs(threads: int) -> None:
    def work(job: int) -> int:
        time.sleep(0.002 * (job % 3))
        return job * job

    assert list(in_order(work, range(20), threads)) == [(k, k * k) for k in range(20)]
    assert list(in_order(work, [], threads)) == []


def test_no_more_jobs_are_taken_than_are_worked_on() -> None:
    taken = 0

    def jobs():
        nonlocal taken
        for k in range(100):
            taken += 1
            yield k

    results = in_order(lambda job: job, jobs(), 2)
    assert next(results) == (0, 0)
    assert taken <= 4
    results.close()
    assert taken <= 4


def test_several_threads_work() -> None:
    together = threading.Barrier(2, timeout=10)
    names = {name for _, name in in_order(lambda _: _name(together), range(4), 2)}
    assert len(names) == 2


def _name(together: threading.Barrier) -> str:
    together.wait()
    return threading.current_thread().name


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_a_job_is_raised(threads: int) -> None:
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda job: 1 // job, [1, 0, 2], threads))
