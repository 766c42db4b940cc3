"""Asking for memory ahead changes nothing but the time."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from numba import njit

from features.arrays.prefetching import FAR, fetch_row, prefetch
from features.compare.overlap import OverlapFeatures


@njit(nogil=True)
def summed(values, at):
    total = 0.0
    for k in range(len(at)):
        prefetch(values, at[k] + 1_000_000)  # far beyond the end
        prefetch(values, -1 - at[k])
        total += values[at[k]]
    return total


def test_asking_beyond_the_ends_is_harmless() -> None:
    values = np.arange(10.0)
    assert summed(values, np.array([3, 9, 0])) == 12


def test_asking_for_nothing_is_harmless() -> None:
    assert summed(np.zeros(0), np.zeros(0, np.int64)) == 0


@njit(nogil=True)
def walk(indptr, ids, weights, sums, norms, rows, long):
    total = 0
    for k in range(len(rows)):
        if k + FAR < len(rows):
            fetch_row(indptr, ids, weights, sums, norms, rows, k, long)
        for j in range(indptr[rows[k]], indptr[rows[k] + 1]):
            total += ids[j]
    return total


@pytest.mark.parametrize("long", [True, False])
def test_rows_are_the_same(long: bool) -> None:
    rng = np.random.default_rng(1)
    terms = [rng.integers(0, 50, rng.integers(0, 40)).tolist() for _ in range(60)]
    sets = oracles.make_sets(terms, 50)
    rows = rng.integers(0, 60, 200).astype(np.int32)
    found = walk(sets.indptr, sets.ids, sets.weights, sets.sums, sets.norms, rows, long)
    assert found == sum(sum(set(terms[row])) for row in rows)


def test_pairs_do_not_depend_on_those_that_come_after() -> None:
    rng = np.random.default_rng(2)
    sets = oracles.make_sets([rng.integers(0, 90, 30).tolist() for _ in range(50)], 90)
    left, right = oracles.all_pairs(50)
    group = OverlapFeatures("words", sets)
    alone = np.concatenate([group.compare(left[k : k + 1], right[k : k + 1]) for k in range(200)])
    np.testing.assert_array_equal(group.compare(left, right)[:200], alone)
