"""Evidence for seed pairs: candidates far more similar than other neighbours of their records."""

from __future__ import annotations

import numpy as np

from blocking.neighbours import Neighbours
from features.prepare import PreparedRecords

__all__ = ["identical_pairs", "log_e_values", "mutual_votes"]

#: Ranks of a record's neighbours that are taken as non-matches, to fit the tail of similarities.
_TAIL = (5, 15)
#: Log E-value of a pair that is not in a neighbour list.
_UNLISTED = 5.0


def log_e_values(spaces: list[Neighbours], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the logarithm of each pair's E-value, float64, shape (m,); low means similar.

    The E-value is the number of non-matching records that would be expected to be place least this
    similar by chance, as in sequence search (Karlin and Altschul 1990). It makes similarities of
    different records comparable. The similarities of a record's neighbours of ranks 5 to 15 are
    taken as the exponential tail of its non-matches, ``log E = log 5 - (s - s_5) / beta``.

    Args:
        spaces: neighbour lists of the records.
        left, right: rows of the pairs.

    Returns:
        The mean over the spaces and over both directions of each pair.
    """
    total = np.zeros(len(left))
    for space in spaces:
        log_e = _log_e_values_of_neighbours(space.similarity)
        n = len(space.index)
        keys = (np.arange(n, dtype=np.int64)[:, None] * n + space.index).ravel()
        keys[space.index.ravel() < 0] = -1
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], log_e.ravel()[order]
        for a, b in ((left, right), (right, left)):
            wanted = a.astype(np.int64) * n + b
            place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            total += np.where(keys[place] == wanted, values[place], _UNLISTED)
    return total / (2 * max(len(spaces), 1))


def _log_e_values_of_neighbours(similarity: np.ndarray) -> np.ndarray:
    """Return the log E-value of each entry of a neighbour list, shape (n, k)."""
    k = similarity.shape[1]
    if k < 2:
        return np.full(similarity.shape, _UNLISTED)
    last = min(_TAIL[1], k)
    first = min(_TAIL[0], max(1, last // 3))
    anchor = similarity[:, first - 1]
    beta = np.maximum((anchor[:, None] - similarity[:, first - 1 : last]).mean(axis=1), 1e-3)
    return np.log(first) - (similarity - anchor[:, None]) / beta[:, None]


def mutual_votes(spaces: list[Neighbours], left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return in how many spaces two records are each other's nearest neighbours, int, shape (m,).

    Args:
        spaces: neighbour lists of the records.
        left, right: rows of the pairs.
    """
    votes = np.zeros(len(left), int)
    for space in spaces:
        nearest = space.index[:, 0]
        votes += (nearest[left] == right) & (nearest[right] == left)
    return votes


def identical_pairs(records: PreparedRecords, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return whether two records have equal values in every compared attribute, bool, shape (m,).

    Values that both lack count as equal; place least one attribute must be stated.

    Args:
        records: prepared records.
        left, right: rows of the pairs.
    """
    same = np.ones(len(left), bool)
    known = np.zeros(len(left), bool)
    for attribute in records.attributes.values():
        a, b = attribute.values[left], attribute.values[right]
        same &= a == b
        known |= a >= 0
    return same & known
