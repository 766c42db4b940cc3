"""Parsing identifiers: GTIN, UPC, EAN and ISBN with their check digits, model codes, plain ids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.numbering import number_values
from features.text.cells import number_cells
from features.text.text_buffers import string_buffers
from features.text.tokens import hash_strings
from features.values.numbers import Strings

__all__ = [
    "Identifiers",
    "gtin_check",
    "parse_identifiers",
]

# What people write before a number ("ISBN-13: 978...", "EAN 40...").
_PREFIX = (
    r"(?i)^\s*(?:isbn|ean|gtin|upc|jan|asin)(?:[- ]?(?:8|10|12|13|14|a|e))?\s*[:#=]?\s+(.*[0-9].*)$"
)
_SPREADSHEET = (
    r"^\s*([0-9]{5,})\.0+\s*$"  # a number column that went through a spreadsheet or pandas
)
_SCIENTIFIC = r"^\s*[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+\s*$"  # digits already lost
_PLAIN = r"^[0-9A-Za-z-]*$"
_PLACEHOLDER = r"^(?:0{6,}|9{8,}|DOESNOTAPPLY|NOTAPPLICABLE|NONE|UNKNOWN|NULL|NAN|TBD|NA)$"
# A check digit is believed in a column where at least half of the distinct values of a length pass
# it (chance: a tenth).
_BELIEVED = 0.5


@dataclass(frozen=True)
class Identifiers:
    """Identifiers of one column.

    Attributes:
        code: int32[n], position in `canonical`, -1 unknown.
        forms: the distinct canonical forms, sorted, as one Arrow array.
        is_gtin: bool[len(forms)], whether the form is a trade number with a right check digit.
    """

    code: npt.NDArray[np.int32]
    forms: pa.Array
    is_gtin: npt.NDArray[np.bool_]

    @cached_property
    def canonical(self) -> list[str]:
        """The distinct canonical forms, sorted."""
        return list(self.forms.to_pylist())

    @cached_property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """A 64-bit hash of each canonical form."""
        return hash_strings(self.forms)


def parse_identifiers(values: Strings) -> Identifiers:
    """Bring identifiers to canonical form and factorise them.

    Codes are upper-cased and lose blanks and punctuation. Trade numbers (GTIN-8, -12, -13, -14, so
    UPC, EAN and ISBN-13) are padded with zeros to 14 digits, ISBN-10 becomes its ISBN-13 (GS1
    General Specifications; ISO 2108). Leading zeros of plain ids stay. Placeholders (all zeros,
    "does not apply") are unknown.

    Args:
        values: string array, null = missing.

    Example:
        >>> column = pa.array(["0-306-40615-2", "978-0306406157", "ab 12", "AB-12"])
        >>> parse_identifiers(column).code.tolist()
        [0, 0, 1, 1]
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    cells = number_cells(values)
    canonical, gtin = canonical_identifiers(cells.distinct())
    found = number_cells(canonical)
    forms = found.distinct()
    order = pc.sort_indices(forms).to_numpy()
    rank = np.full(len(forms) + 1, -1, np.int32)
    rank[order] = np.arange(len(forms), dtype=np.int32)
    of_cell = rank[found.code]
    code = np.append(of_cell, np.int32(-1))[cells.code]
    is_gtin = np.zeros(len(forms), bool)
    is_gtin[of_cell[(of_cell >= 0) & gtin]] = True
    return Identifiers(code, forms.take(pa.array(order)), is_gtin)


def canonical_identifiers(values: Strings) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Canonical form of each value (null = unknown), and whether it is a valid trade number."""
    text = _clean(values)
    gtin = np.zeros(len(text), bool)
    if len(text) == text.null_count:
        return text, gtin
    padded = np.zeros(len(text), bool)
    digits = _as_mask(pc.match_substring_regex(text, r"^[0-9]+$"))
    length = pc.utf8_length(text).fill_null(0).to_numpy(zero_copy_only=False)

    passed, seen = 0.0, 0  # of 12 to 14 digits
    for size in (13, 12, 14, 8):
        rows, numbers = _digit_rows(text, digits & (length == size), size)
        if not len(rows):
            continue
        good = gtin_check(numbers)
        share, count = _distinct_share(numbers, good)
        if size != 8:
            passed, seen = passed + share * count, seen + count
        if share >= _BELIEVED:
            gtin[rows[good]] = padded[rows[good]] = True
    trusted = seen > 0 and passed / seen >= _BELIEVED
    out = _isbn10(text, gtin, length)
    if trusted:
        # Numbers that lost their leading zeros, and those with a wrong check digit, in one form
        # with the others.
        for size in (9, 10, 11):
            rows, numbers = _digit_rows(text, digits & (length == size) & ~gtin, size)
            good = gtin_check(numbers)
            gtin[rows[good]] = padded[rows[good]] = True
        padded |= digits & ((length == 12) | (length == 13)) & ~gtin
    some = pa.array(padded)
    return pc.replace_with_mask(out, some, pc.utf8_lpad(out.filter(some), 14, "0")), gtin


def gtin_check(numbers: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Check digits of GS1: weights 3 and 1 from the right, sum divisible by ten.

    Args:
        numbers: digits, uint8[n, length].
    """
    weights = np.where(np.arange(numbers.shape[1])[::-1] % 2 == 1, 3, 1)
    return (numbers.astype(np.int64) @ weights) % 10 == 0


def isbn10_check(numbers: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Check digits of ISBN-10: weights 10 to 1, sum divisible by 11; the last may be ten ("X")."""
    return (numbers.astype(np.int64) @ np.arange(10, 0, -1)) % 11 == 0


def _clean(values: Strings) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    values = values.cast(pa.string())
    if len(values) == values.null_count:
        return values
    # Most are plain codes, to which none of the rules for other writing applies.
    plain = pc.match_substring_regex(values, _PLAIN).fill_null(False)
    text = pc.replace_substring(pc.ascii_upper(values), "-", "")
    text = pc.replace_with_mask(text, pc.invert(plain), _stripped(values.filter(pc.invert(plain))))
    empty = pc.or_(pc.equal(text, ""), pc.match_substring_regex(text, _PLACEHOLDER))
    return pc.if_else(empty, None, text)


def _stripped(values: pa.Array) -> pa.Array:
    """Identifiers in upper case without blanks, punctuation and what people write before them."""
    text = pc.if_else(pc.match_substring_regex(values, _SCIENTIFIC), None, values)
    text = pc.utf8_normalize(text, form="NFKC")
    text = pc.replace_substring_regex(text, _SPREADSHEET, r"\1")
    text = pc.replace_substring_regex(text, _PREFIX, r"\1")
    return pc.replace_substring_regex(pc.utf8_upper(text), r"[^\p{L}\p{N}]+", "")


def _as_mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Booleans as an array, false where null."""
    found: npt.NDArray[np.bool_] = values.fill_null(False).to_numpy(zero_copy_only=False)
    return found


def _digit_rows(
    text: pa.Array, mask: npt.NDArray[np.bool_], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Rows under a mask and their characters less "0"; all have `size` ASCII characters."""
    rows = np.flatnonzero(mask)
    data, offsets = string_buffers(text.take(pa.array(rows)))
    characters = data[offsets[0] : offsets[-1]] - np.uint8(48)
    return rows, characters.reshape(len(rows), size)


def _distinct_share(
    numbers: npt.NDArray[np.uint8], good: npt.NDArray[np.bool_]
) -> tuple[float, int]:
    """Share of good ones among the distinct numbers, and how many are distinct."""
    values = numbers.astype(np.int64) @ 10 ** np.arange(numbers.shape[1], dtype=np.int64)
    first = number_values(values)[1]
    return int(good[first].sum()) / max(len(first), 1), len(first)


def _isbn10(text: pa.Array, gtin: npt.NDArray[np.bool_], length: npt.NDArray[np.int32]) -> pa.Array:
    """Turn ISBN-10 into padded ISBN-13, where the column holds such numbers; marks them."""
    shaped = _as_mask(pc.match_substring_regex(text, r"^[0-9]{9}[0-9X]$"))
    rows, numbers = _digit_rows(text, shaped & (length == 10), 10)
    if not len(rows):
        return text
    numbers = np.where(numbers == ord("X") - 48, np.uint8(10), numbers)
    good = isbn10_check(numbers)
    if _distinct_share(numbers, good)[0] < _BELIEVED:
        return text
    rows, numbers = rows[good], numbers[good]
    thirteen = np.concatenate(
        [np.tile(np.array([0, 9, 7, 8], np.uint8), (len(rows), 1)), numbers[:, :9]], axis=1
    )
    total = thirteen.astype(np.int64) @ np.array([3, *[1, 3] * 6])
    check = (-total) % 10
    full = np.concatenate([thirteen, check[:, None].astype(np.uint8)], axis=1) + np.uint8(48)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * full.shape[1]
    found = pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(full))
    gtin[rows] = True
    return pc.replace_with_mask(text, pa.array(gtin & shaped), found)
