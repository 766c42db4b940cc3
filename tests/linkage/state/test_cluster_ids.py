"""Ids that last: the best one-to-one assignment of old clusters to new ones, and names."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustering.labels import renumbered
from linkage.state.cluster_ids import cluster_names, inherited_ids, successors

N = 9
OLD = st.lists(st.integers(-1, 3), min_size=N, max_size=N)
NEW = st.lists(st.integers(0, 3), min_size=N, max_size=N)


def by_hand(old: np.ndarray, labels: np.ndarray) -> int:
    """Most records that can stay under their id, over all one-to-one assignments."""
    olds, clusters = sorted({int(o) for o in old if o >= 0}), int(labels.max()) + 1
    options = [*olds, *[None] * clusters]
    return max(
        sum(int(np.sum((old == o) & (labels == c))) for c, o in enumerate(chosen) if o is not None)
        for chosen in itertools.permutations(options, clusters)
    )


@settings(max_examples=60, deadline=None)
@given(OLD, NEW)
def test_as_many_records_as_possible_keep_their_id(old: list[int], new: list[int]) -> None:
    before, labels = np.array(old), renumbered(np.array(new))
    found = inherited_ids(before, labels, np.arange(labels.max() + 1))
    kept = found[found >= 0]
    assert len(np.unique(kept)) == len(kept)
    assert int(np.sum((found[labels] == before) & (before >= 0))) == by_hand(before, labels)


@given(OLD, NEW, st.permutations(range(N)))
def test_the_order_of_records_changes_nothing(
    old: list[int], new: list[int], order: list[int]
) -> None:
    before, labels = np.array(old), renumbered(np.array(new))
    found = inherited_ids(before, labels, np.arange(labels.max() + 1))
    shuffled = inherited_ids(before[order], labels[order], np.arange(labels.max() + 1))
    assert shuffled.tolist() == found.tolist()


def test_ties_go_to_the_oldest_id_and_then_to_the_smallest_record() -> None:
    merged = inherited_ids(np.array([5, 5, 2, 2]), np.zeros(4, int), np.array([0]))
    assert merged.tolist() == [2]
    split = inherited_ids(np.array([5, 5, 5, 5]), np.array([0, 0, 1, 1]), np.array([1, 0]))
    assert split.tolist() == [-1, 5]


def test_most_ids_of_a_large_catalog_stay_where_some_records_move() -> None:
    rng = np.random.default_rng(0)
    labels = renumbered(rng.integers(0, 80_000, 200_000))
    old = labels.copy()
    moved = rng.integers(0, len(old), 10_000)
    old[moved] = rng.integers(0, labels.max() + 1, len(moved))
    found = inherited_ids(old, labels, np.arange(labels.max() + 1))
    assert np.mean(found == np.arange(len(found))) > 0.95


def test_names_are_distinct_opaque_and_different_in_every_state() -> None:
    names = cluster_names(np.arange(200_000), salt=17)
    assert len(set(names)) == len(names)
    assert {len(name) for name in names} == {13}
    assert set(names[0]) <= set("0123456789abcdefghjkmnpqrstvwxyz")
    assert names[0][0] == "k"
    assert not set(names) & set(cluster_names(np.arange(200_000), salt=18))
    assert cluster_names(np.array([7]), 17)[0] == names[7]


@pytest.mark.parametrize("salt", [0, 2**64 - 1])
def test_any_salt_will_do(salt: int) -> None:
    assert len(set(cluster_names(np.arange(10), salt))) == 10


def test_a_cluster_is_followed_by_the_one_that_most_records_went_to() -> None:
    old, new = np.array([1, 1, 1, 2, 2]), np.array([4, 4, 3, 6, 5])
    assert successors(old, new, np.array([2, 1])).tolist() == [5, 4]
    gone = np.array([1, 2, -1]), np.array([-1, 4, 4])
    assert successors(*gone, np.array([1, 2, 3])).tolist() == [-1, 4, -1]
