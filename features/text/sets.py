"""Sets of terms of every record as sparse rows, weighted by inverse document frequency (idf).

A weight is called a term's rarity: its idf scaled to (0, 1].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy import sparse

from features.arrays.prefetching import FAR, NEAR, fetch_terms, prefetch
from features.arrays.rows import row_starts

__all__ = [
    "GRAM_SPACE",
    "SparseSets",
    "character_grams",
    "distinct_row",
    "merge_rows",
    "plain_sets",
    "rarity",
    "sparse_sets",
    "stack_sets",
]

#: Character n-grams are hashed into this many terms; four million keep collisions rare for any
#: catalog we can hold.
GRAM_SPACE = 1 << 22
#: Rows up to this long are sorted by insertion, which needs no memory of its own.
_SHORT_ROW = 32


@dataclass(frozen=True)
class SparseSets:
    """The set of terms of every record, as a compressed sparse row (CSR) matrix.

    Attributes:
        indptr: start of each row, int64, shape (n + 1,).
        ids: term numbers, ascending and distinct within a row, int32.
        weights: rarity of each term in (0, 1], float32; 1 is a term of a single row.
        sums: sum of weights a row, float32, shape (n,).
        norms: Euclidean norm of weights a row, float32, shape (n,).
        terms: size of the term space.
    """

    indptr: np.ndarray
    ids: np.ndarray
    weights: np.ndarray
    sums: np.ndarray
    norms: np.ndarray
    terms: int

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1

    @property
    def counts(self) -> np.ndarray:
        """Number of terms a row."""
        return np.diff(self.indptr)

    def at(self, rows: np.ndarray) -> SparseSets:
        """The sets of some rows, in the order given."""
        indptr = row_starts(self.counts[rows])
        ids, weights = np.empty(indptr[-1], np.int32), np.empty(indptr[-1], np.float32)
        _take_rows(self.indptr, self.ids, self.weights, rows, indptr, ids, weights)
        return SparseSets(indptr, ids, weights, self.sums[rows], self.norms[rows], self.terms)

    def bare(self) -> SparseSets:
        """The same sets without weights, for measures that only count terms."""
        nothing = np.zeros(0, np.float32)
        return SparseSets(self.indptr, self.ids, nothing, nothing, nothing, self.terms)

    def matrix(self, *, normalised: bool = True) -> sparse.csr_array:
        """The sets as a sparse matrix of weights, rows of unit length when ``normalised``."""
        data = self.weights
        if normalised:
            data = data / np.repeat(np.maximum(self.norms, 1e-12), self.counts)
        return sparse.csr_array(
            (data.astype(np.float32), self.ids, self.indptr), shape=(self.n, self.terms)
        )


def rarity(frequencies: np.ndarray, documents: int) -> np.ndarray:
    """Inverse document frequency scaled to (0, 1]: log(1 + N / df) / log(1 + N).

    Args:
        frequencies: rows that hold each term; 0 (never seen) counts as 1.
        documents: number of rows; N is the nearest power of the fourth root of 2.
    """
    number = _coarse(documents)
    ratio = number / np.maximum(frequencies, 1)
    return (np.log1p(ratio) / np.log1p(number)).astype(np.float32)


def _coarse(documents: int) -> float:
    """Return the nearest power of the fourth root of 2: a row more seldom changes a weight."""
    return float(2 ** (np.round(4 * np.log2(max(documents, 1))) / 4))


def sparse_sets(
    indptr: np.ndarray,
    ids: np.ndarray,
    terms: int,
    weigh: Callable[[np.ndarray], np.ndarray] | None = None,
) -> SparseSets:
    """Builds sets from occurrences of terms.

    Args:
        indptr: start of each row in ``ids``.
        ids: term numbers in any order, repeats allowed.
        terms: size of the term space.
        weigh: gives the weight of each of the distinct terms of all rows; by default all weigh one.
    """
    out_indptr = np.zeros(len(indptr), np.int64)
    out = ids.astype(np.int32, copy=True)
    used = _distinct_rows(indptr, out, out_indptr)
    out = out[:used].copy()
    weights = (
        np.ones(used, np.float32) if weigh is None else weigh(out).astype(np.float32, copy=False)
    )
    sums, norms = _row_sums(out_indptr, weights)
    return SparseSets(out_indptr, out, weights, sums, norms, terms)


def plain_sets(indptr: np.ndarray, ids: np.ndarray, terms: int) -> SparseSets:
    """Builds sets of weight one from terms that are distinct and ascending within each row.

    Args:
        indptr: start of each row in ``ids``.
        ids: term numbers; those past the last row are left out.
        terms: size of the term space.
    """
    weights = np.ones(indptr[-1], np.float32)
    sums, norms = _row_sums(indptr, weights)
    return SparseSets(indptr, ids[: indptr[-1]].copy(), weights, sums, norms, terms)


def stack_sets(pieces: list[SparseSets]) -> SparseSets:
    """The rows of several sets over the same terms, one after the other; at least one piece."""
    base = np.cumsum([0, *(len(piece.ids) for piece in pieces)])
    starts = [piece.indptr[:-1] + at for piece, at in zip(pieces, base, strict=False)]

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(piece, name) for piece in pieces])

    return SparseSets(
        indptr=np.concatenate([*starts, base[-1:]]),
        ids=joined("ids"),
        weights=joined("weights"),
        sums=joined("sums"),
        norms=joined("norms"),
        terms=max(piece.terms for piece in pieces),
    )


def merge_rows(pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Joins several row-wise arrays ``(indptr, values)`` of the same rows, row by row."""
    indptr = np.zeros_like(pieces[0][0])
    for piece_indptr, _ in pieces:
        indptr = indptr + piece_indptr
    out = np.zeros(indptr[-1], pieces[0][1].dtype)
    cursor = indptr[:-1].copy()
    for piece_indptr, values in pieces:
        _append_rows(piece_indptr, values, cursor, out)
    return indptr, out


def character_grams(
    text: np.ndarray, offsets: np.ndarray, size: int, *, spaces: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Hashed character n-grams of clean text.

    Args:
        text: bytes of all rows.
        offsets: start of each row.
        size: bytes of a gram; a shorter text is one gram.
        spaces: whether grams keep the spaces between tokens (the text then gets one at each end);
            squashed otherwise.

    Returns:
        ``indptr`` and gram numbers below ``GRAM_SPACE``, repeats included.
    """
    indptr = np.zeros(len(offsets), np.int64)
    _grams(text, offsets, size, spaces, False, indptr, np.zeros(0, np.int32))
    out = np.zeros(indptr[-1], np.int32)
    _grams(text, offsets, size, spaces, True, indptr, out)
    return indptr, out


@njit(nogil=True, cache=True)
def gram_number(buffer, start, size):
    """Number of the gram at ``start`` of a byte buffer."""
    value = np.uint64(14695981039346656037)
    for k in range(start, start + size):
        value = (value ^ np.uint64(buffer[k])) * np.uint64(1099511628211)
    value ^= value >> np.uint64(33)
    return np.int32(value & np.uint64((1 << 22) - 1))


@njit(nogil=True, cache=True)
def _grams(text, offsets, size, spaces, write, indptr, out):
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    buffer = np.zeros(longest + 2, np.uint8)
    total = 0
    for row in range(len(offsets) - 1):
        length = 0
        if offsets[row + 1] > offsets[row]:
            if spaces:
                buffer[0] = 32
                length = 1
            for k in range(offsets[row], offsets[row + 1]):
                if text[k] != 32 or spaces:
                    buffer[length] = text[k]
                    length += 1
            if spaces:
                buffer[length] = 32
                length += 1
        if length > 0:
            count = max(1, length - size + 1)
            if write:
                for k in range(count):
                    out[total + k] = gram_number(buffer, k, min(size, length))
            total += count
        indptr[row + 1] = total


@njit(nogil=True, cache=True)
def distinct_row(ids, start, stop):
    """Sorts some of the ids and takes out what repeats; returns where what is left ends."""
    if stop - start > _SHORT_ROW:
        ids[start:stop].sort()
    else:
        for k in range(start + 1, stop):
            value = ids[k]
            at = k
            while at > start and ids[at - 1] > value:
                ids[at] = ids[at - 1]
                at -= 1
            ids[at] = value
    used = start
    for k in range(start, stop):
        if k == start or ids[k] != ids[used - 1]:
            ids[used] = ids[k]
            used += 1
    return used


@njit(nogil=True, cache=True)
def _distinct_rows(indptr, ids, out_indptr):
    used = 0
    for row in range(len(indptr) - 1):
        start = indptr[row]
        size = distinct_row(ids, start, indptr[row + 1]) - start
        if start > used:
            for k in range(size):
                ids[used + k] = ids[start + k]
        used += size
        out_indptr[row + 1] = used
    return used


@njit(nogil=True, cache=True)
def _row_sums(indptr, weights):
    n = len(indptr) - 1
    sums, norms = np.zeros(n, np.float32), np.zeros(n, np.float32)
    for row in range(n):
        total, squares = 0.0, 0.0
        for k in range(indptr[row], indptr[row + 1]):
            total += weights[k]
            squares += weights[k] * weights[k]
        sums[row] = total
        norms[row] = np.sqrt(squares)
    return sums, norms


@njit(nogil=True, cache=True)
def _append_rows(indptr, values, cursor, out):
    for row in range(len(indptr) - 1):
        at = cursor[row]
        for k in range(indptr[row], indptr[row + 1]):
            out[at] = values[k]
            at += 1
        cursor[row] = at


@njit(nogil=True, cache=True)
def _take_rows(indptr, ids, weights, rows, out_indptr, out_ids, out_weights):
    for place in range(len(rows)):
        if place + FAR < len(rows):
            fetch_terms(indptr, ids, rows, place)
            prefetch(weights, indptr[rows[place + NEAR]])
        start, at = indptr[rows[place]], out_indptr[place]
        for k in range(out_indptr[place + 1] - at):
            out_ids[at + k] = ids[start + k]
            out_weights[at + k] = weights[start + k]
