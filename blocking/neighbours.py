"""Nearest neighbours of every record by cosine of sparse sets of terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from blocking.nearest_kernels import write_nearest
from features.arrays.chunked import in_order
from features.arrays.ordering import stable_order
from features.prepare import PreparedRecords
from features.text.sets import SparseSets

__all__ = ["Neighbours", "sparse_neighbours", "sparse_spaces"]

#: Terms in a larger share of the rows than this are ignored; on words 5 % loses no match.
COMMON_SHARE = 0.05
#: ... but a term in at most so many rows is never ignored for that.
COMMON_ROWS = 100
#: Mean number of products a record; the commonest terms are ignored until the join needs no more.
PRODUCTS_A_RECORD = 6_000
#: Rows of one job.
_ROWS = 1024


@dataclass(frozen=True)
class Neighbours:
    """The k nearest neighbours of every record in one space.

    In a linkage the neighbours of a row are rows of the other table, otherwise other rows of the
    same table.

    Attributes:
        name: name of the space.
        index: rows by falling similarity, int32, shape (n, k), -1 where there is none.
        similarity: float32, shape (n, k), 0 where there is none.
    """

    name: str
    index: np.ndarray
    similarity: np.ndarray

    @property
    def k(self) -> int:
        """Neighbours listed a record."""
        return self.index.shape[1]


def sparse_spaces(records: PreparedRecords) -> dict[str, SparseSets]:
    """The sparse similarity spaces of a catalog, by name."""
    spaces = {"words": records.words, "characters": records.grams}
    main = records.attributes[records.main] if records.main else None
    if main is not None and main.words is not None and main.grams is not None:
        spaces["main words"] = main.words
        spaces["main characters"] = main.grams
    return spaces


def sparse_neighbours(
    name: str, sets: SparseSets, side: np.ndarray, k: int, *, threads: int = 1
) -> Neighbours:
    """Top-k cosine neighbours by a sparse matrix product; equal cosines go by row.

    Args:
        name: name of the space.
        sets: weighted sets of all rows.
        side: 0 or 1 a row; neighbours are looked for across sides where both occur.
        k: neighbours to list.
        threads: threads of the product; the result does not depend on it.
    """
    matrix = _without_common_terms(sets, side)
    n_left = int(np.count_nonzero(side == 0))
    if n_left == len(side):
        return Neighbours(name, *_nearest(matrix, matrix, k, threads))
    left, right = matrix[:n_left], matrix[n_left:]
    index, similarity = _nearest(left, right, k, threads)
    back, back_similarity = _nearest(right, left, k, threads)
    index = np.where(index >= 0, index + n_left, -1)
    return Neighbours(
        name,
        np.vstack([index, back]).astype(np.int32),
        np.vstack([similarity, back_similarity]),
    )


def _without_common_terms(sets: SparseSets, side: np.ndarray) -> sparse.csr_matrix:
    """The normalised matrix with only the terms that both sides share and that are rare enough."""
    frequency = np.bincount(sets.ids, minlength=sets.terms)
    rows = np.repeat(np.arange(sets.n), sets.counts)
    if side.any():
        right = np.bincount(sets.ids[side[rows] == 1], minlength=sets.terms)
        left = frequency - right
        products = left * right
    else:
        products = frequency * (frequency - 1)
    joined = np.flatnonzero(products > 0)
    order = joined[stable_order(frequency[joined])]
    within = np.cumsum(products[order]) <= PRODUCTS_A_RECORD * sets.n
    within |= frequency[order] <= 2
    within &= frequency[order] <= max(COMMON_ROWS, COMMON_SHARE * sets.n)
    column = np.full(sets.terms, -1, np.int32)
    column[order[within]] = np.arange(int(within.sum()), dtype=np.int32)
    kept = (column[sets.ids] >= 0) & (sets.weights > 0)
    data = sets.weights / np.repeat(np.maximum(sets.norms, 1e-9), sets.counts)
    return sparse.csr_matrix(
        (data[kept].astype(np.float32), (rows[kept], column[sets.ids[kept]])),
        shape=(sets.n, int(within.sum())),
    )


def _nearest(
    a: sparse.csr_matrix, b: sparse.csr_matrix, k: int, threads: int
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of b that have the largest dot products with each row of a, and these, at most 1."""
    terms = b.T.tocsr()
    index = np.full((a.shape[0], k), -1, np.int32)
    similarity = np.zeros((a.shape[0], k), np.float32)

    def write(first: int) -> None:
        write_nearest(
            *_csr_arrays(a), *_csr_arrays(terms), b.shape[0],
            first, min(first + _ROWS, len(index)), a is b, index, similarity,
        )  # fmt: skip

    for _ in in_order(write, range(0, len(index), _ROWS), threads):
        pass
    return index, np.minimum(similarity, 1.0)


def _csr_arrays(matrix: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts, columns and values of the rows, of the same types whatever the size."""
    starts = matrix.indptr.astype(np.int64, copy=False)
    return starts, matrix.indices.astype(np.int32, copy=False), matrix.data
