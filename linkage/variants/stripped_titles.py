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
    """Two forms of each distinct text: without options, and with them but in words.

    Attributes:
        code: number of the distinct text of each record, -1 missing, int, shape (n,).
        stripped, plain: number of either form of each distinct text, int; equal forms have one
            number.
        forms: the forms by number.
        states_all: whether each record's text states all options that its columns state, and no
            record of other options has the same text, bool, shape (n,).
        contradicted: whether each record's columns state other values of all attributes that the
            words removed from its text may name: ``Ring (Silver)`` in gold; bool, shape (n,).
    """

    code: np.ndarray
    stripped: np.ndarray
    plain: np.ndarray
    forms: list[str]
    states_all: np.ndarray
    contradicted: np.ndarray

    def compared_by_words(self, optional: np.ndarray) -> np.ndarray:
        """Return which records are compared by their words, bool, shape (n,).

        Args:
            optional: records whose text may state options.
        """
        some = self.code >= 0
        used = np.zeros(len(self.forms), bool)
        out = optional | self.states_all
        used[self.stripped[self.code[some & out]]] = True
        out[some] |= used[self.plain[self.code[some]]]
        return out

    def values(self, cells: Cells, by_words: np.ndarray) -> pa.Array:
        """Return the text of each record: its form without options where it is compared by words.

        Args:
            cells: the column.
            by_words: records that are compared by their words, bool.
        """
        forms = pa.array([*self.forms, None], pa.string())
        short = np.where(self.contradicted, self.plain[self.code], self.stripped[self.code])
        number = np.where(self.code < 0, -1, short)
        found = forms.take(pa.array(np.where(number < 0, len(self.forms), number)))
        return pa.compute.if_else(pa.array(by_words), found, cells.values.cast(pa.string()))


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
    stated = _compare_with_columns(code, stripped, plain, [cells for _, cells in ignored])
    return StrippedTitles(code, short, long, list(number), *stated)


def _compare_with_columns(
    code: np.ndarray, stripped: list[str], plain: list[str], ignored: Sequence[Cells]
) -> tuple[np.ndarray, np.ndarray]:
    """Return `StrippedTitles.states_all` and `StrippedTitles.contradicted`.

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
    for row in np.flatnonzero((code >= 0) & (values >= 0).any(axis=1)).tolist():
        gone = removed[code[row]]
        own = [
            None if value < 0 else stated[value]
            for stated, value in zip(words, values[row].tolist(), strict=True)
        ]
        if gone and not spans[code[row]]:
            states_all[row] = all(one is None or one <= gone for one in own)
        contradicted[row] = bool(gone) and all(
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
