"""Main texts of records without the options that they state.

Where a source names the product by one text for all variants, and states the options in columns,
its texts are compared byte for byte. Its records that state no option in a column may state it in
the text, as marketplaces write them: these are compared without it, by their words, and so are the
records whose own words equal what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from features.text.cells import Cells
from features.variants.base_titles import Options, base_titles, options_of
from features.variants.concepts import concept_options

__all__ = ["StrippedTitles", "strip_options"]


@dataclass(frozen=True)
class StrippedTitles:
    """Two forms of each record's text in words: without options, and with them.

    Attributes:
        stripped, plain: number of either form, int, shape (n,), -1 missing; equal forms have one
            number. Options that columns contradict are not removed: ``Ring (Silver)`` in gold.
        forms: the forms by number.
        states_all: whether each record's text states all options that its columns state, and no
            record of other options has the same text, bool, shape (n,).
    """

    stripped: np.ndarray
    plain: np.ndarray
    forms: list[str]
    states_all: np.ndarray

    def compared_by_words(self, optional: np.ndarray) -> np.ndarray:
        """Return which records are compared by their words, bool, shape (n,).

        Args:
            optional: records whose text may state options.
        """
        some = self.plain >= 0
        used = np.zeros(len(self.forms), bool)
        out = optional | self.states_all
        used[self.stripped[some & out]] = True
        out[some] |= used[self.plain[some]]
        return out

    def values(self, cells: Cells, by_words: np.ndarray) -> pa.Array:
        """Return the text of each record: its form without options where it is compared by words.

        Args:
            cells: the column.
            by_words: records that are compared by their words, bool.
        """
        number = pa.array(self.stripped, mask=self.stripped < 0)
        found = pa.array(self.forms, pa.large_string()).take(number)
        return pa.compute.if_else(pa.array(by_words), found, cells.values.cast(pa.large_string()))


def strip_options(
    texts: Cells, ignored: Sequence[tuple[str, Cells]], concepts: Iterable[str] = ()
) -> StrippedTitles:
    """Return the texts without options, learned from all records of one table.

    Args:
        texts: the column that names the product.
        ignored: name and cells of each ignored attribute whose values texts may mention.
        concepts: ignored concepts (`features.variants.concepts`).
    """
    titles = texts.distinct().to_pylist()
    options = options_of((name, cells.distinct().to_pylist()) for name, cells in ignored)
    stripped = base_titles(titles, options, concept_options(concepts))
    plain = base_titles(titles, Options())
    number: dict[str, int] = {}
    short, long = (
        np.array([number.setdefault(form, len(number)) for form in some], np.int64)
        for some in (stripped, plain)
    )
    code = texts.code.astype(np.int64)
    states_all, contradicted = _compare_with_columns(
        code, stripped, plain, [cells for _, cells in ignored]
    )
    # The last number is that of missing texts, whose code is -1.
    short, long = (np.append(of_text, -1)[code] for of_text in (short, long))
    return StrippedTitles(np.where(contradicted, long, short), long, list(number), states_all)


def _compare_with_columns(
    code: np.ndarray, stripped: list[str], plain: list[str], ignored: Sequence[Cells]
) -> tuple[np.ndarray, np.ndarray]:
    """Compare what is removed from each record's text with what its columns state.

    Returns:
        `StrippedTitles.states_all`; and whether the columns state other values of all attributes
        that the removed words may name. Both bool, shape (n,).

    Args:
        code: number of each record's distinct text, -1 missing.
        stripped, plain: both forms of each distinct text.
        ignored: cells of the ignored attributes.
    """
    removed = [
        set(long.split()) - set(short.split()) if short != long else set()
        for short, long in zip(stripped, plain, strict=True)
    ]
    words = [
        [set(form.split()) for form in base_titles(cells.distinct().to_pylist(), Options())]
        for cells in ignored
    ]
    states_all, contradicted = np.zeros(len(code), bool), np.zeros(len(code), bool)
    if not ignored:
        return states_all, contradicted
    named = [set().union(*stated) for stated in words]
    values = np.column_stack([cells.code for cells in ignored])
    spans = _number_of_combinations(code, values) > 1
    changed = np.append([bool(some) for some in removed], False)[code]
    for row in np.flatnonzero(changed & (values >= 0).any(axis=1)).tolist():
        gone = removed[code[row]]
        own = [
            None if value < 0 else stated[value]
            for stated, value in zip(words, values[row].tolist(), strict=True)
        ]
        if not spans[code[row]]:
            states_all[row] = all(one is None or one <= gone for one in own)
        contradicted[row] = all(
            may and all(one is not None and word not in one for one in may)
            for word in gone
            for may in [[one for one, some in zip(own, named, strict=True) if word in some]]
        )
    return states_all, contradicted


def _number_of_combinations(code: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the number of combinations of values of each distinct text."""
    rows = np.column_stack([code, values])[code >= 0]
    distinct = np.unique(rows, axis=0)
    return np.bincount(distinct[:, 0], minlength=int(code.max(initial=-1)) + 1)
