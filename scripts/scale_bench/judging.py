"""How well clusters and scored pairs agree with the truth of a generated catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from linkage import evaluate_clusters

__all__ = ["TRUTHS", "entities", "judge_clusters", "judge_pairs", "true_pairs"]

#: Match definition -> file of its truth.
TRUTHS = {"exact": "truth.csv", "variant": "truth_variant.csv"}


def entities(folder: Path, definition: str, ids: pd.Series | np.ndarray) -> np.ndarray:
    """Number of the true entity of each id."""
    truth = pd.read_csv(folder / TRUTHS[definition], dtype=str).set_index("id").iloc[:, 0]
    codes: np.ndarray = pd.factorize(truth.reindex(ids))[0]
    return codes


def judge_clusters(found: pd.Series, entity: np.ndarray) -> dict[str, Any]:
    """Pairwise and B-cubed figures of clusters."""
    metrics = evaluate_clusters(pd.factorize(found)[0], entity)
    sizes = np.bincount(pd.factorize(found)[0])
    return {
        "f1": round(metrics.pairwise.f1, 4),
        "precision": round(metrics.pairwise.precision, 4),
        "recall": round(metrics.pairwise.recall, 4),
        "bcubed_f1": round(metrics.bcubed_f1, 4),
        "largest": int(sizes.max(initial=0)),
    }


def judge_pairs(
    left: np.ndarray, right: np.ndarray, match: np.ndarray, entity: np.ndarray
) -> dict[str, float]:
    """Figures of pairs taken as matches by their scores alone, against all true pairs.

    Args:
        left, right: rows of the scored pairs, each pair once.
        match: whether each scores as a match.
        entity: true entity of each row.
    """
    right_ones = int(np.sum(entity[left[match]] == entity[right[match]]))
    true, said = true_pairs(entity), int(match.sum())
    precision, recall = right_ones / max(said, 1), right_ones / max(true, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-12)
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def true_pairs(entity: np.ndarray) -> int:
    """Number of pairs of rows of one entity."""
    sizes = np.bincount(entity).astype(np.int64)
    return int(np.sum(sizes * (sizes - 1) // 2))
