"""Quantities that single words are, such as ``128gb``, ``6x330ml`` and ``1920x1080``."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from features.values.units import DIMENSION_CODE, UNIT

__all__ = ["NumberWords", "number_words", "unit_of_word", "word_quantities"]

# Glued to digits these are model names rather than units more often than not ("iphone 5s", "3d",
# "boeing 747h"), and "5 s" is a model, too.
_NOT_IN_WORDS = frozenset("s h d st to go mo i a ie ui p er".split())
#: Of these, what is a unit where it stands apart from its number.
_ONLY_APART = frozenset("st h er".split())
_WORD = re.compile(
    r"(\d+(?:\.\d+)?)((?:x\d+(?:\.\d+)?)*)([^\W\d_x][^\W_]*?|x?)(?:(?<=[^\W\d_])x(\d+))?"
)
_SIMPLE_WORD = re.compile(r"([0-9]{1,12})([a-z]+)")
_LONGEST = 24
_GLUED_UNIT = {unit: UNIT[unit] for unit in UNIT if unit not in _NOT_IN_WORDS and unit != "x"}
_LENGTH, _AREA, _VOLUME, _COUNT, _PIXELS, _LINES, _RATIO = (
    DIMENSION_CODE[name]
    for name in ("length", "area", "volume", "count", "pixels", "lines", "ratio")
)


class NumberWords(NamedTuple):
    """Words that begin with a number, in parts; arrays of one element a word.

    Attributes:
        number: the number, the last of several factors; NaN for other words.
        lead: product of the factors before it, 1 without.
        factors: how many numbers there are, int8.
        factor: base units of the unit at its end, NaN without.
        dimension: of that unit, -1 without, int8; pixels for ``1920x1080``.
    """

    number: npt.NDArray[np.float64]
    lead: npt.NDArray[np.float64]
    factors: npt.NDArray[np.int8]
    factor: npt.NDArray[np.float64]
    dimension: npt.NDArray[np.int8]


def unit_of_word(word: str, *, every: bool = False) -> tuple[int, float] | None:
    """Dimension and factor of a unit that stands apart from its number; None for other words.

    Args:
        word: a token.
        every: whether units count that texts use as words or names more often ("s", "a", "go").
    """
    if not every and word in _NOT_IN_WORDS - _ONLY_APART:
        return None
    return UNIT.get(word)


def number_words(words: Sequence[str], *, every: bool = False) -> NumberWords:
    """Splits words into numbers and unit.

    Args:
        words: lower-cased tokens.
        every: as for `unit_of_word`.
    """
    n = len(words)
    out = NumberWords(
        np.full(n, np.nan), np.ones(n), np.zeros(n, np.int8), np.full(n, np.nan),
        np.full(n, -1, np.int8),
    )  # fmt: skip
    for k, word in enumerate(words):
        if not word[:1].isdecimal() or word.isdecimal():
            continue
        simple = _SIMPLE_WORD.fullmatch(word)
        if simple is not None and simple[2] in _GLUED_UNIT:
            out.number[k], out.factors[k] = int(simple[1]), 1
            out.dimension[k], out.factor[k] = _GLUED_UNIT[simple[2]]
            continue
        match = _WORD.fullmatch(word) if len(word) <= _LONGEST else None
        if match is None:
            continue
        numbers = [float(part) for part in (match[1] + match[2]).split("x")]
        unit = _glued_unit(numbers, match[3], word, every)
        if unit is None:
            continue
        if match[4]:  # 330mlx6
            numbers.insert(0, float(match[4]))
        out.number[k], out.lead[k] = numbers[-1], math.prod(numbers[:-1])
        out.factors[k] = len(numbers)
        out.dimension[k], out.factor[k] = unit
    return out


def _glued_unit(
    numbers: list[float], unit: str, word: str, every: bool
) -> tuple[int, float] | None:
    """Dimension and factor of what follows numbers in a word; None where it is no unit."""
    if not unit:
        if len(numbers) == 2 and min(numbers) >= 120:
            return _PIXELS, 1.0
        return (-1, np.nan) if len(numbers) > 1 else None
    if unit == "x":
        return (_RATIO, 1.0) if len(numbers) == 1 else None
    if unit in ("p", "i"):
        lines = len(numbers) == 1 and 240 <= numbers[0] <= 4320 and numbers[0] % 8 == 0
        return (_LINES, 1.0) if lines else None
    if unit == "er" or (unit == "a" and len(numbers) == 1 and numbers[0] <= 100 and "." in word):
        return UNIT[unit]
    return None if unit in _NOT_IN_WORDS and not every else UNIT.get(unit)


def word_quantities(words: Sequence[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Read single lower-cased tokens as quantities.

    Args:
        words: tokens such as ``128gb``, ``6x330ml``, ``1920x1080``.

    Returns:
        amount float64[n] in base units (NaN unknown) and dimension int8[n] (position in
        `DIMENSIONS`, -1 unknown).
    """
    return amounts(number_words(words))


def amounts(words: NumberWords) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Amount and dimension of words by themselves: ``20x30cm`` is an area."""
    dimension = words.dimension.copy()
    power = np.where(dimension == _LENGTH, words.factors, 1).astype(float)
    amount = words.number * words.lead * np.where(dimension >= 0, words.factor, np.nan) ** power
    dimension[(words.dimension == _LENGTH) & (words.factors == 2)] = _AREA
    box = (words.dimension == _LENGTH) & (words.factors == 3)
    dimension[box], amount[box] = _VOLUME, amount[box] / 1e3
    dimension[(words.dimension == _LENGTH) & (words.factors > 3)] = -1
    amount[dimension < 0] = np.nan
    return amount, dimension
