"""Numbers and units written with marks, as plain words: 1,500 W, 1 1/2", 6'2", 500 cm^3, 10毫升."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["VULGAR_FRACTIONS", "plain_numbers"]

#: Characters of fractions, which compatibility decomposition would join to a number before them.
VULGAR_FRACTIONS = "[¼-¾⅐-⅞]"
_FOOT = "['’′]"
# Of these, so many that thousands are usual, nobody writes three decimals that end in a zero.
_SMALL_UNITS = "mah|мач|watt|w|вт|ml|мл|mm|мм|mg|мг|g|gr|гр?|lm|lumen|rpm|upm|u|pa|va|wh|stk|шт|pcs"
#: Patterns on lower-cased, decomposed text, in this order.
_REWRITES = (
    # Quoted words, so that the mark at their end is no inch.
    (r"""(^|[\s(\[])"([^"\s][^"]*)\"""", r"\1\2 "),
    (r"""([0-9]) ?(?:"|”|″|''|’’|′′)""", r"\1 inch "),
    (rf"([0-9]) ?{_FOOT} ?([0-9]{{1,2}}(?:[.,][0-9]+)?) inch", r"\1 ft \2 inch"),
    (rf"([0-9]){_FOOT}([0-9]{{1,2}})($|[^0-9a-z.,])", r"\1 ft \2 inch\3"),
    (rf"([0-9]){_FOOT}($|[\s,;)x-])", r"\1 ft\2"),
    # Thousands. Nothing but thousands is followed by another mark, or has exactly three digits
    # after a comma and no zero before it.
    (r"([0-9])['’]([0-9]{3})($|[^0-9])", r"\1\2\3"),
    (r"\b([1-9][0-9]{0,2})\.([0-9]{3}),([0-9]{1,2})($|[^0-9])", r"\1\2.\3\4"),
    (r"\b([1-9][0-9]{0,2}),([0-9]{3}),([0-9]{3})($|[^0-9])", r"\1\2\3\4"),
    (r"\b([1-9][0-9]{0,2}),([0-9]{3})($|[^0-9])", r"\1\2\3"),
    (r"\b([1-9][0-9]{0,2}) (000)($|[^0-9])", r"\1\2\3"),
    (rf"\b([1-9][0-9]{{0,2}})\.([0-9]{{2}}0) ?({_SMALL_UNITS})($|[^\p{{L}}\p{{N}}])", r"\1\2 \3\4"),
    (r"([a-zм])\^([23])", r"\1\2"),
    (r"([0-9]) ?х ?([0-9])", r"\1 x \2"),  # Cyrillic, and looks like an x
)
_MARKED = r"""[0-9] ?["”″'’′]|[0-9][,. ][0-9]{3}|[0-9]/[0-9]|[a-zм]\^[23]|[0-9] ?х ?[0-9]"""
#: Units in scripts whose characters are tokens by themselves, after a number.
_SPELLED_OUT = {
    "ml": "ミリリットル|毫升", "l": "リットル|公?升", "kg": "キロク\u3099ラム|千克|公斤",
    "mg": "ミリク\u3099ラム|毫克", "g": "ク\u3099ラム|克", "mm": "ミリメートル|毫米",
    "cm": "センチメートル|センチ|厘米|公分", "m": "メートル|米", "inch": "インチ|英寸|吋",
    "w": "ワット|瓦",
}  # fmt: skip
_SINGLE_CHARACTERS = "[0-9] ?[\u30a0-\u30ff\u4e00-\u9fff]"
_DIVIDED_UNIT = (
    r"\s?-?\s?(?:[\"”″]|''|′′|inch|inches|in|zoll|pouces?|pulgadas?|pollici|cale|ft|feet|foot|yd|"
    r"lbs?|oz|gal|gallons?|pints?|pt|quarts?|qt|cups?|l|lit(?:er|re)s?|kg|miles?|"
    "дюи\u0306?м[а-я]*)"
)
_MAYBE_FRACTION = f"[0-9]/[0-9]{{1,2}}{_DIVIDED_UNIT}"
_FRACTION = re.compile(
    rf"(?<![\d/.,])(?:(\d{{1,3}})[ -])?(\d{{1,2}})/(\d{{1,2}})(?={_DIVIDED_UNIT}(?!\w))"
)
#: What people divide a unit into.
_DENOMINATORS = frozenset({2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64})


def plain_numbers(texts: pa.Array) -> pa.Array:
    """Rewrite marks beside numbers as words of the same meaning.

    ``1,500`` is 1500, ``27"`` is 27 inch, ``6'2"`` is 6 ft 2 inch, ``1 1/2 inch`` is 1.5 inch,
    ``cm^3`` is cm3. A comma before exactly three digits parts thousands, as in English; a point
    does only before small units (``1.500 W``).

    Args:
        texts: lower-cased strings in compatibility decomposition, without nulls.
    """
    marked = pc.match_substring_regex(texts, _MARKED)
    if pc.any(marked).as_py():
        texts = pc.replace_with_mask(texts, marked, _rewritten(texts.filter(marked)))
    single = pc.match_substring_regex(texts, _SINGLE_CHARACTERS)
    if pc.any(single).as_py():
        some = texts.filter(single)
        for unit, words in _SPELLED_OUT.items():
            some = pc.replace_substring_regex(some, rf"([0-9]) ?(?:{words})", rf"\1 {unit} ")
        texts = pc.replace_with_mask(texts, single, some)
    return texts


def _rewritten(texts: pa.Array) -> pa.Array:
    divided = pc.match_substring_regex(texts, _MAYBE_FRACTION)
    if pc.any(divided).as_py():
        read = [_FRACTION.sub(_decimal, text) for text in texts.filter(divided).to_pylist()]
        texts = pc.replace_with_mask(texts, divided, pa.array(read, texts.type))
    for pattern, writing in _REWRITES:
        texts = pc.replace_substring_regex(texts, pattern, writing)
    return texts


def _decimal(found: re.Match[str]) -> str:
    whole, over, under = int(found[1] or 0), int(found[2]), int(found[3])
    if under not in _DENOMINATORS or over >= under:
        return found[0]
    return f"{whole + over / under:.6g}"
