"""The session of a match definition that ignores attributes: its rows are collapsed records."""

from __future__ import annotations

from typing import Any

import numpy as np

from features.compare.feature_groups import FeatureGroup
from features.records import Records
from linkage.config.resolved import ResolvedConfig
from linkage.runtime import StepLog
from linkage.scoring.session import Session
from linkage.variants.collapsed_records import CollapsedFeatures, CollapsedRecords
from linkage.variants.product_keys import pairs_of_equal_keys

__all__ = ["CollapsedSession"]


class CollapsedSession(Session):
    """A session whose rows are collapsed records.

    Args:
        collapsed: the collapsed records.
        originals: the records that were collapsed, with all their attributes.
        ignored: the attributes that the definition ignores.
        resolved, log, options: as for `Session`.
        merges: whether records of one cluster of a stricter definition are merged before the
            definition is matched, so that only pairs across these clusters are scored.
    """

    def __init__(
        self,
        collapsed: CollapsedRecords,
        originals: Records,
        ignored: tuple[str, ...],
        resolved: ResolvedConfig,
        log: StepLog,
        *,
        merges: bool = False,
        **options: Any,
    ) -> None:
        self.collapsed = collapsed
        self.originals = originals
        self.ignored = ignored
        self.merges = merges
        super().__init__(collapsed.records, resolved, log, **options)

    @property
    def is_collapsed(self) -> bool:
        return True

    def _equal_keys(self) -> tuple[np.ndarray, np.ndarray] | None:
        if self.merges or self.collapsed.merged:
            return None
        return pairs_of_equal_keys(self.collapsed.key, self.records.side)

    def _further_groups(self) -> list[FeatureGroup]:
        return [CollapsedFeatures(self.collapsed), *super()._further_groups()]

    @property
    def n_records(self) -> int:
        return len(self.collapsed.row_of_record)

    def apart(self, left: np.ndarray, right: np.ndarray) -> np.ndarray | None:
        return self.collapsed.apart(left, right)

    def starting_clusters(self, labels: np.ndarray | None, *, by_key: bool) -> np.ndarray | None:
        if labels is None:
            return self.collapsed.key if by_key else None
        return self.collapsed.starting_clusters(labels, by_key=by_key)

    def rows_of_records(self, records: np.ndarray) -> np.ndarray:
        return np.asarray(self.collapsed.row_of_record[records])

    def first_records(self, rows: np.ndarray) -> np.ndarray:
        return np.asarray(self.collapsed.first_record[rows])

    def own_pairs(self, *, sampled: bool = False) -> np.ndarray:
        """Features of rows of several records, each compared with itself, float32[rows, f].

        Args:
            sampled: whether to take a sample of the rows, as large a share as `compared_pairs` has
                of the candidates.
        """
        wanted = self.collapsed.sizes > 1
        if sampled:
            wanted &= self.sampler.draw(self._share())
        several = np.flatnonzero(wanted)
        return self.compare(several, several, "Compare forms").matrix
