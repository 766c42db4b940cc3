"""Names of records and clusters in a result, and the order of its rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.records import Records

__all__ = ["catalog_order", "full_names", "smallest_members"]

_SIDES = np.array(["left", "right"], dtype=object)


def full_names(records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Ids (in a linkage with their source before them), and the place of each in their order."""
    ids = records.ids
    if records.is_linkage:
        ids = _SIDES[records.side] + ":" + ids
    order = pc.sort_indices(pa.array(ids, pa.string())).to_numpy()
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return ids, rank


def smallest_members(rank: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The member of each record's cluster that comes first in the order of ids, int[n]."""
    order = np.empty(len(rank), np.int64)
    order[rank] = np.arange(len(rank))
    first = np.full(int(labels.max(initial=-1)) + 1, len(rank), np.int64)
    np.minimum.at(first, labels, rank)
    return order[first][labels]


def catalog_order(records: Records, ids_in_order: Sequence[np.ndarray]) -> np.ndarray:
    """Row of each record of the catalogs, in their own order."""
    n_left = records.n_left
    order = pd.Index(records.ids[:n_left]).get_indexer(ids_in_order[0])
    if len(ids_in_order) > 1:
        right = pd.Index(records.ids[n_left:]).get_indexer(ids_in_order[1]) + n_left
        order = np.concatenate([order, right])
    return order
