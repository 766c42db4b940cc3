"""Tables and labels as Python callers give them: data frames, Arrow tables, `Labels`."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from linkage.io.label_files import Labels, parse_labels
from linkage.io.reading import blank_to_null, from_frame
from linkage.io.string_columns import to_string_table

__all__ = ["Table", "as_labels", "as_table"]

#: A table as callers may give it.
Table: TypeAlias = pa.Table | pd.DataFrame


def as_table(table: Table) -> pa.Table:
    """Return a table as an Arrow table of strings, its ids checked."""
    return from_frame(table) if isinstance(table, pd.DataFrame) else table


def as_labels(labels: Labels | pd.DataFrame | None, name: str = "labels") -> Labels | None:
    """Return labels from a data frame of any shape that files have; `Labels` are returned as is."""
    if isinstance(labels, pd.DataFrame):
        return parse_labels(blank_to_null(to_string_table(labels, name)), where=name)
    return labels
