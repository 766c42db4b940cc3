"""Samples of a catalog to learn from: records are drawn, and with them the pairs between them."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from features.records import Records
from linkage.boosters import fold_of
from linkage.sampling_kernels import pairs_around

__all__ = ["RecordSampler", "pairs_learned_from"]

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
        if not groups:
            drawn = self.draw(share**0.5)
            return drawn[left] & drawn[right], None
        seeds = share
        while True:
            drawn = self.draw(seeds)
            chosen = pairs_around(drawn, left, right)
            if chosen.mean() <= share:
                return chosen, drawn
            seeds *= _FEWER
