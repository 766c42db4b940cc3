"""Sampling: pairs to learn from, drawn by their records so that groups stay connected."""

from __future__ import annotations

import numpy as np
from numba import njit

from features.records import Records
from linkage.scoring.record_folds import fold_of

__all__ = ["RecordSampler", "least_keys", "pairs_around", "pairs_learned_from"]

#: Most pairs that quality fast learns from; more change F1 in the fourth digit.
_PAIRS = 400_000
#: Records above which the pairs that groups of variants are learned from grow with the square root
#: of the records: a smaller share of the records holds fewer of the similar products that a group
#: must be separated from (a million generated rows: F1 0.932 to 0.944).
_RECORDS = 100_000
#: Number of distinct hash values by which records are drawn.
_HASHES = 1 << 20
#: Factor of the share of records in each further try, where the pairs around them are too many.
_SHRINK = 0.7


def pairs_learned_from(records: int, *, groups: bool) -> float:
    """Number of pairs that quality fast learns from.

    Args:
        records: number of records.
        groups: whether a definition is learned whose clusters are groups of variants.
    """
    growth = max(records / _RECORDS, 1.0) ** 0.5 if groups else 1.0
    return _PAIRS * growth


def least_keys(keys: np.ndarray, number: int) -> np.ndarray:
    """Positions of the pairs with the least keys, ascending: a sample that others hardly change.

    Each further pair replaces one of them at most (bottom-k sampling, Cohen and Kaplan 2007).

    Args:
        keys: hashes of the pairs, uint64, shape (m,).
        number: how many to draw; all if there are fewer.
    """
    if len(keys) <= number:
        return np.arange(len(keys))
    return np.sort(np.argpartition(keys, number)[:number])


class RecordSampler:
    """Draws records by hashes of what they state, whatever their ids and their order.

    Args:
        records: the rows.
        hashes: their `linkage.scoring.content.content_hashes`.
    """

    def __init__(self, records: Records, hashes: np.ndarray) -> None:
        self._records = records
        #: From 0 to below `_HASHES`, int32[n].
        self._hashes = fold_of(hashes, _HASHES).astype(np.int32)

    def draw(self, share: float) -> np.ndarray:
        """A sample of this share of the records, bool[n]; it contains every smaller sample."""
        return self._hashes < share * _HASHES

    def draw_pairs(
        self, left: np.ndarray, right: np.ndarray, share: float, *, groups: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """A sample of about this share of the pairs.

        Records are drawn, not pairs, so that the pairs of a group are drawn together. Where large
        groups are sought, partners of drawn records are added: a part of a group teaches little.

        Args:
            left, right: rows of the pairs.
            share: between 0 and 1.
            groups: whether large groups are sought.

        Returns:
            The pairs, bool[m]; and the drawn records, bool[n], where their partners were added.
        """
        if self._records.is_linkage:
            return self.draw(share)[left], None
        if groups:
            return self.draw_groups(left, right, share)
        drawn = self.draw(share**0.5)
        return drawn[left] & drawn[right], None

    def draw_groups(
        self, left: np.ndarray, right: np.ndarray, share: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """A sample of at most this share of the pairs of one table: records with all partners.

        Returns:
            The pairs, bool[m]; and the drawn records, bool[n].
        """
        drawn_share = share
        while True:
            drawn = self.draw(drawn_share)
            chosen = pairs_around(drawn, left, right)
            if chosen.mean() <= share:
                return chosen, drawn
            drawn_share *= _SHRINK


@njit(nogil=True, cache=True)
def pairs_around(drawn, left, right):
    """Which pairs are of two records that were drawn or are partners of a drawn record.

    Args:
        drawn: bool[n], the sample.
        left, right: int32[m], rows of the candidate pairs.

    Returns:
        bool[m].

    Example:
        >>> drawn = np.array([True, False, False, False])
        >>> left, right = np.array([0, 0, 1, 2]), np.array([1, 2, 2, 3])
        >>> pairs_around(drawn, left, right)
        array([ True,  True,  True, False])
    """
    around = drawn.copy()
    for k in range(len(left)):
        a, b = left[k], right[k]
        if drawn[a] or drawn[b]:
            around[a] = True
            around[b] = True
    out = np.empty(len(left), np.bool_)
    for k in range(len(left)):
        out[k] = around[left[k]] and around[right[k]]
    return out
