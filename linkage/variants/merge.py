"""Merged forms: the records that a stricter definition takes as one thing, as one form.

A looser definition asks which things are one product, not which records: its candidates, scores and
clusters are then of less than half as many rows. What single records leave out or get wrong, the
others of a thing know (the merged or "golden" record of Benjelloun et al., Swoosh, 2009).
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
    """Whether forms of one thing may be merged: of one table, and no source repeats its texts.

    Where sources repeat them for all variants, forms are few as it is, and say more apart.
    """
    return not collapsed.records.is_linkage and not collapsed.disciplined.any()


def merge_collapsed(
    collapsed: CollapsedRecords, labels: np.ndarray, threads: int = 1
) -> CollapsedRecords:
    """Makes one form of all the forms whose records are in one cluster.

    Of each attribute it has the commonest value that is known, of texts, which seldom repeat, the
    one of the most words; of equal ones the first.

    Args:
        grouping: forms of one table, of sources that do not repeat their texts.
        labels: cluster of each record under a stricter definition.
        threads: threads to use; the result does not depend on it.
    """
    forms = collapsed.records
    number, standing = number_values(collapsed.starting_clusters(labels))
    number = number.astype(np.int64)
    rows = stable_order(number)
    start = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=len(standing)))])
    every = np.arange(forms.n)

    def merged(name: str) -> pa.Array:
        values = forms.values(name)
        if forms.kinds[name] == Kind.TEXT or name == collapsed.main:
            length = row_words(values)[0].astype(np.int64)
            known = np.asarray(values.is_valid().to_numpy(zero_copy_only=False))
            code = np.where(known, every, -1)
        else:
            length = np.zeros(forms.n, np.int64)
            code = number_cells(values).code.astype(np.int64)
        chosen = commonest(rows, start, code, length)
        return values.take(pa.array(chosen, mask=chosen < 0))

    columns = [column for _, column in in_order(merged, list(forms.kinds), threads)]
    return replace(
        collapsed.regrouped(standing, number),
        records=replace(
            forms,
            ids=forms.ids[standing],
            table=pa.table(columns, names=list(forms.kinds)),
            side=forms.side[standing],
        ),
        row_of_record=number[collapsed.row_of_record],
        merged=True,
    )
