"""From scored pairs to clusters."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from blocking.candidates import union
from features.kinds import Kind
from features.records import Records
from linkage.clustering.cluster_pairs import decide
from linkage.clustering.partition import Clustering

Scores = dict[tuple[int, int], float]


def decided(scores: Scores, n: int, n_left: int | None = None, **options: object) -> Clustering:
    side = np.zeros(n, np.int8)
    side[n if n_left is None else n_left :] = 1
    ids = np.array([str(k) for k in range(n)], object)
    records = Records(ids, pa.table({"title": pa.array([""] * n)}), side, {"title": Kind.TEXT})
    pairs = sorted(scores)
    left, right = (np.array(part, np.int32) for part in zip(*pairs, strict=True))
    probability = np.array([scores[pair] for pair in pairs])
    plain = {"threshold": 0.5, "one_to_one": False, "max_cluster_size": 500, **options}
    return decide(records, union([("all", left, right)], n), probability, **plain)  # type: ignore[arg-type]


def test_pairs_above_the_threshold_come_together() -> None:
    scores = {(0, 1): 0.9, (1, 2): 0.2, (2, 3): 0.6}
    assert decided(scores, 4).labels.tolist() == [0, 0, 1, 1]
    assert decided(scores, 4, threshold=0.7).labels.tolist() == [0, 0, 1, 2]


def test_a_missing_pair_speaks_against_a_chain() -> None:
    scores = {(0, 1): 0.95, (1, 2): 0.55}
    assert decided(scores, 3).labels.tolist() == [0, 0, 1]
    low = {(0, 1): 0.95, (1, 2): 0.1}
    assert decided(low, 3, threshold=0.02).labels.tolist() == [0, 0, 0], "a dial set for recall"


def test_a_record_has_one_partner() -> None:
    scores = {(0, 2): 0.9, (0, 3): 0.55, (1, 2): 0.85, (1, 3): 0.3}
    free = decided(scores, 4, 2)
    assert free.labels.max() < 3
    assert decided(scores, 4, 2, one_to_one=True).labels.tolist() == [0, 1, 0, 2], "0.3 is no match"
    scores[1, 3] = 0.6
    assert decided(scores, 4, 2, one_to_one=True).labels.tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_certainty_is_no_infinity(probability: float) -> None:
    scores = {(0, 1): probability}
    assert decided(scores, 2, 1, one_to_one=True).labels.tolist() == [0, 0 if probability else 1]


def test_start_clusters_stay_whole_and_clusters_stay_small() -> None:
    scores = {(0, 1): 0.1, (1, 2): 0.9, (0, 2): 0.9}
    start = np.array([0, 0, 1], np.int32)
    assert decided(scores, 3, start=start).labels.tolist() == [0, 0, 0]
    every = {(a, b): 0.9 for a in range(4) for b in range(a + 1, 4)}
    sizes = np.bincount(decided(every, 4, max_cluster_size=2).labels)
    assert sizes.tolist() == [2, 2]
