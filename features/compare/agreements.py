"""Agreement of several sorts of facts at once, so that each record of a pair is read only once."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numba import njit

from features.arrays.prefetching import AT_ONCE, FAR, NEAR, fetch_terms, prefetch
from features.text.sets import SparseSets

__all__ = ["AgreementsFeatures"]

#: Terms of a sort that are compared without merging; `_agreements` is written for this number.
_FEW = 2
#: Quotients [part, whole] for all numbers of terms that two rows of at most `_FEW` can have; NaN
#: for none.
_RATIOS = np.full((_FEW + 1, 2 * _FEW + 1), np.nan, np.float32)
_RATIOS[:, 1:] = np.arange(_FEW + 1)[:, None] / np.arange(1, 2 * _FEW + 1)


class _Part(Protocol):
    """A feature group of one sort of facts: shared over the smaller set, and over the union."""

    @property
    def names(self) -> list[str]: ...

    @property
    def sets(self) -> SparseSets: ...

    @property
    def one_sided(self) -> bool: ...


@dataclass(frozen=True)
class _FactRows:
    """The facts of every row, of all sorts together.

    Attributes:
        first: the first terms of each sort, int32, shape (n, sorts * _FEW), -1 where there are
            fewer; a row seldom has more, so that one read of memory mostly gets all.
        counts: number of terms of each sort, shape (n, sorts).
        indptr: start of each row in ``ids``, int64, shape (n + 1,).
        ids: all terms, by row, then sort, ascending, int32.
    """

    first: np.ndarray
    counts: np.ndarray
    indptr: np.ndarray
    ids: np.ndarray

    @classmethod
    def of(cls, sets: Sequence[SparseSets], rows: np.ndarray) -> _FactRows:
        """The facts of some rows, in their order, from sets of which each is of one sort."""
        most = max(int(one.counts.max(initial=0)) for one in sets)
        small = most <= np.iinfo(np.uint16).max
        counts = np.empty((len(rows), len(sets)), np.uint16 if small else np.int64)
        indptr = np.zeros(len(rows) + 1, np.int64)
        for sort, one in enumerate(sets):
            counts[:, sort] = one.counts[rows]
            indptr[1:] += counts[:, sort]
        np.cumsum(indptr, out=indptr)
        ids = np.empty(indptr[-1], np.int32)
        first = np.full((len(rows), len(sets) * _FEW), -1, np.int32)
        cursor = indptr[:-1].copy()
        for sort, one in enumerate(sets):
            _append(one.indptr, one.ids, rows, sort, cursor, ids, first)
        return cls(first, counts, indptr, ids)


class AgreementsFeatures:
    """The features of several agreement groups, computed together.

    A row has few facts of each sort, so that one by one most time would go into fetching its terms
    from memory.

    Args:
        parts: at least one group, such as
            `features.compare.feature_groups.AgreementFeatures`.
    """

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.names = [name for part in parts for name in part.names]
        self._sets = [part.sets for part in parts]
        self._one_sided = np.array([part.one_sided for part in parts])

    @cached_property
    def _rows(self) -> _FactRows:
        return _FactRows.of(self._sets, np.arange(self._sets[0].n))

    def reordered(self, rows: np.ndarray) -> AgreementsFeatures:
        """The same features of pairs given by positions in another order of the records."""
        group = copy(self)
        group._rows, group._sets = _FactRows.of(self._sets, rows), []
        return group

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Features of pairs: float32, shape (m, 2 * sorts), NaN where a side has no facts."""
        out = np.empty((len(left), len(self.names)), np.float32)
        self.fill(left, right, out)
        return out

    def fill(self, left: np.ndarray, right: np.ndarray, out: np.ndarray) -> None:
        """Writes what :meth:`compare` returns into ``out``."""
        s = self._rows
        _agreements(s.first, s.counts, s.indptr, s.ids, self._one_sided, _RATIOS, left, right, out)


@njit(nogil=True, cache=True)
def _append(indptr, terms, rows, sort, cursor, ids, first):
    for place in range(len(rows)):
        if place + FAR < len(rows):
            fetch_terms(indptr, terms, rows, place)
        start = indptr[rows[place]]
        at = cursor[place]
        for k in range(indptr[rows[place] + 1] - start):
            ids[at] = terms[start + k]
            if k < _FEW:
                first[place, sort * _FEW + k] = terms[start + k]
            at += 1
        cursor[place] = at


@njit(nogil=True, cache=True)
def _shared(counts, indptr, ids, x, y, sort):
    """Terms of one sort that two rows share, by merging them."""
    i, j = indptr[x], indptr[y]
    for k in range(sort):
        i += np.int64(counts[x, k])
        j += np.int64(counts[y, k])
    i_stop, j_stop = i + np.int64(counts[x, sort]), j + np.int64(counts[y, sort])
    shared = 0
    while i < i_stop and j < j_stop:
        a, b = ids[i], ids[j]
        shared += a == b
        i += a <= b
        j += b <= a
    return shared


@njit(nogil=True, cache=True)
def _agreements(first, counts, indptr, ids, one_sided, ratios, left, right, out):
    for p in range(len(left)):
        if p + NEAR < len(right):
            row = np.int64(right[p + NEAR])
            prefetch(counts, row * counts.shape[1])
            prefetch(first, row * first.shape[1])
            prefetch(first, row * first.shape[1] + AT_ONCE)
        x, y = np.int64(left[p]), np.int64(right[p])
        for s in range(counts.shape[1]):
            m, n = np.int64(counts[x, s]), np.int64(counts[y, s])
            fewer = min(m, n)
            if max(m, n) <= _FEW:
                # Without a branch: which of the few terms are the same cannot be guessed.
                a, b = first[x, 2 * s], first[x, 2 * s + 1]
                c, d = first[y, 2 * s], first[y, 2 * s + 1]
                shared = np.int64((a >= 0) & ((a == c) | (a == d)))
                shared += np.int64((b >= 0) & ((b == c) | (b == d)))
                # Any term but 0 of one side alone is known to be not shared.
                alone = one_sided[s] & ((a > 0) | (b > 0) | (c > 0) | (d > 0))
                union = (m + n - shared) if (fewer > 0) | alone else 0
                out[p, 2 * s] = ratios[shared, fewer]
                out[p, 2 * s + 1] = ratios[shared, union]
            elif fewer == 0:
                out[p, 2 * s] = np.nan
                out[p, 2 * s + 1] = 0 if one_sided[s] else np.nan
            else:
                shared = _shared(counts, indptr, ids, x, y, s)
                out[p, 2 * s] = shared / fewer
                out[p, 2 * s + 1] = shared / (m + n - shared)
