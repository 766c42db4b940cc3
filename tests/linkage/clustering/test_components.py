"""Components that clustering cut: a planted hub is found and named, and cut in seconds."""

from __future__ import annotations

import time

import networkx as nx
import numpy as np
import pytest

from linkage.clustering.average_link import average_link
from linkage.clustering.components import CutComponent, cut_components


def hub_and_pairs(n: int, hub: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Records in true pairs (0, 1), (2, 3), ..., and one record that matches every other."""
    rows = np.arange(0, n - 1, 2)
    others = np.delete(np.arange(n), hub)
    left = np.concatenate([rows, np.minimum(hub, others)])
    right = np.concatenate([rows + 1, np.maximum(hub, others)])
    score = np.concatenate([np.full(len(rows), 0.95), np.full(len(others), 0.9)])
    return left, right, score


def test_a_hub_of_fifty_thousand_records_is_cut_in_seconds_and_named() -> None:
    n, hub = 50_001, 50_000
    left, right, score = hub_and_pairs(n, hub)
    average_link(3, left[:0], right[:0], score[:0], threshold=0.5)  # compiled before it is timed
    begun = time.perf_counter()
    clustering = average_link(n, left, right, score, threshold=0.5, max_cluster_size=500)
    (found,) = cut_components(clustering.labels, left, right, score >= 0.5, larger_than=500)
    assert time.perf_counter() - begun < 10
    assert (found.records, found.hub) == (n, hub)
    assert found.partners > 49_990
    labels = clustering.labels
    together = labels[np.arange(0, n - 1, 2)] == labels[np.arange(1, n - 1, 2)]
    assert together.mean() > 0.999, "the true pairs stay together"
    assert np.bincount(labels).max() < 10
    assert found.largest == np.bincount(labels).max()
    assert found.clusters == labels.max() + 1


def test_small_components_and_whole_clusters_are_not_listed() -> None:
    left, right, _ = hub_and_pairs(21, 20)
    match = np.ones(len(left), bool)
    apart = np.arange(21)
    assert cut_components(apart, left, right, match, larger_than=21) == []
    assert cut_components(np.zeros(21, int), left, right, match, larger_than=5) == []
    assert cut_components(apart, left, right, ~match, larger_than=5) == []
    assert cut_components(apart, left, right, match, larger_than=20) == [
        CutComponent(21, 21, 1, 20, 20)
    ]


def test_the_largest_come_first() -> None:
    one, two = hub_and_pairs(7, 3), hub_and_pairs(11, 4)
    left = np.concatenate([one[0], two[0] + 7])
    right = np.concatenate([one[1], two[1] + 7])
    match = np.ones(len(left), bool)
    found = cut_components(np.arange(18), left, right, match, larger_than=2)
    assert [(c.records, c.hub) for c in found] == [(11, 11), (7, 3)]
    assert len(cut_components(np.arange(18), left, right, match, larger_than=2, most=1)) == 1


@pytest.mark.parametrize("seed", range(10))
def test_components_are_those_of_networkx(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n, m = 200, 190
    left, right = np.sort(generator.integers(0, n, (2, m)), axis=0).astype(np.int32)
    match = generator.random(m) < 0.7
    labels = generator.integers(0, 60, n)
    graph = nx.Graph(zip(left[match].tolist(), right[match].tolist(), strict=True))
    wanted = sorted((sorted(one) for one in nx.connected_components(graph)), key=lambda c: c[0])
    wanted = sorted((one for one in wanted if len(one) > 3), key=len, reverse=True)
    apart = match & (labels[left] != labels[right])
    found = cut_components(labels, left, right, match, larger_than=3)
    assert [one.records for one in found] == [len(one) for one in wanted]
    for one, rows in zip(found, wanted, strict=True):
        partners = [int(np.sum(apart & ((left == row) | (right == row)))) for row in rows]
        assert (one.hub, one.partners) == (rows[int(np.argmax(partners))], max(partners))
        assert one.clusters == len(set(labels[rows].tolist()))
        assert one.largest == int(np.bincount(labels[rows]).max())
