"""Large components of matching pairs that clustering cut, and the records that held them together.

One bad record, such as an offer whose title lists a whole range, can match thousands of others.
Average link does not let it chain them into one cluster. The record is reported, so that the
catalog can be mended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from linkage.clustering.component_kernels import connected

__all__ = ["CutComponent", "cut_components"]


@dataclass(frozen=True)
class CutComponent:
    """Records that matching pairs join, but clusters do not.

    Attributes:
        records: how many.
        clusters: clusters that they were cut into.
        largest: records of the largest of these.
        hub: the record with the most matching pairs to records of other clusters.
        partners: how many those are.
    """

    records: int
    clusters: int
    largest: int
    hub: int
    partners: int


def cut_components(
    labels: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    match: np.ndarray,
    *,
    larger_than: int,
    most: int = 20,
) -> list[CutComponent]:
    """Return components of matching pairs that are larger than a cluster may be, largest first.

    Args:
        labels: cluster of each record.
        left, right: rows of the scored pairs, each pair once.
        match: whether each scores as a match.
        larger_than: records that a component has more of.
        most: components that are listed.
    """
    n = len(labels)
    component = connected(n, np.arange(n), left, right, match)
    sizes = np.bincount(component, minlength=1)
    large = np.flatnonzero(sizes > larger_than)
    if not len(large):
        return []
    partners = _partners(labels, left, right, match)
    chosen = large[np.argsort(-sizes[large], kind="stable")][:most]
    found = []
    for number in chosen:
        rows = np.flatnonzero(component == number)
        inside = np.unique(labels[rows], return_counts=True)[1]
        if len(inside) < 2:
            continue
        hub = rows[np.argmax(partners[rows])]
        found.append(
            CutComponent(len(rows), len(inside), int(inside.max()), int(hub), int(partners[hub]))
        )
    return found


@njit(nogil=True, cache=True)
def _partners(labels, left, right, match):
    """Return how many matching pairs each row has with rows of other clusters, int64[n]."""
    out = np.zeros(len(labels), np.int64)
    for k in range(len(left)):
        if match[k] and labels[left[k]] != labels[right[k]]:
            out[left[k]] += 1
            out[right[k]] += 1
    return out
