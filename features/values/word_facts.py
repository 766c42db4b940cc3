"""Types of fact that single words can be: codes, numbers, years, quantities, colours, sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from features.arrays.numbering import Numbering
from features.text.token_kernels import hash_bytes, hash_word
from features.text.tokens import Vocabulary
from features.values.lexicon import COLOURS, EDITIONS, ROMAN_NUMERALS, SIZE_MODIFIERS, SIZES
from features.values.marks import WordMarks, word_marks
from features.values.units import UNIT
from features.values.word_quantities import amounts, number_words, unit_of_word
from features.values.word_roles import word_roles

__all__ = [
    "LARGEST_VALUE",
    "SHORTEST_CODE",
    "SIZE_NUMBERS",
    "WordFacts",
    "word_facts",
]

#: Shortest token that can be a model code; shorter ones ("a12") count among the numbers.
SHORTEST_CODE = 4
#: Number of each apparel size.
SIZE_NUMBERS = {name: number for number, name in enumerate(dict.fromkeys(SIZES.values()))}
_YEARS = (1900, 2039)
#: Bytes of a word that may be a quantity; longer ones are codes.
_LONGEST_QUANTITY = 16
#: Largest number whose value is compared apart from the letters around it.
LARGEST_VALUE = 99_999
#: Digits of a number that is read without Python; longer ones may be beyond what a double holds.
_LONGEST_NUMBER = 100


@dataclass(frozen=True)
class WordFacts:
    """Types of fact that each word of a vocabulary can be; all arrays have one element a word.

    Attributes:
        is_code: alphanumeric with a digit, long enough, neither quantity nor year.
        is_number: holds a digit and is neither code, quantity nor year.
        value: the one run of digits of such a word (5 of "5", "v5" and "mk5"), or the value of a
            Roman numeral, -1 otherwise.
        is_year: a plausible year.
        plain_number: value of a plain number, NaN otherwise.
        amount: amount in base units of a word such as ``128gb``, NaN otherwise.
        dimension: dimension of that amount, -1 otherwise.
        number, lead, factors: the number that a word begins with, the product of those before it,
            and how many there are; NaN, 1 and 0 otherwise. See `NumberWords`.
        own_factor, own_dimension: the unit at the end of such a word; NaN and -1 without.
        unit_factor: base units of one unit for a unit word such as ``gb``, NaN otherwise.
        unit_dimension: dimension of that unit, -1 otherwise.
        colour: colour group, -1 otherwise.
        edition: edition group, -1 otherwise.
        size: number of the apparel size, -1 otherwise.
        size_after: for a modifier such as "extra" and each of the two sizes small and large, the
            size that the modifier makes of it, -1 otherwise; shape (words, 2).
        role: what a word does beside numbers, see `Role`; 0 otherwise, uint8.
        count: the number that a word stands for (2 of "twin", 6 of "x6"), NaN otherwise.
        marks: words and phrases that make another product, see `features.values.marks`.
    """

    is_code: np.ndarray
    is_number: np.ndarray
    value: np.ndarray
    is_year: np.ndarray
    plain_number: np.ndarray
    amount: np.ndarray
    dimension: np.ndarray
    number: np.ndarray
    lead: np.ndarray
    factors: np.ndarray
    own_factor: np.ndarray
    own_dimension: np.ndarray
    unit_factor: np.ndarray
    unit_dimension: np.ndarray
    colour: np.ndarray
    edition: np.ndarray
    size: np.ndarray
    size_after: np.ndarray
    role: np.ndarray
    count: np.ndarray
    marks: WordMarks


def word_facts(vocabulary: Vocabulary, *, every_unit: bool = False) -> WordFacts:
    """Classifies every distinct word of a vocabulary.

    Words of the lexicons and units are found by their hashes; only the few words that could be a
    quantity are parsed one by one.

    Args:
        vocabulary: the words.
        every_unit: whether units count that are words or names in texts more often than not.
    """
    size = len(vocabulary)
    text, offsets = vocabulary.text, vocabulary.offsets
    digits, letters, points, likely = _character_counts(text, offsets)
    lengths = np.diff(offsets)
    plain = np.full(size, np.nan)
    numeric = np.flatnonzero((letters == 0) & (digits > 0) & (points <= 1))
    plain[numeric] = _plain_numbers(vocabulary, numeric)
    mixed = np.flatnonzero((letters > 0) & (digits > 0) & (lengths <= _LONGEST_QUANTITY) & likely)
    mixed = mixed[_may_be_quantities(text, offsets, mixed)]
    parts = number_words(vocabulary.some_words(mixed), every=every_unit)
    number, lead, factors = plain.copy(), np.ones(size), (~np.isnan(plain)).astype(np.int8)
    own_factor, own_dimension = np.full(size, np.nan), np.full(size, -1, np.int8)
    number[mixed], lead[mixed], factors[mixed] = parts.number, parts.lead, parts.factors
    own_factor[mixed], own_dimension[mixed] = parts.factor, parts.dimension
    amount, dimension = np.full(size, np.nan), np.full(size, -1, np.int8)
    amount[mixed], dimension[mixed] = amounts(parts)
    unit_factor, unit_dimension = _units(vocabulary, every_unit)
    role, count = word_roles(vocabulary)
    is_year = (digits == 4) & (lengths == 4) & (plain >= _YEARS[0]) & (plain <= _YEARS[1])
    is_code = (digits > 0) & (lengths >= SHORTEST_CODE) & (points == 0) & (dimension < 0) & ~is_year
    # The shortest codes are numbers too, or "a12" and "a12s" would not conflict; but not
    # ordinals: the "25th" of one text does not conflict with the "3" of another.
    short = is_code & (letters > 0) & (lengths == SHORTEST_CODE)
    short &= ~_ordinals(text, offsets)
    is_number = (digits > 0) & (~is_code | short) & (dimension < 0) & ~is_year
    is_number &= unit_dimension < 0  # cm3
    value = np.where(is_number, _only_numbers(text, offsets), -1)
    for row in _rows_of(vocabulary, list(ROMAN_NUMERALS)):
        value[row] = ROMAN_NUMERALS[vocabulary.some_words(np.array([row]))[0]]
    return WordFacts(
        is_code, is_number, value, is_year,
        plain, amount, dimension, number, lead, factors, own_factor, own_dimension, unit_factor,
        unit_dimension, _groups(vocabulary, COLOURS), _groups(vocabulary, EDITIONS),
        _groups(vocabulary, SIZES), _sizes_after(vocabulary), role, count, word_marks(vocabulary),
    )  # fmt: skip


def _units(vocabulary: Vocabulary, every: bool) -> tuple[np.ndarray, np.ndarray]:
    """Factor and dimension of each word that is a unit; NaN and -1 of the others."""
    factor, dimension = np.full(len(vocabulary), np.nan), np.full(len(vocabulary), -1, np.int8)
    rows = _rows_of(vocabulary, list(UNIT))
    for row, word in zip(rows, vocabulary.some_words(rows), strict=True):
        unit = None if word == "x" else unit_of_word(word, every=every)
        if unit is not None:
            dimension[row], factor[row] = unit
    return factor, dimension


def _rows_of(vocabulary: Vocabulary, words: list[str]) -> np.ndarray:
    return np.flatnonzero(vocabulary.find(words) >= 0)


def _sizes_after(vocabulary: Vocabulary) -> np.ndarray:
    out = np.full((len(vocabulary), 2), -1, np.int32)
    rows = _rows_of(vocabulary, list(SIZE_MODIFIERS))
    for row, word in zip(rows, vocabulary.some_words(rows), strict=True):
        for column, name in enumerate(("s", "l")):
            out[row, column] = SIZE_NUMBERS.get(SIZE_MODIFIERS[word] + name, -1)
    return out


def _groups(vocabulary: Vocabulary, lexicon: dict[str, str]) -> np.ndarray:
    names = {name: number for number, name in enumerate(dict.fromkeys(lexicon.values()))}
    group = np.array([*(names[name] for name in lexicon.values()), -1], np.int32)
    return group[vocabulary.find(lexicon)]


def _plain_numbers(vocabulary: Vocabulary, rows: np.ndarray) -> np.ndarray:
    """Values of words of digits with at most one point."""
    out = np.empty(len(rows))
    lengths = np.diff(vocabulary.offsets)[rows]
    short = lengths <= _LONGEST_NUMBER
    out[short] = pc.cast(vocabulary.strings(rows[short]), pa.float64()).to_numpy()
    out[~short] = [float(word) for word in vocabulary.some_words(rows[~short])]
    return out


def _may_be_quantities(text: np.ndarray, offsets: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Whether a word's numbers are followed by a unit or by nothing; True where unsure."""
    tails = np.zeros(len(rows), np.uint64)
    units = Numbering()
    units.add(np.array([hash_word(unit) for unit in ["", *UNIT]], np.uint64))
    sure = _tail_hashes(text, offsets, rows, tails)
    return ~sure | (units.find(tails) >= 0)


@njit(nogil=True, cache=True)
def _tail_hashes(text, offsets, rows, tails):
    """Hash of what follows the factors at the start of a word; False for words beyond ASCII."""
    sure = np.ones(len(rows), np.bool_)
    for k in range(len(rows)):
        at, stop = offsets[rows[k]], offsets[rows[k] + 1]
        for position in range(at, stop):
            if text[position] >= 128:
                sure[k] = False
        while at < stop:
            byte = text[at]
            is_factor = 48 <= byte <= 57 or byte == 46
            if byte == 120 and at + 1 < stop and 48 <= text[at + 1] <= 57:
                is_factor = True
            if not is_factor:
                break
            at += 1
        last = stop  # of "330mlx6" less "x6"
        while last > at and 48 <= text[last - 1] <= 57:
            last -= 1
        if at + 1 < last < stop and text[last - 1] == 120:
            stop = last - 1
        tails[k] = hash_bytes(text, at, stop)
    return sure


@njit(nogil=True, cache=True)
def _character_counts(text, offsets):
    """Digits, other letters and points of each word, and whether it starts with a digit or so."""
    n = len(offsets) - 1
    digits, letters, points = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32)
    likely = np.zeros(n, np.bool_)
    for row in range(n):
        if offsets[row + 1] > offsets[row]:
            head = text[offsets[row]]
            likely[row] = 48 <= head <= 57 or head >= 128
        for k in range(offsets[row], offsets[row + 1]):
            byte = text[k]
            if 48 <= byte <= 57:
                digits[row] += 1
            elif byte == 46:
                points[row] += 1
            else:
                letters[row] += 1
    return digits, letters, points, likely


@njit(nogil=True, cache=True)
def _only_numbers(text, offsets):
    """Value of the one run of digits of each word, -1 where there are more, none, or too large."""
    n = len(offsets) - 1
    out = np.full(n, -1, np.int32)
    for row in range(n):
        runs, value, within = 0, np.int64(0), False
        for k in range(offsets[row], offsets[row + 1]):
            if 48 <= text[k] <= 57:
                runs += not within
                if value <= LARGEST_VALUE:
                    value = value * 10 + (text[k] - 48)
                within = True
            else:
                within = False
        if runs == 1 and value <= LARGEST_VALUE:
            out[row] = value
    return out


@njit(nogil=True, cache=True)
def _ordinals(text, offsets):
    """Whether each word is an English ordinal in digits, such as 25th."""
    n = len(offsets) - 1
    out = np.zeros(n, np.bool_)
    for row in range(n):
        stop = offsets[row + 1] - 2
        if stop <= offsets[row]:
            continue
        digits = True
        for k in range(offsets[row], stop):
            digits &= 48 <= text[k] <= 57
        a, b = text[stop], text[stop + 1]
        ending = (
            (a == 115 and b == 116)  # st
            or (a == 110 and b == 100)  # nd
            or (a == 114 and b == 100)  # rd
            or (a == 116 and b == 104)  # th
        )
        out[row] = digits and ending
    return out
