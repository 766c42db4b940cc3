"""Joining groups of records under constraints, against plain Python."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.clustering.constrained_union import join_groups
from linkage.clustering.constraints import Constraints
from linkage.clustering.labels import renumbered


def holds(labels: np.ndarray, constraints: Constraints) -> bool:
    for a, b in itertools.combinations(range(len(labels)), 2):
        if labels[a] == labels[b]:
            for values in constraints.single:
                if 0 <= values[a] != values[b] >= 0:
                    return False
            for record, value in constraints.once:
                if set(value[record == a]) & set(value[record == b]):
                    return False
    return True


@st.composite
def cases(draw: st.DrawFn) -> tuple[np.ndarray, Constraints]:
    n = draw(st.integers(1, 10))

    def column(low: int, high: int) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(low, high), min_size=n, max_size=n)))

    single = tuple(column(-1, 2) for _ in range(draw(st.integers(0, 2))))
    once = []
    for _ in range(draw(st.integers(0, 2))):
        values = column(-1, 5)
        known = np.flatnonzero(values >= 0)
        once.append((known, values[known]))
    return column(-1, 2), Constraints(single, tuple(once))


@given(cases())
def test_nothing_forbidden_is_joined_and_nothing_allowed_left_apart(case: tuple) -> None:
    group, constraints = case
    labels = join_groups(np.arange(len(group)), group, constraints)
    assert holds(labels, constraints)
    for a, b in itertools.combinations(range(len(group)), 2):
        if labels[a] == labels[b]:
            assert group[a] == group[b] >= 0, "only records of one group are joined"
        elif group[a] == group[b] >= 0:
            joined = np.where(labels == labels[b], labels[a], labels)
            assert not holds(joined, constraints), "two clusters of a group could be one"


@given(cases())
def test_starting_clusters_stay_whole(case: tuple) -> None:
    group, constraints = case
    start = join_groups(np.arange(len(group)), group, constraints)
    other = np.arange(len(group)) % 2
    labels = join_groups(start, other, constraints)
    assert holds(labels, constraints)
    assert all(len(set(labels[start == k])) == 1 for k in set(start))


def test_the_largest_size_is_kept() -> None:
    labels = join_groups(np.arange(5), np.zeros(5, int), Constraints(), largest=2)
    assert np.bincount(labels).max() == 2


def test_unknown_values_join_what_most_of_the_group_has() -> None:
    brand = np.array([-1, 1, 0, 0])
    labels = join_groups(np.arange(4), np.zeros(4, int), Constraints(single=(brand,)))
    assert labels.tolist() == [0, 1, 0, 0]


def test_labels_are_numbered_by_first_record() -> None:
    assert renumbered(np.array([7, 3, 7, 9])).tolist() == [0, 1, 0, 2]
    assert renumbered(np.empty(0, int)).tolist() == []
