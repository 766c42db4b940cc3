"""Nodes of equal records: what is equal counts as one when clusters are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from linkage.clustering.constrained_union import join_groups, row_numbers
from linkage.clustering.constraints import Constraints
from linkage.clustering.labels import renumbered
from linkage.clustering.partition import Clustering

__all__ = ["EqualNodes"]


@dataclass(frozen=True)
class EqualNodes:
    """Records of which equal ones are one node, as far as nothing forbids it.

    Attributes:
        node: node of each record, int64[n].
        first: first record of each node, ascending.
        start: cluster that each node begins in.
        constraints: what a cluster of nodes may not hold.
        began: cluster that each record began in, before equal ones came together.
    """

    node: np.ndarray
    first: np.ndarray
    start: np.ndarray
    constraints: Constraints
    began: np.ndarray

    @classmethod
    def of(
        cls,
        equal: np.ndarray,
        start: np.ndarray | None,
        side: np.ndarray | None,
        sources: np.ndarray | None,
        constraints: Constraints | None,
        largest: int,
    ) -> EqualNodes:
        """Return the nodes of records.

        Args:
            equal: group of equal records that each is of, negative = none.
            start: clusters to begin with, which stay whole.
            side: table of each record, if there are two; a node is of one table.
            sources: source of each record, if a cluster has at most one of each.
            constraints: what the records of one cluster may not hold together.
            largest: most records of a cluster.
        """
        n = len(equal)
        limits = constraints or Constraints()
        if sources is not None:
            known = np.flatnonzero(sources >= 0)
            limits = Constraints(limits.single, (*limits.once, (known, sources[known])))
        begin = np.arange(n) if start is None else start
        together = join_groups(begin, equal, limits, largest=largest)
        group = np.where(equal >= 0, equal, int(equal.max(initial=0)) + 1 + np.arange(n))
        parts = (together, group) if side is None else (together, group, side)
        node = renumbered(row_numbers(*parts))
        first = np.unique(node, return_index=True)[1]
        return cls(node, first, together[first], limits.of_nodes(node), renumbered(begin))

    def spread(self, clustering: Clustering, side: np.ndarray | None) -> Clustering:
        """Return the clusters of records for clusters of nodes.

        Records of one table without a partner in the other stay apart as they began: tables are
        not compared with themselves.

        Args:
            clustering: clusters of the nodes.
            side: table of each record, if there are two.
        """
        found = clustering.of_members(self.node, self.first)
        if side is None:
            return found
        of_second = np.bincount(found.labels, weights=side)
        lonely = (of_second == 0) | (of_second == np.bincount(found.labels))
        apart = len(found.labels) + self.began
        labels = renumbered(np.where(lonely[found.labels], apart, found.labels)).astype(np.int32)
        now = labels[np.unique(found.labels, return_index=True)[1]]
        weakest = replace(found.weakest, label=now[found.weakest.label])
        clusters = {why: [int(now[k]) for k in some] for why, some in found.cuts.clusters.items()}
        return replace(
            found, labels=labels, weakest=weakest, cuts=replace(found.cuts, clusters=clusters)
        )
