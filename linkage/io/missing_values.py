"""Missing values: cells that are empty, blank or a null word, found by their bytes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from features.text.text_buffers import string_buffers

__all__ = ["NULL_WORDS", "blank_to_null", "missing_cells"]

#: What exporters write for a missing value, compared without case. "-" and "unknown" are left
#: to the features: catalogs use them as values too.
NULL_WORDS = ("null", "nan", "n/a", "na", "none", "<na>", "nat", "#n/a", "\\n")

_VALUE, _MISSING, _UNSURE = 0, 1, 2


def blank_to_null(table: pa.Table, id_columns: Collection[str] = ()) -> pa.Table:
    """Turn empty cells, blank cells and null words into nulls.

    Args:
        table: A table of strings.
        id_columns: Columns in which only empty and blank cells are null.

    Returns:
        The table; other values are as they were.

    """
    columns = []
    for name in table.column_names:
        column = table.column(name)
        words = () if name in id_columns else NULL_WORDS
        chunks = [_without_missing(chunk, words) for chunk in column.chunks]
        columns.append(pa.chunked_array(chunks, column.type))
    return pa.table(columns, names=table.column_names)


def _without_missing(values: pa.Array, words: Sequence[str]) -> pa.Array:
    missing = missing_cells(values, words)
    if not missing.any():
        return values
    return pc.if_else(pa.array(missing), pa.scalar(None, values.type), values)


def missing_cells(values: pa.Array, words: Sequence[str]) -> np.ndarray:
    """Return whether each cell, blanks around it left out, is empty or one of some words; bool[n].

    Args:
        values: string array; what is said of nulls means nothing.
        words: words of ASCII characters, in small letters; cells are compared without case.
    """
    word_data, word_offsets = string_buffers(pa.array(["", *words], pa.large_string()))
    data, offsets = string_buffers(values)
    state = _states(data, offsets, word_data, word_offsets)
    unsure = np.flatnonzero(state == _UNSURE)
    if len(unsure):
        cells = values.take(pa.array(unsure))
        lowered = pc.utf8_lower(pc.utf8_trim_whitespace(cells))
        found = pc.is_in(lowered, value_set=pa.array(["", *words], values.type))
        state[unsure] = found.to_numpy(zero_copy_only=False)
    return np.asarray(state == _MISSING)


@njit(nogil=True, cache=True)
def _states(data, offsets, word_data, word_offsets):
    """Return the state of each cell; unsure where it has characters beyond ASCII."""
    longest = 0
    for w in range(len(word_offsets) - 1):
        longest = max(longest, word_offsets[w + 1] - word_offsets[w])
    out = np.zeros(len(offsets) - 1, np.uint8)
    for row in range(len(out)):
        begin, stop = offsets[row], offsets[row + 1]
        while begin < stop and _is_blank(data[begin]):
            begin += 1
        while begin < stop and _is_blank(data[stop - 1]):
            stop -= 1
        if begin < stop and (data[begin] > 127 or data[stop - 1] > 127):
            out[row] = _UNSURE
            continue
        if stop - begin > longest:
            continue
        for at in range(begin, stop):
            if data[at] > 127:
                out[row] = _UNSURE
        if out[row] == _UNSURE:
            continue
        for w in range(len(word_offsets) - 1):
            first = word_offsets[w]
            if word_offsets[w + 1] - first != stop - begin:
                continue
            same = True
            for k in range(stop - begin):
                letter = data[begin + k]
                if 65 <= letter <= 90:
                    letter += 32
                if letter != word_data[first + k]:
                    same = False
                    break
            if same:
                out[row] = _MISSING
                break
    return out


@njit(nogil=True, cache=True)
def _is_blank(letter):
    """Return whether a byte is white space as Unicode has it, of those below 128."""
    return letter == 32 or 9 <= letter <= 13 or 28 <= letter <= 31
