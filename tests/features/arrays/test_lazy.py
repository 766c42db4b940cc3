"""Lazy values: computed once, and only when asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from features.arrays.lazy import Lazy


def test_a_value_is_computed_once_and_late() -> None:
    calls: list[int] = []

    def compute() -> int:
        calls.append(1)
        return 7

    value = Lazy(compute)
    assert calls == []
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda _: value.get(), range(20))) == [7] * 20
    assert calls == [1]
