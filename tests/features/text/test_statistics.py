"""Vocabulary statistics: learned once, then applied as they are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from features.text.statistics import Statistics

KEYS = np.array([70, 10, 40], np.uint64)


def learned() -> Statistics:
    """Statistics of four rows: term 0 in one of them, term 1 in three."""
    statistics = Statistics()
    statistics.weigher("words", 4, KEYS)(np.array([1, 0, 1, 1], np.int32))
    return statistics


def rarity(frequency: int, documents: int) -> float:
    return math.log1p(documents / frequency) / math.log1p(documents)


def test_frequencies_are_kept_by_ascending_key() -> None:
    statistics = learned()
    assert statistics.documents == {"words": 4}
    assert statistics.keys["words"].tolist() == [10, 70]
    assert statistics.keys["words"].dtype == np.uint64
    assert statistics.frequencies["words"].tolist() == [3, 1]


def test_weights_come_in_the_order_of_the_terms() -> None:
    weights = Statistics().weigher("words", 4, KEYS)(np.array([1, 0, 1, 1], np.int32))
    assert weights == pytest.approx([rarity(3, 4), 1, rarity(3, 4), rarity(3, 4)])


def test_frozen_statistics_apply_to_other_rows_and_other_numbers() -> None:
    statistics = learned()
    statistics.frozen = True
    # A thousand other rows, in which the same words have other numbers.
    other = np.array([10, 99, 70], np.uint64)
    weights = statistics.weigher("words", 1000, other)(np.array([0, 1, 2, 0], np.int32))
    assert weights == pytest.approx([rarity(3, 4), 1, 1, rarity(3, 4)])
    assert statistics.documents == {"words": 4}
    assert statistics.keys["words"].tolist() == [10, 70]


def test_unseen_terms_and_unseen_spaces_are_the_rarest() -> None:
    statistics = learned()
    statistics.frozen = True
    beyond = np.array([1, 2**64 - 1], np.uint64)
    assert statistics.weigher("words", 9, beyond)(np.array([0, 1])) == pytest.approx([1, 1])
    assert statistics.weigher("codes", 9)(np.array([5, 5, 6])) == pytest.approx([1, 1, 1])


def test_a_number_is_its_own_key_by_default() -> None:
    statistics = Statistics()
    statistics.weigher("grams", 2)(np.array([900, 3, 3], np.int32))
    assert statistics.keys["grams"].tolist() == [3, 900]
    assert statistics.frequencies["grams"].tolist() == [2, 1]


def test_no_terms_have_no_weights() -> None:
    for statistics in (Statistics(), Statistics(frozen=True)):
        assert statistics.weigher("words", 0, KEYS)(np.zeros(0, np.int32)).shape == (0,)
