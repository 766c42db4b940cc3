"""Features of idf-weighted overlap of sets of words and of codes, by exact matches alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from features.arrays.prefetching import AT_ONCE, FAR, fetch_row
from features.feature_names import engine_feature
from features.text.sets import SparseSets
from features.text.word_kernels import WORD_FEATURES
from features.text.word_rows import RANKS, enter, leave, look_up, room

__all__ = ["OVERLAP_FEATURES", "CodeOverlapFeatures", "OverlapFeatures"]

#: All measures of words but the last, soft overlap.
OVERLAP_FEATURES = WORD_FEATURES[:-1]


class OverlapFeatures:
    """Rarity-weighted word overlap, without the soft matching of the words that differ.

    Args:
        prefix, sets, rows: as for `features.compare.feature_groups.SetFeatures`.
        measures: those of ``OVERLAP_FEATURES`` that are wanted.
    """

    def __init__(
        self,
        prefix: str,
        sets: SparseSets,
        measures: tuple[str, ...] = OVERLAP_FEATURES,
        rows: np.ndarray | None = None,
    ) -> None:
        self.names = [f"{prefix}{n}" for n in measures]
        self._sets = sets if rows is None else sets.at(rows)
        self._columns = np.array(
            [measures.index(n) if n in measures else -1 for n in OVERLAP_FEATURES]
        )

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), len(self.names)), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        _fill(self._sets, left, right, self._columns, out)


class CodeOverlapFeatures:
    """Model codes: rarity of the rarest shared one, and whether both have some but share none.

    Args:
        sets: the codes of every row.
        rows: record at each position of another order, by which pairs are given; by default records
            are given by their rows.
    """

    names = [engine_feature("codes", "shared_rarity"), engine_feature("codes", "none_shared")]

    def __init__(self, sets: SparseSets, rows: np.ndarray | None = None) -> None:
        self._sets = sets if rows is None else sets.at(rows)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        out = np.empty((len(left), 2), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        _fill(self._sets, left, right, np.array([-1, -1, -1, 0, -1, -1]), out)
        out[:, 1] = np.where(np.isnan(out[:, 0]), np.nan, out[:, 0] == 0)


def _fill(
    sets: SparseSets, left: np.ndarray, right: np.ndarray, columns: np.ndarray, out: np.ndarray
) -> None:
    s = sets
    _overlap(s.indptr, s.ids, s.weights, s.sums, s.norms, left, right, columns, out)


# No weight is NaN, so that the largest of several can be sought side by side.
@njit(nogil=True, cache=True, fastmath={"nnan", "nsz"})
def _overlap(indptr, ids, weights, sums, norms, left, right, columns, out):
    """Overlap of the rows of pairs; fastest where pairs of one left row follow each other."""
    nought: Any = np.float32(0)
    size, longest = room(indptr, left)
    long = len(ids) > AT_ONCE * len(sums)
    table = np.full(size, -1, np.int64)
    own = np.zeros(longest, np.int64)
    # The last pair in which each term of the left row was found; the last place is of none.
    seen = np.full(longest + 1, -1, np.int64)
    entered, moved = 0, False
    current = np.int64(-1)
    for p in range(len(left)):
        if p + FAR < len(right):
            fetch_row(indptr, ids, weights, sums, norms, right, p, long)
        x, y = np.int64(left[p]), np.int64(right[p])
        a, a_stop = indptr[x], indptr[x + 1]
        b, b_stop = indptr[y], indptr[y + 1]
        if a == a_stop or b == b_stop:
            for k in columns:
                if k >= 0:
                    out[p, k] = np.nan
            continue
        if x != current:
            leave(table, own, entered)
            moved = enter(table, own, ids, a, a_stop)
            entered, current = a_stop - a, x
        shared, squares = 0.0, 0.0
        rarest, only_a, only_b = nought, nought, nought
        for j in range(b, b_stop):
            rank = look_up(table, ids[j], moved)
            w = weights[j]
            both = w if rank != RANKS else nought
            seen[min(rank, longest)] = p
            shared += both
            squares += both * both
            rarest = both if both > rarest else rarest
            only_b = w - both if w - both > only_b else only_b
        for k in range(a_stop - a):
            w = weights[a + k] if seen[k] != p else nought
            only_a = w if w > only_a else only_a
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
