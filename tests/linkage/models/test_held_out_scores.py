from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.models.held_out_scores import HeldOutScores, bins_of, log_odds_beyond


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=50),
    st.floats(0.001, 0.999),
)
def test_bins_part_at_the_threshold_to_the_pair(scores: list[float], threshold: float) -> None:
    probability = np.array(scores)
    assert np.array_equal(bins_of(probability, threshold) >= 0, probability >= threshold)


def test_counts_survive_being_written() -> None:
    probability, label = np.array([0.0, 0.2, 0.5, 0.9, 1.0]), np.array([0, 1, 1, 0, 1])
    held_out = HeldOutScores.count(probability, label, 0.5)
    again = HeldOutScores.from_dict(held_out.to_dict())
    assert np.array_equal(again.matches, held_out.matches)
    assert np.array_equal(again.others, held_out.others)
    assert (again.matches.sum(), again.others.sum()) == (3, 2)


def test_within_keeps_every_pair() -> None:
    probability, label = np.array([1e-9, 0.2, 0.5, 0.9, 1.0]), np.array([0, 1, 1, 0, 1])
    matches, others = HeldOutScores.count(probability, label, 0.5).within(-10, 9)
    assert (len(matches), len(others)) == (20, 20)
    assert (matches.sum(), others.sum()) == (3, 2)
    assert (matches[10:].sum(), others[10:].sum()) == (2, 1), "at or above the threshold"


def test_log_odds_are_those_of_each_probability_in_however_many_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probability = np.append(np.linspace(0, 1, 50), 0.3)
    inside = np.clip(probability, 1e-9, 1 - 1e-9)
    wanted = np.log(inside / (1 - inside)) - np.log(0.3 / 0.7)
    np.testing.assert_allclose(log_odds_beyond(probability, 0.3), wanted, atol=1e-12)
    monkeypatch.setattr("linkage.models.held_out_scores._AT_ONCE", 7)
    np.testing.assert_allclose(log_odds_beyond(probability, 0.3), wanted, atol=1e-12)
    assert log_odds_beyond(probability, 0.3)[-1] == 0
