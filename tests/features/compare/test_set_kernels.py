"""Compiled comparisons of sets, against Python's sets, and themselves swapped."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import oracles
from hypothesis import given
from hypothesis import strategies as st

from features.compare.set_kernels import agreement, containment, cosine, quantity_agreement
from features.text.sets import sparse_sets
from features.values.text_quantities import STEP

nan = math.nan
rows_of_terms = st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=6)


def compare(expected: list | np.ndarray, found: np.ndarray) -> None:
    np.testing.assert_allclose(found, np.array(expected, float), rtol=2e-5, atol=2e-6)


@given(rows_of_terms)
def test_cosine(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 10)
    expected = [
        sum(a[term] * b[term] for term in a.keys() & b.keys())
        / (math.hypot(*a.values()) * math.hypot(*b.values()))
        if a and b
        else nan
        for a, b in product(oracles.weighted(sets), repeat=2)
    ]
    compare(expected, cosine(sets, *oracles.all_pairs(len(rows))))
    oracles.assert_symmetric(lambda x, y: cosine(sets, x, y), len(rows))


@given(rows_of_terms)
def test_a_row_is_like_itself(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 10)
    row = np.flatnonzero(sets.counts > 0).astype(np.int32)
    ones = np.ones(len(row))
    compare(ones, cosine(sets, row, row))
    compare(ones, agreement(sets, row, row)[:, 1])
    compare(ones, containment(sets, sets, row, row)[:, 0])


@given(rows_of_terms, rows_of_terms)
def test_containment(part: list[list[int]], whole: list[list[int]]) -> None:
    n = min(len(part), len(whole))
    parts, wholes = oracles.make_sets(part[:n], 10), oracles.make_sets(whole[:n], 10)
    left, right = oracles.all_pairs(n)
    a, b = oracles.weighted(parts), oracles.weighted(wholes)

    def share(x: int, y: int) -> float:
        if not a[x] or not b[y]:
            return nan
        return sum(w for term, w in a[x].items() if term in b[y]) / sum(a[x].values())

    expected = []
    for x, y in zip(left, right, strict=True):
        known = [s for s in (share(x, y), share(y, x)) if not math.isnan(s)]
        expected.append([min(known, default=nan), max(known, default=nan)])
    compare(expected, containment(parts, wholes, left, right))
    oracles.assert_symmetric(lambda x, y: containment(parts, wholes, x, y), n)


@given(rows_of_terms)
def test_agreement(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 10)
    expected = [
        [len(a & b) / min(len(a), len(b)), len(a & b) / len(a | b)] if a and b else [nan, nan]
        for a, b in product(map(set, rows), repeat=2)
    ]
    compare(expected, agreement(sets, *oracles.all_pairs(len(rows))))
    oracles.assert_symmetric(lambda x, y: agreement(sets, x, y), len(rows))


amounts = st.tuples(st.integers(0, 2), st.integers(5, 9))


@given(st.lists(st.lists(amounts, max_size=4), min_size=1, max_size=5))
def test_quantities_agree_dimension_by_dimension(rows: list[list[tuple[int, int]]]) -> None:
    indptr = np.cumsum([0, *map(len, rows)])
    terms = np.array([d * STEP + level for row in rows for d, level in row], np.int32)
    sets = sparse_sets(indptr, terms, 3 * STEP)
    expected = []
    for a, b in product(rows, repeat=2):
        common = {d for d, _ in a} & {d for d, _ in b}
        equal = {d for d, x in a for e, y in b if d == e and abs(x - y) <= 1}
        expected.append([len(common), len(equal) / len(common)] if common else [nan, nan])

    def found(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), 2), np.float32)
        quantity_agreement(sets, left, right, out)
        return out

    compare(expected, found(*oracles.all_pairs(len(rows))))
    oracles.assert_symmetric(found, len(rows))


def test_no_pairs_give_no_rows() -> None:
    sets = oracles.make_sets([[1, 2], [2]], 5)
    none = np.zeros(0, np.int32)
    assert containment(sets, sets, none, none).shape == (0, 2)
    assert cosine(sets, none, none).shape == (0,)
