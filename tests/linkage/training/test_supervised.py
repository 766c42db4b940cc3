"""Learning from labels: folds, threshold targets, held-out metrics, one-to-one."""

from __future__ import annotations

import numpy as np
import pytest
from prepared import pair_keys

from linkage.models.pair_model import PairModel
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.training.supervised import BaseLabels, LabelledPairs, train_on_labels

NAMES = ["a.equal", "b.equal", "c.ratio", "prior:log_odds"]


def labelled(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    label = (rng.random(n) < 0.3).astype(int)
    matrix = (rng.random((n, 3)) + label[:, None] * 0.35).astype(np.float32)
    return matrix, label


def pairs(
    matrix: np.ndarray,
    *,
    rows: tuple[np.ndarray, np.ndarray] | None = None,
    fold: np.ndarray | None = None,
) -> ComparedPairs:
    n = len(matrix)
    left, right = rows or (np.arange(n), np.arange(n) + n)
    fold = np.arange(n) % 5 if fold is None else fold
    names = NAMES[: matrix.shape[1]]
    return ComparedPairs(None, {}, left, right, matrix, names, fold, pair_keys(len(left)))  # type: ignore[arg-type]


def trained(
    matrix: np.ndarray,
    label: np.ndarray,
    rows: tuple[np.ndarray, np.ndarray] | None = None,
    fold: np.ndarray | None = None,
    **options: object,
) -> PairModel:
    labelled = LabelledPairs(pairs(matrix, rows=rows, fold=fold), label)
    plain: dict[str, object] = {"is_linkage": False, "seed": 0, "threads": 1}
    return train_on_labels(labelled, **{**plain, **options})[0]  # type: ignore[arg-type]


def test_held_out_metrics_are_of_the_threshold() -> None:
    matrix, label = labelled()
    model = trained(matrix, label)
    assert model.training.metrics["labels"] == 600
    assert 0.5 < model.training.metrics["f1"] < 1
    assert model.training.metrics["expected_calibration_error"] < 0.1
    assert model.training.anchor == f"600 labelled pairs, {label.sum()} of them matches"
    fresh_matrix, fresh = labelled(2000)
    match = model.probability(fresh_matrix, np.zeros(2000, int)) >= model.threshold
    precision = fresh[match].mean()
    assert precision == pytest.approx(model.training.metrics["precision"], abs=0.15)


def test_sampling_weights_make_metrics_those_of_all_pairs() -> None:
    matrix, label = labelled(6000)
    # Nine in ten of the others were left out, and each that was drawn stands for ten.
    kept = (label == 1) | (np.arange(6000) % 10 == 0)
    weight = np.where(label == 1, 1.0, 10.0)[kept]
    drawn = LabelledPairs(pairs(matrix[kept]), label[kept], sampling=weight)
    model, probability = train_on_labels(drawn, is_linkage=False, seed=0, threads=1)
    fresh_matrix, fresh = labelled(8000)
    found = model.probability(fresh_matrix, np.zeros(8000, int)) >= model.threshold
    assert model.training.metrics["precision"] == pytest.approx(fresh[found].mean(), abs=0.1)
    assert weight @ probability / weight.sum() == pytest.approx(label.mean(), abs=0.03)
    held_out = model.training.held_out
    assert held_out is not None
    assert held_out.matches.sum() + held_out.others.sum() == pytest.approx(6000, rel=0.05)


def test_one_to_one_follows_the_configuration_first() -> None:
    matrix, label = labelled(200)
    assert trained(matrix, label, is_linkage=True, one_to_one="yes").one_to_one
    assert not trained(matrix, label, is_linkage=True, one_to_one="no").one_to_one
    assert not trained(matrix, label, is_linkage=False, one_to_one="auto").one_to_one


def test_repeated_matches_prevent_one_to_one() -> None:
    matrix, label = labelled(200)
    rows = np.arange(200) // 4, 200 + np.arange(200)
    assert not trained(matrix, label, is_linkage=True, rows=rows, one_to_one="auto").one_to_one


@pytest.mark.parametrize("matches", [1, 2, 3])
def test_a_handful_of_labels_is_enough_to_run(matches: int) -> None:
    matrix, _ = labelled(10)
    label = np.array([1] * matches + [0] * (10 - matches))
    model = trained(matrix, label, fold=np.zeros(10, int))
    assert np.isfinite(model.probability(matrix, np.zeros(10, int))).all()


def with_base_score(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Weak features and a good base score."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.3).astype(int)
    weak = rng.random((n, 3)) + label[:, None] * 0.1
    base_score = rng.normal(np.where(label == 1, 2.5, -2.5), 1.0)
    return np.column_stack([weak, base_score]).astype(np.float32), label


def test_few_labels_are_no_worse_than_the_base_model() -> None:
    matrix, label = with_base_score(2000, 0)
    base_model = BaseLabels(pairs(matrix), "prior:log_odds")
    fresh, truth = with_base_score(4000, 1)
    alone = np.mean((fresh[:, 3] > 0) == truth)
    few = trained(matrix[:30], label[:30], base_model=base_model)
    scratch = trained(matrix[:30], label[:30])
    fold = np.zeros(len(fresh), int)
    blended = np.mean((few.probability(fresh, fold) >= few.threshold) == truth)
    unaided = np.mean((scratch.probability(fresh, fold) >= scratch.threshold) == truth)
    assert blended > alone - 0.01
    assert blended >= unaided
    assert "Labels are few" in few.training.notes[0]


def test_many_labels_need_no_base_model() -> None:
    matrix, label = with_base_score(6000, 0)
    base_model = BaseLabels(pairs(matrix), "prior:log_odds")
    with_base_model = trained(matrix, label, base_model=base_model)
    assert with_base_model.scorer.linear is None
    assert with_base_model.training.notes == ()


def test_validation_labels_choose_the_threshold() -> None:
    # Trained where 30 % match, used where 3 % do.
    matrix, label = labelled(2000)
    rare_matrix, rare = labelled(3000)
    keep = (rare == 0) | (np.arange(3000) % 14 == 0)
    validation = LabelledPairs(pairs(rare_matrix[keep]), rare[keep])
    own = trained(matrix, label)
    checked = trained(matrix, label, validation=validation)
    assert checked.training.metrics["labels"] == keep.sum()
    fold = np.zeros(int(keep.sum()), int)
    probability = checked.probability(rare_matrix[keep], fold)
    assert probability.mean() == pytest.approx(rare[keep].mean(), abs=0.02)
    assert own.probability(rare_matrix[keep], fold).mean() > 2 * rare[keep].mean()
