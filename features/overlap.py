"""Overlap of sets of words and codes: one merge of two rows, and nothing letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from features.sets import SparseSets
from features.word_kernels import WORD_FEATURES

__all__ = ["OVERLAP_FEATURES", "CodeOverlapBlock", "OverlapBlock", "overlap"]

#: All measures of words but the last, soft overlap.
OVERLAP_FEATURES = WORD_FEATURES[:-1]


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
        out = np.empty((len(left), len(self.measures)), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns."""
        columns = [self.measures.index(n) if n in self.measures else -1 for n in OVERLAP_FEATURES]
        _fill(self.sets, left, right, np.array(columns), out)


@dataclass(frozen=True)
class CodeOverlapBlock:
    """Model codes: how rare the rarest shared one is, and whether both have some but share none."""

    sets: SparseSets

    names = ["codes.shared_rarity", "codes.none_shared"]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), 2), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns."""
        _fill(self.sets, left, right, np.array([-1, -1, -1, 0, -1, -1]), out)
        out[:, 1] = np.where(np.isnan(out[:, 0]), np.nan, out[:, 0] == 0)


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
    out = np.empty((len(left), len(OVERLAP_FEATURES)), np.float32)
    _fill(sets, left, right, np.arange(len(OVERLAP_FEATURES)), out)
    return out


def _fill(
    sets: SparseSets, left: np.ndarray, right: np.ndarray, columns: np.ndarray, out: np.ndarray
) -> None:
    s = sets
    _overlap(s.indptr, s.ids, s.weights, s.sums, s.norms, left, right, columns, out)


@njit(nogil=True, cache=True)
def _overlap(indptr, ids, weights, sums, norms, left, right, columns, out):
    nought: Any = np.float32(0)
    for p in range(len(left)):
        x, y = left[p], right[p]
        i, i_stop = indptr[x], indptr[x + 1]
        j, j_stop = indptr[y], indptr[y + 1]
        if i == i_stop or j == j_stop:
            for k in columns:
                if k >= 0:
                    out[p, k] = np.nan
            continue
        shared, squares = 0.0, 0.0
        rarest, only_a, only_b = nought, nought, nought
        while i < i_stop and j < j_stop:
            a, b = ids[i], ids[j]
            v, w = weights[i], weights[j]
            # Without branches: which side is behind cannot be guessed.
            both = v if a == b else nought
            shared += both
            squares += both * both
            rarest = max(rarest, both)
            only_a = max(only_a, v if a < b else nought)
            only_b = max(only_b, w if b < a else nought)
            i += a <= b
            j += b <= a
        while i < i_stop:
            only_a = max(only_a, weights[i])
            i += 1
        while j < j_stop:
            only_b = max(only_b, weights[j])
            j += 1
        total_a, total_b = sums[x], sums[y]
        if columns[0] >= 0:
            out[p, columns[0]] = min(1.0, squares / max(norms[x] * norms[y], 1e-9))
        if columns[1] >= 0:
            out[p, columns[1]] = min(1.0, shared / max(min(total_a, total_b), 1e-9))
        if columns[2] >= 0:
            out[p, columns[2]] = min(1.0, shared / max(total_a + total_b - shared, 1e-9))
        if columns[3] >= 0:
            out[p, columns[3]] = rarest
        if columns[4] >= 0:
            out[p, columns[4]] = min(only_a, only_b)
        if columns[5] >= 0:
            out[p, columns[5]] = max(only_a, only_b)
