"""Informative pairs: the largest errors of each class, and others that count for the rest."""

from __future__ import annotations

import numpy as np
import pytest
from prepared import pair_keys

from linkage.training import informative_pairs as module
from linkage.training.informative_pairs import informative_pairs


def test_each_class_keeps_its_largest_errors_and_its_weight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_INFORMATIVE", 50)
    monkeypatch.setattr(module, "_EVEN", 20)
    rng = np.random.default_rng(0)
    target, error = (rng.random(3000) < 0.3).astype(int), rng.random(3000)
    kept, factor = informative_pairs(target, error, pair_keys(len(target)))
    assert np.all(np.diff(kept) > 0)
    for value in (0, 1):
        here = target[kept] == value
        worst = np.flatnonzero(target == value)[np.argsort(-error[target == value])[:50]]
        assert set(worst) <= set(kept[here])
        assert here.sum() == 70
        assert np.all(factor[np.isin(kept, worst)] == 1)
        assert factor[here].sum() == pytest.approx(np.sum(target == value))


def test_a_small_class_is_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_INFORMATIVE", 50)
    monkeypatch.setattr(module, "_EVEN", 20)
    target = np.repeat([1, 0], [60, 1000])
    kept, factor = informative_pairs(target, np.zeros(1060), pair_keys(1060))
    assert np.array_equal(kept[:60], np.arange(60))
    assert np.all(factor[:60] == 1)
    assert len(kept) == 60 + 70
