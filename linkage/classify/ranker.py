"""Boosters that rank the candidate classes of rows: one a fold, their scores averaged."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from linkage.models.booster_text import SavedBooster
from linkage.models.tree_library import load_lightgbm

if TYPE_CHECKING:
    import lightgbm

__all__ = ["Ranker", "train_ranker"]

#: Regularised trees: features are themselves estimates, and rows of one class resemble each other.
_PARAMETERS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.08,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 20,
    "lambda_l2": 5.0,
    "max_bin": 63,
    # Sums then do not depend on the number of threads; folds are trained side by side instead.
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
_MOST_ROUNDS, _PATIENCE = 400, 25
#: Candidates below which there is no bagging: a sample could be empty.
_FEWEST_TO_SAMPLE = 10


@dataclass(frozen=True, eq=False)
class Ranker:
    """Boosters over the features of candidates.

    Attributes:
        features: Names of the features.
        boosters: One a fold.

    """

    features: tuple[str, ...]
    boosters: tuple[lightgbm.Booster | SavedBooster, ...]

    def score(self, matrix: np.ndarray) -> np.ndarray:
        """Return the mean log-odds of the candidates, float64[m]."""
        scores = [one.predict(matrix, raw_score=True, num_threads=1) for one in self.boosters]
        return np.asarray(np.mean(scores, axis=0))

    def contributions(self, matrix: np.ndarray) -> np.ndarray:
        """Return SHAP values (Lundberg et al., 2020), float64, shape (m, features + 1).

        The last column is the constant; a row's sum is its score.
        """
        found = [one.predict(matrix, pred_contrib=True, num_threads=1) for one in self.boosters]
        return np.asarray(np.mean(found, axis=0))


def train_ranker(
    features: Sequence[str], matrix: np.ndarray, right: np.ndarray, fold: np.ndarray, *,
    folds: int, seed: int, threads: int,
) -> tuple[Ranker, np.ndarray]:  # fmt: skip
    """Train a booster without each fold, stopped early by it.

    Args:
        features: Names of the features.
        matrix: float32, shape (m, features).
        right: Whether a candidate is its row's class, bool[m].
        fold: Fold of each candidate's row, int64[m].
        folds: How many there are.
        seed: Of the samples of rows and features.
        threads: How many folds are trained side by side.

    Returns:
        The ranker, and the candidates' scores out of fold, float64[m].

    """
    library = load_lightgbm()
    parameters: dict[str, Any] = {**_PARAMETERS, "seed": seed}
    if len(right) < _FEWEST_TO_SAMPLE * folds:
        parameters |= {"bagging_freq": 0, "feature_fraction": 1.0}

    def train(held_out: int) -> tuple[lightgbm.Booster, np.ndarray]:
        inside = fold != held_out
        data = library.Dataset(matrix[inside], right[inside].astype(np.float32))
        stop = data.create_valid(matrix[~inside], right[~inside].astype(np.float32))
        booster = library.train(
            parameters, data, _MOST_ROUNDS, valid_sets=[stop],
            callbacks=[library.early_stopping(_PATIENCE, verbose=False)],
        )  # fmt: skip
        kept = library.Booster(
            model_str=booster.model_to_string(num_iteration=booster.best_iteration)
        )
        return kept, np.asarray(kept.predict(matrix[~inside], raw_score=True, num_threads=1))

    with ThreadPoolExecutor(max(1, min(threads, folds))) as pool:
        trained = list(pool.map(train, range(folds)))
    scores = np.zeros(len(right))
    for held_out, (_, found) in enumerate(trained):
        scores[fold == held_out] = found
    return Ranker(tuple(features), tuple(booster for booster, _ in trained)), scores
