"""What tells the products of one family apart: generation, model code, cut, flavour and so on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .lexicon import Lexicon
from .texts import choose, join, pick, where

__all__ = ["Designators", "make_designators"]

_SINGLES = {"scent": "scents", "finish": "finishes"}
_PAIRS = {
    "top": ("fits", "necks"),
    "leg": ("fits", "legs"),
    "shape": ("looks", "shapes"),
    "flavour": ("blends", "flavours"),
}
_WAYS = ("generation", "tier", "code", *_SINGLES, *_PAIRS)
_LETTERS = tuple("ABCDEFGHJKLMNPRSTVWXZ")


@dataclass(frozen=True)
class Designators:
    """Columns with one value a product.

    Attributes:
        plain: The usual spelling, such as ``3`` or ``HX-450``; null for a line's basic product.
        odd: Another spelling of the same, such as ``Gen 3`` or ``HX450``.
        code: The manufacturer's code of the product.
        is_code: Whether the designator is that code.
    """

    plain: pa.Array
    odd: pa.Array
    code: pa.Array
    is_code: np.ndarray


def make_designators(
    lexicon: Lexicon,
    kind: np.ndarray,
    family: np.ndarray,
    rank: np.ndarray,
    rng: np.random.Generator,
) -> Designators:
    """Make the designators of all products.

    Args:
        lexicon: The words to use.
        kind: Kind of every family.
        family: Family of every product.
        rank: Position of every product within its family.
        rng: Source of randomness.
    """
    words = lexicon.words
    options = [[_WAYS.index(name) for name in k.designators] for k in lexicon.kinds]
    spread = np.array([[choices[i % len(choices)] for i in range(6)] for choices in options])
    way = spread[kind, rng.integers(0, 6, size=len(kind))][family]
    start = rng.integers(0, 1 << 30, size=len(kind))[family]

    number = 1 + start % 6 + rank
    digits = pick([str(i) for i in range(12)], number)
    marked = join(pick(["Gen ", "Mk", "V"], start // 6 % 3), digits)
    tier = pick(words["tiers"], (start + rank) % len(words["tiers"]), keep=rank > 0)
    code, squashed = _model_codes(start, rank)
    singles = [pick(words[name], (start + rank) % len(words[name])) for name in _SINGLES.values()]
    pairs = [_pairs(words[one], words[two], start, rank) for one, two in _PAIRS.values()]

    is_code = way == _WAYS.index("code")
    return Designators(
        plain=choose([digits, tier, code, *singles, *(pair[0] for pair in pairs)], way),
        odd=choose([marked, tier, squashed, *singles, *(pair[1] for pair in pairs)], way),
        code=where(is_code, code, _part_codes(rng, family, rank)),
        is_code=is_code,
    )


def _pairs(
    first: list[str], second: list[str], start: np.ndarray, rank: np.ndarray
) -> tuple[pa.Array, pa.Array]:
    """Combine two lists, in both orders, so that siblings may share one word but never both."""
    one = pick(first, (start + rank // 2) % len(first))
    two = pick(second, (start // 32 + rank) % len(second))
    return join(one, two, separator=" "), join(two, one, separator=" ")


def _model_codes(start: np.ndarray, rank: np.ndarray) -> tuple[pa.Array, pa.Array]:
    """Return codes like ``HX-450`` and ``HX450``; siblings are one digit or letter apart."""
    base = 10 + start // 64 % 900
    step = np.array([1, 10, 0])[start % 3]
    number = pc.cast(pa.array(base + step * rank), pa.string())
    suffix = pick(["", "s", "X", "B", "G"], np.where(step == 0, rank, 0))
    first = pick(_LETTERS, start // 4 % len(_LETTERS))
    second = pick(("", *_LETTERS), start // 128 % (len(_LETTERS) + 1))
    return join(first, second, "-", number, suffix), join(first, second, number, suffix)


def _part_codes(rng: np.random.Generator, family: np.ndarray, rank: np.ndarray) -> pa.Array:
    """Return codes like ``TRX-48210``; those of a family differ in the last digit."""
    families = int(family[-1]) + 1
    letters = rng.integers(0, len(_LETTERS), size=(families, 3))[family]
    number = rng.integers(1000, 9000, size=families)[family] * 10 + rank
    parts = [pick(_LETTERS, letters[:, i]) for i in range(3)]
    return join(*parts, "-", pc.cast(pa.array(number), pa.string()))
