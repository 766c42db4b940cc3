"""Choosing a faiss index: exact search, or inverted lists whose recall is measured against it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numba import njit

__all__ = ["RECALL_TARGET", "SearchPlan", "faiss_threads", "score_found", "search_engine"]

#: Share of the true neighbours that inverted lists must find.
RECALL_TARGET = 0.95
#: Queries whose exact neighbours check the inverted lists: a standard error of about 0.4 points at
#: k = 10.
SAMPLE = 256
#: Training vectors for each inverted list; faiss advises 39 to 256.
_TRAINING_A_LIST = 64
#: Neighbours fetched by compressed vectors for each one wanted, to be scored again exactly.
_DEPTH = 10
#: Similarities closer than this count as tied when recall is measured.
_TIE = 1e-6


@dataclass(frozen=True)
class SearchPlan:
    """How the neighbours in one table are searched.

    Attributes:
        method: ``"exact"`` or ``"inverted lists"``.
        indexed: distinct vectors searched in.
        lists: number of lists; 0 for exact search.
        probes: lists looked into for a query; 0 for exact search.
        depth: neighbours fetched for a query and scored again exactly; 0 for exact search.
        recall: share of the true neighbours found, on a sample of queries against exact search.
    """

    method: str
    indexed: int
    lists: int
    probes: int
    depth: int
    recall: float

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain values."""
        return asdict(self)


def search_engine(faiss, base, asking, k, recall, exact_rows, threads) -> tuple[Any, SearchPlan]:
    """The faiss index to search in, and its plan."""
    n, dimension = base.shape
    exact = faiss.IndexFlatIP(dimension)
    exact.add(base)
    if n > exact_rows:
        lists = max(1, int(2 * np.sqrt(n)))
        engine = _inverted_lists(faiss, dimension, lists)
        # Trained by one thread: sums over several threads would change the centroids.
        faiss.omp_set_num_threads(1)
        engine.train(base[_spread(n, max(lists * _TRAINING_A_LIST, 4_096))])
        faiss.omp_set_num_threads(threads)
        engine.add(base)
        plan = _plan(
            engine, exact, base, asking[_spread(len(asking), SAMPLE)], min(k, n), lists, recall
        )
        if plan is not None:
            return engine, plan
    return exact, SearchPlan("exact", n, 0, 0, 0, 1.0)


def _inverted_lists(faiss, dimension, lists) -> Any:
    """Untrained inverted lists; two dimensions are compressed to four bits where they pair up."""
    quantizer = faiss.IndexFlatIP(dimension)
    shape = (quantizer, dimension, lists)
    if dimension % 2 == 0 and dimension >= 32:
        engine = faiss.IndexIVFPQFastScan(*shape, dimension // 2, 4, faiss.METRIC_INNER_PRODUCT)
    else:
        engine = faiss.IndexIVFFlat(*shape, faiss.METRIC_INNER_PRODUCT)
    engine.cp.niter = 8
    engine.cp.spherical = True
    return engine


def _plan(engine, exact, base, sample, k, lists, recall) -> SearchPlan | None:
    """The fewest probes that reach the recall on a sample of queries; None if none do."""
    _, truth = exact.search(sample, k)
    last = score_found(sample, base, truth)[:, -1:] - _TIE
    for deeper in (1, 4):
        depth = min(deeper * _DEPTH * k, len(base))
        probes = 1
        while True:
            engine.nprobe = probes
            _, found = engine.search(sample, depth)
            hits = (score_found(sample, base, found) >= last).sum(axis=1)
            reached = float(np.minimum(hits, k).mean() / k)
            if reached >= recall:
                return SearchPlan(
                    "inverted lists", len(base), lists, probes, depth, round(reached, 4)
                )
            if probes >= lists:
                break
            probes = min(probes + max(1, probes // 3), lists)
    return None


@contextmanager
def faiss_threads(threads: int) -> Iterator[Any]:
    """Context with faiss set to a number of threads."""
    import faiss

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(threads)
    try:
        yield faiss
    finally:
        faiss.omp_set_num_threads(before)


def _spread(n: int, size: int) -> np.ndarray:
    """At most ``size`` positions below n, evenly spread."""
    return np.arange(n) if n <= size else np.linspace(0, n - 1, size).astype(np.int64)


@njit(nogil=True, cache=True, fastmath=True)
def score_found(queries, base, found):
    """Inner products in one fixed order of summation, whatever the library's batches were."""
    out = np.full(found.shape, np.float32(-2), np.float32)
    for i in range(found.shape[0]):
        for j in range(found.shape[1]):
            if found[i, j] >= 0:
                total = np.float32(0)
                for d in range(queries.shape[1]):
                    total += queries[i, d] * base[found[i, j], d]
                out[i, j] = total
    return out
