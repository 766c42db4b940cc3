"""Rows of terms, the rarest first, and the table in which those of one row are looked up."""

from __future__ import annotations

import numpy as np
import oracles
from hypothesis import given
from hypothesis import strategies as st

from features.compare.overlap import OVERLAP_FEATURES, OverlapFeatures
from features.text.word_rows import RANKS, enter, leave, look_up, room, word_rows

term_rows = st.lists(st.lists(st.integers(0, 90), max_size=80), min_size=1, max_size=4)


@given(term_rows, st.randoms())
def test_the_rarest_term_comes_first(rows: list[list[int]], random) -> None:
    sets = oracles.make_sets(rows, 100)
    keys = np.random.default_rng(0).integers(0, 40, 100).astype(np.uint64)
    weighted = oracles.weighted(sets)
    order = [random.randrange(len(rows)) for _ in range(5)]
    for given_keys in (None, keys):
        found = word_rows(sets, np.array(order), given_keys)
        expected = [
            sorted(
                weighted[row],
                key=lambda t: (-weighted[row][t], 0 if given_keys is None else -int(keys[t]), t),
            )
            for row in order
        ]
        assert found.ids.tolist() == [term for row in expected for term in row]
        assert np.diff(found.indptr).tolist() == [len(row) for row in expected]
        weights = [
            weighted[row][t] for row, terms in zip(order, expected, strict=True) for t in terms
        ]
        np.testing.assert_array_equal(found.weights, np.array(weights, np.float32))
        np.testing.assert_array_equal(found.norms, sets.norms[order])


@given(st.lists(st.integers(0, 5000), unique=True, max_size=700), st.integers(0, 5000))
def test_a_term_is_found_at_its_place(terms: list[int], other: int) -> None:
    ids = np.array(terms, np.int32)
    size, longest = room(np.array([0, len(ids)]), np.zeros(1, np.int64))
    assert longest == len(ids)
    table, own = np.full(size, -1, np.int64), np.zeros(len(ids), np.int64)
    moved = enter(table, own, ids, 0, len(ids))
    for place, term in enumerate(terms):
        assert look_up(table, term, moved) == place
    assert look_up(table, other, moved) == (terms.index(other) if other in terms else RANKS)
    leave(table, own, len(ids))
    assert (table == -1).all()


@given(term_rows)
def test_places_change_nothing(rows: list[list[int]]) -> None:
    sets = oracles.make_sets([*rows, [1, 2, 3]], 100)
    left, right = oracles.all_pairs(sets.n)
    order = np.random.default_rng(0).permutation(sets.n)
    place = np.argsort(order)
    expected = OverlapFeatures("x", sets).compare(left, right)
    found = OverlapFeatures("x", sets, OVERLAP_FEATURES, order).compare(place[left], place[right])
    np.testing.assert_array_equal(found, expected)
