"""Pairs to label: near the cut, spread, all different, and deterministic."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage.training.active_learning import choose_pairs


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=300), st.integers(1, 320))
def test_as_many_pairs_as_requested_and_each_once(scores: list[float], number: int) -> None:
    chosen, weight = choose_pairs(np.array(scores), number)
    assert (weight >= 1).all()
    assert len(chosen) == min(number, len(scores))
    assert len(set(chosen.tolist())) == len(chosen)
    assert np.all(np.diff(np.array(scores)[chosen]) <= 0)


def test_pairs_are_near_the_threshold_on_both_sides() -> None:
    scores = np.random.default_rng(0).uniform(-12, 12, 5000)
    chosen = scores[choose_pairs(scores, 200)[0]]
    assert 100 <= np.sum(chosen > 0) <= 140
    assert np.mean(np.abs(chosen) < 3) > 0.6
    assert np.max(np.abs(chosen)) > 4, "a few are where the model is sure"


def test_order_of_the_pairs_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 4, 500)
    mixed = rng.permutation(500)
    one, other = choose_pairs(scores, 60)[0], mixed[choose_pairs(scores[mixed], 60)[0]]
    assert set(one.tolist()) == set(other.tolist())


def test_weighted_sums_are_those_of_all_pairs_on_average() -> None:
    rng = np.random.default_rng(2)
    # Few matches among many others, and a model that is wrong about some of them.
    scores = np.concatenate([rng.normal(4, 2, 400), rng.normal(-4, 2, 8000)])
    match = np.arange(8400) < 400
    above = scores > 1.5
    sums = []
    for seed in range(400):
        chosen, weight = choose_pairs(scores, 100, seed)
        sums.append(
            [(weight * match[chosen] * above[chosen]).sum(), (weight * above[chosen]).sum()]
        )
    truth = [np.sum(match & above), np.sum(above)]
    np.testing.assert_allclose(np.mean(sums, axis=0), truth, rtol=0.02)


def test_the_same_seed_gives_the_same_pairs_and_another_one_others() -> None:
    scores = np.random.default_rng(3).normal(0, 4, 3000)
    first, again, other = (choose_pairs(scores, 50, seed)[0].tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other
