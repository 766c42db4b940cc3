"""Compiled comparison of model codes, one row of features for each pair."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.text.sets import SparseSets, gram_number
from features.values.facts import CodeSets

__all__ = ["CODE_FEATURES", "code_features"]

CODE_FEATURES = (
    "shared_rarity",
    "conflict",
    "best_ratio",
    "longest_prefix",
    "contained_max",
    "contained_min",
    "unshared_max",
)
#: Largest number of codes of a record that are compared; records with more are parts lists.
_MOST_CODES = 12


def code_features(
    codes: CodeSets, grams: SparseSets, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Comparisons of model codes, shape (m, 7), columns ``CODE_FEATURES``.

    A code is contained in the other record when all its 4-grams are among that record's squashed
    4-grams.
    """
    s = codes.sets
    return _code_features(
        s.indptr, s.ids, s.weights, codes.text, codes.offsets, grams.indptr, grams.ids, left, right
    )


@njit(nogil=True, cache=True)
def _edit_ratio(text, a, a_stop, b, b_stop, row):
    """1 - Levenshtein distance over the longer length."""
    n, m = a_stop - a, b_stop - b
    if n > 40 or m > 40:
        return 0.0
    for y in range(m + 1):
        row[y] = y
    for x in range(1, n + 1):
        corner = row[0]
        row[0] = x
        for y in range(1, m + 1):
            above = row[y]
            cost = 0 if text[a + x - 1] == text[b + y - 1] else 1
            row[y] = min(above + 1, row[y - 1] + 1, corner + cost)
            corner = above
    return 1.0 - row[m] / max(n, m)


@njit(nogil=True, cache=True)
def _code_contained(text, start, stop, gram_ids, begin, end):
    if stop - start < 4:
        return False
    for k in range(start, stop - 3):
        target = gram_number(text, k, np.int64(4))
        low, high = begin, end
        while low < high:
            middle = (low + high) // 2
            if gram_ids[middle] < target:
                low = middle + 1
            else:
                high = middle
        if low >= end or gram_ids[low] != target:
            return False
    return True


@njit(nogil=True, cache=True)
def _share_contained(indptr, ids, weights, text, offsets, gram_indptr, gram_ids, row, other):
    total, found = 0.0, 0.0
    if gram_indptr[other] == gram_indptr[other + 1]:
        return np.nan
    stop = min(indptr[row + 1], indptr[row] + _MOST_CODES)
    for k in range(indptr[row], stop):
        total += weights[k]
        c = ids[k]
        if _code_contained(
            text, offsets[c], offsets[c + 1], gram_ids, gram_indptr[other], gram_indptr[other + 1]
        ):
            found += weights[k]
    return found / total if total > 0 else np.nan


@njit(nogil=True, cache=True)
def _code_features(indptr, ids, weights, text, offsets, gram_indptr, gram_ids, left, right):
    out = np.full((len(left), 7), np.nan, np.float32)
    row = np.zeros(48, np.int64)
    for p in range(len(left)):
        x, y = left[p], right[p]
        a, a_stop = indptr[x], min(indptr[x + 1], indptr[x] + _MOST_CODES)
        b, b_stop = indptr[y], min(indptr[y + 1], indptr[y] + _MOST_CODES)
        in_y = _share_contained(indptr, ids, weights, text, offsets, gram_indptr, gram_ids, x, y)
        in_x = _share_contained(indptr, ids, weights, text, offsets, gram_indptr, gram_ids, y, x)
        if not (np.isnan(in_x) and np.isnan(in_y)):
            if np.isnan(in_x):
                out[p, 4] = in_y
            elif np.isnan(in_y):
                out[p, 4] = in_x
            else:
                out[p, 4] = max(in_x, in_y)
                out[p, 5] = min(in_x, in_y)
        if a == a_stop or b == b_stop:
            continue
        rarest, best, prefix, unshared_a, unshared_b = 0.0, 0.0, 0.0, 0, 0
        for i in range(a, a_stop):
            found = False
            for j in range(b, b_stop):
                if ids[i] == ids[j]:
                    rarest = max(rarest, weights[i])
                    found = True
            if not found:
                unshared_a += 1
                ci = ids[i]
                for j in range(b, b_stop):
                    cj = ids[j]
                    r = _edit_ratio(
                        text, offsets[ci], offsets[ci + 1], offsets[cj], offsets[cj + 1], row
                    )
                    best = max(best, r)
                    n, m = offsets[ci + 1] - offsets[ci], offsets[cj + 1] - offsets[cj]
                    k = 0
                    while k < min(n, m) and text[offsets[ci] + k] == text[offsets[cj] + k]:
                        k += 1
                    prefix = max(prefix, k / min(n, m))
        for j in range(b, b_stop):
            found = False
            for i in range(a, a_stop):
                if ids[i] == ids[j]:
                    found = True
            if not found:
                unshared_b += 1
        out[p, 0] = rarest
        out[p, 1] = 1.0 if rarest == 0.0 and not (out[p, 4] > 0) else 0.0
        out[p, 2] = 1.0 if rarest > 0 else best
        out[p, 3] = 1.0 if rarest > 0 else prefix
        out[p, 6] = max(unshared_a, unshared_b)
    return out
