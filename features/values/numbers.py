"""Parsing numbers and prices out of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["decimal_comma", "each_distinct", "parse_numbers"]

Strings: TypeAlias = pa.Array | pa.ChunkedArray

_LONGEST = 60  # characters; a longer cell is prose, not a number
_PLAIN = r"^-?[0-9]+(?:\.[0-9]+)?$"
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}")
# Digits with inner marks: groups set apart by blanks or apostrophes, or any run of digits, dots and
# commas.
_NUMBER = re.compile(r"\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*|[.,]\d+")
# Letters that may touch a number: currencies and units of a price ("12.99EUR", "Rs500", "2.50/kg").
_GLUED = frozenset(
    "usd eur gbp aud cad nzd jpy cny inr idr chf sek nok dkk pln czk huf rub try brl mxn zar sgd "
    "myr thb php vnd krw hkd twd aed sar ils us au ca nz hk r rs rp rm kr zl zł kc kč ft lei tl dh "
    "лв руб р euro euros dollar dollars pounds yen s a c nt".split()
)
_WORDS = 4  # more words than these around a number make it a sentence
_TRANSLATE = str.maketrans({"٫": ".", "٬": "'", "−": "-", "–": "-", "—": "-"})


def each_distinct(values: Strings, parse: Callable[[str], float]) -> npt.NDArray[np.float64]:
    """Apply a scalar parser once per distinct string.

    Args:
        values: string array, null = missing.
        parse: from a string to a number, NaN where it cannot tell.

    Returns:
        float64[n]; NaN for nulls.
    """
    out = np.full(len(values), np.nan)
    if len(values) == 0 or values.null_count == len(values):
        return out
    encoded = pc.dictionary_encode(values)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):  # more than one dictionary
            encoded = encoded.unify_dictionaries().combine_chunks()
    parsed = np.array([parse(text) for text in encoded.dictionary.to_pylist()], dtype=np.float64)
    index = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    known = index >= 0
    out[known] = parsed[index[known]]
    return out


def parse_numbers(values: Strings) -> npt.NDArray[np.float64]:
    """Read numbers and prices, whatever marks surround them.

    Understands currency marks and codes, thousands separators, decimal commas, percent signs (``"12
    %"`` is 12, as written) and a few words around one number. Whether ``1.299`` is 1299 or 1.299 is
    decided for the column as a whole: see `decimal_comma`. Ranges, and cells with several numbers,
    are unknown.

    Args:
        values: string array, null = missing.

    Returns:
        float64[n], NaN where unknown; always finite otherwise.

    Example:
        >>> parse_numbers(pa.array(["$1,299.00", "3.50", None, "10-20"])).tolist()
        [1299.0, 3.5, nan, nan]
    """
    n = len(values)
    if n == 0 or values.null_count == n:
        return np.full(n, np.nan)
    if not pa.types.is_large_string(values.type):
        values = values.cast(pa.large_string())
    comma = decimal_comma(values)
    short = pc.less_equal(pc.binary_length(values), _LONGEST * 4)
    plain = pc.and_(short, pc.match_substring_regex(values, _PLAIN))
    if comma:  # a lone dot before three digits parts thousands in such a column
        plain = pc.and_(plain, pc.invert(pc.match_substring_regex(values, r"\.[0-9]{3}$")))
    out = _as_numpy(pc.cast(pc.if_else(plain, values, None), pa.float64()))
    rest = pc.if_else(pc.and_(short, pc.invert(plain)), values, None)
    if rest.null_count < n:
        other = each_distinct(rest, lambda cell: _parse_one(cell, comma))
        out = np.where(np.isnan(out), other, out)
    out[~np.isfinite(out)] = np.nan
    return out


def decimal_comma(values: Strings) -> bool:
    """Say whether a column writes decimals with a comma.

    Counts the values that can be read one way only: ``3,50`` or ``1.299,00`` against ``3.50`` or
    ``1,299.00``. A tie means the decimal point.
    """
    counted = pc.value_counts(values)
    text = counted.field("values")
    text = pc.if_else(pc.less_equal(pc.binary_length(text), _LONGEST * 4), text, None)
    rows = counted.field("counts")
    # The last mark of a number, followed by one, two or four and more digits, must be the decimal
    # one; three digits decide only after another kind of mark.
    comma = r"[0-9],(?:[0-9]{1,2}|[0-9]{4,})(?:[^0-9.,]|$)|[0-9]\.[0-9]{3},[0-9]{3}(?:[^0-9.,]|$)"
    point = r"[0-9]\.(?:[0-9]{1,2}|[0-9]{4,})(?:[^0-9.,]|$)|[0-9],[0-9]{3}\.[0-9]{3}(?:[^0-9.,]|$)"
    return _count(text, rows, comma) > _count(text, rows, point)


def _count(values: pa.Array, rows: pa.Array, pattern: str) -> int:
    """Rows of the values that have a pattern."""
    return int(pc.sum(rows.filter(pc.match_substring_regex(values, pattern))).as_py() or 0)


def _as_numpy(values: Strings) -> npt.NDArray[np.float64]:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return np.array(values.to_numpy(zero_copy_only=False), dtype=np.float64, copy=True)


def _parse_one(cell: str, comma: bool) -> float:
    text = unicodedata.normalize("NFKC", cell).translate(_TRANSLATE).strip()
    if not text or len(text) > _LONGEST:
        return np.nan
    if _SCIENTIFIC.fullmatch(text):
        return float(text)
    found = list(_NUMBER.finditer(text))
    if len(found) != 1:
        return np.nan
    start, end = found[0].span()
    before, after = text[:start], text[end:]
    if not _harmless(before, after):
        return np.nan
    value = _read(found[0].group(), comma)
    negative = re.search(r"(?:^|[\s$€£¥])-\s?[$€£¥]?\s?$", before) is not None
    return -value if negative else value


def _harmless(before: str, after: str) -> bool:
    """Whether the surroundings leave a number a number ("only $" do, the "b" of "b2" does not)."""
    touching = re.search(r"[^\W\d_]+$", before), re.match(r"[^\W\d_]+", after)
    if any(match and match.group().lower() not in _GLUED for match in touching):
        return False
    words = re.findall(r"[^\W\d_]+", before + " " + after)
    return len(words) <= _WORDS


def _read(digits: str, comma: bool) -> float:
    digits = re.sub(r"[ '’]", "", digits)
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:  # the later mark is the decimal one
        decimal = "," if digits.rfind(",") > digits.rfind(".") else "."
        if digits.count(decimal) > 1:
            return np.nan
    elif dots + commas == 0:
        decimal = ""
    else:
        mark = "." if dots else ","
        whole, _, last = digits.rpartition(mark)
        grouped = len(last) == 3 and re.fullmatch(r"\d{1,3}(?:[.,]\d{3})*", whole) is not None
        if dots + commas > 1:
            if not grouped:
                return np.nan
            decimal = ""
        elif grouped and whole != "0" and (mark == ".") == comma:
            decimal = ""
        else:
            decimal = mark
    other = digits
    for mark in ".,":
        if mark != decimal:
            other = other.replace(mark, "")
    return float(other.replace(",", "."))
