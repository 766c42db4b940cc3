"""Log-odds of probabilities, which stay finite."""

from __future__ import annotations

import numpy as np
from scipy.special import logit

__all__ = ["bounded_logit"]


def bounded_logit(probability: np.ndarray, bound: float) -> np.ndarray:
    """Log-odds of probabilities that were clipped before.

    Scores of exactly 0 and 1, as rules and rounding give them, would otherwise be infinite.

    Args:
        probability: probabilities, shape (m,).
        bound: least distance from 0 and from 1 that is kept.

    Returns:
        float64, shape (m,).
    """
    return np.asarray(logit(np.clip(probability, bound, 1 - bound)))
