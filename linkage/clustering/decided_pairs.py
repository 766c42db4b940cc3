"""Pairs of records that a person decided to be the same, or different."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from features.arrays.distinct import sorted_distinct
from linkage.clustering.labels import renumbered

__all__ = ["DecidedPairs", "contradiction", "join_pairs"]

Ints = npt.NDArray[np.integer]
_NONE: npt.NDArray[np.int64] = np.empty((0, 2), np.int64)


@dataclass(frozen=True)
class DecidedPairs:
    """Decided pairs of records under one match definition, those of others that hold here included.

    Attributes:
        same: int64[k, 2], rows of pairs that share a cluster whatever their score.
        different: int64[m, 2], rows of pairs that never do, not by a chain either.
        group: int64[n], number of the group that ``same`` pairs connect each record to; records of
            no such pair are groups of their own.
        looser: decided pairs of looser definitions: clusters here must leave room for theirs.
    """

    same: npt.NDArray[np.int64]
    different: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64] = field(repr=False)
    looser: tuple[DecidedPairs, ...] = ()

    @classmethod
    def of(
        cls,
        n: int,
        same: Ints = _NONE,
        different: Ints = _NONE,
        looser: Sequence[DecidedPairs] = (),
    ) -> DecidedPairs:
        """Return decided pairs of n records; they must not contradict each other.

        Args:
            n: number of records.
            same, different: int[k, 2] and int[m, 2], rows of pairs.
            looser: as of the class.
        """
        same, different = (np.asarray(one, np.int64).reshape(-1, 2) for one in (same, different))
        return cls(same, different, join_pairs(np.arange(n), same), tuple(looser))

    def __bool__(self) -> bool:
        return bool(len(self.same) or len(self.different) or any(self.looser))

    @property
    def once(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Records and values, int64[2 m] each, of which a cluster may hold each value once.

        Both records of a ``different`` pair have one value, which is that pair's own.
        """
        return self.different.ravel(), np.repeat(np.arange(len(self.different)), 2)

    @property
    def bound(self) -> npt.NDArray[np.int64]:
        """Group of each record that ``same`` pairs bind to another, -1 for others; int64[n]."""
        several = np.bincount(self.group, minlength=1)[self.group] > 1
        return np.where(several, self.group, -1)

    def are_same(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return whether pairs are connected by ``same`` pairs, bool[m]."""
        return np.asarray(self.group[left] == self.group[right])

    def are_different(self, left: Ints, right: Ints) -> npt.NDArray[np.bool_]:
        """Return whether pairs are ``different``, or their groups have such a pair; bool[m]."""
        n = max(len(self.group), 1)
        decided = np.sort(self.group[self.different], axis=1)
        concerned = np.zeros(n, bool)
        concerned[decided.ravel()] = True
        out = concerned[self.group[left]] & concerned[self.group[right]]
        some = np.flatnonzero(out)  # few: the search is for these alone
        ends = np.sort(np.column_stack([self.group[left[some]], self.group[right[some]]]), axis=1)
        keys = sorted_distinct(decided[:, 0] * n + decided[:, 1])
        out[some] = np.isin(ends[:, 0] * n + ends[:, 1], keys)
        return out

    def hold_in(self, labels: Ints) -> bool:
        """Return whether a partition keeps all ``same`` pairs together, the others being kept."""
        return bool((labels[self.same[:, 0]] == labels[self.same[:, 1]]).all())

    def apart(self, pairs: Ints) -> DecidedPairs:
        """Return these decided pairs with more that are ``different``."""
        return replace(self, different=np.concatenate([self.different, pairs]))

    def without_room(self, labels: Ints, start: Ints) -> npt.NDArray[np.int64]:
        """Return pairs of one cluster that must part, for decisions of looser definitions to hold.

        Looser definitions begin with these clusters. Where clusters and ``same`` pairs of a looser
        one chain the two records of one of its ``different`` pairs, a link of the chain is
        returned that decisions do not hold.

        Args:
            labels: int[n], clusters of this definition.
            start: int[n], clusters that it began with, which stay whole.

        Returns:
            int64[k, 2], rows; empty where there is room for all.
        """
        found = [_NONE]
        for one in self.looser:
            chained = join_pairs(labels, one.same)
            ends = one.different[chained[one.different[:, 0]] == chained[one.different[:, 1]]]
            for first, last in ends:
                found.append(_weak_link(int(first), int(last), labels, start, one))
        return np.unique(np.concatenate(found), axis=0)


def join_pairs(labels: Ints, pairs: Ints) -> npt.NDArray[np.int64]:
    """Return clusters joined where a pair connects them, int64[n], numbered by first record.

    Args:
        labels: int[n], clusters to begin with.
        pairs: int[k, 2], rows.

    Example:
        >>> join_pairs(np.array([0, 0, 1, 2]), np.array([[1, 2]]))
        array([0, 0, 0, 1])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    labels = renumbered(labels)
    if not len(pairs):
        return labels
    clusters = int(labels.max()) + 1
    ends = labels[pairs[:, 0]], labels[pairs[:, 1]]
    graph = coo_array((np.ones(len(pairs), np.int8), ends), shape=(clusters, clusters))
    return renumbered(connected_components(graph, directed=False)[1][labels])


def contradiction(same: Ints, different: Ints) -> tuple[int, list[int]] | None:
    """Return a ``different`` pair that ``same`` pairs connect; None where there is none.

    Args:
        same, different: int[k, 2] and int[m, 2], any numbers of records.

    Returns:
        Its position in ``different``, and positions in ``same`` of a shortest chain between its
        records.

    Example:
        >>> contradiction(np.array([[0, 1], [1, 2]]), np.array([[0, 3], [0, 2]]))
        (1, [0, 1])
    """
    import networkx as nx

    if not len(same) or not len(different):
        return None
    graph = nx.Graph()
    for position, (a, b) in enumerate(np.asarray(same).tolist()):
        graph.add_edge(a, b, position=position)
    group = {node: k for k, part in enumerate(nx.connected_components(graph)) for node in part}
    for position, (a, b) in enumerate(np.asarray(different).tolist()):
        if a == b or (a in group and group[a] == group.get(b)):
            chain = nx.shortest_path(graph, a, b) if a != b else []
            return position, [graph[x][y]["position"] for x, y in itertools.pairwise(chain)]
    return None


def _weak_link(
    first: int, last: int, labels: Ints, start: Ints, looser: DecidedPairs
) -> npt.NDArray[np.int64]:
    """Return a pair of one cluster, int64[1, 2], without which two records are not chained."""
    import networkx as nx

    # A graph of the clusters that the looser decisions connect; each edge knows its records.
    graph = nx.Graph()
    graph.add_node(labels[first])
    for a, b in looser.same.tolist():
        if labels[a] != labels[b]:
            graph.add_edge(labels[a], labels[b], ends={labels[a]: a, labels[b]: b})
    chain = nx.shortest_path(graph, labels[first], labels[last])
    entry = first
    for here, following in zip(chain, [*chain[1:], None], strict=True):
        way_out = last if following is None else graph[here][following]["ends"][here]
        held = start[entry] == start[way_out] or looser.group[entry] == looser.group[way_out]
        if not held:
            return np.sort(np.array([[entry, way_out]], np.int64), axis=1)
        if following is not None:
            entry = graph[here][following]["ends"][following]
    return _NONE
