"""Records that stand in both of two tables, which are then rather one pool than two sources."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.records import Records
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.sampling import RecordSampler

__all__ = ["between_others", "shared_records"]

#: Share of the smaller table from which the two are one pool: copies are then the rule.
_MOST = 0.5
#: Shared records below which they may be partners that happen to be equal.
_FEWEST = 100
#: Share of the copies that are learned from: of none, a model would not know that copies match.
_COPIES = 0.1


def shared_records(records: Records) -> np.ndarray | None:
    """Where two tables share most of their records: the row of each in the other table.

    A record is shared if it stands in both tables under the same id with the same values of all
    attributes that are compared. Of two samples of one pool these are copies, not partners: who
    learns from them learns that nothing but a copy is a match.

    Returns:
        int32, shape (n,), -1 where a record stands in one table only; None where fewer than half of
        the smaller table's records are shared, or fewer than a hundred.
    """
    if not records.is_linkage:
        return None
    n_left = records.n_left
    at = pd.Index(records.ids[:n_left]).get_indexer(records.ids[n_left:])
    right = np.flatnonzero(at >= 0)
    left, right = at[right], n_left + right
    same = np.ones(len(left), bool)
    for name in records.kinds:
        column = records.table.column(name)
        one, other = column.take(pa.array(left)), column.take(pa.array(right))
        equal = pc.or_kleene(pc.equal(one, other), pc.and_(one.is_null(), other.is_null()))
        same &= equal.fill_null(False).to_numpy()
    left, right = left[same], right[same]
    if len(left) < max(_FEWEST, _MOST * min(n_left, records.n - n_left)):
        return None
    copy_of_row = np.full(records.n, -1, np.int32)
    copy_of_row[left], copy_of_row[right] = right, left
    return copy_of_row


def between_others(
    compared: ComparedPairs, copy_of_row: np.ndarray | None, sampler: RecordSampler
) -> ComparedPairs:
    """Pairs with few of a shared record and itself; all where none are shared."""
    if copy_of_row is None:
        return compared
    other = copy_of_row[compared.left] != compared.right
    return compared.part(other | sampler.draw(_COPIES)[compared.left])
