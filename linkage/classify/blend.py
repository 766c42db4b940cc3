"""Blending the scores of several models into calibrated probabilities.

The probability of a class is the softmax of a weighted sum of the models' scores. The weights are
those of least log loss on scores out of fold. With one model that is temperature scaling (Guo et
al., 2017); with several it weighs them against each other at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_softmax

__all__ = ["blended", "fit_blend"]

#: Rows that the weights are fitted on; a handful of weights needs no more.
_MOST_ROWS = 5_000
#: Penalty of a weight's square, so that models that say the same share their weight.
_RIDGE = 1e-4
_LARGEST_WEIGHT = 10.0


def blended(parts: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Return the weighted sum of scores, each of shape (n, classes)."""
    out = np.zeros(parts[0].shape, np.float64)
    for part, weight in zip(parts, weights, strict=True):
        out += weight * part
    return out


def fit_blend(parts: Sequence[np.ndarray], label: np.ndarray, *, seed: int) -> np.ndarray:
    """Return the weights of least log loss.

    Args:
        parts: Scores of each model out of fold, each of shape (n, classes).
        label: Class of each row, int64[n].
        seed: Of the choice of rows, where there are many.

    Returns:
        A weight of at least 0 for each model; equal weights where there is no row.

    """
    count = len(parts)
    if not len(label):
        return np.full(count, 1 / count)
    rows = np.arange(len(label))
    if len(rows) > _MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, _MOST_ROWS, replace=False))
    chosen = [np.asarray(part[rows], np.float64) for part in parts]
    own = label[rows]
    at = np.arange(len(rows))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logarithm = log_softmax(blended(chosen, weights), axis=1)
        probability = np.exp(logarithm)
        slope = np.array(
            [np.mean((probability * part).sum(axis=1) - part[at, own]) for part in chosen]
        )
        value = -float(logarithm[at, own].mean()) + _RIDGE * float(weights @ weights)
        return value, slope + 2 * _RIDGE * weights

    found = minimize(
        loss, np.full(count, 1 / count), jac=True, method="L-BFGS-B",
        bounds=[(0.0, _LARGEST_WEIGHT)] * count,
    )  # fmt: skip
    # Without any weight there would be no order of the classes.
    return np.asarray(found.x) if found.x.sum() > 0 else np.full(count, 1 / count)
