"""Average link between two tables, where pairs of one side do not count."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from average_link_oracle import cluster, graphs, oracle
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustering.average_link import average_link


@settings(max_examples=300, deadline=None)  # compiles on first use
@given(st.data())
def test_across_agrees_with_plain_python(data: st.DataObject) -> None:
    n, edges = data.draw(graphs(coarse=data.draw(st.booleans())))
    pairs = list(itertools.combinations(range(n), 2))
    sides = data.draw(st.lists(st.sampled_from([3, 5]), min_size=n, max_size=n))
    start = data.draw(st.none() | st.lists(st.integers(0, n), min_size=n, max_size=n))
    cannot = data.draw(st.lists(st.sampled_from(pairs), max_size=3)) if pairs else []
    if start is not None:
        cannot = [(i, j) for i, j in cannot if start[i] != start[j]]
    largest = data.draw(st.none() | st.integers(1, 5))
    single = data.draw(st.sampled_from([False, False, True]))
    threshold = data.draw(st.sampled_from([0.1, 0.3, 0.5, 0.8]))
    got = cluster(
        n,
        edges,
        threshold=threshold,
        max_cluster_size=largest,
        cannot=tuple(np.array(cannot, dtype=np.int64).reshape(-1, 2).T),
        side=np.array(sides),
        one_per_side=single,
        across=True,
        start=None if start is None else np.array(start),
    )
    labels = got.labels.tolist()
    assert labels == oracle(
        n,
        edges,
        threshold=threshold,
        largest=largest,
        cannot=tuple(cannot),
        side=sides if single else None,
        across=sides,
        start=start,
    )
    for i in range(n):
        scores = [
            edges.get((a, b), 0.05)
            for a, b in pairs
            if labels[a] == labels[b] == labels[i] and sides[a] != sides[b]
        ]
        assert got.confidence[i] == pytest.approx(np.mean(scores) if scores else 1, abs=1e-8)
    assert all(
        sides[a] != sides[b] for a, b in zip(got.weakest.left, got.weakest.right, strict=True)
    )


def test_across_many_records_share_one_match() -> None:
    edges = {(0, 3): 0.9, (1, 3): 0.9, (2, 3): 0.9}
    side = np.array([0, 0, 0, 1])
    assert cluster(4, edges, side=side).labels.tolist() == [0, 1, 2, 0]
    got = cluster(4, edges, side=side, across=True)
    assert got.labels.tolist() == [0, 0, 0, 0]
    assert got.confidence == pytest.approx(0.9)
    assert cluster(4, edges, side=1 - side, across=True).labels.tolist() == [0, 0, 0, 0]


def test_across_a_missing_pair_of_different_sides_counts() -> None:
    path = {(0, 2): 0.9, (1, 2): 0.9, (1, 3): 0.9}  # 0 and 3 were never compared
    side = np.array([0, 0, 1, 1])
    assert cluster(4, path, side=side, across=True).labels.tolist() == [0, 0, 0, 1]
    got = cluster(4, path, threshold=0.47, side=side, across=True)
    assert got.labels.tolist() == [0, 0, 0, 0]
    assert got.confidence == pytest.approx((3 * 0.9 + 0.05) / 4)


def test_across_passes_over_scores_within_a_side() -> None:
    side = np.array([0, 0, 1])
    assert cluster(3, {(0, 1): 1.0}, side=side, across=True).labels.tolist() == [0, 1, 2]
    got = cluster(3, {(0, 1): 0.0, (0, 2): 0.8, (1, 2): 0.7}, side=side, across=True)
    assert got.labels.tolist() == [0, 0, 0]
    assert got.confidence == pytest.approx(0.75)
    assert got.weakest.score == pytest.approx(0.7)
    one_table = cluster(3, {(0, 1): 1.0}, side=np.zeros(3), across=True)
    assert one_table.labels.tolist() == [0, 1, 2]
    declared = cluster(3, {}, side=side, across=True, start=np.array([0, 0, 1]))
    assert declared.labels.tolist() == [0, 0, 1]
    assert declared.confidence.tolist() == [1, 1, 1]


def test_across_keeps_the_constraints() -> None:
    edges = {(0, 3): 0.9, (1, 3): 0.8, (2, 3): 0.7}
    side = np.array([0, 0, 0, 1])
    single = cluster(4, edges, side=side, across=True, one_per_side=True)
    assert single.labels.tolist() == [0, 1, 2, 0]
    assert single.cuts.counts["one_per_side"] == 2
    apart = cluster(4, edges, side=side, across=True, cannot=(np.array([0]), np.array([1])))
    assert apart.labels.tolist() == [0, 1, 0, 0]
    assert apart.cuts.counts["cannot"] == 1
    assert apart.cuts.score == pytest.approx(0.8)
    assert cluster(4, edges, side=side, across=True, max_cluster_size=3).labels.tolist() == [
        0, 0, 1, 0,
    ]  # fmt: skip


@pytest.mark.parametrize("constant", [True, False])
def test_across_a_hub_of_fifty_thousand(constant: bool) -> None:
    n = 50_001
    score = np.full(n - 1, 0.9) if constant else np.random.default_rng(0).uniform(0.6, 1, n - 1)
    side = np.ones(n, int)
    side[n // 2] = 0
    leaves = np.flatnonzero(side)
    got = average_link(
        n, np.full(n - 1, n // 2), leaves, score, threshold=0.5, side=side, across=True
    )
    assert not got.labels.any()
    assert got.confidence == pytest.approx(score.mean())
