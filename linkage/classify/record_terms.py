"""Terms of records: words, character n-grams, values, bins of numbers, parts of dates, prefixes.

A term is a 64-bit key that depends on the attribute and the family of the term, so that one sparse
space holds all of them and a term of another catalog finds its column again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.rows import row_starts
from features.kinds import Kind
from features.records import Records
from features.text.sets import character_grams
from features.text.tokens import TokenTable, hash_strings, tokenise
from features.values.dates import parse_dates
from features.values.numbers import parse_numbers
from features.values.quantities import parse_quantities

__all__ = ["Family", "Terms", "number_of", "record_terms"]

#: Odd constants that mix keys (splitmix64; Steele et al., 2014).
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
#: Bytes of the character n-grams: shorter ones say little, longer ones are words.
_GRAM_SIZES = (3, 4, 5)
#: Characters of an identifier's beginning: makers number their products in series.
_PREFIXES = (2, 3, 4)
#: Kinds whose values are read as words, and those that are read as numbers.
_WORDED = (Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.IDENTIFIER)
_NUMBERED = (Kind.NUMBER, Kind.PRICE, Kind.QUANTITY)


class Family:
    """Families of terms: each one feeds one linear model."""

    WORDS = "words"
    CHARACTERS = "characters"


@dataclass(frozen=True, eq=False)
class Terms:
    """Terms of one attribute, repeats kept.

    Attributes:
        attribute: Name of the attribute.
        indptr: Start of each row in ``keys``, int64, shape (n + 1,).
        keys: Keys of the terms, uint64.

    """

    attribute: str
    indptr: np.ndarray
    keys: np.ndarray


def record_terms(records: Records, family: str, bins: dict[str, np.ndarray]) -> Iterator[Terms]:
    """Yield the terms of each attribute.

    Args:
        records: The records.
        family: One of :class:`Family`.
        bins: Edges of the bins of each attribute that holds numbers, ascending.

    """
    for name, kind in records.kinds.items():
        values = records.values(name)
        if kind in _WORDED:
            table = tokenise(values)
            if family == Family.CHARACTERS:
                pieces = list(_grams(table))
            else:
                pieces = [*_words(table, with_pairs=kind is not Kind.IDENTIFIER), _missing(values)]
                if kind is Kind.CATEGORY:
                    pieces.append(_single(table.row_hashes, table.row_hashes != 0, "value"))
                if kind is Kind.IDENTIFIER:
                    pieces += list(_beginnings(table))
        elif family == Family.WORDS and kind in _NUMBERED:
            number = number_of(values, kind)
            at = np.searchsorted(bins.get(name, np.zeros(0)), number).astype(np.uint64)
            pieces = [_single(at, ~np.isnan(number), "bin"), _missing(values)]
        elif family == Family.WORDS and kind is Kind.DATE:
            pieces = [*_date_parts(values), _missing(values)]
        else:
            continue
        salt = hash_strings(pa.array([name]))[0]
        for indptr, keys in pieces:
            yield Terms(name, indptr, _mixed(keys, salt))


def number_of(values: pa.Array, kind: Kind) -> np.ndarray:
    """Return the numbers of a column, float64[n], NaN where there is none.

    A quantity is in the base unit of its dimension; one without a unit, or of a column of another
    kind, is the number as written. A date is in days.
    """
    if kind is Kind.DATE:
        return parse_dates(values)
    if kind is Kind.QUANTITY:
        amount = parse_quantities(values).amount
        return np.where(np.isnan(amount), parse_numbers(values), amount)
    return parse_numbers(values)


def _mixed(keys: np.ndarray, salt: np.uint64) -> np.ndarray:
    """Keys of one attribute or family, spread over 64 bits."""
    with np.errstate(over="ignore"):
        keys = (keys ^ salt) * _FIRST
        keys ^= keys >> np.uint64(29)
        return keys * _SECOND


def _named(keys: np.ndarray, family: str) -> np.ndarray:
    return _mixed(keys.astype(np.uint64, copy=False), hash_strings(pa.array([family]))[0])


def _single(keys: np.ndarray, known: np.ndarray, family: str) -> tuple[np.ndarray, np.ndarray]:
    """At most one term a row."""
    return row_starts(known.astype(np.int64)), _named(keys[known], family)


def _missing(values: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    null = np.asarray(values.is_null())
    return _single(np.zeros(len(null), np.uint64), null, "missing")


def _words(table: TokenTable, *, with_pairs: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Words, and pairs of words that follow each other."""
    yield table.indptr, _named(table.hashes, "word")
    if not with_pairs:
        return
    counts = np.maximum(np.diff(table.indptr) - 1, 0)
    last = np.zeros(len(table.hashes), bool)
    last[table.indptr[1:][np.diff(table.indptr) > 0] - 1] = True
    first = np.flatnonzero(~last)
    with np.errstate(over="ignore"):
        pairs = table.hashes[first] * _FIRST + table.hashes[np.minimum(first + 1, len(last) - 1)]
    yield row_starts(counts), _named(pairs, "pair")


def _grams(table: TokenTable) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    pieces = []
    for size in _GRAM_SIZES:
        indptr, numbers = character_grams(table.text, table.text_offsets, size, spaces=True)
        pieces.append((indptr, _named(numbers, f"gram {size}")))
    yield from pieces


def _beginnings(table: TokenTable) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Beginnings of identifiers, without marks, and their length."""
    text = pc.replace_substring_regex(table.clean_strings().cast(pa.string()), " ", "")
    lengths = pc.utf8_length(text).fill_null(0).to_numpy(zero_copy_only=False)
    for size in _PREFIXES:
        keys = hash_strings(pc.utf8_slice_codeunits(text, 0, size).fill_null(""))
        yield _single(keys, lengths > size, f"prefix {size}")
    yield _single(lengths.astype(np.uint64), lengths > 0, "length")


def _date_parts(values: pa.Array) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    days = parse_dates(values)
    known = ~np.isnan(days)
    date = np.where(known, days, 0).astype("datetime64[D]")
    year, month = date.astype("datetime64[Y]"), date.astype("datetime64[M]")
    yield _single(year.astype(np.int64).view(np.uint64), known, "year")
    in_year = (month - year.astype("datetime64[M]")).astype(np.int64).view(np.uint64)
    yield _single(in_year, known, "month")
