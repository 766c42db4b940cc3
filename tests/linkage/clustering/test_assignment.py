"""One-to-one assignment, against scipy's dense solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

import linkage.clustering.assignment as module
from linkage.clustering.assignment import assign_one_to_one


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_agrees_with_scipy(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(1, 8)), data.draw(st.integers(1, 8))
    step = data.draw(st.sampled_from([4, 10**6]))  # with ties and without
    scores = st.integers(0, step).map(lambda value: value / step)
    cells = data.draw(
        st.dictionaries(
            st.tuples(st.integers(0, rows - 1), st.integers(0, columns - 1)), scores, max_size=30
        )
    )
    threshold = data.draw(st.sampled_from([0.0, 0.3, 0.5]))
    left = np.array([pair[0] for pair in cells], dtype=np.int64)
    right = np.array([pair[1] for pair in cells], dtype=np.int64)
    score = np.array(list(cells.values()), dtype=np.float64)
    dense = np.zeros((rows, columns))
    for pair, value in cells.items():
        dense[pair] = value if value >= threshold else 0
    expected = dense[linear_sum_assignment(-dense)].sum()

    got = assign_one_to_one(left, right, score, threshold=threshold)
    chosen = got.chosen
    assert got.total == pytest.approx(expected, abs=1e-6)
    assert score[chosen].sum() == pytest.approx(expected, abs=1e-6)
    assert len(set(left[chosen])) == len(set(right[chosen])) == chosen.sum()
    assert (score[chosen] >= threshold).all()
    assert got.approximate == 0


@settings(deadline=None)  # compiles on first use
@given(st.permutations(range(12)), st.integers(0, 99))
def test_order_of_pairs_makes_no_difference(order: list[int], seed: int) -> None:
    left, right = np.repeat(np.arange(4), 3), np.tile(np.arange(3), 4)
    score = np.random.default_rng(seed).random(12)
    first = assign_one_to_one(left, right, score).chosen
    again = assign_one_to_one(left[order], right[order], score[order]).chosen
    assert again.tolist() == first[order].tolist()


def test_components_keep_apart_and_numbers_are_arbitrary() -> None:
    left = np.array([900, 900, 5, 5, 900])
    right = np.array([10**9, 7, 3, 3, 10**9])
    score = np.array([0.9, 0.8, 0.4, 0.6, 0.2])
    assert assign_one_to_one(left, right, score).chosen.tolist() == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_stars_and_empty_input() -> None:
    n = 100_000
    score = np.linspace(0.1, 0.9, n)
    assert np.flatnonzero(assign_one_to_one(np.arange(n), np.zeros(n, int), score).chosen) == [
        n - 1
    ]
    assert np.flatnonzero(assign_one_to_one(np.zeros(n, int), np.arange(n), score).chosen) == [
        n - 1
    ]
    none = np.array([], dtype=np.int64)
    assert assign_one_to_one(none, none, none.astype(float)).total == 0
    assert not assign_one_to_one(np.array([0]), np.array([0]), np.array([0.4]), threshold=0.5).total


def test_entangled_components_fall_back_to_best_first(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = np.array([0, 0, 1, 9]), np.array([0, 1, 0, 9])
    score = np.array([0.9, 0.8, 0.8, 0.7])
    assert assign_one_to_one(*pairs, score).chosen.tolist() == [False, True, True, True]
    starved = module._assign.py_func
    monkeypatch.setitem(starved.__globals__, "_LEAST_BUDGET", 1)
    monkeypatch.setitem(starved.__globals__, "_BUDGET_PER_EDGE", 1)
    monkeypatch.setattr(module, "_assign", starved)
    got = assign_one_to_one(*pairs, score)
    assert got.chosen.tolist() == [True, False, False, True]
    assert got.approximate == 3


def test_bad_input() -> None:
    one = np.array([0])
    with pytest.raises(ValueError, match="differ in length"):
        assign_one_to_one(one, one, np.array([0.1, 0.2]))
    with pytest.raises(ValueError, match="must be in"):
        assign_one_to_one(one, one, np.array([np.nan]))
