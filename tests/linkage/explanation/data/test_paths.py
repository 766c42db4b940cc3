"""Paths through a cluster: the spanning tree and the widest path, against networkx."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.explanation.data.paths import bottleneck_path
from linkage.results.spanning_tree import spanning_tree

EDGES = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 20).map(lambda k: k / 20)),
    max_size=25,
).map(lambda edges: [e for e in edges if e[0] != e[1]])


def graph(edges: list[tuple[int, int, float]]) -> nx.Graph:
    out = nx.Graph()
    for a, b, score in edges:
        if not out.has_edge(a, b) or out[a][b]["weight"] < score:
            out.add_edge(a, b, weight=score)
    return out


@given(EDGES)
def test_the_tree_is_a_maximum_spanning_tree(edges: list[tuple[int, int, float]]) -> None:
    chosen = [edges[k] for k in spanning_tree(edges)]
    tree = nx.maximum_spanning_tree(graph(edges))
    wanted = sum(data["weight"] for _, _, data in tree.edges(data=True))
    assert sum(score for _, _, score in chosen) == pytest.approx(wanted)
    assert len(chosen) == tree.number_of_edges()


@given(EDGES, st.integers(0, 7), st.integers(0, 7))
def test_the_path_has_the_strongest_weakest_edge(
    edges: list[tuple[int, int, float]], start: int, end: int
) -> None:
    path = bottleneck_path(edges, start, end)
    whole = graph(edges)
    joined = start in whole and end in whole and nx.has_path(whole, start, end)
    if start == end:
        assert path == []
        return
    if not joined:
        assert path is None
        return
    assert path
    at = start
    for k in path:
        a, b, _ = edges[k]
        assert at in (a, b)
        at = b if at == a else a
    assert at == end
    weakest = min(edges[k][2] for k in path)
    stronger = nx.Graph([(a, b) for a, b, score in edges if score > weakest])
    assert not (start in stronger and end in stronger and nx.has_path(stronger, start, end))


def test_no_edges_no_path() -> None:
    assert bottleneck_path([], 0, 1) is None
    assert spanning_tree([]) == []
