"""Numbers of records in a state, and what became of each since the run before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.io.pair_ids import id_positions

__all__ = ["RecordKeys", "record_keys"]


@dataclass(frozen=True)
class RecordKeys:
    """Numbers of the records of a run, by the rows of its clusters.

    Attributes:
        record: int64[n], number of each row's record.
        position: int64[n], its position among the records known before, -1 where it is new.
        added: bool[n], whether the catalog had it not: it is new, or was deleted once.
        removed: int64[k], numbers of records that the catalog had and has no more.
    """

    record: np.ndarray
    position: np.ndarray
    added: np.ndarray
    removed: np.ndarray


def record_keys(
    ids: np.ndarray, side: np.ndarray, known: Mapping[str, np.ndarray], first_new: int
) -> RecordKeys:
    """Return the numbers of records: those they have, and new ones in the order of their ids.

    Args:
        ids: object[n], ids as text.
        side: int[n], table of each.
        known: ``record, side, id, retired`` of the records of the state, or of the part of it that
            the run covers.
        first_new: number of the first new record.
    """
    position = np.full(len(ids), -1, np.int64)
    for one in np.unique(side):
        own, here = np.flatnonzero(known["side"] == one), np.flatnonzero(side == one)
        found = id_positions(ids[here], known["id"][own])
        position[here] = np.where(found >= 0, own[found] if len(own) else -1, -1)
    new = np.flatnonzero(position < 0)
    keys = {"side": pa.array(side[new]), "id": pa.array(ids[new], pa.string())}
    by_id = [(name, "ascending") for name in keys]
    order = pc.sort_indices(pa.table(keys), sort_keys=by_id).to_numpy()
    record = np.full(len(ids), -1, np.int64)
    record[new[order]] = first_new + np.arange(len(new))
    old = position >= 0
    record[old] = known["record"][position[old]]
    added = ~old
    added[old] = known["retired"][position[old]]
    gone = ~known["retired"]
    gone[position[old]] = False
    return RecordKeys(record, position, added, known["record"][gone])
