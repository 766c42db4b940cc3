"""Isotonic regression against SciPy's, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import isotonic_regression

from linkage.models.isotonic import nearest_rising


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 20, 60])
def test_equal_to_scipy(size):
    draw = np.random.default_rng(size)
    for _ in range(300):
        weights = draw.exponential(size=size) * 10.0 ** draw.integers(-9, 5, size)
        for values in (draw.normal(size=size), np.round(draw.normal(size=size)), np.arange(size)):
            mixed = values + np.arange(size) * draw.choice([-0.5, 0.0, 0.1])
            theirs = isotonic_regression(mixed, weights=weights).x
            assert nearest_rising(mixed, weights).tobytes() == theirs.tobytes()
            falling = isotonic_regression(mixed, weights=weights, increasing=False).x
            own = nearest_rising(mixed[::-1], weights[::-1])[::-1]
            assert own.tobytes() == np.ascontiguousarray(falling).tobytes()
