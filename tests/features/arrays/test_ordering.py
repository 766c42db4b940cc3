"""Stable orders, against numpy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from features.arrays.ordering import stable_order

floats = st.one_of(
    st.sampled_from([0.0, -0.0, 0.5, 0.5 + 2**-53, 0.25, 1.0]),
    st.floats(allow_nan=False, allow_infinity=False),
)


def expected(values: np.ndarray, falling: bool) -> np.ndarray:
    if falling:
        last = len(values) - 1
        return last - np.argsort(values[::-1], kind="stable")[::-1]
    return np.argsort(values, kind="stable")


@given(arrays.arrays(np.float64, st.integers(0, 80), elements=floats), st.booleans())
def test_floats(values: np.ndarray, falling: bool) -> None:
    np.testing.assert_array_equal(stable_order(values, falling=falling), expected(values, falling))


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint64, np.int8])
@given(st.data())
def test_whole_numbers(kind: type, data: st.DataObject) -> None:
    values = data.draw(arrays.arrays(kind, st.integers(0, 80)))
    for falling in (False, True):
        found = stable_order(values, falling=falling)
        np.testing.assert_array_equal(found, expected(values, falling))


@pytest.mark.parametrize("scale", [1.0, 1e-13])
def test_many_that_begin_alike(scale: float) -> None:
    random = np.random.default_rng(0)
    values = 0.5 + scale * random.integers(0, 300, 20_000)
    for some in (values, (values * 2**50).astype(np.int64)):
        np.testing.assert_array_equal(stable_order(some), expected(some, False))
        np.testing.assert_array_equal(stable_order(some, falling=True), expected(some, True))
