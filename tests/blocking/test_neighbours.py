"""Sparse neighbours, against all cosines at once; equal similarities may come in any order."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocking import neighbours
from blocking.neighbours import Neighbours, sparse_neighbours, sparse_spaces
from features.kinds import Kind
from features.prepare import prepare
from features.text.sets import SparseSets

rows_of_terms = st.lists(st.lists(st.integers(0, 9), max_size=5), min_size=1, max_size=12)


def cosines(sets: SparseSets, side: np.ndarray) -> np.ndarray:
    """All cosines; -1 where two rows cannot be neighbours."""
    dense = sets.matrix().toarray().astype(np.float64)
    out = dense @ dense.T
    if side.any():
        out[side[:, None] == side[None, :]] = -1
    np.fill_diagonal(out, -1)
    return out


def check(found: Neighbours, sets: SparseSets, side: np.ndarray, k: int) -> None:
    exact = cosines(sets, side)
    n = len(side)
    assert found.index.shape == found.similarity.shape == (n, k)
    assert (found.index.dtype, found.similarity.dtype) == (np.int32, np.float32)
    assert found.k == k
    for row in range(n):
        listed = found.index[row][found.index[row] >= 0]
        count = len(listed)
        assert len(set(listed)) == count
        assert np.all(found.index[row, count:] == -1)
        assert np.all(found.similarity[row, count:] == 0)
        similarity = found.similarity[row, :count]
        assert similarity == pytest.approx(exact[row, listed], abs=1e-5)
        assert np.all(np.diff(similarity) <= 0)
        # The best k, of any equal ones; rows that share nothing are no neighbours.
        best = np.sort(exact[row][exact[row] > 0])[::-1][:k]
        assert similarity == pytest.approx(best, abs=1e-5)


@given(rows_of_terms, st.integers(1, 14))
def test_within_one_table(rows: list[list[int]], k: int) -> None:
    sets = oracles.make_sets(rows, 10)
    side = np.zeros(len(rows), np.int8)
    check(sparse_neighbours("words", sets, side, k), sets, side, k)


@given(rows_of_terms, rows_of_terms, st.integers(1, 14))
def test_between_two_tables(left: list[list[int]], right: list[list[int]], k: int) -> None:
    sets = oracles.make_sets([*left, *right], 10)
    side = np.array([0] * len(left) + [1] * len(right), np.int8)
    check(sparse_neighbours("words", sets, side, k), sets, side, k)


def test_threads_do_not_matter() -> None:
    records = prepare(oracles.make_catalog(300))
    one = sparse_neighbours("words", records.words, records.records.side, 10)
    two = sparse_neighbours("words", records.words, records.records.side, 10, threads=2)
    np.testing.assert_array_equal(one.index, two.index)
    np.testing.assert_array_equal(one.similarity, two.similarity)


def test_equal_similarities_go_by_row() -> None:
    sets = oracles.make_sets([[1, 2]] * 4 + [[1, 3]] * 2, 5)
    found = sparse_neighbours("words", sets, np.zeros(6, np.int8), 5)
    assert found.index[1].tolist() == [0, 2, 3, 4, 5]
    assert found.index[5].tolist() == [4, 0, 1, 2, 3]


def test_more_duplicates_than_neighbours_leave_each_row_others() -> None:
    sets = oracles.make_sets([[1, 2]] * 50, 5)
    found = sparse_neighbours("words", sets, np.zeros(50, np.int8), 3)
    assert np.all(found.index >= 0)
    assert np.all(found.index != np.arange(50)[:, None])
    assert found.similarity == pytest.approx(1)


def test_common_terms_join_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # Term 0 is in every row, terms 1 to 10 in two rows each.
    sets = oracles.make_sets([[0, 1 + row // 2] for row in range(20)], 11)
    side = np.zeros(20, np.int8)
    whole = sparse_neighbours("words", sets, side, 5)
    assert np.all(whole.index >= 0)
    monkeypatch.setattr(neighbours, "COMMON_ROWS", 3)
    found = sparse_neighbours("words", sets, side, 5)
    assert found.index[:, 0].tolist() == [row ^ 1 for row in range(20)]
    assert np.all(found.index[:, 1:] == -1)
    # The similarity counts the common term in the lengths, so that it stays a cosine's lower bound.
    assert np.all(found.similarity[:, 0] < whole.similarity[:, 0])


def test_products_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    sets = oracles.make_sets([[0, 1 + row // 2] for row in range(20)], 11)
    monkeypatch.setattr(neighbours, "PRODUCTS_A_RECORD", 2)
    found = sparse_neighbours("words", sets, np.zeros(20, np.int8), 5)
    assert np.count_nonzero(found.index >= 0) == 20


def test_rows_without_terms_have_no_neighbours() -> None:
    sets = oracles.make_sets([[], [], []], 5)
    assert np.all(sparse_neighbours("words", sets, np.zeros(3, np.int8), 2).index == -1)
    assert np.all(sparse_neighbours("words", sets, np.int8([0, 0, 1]), 2).index == -1)


def test_spaces_of_a_catalog() -> None:
    spaces = sparse_spaces(prepare(oracles.make_catalog(30)))
    assert list(spaces) == ["words", "characters", "main words", "main characters"]
    cells = {"price": ["1", "2"]}
    without_text = prepare(oracles.make_records(cells, {"price": Kind.PRICE}))
    assert list(sparse_spaces(without_text)) == ["words", "characters"]
