"""Kinds of attributes (text, price, date, ...), and inferring them from values and header."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.numbering import number_hashes
from features.header_words import NOT_PRICE, SIZES, header_hints, header_words
from features.text.tokens import hash_strings
from features.values.dates import parse_dates
from features.values.identifiers import SCIENTIFIC, trade_number_share
from features.values.numbers import Strings
from features.values.quantities import parse_quantities

__all__ = ["Kind", "explain_kind", "infer_kind", "parse_kind"]


class Kind(StrEnum):
    """The kind of data in an attribute, which decides how its values are compared."""

    TEXT = "text"
    NAME = "name"
    CATEGORY = "category"
    NUMBER = "number"
    PRICE = "price"
    QUANTITY = "quantity"
    DATE = "date"
    IDENTIFIER = "identifier"
    IMAGE = "image"


_ALIASES = {
    "id": Kind.IDENTIFIER,
    "string": Kind.TEXT,
    "numeric": Kind.NUMBER,
    "float": Kind.NUMBER,
}
_SAMPLE = 10_000  # distinct values looked at; standard error of a share at most half a percent
_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd: no two hashes become one
_MOST = 0.8  # share of the distinct values that must match a pattern; some are dirty
_HALF = 0.5

_SIGN = r"[$€£¥₹₽₩₺₫₱฿₴₪]"
_CODES = (
    "usd|eur|gbp|aud|cad|nzd|jpy|cny|inr|idr|chf|sek|nok|dkk|pln|czk|huf|brl|mxn|zar|sgd|myr|thb|"
    "php|vnd|rs|rp"
)
_CURRENCY = rf"(?i){_SIGN}|(?:^|[^a-z])(?:{_CODES})\.?(?:[^a-z]|$)"
_NUMBER = (
    rf"(?i)^[^\w]*(?:(?:{_CODES}|au|us|rm|r|kr)\.?)?\s*{_SIGN}?\s*[-+]?"
    r"(?:[0-9]{1,3}(?:[ .,'’][0-9]{3})+|[0-9]+)?(?:[.,][0-9]+|[0-9][.,]-*)?(?:e[-+]?[0-9]+)?"
    rf"\s*(?:%|{_SIGN})?\s*(?:{_CODES}|euro|kr|zł|kč|ft|tl)?\.?\s*[).,;:-]*$"
)
_DATE = (
    r"[0-9]{1,4}[-/. ]+(?:[0-9]{1,2}|\p{L}{3,})[-/., ]+[0-9]{2,4}|^[12][0-9]{7}$|"
    r"[0-9].*\p{L}{3}.*[0-9]|\p{L}{3,}\.? [0-9]{1,2},? [0-9]{4}"
)
_IMAGE_PATH = r"(?i)\.(?:jpe?g|png|gif|webp|bmp|tiff?|avif|heic|svg)(?:[?#].*)?$"
_URL = r"(?i)^(?:https?:)?//[^\s]+$"
_HEX64 = r"(?i)^(?:0x)?[0-9a-f]{16}$"
_LONG_HEX = (
    r"(?i)^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
)
_CODE = r"^\s*[\p{L}\p{N}][\p{L}\p{N}_./#+-]*(?:\s[\p{L}\p{N}_./#+-]{1,12})?\s*$"
_DIGIT = r"[0-9]"
# Long enough for a trade number, in cells short enough for a few of them with what surrounds them.
_LONG = r"(?s)^(?:[^0-9]*[0-9]){8}.{0,60}$"
_RANGE = r"^\s*[0-9]{1,4}\s*[-–/x]\s*[0-9]{1,4}\W*$"
_PHONE = r"^\s*\+?[0-9(][0-9 ()./-]{5,}[0-9]\s*$"


def parse_kind(text: str) -> Kind:
    """The kind of that name; ``id`` is short for ``identifier``.

    Raises:
        ValueError: for any other word, naming the nearest kind.
    """
    word = str(text).strip().lower()
    if word in _ALIASES:
        return _ALIASES[word]
    try:
        return Kind(word)
    except ValueError:
        pass
    names = [*Kind, *_ALIASES]
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    hint = f"did you mean {str(near[0])!r}? Kinds" if near else "kinds"
    raise ValueError(f"unknown kind {text!r}; {hint} are {', '.join(Kind)} (or id)")


def infer_kind(name: str, values: Strings) -> Kind:
    """Infers the kind of an attribute from its values, with the header as a hint.

    Args:
        name: header of the column, in any language.
        values: string array, null = missing.
    """
    return explain_kind(name, values)[0]


def explain_kind(name: str, values: Strings) -> tuple[Kind, str]:
    """Infers the kind of an attribute, and says why in a few words.

    Looks at no more than 10,000 distinct values, sampled by a hash of the value, so that the result
    depends neither on the order of rows nor on a random seed.
    """
    sample = _sample(name, values)
    if sample.distinct == 0:
        return Kind.TEXT, "no values"
    for test in _TESTS:
        found = test(sample)
        if found is not None:
            return found
    return Kind.TEXT, "free text"


@dataclass(frozen=True)
class _Sample:
    hints: frozenset[str]
    words: frozenset[str]
    values: pa.Array  # distinct, at most _SAMPLE
    rows: int  # known values
    distinct: int

    def share(self, pattern: str) -> float:
        """Share of the sampled distinct values that a pattern finds."""
        hits = pc.sum(pc.match_substring_regex(self.values, pattern)).as_py() or 0
        return float(hits) / len(self.values)

    def lengths(self) -> np.ndarray:
        return np.asarray(pc.utf8_length(self.values).to_numpy(zero_copy_only=False))

    def word_counts(self) -> np.ndarray:
        return np.asarray(
            pc.count_substring_regex(self.values, r"\S+").to_numpy(zero_copy_only=False)
        )


def _sample(name: str, values: Strings) -> _Sample:
    words = header_words(name)
    hints = header_hints(words)
    if pa.types.is_null(values.type):
        return _Sample(hints, words, pa.array([], pa.large_string()), 0, 0)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    known = values.cast(pa.large_string()).drop_null()
    hashes = hash_strings(known)
    first = number_hashes(hashes)[1]
    total = len(first)
    if total > _SAMPLE:
        # Multiplied, since FNV-1a hashes of similar strings differ little in their highest bits.
        first = np.sort(first[np.argsort(hashes[first] * _MIX, kind="stable")[:_SAMPLE]])
    distinct = known.take(pa.array(first))
    head = pc.utf8_slice_codeunits(distinct, 0, 1000)  # enough to see what a cell is
    return _Sample(hints, words, head, len(known), total)


_Found = tuple[Kind, str] | None


def _image(s: _Sample) -> _Found:
    if s.share(_IMAGE_PATH) >= _HALF:
        return Kind.IMAGE, "paths or links with an image suffix"
    if "image" in s.hints and s.share(_HEX64) >= _MOST:
        return Kind.IMAGE, "64-bit hexadecimal hashes under an image header"
    if "image" in s.hints and s.share(_URL) >= _MOST:
        return Kind.IMAGE, "links under an image header"
    return None


def _hashes(s: _Sample) -> _Found:
    if s.share(_LONG_HEX) >= _MOST or (s.share(_HEX64) >= _MOST and s.share(r"(?i)[a-f]") >= _HALF):
        return Kind.IDENTIFIER, "hashes"
    return None


def _date(s: _Sample) -> _Found:
    shaped = pc.match_substring_regex(s.values, _DATE)
    dates = ~np.isnan(parse_dates(pc.if_else(shaped, s.values, None)))
    share = float(dates.mean())
    if share >= _MOST or (share >= _HALF and "date" in s.hints):
        return Kind.DATE, f"{share:.0%} are dates"
    return None


def _trade_number(s: _Sample) -> _Found:
    if "identifier" in s.hints and s.share(SCIENTIFIC) >= _MOST:
        return Kind.IDENTIFIER, "digits lost to scientific notation (4.00123E+12), so unreadable"
    if "price" in s.hints or s.share(_LONG) < _HALF:
        return None
    if trade_number_share(s.values) >= 0.6:
        return Kind.IDENTIFIER, "right GTIN check digits"
    return None


def _numeric(s: _Sample) -> _Found:
    share = float(np.mean(_is_number(s.values)))
    if share < (_HALF if s.hints & {"price", "year"} else _MOST):
        return None
    if "price" in s.hints and not s.words & NOT_PRICE:
        return Kind.PRICE, "numbers under a price header"
    if s.share(_CURRENCY) >= 0.2:
        return Kind.PRICE, "numbers with currency marks"
    if "year" in s.hints:
        return Kind.NUMBER, "years"
    code = _numeric_code(s)
    if code:
        return Kind.IDENTIFIER, code
    if s.words & SIZES and s.distinct <= 60 and s.rows >= 4 * s.distinct:
        return Kind.CATEGORY, "few distinct sizes"
    return Kind.NUMBER, f"{share:.0%} are numbers"


def _is_number(values: pa.Array) -> np.ndarray:
    form = pc.and_(
        pc.match_substring_regex(values, _NUMBER), pc.match_substring_regex(values, _DIGIT)
    )
    return np.asarray(form.to_numpy(zero_copy_only=False))


def _numeric_code(s: _Sample) -> str | None:
    """Why a column of numbers is one of identifiers, if it is."""
    if s.share(r"^\s*[0-9]+(?:\.0)?\s*$") < 0.9:
        return None
    texts = pc.replace_substring_regex(s.values, r"\.0$|\s+", "").to_numpy(zero_copy_only=False)
    texts = [text for text in texts if text.isdecimal() and text.isascii()]
    lengths = np.array([len(text) for text in texts])
    if np.mean(lengths >= 8) >= _MOST:
        return "long digit strings"
    if np.mean([len(text) > 1 and text[0] == "0" for text in texts]) >= 0.03:
        return "digit strings with leading zeros"
    years = np.mean([len(text) == 4 and "1500" <= text <= "2100" for text in texts])
    usual = np.bincount(lengths).argmax()
    if usual >= 4 and len(texts) >= 30 and np.mean(lengths == usual) >= 0.95 and years < _MOST:
        return f"digit strings of {usual} digits"
    if (
        "identifier" in s.hints
        and (np.median(lengths) >= 4 or s.words & {"id", "sku", "code"})
        and years < _MOST
    ):
        return "digit strings under an identifier's header"
    return None


def _quantity(s: _Sample) -> _Found:
    short = s.word_counts() <= 6
    if short.mean() < _MOST or s.share(_DIGIT) < _HALF or s.share(r"^\s*[0-9.,]*\s*$") >= _HALF:
        return None
    # The whole cell must be about its quantity: it starts with a number, or little stands before
    # it.
    shaped = pc.match_substring_regex(s.values, r"^\W*(?:\p{L}+\W+){0,1}[0-9]")
    parsed = parse_quantities(pc.if_else(pc.and_(shaped, pa.array(short)), s.values, None))
    share = float(np.mean(parsed.dimension >= 0))
    return (Kind.QUANTITY, f"{share:.0%} are numbers with units") if share >= 0.6 else None


def _code(s: _Sample) -> _Found:
    phones = pc.match_substring_regex(s.values, _PHONE)
    digits = pc.greater_equal(pc.count_substring_regex(s.values, _DIGIT), 7)
    if float(pc.mean(pc.and_(phones, digits).cast(pa.float64())).as_py()) >= 0.6:
        return Kind.IDENTIFIER, "phone numbers or other long digit strings"
    shaped = pc.and_(
        pc.match_substring_regex(s.values, _CODE), pc.match_substring_regex(s.values, _DIGIT)
    )
    shaped = pc.and_(shaped, pc.greater_equal(pc.utf8_length(s.values), 4))
    shaped = pc.and_not(shaped, pc.match_substring_regex(s.values, _RANGE))
    share = float(pc.mean(shaped.cast(pa.float64())).as_py())
    spread = s.distinct >= 0.2 * s.rows
    if "category" in s.hints and not spread:
        return None
    if share >= (_HALF if "identifier" in s.hints else _MOST) and (spread or s.distinct > 200):
        return Kind.IDENTIFIER, f"{share:.0%} look like codes"
    return None


def _words(s: _Sample) -> _Found:
    if s.share(_URL) >= _HALF:
        return Kind.TEXT, "links"
    words, length = float(s.word_counts().mean()), float(s.lengths().mean())
    repeats = s.rows / s.distinct
    if "text" in s.hints and words >= 2:
        return Kind.TEXT, "text by its header"
    if "name" in s.hints and "category" not in s.hints and length <= 80:
        return Kind.NAME, "name by its header"
    few = (
        s.rows >= 20
        and (repeats >= 5 or (s.distinct <= 50 and repeats >= 2))
        and s.distinct <= 1000
    )
    if few and words < 8 and (length <= 60 or "category" in s.hints):
        return Kind.CATEGORY, f"{s.distinct} distinct values in {s.rows} rows"
    if "category" in s.hints and repeats >= 2 and words < 8:
        return Kind.CATEGORY, "category by its header"
    if "name" in s.hints or (words < 3.5 and length <= 30):
        return Kind.NAME, f"short strings, {words:.1f} words"
    return Kind.TEXT, f"{words:.0f} words, {s.distinct} distinct values in {s.rows} rows"


_TESTS: tuple[Callable[[_Sample], _Found], ...] = (
    _image,
    _hashes,
    _date,
    _trade_number,
    _numeric,
    _quantity,
    _code,
    _words,
)
