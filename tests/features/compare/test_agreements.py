"""Several groups of agreement at once, against each of them by itself."""

from __future__ import annotations

import numpy as np
import oracles
from hypothesis import given
from hypothesis import strategies as st

from features.compare.agreements import AgreementsFeatures
from features.compare.feature_groups import AgreementFeatures
from features.text.sets import SparseSets

rows_of_terms = st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=6)


def of(sets: list[SparseSets]) -> list[AgreementFeatures]:
    return [AgreementFeatures(f"sort{k}", one, one_sided=k % 2 == 0) for k, one in enumerate(sets)]


def expected(parts: list[AgreementFeatures], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.column_stack([part.compare(left, right) for part in parts])


@given(st.lists(rows_of_terms, min_size=1, max_size=4))
def test_says_what_its_parts_say(sorts: list[list[list[int]]]) -> None:
    n = min(map(len, sorts))
    parts = of([oracles.make_sets(rows[:n], 10) for rows in sorts])
    group = AgreementsFeatures(parts)
    assert group.names == [name for part in parts for name in part.names]
    pairs = oracles.all_pairs(n)
    np.testing.assert_array_equal(group.compare(*pairs), expected(parts, *pairs))


@given(st.lists(rows_of_terms, min_size=1, max_size=3), st.randoms())
def test_the_order_in_memory_does_not_matter(sorts: list[list[list[int]]], random) -> None:
    n = min(map(len, sorts))
    parts = of([oracles.make_sets(rows[:n], 10) for rows in sorts])
    rows = np.array(random.sample(range(n), n))
    position = np.argsort(rows).astype(np.int32)
    left, right = oracles.all_pairs(n)
    found = AgreementsFeatures(parts).reordered(rows).compare(position[left], position[right])
    np.testing.assert_array_equal(found, expected(parts, left, right))


def test_fills_columns_of_a_wider_matrix() -> None:
    parts = of([oracles.make_sets([[1], [1, 2], []], 10), oracles.make_sets([[3], [4], [3]], 10)])
    left, right = oracles.all_pairs(3)
    matrix = np.full((len(left), 7), -1, np.float32)
    AgreementsFeatures(parts).fill(left, right, matrix[:, 2:6])
    np.testing.assert_array_equal(matrix[:, 2:6], expected(parts, left, right))
    assert (matrix[:, [0, 1, 6]] == -1).all()


def test_what_one_side_alone_states_is_known_but_for_term_0() -> None:
    sets = oracles.make_sets([[], [0], [1], [0, 2], [3, 4, 5]], 10)
    group = AgreementsFeatures([AgreementFeatures("marks", sets, one_sided=True)])
    left, right = np.zeros(5, np.int32), np.arange(5, dtype=np.int32)
    expected = [[np.nan, np.nan], [np.nan, np.nan], [np.nan, 0], [np.nan, 0], [np.nan, 0]]
    np.testing.assert_array_equal(group.compare(left, right), expected)
    np.testing.assert_array_equal(group.compare(right, left), expected)
    np.testing.assert_array_equal(group.compare(left + 1, right)[2:, 1], [0, 1 / 2, 0])
