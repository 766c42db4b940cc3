"""Stacking: weights of several models of the same pairs."""

from __future__ import annotations

import numpy as np

__all__ = ["stack", "stacking_weights"]

#: Pseudo-observations that hold the weights near equal shares.
_PSEUDO_OBSERVATIONS = 10.0


def stacking_weights(scores: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return weights of models, fitted to predict the labels from their held-out scores.

    Args:
        scores: held-out log-odds, shape (m, models).
        label: 1 match, 0 no match.

    Returns:
        float64, shape (models,), with sum 1.
    """
    weight, _ = stack(scores, label)
    return weight / weight.sum() if weight.sum() > 0 else np.full(len(weight), 1 / len(weight))


def stack(scores: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the weights and the intercept that turn scores of models into calibrated log-odds.

    A logistic regression with non-negative weights (stacked generalization, Wolpert 1992; Breiman
    1996), regularised towards equal weights where labels are few.

    Args:
        scores: held-out log-odds, shape (m, models).
        label: 1 match, 0 no match.
    """
    from scipy.optimize import minimize

    models = scores.shape[1]
    equal = np.full(models, 1 / models)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        weight, intercept = parameters[:-1], parameters[-1]
        z = scores @ weight + intercept
        error = 1 / (1 + np.exp(-np.clip(z, -500, 500))) - label
        value = np.sum(np.logaddexp(0, z) - label * z)
        value += _PSEUDO_OBSERVATIONS * np.sum((weight - equal) ** 2)
        slope = scores.T @ error + 2 * _PSEUDO_OBSERVATIONS * (weight - equal)
        return float(value), np.append(slope, error.sum())

    bounds = [(0.0, 5.0)] * models + [(None, None)]
    found = minimize(loss, np.append(equal, 0.0), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(found.x[:-1]), float(found.x[-1])
