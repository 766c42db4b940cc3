"""Forms of attribute values in texts: the ways in which a value of a variant can be written.

``navy/white`` is also mentioned as "white", ``2X-Large`` as "XXL", ``32W x 30L`` as "W32",
``EU 42`` as "size 42" and ``0.5 l`` as "500 ml".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from features.text.cells import Cells
from features.text.tokens import tokenise
from features.values.quantities import DIMENSIONS, parse_quantities
from features.values.units import UNITS
from features.variants.variant_words import (
    colour_group,
    size_spellings,
    size_systems,
    spelt_out,
    words_of_colour,
)

__all__ = ["LONGEST_MENTION", "ValueForms", "canonical_values", "names_variants", "value_forms"]

#: Largest number of words in a mention ("170 x 120 x 80 cm").
LONGEST_MENTION = 6
_PARTS = re.compile(r"[/,;|&+]|\s-\s|\sand\s|\swith\s|\sund\s|\set\s|\sy\s")
_BY = re.compile(r"(?<=[\dwl])\s*[x×*/]\s*(?=[\dwl])")
_MEASURE = re.compile(r"([wl])?\s*(\d+(?:[.,]\d+)?)\s*([a-z\"″']*)")
#: Distinct values that are looked at to decide whether a column names variants.
_JUDGED_VALUES = 1000
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class ValueForms:
    """The forms of a value in texts, each with its words joined without spaces.

    Attributes:
        whole: forms of the value or of one of its parts.
        weak: single words of a part of several words (``light`` of light blue), which count only
            beside another mention.
        group: names of other colours of the same colour group.
    """

    whole: frozenset[str]
    weak: frozenset[str]
    group: frozenset[str]


def value_forms(values: Sequence[str]) -> list[ValueForms]:
    """The forms of each value.

    Args:
        values: values as the catalog has them.

    Example:
        >>> sorted(value_forms(["2X-Large"])[0].whole)[:3]
        ['2xl', '2xlarge', '2xlg']
    """
    quantities = parse_quantities(pa.array(list(values), pa.large_string()))
    parts = [[part for part in _PARTS.split(v.lower()) if part.strip()] for v in values]
    # All in one call, since each call of the tokeniser has a large fixed cost.
    texts = list({*values, *(v.lower() for v in values), *(p for some in parts for p in some)})
    words = dict(zip(texts, _words_of_each(texts), strict=True))
    return [
        _forms(value, parts[k], words, float(quantities.amount[k]), int(quantities.dimension[k]))
        for k, value in enumerate(values)
    ]


def canonical_values(values: Sequence[str], *, coarse: bool = False) -> list[str]:
    """Canonical forms of values: ``Blk`` becomes black, ``2X-Large`` xxl, 0.5 l equals 500 ml.

    Args:
        values: values as the catalog has them.
        coarse: whether colours become their group (navy and royal blue become blue).
    """
    quantities = parse_quantities(pa.array(list(values), pa.large_string()))
    out = []
    for k, found in enumerate(_words_of_each(values)):
        words = [spelt_out(word) for word in found]
        squashed = "".join(words)
        sizes = size_spellings(squashed)
        group = colour_group(squashed) or (colour_group(words[-1]) if words else None)
        if sizes:
            out.append(min(sizes))
        elif quantities.dimension[k] >= 0:
            packs = "" if np.isnan(quantities.packs[k]) else f"/{quantities.packs[k]:.4g}"
            out.append(f"{quantities.dimension[k]}:{float(quantities.amount[k]):.4g}{packs}")
        elif coarse and group is not None:
            out.append(group)
        else:
            numbers = [word for word in words if _NUMBER.fullmatch(word)]
            rest = [word for word in words if word not in numbers]
            sized = len(numbers) == 1 and all(word in size_systems() for word in rest)
            out.append(numbers[0] if sized else squashed)
    return out


def names_variants(cells: Cells) -> bool:
    """Whether at least half of a column's cells are colours or apparel sizes.

    Only its first distinct values are looked at.
    """
    distinct = cells.distinct(_JUDGED_VALUES).to_pylist()
    counts = cells.counts[:_JUDGED_VALUES].tolist()
    known = found = 0
    for words, count in zip(_words_of_each(distinct), counts, strict=True):
        squashed = "".join(spelt_out(word) for word in words)
        known += count
        if words and len(words) <= 3:
            named = colour_group(squashed) or colour_group(spelt_out(words[-1]))
            found += count * bool(named or size_spellings(squashed))
    return known > 0 and found >= 0.5 * known


def _forms(
    value: str,
    parts: list[str],
    words_of: Mapping[str, tuple[str, ...]],
    amount: float,
    dimension: int,
) -> ValueForms:
    """The forms of a value.

    Args:
        value: the value.
        parts: its parts, in lower case.
        words_of: words of the value and its parts.
        amount, dimension: of the quantity that it is; NaN and -1 otherwise.
    """
    whole: set[str] = set()
    weak: set[str] = set()
    sized = dimension >= 0 or _BY.search(value.lower()) is not None
    for part in {*parts, value.lower()}:
        words = words_of[part]
        if not words:
            continue
        whole.add("".join(words))
        whole.add("".join(spelt_out(word) for word in words))
        if len(words) > 1 and not sized:
            head = words[-1]
            for word in words:
                # The last word names the colour by itself (``blue`` of light blue).
                named = colour_group(word) is not None and word == head
                (whole if named else weak).add(word)
    for form in tuple(whole):
        whole |= size_spellings(form)
    whole |= _dimensions(value.lower())
    whole |= _quantity_spellings(amount, dimension)
    systems = size_systems()
    words = words_of[value]
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    rest = [word for word in words if word not in numbers]
    if len(numbers) == 1 and all(word in systems or word in ("size", "shoe") for word in rest):
        number = numbers[0]
        whole |= {number, f"size{number}", f"sz{number}"}
        whole |= {f"{system}{number}" for system in (rest or ("eu", "eur", "uk", "us"))}
    group: set[str] = set()
    for form in whole | {spelt_out(form) for form in whole}:
        found = colour_group(form)
        if found is not None:
            group |= words_of_colour(found)
    for word in weak:
        found = colour_group(word)
        if found is not None and found not in ("multicolour",):
            group |= words_of_colour(found)
    return ValueForms(frozenset(whole), frozenset(weak - whole), frozenset(group - whole))


def _words_of_each(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Words of each text."""
    table = tokenise(pa.array(list(texts), pa.large_string()))
    data = table.text.tobytes()
    words = [
        data[start : start + length].decode("utf-8")
        for start, length in zip(table.start.tolist(), table.length.tolist(), strict=True)
    ]
    return [tuple(words[a:b]) for a, b in pairwise(table.indptr.tolist())]


def _dimensions(value: str) -> set[str]:
    """Other ways to write sizes with a sign between: 32W x 30L, 31/34, 150 x 80 cm."""
    pieces = _BY.split(value.replace("×", "x"))
    if not 2 <= len(pieces) <= 3:
        return set()
    found = [_MEASURE.fullmatch(piece.strip()) for piece in pieces]
    if not all(found):
        return set()
    numbers = [match[2].replace(",", ".") for match in found if match]
    unit = next((m[3] for m in reversed(found) if m and m[3] not in ("", "w", "l")), "")
    out = {"x".join(numbers) + unit, "x".join(n + unit for n in numbers), "x".join(numbers)}
    if unit:
        out.add("x".join(reversed(numbers)) + unit)
    clothing = not unit and len(numbers) == 2
    if clothing:
        waist, leg = numbers
        out |= {
            "".join(numbers), f"{waist}w", f"{leg}l", f"w{waist}", f"l{leg}", f"w{waist}l{leg}",
            f"{waist}w{leg}l", f"{waist}wx{leg}l", f"w{waist}xl{leg}",
        }  # fmt: skip
    return out


def _quantity_spellings(amount: float, dimension: int) -> set[str]:
    """The amount in the other units of its dimension, where it is a plain number of them."""
    if dimension < 0 or not amount > 0:
        return set()
    out = set()
    for units, factor in UNITS[DIMENSIONS[dimension]].items():
        count = amount / factor
        if count >= 0.05 and abs(count * 100 - round(count * 100)) < 1e-6 and count < 1e5:
            number = f"{count:.2f}".rstrip("0").rstrip(".")
            out |= {number + unit for unit in units.split() if unit.isalnum()}
    return out
