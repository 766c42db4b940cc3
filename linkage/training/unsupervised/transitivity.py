"""Whether matches of matches match: what is the same is so of all, what is alike need not be."""

from __future__ import annotations

import numpy as np

__all__ = ["transitive_share"]


def transitive_share(
    left: np.ndarray, right: np.ndarray, match: np.ndarray, n: int, *, two_tables: bool = False
) -> float:
    """Share of the paths of matching pairs whose ends match too; 1 without such paths.

    Paths are a-b-c; between two tables, where the ends of these never meet, a-b-c-d.
    """
    from scipy import sparse

    a, b = left[match], right[match]
    graph = sparse.csr_array((np.ones(len(a), np.float32), (a, b)), shape=(n, n))
    graph = graph + graph.T
    degree = np.asarray(graph.sum(axis=1)).ravel()
    # Records with very many matches would make the product dense, and are suspect anyway.
    keep = degree <= 200
    graph = graph.multiply(keep[:, None]).multiply(keep[None, :]).tocsr()
    degree = np.asarray(graph.sum(axis=1)).ravel()
    common = graph @ graph
    if not two_tables:
        paths = float(np.sum(degree * (degree - 1)))
        closed = float(common.multiply(graph).sum())
    else:
        # Of every two records with k partners in common, k (k - 1) ordered pairs of these close a
        # square; every square is met from both of its sides, and has four paths of three pairs.
        edges = graph.tocoo()
        paths = float(np.sum((degree[edges.row] - 1) * (degree[edges.col] - 1)))
        common.setdiag(0)
        closed = float(np.sum(common.data * (common.data - 1)))
    return closed / paths if paths else 1.0
