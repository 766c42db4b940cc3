"""Sparse spaces of terms: which terms count, and their weights (tf-idf)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from linkage.classify.record_terms import Terms

__all__ = ["TermSpace"]

#: Rows that must have a term; one of a single row tells nothing of another row.
_FEWEST_ROWS = 2
#: Most terms of a space. The weights of a linear model are terms x classes.
_MOST_TERMS = 200_000
#: Most weights of a linear model: 128 MiB of float32, of which training holds one a fold.
_MOST_WEIGHTS = 1 << 25


@dataclass(frozen=True, eq=False)
class TermSpace:
    """The terms that count, in the order of their keys.

    Attributes:
        keys: Ascending, uint64, shape (terms,).
        idf: Weight of each, float32.
        attribute: Position of each one's attribute in ``names``, int32.
        names: The attributes.

    """

    keys: np.ndarray
    idf: np.ndarray
    attribute: np.ndarray
    names: tuple[str, ...]

    @classmethod
    def learned(cls, terms: Iterable[Terms], names: Iterable[str], classes: int) -> TermSpace:
        """Choose the terms of training rows: the most frequent ones that two rows have.

        Args:
            terms: Of each attribute.
            names: The attributes.
            classes: How many the model will tell apart, which bounds the number of terms.

        """
        names = tuple(names)
        keys, counts, owners = [], [], []
        rows = 0
        for part in terms:
            rows = len(part.indptr) - 1
            row = np.repeat(np.arange(rows), np.diff(part.indptr))
            distinct = np.unique(np.stack([part.keys, row.astype(np.uint64)]), axis=1)[0]
            found, count = np.unique(distinct, return_counts=True)
            keys.append(found)
            counts.append(count)
            owners.append(np.full(len(found), names.index(part.attribute), np.int32))
        every, count = np.concatenate(keys), np.concatenate(counts)
        owner = np.concatenate(owners)
        kept = np.flatnonzero(count >= min(_FEWEST_ROWS, rows))
        most = min(_MOST_TERMS, _MOST_WEIGHTS // max(classes, 1))
        if len(kept) > most:
            kept = kept[np.lexsort([every[kept], -count[kept]])[:most]]
        kept = kept[np.argsort(every[kept], kind="stable")]
        idf = 1 + np.log((1 + rows) / (1 + count[kept]))
        return cls(every[kept], idf.astype(np.float32), owner[kept], names)

    def __len__(self) -> int:
        return len(self.keys)

    def matrix(self, terms: Iterable[Terms], rows: int) -> sparse.csr_array:
        """Return the weights of the rows' terms, float32, shape (rows, terms).

        Each attribute's part of a row has unit length, so that a long description does not drown
        a category.
        """
        parts = []
        for part in terms:
            row = np.repeat(np.arange(rows), np.diff(part.indptr))
            at = np.minimum(np.searchsorted(self.keys, part.keys), max(len(self) - 1, 0))
            known = self.keys[at] == part.keys if len(self) else np.zeros(len(at), bool)
            ones = np.ones(int(known.sum()), np.float32)
            block = sparse.csr_array(
                (ones, (row[known], at[known])), shape=(rows, len(self)), dtype=np.float32
            )
            block.sum_duplicates()
            block.data = (1 + np.log(block.data)) * self.idf[block.indices]
            norms = np.sqrt(np.asarray(block.multiply(block).sum(axis=1))).ravel()
            block.data /= np.repeat(np.maximum(norms, 1e-9), np.diff(block.indptr)).astype(
                np.float32
            )
            parts.append(block)
        whole = parts[0]
        for block in parts[1:]:
            whole = whole + block
        return sparse.csr_array(whole)
