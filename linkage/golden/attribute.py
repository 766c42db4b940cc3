"""A column as golden records see it: what its cells say, which of them say the same, how much."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.kinds import Kind
from features.text.cells import Cells, number_cells
from features.values.check_digits import right_numbers
from features.values.dates import parse_dates
from features.values.identifiers import parse_identifiers
from features.values.numbers import parse_numbers
from features.values.quantities import parse_quantities
from features.variants.variant_values import canonical_values
from linkage.clustering.rule_values import rule_values

__all__ = ["Attribute", "equal_codes", "one_array"]

#: What can be a trade number: 8, 10 or 12 to 14 signs, once it lost blanks and punctuation.
_TRADE_LENGTHS = (8, 10, 12, 13, 14)


def equal_codes(values: pa.Array, kind: Kind) -> np.ndarray:
    """Codes of values, the same for all spellings of one, -1 where nothing is stated.

    Values are read as rules do (`linkage.clustering.rule_values`), categories also by the words for
    colours and sizes: "Blk" is black. What cannot be read as its kind is compared as text; words
    such as "unknown" state nothing.

    Args:
        values: n distinct strings, null = missing.
        kind: what they are.

    Returns:
        int64[n].
    """
    text = rule_values(values, Kind.TEXT)
    if kind in (Kind.TEXT, Kind.NAME):
        return text
    if kind == Kind.CATEGORY:
        code = pd.factorize(pd.Index(canonical_values(values.fill_null("").to_pylist())))[0]
    else:
        code = rule_values(values, kind)
    code = np.where(code < 0, text + code.max(initial=-1) + 1, code)
    return np.where(text < 0, -1, code)


def one_array(column: pa.ChunkedArray) -> pa.Array:
    """A column of strings as one array.

    Raises:
        ArrowInvalid: it has more than two gigabytes.
    """
    return pa.concat_arrays([pa.array([], pa.string()), *column.cast(pa.string()).chunks])


@dataclass(frozen=True, eq=False)
class Attribute:
    """A column of n cells.

    Attributes:
        name: of the column.
        kind: what it holds.
        values: the cells, strings, null = missing.
        reading: what is compared in their place: quantities, with the unit of another column.
    """

    name: str
    kind: Kind
    values: pa.Array
    reading: pa.Array | None = None

    @cached_property
    def cells(self) -> Cells:
        """The cells by spelling; whatever is asked of a value is found once for each spelling."""
        return number_cells(self.values)

    @cached_property
    def _distinct(self) -> pa.Array:
        return self.cells.distinct()

    def _of_rows(self, found: np.ndarray, missing: float) -> np.ndarray:
        """What was found for each spelling, for each row."""
        return np.append(found, np.array([missing], found.dtype))[self.cells.code]

    @cached_property
    def code(self) -> np.ndarray:
        """Which cells say the same, int64[n], -1 where a cell says nothing."""
        if self.reading is not None:
            return Attribute(self.name, Kind.QUANTITY, self.reading).code
        return self._of_rows(equal_codes(self._distinct, self.kind), -1)

    @property
    def stated(self) -> np.ndarray:
        """Whether each cell says something, bool[n]."""
        return self.code >= 0

    @cached_property
    def amount(self) -> np.ndarray:
        """Numbers, prices, amounts in a base unit, or days, float64[n]; NaN where not readable."""
        if self.kind == Kind.QUANTITY:
            found = parse_quantities(self._distinct).amount
        else:
            found = (parse_dates if self.kind == Kind.DATE else parse_numbers)(self._distinct)
        return self._of_rows(found, np.nan)

    @cached_property
    def dimension(self) -> np.ndarray:
        """What a quantity measures (`features.values.units.DIMENSIONS`), int64[n], -1 unknown."""
        if self.kind != Kind.QUANTITY:
            return np.zeros(len(self.values), np.int64)
        found = parse_quantities(self._distinct).dimension
        return self._of_rows(found.astype(np.int64), -1)

    @cached_property
    def length(self) -> np.ndarray:
        """Length of each cell in characters without blanks around it, int64[n]."""
        found = pc.utf8_length(pc.utf8_trim_whitespace(self._distinct))
        return self._of_rows(found.to_numpy().astype(np.int64), 0)

    @cached_property
    def validity(self) -> np.ndarray:
        """2 for trade numbers with a right check digit, 0 with a wrong one, 1 otherwise, int64[n].

        A number that lost its leading zeros is right where most of the column are trade numbers.
        """
        found = parse_identifiers(self._distinct)
        right = found.is_gtin | right_numbers(found.forms)
        shaped = pc.and_(
            pc.match_substring_regex(found.forms, "^[0-9]+[0-9X]$"),
            pc.is_in(pc.utf8_length(found.forms), pa.array(_TRADE_LENGTHS, pa.int32())),
        )
        of_form = np.where(right, 2, np.where(shaped.to_numpy(zero_copy_only=False), 0, 1))
        return self._of_rows(np.append(of_form, 1)[found.code], 1)
