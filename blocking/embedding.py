"""Nearest neighbours by embedding: exact search for small tables, inverted lists for large ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from blocking.vector_search import (
    RECALL_TARGET,
    SearchPlan,
    faiss_threads,
    score_found,
    search_engine,
)
from features.arrays.numbering import number_hashes
from features.arrays.ordering import stable_order
from features.arrays.rows import row_starts

__all__ = ["NearestRows", "search_nearest"]

#: Distinct vectors up to which all are compared with all: some ten seconds on two cores at this
#: size.
EXACT_ROWS = 50_000
#: Further neighbours fetched and scored again, since the order in which faiss returns near ties
#: depends on its batches.
_MARGIN = 8
#: Queries handed to the library at a time.
_CHUNK = 8_192


@dataclass(frozen=True)
class NearestRows:
    """The nearest rows of every row.

    Attributes:
        index: rows by falling similarity, ties by lower row, int32, shape (n, k), -1 where there is
            none.
        similarity: cosine, float32, shape (n, k), 0 where there is none.
        plans: one for each table searched in.
    """

    index: np.ndarray
    similarity: np.ndarray
    plans: tuple[SearchPlan, ...]


def search_nearest(
    vectors: np.ndarray,
    side: np.ndarray,
    k: int,
    *,
    threads: int = 1,
    recall: float = RECALL_TARGET,
    exact_rows: int = EXACT_ROWS,
    progress: Callable[[float], None] | None = None,
) -> NearestRows:
    """Finds the k nearest rows of every row by cosine.

    Equal vectors are searched for once. Tables of more than ``exact_rows`` distinct vectors are
    searched by inverted lists (Jegou et al., 2011), with the fewest probes that reach ``recall``.

    Args:
        vectors: unit rows, float32, shape (n, d); zero rows have no neighbours and are nobody's.
        side: 0 or 1 a row; where both occur, neighbours are rows of the other side, otherwise other
            rows.
        k: neighbours a row.
        threads: threads to search with; the result of exact search does not depend on it.
        recall: share of the true neighbours to find, in (0, 1].
        exact_rows: distinct vectors up to which search is exact.
        progress: called with the share of the work that is done.

    Raises:
        ValueError: shapes that do not fit, values that are not finite, k or recall out of range.
    """
    vectors = np.ascontiguousarray(vectors, np.float32)
    side = np.asarray(side)
    if vectors.ndim != 2 or len(vectors) != len(side):
        raise ValueError(f"vectors of shape {vectors.shape} for {len(side)} rows")
    if k < 1 or not 0 < recall <= 1:
        raise ValueError(f"k must be at least 1 and recall in (0, 1], not {k} and {recall}")
    squares = np.einsum("ij,ij->i", vectors, vectors)
    if not np.isfinite(squares).all():
        raise ValueError("vectors hold values that are not finite")
    index = np.full((len(vectors), k), -1, np.int32)
    similarity = np.zeros((len(vectors), k), np.float32)
    used = np.flatnonzero(squares > 0)
    tables = [(used, used)]
    if np.any(side == 1):
        tables = [(used[side[used] == s], used[side[used] != s]) for s in (0, 1)]
    plans = []
    for number, (queries, targets) in enumerate(tables):
        if not len(queries) or not len(targets):
            continue
        share = (
            (lambda f, number=number: progress((number + f) / len(tables))) if progress else None
        )
        plans.append(
            _search(
                vectors, queries, targets, recall, exact_rows, threads, index, similarity, share
            )
        )
    return NearestRows(index, similarity, tuple(plans))


def _search(
    vectors, queries, targets, recall, exact_rows, threads, index, similarity, progress
) -> SearchPlan:
    """Fills the lists of the query rows with target rows."""
    asking, question = _distinct(vectors, queries)
    if targets is queries:
        answers, member = asking, question
    else:
        answers, member = _distinct(vectors, targets)
    own = targets is queries
    # Rows of every distinct target vector, ascending.
    order = stable_order(member)
    indptr = row_starts(np.bincount(member, minlength=len(answers)))
    rows = targets[order].astype(np.int32)
    base = vectors[answers]
    ask_order = stable_order(question)
    ask_indptr = row_starts(np.bincount(question, minlength=len(asking)))
    ask_rows = queries[ask_order].astype(np.int32)
    k = index.shape[1]
    with faiss_threads(threads) as faiss:
        engine, plan = search_engine(
            faiss, base, vectors[asking], k + own, recall, exact_rows, threads
        )
        wanted = min(plan.depth or k + own + _MARGIN, len(base))
        for start in range(0, len(asking), _CHUNK):
            stop = min(start + _CHUNK, len(asking))
            chunk = vectors[asking[start:stop]]
            _, found = engine.search(chunk, wanted)
            scores = score_found(chunk, base, found)
            _expand(
                found, scores, start if own else -1, indptr, rows,
                ask_indptr[start : stop + 1], ask_rows, index, similarity,
            )  # fmt: skip
            if progress is not None:
                progress(stop / len(asking))
    return plan


def _distinct(vectors: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First row of each distinct vector, and the number of each row's vector."""
    hashes = np.zeros(len(rows), np.uint64)
    _hash_rows(vectors.view(np.uint32), rows, hashes)
    numbers, first = number_hashes(hashes)
    return rows[first], numbers


@njit(nogil=True, cache=True)
def _hash_rows(bits, rows, out):
    for i in range(len(rows)):
        value = np.uint64(14695981039346656037)
        for d in range(bits.shape[1]):
            value = (value ^ np.uint64(bits[rows[i], d])) * np.uint64(1099511628211)
            value ^= value >> np.uint64(32)
        out[i] = value


@njit(nogil=True, cache=True)
def _expand(found, scores, own_start, indptr, rows, ask_indptr, ask_rows, index, similarity):
    """Turns distinct targets into rows: best first, ties by lower row, no row with itself."""
    k = index.shape[1]
    for i in range(found.shape[0]):
        own = own_start + i if own_start >= 0 else -1
        order = np.argsort(-scores[i])
        for a in range(ask_indptr[i], ask_indptr[i + 1]):
            row = ask_rows[a]
            count = 0
            for j in range(-1, len(order)):
                if j < 0:
                    if own < 0:
                        continue
                    target, score = own, np.float32(1)
                else:
                    target, score = found[i, order[j]], min(scores[i, order[j]], np.float32(1))
                    if target < 0 or target == own:
                        continue
                if count == k and score < similarity[row, k - 1]:
                    break
                for m in range(indptr[target], indptr[target + 1]):
                    other = rows[m]
                    if other == row:
                        continue
                    place = count
                    while place > 0 and (
                        similarity[row, place - 1] < score
                        or (similarity[row, place - 1] == score and index[row, place - 1] > other)
                    ):
                        place -= 1
                    if place == k:
                        break
                    for q in range(min(count, k - 1), place, -1):
                        index[row, q] = index[row, q - 1]
                        similarity[row, q] = similarity[row, q - 1]
                    index[row, place] = other
                    similarity[row, place] = score
                    count = min(count + 1, k)
