"""Merging: each cluster of a stricter definition becomes one row of a looser one.

The looser definition then compares less than half as many rows, and values that one record lacks or
has wrong are filled in from the others of its cluster (the merged or "golden" record of Benjelloun
et al., Swoosh, 2009).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from features.arrays.chunked import in_order
from features.arrays.numbering import number_values
from features.arrays.ordering import stable_order
from features.kinds import Kind
from features.text.cells import number_cells
from features.text.tokens import row_words
from linkage.variants.collapse_kernels import commonest
from linkage.variants.collapsed_records import CollapsedRecords

__all__ = ["can_merge", "merge_collapsed"]


def can_merge(collapsed: CollapsedRecords) -> bool:
    """Whether rows may be merged: there is one table, and no source repeats its texts.

    Where sources repeat texts for all variants, collapsing alone leaves few rows, and their exact
    texts are evidence that merging would lose.
    """
    return not collapsed.records.is_linkage and not collapsed.disciplined.any()


def merge_collapsed(
    collapsed: CollapsedRecords, labels: np.ndarray, threads: int = 1
) -> CollapsedRecords:
    """Collapsed records of which all that have records in one cluster are one row.

    The row has the most frequent known value of each attribute, and of texts, which seldom repeat,
    the one with the most words; among equals the first.

    Args:
        collapsed: rows of one table, of sources that do not repeat their texts.
        labels: cluster of each record under a stricter definition.
        threads: threads to use; the result does not depend on it.
    """
    records = collapsed.records
    number, standing = number_values(collapsed.starting_clusters(labels))
    number = number.astype(np.int64)
    rows = stable_order(number)
    start = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=len(standing)))])
    every = np.arange(records.n)

    def merged(name: str) -> pa.Array:
        values = records.values(name)
        if records.kinds[name] == Kind.TEXT or name == collapsed.main:
            length = row_words(values)[0].astype(np.int64)
            known = np.asarray(values.is_valid().to_numpy(zero_copy_only=False))
            code = np.where(known, every, -1)
        else:
            length = np.zeros(records.n, np.int64)
            code = number_cells(values).code.astype(np.int64)
        chosen = commonest(rows, start, code, length)
        return values.take(pa.array(chosen, mask=chosen < 0))

    columns = [column for _, column in in_order(merged, list(records.kinds), threads)]
    return replace(
        collapsed.regrouped(standing, number),
        records=replace(
            records,
            ids=records.ids[standing],
            table=pa.table(columns, names=list(records.kinds)),
            side=records.side[standing],
        ),
        row_of_record=number[collapsed.row_of_record],
        merged=True,
    )
