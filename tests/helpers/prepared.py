"""Prepared records out of plain lists, for the tests of blockers."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.prepare import PreparedRecords, prepare
from features.records import Records

KINDS = {
    "title": Kind.TEXT,
    "gtin": Kind.IDENTIFIER,
    "price": Kind.PRICE,
    "category": Kind.CATEGORY,
}


def prepared(columns: dict[str, list[str | None]], n_left: int | None = None) -> PreparedRecords:
    """Prepares a table; rows from ``n_left`` on are the right table of a linkage."""
    n = len(next(iter(columns.values())))
    side = np.zeros(n, np.int8)
    if n_left is not None:
        side[n_left:] = 1
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    ids = np.array([str(row) for row in range(n)], object)
    return prepare(Records(ids, table, side, {name: KINDS[name] for name in columns}))


def pair_set(pairs: tuple[np.ndarray, np.ndarray]) -> set[tuple[int, int]]:
    """Pairs as a set."""
    return set(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))
