"""Stacking weights: better models weigh more, harmful ones nothing."""

from __future__ import annotations

import numpy as np

from linkage.training.stacking import stacking_weights


def models(n: int, noises: list[float], seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.3).astype(int)
    truth = np.where(label == 1, 2.0, -2.0)
    return np.column_stack([truth + rng.normal(0, noise, n) for noise in noises]), label


def test_the_better_model_weighs_more() -> None:
    scores, label = models(5000, [1.5, 4.0])
    weights = stacking_weights(scores, label)
    assert weights.sum() == 1
    assert weights[0] > 2 * weights[1] > 0


def test_a_model_that_contradicts_the_labels_is_left_out() -> None:
    scores, label = models(5000, [1.5, 1.5])
    scores[:, 1] *= -1
    assert stacking_weights(scores, label).tolist() == [1.0, 0.0]


def test_few_labels_keep_equal_shares() -> None:
    scores, label = models(12, [1.5, 3.0])
    np.testing.assert_allclose(stacking_weights(scores, label), 0.5, atol=0.25)


def test_one_model_has_all_the_weight() -> None:
    scores, label = models(50, [1.0])
    assert stacking_weights(scores, label).tolist() == [1.0]
