"""Thresholds and calibration, against brute force and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from linkage.clustering.assignment import assign_best_first
from linkage.training.cuts.thresholds import (
    best_expected_threshold,
    cut_for_target,
    decoy_cut,
    platt,
)

scored = st.lists(
    st.tuples(st.integers(-4, 4).map(lambda k: k / 2), st.integers(0, 1)), min_size=2, max_size=25
).filter(lambda pairs: {label for _, label in pairs} == {0, 1})
probabilities = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=15)


def rates(score: np.ndarray, label: np.ndarray, cut: float) -> tuple[float, float, float]:
    chosen = score >= cut
    hits = float(label[chosen].sum())
    precision, recall = hits / max(chosen.sum(), 1), hits / label.sum()
    return precision, recall, 2 * hits / (chosen.sum() + label.sum())


@given(scored, st.sampled_from([None, 0.3, 0.5, 0.9, 1.0]), st.booleans())
def test_cut_for_target_against_all_cuts(
    pairs: list[tuple[float, int]], aim: float | None, by_precision: bool
) -> None:
    score, label = (np.array(part) for part in zip(*pairs, strict=True))
    # Something is always accepted: the cuts are the scores.
    every = [rates(score, label, cut) for cut in np.unique(score)]
    if aim is None:
        cut = cut_for_target(score, label)
        assert rates(score, label, cut)[2] == pytest.approx(max(f for _, _, f in every))
        return
    cut = cut_for_target(score, label, **{"precision" if by_precision else "recall": aim})
    first, other = (0, 1) if by_precision else (1, 0)
    got = rates(score, label, cut)
    able = [one[other] for one in every if one[first] >= aim]
    if able:
        assert got[first] >= aim
        assert got[other] == pytest.approx(max(able))
    else:
        assert got[first] == pytest.approx(max(one[first] for one in every))


@given(scored)
def test_a_cut_is_between_scores(pairs: list[tuple[float, int]]) -> None:
    score, label = (np.array(part) for part in zip(*pairs, strict=True))
    assert cut_for_target(score, label) not in score


@given(probabilities)
def test_best_expected_threshold_against_all_counts(values: list[float]) -> None:
    probability = np.sort(np.array(values))[::-1]
    total = probability.sum()
    best = max(2 * probability[:k].sum() / (k + total) for k in range(1, len(probability) + 1))
    threshold = best_expected_threshold(probability)
    chosen = probability[probability >= threshold]
    if 0.05 < threshold < 0.5:
        assert 2 * chosen.sum() / (len(chosen) + total) == pytest.approx(best)
    assert 0.05 <= threshold <= 0.5


def test_best_expected_threshold_of_nothing() -> None:
    assert best_expected_threshold(np.zeros(0)) == best_expected_threshold(np.zeros(3)) == 0.5


def test_the_expected_threshold_follows_the_expected_f1() -> None:
    sure = np.repeat([0.99, 0.01], 100)
    unsure = np.repeat([0.6, 0.3], 100)
    assert (
        best_expected_threshold(unsure)
        < best_expected_threshold(sure)
        == pytest.approx(0.5, abs=0.01)
    )


def test_platt_recovers_slope_and_intercept() -> None:
    rng = np.random.default_rng(2)
    score = rng.normal(0, 2, 20_000)
    label = (rng.random(len(score)) < expit(1.7 * score - 0.8)).astype(int)
    slope, intercept = platt(score, label)
    assert slope == pytest.approx(1.7, abs=0.1)
    assert intercept == pytest.approx(-0.8, abs=0.1)


def test_platt_gives_no_certainty_and_keeps_the_order() -> None:
    score = np.array([-3.0, -2, -1, 1, 2, 3])
    slope, intercept = platt(score, np.array([0, 0, 0, 1, 1, 1]))
    assert 0.5 < expit(slope + intercept) < 1
    assert platt(score, np.array([1, 1, 1, 0, 0, 0]))[0] > 0


def simulated(
    matched: float, distance: float, seed: int, n: int = 1500
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Two tables of n records, each with non-matches, and some with a match of higher score."""
    rng = np.random.default_rng(seed)
    non_matches = 8
    left = np.repeat(np.arange(n), non_matches)
    right = n + rng.integers(0, n, len(left))
    score = rng.normal(0, 1, len(left))
    partners = np.flatnonzero(rng.random(n) < matched)
    left, right = np.append(left, partners), np.append(right, partners + n)
    score = np.append(score, rng.normal(distance, 1, len(partners)))
    truth = left + n == right
    keys = left * 2 * n + right
    _, first = np.unique(keys[::-1], return_index=True)
    keep = len(keys) - 1 - first
    return left[keep], right[keep], score[keep], truth[keep]


@pytest.mark.parametrize("matched", [0.3, 0.5, 0.95])
@pytest.mark.parametrize("distance", [4.0, 5.5])
@pytest.mark.parametrize("seed", [0, 1])
def test_decoy_cut_comes_near_the_oracle(matched: float, distance: float, seed: int) -> None:
    left, right, score, truth = simulated(matched, distance, seed)
    assigned = assign_best_first(left, right, score)
    cut = decoy_cut(left, right, score, assigned, (1500, 1500))

    def f1(at: float) -> float:
        chosen = assigned & (score >= at)
        return 2 * float((chosen & truth).sum()) / float(chosen.sum() + truth.sum())

    best = max(f1(at) for at in np.quantile(score[assigned], np.linspace(0, 1, 201)))
    assert f1(cut.score) >= best - 0.035
    assert cut.accepted == int((assigned & (score >= cut.score)).sum())
    assert cut.matches == pytest.approx(truth.sum(), rel=0.25)


def test_few_matches_of_small_tables_are_not_taken_for_twice_as_many() -> None:
    excess = []
    for seed in range(40):
        left, right, score, truth = simulated(0.1, 6.0, seed, n=200)
        cut = decoy_cut(left, right, score, assign_best_first(left, right, score), (200, 200))
        excess.append(cut.matches / truth.sum())
    # 1.95 without the standard error
    assert np.mean(excess) < 1.75


def test_decoy_cut_of_nothing_and_without_decoys() -> None:
    empty = np.zeros(0, int)
    nothing = decoy_cut(empty, empty, np.zeros(0), np.zeros(0, bool), (3, 3))
    assert (nothing.score, nothing.accepted) == (np.inf, 0)
    left, right, score = np.array([0, 1]), np.array([2, 3]), np.array([2.0, 1.0])
    alone = decoy_cut(left, right, score, np.ones(2, bool), (2, 2))
    assert (alone.score, alone.matches, alone.accepted) == (1.0, 2.0, 2)
