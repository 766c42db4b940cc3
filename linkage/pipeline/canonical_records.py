"""Canonical records: the same whatever their ids and the order of rows, columns and tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from linkage.scoring.content import content_hashes

__all__ = ["canonical_records"]


def canonical_records(
    records: Records, *, chosen: bool, id_column: str, swapped: bool | None = None
) -> Records:
    """Return records ordered by what they state, with attributes by name.

    Order decides ties, and the draws of samples and boosters: so neither other ids nor another
    order of rows, columns or tables change the result. Equal rows keep their order; they are one.
    All columns but ids and constants count, so that runs of one catalog that compare different
    columns have its rows in one order.

    Args:
        records: the records.
        id_column: the column of ids.
        chosen: whether somebody chose the attributes. Otherwise those that state one value in all
            rows of a table, and no other, are left out: they tell no two records apart.
        swapped: whether the right one of two tables stands first; by what they state if None.
    """
    kinds = {name: records.kinds[name] for name in sorted(records.kinds)}
    if not chosen:
        kinds = {n: k for n, k in kinds.items() if not _is_constant(records, n)} or kinds
    columns = records.table.column_names
    telling = [n for n in columns if n != id_column and not _is_constant(records, n)]
    whole = replace(records, kinds=dict.fromkeys(telling, Kind.TEXT))
    hashes, side = content_hashes(whole), records.side
    if not records.is_linkage:
        swapped = False
    elif swapped is None:
        swapped = _comes_before(hashes[side == 1], hashes[side == 0])
    if swapped:
        side = side ^ 1
    order = np.lexsort((hashes, side))
    return replace(
        records,
        kinds=kinds,
        ids=records.ids[order],
        table=records.table.select(sorted(records.table.column_names)).take(pa.array(order)),
        side=side[order],
        folders=records.folders[::-1] if swapped else records.folders,
        is_swapped=swapped,
    )


def _comes_before(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a table comes before another, by the least hash that only one of them has.

    A row more or less hardly ever changes which table that is.
    """
    one, other = np.sort(one), np.sort(other)
    common = min(len(one), len(other))
    differs = np.flatnonzero(one[:common] != other[:common])
    if len(differs):
        return bool(one[differs[0]] < other[differs[0]])
    return len(one) < len(other)


def _is_constant(records: Records, name: str) -> bool:
    """Whether a column states one value only, in all rows of the tables that have it."""
    values = records.values(name)
    stated = np.asarray(values.is_valid().to_numpy(zero_copy_only=False))
    filled = [stated[records.side == side] for side in (0, 1)]
    whole = all(len(one) == 0 or one.all() or not one.any() for one in filled)
    return whole and records.n > 1 and len(values.drop_null().unique()) == 1
