"""Compiled comparison of sets of words: idf-weighted overlap, and soft matching of other words.

One pass finds the words that two records share. Of those that they do not share, the rarest of each
side are compared by Jaro-Winkler similarity; their number is bounded, so that long descriptions
cost little more than titles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from features.arrays.prefetching import AT_ONCE, FAR, fetch_row
from features.text.sets import SparseSets
from features.text.tokens import Vocabulary
from features.text.word_rows import RANKS, enter, leave, look_up, room, word_rows

__all__ = [
    "WORD_FEATURES",
    "Words",
    "jaro_winkler",
    "letter_masks",
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
#: Similarities of pairs of words that are cached; candidates of one key block repeat them.
_MEMORY = 1 << 14


class Words:
    """Words of every row, ready to be compared.

    Args:
        sets: sets of word numbers, weighted by rarity.
        vocabulary: the words.
        rows: row of the sets at each position by which pairs are given; by default all in order.
    """

    def __init__(
        self, sets: SparseSets, vocabulary: Vocabulary, rows: np.ndarray | None = None
    ) -> None:
        self._text, self._offsets = vocabulary.text, vocabulary.offsets
        self._letters = letter_masks(vocabulary.text, vocabulary.offsets)
        keys = spelling_keys(vocabulary.text, vocabulary.offsets, vocabulary.hashes)
        self._rows = word_rows(sets, rows, keys)

    @property
    def counts(self) -> np.ndarray:
        """Number of words at each position."""
        return np.diff(self._rows.indptr)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Word features of pairs.

        ``soft_overlap`` is the overlap in which an unshared word counts by its best partner in
        Jaro-Winkler likeness, after soft tf-idf (Cohen, Ravikumar and Fienberg 2003). Only the
        eight rarest unshared words of each side take part, however long the texts are.

        Args:
            left, right: positions of the records, int32, shape (m,).

        Returns:
            float32, shape (m, 7), columns ``WORD_FEATURES``; NaN where a side has no words.
            Swapping the sides gives the same.
        """
        out = np.empty((len(left), len(WORD_FEATURES)), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into the first columns of an array."""
        r = self._rows
        _word_features(
            r.indptr, r.ids, r.weights, r.sums, r.norms,
            self._text, self._offsets, self._letters, left, right, out,
        )  # fmt: skip


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


@njit(nogil=True, cache=True)
def _word_features(indptr, ids, weights, sums, norms, text, offsets, letters, left, right, out):
    """Features of the rows of pairs; fastest where pairs of one left row follow each other."""
    nought: Any = np.float32(0)
    size, longest = room(indptr, left)
    long = len(ids) > AT_ONCE * len(sums)
    table = np.full(size, -1, np.int64)
    own = np.zeros(longest, np.int64)
    # The last pair in which each word of the left row was found; the last place is of none.
    seen = np.full(longest + 1, -1, np.int64)
    _, longest_b = room(indptr, right)
    unshared_b = np.zeros(longest_b + 1, np.int64)
    rare_a = np.zeros(_MOST_WORDS, np.int64)
    rare_b = np.zeros(_MOST_WORDS, np.int64)
    start_b, size_b = np.zeros(_MOST_WORDS, np.int64), np.zeros(_MOST_WORDS, np.int64)
    letters_b = np.zeros(_MOST_WORDS, np.uint64)
    letter_b, slack_b = np.zeros(_MOST_WORDS, np.int64), np.zeros(_MOST_WORDS, np.int64)
    alike = np.zeros(_MOST_WORDS**2, np.float32)
    alike_a, alike_b = np.zeros(_MOST_WORDS**2, np.int64), np.zeros(_MOST_WORDS**2, np.int64)
    known, likenesses = np.full(_MEMORY, -1, np.int64), np.zeros(_MEMORY, np.float64)
    entered, moved = 0, False
    current = np.int64(-1)
    for p in range(len(left)):
        if p + FAR < len(right):
            fetch_row(indptr, ids, weights, sums, norms, right, p, long)
        row, other_row = np.int64(left[p]), np.int64(right[p])
        a, a_stop = indptr[row], indptr[row + 1]
        b, b_stop = indptr[other_row], indptr[other_row + 1]
        if a == a_stop or b == b_stop:
            for k in range(7):
                out[p, k] = np.nan
            continue
        if row != current:
            leave(table, own, entered)
            moved = enter(table, own, ids, a, a_stop)
            entered, current = a_stop - a, row
        shared, squares = 0.0, 0.0
        rarest = nought
        beyond = 0
        for j in range(b, b_stop):
            rank = look_up(table, ids[j], moved)
            found_it = rank != RANKS
            w = weights[j] if found_it else nought
            seen[min(rank, longest)] = p
            unshared_b[beyond] = j
            beyond += not found_it
            shared += w
            squares += w * w
            rarest = max(rarest, w)
        many_a = 0
        for k in range(a_stop - a):
            if seen[k] != p:
                rare_a[many_a] = a + k
                many_a += 1
                if many_a == _MOST_WORDS:
                    break
        many_b = min(beyond, _MOST_WORDS)
        for y in range(many_b):
            rare_b[y] = unshared_b[y]
        for y in range(many_b):
            word = ids[rare_b[y]]
            start_b[y], size_b[y] = offsets[word], offsets[word + 1] - offsets[word]
            letters_b[y] = letters[word]
            letter_b[y] = text[start_b[y]] if size_b[y] > 0 else 0
            # Letters that the masks say nothing of: third ones, and second ones of some.
            slack_b[y] = size_b[y] - _bits(letters_b[y])
        found = 0
        for x in range(many_a):
            word = ids[rare_a[x]]
            start, size, mask = offsets[word], offsets[word + 1] - offsets[word], letters[word]
            letter = np.int64(text[start]) if size > 0 else 0
            slack = size - _bits(mask)
            for y in range(many_b):
                # Most pairs of words are too unlike to be worth more than a look.
                common = _bits(mask & letters_b[y]) + min(slack, slack_b[y])
                common *= size + size_b[y]
                product = size * size_b[y]
                # What the limits come to with a common prefix of four letters, and with none.
                if 5 * common < (5 if letter_b[y] == letter else 7) * product:
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
        total_a, total_b = sums[row], sums[other_row]
        least = max(min(total_a, total_b), 1e-9)
        out[p, 0] = min(1.0, squares / max(norms[row] * norms[other_row], 1e-9))
        out[p, 1] = min(1.0, shared / least)
        out[p, 2] = min(1.0, shared / max(total_a + total_b - shared, 1e-9))
        out[p, 3] = rarest
        out[p, 4] = min(only_a, only_b)
        out[p, 5] = max(only_a, only_b)
        out[p, 6] = min(1.0, soft / least)
