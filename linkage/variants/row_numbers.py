"""Row numbers: which records are equal in all that a match definition compares."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.numbering import number_hashes, number_values
from features.records import Records
from features.text.tokens import row_words
from linkage.variants.ignored_values import Combinations
from linkage.variants.numbered_columns import NumberedColumns

__all__ = ["number_rows", "text_numbers", "word_sets"]

#: Ignored values that the records of one row state in two notations, from which these are taken for
#: two products: so many, and this share of those in the rarer notation.
_FEWEST_COLLISIONS, _COLLIDING = 3, 0.5


def number_rows(
    part: Records,
    columns: NumberedColumns,
    main: str | None,
    disciplined: np.ndarray,
    word_set: np.ndarray,
    combined: Combinations,
) -> tuple[np.ndarray, np.ndarray]:
    """Row of each record, int64, shape (n,), and the first record of each row.

    Rows are numbered by their first record; without a main attribute each record is its own row.

    Args:
        part: the records with masked texts.
        columns: their cells.
        main: the attribute that names the product, if any.
        disciplined: records whose main text is compared byte for byte.
        word_set: number of the words of each record's main text, -1 without any.
        combined: the ignored values of each record.
    """
    row = np.arange(part.n)
    if main is not None:
        keys = _keys(columns, main, disciplined, word_set)
        row = _split_rows(keys, part.side, part.values(main), combined, disciplined)
    # Records of the left table come first, and so do their rows.
    row, first = number_values(row)
    return row.astype(np.int64), first


def text_numbers(
    raw: NumberedColumns, main: str | None, disciplined: np.ndarray, word_set: np.ndarray
) -> np.ndarray:
    """Number of each record's main text, exact where disciplined, by its words elsewhere; -1."""
    text = np.full(len(word_set), -1)
    if main is not None:
        exact = raw.cells(main).code.astype(np.int64)
        unknown = np.where(disciplined, exact, word_set) < 0
        text = np.where(disciplined, exact, word_set + int(exact.max(initial=-1)) + 1)
        text[unknown] = -1
    return text


def word_sets(values: pa.Array, threads: int = 1) -> np.ndarray:
    """Number of each text's words, the same where only punctuation differs; int64, -1 of none."""
    counts, hashes = row_words(values, threads=threads)
    out = np.full(len(counts), -1, np.int64)
    out[counts > 0] = number_hashes(hashes[counts > 0])[0]
    return out


def _keys(
    columns: NumberedColumns, main: str, disciplined: np.ndarray, word_set: np.ndarray
) -> np.ndarray:
    """Number of the kept values of each record, one for all records that are equal in them.

    Args:
        columns: the cells of the records.
        main: the attribute that names the product.
        disciplined: records whose main text is compared byte for byte.
        word_set: number of the words of each record's main text, -1 without any.
    """
    out = np.zeros(len(word_set), np.int64)
    for name in columns.names:
        # What is left of masked texts may differ in punctuation only.
        codes = word_set if name == main else columns.cells(name).code
        if name == main and disciplined.any():
            exact = columns.cells(name).code.astype(np.int64)
            codes = np.where(disciplined, exact, word_set + int(exact.max(initial=-1)) + 2)
        out = number_values(out * (int(codes.max(initial=-1)) + 2) + codes + 1)[0].astype(np.int64)
    return out


def _split_rows(
    keys: np.ndarray,
    side: np.ndarray,
    names: pa.Array,
    combined: Combinations,
    disciplined: np.ndarray,
) -> np.ndarray:
    """Row of each record: of equal keys and table, unless two notations tell two products apart.

    A source that lists the same sizes as "S, M" and as "s, m" under one text lists two products.

    Args:
        keys: number of each record's kept values.
        side: table of each record.
        names: main text of each record; records without one are rows of their own.
        combined: the ignored values of each record, and their notation.
        disciplined: records of disciplined sources, of which alone rows are split.
    """
    named = np.asarray(pc.is_valid(names).to_numpy(zero_copy_only=False))
    notation = combined.notation
    row = keys * 2 + side
    frame = pd.DataFrame({"row": row, "values": combined.code, "notation": notation})
    frame = frame[named & disciplined & (combined.code >= 0)]
    distinct = frame.drop_duplicates()
    clashes = distinct.groupby(["row", "values"])["notation"].nunique()
    suspicious = clashes[clashes > 1].groupby("row").size()
    suspicious = suspicious[suspicious >= _FEWEST_COLLISIONS].index
    out = row * (int(notation.max(initial=0)) + 2)
    for number, records in frame[frame["row"].isin(suspicious)].groupby("row"):
        sets = {k: set(part["values"]) for k, part in records.groupby("notation")}
        split = _clashing(sets)
        chosen = records.index[records["notation"].isin(split)].to_numpy()
        out[chosen] = number * (int(notation.max(initial=0)) + 2) + 1 + notation[chosen]
    alone = np.flatnonzero(~named)
    out[alone] = out.max(initial=0) + 1 + np.arange(len(alone))
    return out


def _clashing(sets: dict[int, set[int]]) -> set[int]:
    """Notations whose values are largely those of a notation with more values.

    Args:
        sets: ignored values stated in each notation, within one row.
    """
    order = sorted(sets, key=lambda k: (-len(sets[k]), k))
    found: set[int] = set()
    for position, k in enumerate(order):
        for larger in order[:position]:
            common = len(sets[k] & sets[larger])
            if common >= max(_FEWEST_COLLISIONS, _COLLIDING * len(sets[k])):
                found.add(k)
    return found
