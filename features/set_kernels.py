"""Compiled comparisons of sparse sets, a row of features a pair.

Every function takes row positions ``left`` and ``right`` (int32, shape (m,)) and returns float32. A
pair in which either side has no terms is unknown: NaN. All are symmetric: swapping the sides gives
the same row.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.facts import STEP
from features.sets import SparseSets

__all__ = [
    "SET_FEATURES",
    "agreement",
    "containment",
    "cosine",
    "quantity_agreement",
    "set_features",
    "soft_overlap",
]

SET_FEATURES = (
    "idf_cosine",
    "idf_overlap",
    "idf_jaccard",
    "rarest_shared",
    "rarest_unshared_min",
    "rarest_unshared_max",
)
#: Unshared words of a side that are compared letter by letter.
_MOST_WORDS = 8
#: Words less alike than this (Jaro-Winkler) are different words.
_LEAST_LIKENESS = 0.8


def set_features(sets: SparseSets, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Rarity-weighted set similarities, shape (m, 6), columns ``SET_FEATURES``."""
    return _set_features(sets.indptr, sets.ids, sets.weights, sets.sums, sets.norms, left, right)


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


def agreement(sets: SparseSets, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Shared terms over the smaller set and over the union, shape (m, 2)."""
    return _agreement(sets.indptr, sets.ids, left, right)


def quantity_agreement(sets: SparseSets, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Dimensions both sides state, and the share of those with an equal amount, shape (m, 2)."""
    return _quantity_agreement(sets.indptr, sets.ids, left, right)


def soft_overlap(
    sets: SparseSets, text: np.ndarray, offsets: np.ndarray, left: np.ndarray, right: np.ndarray
) -> np.ndarray:
    """Overlap in which an unshared word counts by its best Jaro-Winkler partner, shape (m,).

    After soft tf-idf (Cohen, Ravikumar and Fienberg 2003), on the rarest unshared words of each
    side only.
    """
    return _soft_overlap(sets.indptr, sets.ids, sets.weights, sets.sums, text, offsets, left, right)


@njit(nogil=True, cache=True)
def _set_features(indptr, ids, weights, sums, norms, left, right):
    out = np.full((len(left), 6), np.nan, np.float32)
    for p in range(len(left)):
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        if i == i_stop or j == j_stop:
            continue
        shared, squares, rarest = 0.0, 0.0, 0.0
        only_left, only_right = 0.0, 0.0
        while i < i_stop or j < j_stop:
            if j == j_stop or (i < i_stop and ids[i] < ids[j]):
                only_left = max(only_left, weights[i])
                i += 1
            elif i == i_stop or ids[j] < ids[i]:
                only_right = max(only_right, weights[j])
                j += 1
            else:
                w = weights[i]
                shared += w
                squares += w * w
                rarest = max(rarest, w)
                i += 1
                j += 1
        a, b = sums[left[p]], sums[right[p]]
        out[p, 0] = min(1.0, squares / max(norms[left[p]] * norms[right[p]], 1e-9))
        out[p, 1] = min(1.0, shared / max(min(a, b), 1e-9))
        out[p, 2] = min(1.0, shared / max(a + b - shared, 1e-9))
        out[p, 3] = rarest
        out[p, 4] = min(only_left, only_right)
        out[p, 5] = max(only_left, only_right)
    return out


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
            if ids[i] < ids[j]:
                i += 1
            elif ids[j] < ids[i]:
                j += 1
            else:
                squares += weights[i] * weights[i]
                i += 1
                j += 1
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
        if ids[i] < whole_ids[j]:
            i += 1
        elif whole_ids[j] < ids[i]:
            j += 1
        else:
            shared += weights[i]
            i += 1
            j += 1
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
def _agreement(indptr, ids, left, right):
    out = np.full((len(left), 2), np.nan, np.float32)
    for p in range(len(left)):
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        a, b = i_stop - i, j_stop - j
        if a == 0 or b == 0:
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
def _quantity_agreement(indptr, ids, left, right):
    out = np.full((len(left), 2), np.nan, np.float32)
    for p in range(len(left)):
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
    return out


@njit(nogil=True, cache=True)
def jaro_winkler(text, a, a_stop, b, b_stop):
    """Jaro-Winkler similarity of two byte ranges (Winkler 1990), prefix weight 0.1, four bytes."""
    n, m = a_stop - a, b_stop - b
    if n == 0 or m == 0 or n > 64 or m > 64:
        return 0.0
    window = max(0, max(n, m) // 2 - 1)
    used_a, used_b = np.uint64(0), np.uint64(0)
    one = np.uint64(1)
    matches = 0
    for x in range(n):
        for y in range(max(0, x - window), min(m, x + window + 1)):
            if text[a + x] == text[b + y] and not (used_b >> np.uint64(y)) & one:
                used_a |= one << np.uint64(x)
                used_b |= one << np.uint64(y)
                matches += 1
                break
    if matches == 0:
        return 0.0
    swaps, y = 0, 0
    for x in range(n):
        if (used_a >> np.uint64(x)) & one:
            while not (used_b >> np.uint64(y)) & one:
                y += 1
            if text[a + x] != text[b + y]:
                swaps += 1
            y += 1
    jaro = (matches / n + matches / m + (matches - swaps // 2) / matches) / 3
    prefix = 0
    while prefix < min(4, n, m) and text[a + prefix] == text[b + prefix]:
        prefix += 1
    return jaro + prefix * 0.1 * (1 - jaro)


@njit(nogil=True, cache=True)
def _push_rarest(terms, values, count, term, value):
    """Keeps the rarest terms seen, most rare first."""
    if count == len(terms) and value <= values[count - 1]:
        return count
    if count < len(terms):
        count += 1
    k = count - 1
    while k > 0 and values[k - 1] < value:
        values[k] = values[k - 1]
        terms[k] = terms[k - 1]
        k -= 1
    values[k] = value
    terms[k] = term
    return count


@njit(nogil=True, cache=True)
def _soft_overlap(indptr, ids, weights, sums, text, offsets, left, right):
    out = np.full(len(left), np.nan, np.float32)
    ta, wa = np.zeros(_MOST_WORDS, np.int32), np.zeros(_MOST_WORDS, np.float32)
    tb, wb = np.zeros(_MOST_WORDS, np.int32), np.zeros(_MOST_WORDS, np.float32)
    alike = np.zeros((_MOST_WORDS, _MOST_WORDS), np.float32)
    for p in range(len(left)):
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        if i == i_stop or j == j_stop:
            continue
        shared = 0.0
        a, b = 0, 0
        while i < i_stop or j < j_stop:
            if j == j_stop or (i < i_stop and ids[i] < ids[j]):
                a = _push_rarest(ta, wa, a, ids[i], weights[i])
                i += 1
            elif i == i_stop or ids[j] < ids[i]:
                b = _push_rarest(tb, wb, b, ids[j], weights[j])
                j += 1
            else:
                shared += weights[i]
                i += 1
                j += 1
        for x in range(a):
            for y in range(b):
                c, d = ta[x], tb[y]
                likeness = jaro_winkler(
                    text, offsets[c], offsets[c + 1], offsets[d], offsets[d + 1]
                )
                alike[x, y] = likeness * min(wa[x], wb[y]) if likeness > _LEAST_LIKENESS else 0.0
        # Best partners first, so that neither side decides.
        for _ in range(min(a, b)):
            best, best_x, best_y = 0.0, -1, -1
            for x in range(a):
                for y in range(b):
                    if alike[x, y] > best:
                        best, best_x, best_y = alike[x, y], x, y
            if best_x < 0:
                break
            shared += best
            for x in range(a):
                alike[x, best_y] = 0.0
            for y in range(b):
                alike[best_x, y] = 0.0
        out[p] = min(1.0, shared / max(min(sums[left[p]], sums[right[p]]), 1e-9))
    return out
