"""Compiled word-by-word comparison of two short texts, one row of features for each pair."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["SIDES", "TOGETHER", "glued_words", "wording_features"]

#: Of the order of the words.
TOGETHER = ("prefix_words", "last_equal", "pairs_shared")
#: Of the words that one side has alone: lesser and greater side of each.
SIDES = ("unshared_numbers", "absent_words", "absent_rarity", "absent_rarest")
#: Words of a text that are looked at; titles are shorter, and the cost grows with their square.
_MOST_WORDS = 64


@njit(nogil=True, cache=True)
def glued_words(indptr, words, word_offsets, word_text):
    """Words of each row written one after the other: bytes, and the start of each row in them."""
    offsets = np.zeros(len(indptr), np.int64)
    for row in range(len(indptr) - 1):
        offsets[row + 1] = offsets[row]
        for k in range(indptr[row], indptr[row + 1]):
            offsets[row + 1] += word_offsets[words[k] + 1] - word_offsets[words[k]]
    out = np.empty(offsets[-1], np.uint8)
    for row in range(len(indptr) - 1):
        at = offsets[row]
        for k in range(indptr[row], indptr[row + 1]):
            for b in range(word_offsets[words[k]], word_offsets[words[k] + 1]):
                out[at] = word_text[b]
                at += 1
    return offsets, out


@njit(nogil=True, cache=True)
def _is_inside(text, start, stop, glued, begin, end):
    """Whether a byte range stands anywhere in another."""
    size = stop - start
    for at in range(begin, end - size + 1):
        k = 0
        while k < size and glued[at + k] == text[start + k]:
            k += 1
        if k == size:
            return True
    return False


@njit(nogil=True, cache=True)
def _alone(indptr, ids, weights, numeric, text, offsets, glued_offsets, glued, row, other, out):
    """Numbers that one row has alone; words not inside the other, their rarity, the rarest's."""
    out[:] = 0.0
    i, i_stop = indptr[row], min(indptr[row + 1], indptr[row] + _MOST_WORDS)
    j, j_stop = indptr[other], indptr[other + 1]
    while i < i_stop:
        word = ids[i]
        while j < j_stop and ids[j] < word:
            j += 1
        if j == j_stop or ids[j] != word:
            out[0] += numeric[word]
            if not _is_inside(
                text, offsets[word], offsets[word + 1],
                glued, glued_offsets[other], glued_offsets[other + 1],
            ):  # fmt: skip
                out[1] += 1
                out[2] += weights[i]
                out[3] = max(out[3], weights[i])
        i += 1


@njit(nogil=True, cache=True)
def _pairs_shared(words, a, a_stop, b, b_stop):
    """Share of the shorter text's neighbouring words that are neighbours in the other, too."""
    fewer = min(a_stop - a, b_stop - b) - 1
    if fewer < 1:
        return np.nan
    if a_stop - a > b_stop - b:
        a, a_stop, b, b_stop = b, b_stop, a, a_stop
    found = 0
    for x in range(a, a_stop - 1):
        for y in range(b, b_stop - 1):
            if words[x] == words[y] and words[x + 1] == words[y + 1]:
                found += 1
                break
    return found / fewer


@njit(nogil=True, cache=True)
def wording_features(
    indptr, ids, weights, numeric, text, offsets, glued_offsets, glued, order, words, left, right
):
    """Features of pairs of rows; see `features.compare.wording.WordingFeatures`.

    Args:
        indptr, ids, weights: sets of words.
        numeric: 1 for a word that is a number, by word.
        text, offsets: bytes of the words.
        glued_offsets, glued: the words of each row written one after the other.
        order, words: start of each row among the words in the order of the text, and these.
        left, right: rows, int32, shape (m,).

    Returns:
        float32, shape (m, 11): ``TOGETHER``, then lesser and greater side of each of ``SIDES``.
    """
    out = np.full((len(left), 11), np.nan, np.float32)
    one, two = np.zeros(4), np.zeros(4)
    for p in range(len(left)):
        x, y = left[p], right[p]
        if indptr[x] == indptr[x + 1] or indptr[y] == indptr[y + 1]:
            continue
        a, a_stop = order[x], min(order[x + 1], order[x] + _MOST_WORDS)
        b, b_stop = order[y], min(order[y + 1], order[y] + _MOST_WORDS)
        prefix = 0
        while (
            a + prefix < a_stop and b + prefix < b_stop and words[a + prefix] == words[b + prefix]
        ):
            prefix += 1
        out[p, 0] = prefix
        out[p, 1] = words[order[x + 1] - 1] == words[order[y + 1] - 1]
        out[p, 2] = _pairs_shared(words, a, a_stop, b, b_stop)
        _alone(indptr, ids, weights, numeric, text, offsets, glued_offsets, glued, x, y, one)
        _alone(indptr, ids, weights, numeric, text, offsets, glued_offsets, glued, y, x, two)
        for k in range(4):
            out[p, 3 + 2 * k] = min(one[k], two[k])
            out[p, 4 + 2 * k] = max(one[k], two[k])
    return out
