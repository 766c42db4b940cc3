"""Decided pairs: their closure, contradictions, and where clustering begins so that they hold."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.clustering.decided_pairs import DecidedPairs, contradiction, join_pairs
from linkage.clustering.decided_start import decided_start
from linkage.clustering.rules import Rules

N = 8
PAIRS = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda p: p[0] != p[1]),
    max_size=6,
)
LABELS = st.lists(st.integers(0, 3), min_size=N, max_size=N)


def array(pairs: list[tuple[int, int]]) -> np.ndarray:
    return np.array(pairs, np.int64).reshape(-1, 2)


@given(PAIRS, PAIRS)
def test_a_contradiction_is_a_different_pair_that_same_pairs_connect(
    same: list[tuple[int, int]], different: list[tuple[int, int]]
) -> None:
    graph = nx.Graph(same)
    graph.add_nodes_from(range(N))
    expected = [k for k, pair in enumerate(different) if nx.has_path(graph, *pair)]
    found = contradiction(array(same), array(different))
    assert (found is None) == (not expected)
    if found is not None:
        position, chain = found
        assert position == expected[0]
        assert nx.has_path(nx.Graph([same[k] for k in chain]), *different[position])


@given(LABELS, PAIRS)
def test_joined_clusters_are_components(labels: list[int], pairs: list[tuple[int, int]]) -> None:
    graph = nx.Graph(pairs)
    graph.add_nodes_from(range(N))
    graph.add_edges_from((row, N + label) for row, label in enumerate(labels))
    joined = join_pairs(np.array(labels), array(pairs))
    for a in range(N):
        for b in range(N):
            assert (joined[a] == joined[b]) == nx.has_path(graph, a, b)


@given(PAIRS, PAIRS)
def test_pairs_of_groups_are_decided_as_their_records_are(
    same: list[tuple[int, int]], different: list[tuple[int, int]]
) -> None:
    if contradiction(array(same), array(different)) is not None:
        return
    decided = DecidedPairs.of(N, array(same), array(different))
    group = decided.group
    apart = {frozenset((group[a], group[b])) for a, b in different}
    left, right = np.triu_indices(N, 1)
    expected = [frozenset((group[a], group[b])) in apart for a, b in zip(left, right, strict=True)]
    assert decided.are_different(left, right).tolist() == expected
    assert decided.are_same(left, right).tolist() == (group[left] == group[right]).tolist()


@given(LABELS, PAIRS, PAIRS, st.integers(2, N))
def test_a_start_keeps_same_pairs_together_and_different_ones_apart(
    labels: list[int], same: list[tuple[int, int]], different: list[tuple[int, int]], largest: int
) -> None:
    if contradiction(array(same), array(different)) is not None:
        return
    decided = DecidedPairs.of(N, array(same), array(different))
    rules = Rules(decided=decided)
    found = np.array(labels)
    if any(found[a] == found[b] for a, b in different):
        return  # which clustering under constraints never leaves
    start, bound = decided_start(rules, found, rules.start(N, decided=True), largest)
    assert decided.hold_in(start)
    assert not any(start[a] == start[b] for a, b in different)
    if (bound < 0).all():  # nothing was begun anew: clusters stay whole
        assert not [
            1 for a in range(N) for b in range(a) if found[a] == found[b] and start[a] != start[b]
        ]


def test_two_clusters_become_one_whole_and_part_where_a_decision_forbids_it() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    free = Rules(decided=DecidedPairs.of(6, array([(0, 3)])))
    start, bound = decided_start(free, labels, free.start(6, decided=True), 10)
    assert start.tolist() == [0] * 6
    assert (bound < 0).all()
    limited = Rules(decided=DecidedPairs.of(6, array([(0, 3)]), array([(2, 5)])))
    start, bound = decided_start(limited, labels, limited.start(6, decided=True), 10)
    assert start.tolist() == [0, 1, 2, 0, 3, 4]
    assert bound.tolist() == [0, -1, -1, 0, -1, -1]


def test_clusters_leave_room_for_what_a_looser_definition_decides() -> None:
    # 0-1 and 2-3 are clusters; the looser definition says that 1 is 2 and that 0 is not 3.
    looser = DecidedPairs.of(4, array([(1, 2)]), array([(0, 3)]))
    decided = DecidedPairs.of(4, looser=[looser])
    none = np.arange(4)
    assert decided.without_room(np.array([0, 0, 1, 1]), none).tolist() == [[0, 1]]
    held = np.array([0, 0, 1, 2])  # 0 and 1 cannot part
    assert decided.without_room(np.array([0, 0, 1, 1]), held).tolist() == [[2, 3]]
    assert not len(decided.without_room(np.array([0, 1, 2, 2]), none))
