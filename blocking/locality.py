"""An order of records in which those that share much stand near each other.

Records that are compared are read from memory over and over. In this order their partners have just
been read, and are still in the cache; by the million, that more than halves the time.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from features.arrays.ordering import stable_order
from features.text.sets import SparseSets, rarity

__all__ = ["places"]

#: Records that may share a word before it brings them together.
_RARE = 24


def places(words: SparseSets) -> np.ndarray:
    """Place of each record in the order of the two rarest words that many records share.

    Args:
        words: sets of words, weighted by rarity.

    Returns:
        int32, shape (n,); each place once.
    """
    first, second = np.full(words.n, -1, np.int32), np.full(words.n, -1, np.int32)
    least = np.float32(rarity(np.array([_RARE]), words.n)[0])
    _rarest_shared(words.indptr, words.ids, words.weights, least, first, second)
    order = stable_order((first.astype(np.int64) << 32) + second)
    out = np.empty(words.n, np.int32)
    out[order] = np.arange(words.n, dtype=np.int32)
    return out


@njit(nogil=True, cache=True)
def _rarest_shared(indptr, ids, weights, limit, first, second):
    for row in range(len(first)):
        best, next_best = np.float32(-1), np.float32(-1)
        for k in range(indptr[row], indptr[row + 1]):
            weight = weights[k]
            if weight >= limit or weight <= next_best:
                continue
            if weight > best:
                next_best, second[row] = best, first[row]
                best, first[row] = weight, ids[k]
            else:
                next_best, second[row] = weight, ids[k]
