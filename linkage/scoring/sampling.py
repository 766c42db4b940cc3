"""Samples of a catalog to learn from: records are drawn, and with them the pairs between them."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numba import njit

from features.records import Records
from linkage.scoring.record_folds import fold_of

__all__ = ["RecordSampler", "pairs_around", "pairs_learned_from"]

#: Pairs that the fast quality learns from at most; more change F1 in the fourth digit.
_PAIRS = 400_000
#: Records from which groups of variants are learned from more pairs, by the root of their number: a
#: thinner sample shows fewer of the look-alikes that a group must be told from (a million generated
#: rows: F1 0.932 to 0.944).
_RECORDS = 100_000
#: Different lots that records can draw.
_LOTS = 1 << 20
#: So much fewer records are drawn where the pairs around them turn out too many.
_FEWER = 0.7


def pairs_learned_from(records: int, *, groups: bool) -> float:
    """Pairs that the fast quality learns from.

    Args:
        records: number of records.
        groups: whether groups of variants are learned.
    """
    growth = max(records / _RECORDS, 1.0) ** 0.5 if groups else 1.0
    return _PAIRS * growth


class RecordSampler:
    """Draws records by their ids: the same ones whatever their order.

    Args:
        records: the rows.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    @cached_property
    def _lots(self) -> np.ndarray:
        """A number below `_LOTS` of each record, by its id, int32[n]."""
        return fold_of(self._records.ids, _LOTS).astype(np.int32)

    def draw(self, share: float) -> np.ndarray:
        """About so large a share of the records, bool[n]: all of a smaller share, and more."""
        return self._lots < share * _LOTS

    def draw_pairs(
        self, left: np.ndarray, right: np.ndarray, share: float, *, groups: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """About so large a share of the pairs.

        Records are drawn, not pairs, so that what is drawn hangs together as the whole does; where
        large groups are sought, with all their partners, since a part of a group teaches little.

        Args:
            left, right: rows of the pairs.
            share: between 0 and 1.
            groups: whether large groups are sought.

        Returns:
            Which pairs, bool[m]; and which records, bool[n], where they came with their partners.
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
        """About so large a share of the pairs of one table: records with all their partners.

        Returns:
            Which pairs, bool[m]; and the records that were drawn, bool[n].
        """
        seeds = share
        while True:
            drawn = self.draw(seeds)
            chosen = pairs_around(drawn, left, right)
            if chosen.mean() <= share:
                return chosen, drawn
            seeds *= _FEWER


@njit(nogil=True, cache=True)
def pairs_around(drawn, left, right):
    """Pairs of records that are drawn, or that are partners of one that is.

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
