"""Canonical records: the same whatever their ids, the order of rows and that of columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from linkage.scoring.content import content_hashes

__all__ = ["canonical_records"]


def canonical_records(records: Records, *, chosen: bool, id_column: str) -> Records:
    """Return records ordered by what they state, with attributes by name.

    Order decides ties, and the draws of samples and boosters: so neither other ids nor another
    order of rows or columns change the result. Equal rows keep their order; they are one anyhow.
    All columns but ids and constants count, so that runs of one catalog that compare different
    columns have its rows in one order.

    Args:
        records: the records.
        id_column: the column of ids.
        chosen: whether somebody chose the attributes. Otherwise those that state one value in all
            rows of a table, and no other, are left out: they tell no two records apart.
    """
    kinds = {name: records.kinds[name] for name in sorted(records.kinds)}
    if not chosen:
        kinds = {n: k for n, k in kinds.items() if not _is_constant(records, n)} or kinds
    columns = records.table.column_names
    telling = [n for n in columns if n != id_column and not _is_constant(records, n)]
    whole = replace(records, kinds=dict.fromkeys(telling, Kind.TEXT))
    order = np.lexsort((content_hashes(whole), records.side))
    return replace(
        records,
        kinds=kinds,
        ids=records.ids[order],
        table=records.table.select(sorted(records.table.column_names)).take(pa.array(order)),
    )


def _is_constant(records: Records, name: str) -> bool:
    """Whether a column states one value only, in all rows of the tables that have it."""
    values = records.values(name)
    stated = np.asarray(values.is_valid().to_numpy(zero_copy_only=False))
    filled = [stated[records.side == side] for side in (0, 1)]
    whole = all(len(one) == 0 or one.all() or not one.any() for one in filled)
    return whole and records.n > 1 and len(values.drop_null().unique()) == 1
