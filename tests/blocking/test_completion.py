"""Tests of the completion of groups: pairs of records that match a third."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocking.completion import completing_pairs


def _complete(pairs, matched, n, most=40, side=None):
    pairs = sorted(pairs)
    left = np.array([a for a, _ in pairs], np.int32)
    right = np.array([b for _, b in pairs], np.int32)
    score = np.array([matched.get(pair, 0.0) for pair in pairs])
    found = completing_pairs(left, right, score, n, side, most)
    order = np.random.default_rng(0).permutation(n)
    other = completing_pairs(left, right, score, n, side, most, order=order, threads=2)
    np.testing.assert_array_equal(found, other)
    return list(zip(found[0].tolist(), found[1].tolist(), strict=True))


def test_two_records_that_match_a_third_are_compared():
    assert _complete({(0, 1), (1, 2)}, {(0, 1): 0.9, (1, 2): 0.8}, 3) == [(0, 2)]


def test_a_pair_that_does_not_match_leads_nowhere():
    assert _complete({(0, 1), (1, 2)}, {(0, 1): 0.9}, 3) == []


def test_known_pairs_are_not_found_again():
    known = {(0, 1), (1, 2), (0, 2)}
    assert _complete(known, {(0, 1): 0.9, (1, 2): 0.9}, 3) == []


def test_only_pairs_across_two_tables_count():
    side = np.array([0, 1, 0, 1], np.int8)
    matched = {(0, 1): 0.9, (1, 2): 0.9, (2, 3): 0.9}
    found = _complete(set(matched), matched, 4, side=side)
    assert found == []  # 0-2 and 1-3 are of one table; 0-3 is three steps away


def test_the_partners_with_most_in_common_come_first():
    # 5 has two partners in common with 0, one with 4, whose first of equally good ones is 0.
    matched = {(1, 5): 0.9, (2, 5): 0.9, (0, 1): 0.9, (0, 2): 0.9, (2, 4): 0.9}
    found = _complete(set(matched), matched, 6, most=1)
    assert (0, 5) in found
    assert (4, 5) not in found


def test_no_pairs_is_no_trouble():
    nothing = np.zeros(0, np.int32)
    left, right = completing_pairs(nothing, nothing, np.zeros(0), 5)
    assert len(left) == len(right) == 0


@given(
    n=st.integers(2, 12),
    data=st.data(),
)
def test_it_finds_what_a_plain_search_finds(n, data):
    every = list(combinations(range(n), 2))
    known = data.draw(st.sets(st.sampled_from(every)))
    matched = {p: 0.5 for p in sorted(known) if data.draw(st.booleans())}
    around = {k: {b if a == k else a for a, b in matched if k in (a, b)} for k in range(n)}
    wanted = [p for p in every if p not in known and around[p[0]] & around[p[1]]]
    assert _complete(known, matched, n) == wanted


@pytest.mark.parametrize("size", [40, 200])
def test_a_hub_does_not_blow_up(size):
    matched = {(0, k): 0.9 for k in range(1, size)}
    found = _complete(set(matched), matched, size, most=10)
    assert len(found) <= 10 * size
