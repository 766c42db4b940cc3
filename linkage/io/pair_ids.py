"""Rows of the records that label and pair files name by id; unknown ids are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.records import Records
from linkage.errors import LabelError, shorten

__all__ = [
    "check_pair_ids",
    "id_positions",
    "refuse_unknown_ids",
    "rows_of_pairs",
    "shown_ids",
]

#: How many of the ids at fault a message names.
_SHOWN = 5


def check_pair_ids(
    pairs: pd.DataFrame,
    left_ids: np.ndarray,
    right_ids: np.ndarray | None = None,
    *,
    where: str = "pairs",
) -> None:
    """Refuse pairs that name records which do not exist, or a record with itself.

    Args:
        pairs: With columns ``left_id`` and ``right_id``.
        left_ids: The ids of the left table, or of the only one.
        right_ids: The ids of the right table; None if there is only one.
        where: What messages call the pairs.

    Raises:
        LabelError: With how many, the first few, and where they are.

    """
    refuse_unknown_ids(
        pairs["left_id"].to_numpy(), pairs["right_id"].to_numpy(), left_ids, right_ids, where
    )


def rows_of_pairs(pairs: pd.DataFrame, records: Records) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the two records of each pair.

    Args:
        pairs: m rows with columns ``left_id`` and ``right_id``.
        records: The records.

    Returns:
        Two int32 arrays of m row positions.

    Raises:
        LabelError: If an id does not exist, or a record is paired with itself.

    """
    left, right = records.rows_of(0), records.rows_of(1 if records.is_linkage else 0)
    left_ids, right_ids = records.ids[left], records.ids[right]
    check_pair_ids(pairs, left_ids, right_ids if records.is_linkage else None)
    a = pd.Index(left_ids).get_indexer(pairs["left_id"].astype(str)) + left.start
    b = pd.Index(right_ids).get_indexer(pairs["right_id"].astype(str)) + right.start
    return a.astype(np.int32), b.astype(np.int32)


def refuse_unknown_ids(
    left: np.ndarray,
    right: np.ndarray,
    left_ids: np.ndarray,
    right_ids: np.ndarray | None,
    where: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of both ids of each pair; refuse ids that do not exist.

    Args:
        left: The left ids of pairs.
        right: The right ids of pairs.
        left_ids: The ids of the left table, or of the only one.
        right_ids: The ids of the right table; None if there is only one.
        where: What messages call the pairs.

    Returns:
        Two int64 arrays: positions in ``left_ids``, and in ``right_ids`` (or ``left_ids``).

    Raises:
        LabelError: If an id does not exist, or a record is paired with itself.

    """
    other_ids = left_ids if right_ids is None else right_ids
    found_left, found_right = id_positions(left, left_ids), id_positions(right, other_ids)
    faults = []
    for column, ids, found, table, other in (
        ("left_id", left, found_left, "left table", other_ids),
        ("right_id", right, found_right, "right table", left_ids),
    ):
        rows = np.flatnonzero(found < 0)
        if not len(rows):
            continue
        table = "catalog" if right_ids is None else table
        text = f"{len(rows):,} values of column '{column}' are no ids of the {table}: "
        text += shown_ids(ids, rows)
        if right_ids is not None:
            swapped = int(np.count_nonzero(id_positions(ids[rows], other) >= 0))
            if swapped:
                text += f" ({swapped:,} of them are ids of the other table)"
        faults.append(text)
    if faults:
        raise LabelError(
            f"{where}: {'; '.join(faults)}.",
            hint="Were the ids read from the same version of the catalog, and from the column "
            "that --id names?",
        )
    if right_ids is None:
        rows = np.flatnonzero(found_left == found_right)
        if len(rows):
            raise LabelError(
                f"{where}: {len(rows):,} pairs are of a record with itself: "
                f"{shown_ids(left, rows)}.",
                hint="Remove them.",
            )
    return found_left, found_right


def id_positions(ids: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Return the position of each of m ids in an array of unique ids, int64; -1 if not there."""
    positions: np.ndarray = pd.Index(among, dtype=object).get_indexer(pd.Index(ids, dtype=object))
    return positions.astype(np.int64)


def shown_ids(ids: np.ndarray, rows: np.ndarray) -> str:
    """Return the first few of the ids at given rows, with their row numbers, for a message."""
    text = ", ".join(f"{shorten(ids[row], 30)} (row {row + 1:,})" for row in rows[:_SHOWN])
    return text + (", ..." if len(rows) > _SHOWN else "")
