"""What callers give in Python: frames or Arrow tables, labels, pairs by id."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from linkage.columns import to_string_table
from linkage.labels import Labels, parse_labels
from linkage.reading import blank_to_null, from_frame

__all__ = ["Table", "as_labels", "as_table", "ids_in_order"]

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
