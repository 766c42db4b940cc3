"""Confidence, weakest edges and refused merges of given clusters."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustering.partition import (
    ONE,
    REASONS,
    confidence,
    cut_report,
    weakest_edges,
)


def arrays(edges: dict[tuple[int, int], float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Left, right and fixed-point score of edges, in record order."""
    pairs = np.array(sorted(edges), dtype=np.int32).reshape(-1, 2)
    fixed = np.array([round(edges[pair] * ONE) for pair in sorted(edges)], dtype=np.int64)
    return pairs[:, 0], pairs[:, 1], fixed


def sureness(
    labels: list[int], edges: dict[tuple[int, int], float], second: list[bool] | None = None
) -> np.ndarray:
    return confidence(
        np.array(labels, dtype=np.int32),
        *arrays(edges),
        round(0.05 * ONE),
        None if second is None else np.array(second),
    )


@st.composite
def partitions(draw: st.DrawFn) -> tuple[list[int], dict[tuple[int, int], float]]:
    labels = draw(st.lists(st.integers(0, 3), min_size=2, max_size=9))
    labels = np.unique(labels, return_inverse=True)[1].tolist()
    pairs = list(itertools.combinations(range(len(labels)), 2))
    scores = st.integers(0, 10).map(lambda value: value / 10)
    return labels, draw(st.dictionaries(st.sampled_from(pairs), scores))


def test_confidence_is_the_mean_score_of_all_pairs() -> None:
    labels = [0, 0, 0, 1, 2]
    got = sureness(labels, {(0, 1): 0.9, (1, 2): 0.9, (0, 2): 0.6, (3, 4): 0.2})
    assert got[:3] == pytest.approx([0.8] * 3)
    assert got[3:].tolist() == [1.0, 1.0]
    loose = sureness([0, 0, 0], {(0, 1): 0.9, (1, 2): 0.9})
    assert loose == pytest.approx((0.9 + 0.9 + 0.05) / 3)


def test_confidence_across_is_the_mean_score_of_pairs_of_different_sides() -> None:
    second = [False, False, True, True, False, False]
    got = sureness([0, 0, 0, 0, 1, 1], {(0, 2): 0.9, (1, 2): 0.8, (1, 3): 0.7}, second)
    assert got[:4] == pytest.approx((0.9 + 0.8 + 0.7 + 0.05) / 4)
    assert got[4:].tolist() == [1.0, 1.0]  # no pair across


@settings(deadline=None)  # compiles on first use
@given(partitions())
def test_weakest_edges_agree_with_networkx(drawn: tuple) -> None:
    labels, edges = drawn
    expected = {}
    for label in set(labels):
        whole = nx.Graph()
        whole.add_weighted_edges_from(
            (a, b, score) for (a, b), score in edges.items() if labels[a] == labels[b] == label
        )
        if whole:
            tree = nx.maximum_spanning_tree(whole)
            expected[label] = min(weight for _, _, weight in tree.edges.data("weight"))
    got = weakest_edges(np.array(labels, dtype=np.int32), *arrays(edges))
    assert dict(zip(got.label.tolist(), got.score, strict=True)) == pytest.approx(
        expected, abs=1e-8
    )
    for label, a, b, score in zip(got.label, got.left, got.right, got.score, strict=True):
        assert labels[a] == labels[b] == label
        assert edges[a, b] == pytest.approx(score, abs=1e-8)


def test_refused_merges_are_counted_by_reason() -> None:
    labels = np.array([0, 0, 1, 2], dtype=np.int32)
    reason = np.array([1, 0, 1], dtype=np.int8)
    left, right = np.array([0, 2, 1], dtype=np.int32), np.array([2, 3, 2], dtype=np.int32)
    got = cut_report(labels, reason, left, right, np.array([0.9, 0.8, 0.7]))
    assert got.counts == {"max_cluster_size": 1, "cannot": 2, "one_per_side": 0}
    assert got.clusters == {"max_cluster_size": [1, 2], "cannot": [0, 1], "one_per_side": []}
    assert REASONS[got.reason[0]] == "cannot"
