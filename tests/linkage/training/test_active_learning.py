"""Pairs to label: near the cut, spread, all different, and deterministic."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.training.active_learning import choose_pairs


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=300), st.integers(1, 320))
def test_as_many_pairs_as_requested_and_each_once(scores: list[float], number: int) -> None:
    chosen = choose_pairs(np.array(scores), number)
    assert len(chosen) == min(number, len(scores))
    assert len(set(chosen.tolist())) == len(chosen)
    assert np.all(np.diff(np.array(scores)[chosen]) <= 0)


def test_pairs_are_near_the_threshold_on_both_sides() -> None:
    scores = np.random.default_rng(0).uniform(-12, 12, 5000)
    chosen = scores[choose_pairs(scores, 200)]
    assert 80 <= np.sum(chosen > 0) <= 120
    assert np.mean(np.abs(chosen) < 3) > 0.7
    assert np.max(np.abs(chosen)) > 4, "a few are where the model is sure"


def test_order_of_the_pairs_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 4, 500)
    mixed = rng.permutation(500)
    one, other = choose_pairs(scores, 60), mixed[choose_pairs(scores[mixed], 60)]
    assert set(one.tolist()) == set(other.tolist())
