"""Stable sorts against numpy's."""

from __future__ import annotations

import numpy as np
import pytest

from features.arrays.sort_kernels import falling_order, rising_order


@pytest.mark.parametrize("size", [0, 1, 2, 3, 16, 33, 100, 1000])
def test_orders_are_those_of_numpy(size):
    draw = np.random.default_rng(size)
    few = draw.integers(0, 7, size).astype(np.uint64)
    for keys in (few, few << np.uint64(61), draw.integers(0, 2**64, size, np.uint64)):
        assert rising_order(keys).tolist() == np.argsort(keys, kind="stable").tolist()
    rounded = np.round(draw.normal(size=size), 1)
    for values in (rounded, -np.abs(rounded) * 0.0, rounded * 1e300, few.astype(float)):
        assert falling_order(values).tolist() == np.argsort(-values, kind="stable").tolist()


def test_both_zeros_and_both_infinities():
    values = np.array([0.0, -np.inf, -0.0, np.inf, 0.0, -1e-310])
    assert falling_order(values).tolist() == [3, 0, 2, 4, 5, 1]
