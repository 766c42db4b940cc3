"""Metrics of predicted classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from linkage.classify.target import levels_of

__all__ = ["class_metrics", "level_accuracy", "log_loss"]

#: Least probability that a right class counts with, so that one row cannot decide a mean.
_LEAST = 1e-6


def log_loss(truth: Sequence[str], probability: np.ndarray, classes: Sequence[str]) -> float | None:
    """Return the mean negative logarithm (nats) of the probability of the right class.

    Args:
        truth: Class of each row. Rows of a class that could not be predicted are left out.
        probability: Shape (n, classes).
        classes: Label of each column.

    Returns:
        The mean; None where no row has one of the classes.

    """
    at = pd.Index(classes).get_indexer(pd.Index(np.asarray(truth, object)))
    known = at >= 0
    if not known.any():
        return None
    own = probability[np.flatnonzero(known), at[known]]
    return float(-np.log(np.maximum(own, _LEAST)).mean())


def level_accuracy(truth: Sequence[str], predicted: Sequence[str]) -> list[dict[str, float]]:
    """Return the accuracy down to each level of hierarchical classes, the widest first.

    Args:
        truth: Labels such as "Clothing > Women > Sneakers".
        predicted: Likewise.

    Returns:
        For each level ``level`` (from 1), ``rows`` (whose true class has that level) and
        ``accuracy``: the share of them whose prediction agrees down to it.

    """
    own = [levels_of(label) for label in truth]
    other = [levels_of(label) for label in predicted]
    found = []
    for depth in range(1, max(map(len, own), default=0) + 1):
        right = [a[:depth] == b[:depth] for a, b in zip(own, other, strict=True) if len(a) >= depth]
        found.append(
            {"level": float(depth), "rows": float(len(right)), "accuracy": float(np.mean(right))}
        )
    return found


def class_metrics(
    truth: Sequence[str], predicted: Sequence[str], probability: np.ndarray, classes: Sequence[str]
) -> dict[str, float | None]:
    """Return ``accuracy``, ``macro_f1``, ``log_loss``, and ``unseen``: rows of unknown classes.

    Macro F1 is the mean over the classes of truth or prediction.
    """
    from sklearn.metrics import accuracy_score, f1_score

    own, other = np.asarray(truth, str), np.asarray(predicted, str)
    return {
        "accuracy": float(accuracy_score(own, other)),
        "macro_f1": float(f1_score(own, other, average="macro", zero_division=0)),
        "log_loss": log_loss(truth, probability, classes),
        "unseen": float(np.sum(~np.isin(np.asarray(truth, object), list(classes)))),
    }
