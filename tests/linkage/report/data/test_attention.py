"""The pairs most worth a look."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.report.data.attention import _LOOKED_THROUGH, _lowest


@pytest.mark.parametrize("number", [0, 1, _LOOKED_THROUGH, _LOOKED_THROUGH + 1, 5000])
@pytest.mark.parametrize("distinct", [2, 700, 1 << 30])
def test_the_lowest_values_are_those_of_a_stable_order(number: int, distinct: int) -> None:
    values = np.random.default_rng(number).integers(0, distinct, number).astype(float)
    expected = np.argsort(values, kind="stable")[:_LOOKED_THROUGH]
    assert _lowest(values).tolist() == expected.tolist()
