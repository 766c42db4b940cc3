"""Where learning without labels begins: pairs that stand out among a record's own neighbours."""

from __future__ import annotations

import numpy as np

from blocking.neighbours import Neighbours
from features.prepare import PreparedRecords

__all__ = ["identical_pairs", "log_expectations", "mutual_votes"]

#: Ranks of a record's neighbours whose similarities show how alike strangers are.
_TAIL = (5, 15)
#: Log-expectation of a pair that a space does not list: as common as a stranger.
_UNLISTED = 5.0


def log_expectations(spaces: list[Neighbours], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """How many strangers would be expected to be this similar, as a logarithm; low is rare.

    After the E-value of sequence search (Karlin and Altschul 1990): the similarities of a record's
    neighbours of ranks 5 to 15 are taken as the exponential tail of its strangers, ``log E = log 5
    - (s - s_5) / beta``.

    Args:
        spaces: neighbour lists of the records.
        left, right: rows of the pairs.

    Returns:
        Mean over spaces and both directions, shape (m,).
    """
    total = np.zeros(len(left))
    for space in spaces:
        expectation = _row_expectations(space.similarity)
        n = len(space.index)
        keys = (np.arange(n, dtype=np.int64)[:, None] * n + space.index).ravel()
        keys[space.index.ravel() < 0] = -1
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], expectation.ravel()[order]
        for a, b in ((left, right), (right, left)):
            wanted = a.astype(np.int64) * n + b
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            total += np.where(keys[at] == wanted, values[at], _UNLISTED)
    return total / (2 * max(len(spaces), 1))


def _row_expectations(similarity: np.ndarray) -> np.ndarray:
    k = similarity.shape[1]
    if k < 2:
        return np.full(similarity.shape, _UNLISTED)
    last = min(_TAIL[1], k)
    first = min(_TAIL[0], max(1, last // 3))
    anchor = similarity[:, first - 1]
    beta = np.maximum((anchor[:, None] - similarity[:, first - 1 : last]).mean(axis=1), 1e-3)
    return np.log(first) - (similarity - anchor[:, None]) / beta[:, None]


def mutual_votes(spaces: list[Neighbours], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """In how many spaces the two rows are each other's nearest neighbour, int, shape (m,)."""
    votes = np.zeros(len(left), int)
    for space in spaces:
        nearest = space.index[:, 0]
        votes += (nearest[left] == right) & (nearest[right] == left)
    return votes


def identical_pairs(records: PreparedRecords, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Whether two rows have the same value, or the same gap, in every compared attribute."""
    same = np.ones(len(left), bool)
    known = np.zeros(len(left), bool)
    for attribute in records.attributes.values():
        a, b = attribute.values[left], attribute.values[right]
        same &= a == b
        known |= a >= 0
    return same & known
