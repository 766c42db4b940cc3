"""The compiled scores of trees are those of LightGBM, to the last bit."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from linkage.models.tree_predictor import TreePredictor


def trained(missing: float, leaves: int, rounds: int = 25) -> tuple[lightgbm.Booster, np.ndarray]:
    rng = np.random.default_rng(int(100 * missing) + leaves)
    matrix = rng.normal(size=(3000, 6)).astype(np.float32)
    matrix[:, 1] = rng.integers(0, 3, 3000)
    matrix[rng.random(matrix.shape) < missing] = np.nan
    label = (np.nan_to_num(matrix[:, 0]) * 2 + np.isnan(matrix[:, 2]) + matrix[:, 3] > 0.3) * 1
    parameters = {"objective": "binary", "num_leaves": leaves, "verbose": -1, "num_threads": 1}
    return lightgbm.train(parameters, lightgbm.Dataset(matrix, label), rounds), matrix


def scores(forest: TreePredictor, matrix: np.ndarray) -> np.ndarray:
    out = np.zeros(len(matrix))
    forest.add_to(out, matrix, np.arange(len(matrix)), 1.0)
    return out


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("leaves", [2, 15, 40])
def test_scores_are_those_of_lightgbm(missing: float, leaves: int) -> None:
    booster, matrix = trained(missing, leaves)
    other = matrix.copy()
    other[::3] = np.nan  # also where the trees saw no missing values
    # Values on and beside the thresholds themselves.
    cuts = TreePredictor.of(booster).threshold
    cuts = np.abs(cuts[np.isfinite(cuts)])[:500]
    other[: len(cuts), 0] = cuts
    other[500 : 500 + len(cuts), 0] = np.nextafter(cuts, np.float32(np.inf))
    for some in (matrix, other):
        expected = booster.predict(some, raw_score=True)
        np.testing.assert_array_equal(scores(TreePredictor.of(booster), some), expected)


def test_some_rows_are_scored_and_added() -> None:
    booster, matrix = trained(0.1, 15)
    out = np.ones(len(matrix))
    rows = np.array([5, 77, 2900])
    TreePredictor.of(booster).add_to(out, matrix, rows, 0.5)
    expected = 1 + 0.5 * booster.predict(matrix[rows], raw_score=True)
    np.testing.assert_allclose(out[rows], expected, rtol=1e-14)
    assert (np.delete(out, rows) == 1).all()


def test_a_booster_that_learned_nothing_has_one_leaf() -> None:
    matrix = np.zeros((50, 2), np.float32)
    data = lightgbm.Dataset(matrix, np.arange(50) % 2)
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, data, 3)
    expected = booster.predict(matrix, raw_score=True)
    np.testing.assert_array_equal(scores(TreePredictor.of(booster), matrix), expected)


def test_categorical_splits_are_refused() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.integers(0, 4, (500, 2)).astype(np.float32)
    data = lightgbm.Dataset(matrix, (matrix[:, 0] == 2) * 1, categorical_feature=[0])
    booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 5)
    with pytest.raises(ValueError, match="categorical"):
        TreePredictor.of(booster)


def test_trees_of_very_many_leaves_are_refused() -> None:
    matrix = np.random.default_rng(0).normal(size=(3000, 2)).astype(np.float32)
    data = lightgbm.Dataset(matrix, np.arange(3000) % 2)
    parameters = {"objective": "binary", "num_leaves": 90, "min_data_in_leaf": 1, "verbose": -1}
    with pytest.raises(ValueError, match="more than 64"):
        TreePredictor.of(lightgbm.train({**parameters, "num_threads": 1}, data, 3))
