"""Boosters by folds: held-out scores are unbiased, and threads do not change boosters."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from prepared import pair_keys

from linkage.scoring.record_folds import fold_of
from linkage.training import boosting, informative_pairs
from linkage.training.boosting import train_folds, train_with_early_stopping
from linkage.training.folds import Folds, label_folds


def learnable(n: int = 900) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    matrix = rng.random((n, 4)).astype(np.float32)
    label = (matrix[:, 0] + 0.2 * rng.normal(size=n) > 0.6).astype(int)
    matrix[rng.random((n, 4)) < 0.1] = np.nan
    return matrix, label, np.arange(n) % 5


def test_folds_depend_on_the_hash_only() -> None:
    hashes = np.random.default_rng(0).integers(0, 2**64, 2000, np.uint64)
    fold = fold_of(hashes, 5)
    assert np.array_equal(fold_of(hashes[::-1], 5), fold[::-1])
    assert np.bincount(fold, minlength=5).min() > 300


@pytest.mark.parametrize("threads", [1, 2])
def test_boosters_do_not_depend_on_threads(threads: int) -> None:
    matrix, label, fold = learnable()
    weight = np.ones(len(label))
    boosters = train_folds(
        matrix, label, weight, fold, pair_keys(len(fold)), folds=5, seed=0, threads=threads
    )
    again = train_folds(
        matrix, label, weight, fold, pair_keys(len(fold)), folds=5, seed=0, threads=1
    )
    for one, other in zip(boosters, again, strict=True):
        np.testing.assert_array_equal(one.predict(matrix), other.predict(matrix))


def test_a_booster_has_not_learned_from_its_fold() -> None:
    matrix, label, fold = learnable()
    weight = np.ones(len(label))
    boosters = train_folds(
        matrix, label, weight, fold, pair_keys(len(fold)), folds=5, seed=0, threads=1
    )
    turned = np.where(fold == 2, 1 - label, label)
    others = train_folds(
        matrix, turned, weight, fold, pair_keys(len(fold)), folds=5, seed=0, threads=1
    )
    same = [
        np.array_equal(one.predict(matrix), other.predict(matrix))
        for one, other in zip(boosters, others, strict=True)
    ]
    assert same == [False, False, True, False, False]


def test_unused_pairs_do_not_change_boosters() -> None:
    matrix, label, _ = learnable()
    weight, fold = np.ones(len(label)), np.zeros(len(label))
    some = np.where(np.arange(len(label)) % 2 == 0, label, -1)
    used = some >= 0
    keys = pair_keys(len(fold))
    one = train_folds(matrix, some, weight, fold, keys, folds=1, seed=0, threads=1)
    other = train_folds(
        matrix[used], label[used], weight[used], fold[used], keys[used],
        folds=1, seed=0, threads=1,
    )  # fmt: skip
    np.testing.assert_array_equal(one[0].predict(matrix), other[0].predict(matrix))


def test_held_out_scores_are_unbiased() -> None:
    rng = np.random.default_rng(1)
    matrix = rng.random((600, 5)).astype(np.float32)
    noise = rng.integers(0, 2, 600)
    shares: list[float] = []
    turns = np.arange(600) % 3
    boosters, held_out = train_with_early_stopping(
        matrix, noise, Folds(turns, turns, 3), seeds=2, seed=0, threads=1, progress=shares.append,
    )  # fmt: skip
    assert len(boosters) == 6
    assert abs(np.corrcoef(held_out, noise)[0, 1]) < 0.15
    assert len(shares) == 6 + 6, "those that leave a fold out, and those that learn from all"
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    learned = np.mean([booster.predict(matrix, raw_score=True) for booster in boosters], axis=0)
    assert np.corrcoef(learned, noise)[0, 1] > 0.3, "what they have seen they know"
    again = lightgbm.Booster(model_str=boosters[0].model_to_string())
    np.testing.assert_array_equal(again.predict(matrix), boosters[0].predict(matrix))


def test_labels_are_learned() -> None:
    matrix, label, fold = learnable()
    _, held_out = train_with_early_stopping(
        matrix, label, Folds(fold, fold, 5), seeds=1, seed=0, threads=1
    )
    assert np.mean((held_out > 0) == label) > 0.7


def test_every_returned_booster_has_learned_from_all_folds() -> None:
    matrix, label, fold = learnable()
    folds = Folds(fold, fold, 5)
    odd = np.where(fold == 2, 1 - label, label)
    boosters, _ = train_with_early_stopping(matrix, label, folds, seeds=1, seed=0, threads=1)
    others, _ = train_with_early_stopping(matrix, odd, folds, seeds=1, seed=0, threads=1)
    here = fold == 2
    for one, other in zip(boosters, others, strict=True):
        change = other.predict(matrix[here]) - one.predict(matrix[here])
        assert np.corrcoef(change, odd[here] - label[here])[0, 1] > 0.5


def test_quick_boosters_are_those_with_a_held_out_fold() -> None:
    matrix, label, fold = learnable()
    shares: list[float] = []
    boosters, held_out = train_with_early_stopping(
        matrix, label, Folds(fold, fold, 5), seeds=1, seed=0, threads=1, quick=True,
        progress=shares.append,
    )  # fmt: skip
    assert len(shares) == 5
    own = [boosters[k].predict(matrix[fold == k], raw_score=True) for k in range(5)]
    for k in range(5):
        np.testing.assert_allclose(held_out[fold == k], own[k])


@pytest.mark.parametrize("labels", [2, 3, 5])
def test_a_handful_of_labels_is_enough_to_run(labels: int) -> None:
    rng = np.random.default_rng(0)
    label = np.arange(labels) % 2
    rows = np.arange(labels)
    boosters, held_out = train_with_early_stopping(
        rng.random((labels, 3)).astype(np.float32), label,
        label_folds(rows, rows + labels, label), seeds=1, seed=0, threads=1,
    )  # fmt: skip
    assert boosters
    assert np.isfinite(held_out).all()


def test_boosters_of_many_pairs_learn_from_the_informative_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    matrix = rng.random((20_000, 4)).astype(np.float32)
    label = (matrix[:, 0] + 0.05 * rng.normal(size=20_000) > 0.9).astype(int)
    weight, fold = np.ones(20_000), np.arange(20_000) % 5
    monkeypatch.setattr(boosting, "_MANY_PAIRS", 5_000)
    monkeypatch.setattr(informative_pairs, "_INFORMATIVE", 1_000)
    monkeypatch.setattr(informative_pairs, "_EVEN", 1_000)
    boosters = train_folds(
        matrix, label, weight, fold, pair_keys(len(fold)), folds=5, seed=0, threads=1
    )
    probability = np.asarray(boosters[0].predict(matrix))
    assert np.mean((probability > 0.5) == label) > 0.95
    assert probability.mean() == pytest.approx(label.mean(), rel=0.1), "weights stand for the rest"
