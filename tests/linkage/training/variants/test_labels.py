"""Labels of records as labels of collapsed records."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from blocking.candidates import Candidates
from linkage.training.pair_labels import PairLabels
from linkage.training.variants.labels import collapse_labels, negative_weight

# Records 0-1 are collapsed into 0, 2-4 into 1, 5 into 2, 6 into 3.
COLLAPSED = SimpleNamespace(
    row_of_record=np.array([0, 0, 1, 1, 1, 2, 3]), first_record=np.array([0, 2, 5, 6])
)


def candidates(pairs: list[tuple[int, int]]) -> Candidates:
    left, right = np.array(pairs, np.int32).T
    return Candidates(left, right, np.ones(len(left), np.uint32), ["words"])


def test_entities_label_the_candidates_between_labelled_records() -> None:
    # Collapsed record 1 holds records of two entities; record 6 is not labelled.
    entity = np.array([7, 7, 7, 7, 3, 3, -1], np.int32)
    none = np.zeros(0, np.int32)
    labels = PairLabels(none, none, none.astype(np.int8), entity)
    found = collapse_labels(labels, COLLAPSED, candidates([(0, 1), (0, 2), (1, 2), (1, 3)]))
    assert list(zip(found.left, found.right, strict=True)) == [(0, 1), (0, 2), (1, 2)]
    np.testing.assert_array_equal(found.match, [4, 0, 1])
    np.testing.assert_array_equal(found.other, [2, 2, 2])
    np.testing.assert_array_equal(found.label, [1, 0, 0])
    np.testing.assert_allclose(found.weight, np.sqrt([2, 2, 1]))


def test_labelled_pairs_are_counted_by_collapsed_records() -> None:
    labels = PairLabels(
        np.array([0, 0, 1, 2]), np.array([1, 2, 3, 5]), np.array([1, 1, 0, 0], np.int8)
    )
    found = collapse_labels(labels, COLLAPSED, candidates([(0, 1)]))
    # (0, 1) is within one collapsed record; the others are of (0, 1) and (1, 2).
    assert list(zip(found.left, found.right, strict=True)) == [(0, 1), (1, 2)]
    np.testing.assert_array_equal(found.match, [1, 0])
    np.testing.assert_array_equal(found.other, [1, 1])
    assert found.entity is None


def ring(n: int) -> Candidates:
    """Each record with the next: matches where the first is even."""
    return candidates([(k, k + 1) for k in range(n - 1)])


def test_non_matches_weigh_more_where_whole_entities_are_labelled() -> None:
    rng = np.random.default_rng(0)
    pairs = ring(40_000)
    entity = np.arange(40_000) // 2
    same = entity[pairs.left] == entity[pairs.right]
    probability = np.where(same, 0.98, 0.02)
    whole = (rng.random(20_000) < 0.2)[entity]
    half = rng.random(40_000) < 0.2
    for known, low, high in ((whole, 4, 6), (half, 1, 1.3)):
        both = known[pairs.left] & known[pairs.right]
        weight = negative_weight(pairs, probability, known, same[both].astype(int))
        assert low <= weight <= high
    assert negative_weight(pairs, probability, whole, np.zeros(5)) == 1.0
