"""Orders by component are those of numpy's sorts."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.component_order import best_first, by_component


@pytest.mark.parametrize(("items", "components"), [(0, 0), (1, 1), (500, 7), (500, 400)])
def test_orders_are_those_of_numpy(items: int, components: int) -> None:
    rng = np.random.default_rng(items + components)
    component = rng.integers(0, max(components, 1), items).astype(np.int32)
    order = by_component(component, components)
    np.testing.assert_array_equal(order, np.argsort(component, kind="stable"))
    value = rng.integers(0, 9, items) / 8  # with ties
    rows = order[value[order] > 0.2].astype(np.int32)
    wanted = rows[np.lexsort((-value[rows], component[rows]))]
    best_first(rows, component, value)
    np.testing.assert_array_equal(rows, wanted)
