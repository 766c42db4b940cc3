"""Ignored values: numbers of the values of ignored attributes, one by one and combined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.arrays.numbering import number_hashes, number_values
from features.text.cells import Cells
from features.text.tokens import row_words
from features.variants.variant_values import canonical_values

__all__ = ["Combinations", "canonical", "combinations"]

#: Letter cases of the last word of a value.
_CASES = ("lower", "upper", "title", "other")


@dataclass(frozen=True)
class Combinations:
    """The values of all ignored attributes of each record, combined into one number.

    Values are compared without punctuation and whatever column states them; the notation is which
    columns state them, and in what letter case.

    Attributes:
        code: number of each record's combination of values, -1 where none is known.
        notation: number of each record's notation.
        width: number of distinct combinations.
        repeated: share of the records whose source, text and values are those of another.
    """

    code: np.ndarray
    notation: np.ndarray
    width: int
    repeated: float


def canonical(cells: Cells, coarse: bool = False) -> np.ndarray:
    """Number of each cell's value, one for all spellings of a value; int64, -1 unknown.

    Args:
        cells: the column.
        coarse: whether all colours of one group (all blues) have one number.
    """
    names = canonical_values(cells.distinct().to_pylist(), coarse=coarse)
    return _of_rows(pd.factorize(pd.Index(names))[0], cells)


def combinations(naming: Sequence[Cells], sources: np.ndarray, main: Cells | None) -> Combinations:
    """The combined values of the ignored attributes of each record.

    Args:
        naming: columns of the ignored attributes whose values name variants.
        sources: number of each record's source.
        main: the column that names the product, if any.
    """
    if not naming:
        n = len(sources)
        return Combinations(np.full(n, -1), np.zeros(n, np.int64), 0, 0.0)
    read = [row_words(cells.distinct()) for cells in naming]
    words = number_hashes(np.concatenate([hashes for _, hashes in read]))[0].astype(np.int64)
    words[np.concatenate([counts for counts, _ in read]) == 0] = -1
    before = np.cumsum([0, *(len(cells.first) for cells in naming)])
    stated = np.column_stack(
        [_of_rows(words[at:], cells) for cells, at in zip(naming, before, strict=False)]
    )
    known = stated >= 0
    # Known values first, in the order of their columns.
    stated = np.take_along_axis(stated, np.argsort(~known, axis=1, kind="stable"), axis=1)
    some = known.any(axis=1)
    code = np.full(len(stated), -1, np.int64)
    code[some] = number_values(_rows_as_numbers(stated)[some])[0]
    marks = []
    for cells in naming:
        cases = [_CASES.index(_case(value)) for value in cells.distinct().to_pylist()]
        marks.append(_of_rows(np.array(cases, np.int64), cells))
    return Combinations(
        code, _rows_as_numbers(np.column_stack(marks)), int(code.max(initial=-1)) + 1,
        0.0 if main is None else _repeated(sources, main.code, code),
    )  # fmt: skip


def _of_rows(values: np.ndarray, cells: Cells) -> np.ndarray:
    """Value of each row of a column from those of its distinct texts, int64, -1 where missing."""
    return np.append(values[: len(cells.first)], -1)[cells.code].astype(np.int64)


def _rows_as_numbers(columns: np.ndarray) -> np.ndarray:
    """Number of each row's values, which are -1 or more; int64, shape (n,).

    Numbers follow the lexicographic order of the rows.
    """
    out = np.zeros(len(columns), np.int64)
    for values in columns.T:
        width = int(values.max(initial=-1)) + 2
        out = _ranks(out * width + values + 1)
    return out


def _ranks(values: np.ndarray) -> np.ndarray:
    """Rank of each value among the distinct ones, which are 0 or more, int64."""
    size = int(values.max(initial=-1)) + 1
    if size > len(values):  # too sparse for a table
        return np.unique(values, return_inverse=True)[1]
    present = np.zeros(size, bool)
    present[values] = True
    return (np.cumsum(present) - 1)[values]


def _repeated(sources: np.ndarray, texts: np.ndarray, combination: np.ndarray) -> float:
    """Share of the records whose source, text and values are all those of another record."""
    known = np.flatnonzero((combination >= 0) & (texts >= 0))
    if not len(known):
        return 0.0
    number = number_values(
        texts[known].astype(np.int64) * (int(sources.max()) + 1) + sources[known]
    )[0].astype(np.int64)
    number = number_values(number * (int(combination.max()) + 1) + combination[known])[0]
    return float(np.mean(np.bincount(number)[number] > 1))


def _case(value: str) -> str:
    """Letter case of a value's last word: lower, upper, title, or other."""
    word = value.split()[-1] if value.split() else ""
    if word.islower():
        return "lower"
    return "upper" if word.isupper() else "title" if word.istitle() else "other"
