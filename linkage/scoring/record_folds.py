"""Folds of records by a hash of what they state, so that no id, order or other record matters."""

from __future__ import annotations

import numpy as np

__all__ = ["FOLDS", "fold_of"]

#: Folds of the records, and of labelled pairs by their records.
FOLDS = 5


def fold_of(hashes: np.ndarray, folds: int) -> np.ndarray:
    """Fold of each record, int64, shape (n,); equal records share one.

    Args:
        hashes: of the records, uint64, shape (n,); see `linkage.scoring.content.content_hashes`.
        folds: number of folds.
    """
    return (hashes % np.uint64(folds)).astype(np.int64)
