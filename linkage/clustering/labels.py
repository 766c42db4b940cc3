"""Cluster labels, renumbered from 0."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from linkage.clustering.component_kernels import relabelled

__all__ = ["renumbered"]


def renumbered(labels: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return labels renumbered from 0 in the order of their first records, int64[n].

    Args:
        labels: int[n], any numbers.
    """
    labels = np.asarray(labels, np.int64)
    # By a table of all labels, unless they are so sparse that it would need more memory than
    # sorting.
    if len(labels) and labels.min() >= 0 and labels.max() < 4 * len(labels):
        found: npt.NDArray[np.int64] = relabelled(labels)
        return found
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse]
