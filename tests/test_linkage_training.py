"""Learning from labels: folds, the dial, held-out metrics, one-to-one."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.pair_model import PairModel
from linkage.training import _usable_folds, train_on_labels

NAMES = ["a.equal", "b.equal", "c.ratio"]


def labelled(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    label = (rng.random(n) < 0.3).astype(int)
    matrix = (rng.random((n, 3)) + label[:, None] * 0.35).astype(np.float32)
    return matrix, label


def trained(matrix: np.ndarray, label: np.ndarray, **options: object) -> PairModel:
    n = len(label)
    plain = {
        "rows": (np.arange(n), np.arange(n) + n),
        "fold": np.arange(n) % 5,
        "is_linkage": False,
        "seed": 0,
        "threads": 1,
    }
    return train_on_labels(NAMES, matrix, label, **{**plain, **options})  # type: ignore[arg-type]


def test_held_out_metrics_are_of_the_threshold() -> None:
    matrix, label = labelled()
    model = trained(matrix, label)
    assert model.metrics["labels"] == 600
    assert 0.5 < model.metrics["f1"] < 1
    assert model.metrics["expected_calibration_error"] < 0.1
    assert model.anchor == f"600 labelled pairs, {label.sum()} of them matches"
    fresh_matrix, fresh = labelled(2000)
    match = model.probability(fresh_matrix, np.zeros(2000, int)) >= model.threshold
    precision = fresh[match].mean()
    assert precision == pytest.approx(model.metrics["precision"], abs=0.15)


def test_the_dial() -> None:
    matrix, label = labelled()
    precise = trained(matrix, label, precision=0.9)
    best = trained(matrix, label)
    complete = trained(matrix, label, recall=0.95)
    assert precise.metrics["precision"] >= 0.9
    assert complete.metrics["recall"] >= 0.95
    assert best.metrics["f1"] >= max(precise.metrics["f1"], complete.metrics["f1"])
    assert precise.threshold > best.threshold > complete.threshold


def test_one_to_one_is_decided_by_the_user_first() -> None:
    matrix, label = labelled(200)
    assert trained(matrix, label, is_linkage=True, one_to_one="yes").one_to_one
    assert not trained(matrix, label, is_linkage=True, one_to_one="no").one_to_one
    assert not trained(matrix, label, is_linkage=False, one_to_one="auto").one_to_one


def test_repeated_partners_speak_against_one_to_one() -> None:
    matrix, label = labelled(200)
    rows = np.arange(200) // 4, 200 + np.arange(200)
    assert not trained(matrix, label, is_linkage=True, rows=rows, one_to_one="auto").one_to_one


@pytest.mark.parametrize(
    ("label", "fold"),
    [
        ([0, 1] * 20, [0] * 40),
        ([0] * 39 + [1], list(range(40))),
        ([1] + [0] * 6, [0, 1, 2, 3, 4, 0, 1]),
        ([0, 1], [0, 1]),
    ],
)
def test_folds_cover_every_pair(label: list[int], fold: list[int]) -> None:
    usable = _usable_folds(np.array(fold), np.array(label))
    assert len(usable) == len(label)
    assert set(np.unique(usable)) == set(range(usable.max() + 1))
    assert usable.max() >= 1


@pytest.mark.parametrize("matches", [1, 2, 3])
def test_a_handful_of_labels_is_enough_to_run(matches: int) -> None:
    matrix, _ = labelled(10)
    label = np.array([1] * matches + [0] * (10 - matches))
    model = trained(matrix, label, fold=np.zeros(10, int))
    assert np.isfinite(model.probability(matrix, np.zeros(10, int))).all()
