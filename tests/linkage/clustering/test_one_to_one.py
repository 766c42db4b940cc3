"""One-to-one assignment, and whether the data justify it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.clustering.assignment import (
    assign_best_first,
    assign_by_log_odds,
    repeats_share,
)

weighted = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(4, 7)), st.integers(-3, 6), min_size=1, max_size=7
)


def arrays(pairs: dict[tuple[int, int], int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    left, right = (np.array(part) for part in zip(*sorted(pairs), strict=True))
    return left, right, np.array([pairs[pair] for pair in sorted(pairs)], float)


@given(weighted)
def test_best_first_against_plain_python(pairs: dict[tuple[int, int], int]) -> None:
    left, right, score = arrays(pairs)
    used: set[int] = set()
    expected = set()
    for (a, b), _ in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        if not used & {a, b}:
            used |= {a, b}
            expected.add((a, b))
    chosen = assign_best_first(left, right, score)
    assert set(zip(left[chosen].tolist(), right[chosen].tolist(), strict=True)) == expected


@settings(max_examples=40)
@given(weighted)
def test_the_log_odds_over_the_cut_are_largest(pairs: dict[tuple[int, int], int]) -> None:
    left, right, score = arrays(pairs)
    chosen = assign_by_log_odds(left, right, score, cut=0.5)
    assert np.all(score[chosen] > 0.5)
    assert len(set(left[chosen])) == len(set(right[chosen])) == chosen.sum()
    best = 0.0
    for count in range(1, len(left) + 1):
        for some in map(list, combinations(range(len(left)), count)):
            if len(set(left[some])) == len(set(right[some])) == count:
                best = max(best, float((score[some] - 0.5).sum()))
    assert (score[chosen] - 0.5).sum() == pytest.approx(best, abs=1e-4)


def test_nothing_above_the_cut() -> None:
    left, right = np.array([0, 1]), np.array([2, 3])
    assert not assign_by_log_odds(left, right, np.array([-1.0, 0.0]), cut=0.0).any()
    empty = np.zeros(0, np.int32)
    assert len(assign_by_log_odds(empty, empty, np.zeros(0), cut=0.0)) == 0
    assert len(assign_best_first(empty, empty, np.zeros(0))) == 0


def test_repeats_show_in_what_is_left_over() -> None:
    score = np.array([5.0, 4.9, 5.0, 1.0, 5.0, 0.9])
    assigned = np.array([True, False, True, False, True, False])
    assert repeats_share(score, assigned, 3.0) == 0
    repeated = np.array([5.0, 5.0, 4.0, 4.5, 3.5, 5.0])
    assert repeats_share(repeated, assigned, 3.0) == 1.5
    assert repeats_share(score, assigned, 9.0) == 0, "nothing is accepted"
