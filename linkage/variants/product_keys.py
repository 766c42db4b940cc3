"""Product keys: rows that agree in all that a match definition compares, as far as they state it.

A value that one of two rows lacks is unknown, which is neither agreement nor difference. Without
labels and identifiers the product key is the best evidence that rows are variants of one product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from features.arrays.ordering import stable_order

__all__ = ["pairs_of_equal_keys", "product_keys"]

#: Rows of a key up to which all their pairs are made; more are each paired with the first one.
_MOST_FOR_ALL_PAIRS = 50


def product_keys(text: np.ndarray, columns: Sequence[np.ndarray]) -> np.ndarray:
    """Return the number of each row's product key, int64, shape (n,).

    Rows of one text that differ in no known value have one key. Where a row of unknown values fits
    several keys it takes that of the most rows. Rows with equal values in all columns were told
    apart before, and keep keys of their own.

    Args:
        text: number of each row's main text, -1 unknown, shape (n,); rows without text have keys of
            their own.
        columns: number of each row's value in the other compared columns, -1 unknown.
    """
    n = len(text)
    key = np.arange(n, dtype=np.int64)
    values = np.column_stack([np.asarray(column, np.int64) for column in columns] or [text])
    for rows in _groups(text):
        if text[rows[0]] >= 0:
            key[rows] = rows[_compatible(values[rows])]
    return key


def _groups(number: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of each number that several rows have, ascending."""
    order = stable_order(number)
    starts = np.flatnonzero(np.append(True, np.diff(number[order]) != 0))
    stops = np.append(starts[1:], len(order))
    several = stops - starts > 1
    for start, stop in zip(starts[several].tolist(), stops[several].tolist(), strict=True):
        yield order[start:stop]


def _compatible(values: np.ndarray) -> np.ndarray:
    """Return the position of the first row of each row's group, int, shape (n,)."""
    distinct, number, count = np.unique(values, axis=0, return_inverse=True, return_counts=True)
    number = number.ravel()
    known = (distinct >= 0).sum(axis=1)
    merged = np.empty((0, values.shape[1]), np.int64)
    size = np.zeros(0, np.int64)
    group = np.empty(len(distinct), np.int64)
    # The most complete rows first, so that the others find the group they fit.
    for k in np.lexsort((-count, -known)):
        if count[k] > 1:
            group[k] = -1
            continue
        row = distinct[k]
        fits = ~((merged >= 0) & (row >= 0) & (merged != row)).any(axis=1)
        if fits.any():
            chosen = int(np.argmax(np.where(fits, size, -1)))
            merged[chosen] = np.where(merged[chosen] < 0, row, merged[chosen])
            size[chosen] += 1
        else:
            chosen = len(merged)
            merged, size = np.vstack([merged, row]), np.append(size, 1)
        group[k] = chosen
    found = group[number]
    out = np.arange(len(values))
    for g in range(len(merged)):
        members = np.flatnonzero(found == g)
        out[members] = members[0]
    return out


def pairs_of_equal_keys(key: np.ndarray, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs of rows of one key, the lower row first; int64 each.

    Args:
        key: number of each row's product key.
        side: table of each row, 0 or 1; of two tables only pairs across them are made.
    """
    found: list[tuple[int, int]] = []
    two_tables = bool(side.any())
    for rows in _groups(key):
        ordered = rows.tolist()
        pairs = [(ordered[0], other) for other in ordered[1:]]
        if len(ordered) <= _MOST_FOR_ALL_PAIRS:
            pairs = list(combinations(ordered, 2))
        found += [(a, b) for a, b in pairs if not two_tables or side[a] != side[b]]
    made = np.array(found, np.int64).reshape(-1, 2)
    return made[:, 0], made[:, 1]
