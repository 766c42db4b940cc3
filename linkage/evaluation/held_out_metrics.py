"""Held-out metrics: how well probabilities do on labelled pairs that were not learned from."""

from __future__ import annotations

import numpy as np

from linkage.evaluation.metrics import (
    average_precision,
    expected_calibration_error,
    log_loss,
)

__all__ = ["held_out_metrics"]


def held_out_metrics(
    probability: np.ndarray,
    label: np.ndarray,
    threshold: float,
    weight: np.ndarray | None = None,
) -> dict[str, float]:
    """Return metrics of held-out probabilities: at the threshold, over all thresholds, calibration.

    Args:
        probability: calibrated probabilities.
        label: 1 match, 0 no match.
        threshold: probability from which a pair matches.
        weight: weight of each pair; all equal by default.
    """
    weights = np.ones(len(label)) if weight is None else weight
    predicted = probability >= threshold
    hits = float(weights[predicted & (label == 1)].sum())
    found, true = float(weights[predicted].sum()), float(weights[label == 1].sum())
    return {
        "labels": len(label),
        "f1": 2 * hits / max(found + true, 1e-9),
        "precision": hits / max(found, 1e-9),
        "recall": hits / max(true, 1e-9),
        "average_precision": average_precision(label, probability, weights),
        "log_loss": log_loss(label, probability, weights),
        "expected_calibration_error": expected_calibration_error(label, probability, weights),
    }
