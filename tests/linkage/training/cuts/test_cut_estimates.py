"""Cut estimates: near the truth where probabilities are right, corrected by labels where not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from linkage.training.cuts.cut_estimates import LabelledSample, estimate_cuts

THRESHOLDS = (0.2, 0.5, 0.9)


def above(probability: np.ndarray, threshold: float) -> np.ndarray:
    return probability >= threshold


def candidates(*, overconfident: bool, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of candidates, and whether they match."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(0, 3, 20_000)
    chance = expit(log_odds / 3 - 0.5 if overconfident else log_odds)
    return expit(log_odds), rng.random(20_000) < chance


def drawn(
    probability: np.ndarray, match: np.ndarray, number: int, *, near: bool, seed: int = 1
) -> LabelledSample:
    """A sample of the candidates with weights, at random or mostly near even odds."""
    rng = np.random.default_rng(seed)
    size = probability * (1 - probability) + 0.02 if near else np.ones(len(probability))
    inclusion = number * size / size.sum()
    chosen = np.flatnonzero(rng.random(len(size)) < inclusion)
    return LabelledSample(
        chosen, probability[chosen], match[chosen].astype(int), 1 / inclusion[chosen]
    )


def test_probabilities_that_are_right_need_no_labels() -> None:
    probability, match = candidates(overconfident=False)
    for one in estimate_cuts(probability, above, THRESHOLDS):
        accepted = probability >= one.threshold
        assert one.accepted == accepted.sum()
        assert one.precision == pytest.approx(match[accepted].mean(), abs=0.02)
        assert one.recall == pytest.approx(match[accepted].sum() / match.sum(), abs=0.02)
        assert one.labels == 0
        f1 = 2 * match[accepted].sum() / (accepted.sum() + match.sum())
        assert one.f1 == pytest.approx(f1, abs=0.02)


@pytest.mark.parametrize("near", [True, False])
def test_labels_correct_probabilities_that_are_wrong(near: bool) -> None:
    probability, match = candidates(overconfident=True)
    sample = drawn(probability, match, 3000, near=near)
    for one, plain in zip(
        estimate_cuts(probability, above, THRESHOLDS, sample),
        estimate_cuts(probability, above, THRESHOLDS),
        strict=True,
    ):
        accepted = probability >= one.threshold
        truth = match[accepted].mean()
        assert abs(plain.precision - truth) > 0.1
        assert one.precision == pytest.approx(truth, abs=0.06)
        assert one.recall == pytest.approx(match[accepted].sum() / match.sum(), abs=0.08)


def test_few_labels_move_an_estimate_less_than_many() -> None:
    probability, match = candidates(overconfident=True)
    few, many = (
        estimate_cuts(probability, above, THRESHOLDS, drawn(probability, match, n, near=False))[1]
        for n in (10, 3000)
    )
    plain = estimate_cuts(probability, above, THRESHOLDS)[1]
    assert few.labels < many.labels
    assert abs(few.precision - plain.precision) < abs(many.precision - plain.precision)


def test_what_a_clustering_rejects_does_not_count() -> None:
    probability = np.array([0.9, 0.8, 0.7, 0.6])

    def every_second(given: np.ndarray, threshold: float) -> np.ndarray:
        return above(given, threshold) & np.array([True, False, True, False])

    (one,) = estimate_cuts(probability, every_second, [0.5])
    assert one.accepted == 2
    assert one.precision == pytest.approx(0.8)


def test_held_out_probabilities_stand_in_for_those_of_the_model() -> None:
    probability = np.array([0.99, 0.99, 0.01])
    sample = LabelledSample(np.array([0]), np.array([0.1]), np.array([0]), np.ones(1))
    (one,) = estimate_cuts(probability, above, [0.5], sample)
    assert one.accepted == 1


def test_no_candidates() -> None:
    (one,) = estimate_cuts(np.zeros(0), above, [0.5])
    assert (one.accepted, one.precision, one.recall) == (0, 0.0, 0.0)
