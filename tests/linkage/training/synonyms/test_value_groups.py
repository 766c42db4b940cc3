"""Groups that never hold two values that are read differently."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from features.variants.readings import may_mean_the_same, read_values
from linkage.training.synonyms.value_groups import ValueGroups, consecutive_pairs


def test_values_are_joined() -> None:
    groups = ValueGroups(["grey", "gray", "red", "gris"])
    assert groups.join(0, 1)
    assert groups.join(3, 1)
    assert groups.join(0, 3)
    assert groups.group.tolist() == [3, 3, 2, 3]


def test_values_that_are_read_differently_stay_apart() -> None:
    groups = ValueGroups(["500 ml", "300 ml"])
    assert not groups.join(0, 1)
    assert groups.group.tolist() == [0, 1]


def test_no_value_between_them_joins_them() -> None:
    groups = ValueGroups(["large", "grande", "xxl"])
    assert groups.join(0, 1)
    assert not groups.join(1, 2)
    assert not groups.join(2, 1)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_joined_no_group_holds_a_contradiction(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = ["large", "l", "xl", "2xl", "500 ml", "0.5 l", "300 ml", "2 x 1 l", "black", "schwarz"]
    values += ["white", "8", "9", "eu 9", "one", "two", "three", "grande", "model 5", "model 6"]
    groups, read = ValueGroups(values), read_values(values)
    for a, b in rng.integers(len(values), size=(200, 2)):
        groups.join(int(a), int(b))
    for a, b in combinations(range(len(values)), 2):
        assert groups.group[a] != groups.group[b] or may_mean_the_same(read[a], read[b])


def test_a_spelling_of_two_readings_makes_two_groups() -> None:
    groups = ValueGroups(["140x80cm", "112 x 100 cm", "140 x 80 cm", "112x100cm", "red"])
    groups.join_spellings(np.array([1, 1, 1, 1, 0]))
    assert groups.group.tolist() == [0, 1, 0, 1, 4]


def test_consecutive_pairs() -> None:
    assert consecutive_pairs(np.array([1, 0, 1, 1])) == [(0, 2), (2, 3)]
