"""Folds of labelled pairs: training pairs share no record with held-out ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.training.folds import FOLDS, label_folds


def random_pairs(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, 150, n), 150 + rng.integers(0, 150, n)
    return left, right, (left % 75 == right % 75).astype(int) | (rng.random(n) < 0.05)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000))
def test_no_record_is_in_two_folds(seed: int) -> None:
    left, right, label = random_pairs(seed, 600)
    folds = label_folds(left, right, label)
    held = np.zeros(len(label), int)
    for k in range(folds.number):
        learned, held_out = folds.training(k), folds.held_out(k)
        held += held_out
        assert not (set(left[learned]) & set(left[held_out]))
        check = folds.early_stopping(k, label)
        assert not (check & learned).any()
        assert not set(right[check & (folds.right == k)]) & set(right[learned])
    assert (held == 1).all()


def test_matching_records_share_a_fold() -> None:
    left, right = np.array([0, 1, 1, 2] * 10), np.array([50, 50, 51, 52] * 10)
    left = left + 3 * (np.arange(40) // 4)
    right = right + 3 * (np.arange(40) // 4)
    label = np.array([1, 1, 1, 0] * 10)
    folds = label_folds(left, right, label)
    assert (folds.left[label == 1] == folds.right[label == 1]).all()


@pytest.mark.parametrize(
    "label", [[0, 1] * 20, [0] * 39 + [1], [1] + [0] * 6, [0, 1], [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]]
)
@pytest.mark.parametrize("same_record", [True, False])
def test_few_labels_still_leave_both_classes_to_learn_from(
    label: list[int], same_record: bool
) -> None:
    n = len(label)
    left = np.zeros(n, int) if same_record else np.arange(n)
    folds = label_folds(left, 100 + np.arange(n), np.array(label))
    assert 2 <= folds.number <= FOLDS
    held = sum(folds.held_out(k).astype(int) for k in range(folds.number))
    assert (held == 1).all()
    if sum(label) > 1:
        for k in range(folds.number):
            assert set(np.array(label)[folds.training(k)]) == {0, 1}
