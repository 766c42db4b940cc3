"""Folds of records: by a hash of their ids, so that neither order nor other rows move them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    pass

__all__ = ["fold_of"]


def fold_of(ids: np.ndarray, folds: int) -> np.ndarray:
    """Fold of each record by a stable hash of its id, int, shape (n,)."""
    from pandas.util import hash_array

    return (hash_array(ids, categorize=False) % np.uint64(folds)).astype(np.int64)


FOLDS = 5
