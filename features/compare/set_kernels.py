"""Compiled comparisons of sparse sets, a row of features a pair.

Every function takes row positions ``left`` and ``right`` (int32, shape (m,)) and gives float32. A
pair in which either side has no terms is unknown: NaN. All are symmetric: swapping the sides gives
the same row.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.text.sets import SparseSets
from features.values.text_quantities import STEP

__all__ = [
    "agreement",
    "containment",
    "cosine",
    "quantity_agreement",
]


def cosine(sets: SparseSets, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Cosine of the rarity-weighted sets, shape (m,)."""
    return _cosine(sets.indptr, sets.ids, sets.weights, sets.norms, left, right)


def containment(
    part: SparseSets, whole: SparseSets, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Share of a side's ``part`` that the other's ``whole`` holds: (m, 2), lesser and greater."""
    return _containment(
        part.indptr, part.ids, part.weights, part.sums, whole.indptr, whole.ids, left, right
    )


def agreement(
    sets: SparseSets, left: np.ndarray, right: np.ndarray, *, one_sided: bool = False
) -> np.ndarray:
    """Shared terms over the smaller set and over the union, shape (m, 2).

    Args:
        sets: the terms.
        left, right: rows.
        one_sided: whether the latter is known, and 0, where one side has no terms and the other has
            any but term 0.
    """
    return _agreement(sets.indptr, sets.ids, left, right, one_sided)


def quantity_agreement(
    sets: SparseSets, left: np.ndarray, right: np.ndarray, out: np.ndarray
) -> None:
    """Number of dimensions that both sides have, and the share of those with an equal amount.

    Args:
        sets: quantities, numbered so that terms of one dimension are neighbours.
        left, right: rows.
        out: filled in, float32, shape (m, 2), of any strides.
    """
    _quantity_agreement(sets.indptr, sets.ids, left, right, out)


@njit(nogil=True, cache=True)
def _cosine(indptr, ids, weights, norms, left, right):
    out = np.full(len(left), np.nan, np.float32)
    for p in range(len(left)):
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        if i == i_stop or j == j_stop:
            continue
        squares = 0.0
        while i < i_stop and j < j_stop:
            x, y = ids[i], ids[j]
            if x == y:
                squares += weights[i] * weights[i]
            # Without a branch: which side is behind cannot be guessed.
            i += x <= y
            j += y <= x
        out[p] = min(1.0, squares / max(norms[left[p]] * norms[right[p]], 1e-9))
    return out


@njit(nogil=True, cache=True)
def _contained(indptr, ids, weights, total, whole_indptr, whole_ids, row, other):
    i, i_stop = indptr[row], indptr[row + 1]
    j, j_stop = whole_indptr[other], whole_indptr[other + 1]
    if i == i_stop or j == j_stop:
        return np.nan
    shared = 0.0
    while i < i_stop and j < j_stop:
        x, y = ids[i], whole_ids[j]
        if x == y:
            shared += weights[i]
        i += x <= y
        j += y <= x
    return min(1.0, shared / max(total, 1e-9))


@njit(nogil=True, cache=True)
def _containment(indptr, ids, weights, sums, whole_indptr, whole_ids, left, right):
    out = np.full((len(left), 2), np.nan, np.float32)
    for p in range(len(left)):
        x, y = left[p], right[p]
        a = _contained(indptr, ids, weights, sums[x], whole_indptr, whole_ids, x, y)
        b = _contained(indptr, ids, weights, sums[y], whole_indptr, whole_ids, y, x)
        if np.isnan(a):
            a = b
        if np.isnan(b):
            b = a
        out[p, 0] = min(a, b)
        out[p, 1] = max(a, b)
    return out


@njit(nogil=True, cache=True)
def _agreement(indptr, ids, left, right, one_sided):
    out = np.full((len(left), 2), np.nan, np.float32)
    for p in range(len(left)):
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        a, b = i_stop - i, j_stop - j
        if a == 0 or b == 0:
            # Terms ascend, so that the last one is not 0 if any is not.
            if one_sided and ((a > 0 and ids[i_stop - 1] > 0) or (b > 0 and ids[j_stop - 1] > 0)):
                out[p, 1] = 0
            continue
        shared = 0
        while i < i_stop and j < j_stop:
            if ids[i] < ids[j]:
                i += 1
            elif ids[j] < ids[i]:
                j += 1
            else:
                shared += 1
                i += 1
                j += 1
        out[p, 0] = shared / min(a, b)
        out[p, 1] = shared / (a + b - shared)
    return out


@njit(nogil=True, cache=True)
def _quantity_agreement(indptr, ids, left, right, out):
    for p in range(len(left)):
        out[p, 0], out[p, 1] = np.nan, np.nan
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        common, agreed = 0, 0
        while i < i_stop and j < j_stop:
            dimension = ids[i] // STEP
            other = ids[j] // STEP
            if dimension < other:
                i += 1
            elif other < dimension:
                j += 1
            else:
                common += 1
                equal = False
                while i < i_stop and ids[i] // STEP == dimension:
                    k = j
                    while k < j_stop and ids[k] // STEP == dimension:
                        if abs(ids[i] - ids[k]) <= 1:
                            equal = True
                        k += 1
                    i += 1
                while j < j_stop and ids[j] // STEP == dimension:
                    j += 1
                if equal:
                    agreed += 1
        if common > 0:
            out[p, 0] = common
            out[p, 1] = agreed / common
