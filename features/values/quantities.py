"""Quantities with units, and pack counts, of the cells of a column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.text.cells import number_cells
from features.text.text_buffers import normalise
from features.text.tokens import build_vocabulary, tokenise
from features.values.numbers import Strings, decimal_comma
from features.values.text_quantities import find_quantities
from features.values.units import DIMENSION_CODE, DIMENSIONS
from features.values.word_facts import word_facts
from features.values.word_quantities import word_quantities

__all__ = ["DIMENSIONS", "Quantities", "parse_quantities", "word_quantities"]

_LONGEST = 300  # characters; a longer cell is prose
_COUNT = DIMENSION_CODE["count"]
#: Of a column that writes decimals with a comma, before anything else.
_COMMA_WRITING = ((r"\b([1-9][0-9]{0,2})\.([0-9]{3})\b", r"\1\2"), (r"([0-9]),([0-9])", r"\1.\2"))
#: What cells, unlike texts, are about where they have it. The end of a range is no amount.
_CELL_WRITING = (
    (r"([0-9]) ?[%％]", r"\1 percent "),
    (r"([0-9]) ?°c\b", r"\1 celsius "),
    (r"([0-9]) ?°f\b", r"\1 fahrenheit "),
    (r"[0-9.]+ ?[-–] ?[0-9.]+", " "),
)


@dataclass(frozen=True)
class Quantities:
    """Quantities of one column.

    Attributes:
        amount: float64[n] in the base unit of the dimension (g, ml, mm, mm², bytes, Hz, W, V, A,
            mAh, s, ...), over all packs; NaN unknown.
        dimension: int8[n], position in `DIMENSIONS`, -1 unknown.
        packs: float64[n], how many items the text says there are; NaN where it does not say.
    """

    amount: npt.NDArray[np.float64]
    dimension: npt.NDArray[np.int8]
    packs: npt.NDArray[np.float64]


def parse_quantities(values: Strings) -> Quantities:
    """Read the first quantity and the pack count of each cell.

    ``6 x 330 ml`` is 1980 ml in 6 packs, ``10-pack`` a count of 10 in 10 packs, ``20 x 30 cm`` an
    area, ``10x20x30 cm`` a volume, ``5 ft 10 in`` one length; a count of items is first only where
    there is out else. A bare number has no dimension and is unknown. `find_quantities` has the
    grammar; commas are read as the column has them.

    Args:
        values: string array, null = missing.

    Example:
        >>> parse_quantities(pa.array(["6 x 330 ml", "0.5 L", "12"])).amount.tolist()
        [1980.0, 500.0, nan]
    """
    n = len(values)
    out = Quantities(np.full(n, np.nan), np.full(n, -1, np.int8), np.full(n, np.nan))
    if values.null_count == n:
        return out
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    cells = number_cells(values.cast(pa.large_string()))
    table = tokenise(_written_out(cells.distinct(), comma=decimal_comma(values)))
    vocabulary, (words,) = build_vocabulary([table])
    found = find_quantities(table.indptr, words, word_facts(vocabulary, every_unit=True))
    # The first of each cell that is more than a count, else the first.
    cell = np.repeat(np.arange(table.n), np.diff(found.indptr))
    order = np.lexsort([np.arange(len(cell)), found.dimension == _COUNT, cell])
    at, first = np.unique(cell[order], return_index=True)
    chosen = np.append(np.full(table.n, -1), -1)
    chosen[at] = order[first]
    chosen = chosen[cells.code]
    known = chosen >= 0
    out.amount[known] = found.amount[chosen[known]]
    out.dimension[known] = found.dimension[chosen[known]]
    out.packs[known] = found.packs[chosen[known]]
    return out


def _written_out(cells: pa.Array, *, comma: bool) -> pa.Array:
    """The cells with one writing of decimals, and with words for signs that texts lack."""
    texts = pc.utf8_slice_codeunits(cells, 0, _LONGEST)
    for pattern, writing in _COMMA_WRITING if comma else ():
        texts = pc.replace_substring_regex(texts, pattern, writing)
    texts = normalise(texts)
    for pattern, writing in _CELL_WRITING:
        texts = pc.replace_substring_regex(texts, pattern, writing)
    return texts
