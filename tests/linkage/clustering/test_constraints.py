"""What a cluster may not hold: values of its records, lists of them, pairs that are forbidden."""

from __future__ import annotations

import numpy as np
import pytest
from average_link_oracle import cluster, graphs, oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustering.constraints import Constraints


def entries(lists: object, cluster: int) -> list[int]:
    out, entry = [], lists.head[cluster]
    while entry >= 0:
        out.append(int(lists.value[entry]))
        entry = lists.following[entry]
    return out


def test_value_lists() -> None:
    once = (np.array([0, 2, 3, 0]), np.array([5, 5, 7, 9]))
    lists, sides = Constraints(once=(once,)).value_lists(np.array([0, 1, 2, 0]), 3)
    assert (lists.values, sides) == (3, 0)
    assert [entries(lists, k) for k in range(3)] == [[0, 1, 2], [], [0]]
    assert lists.tail[1] == -1


def test_sides_are_the_first_values() -> None:
    once = (np.array([0]), np.array([4]))
    side = np.array([1, -1, 3])
    lists, sides = Constraints(once=(once,)).value_lists(np.arange(3), 3, side)
    assert (lists.values, sides) == (3, 2)
    assert [entries(lists, k) for k in range(3)] == [[0, 2], [], [1]]


def test_two_values_in_a_starting_cluster_are_refused() -> None:
    constraints = Constraints(single=(np.array([0, -1, 1]),))
    assert constraints.single_values(np.array([0, 0, 1]), 2).tolist() == [[0], [1]]
    with pytest.raises(ValueError, match="record 0 holds two values"):
        constraints.single_values(np.array([0, 1, 0]), 2)


def test_forbidden_pairs() -> None:
    constraints = Constraints(
        single=(np.array([0, 1, -1, 0]),), once=((np.array([0, 3]), np.array([8, 8])),)
    )
    left, right = np.array([0, 0, 0, 2]), np.array([1, 2, 3, 3])
    assert constraints.forbid(left, right, 4).tolist() == [True, False, True, False]


def test_of_nodes() -> None:
    constraints = Constraints(
        single=(np.array([4, -1, 5]),), once=((np.array([1, 2]), np.array([8, 8])),)
    )
    nodes = constraints.of_nodes(np.array([0, 0, 1]))
    assert nodes.single[0].tolist() == [4, 5]
    assert nodes.once[0][0].tolist() == [0, 1]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_clusters_keep_to_values_as_to_pairs(data: st.DataObject) -> None:
    n, edges = data.draw(graphs(coarse=data.draw(st.booleans())))
    columns = st.lists(st.integers(-1, 2), min_size=n, max_size=n).map(np.array)
    differ, equal = data.draw(columns), data.draw(columns)
    known = np.flatnonzero(equal >= 0)
    constraints = Constraints(single=(differ,), once=((known, equal[known]),))
    pairs = np.array([(i, j) for i in range(n) for j in range(i + 1, n)], dtype=int).reshape(-1, 2)
    cannot = pairs[constraints.forbid(pairs[:, 0], pairs[:, 1], n)]
    found = cluster(n, edges, threshold=0.3, constraints=constraints)
    wanted = oracle(n, edges, threshold=0.3, cannot=tuple(map(tuple, cannot.tolist())))
    assert found.labels.tolist() == wanted
    assert found.cuts.counts["one_per_side"] == 0


def test_declared_matches_are_certain() -> None:
    start = np.array([0, 0, 0, 1])
    found = cluster(4, {(0, 3): 0.9}, start=start, declared=start)
    alone = cluster(4, {(0, 3): 0.9}, start=start)
    assert found.confidence.tolist() == pytest.approx([1, 1, 1, 1])
    assert alone.confidence[0] == pytest.approx(0.05)
