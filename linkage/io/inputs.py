"""What callers give in Python: frames or Arrow tables, labels, pairs by id."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from linkage.io.reading import from_frame

__all__ = ["Table", "as_table"]

#: A table as callers may give it.
Table: TypeAlias = pa.Table | pd.DataFrame


def as_table(table: Table) -> pa.Table:
    """A checked Arrow table of strings."""
    return from_frame(table) if isinstance(table, pd.DataFrame) else table
