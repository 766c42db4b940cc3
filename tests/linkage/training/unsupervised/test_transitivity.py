"""The share of matches of matches that match, against brute force."""

from __future__ import annotations

from itertools import permutations

import networkx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.training.unsupervised.transitivity import transitive_share

edges = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14).map(
    lambda pairs: sorted({(min(p), max(p)) for p in pairs if p[0] != p[1]})
)


@given(edges)
def test_transitive_share_against_networkx(pairs: list[tuple[int, int]]) -> None:
    left, right = np.array([*pairs, (0, 1)], int).T
    match = np.array([True] * len(pairs) + [False])
    graph = networkx.Graph(pairs)
    paths = sum(1 for b in graph for _ in permutations(graph[b], 2))
    closed = sum(graph.has_edge(a, c) for b in graph for a, c in permutations(graph[b], 2))
    share = transitive_share(left, right, match, 7)
    assert share == pytest.approx(closed / paths if paths else 1.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(5, 9)), unique=True))
def test_transitive_share_of_two_tables_against_every_path(pairs: list[tuple[int, int]]) -> None:
    left, right = np.array([*pairs, (0, 5)], int).T
    match = np.array([True] * len(pairs) + [False])
    ends = [(a, d) for a, b in pairs for c, x in pairs if x == b and c != a for y, d in pairs
            if y == c and d != b]  # fmt: skip
    closed = sum(end in set(pairs) for end in ends)
    share = transitive_share(left, right, match, 10, two_tables=True)
    assert share == pytest.approx(closed / len(ends) if ends else 1.0)
