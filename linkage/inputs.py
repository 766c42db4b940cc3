"""What callers give in Python: frames or Arrow tables, labels, pairs by id."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from features.records import Records
from linkage.columns import to_string_table
from linkage.labels import Labels, check_pair_ids, parse_labels
from linkage.reading import blank_to_null, from_frame

__all__ = ["Table", "as_labels", "as_table", "ids_in_order", "rows_of"]

#: A table as callers may give it.
Table: TypeAlias = pa.Table | pd.DataFrame


def as_table(table: Table) -> pa.Table:
    """A checked Arrow table of strings."""
    return from_frame(table) if isinstance(table, pd.DataFrame) else table


def as_labels(labels: Labels | pd.DataFrame | None, name: str = "labels") -> Labels | None:
    """Labels from a frame of any of their shapes; others as they are."""
    if isinstance(labels, pd.DataFrame):
        return parse_labels(blank_to_null(to_string_table(labels, name)), where=name)
    return labels


def ids_in_order(left: Table, right: Table | None, id_column: str) -> list[np.ndarray]:
    """Ids of each table in its own order, object arrays."""
    tables = [left] if right is None else [left, right]
    return [np.array(as_table(t).column(id_column).to_pylist(), dtype=object) for t in tables]


def rows_of(pairs: pd.DataFrame, records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Rows of pairs given by id, int32; refuses ids that do not exist."""
    n_left = records.n_left
    left_ids = records.ids[:n_left]
    right_ids = records.ids[n_left:] if records.is_linkage else None
    check_pair_ids(pairs, left_ids, right_ids)
    a = pd.Index(left_ids).get_indexer(pairs["left_id"].astype(str))
    other = pd.Index(left_ids if right_ids is None else right_ids)
    b = other.get_indexer(pairs["right_id"].astype(str)) + (0 if right_ids is None else n_left)
    return a.astype(np.int32), b.astype(np.int32)
