"""Nearest neighbours of every record by cosine of sparse sets of terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

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
    """Top-k cosine neighbours by a sparse matrix product.

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
        index, similarity = _top(matrix, matrix, k + 1, threads)
        index, similarity = _without_self(index, similarity)
        return Neighbours(name, index, similarity)
    left, right = matrix[:n_left], matrix[n_left:]
    index, similarity = _top(left, right, k, threads)
    back, back_similarity = _top(right, left, k, threads)
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
    kept = column[sets.ids] >= 0
    data = sets.weights / np.repeat(np.maximum(sets.norms, 1e-9), sets.counts)
    return sparse.csr_matrix(
        (data[kept].astype(np.float32), (rows[kept], column[sets.ids[kept]])),
        shape=(sets.n, int(within.sum())),
    )


def _top(
    a: sparse.csr_matrix, b: sparse.csr_matrix, k: int, threads: int
) -> tuple[np.ndarray, np.ndarray]:
    from sparse_dot_topn import sp_matmul_topn

    top = max(1, min(k, b.shape[0]))
    product = sp_matmul_topn(a, b.T.tocsr(), top_n=top, sort=True, n_threads=threads)
    index = np.full((a.shape[0], k), -1, np.int32)
    similarity = np.zeros((a.shape[0], k), np.float32)
    counts = np.diff(product.indptr)
    rows = np.repeat(np.arange(a.shape[0]), counts)
    place = np.arange(len(product.indices)) - np.repeat(product.indptr[:-1], counts)
    # Ties go by row, so that the lists do not depend on the order of sparse_dot_topn.
    order = np.lexsort((product.indices, -product.data, rows))
    index[rows, place] = product.indices[order]
    similarity[rows, place] = np.minimum(product.data[order], 1.0)
    return index, similarity


def _without_self(index: np.ndarray, similarity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Removes each row from its own list."""
    own = index == np.arange(len(index), dtype=np.int32)[:, None]
    missing = ~own.any(axis=1)
    own[missing, -1] = True
    keep = ~own
    shape = (len(index), index.shape[1] - 1)
    return index[keep].reshape(shape), similarity[keep].reshape(shape)
