"""Expected accuracy: sure and separate answers are trusted more than doubtful ones."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.evaluation.expected_accuracy import (
    UNCERTAIN,
    expected_of_groups,
    expected_of_pairs,
)


def pairs(joined: float, rejected: float, products: int = 50) -> tuple[np.ndarray, ...]:
    """Two records a product: each pair of these is joined, and one across two products is not."""
    left = np.concatenate([np.arange(0, 2 * products, 2), np.arange(0, 2 * products - 2, 2)])
    right = np.concatenate([np.arange(1, 2 * products, 2), np.arange(3, 2 * products, 2)])
    probability = np.concatenate([np.full(products, joined), np.full(products - 1, rejected)])
    return left, right, probability, np.repeat(np.arange(products), 2)


def test_the_sure_and_separate_are_expected_to_be_right() -> None:
    sure = expected_of_pairs(*pairs(0.999, 0.0001))
    doubtful = expected_of_pairs(*pairs(0.8, 0.4))
    assert sure is not None
    assert doubtful is not None
    assert sure.f1 > 0.9 > UNCERTAIN > doubtful.f1
    assert sure.signs["mean_probability"] == pytest.approx(0.999)
    assert doubtful.signs["margin"] == pytest.approx(np.log(4) - np.log(2 / 3))


def test_rivals_that_score_alike_are_a_doubt() -> None:
    near, far = expected_of_pairs(*pairs(0.95, 0.9)), expected_of_pairs(*pairs(0.95, 0.01))
    assert near is not None
    assert far is not None
    assert near.f1 < far.f1
    assert f"{near.signs['margin']:.1f} log-odds" in near.doubt


def test_calibrated_probabilities_are_taken_at_their_word() -> None:
    left, right, probability, labels = pairs(0.9, 0.2)
    found = expected_of_pairs(left, right, probability, labels, calibrated=True)
    assert found is not None
    assert found.precision == pytest.approx(0.9)
    assert found.recall == pytest.approx(50 * 0.9 / (50 * 0.9 + 49 * 0.2))


def test_where_nothing_is_joined_nothing_is_estimated() -> None:
    left, right, probability, labels = pairs(0.9, 0.2)
    assert expected_of_pairs(left, right, probability, np.arange(len(labels))) is None
    assert expected_of_groups(np.arange(9), np.zeros(9, int)) is None
    assert expected_of_groups(np.zeros(0, int), np.zeros(0, int)) is None


def groups(products: int, variants: int, repeats: int) -> tuple[np.ndarray, np.ndarray]:
    """Groups of records, and their combinations of ignored values, each several times."""
    labels = np.repeat(np.arange(products), variants * repeats)
    return labels, np.tile(np.repeat(np.arange(variants), repeats), products)


def test_groups_whose_ignored_values_repeat_are_doubted() -> None:
    clean = expected_of_groups(*groups(20, 4, 1))
    repeated = expected_of_groups(*groups(20, 4, 3))
    assert clean is not None
    assert repeated is not None
    assert clean.signs == {"collisions": 0.0, "clustered": 1.0}
    assert repeated.signs["collisions"] == pytest.approx(8 / 11)
    assert clean.f1 > 0.95 > repeated.f1


def test_offers_of_one_variant_are_no_collision() -> None:
    labels, combination = groups(20, 4, 3)
    part = np.repeat(np.arange(20 * 4), 3)  # what a stricter definition joined
    found = expected_of_groups(labels, combination, part)
    assert found is not None
    assert found.signs["collisions"] == 0


def test_few_records_in_groups_are_a_doubt() -> None:
    labels, combination = groups(5, 4, 1)
    alone = np.arange(400)
    found = expected_of_groups(
        np.concatenate([labels, 5 + alone]), np.concatenate([combination, np.zeros(400, int)])
    )
    whole = expected_of_groups(labels, combination)
    assert found is not None
    assert whole is not None
    assert found.recall < whole.recall
    assert "5% of the records are in a group" in found.doubt


def test_unknown_ignored_values_tell_nothing() -> None:
    labels, combination = groups(5, 4, 2)
    found = expected_of_groups(labels, np.full(len(combination), -1))
    assert found is not None
    assert found.signs["collisions"] == 0
