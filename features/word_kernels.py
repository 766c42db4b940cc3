"""Compiled comparison of sets of words: rarity-weighted overlap, and soft matching of the rest.

One pass over both rows finds what they share; the words that they do not share are then compared
letter by letter, the rarest of each side only, so that long descriptions cost little more than
titles.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.sets import SparseSets
from features.tokens import Vocabulary

__all__ = [
    "WORD_FEATURES",
    "Words",
    "jaro_winkler",
    "letter_masks",
    "rarest_first",
    "spelling_keys",
]

WORD_FEATURES = (
    "idf_cosine",
    "idf_overlap",
    "idf_jaccard",
    "rarest_shared",
    "rarest_unshared_min",
    "rarest_unshared_max",
    "soft_overlap",
)
#: Unshared words of a side that are compared letter by letter.
_MOST_WORDS = 8
#: Words less alike than this (Jaro-Winkler) are different words.
_LEAST_LIKENESS = 0.8
#: Two words with a common prefix of p letters, n and m long, can only be alike if their common
#: letters c exceed this: c (1/n + 1/m) > limit[p]. It follows from Jaro-Winkler without swaps.
_LIMITS = np.array(
    [3 * (_LEAST_LIKENESS - 0.1 * p) / (1 - 0.1 * p) - 1 - 1e-6 for p in range(5)], np.float64
)
#: Likenesses of pairs of words that are remembered; candidates of a block repeat them.
_MEMORY = 1 << 14
#: Rows up to this long are sorted by insertion, which needs no memory of its own.
_SHORT_ROW = 48


class Words:
    """Words of every row, ready to be compared.

    Args:
        sets: sets of word numbers, weighted by rarity.
        vocabulary: the words.
    """

    def __init__(self, sets: SparseSets, vocabulary: Vocabulary) -> None:
        self.sets = sets
        self._text, self._offsets = vocabulary.text, vocabulary.offsets
        self._letters = letter_masks(vocabulary.text, vocabulary.offsets)
        keys = spelling_keys(vocabulary.text, vocabulary.offsets, vocabulary.hashes)
        self._order = rarest_first(sets, keys)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Word features of pairs of rows.

        ``soft_overlap`` is the overlap in which an unshared word counts by its best partner in
        Jaro-Winkler likeness, after soft tf-idf (Cohen, Ravikumar and Fienberg 2003). Only the
        eight rarest unshared words of each side take part, however long the texts are.

        Args:
            left, right: rows, int32, shape (m,).

        Returns:
            float32, shape (m, 7), columns ``WORD_FEATURES``; NaN where a side has no words.
            Swapping the sides gives the same.
        """
        s = self.sets
        return _word_features(
            s.indptr, s.ids, s.weights, self._order, s.sums, s.norms,
            self._text, self._offsets, self._letters, left, right,
        )  # fmt: skip


def rarest_first(sets: SparseSets, keys: np.ndarray) -> np.ndarray:
    """Positions of each row's terms within the row, rarest first.

    Args:
        sets: the sets.
        keys: lasting key of each term, the greatest of equally rare ones first.

    Returns:
        One position a term, in the rows of ``sets``; as small an unsigned type as holds them.
    """
    longest = int(sets.counts.max(initial=0))
    out = np.zeros(len(sets.ids), np.uint16 if longest <= 1 << 16 else np.uint32)
    _rarest_first(sets.indptr, sets.ids, sets.weights, keys, out)
    return out


@njit(nogil=True, cache=True)
def letter_masks(text, offsets):
    """Which letters each word has, and which twice, as 64 bits: a bound on what two words share.

    Letters and digits have a bit each, all other bytes one together; 27 further bits say which
    of the letters (and the first digit) occur a second time.
    """
    n = len(offsets) - 1
    out = np.zeros(n, np.uint64)
    one = np.uint64(1)
    for word in range(n):
        mask = np.uint64(0)
        for k in range(offsets[word], offsets[word + 1]):
            byte = text[k]
            if 97 <= byte <= 122:
                bit = byte - 97
            elif 48 <= byte <= 57:
                bit = byte - 48 + 26
            else:
                bit = 36
            flag = one << np.uint64(bit)
            if mask & flag and bit < 27:
                flag = one << np.uint64(bit + 37)
            mask |= flag
        out[word] = mask
    return out


@njit(nogil=True, cache=True)
def spelling_keys(text, offsets, hashes):
    """First six bytes of each word, then two of its hash: words sort nearly as they are spelled.

    Of equally rare words the last in the alphabet are chosen: on either side of a pair then the
    same, or nearly the same ones where spellings differ, and letters rather than digits.
    """
    n = len(offsets) - 1
    out = np.zeros(n, np.uint64)
    for word in range(n):
        key = np.uint64(0)
        for k in range(6):
            key <<= np.uint64(8)
            if offsets[word] + k < offsets[word + 1]:
                key |= np.uint64(text[offsets[word] + k])
        out[word] = (key << np.uint64(16)) | (hashes[word] & np.uint64(0xFFFF))
    return out


@njit(nogil=True, cache=True)
def _rarest_first(indptr, ids, weights, keys, out):
    for row in range(len(indptr) - 1):
        start, stop = indptr[row], indptr[row + 1]
        if stop - start > _SHORT_ROW:
            by_key = np.argsort(~keys[ids[start:stop]], kind="mergesort")
            by_weight = np.argsort(-weights[start:stop][by_key], kind="mergesort")
            out[start:stop] = by_key[by_weight]
            continue
        for k in range(stop - start):
            weight, key = weights[start + k], keys[ids[start + k]]
            at = k
            while at > 0:
                other = start + out[start + at - 1]
                if weights[other] > weight:
                    break
                if weights[other] == weight and keys[ids[other]] >= key:
                    break
                out[start + at] = out[start + at - 1]
                at -= 1
            out[start + at] = k


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


@njit(nogil=True, cache=True, inline="always")
def _bits(value):
    """Number of bits set in a uint64."""
    value = value - ((value >> np.uint64(1)) & np.uint64(0x5555555555555555))
    value = (value & np.uint64(0x3333333333333333)) + (
        (value >> np.uint64(2)) & np.uint64(0x3333333333333333)
    )
    value = (value + (value >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((value * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(nogil=True, cache=True, inline="always")
def _take_rarest(order, shared, start, stop, chosen):
    """Fills in the positions of the rarest terms that are not shared; returns how many."""
    count = 0
    for k in range(start, stop):
        at = np.int64(order[k])
        if not shared[at]:
            chosen[count] = start + at
            count += 1
            if count == len(chosen):
                break
    return count


@njit(nogil=True, cache=True)
def _word_features(indptr, ids, weights, order, sums, norms, text, offsets, letters, left, right):
    out = np.full((len(left), 7), np.nan, np.float32)
    longest = 0
    for p in range(len(left)):
        x, y = left[p], right[p]
        longest = max(longest, indptr[x + 1] - indptr[x], indptr[y + 1] - indptr[y])
    in_a, in_b = np.zeros(longest, np.bool_), np.zeros(longest, np.bool_)
    rare_a, rare_b = np.zeros(_MOST_WORDS, np.int64), np.zeros(_MOST_WORDS, np.int64)
    start_b, size_b = np.zeros(_MOST_WORDS, np.int64), np.zeros(_MOST_WORDS, np.int64)
    letters_b = np.zeros(_MOST_WORDS, np.uint64)
    alike = np.zeros(_MOST_WORDS**2, np.float32)
    alike_a, alike_b = np.zeros(_MOST_WORDS**2, np.int64), np.zeros(_MOST_WORDS**2, np.int64)
    known, likenesses = np.full(_MEMORY, -1, np.int64), np.zeros(_MEMORY, np.float64)
    for p in range(len(left)):
        a, a_stop = indptr[left[p]], indptr[left[p] + 1]
        b, b_stop = indptr[right[p]], indptr[right[p] + 1]
        if a == a_stop or b == b_stop:
            continue
        shared, squares, rarest = 0.0, 0.0, 0.0
        in_a[: a_stop - a] = False
        in_b[: b_stop - b] = False
        i, j = a, b
        while i < a_stop and j < b_stop:
            x, y = ids[i], ids[j]
            if x == y:
                w = weights[i]
                shared += w
                squares += w * w
                rarest = max(rarest, w)
                in_a[i - a] = True
                in_b[j - b] = True
            # Without a branch: which side is behind cannot be guessed.
            i += x <= y
            j += y <= x
        many_a = _take_rarest(order, in_a, a, a_stop, rare_a)
        many_b = _take_rarest(order, in_b, b, b_stop, rare_b)
        for y in range(many_b):
            word = ids[rare_b[y]]
            start_b[y], size_b[y] = offsets[word], offsets[word + 1] - offsets[word]
            letters_b[y] = letters[word]
        found = 0
        for x in range(many_a):
            word = ids[rare_a[x]]
            start, size, mask = offsets[word], offsets[word + 1] - offsets[word], letters[word]
            for y in range(many_b):
                # Most pairs of words are too unlike to be worth more than a look.
                only_x, only_y = _bits(mask & ~letters_b[y]), _bits(letters_b[y] & ~mask)
                common = min(size - only_x, size_b[y] - only_y) * (size + size_b[y])
                product = size * size_b[y]
                if common <= _LIMITS[4] * product:
                    continue
                prefix, most = 0, min(4, size, size_b[y])
                while prefix < most and text[start + prefix] == text[start_b[y] + prefix]:
                    prefix += 1
                if common <= _LIMITS[prefix] * product:
                    continue
                other = ids[rare_b[y]]
                key = (np.int64(min(word, other)) << 32) | np.int64(max(word, other))
                slot = (key ^ (key >> 19)) & (_MEMORY - 1)
                if known[slot] != key:
                    known[slot] = key
                    likenesses[slot] = jaro_winkler(
                        text, start, start + size, start_b[y], start_b[y] + size_b[y]
                    )
                if likenesses[slot] > _LEAST_LIKENESS:
                    least = min(weights[rare_a[x]], weights[rare_b[y]])
                    alike[found] = likenesses[slot] * least
                    alike_a[found], alike_b[found] = x, y
                    found += 1
        soft = shared
        # Best partners first, so that neither side decides.
        for _ in range(min(many_a, many_b, found)):
            best, at = 0.0, -1
            for k in range(found):
                if alike[k] > best:
                    best, at = alike[k], k
            if at < 0:
                break
            soft += best
            x, y = alike_a[at], alike_b[at]
            for k in range(found):
                if alike_a[k] == x or alike_b[k] == y:
                    alike[k] = 0.0
        only_a = weights[rare_a[0]] if many_a > 0 else np.float32(0)
        only_b = weights[rare_b[0]] if many_b > 0 else np.float32(0)
        total_a, total_b = sums[left[p]], sums[right[p]]
        least = max(min(total_a, total_b), 1e-9)
        out[p, 0] = min(1.0, squares / max(norms[left[p]] * norms[right[p]], 1e-9))
        out[p, 1] = min(1.0, shared / least)
        out[p, 2] = min(1.0, shared / max(total_a + total_b - shared, 1e-9))
        out[p, 3] = rarest
        out[p, 4] = min(only_a, only_b)
        out[p, 5] = max(only_a, only_b)
        out[p, 6] = min(1.0, soft / least)
    return out
