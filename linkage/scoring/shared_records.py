"""Shared records: records that are in both tables, which are then samples of one pool."""

from __future__ import annotations

import numpy as np

from features.records import Records
from linkage.scoring.compared_pairs import ComparedPairs
from linkage.scoring.content import equal_rows
from linkage.scoring.sampling import RecordSampler

__all__ = ["between_others", "shared_records"]

#: Share of the smaller table's records that must be shared for the tables to be one pool.
_MOST = 0.5
#: Shared records that there must be: fewer may be matches that happen to be equal.
_FEWEST = 100
#: Share of the pairs of copies that are learned from; without any, a model would reject copies.
_COPIES = 0.1


def shared_records(records: Records) -> np.ndarray | None:
    """The row of each record's copy in the other table, where two tables share most records.

    A record is shared if both tables hold one with the same values of all compared attributes,
    whatever its id. A model that learns from pairs of copies learns that only equal records match,
    so that most of them are left out (`between_others`).

    Returns:
        int32, shape (n,), -1 where a record is in one table only; None where fewer than half of
        the smaller table's records are shared, or fewer than a hundred.
    """
    if not records.is_linkage:
        return None
    n_left = records.n_left
    equal = equal_rows(records)
    if equal is None:
        return None
    content = np.where(equal.group < 0, -1 - np.arange(records.n), equal.group)
    _, left, right = np.intersect1d(content[:n_left], content[n_left:], return_indices=True)
    right = n_left + right
    if len(left) < max(_FEWEST, _MOST * min(n_left, records.n - n_left)):
        return None
    copy_of_row = np.full(records.n, -1, np.int32)
    copy_of_row[left], copy_of_row[right] = right, left
    return copy_of_row


def between_others(
    compared: ComparedPairs, copy_of_row: np.ndarray | None, sampler: RecordSampler
) -> ComparedPairs:
    """Compared pairs without most pairs of a shared record and its copy.

    Args:
        compared: the pairs.
        copy_of_row: see `shared_records`; None where no records are shared.
        sampler: draws the copies that stay.
    """
    if copy_of_row is None:
        return compared
    other = copy_of_row[compared.left] != compared.right
    return compared.part(other | sampler.draw(_COPIES)[compared.left])
