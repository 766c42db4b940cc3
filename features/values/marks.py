"""Marks: words and phrases by which a text says that it offers another product than the plain one.

``refurbished`` and ``B-Ware`` are conditions, ``case for`` and ``without`` tell an accessory from
the product, ``2nd gen``, ``Mk II``, ``vol. 2`` and ``Pro`` tell one of a series from another. An
offer that has such a mark and one that has none are seldom the same, so that a mark counts also
where only one of two records has any. The words are in ``features/data/marks.toml``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np
from numba import njit

from features.arrays.numbering import Numbering
from features.text.sets import SparseSets, distinct_row, plain_sets
from features.text.token_kernels import hash_bytes, hash_word
from features.text.tokens import Vocabulary
from features.values.lexicon import ROMAN_NUMERALS

__all__ = ["MARKS", "WordMarks", "mark_sets", "word_marks"]

#: Sorts of marks. Term 0 of each says no more than no mark does: new, or the first generation.
MARKS = ("conditions", "accessories", "versions")
#: Largest number of a series; the largest numbers of terms of one sort follow from it.
_LARGEST = 99
_TERMS = 1 << 12
#: Roman numerals that are numbers only beside the word for what they count.
_ROMAN_LETTERS = {"i": 1, "v": 5, "x": 10}


@dataclass(frozen=True)
class WordMarks:
    """What each word of a vocabulary marks; arrays have one element a word.

    Attributes:
        own: the mark that the word is by itself, ``sort * _TERMS + term``, -1 for none, int32.
        head, tail: number of the word among first and second words of phrases, 0 for none, int16.
        phrases: mark of each pair of a head and a tail, -1 for none, int32.
        series: kind of series that the word counts (generation, volume, ...), -1 for none, int8.
        number: number of a series that the word can be, 0 for none, int8.
        is_ordinal: whether that number has letters, as in ``2nd``.
    """

    own: np.ndarray
    head: np.ndarray
    tail: np.ndarray
    phrases: np.ndarray
    series: np.ndarray
    number: np.ndarray
    is_ordinal: np.ndarray


@cache
def _data() -> dict[str, Any]:
    text = files("features").joinpath("data/marks.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _lexicon() -> tuple[dict[str, int], dict[tuple[str, str], int], dict[str, int]]:
    """Mark of each word and of each phrase, and number of the series of each word that counts."""
    data = _data()
    series = {w: k for k, words in enumerate(data["numbered"].values()) for w in words.split()}
    tiers = len(data["numbered"]) * (_LARGEST + 1)
    marks: dict[str, int] = {}
    phrases: dict[tuple[str, str], int] = {}
    for sort, table, first in ((0, "conditions", 0), (1, "accessories", 1), (2, "tiers", tiers)):
        for term, words in enumerate(data[table].values(), first):
            for word in words.split():
                one, _, two = word.partition("_")
                if two:
                    phrases[one, two] = sort * _TERMS + term
                else:
                    marks[word] = sort * _TERMS + term
    thing, beside = data["accessory_for"], marks[data["accessories"]["beside"].split()[0]]
    for pair in product(thing["things"].split(), thing["for"].split()):
        phrases.setdefault(pair, beside)
    for word, number in ROMAN_NUMERALS.items():
        marks[word] = _version(0, number)
    return marks, phrases, series


def _version(series: int, number: int) -> int:
    """The mark of a number of a series; the first generation is the plain product."""
    return 2 * _TERMS + (0 if series == 0 and number == 1 else series * (_LARGEST + 1) + number)


def word_marks(vocabulary: Vocabulary) -> WordMarks:
    """Find what each distinct word of a vocabulary marks.

    Args:
        vocabulary: the words.
    """
    marks, phrases, series = _lexicon()
    heads, tails = sorted({one for one, _ in phrases}), sorted({two for _, two in phrases})
    table = np.full((len(heads) + 1, len(tails) + 1), -1, np.int32)
    for (one, two), mark in phrases.items():
        table[heads.index(one) + 1, tails.index(two) + 1] = mark
    own = _values(vocabulary.hashes, marks, -1)
    number = _values(vocabulary.hashes, ROMAN_NUMERALS | _ROMAN_LETTERS, 0).astype(np.int8)
    is_ordinal = np.zeros(len(vocabulary), bool)
    stems = np.zeros(len(vocabulary), np.uint64)
    counted = np.zeros(len(vocabulary), np.int8)
    _numbers(vocabulary.text, vocabulary.offsets, number, is_ordinal, stems, counted)
    # One word for both: mk3, gen2, vol2, v2.
    joined = np.flatnonzero(counted > 0)
    of_stem = _values(stems[joined], series, -1)
    own[joined] = np.where(
        of_stem >= 0, [_version(s, c) for s, c in zip(of_stem, counted[joined], strict=True)], -1
    )
    return WordMarks(
        own,
        _values(vocabulary.hashes, {w: k for k, w in enumerate(heads, 1)}, 0).astype(np.int16),
        _values(vocabulary.hashes, {w: k for k, w in enumerate(tails, 1)}, 0).astype(np.int16),
        table,
        # V by itself is volts more often than version.
        _values(vocabulary.hashes, {w: k for w, k in series.items() if w != "v"}, -1).astype(
            np.int8
        ),
        number,
        is_ordinal,
    )


def _values(hashes: np.ndarray, lexicon: dict[str, int], default: int) -> np.ndarray:
    """Value of each hashed word in a lexicon, int32."""
    numbering = Numbering()
    numbering.add(np.array([hash_word(word) for word in lexicon], np.uint64))
    return np.array([*lexicon.values(), default], np.int32)[numbering.find(hashes)]


def mark_sets(indptr: np.ndarray, ids: np.ndarray, marks: WordMarks) -> dict[str, SparseSets]:
    """Marks of every record, by sort.

    Args:
        indptr, ids: start of each record's words, and their numbers.
        marks: what each word marks.
    """
    n = len(indptr) - 1
    out_indptr = np.zeros((len(MARKS), n + 1), np.int64)
    room = n // 2 + 1
    while True:
        out = np.empty((len(MARKS), room), np.int32)
        needed = _marks(
            indptr, ids, marks.own, marks.head, marks.tail, marks.phrases, marks.series,
            marks.number, marks.is_ordinal, out_indptr, out,
        )  # fmt: skip
        if needed <= room:
            break
        room = needed
    return {
        name: plain_sets(out_indptr[sort], out[sort], _TERMS) for sort, name in enumerate(MARKS)
    }


@njit(nogil=True, cache=True)
def _marks(indptr, ids, own, head, tail, phrases, series, number, is_ordinal, out_indptr, out):
    """Writes the distinct marks of each row, as many as fit; returns the room that they need."""
    room = out.shape[1]
    used, wanted = np.zeros(3, np.int64), np.zeros(3, np.int64)
    for row in range(len(indptr) - 1):
        start, stop = indptr[row], indptr[row + 1]
        for k in range(start, stop):
            word = ids[k]
            before = ids[k - 1] if k > start else -1
            after = ids[k + 1] if k + 1 < stop else -1
            mark = own[word]
            if number[word] > 0 and before >= 0 and series[before] >= 0:
                continue  # the numeral of Vol. II counts volumes
            if head[word] > 0 and after >= 0 and phrases[head[word], tail[after]] >= 0:
                mark = phrases[head[word], tail[after]]
            if series[word] >= 0:
                found = number[before] if before >= 0 and is_ordinal[before] else 0
                if found == 0 and after >= 0 and not is_ordinal[after]:
                    found = number[after]
                if found == 0 and before >= 0 and series[word] == 0:
                    found = number[before]  # 2 gen, but not 10 band radio or 4 season tent
                if found > 0:
                    first = series[word] == 0 and found == 1
                    term = 0 if first else series[word] * (_LARGEST + 1) + found
                    mark = 2 * _TERMS + term
            if mark < 0:
                continue
            sort = mark // _TERMS
            wanted[sort] += 1
            if used[sort] < room:
                out[sort, used[sort]] = mark % _TERMS
                used[sort] += 1
        for sort in range(3):
            used[sort] = distinct_row(out[sort], out_indptr[sort, row], used[sort])
            out_indptr[sort, row + 1] = used[sort]
    return wanted.max()


@njit(nogil=True, cache=True)
def _numbers(text, offsets, number, is_ordinal, stems, counted):
    """Reads words of one number up to 99: at their start (2, 2nd), or at their end (mk2).

    Args:
        text, offsets: the words.
        number: filled with the number at the start of a word.
        is_ordinal: filled with whether letters follow it.
        stems, counted: filled with the hash of the letters before a number, and that number.
    """
    for row in range(len(number)):
        start, stop = offsets[row], offsets[row + 1]
        first = start
        while first < stop and not 48 <= text[first] <= 57:
            first += 1
        end, value = first, 0
        while end < stop and 48 <= text[end] <= 57:
            value = min(value * 10 + (text[end] - 48), _LARGEST + 1)
            end += 1
        if value == 0 or value > _LARGEST:
            continue
        if first == start and _is_ordinal_ending(text, end, stop):
            number[row] = value
            is_ordinal[row] = stop > end
        elif end == stop:
            stems[row] = hash_bytes(text, start, first)
            counted[row] = value


@njit(nogil=True, cache=True)
def _is_ordinal_ending(text, end, stop):
    """Whether nothing follows a number, or the ending of an ordinal: st nd rd th, or e a o."""
    if stop - end == 1:
        return text[end] in (97, 101, 111)
    if stop - end == 2:
        one, two = text[end], text[end + 1]
        return (
            (one == 115 and two == 116)
            or (one in (110, 114) and two == 100)
            or (one == 116 and two == 104)
        )
    return stop == end
