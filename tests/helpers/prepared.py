"""Prepared records, and statements, out of plain lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.prepare import PreparedRecords, prepare
from features.records import Records
from features.statements import Statements
from linkage.scoring.content import pair_hashes

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


def pair_keys(pairs: int) -> np.ndarray:
    """Keys of pairs of which only the number matters."""
    return pair_hashes(np.arange(pairs, dtype=np.uint64), np.zeros(pairs, np.uint64))


def statements(rows: list[list[str]]) -> Statements:
    """What records state of the colour, each row the values of one."""
    strings = sorted({v for row in rows for v in row})
    ids = [np.array(sorted(strings.index(v) for v in row), np.int32) for row in rows]
    counts = [len(i) for i in ids]
    nothing = np.zeros(0, np.int64)
    return Statements(
        "colour", strings, np.array([i[0] if len(i) else -1 for i in ids]),
        np.concatenate([[0], np.cumsum(counts)]), np.concatenate(ids), nothing, nothing,
    )  # fmt: skip
