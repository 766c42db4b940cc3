"""Folds of records, by a hash of their ids, so that no order and no other record changes them."""

from __future__ import annotations

import numpy as np

__all__ = ["FOLDS", "fold_of"]

#: Folds of the records, and of labelled pairs by their records.
FOLDS = 5


def fold_of(ids: np.ndarray, folds: int) -> np.ndarray:
    """Fold of each record by a stable hash of its id, int, shape (n,)."""
    from pandas.util import hash_array

    return (hash_array(ids, categorize=False) % np.uint64(folds)).astype(np.int64)
