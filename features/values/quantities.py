"""Parsing quantities with units, and pack counts, out of text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.values.numbers import Strings, decimal_comma, each_distinct
from features.values.units import DIMENSION_CODE, DIMENSIONS, UNIT

__all__ = ["DIMENSIONS", "Quantities", "parse_quantities", "word_quantities"]

# Glued to digits these are model names rather than units more often than not ("iphone 5s", "3d",
# "boeing 747h").
_NOT_IN_WORDS = frozenset("s h d st to go mo i a ie ui p".split())
_PACK_WORD = (
    r"(?:pack|packs|pk|pks|pck|er[- ]?pack|er[- ]?set|er|ct|count|pcs?|pieces?|stk|stück|pezzi|set)"
)
_NUMERAL = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?|[.,]\d+)"
_FRACTION = re.compile(r"(?:(\d+)[ -])?(\d+) ?/ ?(\d+)(?=\D|$)")
_FLUID_OUNCE = re.compile(r"\bfl(?:uid)?\.? ?(?:oz|ounces?)\b\.?")
_SQUARE = re.compile(r"(?<=\d)[ -]?sq\.? ?(ft|m|cm|mm)\b")
_BY = r"\s*[x×*]\s*"
# Any word may stand for the unit here and is looked up after: two hundred alternatives are slow.
_UNIT_WORD = r"[^\W\d_]+[²³23]?(?:/[a-z]+[²2]?)?|fl\.oz|[%\"″′]|''?|°[cf]"
_QUANTITY = re.compile(
    rf"(?<![\w.,])(?<!\d[-–])(?P<numbers>{_NUMERAL}(?:\s*(?:{_UNIT_WORD})?{_BY}{_NUMERAL})*)"
    rf"[\s-]*(?P<unit>{_UNIT_WORD})(?![^\W_])"
)
_PACKS = re.compile(
    rf"(?<![\w.,])(\d{{1,4}})[\s-]*{_PACK_WORD}(?!\w)"
    r"|(?:pack|set|box|case|packung) (?:of |à |mit )?(\d{1,4})(?!\w)"
    r"|(?<!\w)x ?(\d{1,3})$|^(\d{1,3}) ?x(?= [^\W\d])"
)
_WORD = re.compile(r"(\d+(?:[.,]\d+)?)((?:x\d+(?:[.,]\d+)?)*)([a-zµμ°%\"'″′][a-z0-9³²/%°]*|)")
_SIMPLE_WORD = re.compile(r"([0-9]{1,12})([a-z]+)")
_WORD_UNIT = {unit: UNIT[unit] for unit in UNIT if unit not in _NOT_IN_WORDS and unit != "x"}
_LONGEST = 300
_LENGTH, _AREA, _VOLUME, _COUNT, _PIXELS, _LINES = (
    DIMENSION_CODE[name] for name in ("length", "area", "volume", "count", "pixels", "lines")
)


@dataclass(frozen=True)
class Quantities:
    """Quantities of one column.

    Attributes:
        amount: float64[n] in the base unit of the dimension (g, ml, mm, mm², bytes, Hz, W, V, A,
            mAh, s, ...), over all packs; NaN unknown.
        dimension: int8[n], position in `DIMENSIONS`, -1 unknown.
        packs: float64[n], how many items the text says there are; NaN where it does not say.
    """

    amount: npt.NDArray[np.float64]
    dimension: npt.NDArray[np.int8]
    packs: npt.NDArray[np.float64]


def parse_quantities(values: Strings) -> Quantities:
    """Read the first quantity and the pack count of each cell.

    ``6 x 330 ml`` is 1980 ml in 6 packs, ``10-pack`` a count of 10 in 10 packs, ``20 x 30 cm`` an
    area, ``10x20x30 cm`` a volume, ``5 ft 10 in`` one length. A bare number has no dimension and is
    unknown.

    Args:
        values: string array, null = missing.

    Example:
        >>> parse_quantities(pa.array(["6 x 330 ml", "0.5 L", "12"])).amount.tolist()
        [1980.0, 500.0, nan]
    """
    comma = len(values) > 0 and not pa.types.is_null(values.type) and decimal_comma(values)
    found: list[tuple[float, int, float]] = []

    def position(cell: str) -> float:
        found.append(_parse_one(cell, comma))
        return float(len(found) - 1)

    row = each_distinct(values, position)
    known = ~np.isnan(row)
    n = len(values)
    out = Quantities(np.full(n, np.nan), np.full(n, -1, np.int8), np.full(n, np.nan))
    if found:
        amount, dimension, packs = np.array(found)[row[known].astype(np.int64)].T
        out.amount[known], out.packs[known] = amount, packs
        out.dimension[known] = dimension.astype(np.int8)
    return out


def word_quantities(words: Sequence[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]:
    """Read single lower-cased tokens as quantities.

    Args:
        words: tokens such as ``128gb``, ``6x330ml``, ``1920x1080``.

    Returns:
        amount float64[n] in base units (NaN unknown) and dimension int8[n] (position in
        `DIMENSIONS`, -1 unknown).
    """
    amount = np.full(len(words), np.nan)
    dimension = np.full(len(words), -1, np.int8)
    for i, word in enumerate(words):
        if word[:1].isdecimal() and not word.isdecimal():
            simple = _SIMPLE_WORD.fullmatch(word)
            if simple is not None:
                unit = _WORD_UNIT.get(simple[2])
                if unit is not None:
                    amount[i], dimension[i] = int(simple[1]) * unit[1], unit[0]
                elif len(simple[2]) == 1:
                    amount[i], dimension[i] = _parse_word(word)
            else:
                amount[i], dimension[i] = _parse_word(word)
    return amount, dimension


def _parse_word(word: str) -> tuple[float, int]:
    match = _WORD.fullmatch(word) if len(word) <= 24 else None
    if match is None:
        return np.nan, -1
    numbers = [_number(part, False) for part in (match[1] + match[2]).split("x")]
    unit = match[3]
    if not unit:  # 1920x1080
        if len(numbers) == 2 and min(numbers) >= 120:
            return numbers[0] * numbers[1], _PIXELS
        return np.nan, -1
    if (
        unit in ("p", "i")
        and len(numbers) == 1
        and 240 <= numbers[0] <= 4320
        and numbers[0] % 8 == 0
    ):
        return numbers[0], _LINES
    if unit == "a" and len(numbers) == 1 and numbers[0] <= 100 and "." in word:
        return numbers[0], UNIT["a"][0]
    if unit == "x" or unit in _NOT_IN_WORDS or unit not in UNIT:
        return (
            (numbers[0], DIMENSION_CODE["ratio"])
            if unit == "x" and len(numbers) == 1
            else (np.nan, -1)
        )
    return _combine(numbers, unit)[:2]


def _number(text: str, comma: bool) -> float:
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text) and not (comma or text.startswith("0")):
        text = text.replace(",", "")
    elif comma and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        text = text.replace(".", "")
    return float(text.replace(",", "."))


def _combine(numbers: list[float], unit: str) -> tuple[float, int, float]:
    """Amount, dimension and packs of numbers multiplied before one unit."""
    dimension, factor = UNIT[unit]
    total = math.prod(numbers)
    if dimension == _LENGTH and len(numbers) > 1:
        if len(numbers) == 2:
            return total * factor**2, _AREA, np.nan
        return (
            (total * factor**3 / 1e3, _VOLUME, np.nan)
            if len(numbers) == 3
            else (np.nan, -1, np.nan)
        )
    if dimension == _COUNT:
        return total, dimension, total
    return (
        total * factor,
        dimension,
        total / numbers[-1] if len(numbers) > 1 and numbers[-1] else np.nan,
    )


def _parse_one(cell: str, comma: bool) -> tuple[float, int, float]:
    text = unicodedata.normalize("NFC", cell[:_LONGEST]).lower().replace("\u00a0", " ").strip()
    text = _plain_fractions(text)
    if "fl" in text:
        text = _FLUID_OUNCE.sub("floz", text)
    if "sq" in text:
        text = _SQUARE.sub(r"\g<1>2", text)
    amount, dimension, packs = np.nan, -1, np.nan
    end, factor = -1, np.inf  # of the quantity just read
    for match in _QUANTITY.finditer(text):
        if match["unit"] not in UNIT or match["unit"] == "x":
            continue
        numbers = [_number(part, comma) for part in re.findall(_NUMERAL, match["numbers"])]
        one = _combine(numbers, match["unit"])
        if dimension < 0 or (dimension == _COUNT and one[1] != _COUNT):
            if dimension == _COUNT and one[1] >= 0 and np.isnan(one[2]) and one[1] != _LENGTH:
                one = (one[0] * amount, one[1], amount)  # "6 bottles 330 ml", "10-pack 5 g"
            amount, dimension, packs = one
        elif (
            one[1] == dimension
            and end >= 0
            and not text[end : match.start()].strip(" ,&")
            and len(numbers) == 1
        ):
            smaller = UNIT[match["unit"]][1]
            if smaller < factor:
                amount += one[0]  # "5 ft 10 in"
        factor, end = UNIT[match["unit"]][1], match.end()
    if np.isnan(packs):
        stated = _PACKS.search(text)
        if stated:
            packs = float(next(group for group in stated.groups() if group))
            if dimension < 0:
                amount, dimension = packs, _COUNT
            elif dimension not in (_COUNT, _LENGTH, _AREA):
                amount *= packs
    if np.isinf(amount):
        return np.nan, -1, np.nan
    return float(amount), dimension, packs


def _plain_fractions(text: str) -> str:
    """Write fractions as decimals: "1 1/2", "1½"."""
    if not text.isascii():
        text = re.sub(r"(?<=\d) ?([½¼¾])", r" \1", text)
        text = text.replace("½", "1/2").replace("¼", "1/4").replace("¾", "3/4").replace("⁄", "/")
    return _FRACTION.sub(_fraction, text) if "/" in text else text


def _fraction(match: re.Match[str]) -> str:
    whole, over, under = float(match[1] or 0), float(match[2]), float(match[3])
    if not under or under > 64 or over >= under:
        return match[0]
    return f"{whole + over / under:.6g}"
