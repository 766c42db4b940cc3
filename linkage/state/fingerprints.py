"""Fingerprints: what the compared cells of each record state, as one number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from linkage.scoring.content import content_hashes

__all__ = ["compared_cells", "fingerprints"]


def compared_cells(tables: Sequence[pa.Table | None], columns: Sequence[str]) -> pa.Table:
    """Return the compared cells of the rows of one table, or of two, as strings.

    Args:
        tables: the catalog's tables; one that is None is left out.
        columns: names of the compared columns; one that a table lacks is null there.
    """
    parts = []
    for table in tables:
        if table is not None:
            here = [name for name in columns if name in table.column_names]
            parts.append(table.select(here).cast(pa.schema([(n, pa.string()) for n in here])))
    whole = pa.concat_tables(parts, promote_options="default")
    return whole.select([name for name in columns if name in whole.column_names])


def fingerprints(cells: pa.Table, columns: Sequence[str]) -> np.ndarray:
    """Return a hash of each row's cells in some columns, uint64[n].

    It depends on neither the order of rows nor that of columns; a missing cell adds nothing.

    Args:
        cells: strings.
        columns: those that count.
    """
    n = cells.num_rows
    kinds = {name: Kind.TEXT for name in columns if name in cells.column_names}
    records = Records(np.empty(n, object), cells, np.zeros(n, np.int8), kinds)
    return content_hashes(records)
