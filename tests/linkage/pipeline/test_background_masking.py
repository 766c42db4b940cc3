"""Groupings made ahead are those that were asked for, once each."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from linkage.pipeline.background_masking import BackgroundMasking


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("order", ["ab", "ba"])
def test_each_job_runs_once(threads: int, order: str) -> None:
    made: list[str] = []

    def job(name: str) -> Any:
        return lambda: made.append(name) or f"collapsed {name}"

    with BackgroundMasking({name: job(name) for name in "ab"}, threads) as ahead:
        ahead.begin()
        ahead.begin()
        assert [ahead.take(name) for name in order] == [f"collapsed {name}" for name in order]
        assert ahead.take("a") is None
        assert ahead.take("c") is None
    assert sorted(made) == ["a", "b"]


def test_the_next_one_is_made_meanwhile() -> None:
    begun = threading.Event()
    jobs: Any = {"a": lambda: "a", "b": lambda: begun.set() or "b"}
    with BackgroundMasking(jobs, 2) as ahead:
        assert ahead.take("a") == "a"
        assert not begun.is_set()
        ahead.begin()
        assert begun.wait(30), "b was not begun before it was asked for"


def test_an_error_of_a_job_is_raised_by_take() -> None:
    def job() -> Any:
        raise ValueError("no such column")

    with BackgroundMasking({"a": job}, 2) as ahead:
        ahead.begin()
        with pytest.raises(ValueError, match="no such column"):
            ahead.take("a")
