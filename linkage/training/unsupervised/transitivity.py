"""How often a match of a match is a match.

Exact equality is transitive; similarity is not. So this share tells whether supposed matches are
records of one product or merely similar ones.
"""

from __future__ import annotations

import numpy as np

__all__ = ["transitive_share"]


def transitive_share(
    left: np.ndarray, right: np.ndarray, match: np.ndarray, n: int, *, two_tables: bool = False
) -> float:
    """Return the share of paths of matching pairs whose end records match, too; 1 without paths.

    In one table this is the global clustering coefficient of the graph of matches: paths are
    a-b-c. Between two tables, where a and c are of the same table and no candidate pair, paths are
    a-b-c-d.

    Args:
        left, right: rows of the candidate pairs, int, shape (m,).
        match: whether each pair is a match, bool, shape (m,).
        n: number of records.
        two_tables: whether every pair is of a left and a right record.
    """
    from scipy import sparse

    a, b = left[match], right[match]
    graph = sparse.csr_array((np.ones(len(a), np.float32), (a, b)), shape=(n, n))
    graph = graph + graph.T
    degree = np.asarray(graph.sum(axis=1)).ravel()
    # Records with very many matches would make the product dense, and are unreliable anyway.
    keep = degree <= 200
    graph = graph.multiply(keep[:, None]).multiply(keep[None, :]).tocsr()
    degree = np.asarray(graph.sum(axis=1)).ravel()
    common = graph @ graph
    if not two_tables:
        paths = float(np.sum(degree * (degree - 1)))
        closed = float(common.multiply(graph).sum())
    else:
        # Two records with k common partners close k (k - 1) / 2 squares; each square is counted
        # from both of its diagonals, and holds four paths of three pairs.
        edges = graph.tocoo()
        paths = float(np.sum((degree[edges.row] - 1) * (degree[edges.col] - 1)))
        common.setdiag(0)
        closed = float(np.sum(common.data * (common.data - 1)))
    return closed / paths if paths else 1.0
