"""Equal records count as one in averages, as far as nothing forbids it."""

from __future__ import annotations

import numpy as np

from linkage.clustering.cluster_pairs import decide_edges
from linkage.clustering.constraints import Constraints
from linkage.clustering.partition import Clustering

Scores = dict[tuple[int, int], float]


def decided(scores: Scores, equal: list[int], **options: object) -> Clustering:
    left, right = (np.array(part, np.int32) for part in zip(*sorted(scores), strict=True))
    score = np.array([scores[pair] for pair in sorted(scores)])
    plain = {"threshold": 0.5, "one_to_one": False, "max_cluster_size": 500, **options}
    return decide_edges(
        len(equal), left, right, score, equal=np.array(equal), **plain,  # type: ignore[arg-type]
    )  # fmt: skip


def test_one_of_many_equal_records_brings_all_of_them() -> None:
    found = decided({(0, 1): 1.0, (3, 4): 0.9}, [0, 0, 0, 0, -1])
    assert found.labels.tolist() == [0] * 5
    assert found.confidence.tolist() == np.full(5, found.confidence[0]).tolist()
    assert found.confidence[0] > 0.89
    assert decided({(3, 4): 0.4}, [0, 0, 0, 0, -1]).labels.tolist() == [0, 0, 0, 0, 1]


def test_sizes_count_records() -> None:
    found = decided({(0, 1): 0.9, (0, 4): 1.0}, [0, -1, 0, 0, 0], max_cluster_size=4)
    assert found.labels.tolist() == [0, 1, 0, 0, 0]
    assert found.cuts.counts["max_cluster_size"] == 1
    cut = decided({(0, 4): 1.0, (0, 1): 1.0}, [0] * 5, max_cluster_size=2)
    assert sorted(np.bincount(cut.labels)) == [1, 2, 2]
    assert cut.cuts.counts["max_cluster_size"] > 0


def test_constraints_and_sources_hold() -> None:
    brand = Constraints(single=(np.array([0, 1, 0, 1]),))
    assert decided({(0, 1): 1.0}, [0] * 4, constraints=brand).labels.tolist() == [0, 1, 0, 1]
    found = decided({(0, 1): 1.0}, [0] * 4, sources=np.array([0, 0, 1, -1]))
    assert found.labels[0] != found.labels[1]
    assert np.unique(found.labels).size == 2


def test_records_of_one_table_need_a_partner_in_the_other() -> None:
    side = np.array([0, 0, 0, 0, 1, 1], np.int8)
    found = decided({(2, 4): 0.9}, [0, 0, 1, 1, 2, -1], side=side)
    assert found.labels.tolist() == [0, 1, 2, 2, 2, 3]
    assert found.weakest.label.tolist() == [2]
    across = decided({(2, 4): 0.2}, [0, 0, 1, 1, 1, -1], side=side)
    assert across.labels.tolist() == [0, 1, 2, 2, 2, 3]


def test_equal_records_have_one_partner_together() -> None:
    scores = {(0, 2): 0.9, (1, 3): 0.8}
    assert decided(scores, [0, 0, -1, -1], one_to_one=True).labels.tolist() == [0, 0, 0, 1]
