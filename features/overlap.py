"""Overlap of sets of words and codes: one merge of two rows, and nothing letter by letter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from features.sets import SparseSets

__all__ = ["OVERLAP_FEATURES", "CodeOverlapBlock", "OverlapBlock", "overlap"]

OVERLAP_FEATURES = (
    "idf_cosine",
    "idf_overlap",
    "idf_jaccard",
    "rarest_shared",
    "rarest_unshared_min",
    "rarest_unshared_max",
)


@dataclass(frozen=True)
class OverlapBlock:
    """Rarity-weighted word overlap, without the soft matching of the words that differ.

    Attributes:
        prefix: what the words are of.
        sets: the words of every row.
        measures: those of ``OVERLAP_FEATURES`` that are wanted.
    """

    prefix: str
    sets: SparseSets
    measures: tuple[str, ...] = OVERLAP_FEATURES

    @property
    def names(self) -> list[str]:
        return [f"{self.prefix}.{n}" for n in self.measures]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return overlap(self.sets, left, right)[
            :, [OVERLAP_FEATURES.index(n) for n in self.measures]
        ]


@dataclass(frozen=True)
class CodeOverlapBlock:
    """Model codes: how rare the rarest shared one is, and whether both have some but share none."""

    sets: SparseSets

    names = ["codes.shared_rarity", "codes.none_shared"]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        rarest = overlap(self.sets, left, right)[:, OVERLAP_FEATURES.index("rarest_shared")]
        return np.column_stack([rarest, np.where(np.isnan(rarest), rarest, rarest == 0)])


def overlap(sets: SparseSets, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Rarity-weighted overlap of the sets of pairs of rows.

    The measures are those of `features.word_kernels` without the soft matching of words that
    differ, which costs ten times as much as all of these together.

    Args:
        sets: the sets.
        left, right: rows, int32, shape (m,).

    Returns:
        float32, shape (m, 6), columns ``OVERLAP_FEATURES``; NaN where a side has no words.
        Swapping the sides gives the same.
    """
    return _overlap(sets.indptr, sets.ids, sets.weights, sets.sums, sets.norms, left, right)


@njit(nogil=True, cache=True)
def _overlap(indptr, ids, weights, sums, norms, left, right):
    out = np.empty((len(left), 6), np.float32)
    for p in range(len(left)):
        x, y = left[p], right[p]
        i, i_stop = indptr[x], indptr[x + 1]
        j, j_stop = indptr[y], indptr[y + 1]
        if i == i_stop or j == j_stop:
            out[p, :] = np.nan
            continue
        shared, squares = 0.0, 0.0
        rarest, only_a, only_b = np.float32(0), np.float32(0), np.float32(0)
        while i < i_stop and j < j_stop:
            a, b = ids[i], ids[j]
            v, w = weights[i], weights[j]
            if a == b:
                shared += v
                squares += v * v
                rarest = max(rarest, v)
            elif a < b:
                only_a = max(only_a, v)
            else:
                only_b = max(only_b, w)
            i += a <= b
            j += b <= a
        while i < i_stop:
            only_a = max(only_a, weights[i])
            i += 1
        while j < j_stop:
            only_b = max(only_b, weights[j])
            j += 1
        total_a, total_b = sums[x], sums[y]
        out[p, 0] = min(1.0, squares / max(norms[x] * norms[y], 1e-9))
        out[p, 1] = min(1.0, shared / max(min(total_a, total_b), 1e-9))
        out[p, 2] = min(1.0, shared / max(total_a + total_b - shared, 1e-9))
        out[p, 3] = rarest
        out[p, 4] = min(only_a, only_b)
        out[p, 5] = max(only_a, only_b)
    return out
