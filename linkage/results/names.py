"""Names of records and clusters in a result, and the order of its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numba import njit

from features.records import Records
from features.text.text_buffers import string_buffers
from linkage.io.row_order import canonical_order

__all__ = ["SIDES", "catalog_order", "first_members", "full_names"]

SIDES = np.array(["left", "right"], dtype=object)


def full_names(records: Records) -> np.ndarray:
    """Ids, in a linkage with their source before them, an object array."""
    if records.is_linkage:
        names: np.ndarray = SIDES[records.given_tables] + ":" + records.ids
        return names
    return records.ids


def first_members(records: Records, labels: np.ndarray) -> np.ndarray:
    """The member of each cluster whose full name comes first, int32[clusters].

    Args:
        records: the rows.
        labels: cluster of each, numbers from 0.
    """
    data, offsets = string_buffers(pa.array(records.ids, pa.large_string()))
    return np.asarray(
        _first_members(labels, labels.max(initial=-1) + 1, records.given_tables, data, offsets)
    )


def catalog_order(records: Records, ids: Sequence[pa.ChunkedArray]) -> np.ndarray:
    """Row of each record of the catalogs, in their own order.

    Args:
        records: the rows.
        ids: those of each table, in its order.
    """
    orders = []
    for table, column in enumerate(ids):
        rows = records.rows_of(table)
        own_ids = records.ids[rows]
        # Both lists in one canonical order give each other's rows: cheaper than looking up strings.
        order = np.empty(len(own_ids), np.int64)
        at, _ = canonical_order(column.combine_chunks())
        order[at], _ = canonical_order(pa.array(own_ids, pa.large_string()))
        orders.append(order + rows.start)
    return np.concatenate(orders)


@njit(nogil=True, cache=True)
def _first_members(labels, clusters, side, data, offsets):
    """Row of the first string of each cluster, those of the left side before all others."""
    first = np.full(clusters, -1, np.int32)
    for row in range(len(labels)):
        best = first[labels[row]]
        comes_before = best < 0 or side[row] < side[best]
        if not comes_before and side[row] == side[best]:
            comes_before = _is_less(data, offsets, row, best)
        if comes_before:
            first[labels[row]] = row
    return first


@njit(nogil=True, cache=True)
def _is_less(data, offsets, one, other):
    """Whether a string comes before another, byte by byte."""
    a, a_stop = offsets[one], offsets[one + 1]
    b, b_stop = offsets[other], offsets[other + 1]
    while a < a_stop and b < b_stop:
        if data[a] != data[b]:
            return data[a] < data[b]
        a += 1
        b += 1
    return a == a_stop and b < b_stop
