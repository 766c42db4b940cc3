"""What the value of an attribute can be read as, and whether two values can mean the same.

A value may hold amounts (``750 ml``), apparel sizes (``X-Large``), colours (``navy blue``) and
other numbers (``iPhone 12``). Two values that are read differently, such as ``500 ml`` and ``300
ml`` or ``black`` and ``white``, cannot mean the same, whatever records state them; two that are
read alike, or of which one is not understood, may.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from features.values.lexicon import (
    COLOURS,
    SIZE_MODIFIERS,
    SIZE_SYSTEMS,
    SIZES,
    TONES,
)
from features.values.quantities import DIMENSIONS, parse_quantities
from features.variants.variant_words import spelt_out

__all__ = ["Reading", "may_mean_the_same", "read_values"]

#: A number with the sign or the word after it. A word that digits follow (w30 l32) is no unit.
_NUMBER = re.compile(
    r"(\d+(?:\.\d+)?)(?:\s*(x)\s*(?=\d)|\s*(fl oz|[^\W\d_]+[23]?(?![^\W_])|(?![^\W_])))?"
)
_LENGTH, _COUNT, _DATA = (DIMENSIONS.index(name) for name in ("length", "count", "data"))
#: Largest relative difference of equal amounts of which one is rounded: 3.4 fl oz is sold as 100
#: ml, 1 fl oz as 30 ml.
_ROUNDED = 0.02
#: Numbers of a size of which one names its system are of two systems if one is so many times the
#: other: 44 is US 10, but 9 is not UK 10.
_OTHER_SYSTEM = 2.0
#: Significant digits that write a metric amount exactly, and an imperial one seldom.
_DIGITS = 5


@dataclass(frozen=True)
class Reading:
    """What a value is read as.

    Attributes:
        amounts: its quantities, as position in `DIMENSIONS` and amount in base units, with the
            numbers without a unit (position -1), sorted; empty where no number has a unit.
        sizes, colours: apparel sizes and groups of colours of the lexicons.
        tones: "light" or "dark", of a colour.
        numbers: all numbers as written, sorted.
        systems: systems of sizes (EU, US) beside a single number.
    """

    amounts: tuple[tuple[int, float], ...] = ()
    sizes: frozenset[str] = frozenset()
    colours: frozenset[str] = frozenset()
    tones: frozenset[str] = frozenset()
    numbers: tuple[float, ...] = ()
    systems: frozenset[str] = frozenset()


def read_values(values: Sequence[str]) -> list[Reading]:
    """Read values of an attribute.

    Args:
        values: clean values, as `features.text.tokens.TokenTable.clean_strings` gives them.

    Example:
        >>> read_values(["2 x 0.5 l"])[0].amounts == ((-1, 2.0), (DIMENSIONS.index("volume"), 500))
        True
    """
    numbers = [_NUMBER.findall(value) for value in values]
    units = sorted({unit for some in numbers for _, _, unit in some if unit})
    one = parse_quantities(pa.array([f"1 {unit}" for unit in units], pa.large_string()))
    unit_of = {
        unit: (dimension, factor)
        for unit, dimension, factor in zip(
            units, one.dimension.tolist(), one.amount.tolist(), strict=True
        )
        if dimension >= 0 and dimension != _COUNT
    }
    return [_read(value, found, unit_of) for value, found in zip(values, numbers, strict=True)]


def may_mean_the_same(one: Reading, other: Reading) -> bool:
    """Say whether nothing that two values are read as differs."""
    known = [(one.amounts, other.amounts), (one.sizes, other.sizes), (one.colours, other.colours)]
    if any(a for a, _ in known) and any(b for _, b in known) and not any(a and b for a, b in known):
        return False  # an amount is no size, and neither is a colour
    if any(a and b and a != b for a, b in (*known[1:], (one.tones, other.tones))):
        return False
    if one.amounts and other.amounts:
        return _equal_amounts(one.amounts, other.amounts)
    if one.numbers and other.numbers and one.systems != other.systems:
        low, high = sorted([one.numbers[0], other.numbers[0]])
        if (one.systems and other.systems) or high >= _OTHER_SYSTEM * low:
            return True
    return not (one.numbers and other.numbers) or one.numbers == other.numbers


def _read(
    value: str, found: Iterable[tuple[str, str, str]], unit_of: dict[str, tuple[int, float]]
) -> Reading:
    """Read a value of which the numbers, each with the sign or the unit after it, are found."""
    words = value.split()
    amounts: list[tuple[int, float]] = []
    before = (-1, 1.0)
    for number, sign, unit in reversed(list(found)):
        # The sides of 140 x 80 cm are both in cm; the 6 of 6 x 330 ml counts.
        dimension, factor = unit_of.get(unit, (-1, 1.0))
        if sign and before[0] == _LENGTH:
            dimension, factor = before
        before = dimension, factor
        count = float(number)
        if dimension == _DATA and count % 1024 == 0:
            count *= 1000 / 1024  # 1024 GB are sold as 1 TB, but 512 GB are not 500 GB
        amounts.append((dimension, count * factor))
    has_unit = any(dimension >= 0 for dimension, _ in amounts)
    colours, tones = _colours(words)
    numbers = tuple(sorted(float(number) for number in re.findall(r"\d+(?:\.\d+)?", value)))
    return Reading(
        amounts=tuple(sorted(a for a in amounts if a != (-1, 1.0))) if has_unit else (),
        sizes=frozenset() if has_unit else _sizes(words),
        colours=colours,
        tones=tones if colours else frozenset(),
        numbers=numbers,
        systems=SIZE_SYSTEMS & set(words) if len(numbers) == 1 else frozenset(),
    )


def _sizes(words: list[str]) -> frozenset[str]:
    """Return the apparel sizes among words: XXL of "xx large", "2 xl" and "extra extra large"."""
    sizes, extra, previous = set(), 0, ""
    for word in words:
        size = SIZES.get(previous + word, SIZES.get(word))
        if size in ("s", "l") and extra:
            prefix = "x" if extra == 1 else f"{extra}x"
            size = f"{prefix}{size}"
        if size is not None:
            sizes.add(size)
        modifier = SIZE_MODIFIERS.get(word)
        extra = 0 if modifier is None else extra + int(modifier[:-1] or 1)
        previous = word if word.isdecimal() else ""
    return frozenset(sizes)


def _colours(words: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the groups of the colours among words, and their tones.

    Off-white is read as no colour, since it is between white and beige.
    """
    groups, tones = set(), set()
    for word in words if "off" not in words else ():
        colour = spelt_out(word)
        if colour in TONES:
            tones.add(TONES[colour])
        elif colour not in COLOURS:
            tone = next((t for t in TONES if word.startswith(t) and word[len(t) :] in COLOURS), "")
            if tone:
                tones.add(TONES[tone])
                colour = word[len(tone) :]
        if colour in COLOURS:
            groups.add(COLOURS[colour])
    return frozenset(groups), frozenset(tones)


def _equal_amounts(one: Sequence[tuple[int, float]], other: Sequence[tuple[int, float]]) -> bool:
    """Say whether amounts are equal one by one, some perhaps rounded from imperial units."""
    if [dimension for dimension, _ in one] != [dimension for dimension, _ in other]:
        return False
    a, b = np.array(one)[:, 1], np.array(other)[:, 1]
    rounded = (np.array(one)[:, 0] >= 0) & (_is_round(a) != _is_round(b))
    return bool(np.all(np.abs(a - b) <= np.where(rounded, _ROUNDED, 1e-9) * np.maximum(a, b)))


def _is_round(amounts: np.ndarray) -> np.ndarray:
    """Say which amounts few digits write exactly: metric ones, mostly."""
    return np.array([np.isclose(a, float(f"{a:.{_DIGITS}g}"), rtol=1e-9) for a in amounts])
