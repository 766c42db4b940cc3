"""Components are those of networkx, orders by them those of numpy's sorts."""

from __future__ import annotations

import networkx
import numpy as np
import pytest

from linkage.clustering.component_kernels import (
    best_first,
    by_component,
    connected,
    relabelled,
)


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


@pytest.mark.parametrize(("records", "groups", "edges"), [(0, 0, 0), (60, 60, 40), (200, 90, 70)])
def test_components_are_those_of_networkx(records: int, groups: int, edges: int) -> None:
    rng = np.random.default_rng(edges)
    group = rng.permutation(np.arange(records) % max(groups, 1))
    left, right = (rng.integers(0, max(records, 1), edges).astype(np.int32) for _ in range(2))
    joined = rng.random(edges) < 0.8
    graph = networkx.Graph()
    graph.add_nodes_from(range(groups))
    graph.add_edges_from(zip(group[left[joined]], group[right[joined]], strict=True))
    wanted = np.empty(groups, int)
    for number, part in enumerate(sorted(networkx.connected_components(graph), key=min)):
        wanted[list(part)] = number
    np.testing.assert_array_equal(connected(groups, group, left, right, joined), wanted)


def test_labels_are_numbered_as_they_appear() -> None:
    labels = np.array([7, 2, 7, 0, 2, 5])
    np.testing.assert_array_equal(relabelled(labels), [0, 1, 0, 2, 1, 3])
