"""Tables and labels as Python callers give them: data frames, Arrow tables, `Labels`."""

from __future__ import annotations

from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from linkage.io.reading import from_frame

__all__ = ["Table", "as_table"]

#: A table as callers may give it.
Table: TypeAlias = pa.Table | pd.DataFrame


def as_table(table: Table, id_column: str | None = None) -> pa.Table:
    """Return a table as an Arrow table of strings, its ids checked."""
    return from_frame(table, id_column=id_column) if isinstance(table, pd.DataFrame) else table
