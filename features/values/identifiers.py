"""Parsing identifiers: GTIN, UPC, EAN and ISBN with their check digits, model codes, plain ids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from features.arrays.numbering import number_values
from features.text.cells import number_cells
from features.text.tokens import hash_strings
from features.values.check_digits import (
    as_mask,
    digit_rows,
    gtin_check,
    isbn10_check,
    isbn10_values,
    right_numbers,
)
from features.values.numbers import Strings

__all__ = [
    "SCIENTIFIC",
    "Identifiers",
    "parse_identifiers",
    "trade_number_share",
]

# What people write before a number ("ISBN-13: 978...", "EAN 40..."): the name of a standard, or any
# label with a mark after it before digits alone ("Strichcode: 40...").
_PREFIX = (
    r"(?i)^\W*(?:code[- ])?(?:isbn|ean|gtin|upc|jan|asin)(?:[- ]?(?:8|10|12|13|14|a|e)\b)?"
    r"(?:[- ]?(?:code|nr|no|nummer|number))?\s*(?:[.:#=]+\s*|\s)([^:]*[0-9].*)$"
)
_LABEL = (
    r"^\W*\p{L}[\p{L}\s./-]{0,24}(?:[- ]?(?:8|10|12|13|14))?\s*[:#=]\s*"
    r"([0-9][0-9\s.-]{6,}[0-9Xx])\W*$"
)
_SPREADSHEET = (
    r"^\s*([0-9]{5,})\.0+\s*$"  # a number column that went through a spreadsheet or pandas
)
#: A number that a spreadsheet has shortened; its digits are lost.
SCIENTIFIC = r"^\s*[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+\s*$"
_PLAIN = r"^[0-9A-Za-z-]*$"
_PLACEHOLDER = (
    r"^(?:0{6,}|9{8,}|"
    + "|".join(f"{digit}{{8,}}" for digit in range(1, 9))
    + r"|0?12345678(?:9(?:0(?:1(?:2(?:3(?:4|1)?|8)?)?)?)?)?|"
    r"DOESNOTAPPLY|NOTAPPLICABLE|NONE|UNKNOWN|NULL|NAN|TBD|NA)$"
)
# Parts of a cell that lists several numbers, and what a number among them is made of.
_BETWEEN = r"[^0-9A-Za-z-]+"
_LISTED = r"^[0-9][0-9-]{6,16}[0-9Xx]$"
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
    General Specifications; ISO 2108). Leading zeros of plain ids stay. What stands around a number
    goes (``'4001...``, ``="4001..."``, ``EAN: 4001...``). Numbers that a cell lists are numbers of
    one product and get one code, the first of them. Placeholders (all zeros, "does not apply", a
    word in a column of trade numbers) are unknown, and so is 4.00123E+12, which lost its digits.

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
    parts, cell_of_part = _split_lists(cells.distinct().cast(pa.large_string()))
    canonical, gtin = canonical_identifiers(parts)
    found = number_cells(canonical)
    forms = found.distinct()
    order = pc.sort_indices(forms).to_numpy()
    rank = np.full(len(forms) + 1, -1, np.int32)
    rank[order] = np.arange(len(forms), dtype=np.int32)
    of_part = rank[found.code]
    is_gtin = np.zeros(len(forms), bool)
    is_gtin[of_part[(of_part >= 0) & gtin]] = True
    of_cell = _first_alias(of_part, cell_of_part, len(cells.first), len(forms))
    code = np.append(of_cell, np.int32(-1))[cells.code]
    return Identifiers(code, forms.take(pa.array(order)), is_gtin)


def trade_number_share(values: Strings) -> float:
    """Share of the cells that hold trade numbers with a right check digit; 0 without cells."""
    parsed = parse_identifiers(values)
    known = parsed.code[parsed.code >= 0]
    return int(parsed.is_gtin[known].sum()) / max(len(values), 1)


def _split_lists(values: pa.Array) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    """The cells, those that list several trade numbers replaced by their numbers.

    Returns:
        Strings, and the position of each one's cell, ascending.
    """
    own = np.arange(len(values))
    digits = pc.count_substring_regex(values, "[0-9]").fill_null(0)
    some = as_mask(
        pc.and_(
            pc.greater_equal(digits, 16), pc.match_substring_regex(values, "[0-9Xx][^0-9A-Za-z-]+")
        )
    )
    cells = np.flatnonzero(some)
    if not len(cells):
        return values, own
    split = pc.split_pattern_regex(values.take(pa.array(cells)), _BETWEEN)
    parts, cell = pc.list_flatten(split), cells[pc.list_parent_indices(split).to_numpy()]
    numeric = as_mask(pc.match_substring_regex(parts, "^[0-9][0-9-]*[Xx]?$"))
    parts, cell = parts.filter(pa.array(numeric)), cell[numeric]
    parts = pc.utf8_upper(pc.replace_substring(parts, "-", ""))
    right = np.bincount(cell, right_numbers(parts), len(values))
    is_list = (right >= 2) & (right == np.bincount(cell, minlength=len(values)))
    kept, listed = own[~is_list], is_list[cell]
    order = np.argsort(np.concatenate([kept, cell[listed]]), kind="stable")
    all_parts = pa.concat_arrays([values.take(pa.array(kept)), parts.filter(pa.array(listed))])
    return all_parts.take(pa.array(order)), np.concatenate([kept, cell[listed]])[order]


def _first_alias(
    code: npt.NDArray[np.int32], cell: npt.NDArray[np.int64], n_cells: int, n_codes: int
) -> npt.NDArray[np.int32]:
    """One code of each cell: the first of all that lists join, directly or through others.

    Args:
        code: of each number, -1 unknown.
        cell: of each number, ascending; each cell has at least one.
        n_cells, n_codes: how many there are.
    """
    if len(code) > n_cells:
        known = code >= 0
        edges = sparse.coo_array(
            (np.ones(known.sum(), bool), (code[known], n_codes + cell[known])),
            shape=(n_codes + n_cells, n_codes + n_cells),
        )
        component = connected_components(edges, directed=False)[1]
        first = np.full(component.max(initial=0) + 1, n_codes, np.int32)
        np.minimum.at(first, component[:n_codes], np.arange(n_codes, dtype=np.int32))
        of_cell = first[component[n_codes:]]
        return np.where(of_cell < n_codes, of_cell, -1).astype(np.int32)
    return code


def canonical_identifiers(values: Strings) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
    """Canonical form of each value (null = unknown), and whether it is a valid trade number."""
    text = _clean(values)
    gtin = np.zeros(len(text), bool)
    if len(text) == text.null_count:
        return text, gtin
    padded = np.zeros(len(text), bool)
    digits = as_mask(pc.match_substring_regex(text, r"^[0-9]+$"))
    length = pc.utf8_length(text).fill_null(0).to_numpy(zero_copy_only=False)

    passed, seen = 0.0, 0  # of 12 to 14 digits
    for size in (13, 12, 14, 8):
        rows, numbers = digit_rows(text, digits & (length == size), size)
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
            rows, numbers = digit_rows(text, digits & (length == size) & ~gtin, size)
            good = gtin_check(numbers)
            gtin[rows[good]] = padded[rows[good]] = True
        padded |= digits & ((length == 12) | (length == 13)) & ~gtin
        # Without a digit it says that there is no number, in whatever language.
        out = pc.if_else(pc.match_substring_regex(out, "[0-9]"), out, pa.scalar(None, out.type))
    some = pa.array(padded)
    return pc.replace_with_mask(out, some, pc.utf8_lpad(out.filter(some), 14, "0")), gtin


def _clean(values: Strings) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    values = values.cast(pa.large_string())
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
    text = pc.if_else(pc.match_substring_regex(values, SCIENTIFIC), None, values)
    text = pc.utf8_normalize(text, form="NFKC")
    text = pc.replace_substring_regex(text, _SPREADSHEET, r"\1")
    for label in (_PREFIX, _LABEL):
        text = pc.replace_substring_regex(text, label, r"\1")
    return pc.replace_substring_regex(pc.utf8_upper(text), r"[^\p{L}\p{N}]+", "")


def _distinct_share(
    numbers: npt.NDArray[np.uint8], good: npt.NDArray[np.bool_]
) -> tuple[float, int]:
    """Share of good ones among the distinct numbers, and how many are distinct."""
    values = numbers.astype(np.int64) @ 10 ** np.arange(numbers.shape[1], dtype=np.int64)
    first = number_values(values)[1]
    return int(good[first].sum()) / max(len(first), 1), len(first)


def _isbn10(text: pa.Array, gtin: npt.NDArray[np.bool_], length: npt.NDArray[np.int32]) -> pa.Array:
    """Turn ISBN-10 into padded ISBN-13, where the column holds such numbers; marks them."""
    shaped = as_mask(pc.match_substring_regex(text, r"^[0-9]{9}[0-9X]$"))
    rows, numbers = digit_rows(text, shaped & (length == 10), 10)
    if not len(rows):
        return text
    numbers = isbn10_values(numbers)
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
    offsets = np.arange(len(rows) + 1, dtype=np.int64) * full.shape[1]
    found = pa.LargeStringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(full))
    gtin[rows] = True
    return pc.replace_with_mask(text, pa.array(gtin & shaped), found)
