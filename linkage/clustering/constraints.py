"""What the records of one cluster may hold together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Constraints", "ValueLists"]

#: Pairs compared at a time, to bound memory.
_CHUNK = 1_000_000

Ints = npt.NDArray[np.integer]


@dataclass(frozen=True)
class ValueLists:
    """Values that a cluster may hold at most once each, as one linked list a cluster.

    Attributes:
        value: int32[k], of each entry.
        values: number of values.
        head, tail: int32[clusters], first and last entry of each cluster, -1 = none.
        following: int32[k], next entry of the cluster, -1 = end.
    """

    value: npt.NDArray[np.int32]
    values: int
    head: npt.NDArray[np.int32]
    tail: npt.NDArray[np.int32]
    following: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Constraints:
    """Which records may not share a cluster, given by their values.

    Forbidden pairs are not listed: each cluster keeps the values of its records, and two clusters
    merge only if their values allow it. So a forbidden pair is not joined by a chain either.

    Attributes:
        single: int[n] each: attributes of which a cluster holds one value at most; negative =
            unknown.
        once: records and values, int[k] each: attributes of which a cluster holds each value at
            most once. A record may have several values.
    """

    single: tuple[Ints, ...] = ()
    once: tuple[tuple[Ints, Ints], ...] = ()

    def single_values(self, cluster: Ints, clusters: int) -> npt.NDArray[np.int32]:
        """Return each cluster's value of each attribute, int32[clusters, attributes]; -1 unknown.

        Args:
            cluster: int[n], of each record.
            clusters: number of clusters.

        Raises:
            ValueError: if a cluster holds two values of one.
        """
        out = np.full((clusters, len(self.single)), -1, np.int32)
        for k, values in enumerate(self.single):
            known = np.flatnonzero(values >= 0)
            out[cluster[known], k] = values[known]
            wrong = known[out[cluster[known], k] != values[known]]
            if len(wrong):
                raise ValueError(
                    f"the starting cluster of record {wrong[0]} holds two values of an attribute "
                    "of which a cluster may hold one"
                )
        return out

    def value_lists(
        self, cluster: Ints, clusters: int, sides: Ints | None = None
    ) -> tuple[ValueLists, int]:
        """Return the values that each cluster may hold once.

        Args:
            cluster: int[n], of each record.
            clusters: number of clusters.
            sides: int[n], side of each record, if a cluster may have one of each; negative =
                unknown.

        Returns:
            The lists, and the number of values that are sides, which come first.
        """
        pairs = list(self.once)
        if sides is not None:
            known = np.flatnonzero(sides >= 0)
            pairs.insert(0, (known, sides[known]))
        records, values, first, of_sides = [], [], 0, 0
        for number, (record, value) in enumerate(pairs):
            codes = np.unique(value, return_inverse=True)[1]
            records.append(np.asarray(record, np.int64))
            values.append(codes + first)
            first += int(codes.max(initial=-1)) + 1
            if number == 0 and sides is not None:
                of_sides = first
        record = np.concatenate(records) if records else np.empty(0, np.int64)
        value = np.concatenate(values) if values else np.empty(0, np.int64)
        return _linked(cluster[record], value, first, clusters), of_sides

    def of_nodes(self, node: Ints) -> Constraints:
        """Return the same constraints for nodes that stand for some records each.

        Args:
            node: int[n], of each record; no node holds what a cluster may not.
        """
        nodes = int(node.max(initial=-1)) + 1
        values = self.single_values(node, nodes)
        return Constraints(
            tuple(values[:, k] for k in range(values.shape[1])),
            tuple((node[record], value) for record, value in self.once),
        )

    def forbid(self, left: Ints, right: Ints, n: int) -> npt.NDArray[np.bool_]:
        """Return whether each of m pairs may not share a cluster, bool[m].

        Args:
            left, right: int[m], records of each pair.
            n: number of records.
        """
        from scipy.sparse import csr_array

        out = np.zeros(len(left), bool)
        for values in self.single:
            a, b = values[left], values[right]
            out |= (a >= 0) & (b >= 0) & (a != b)
        for record, value in self.once:
            ones = np.ones(len(record), np.float32)
            shape = (n, int(value.max(initial=0)) + 1)
            held = csr_array((ones, (record, value)), shape=shape)
            for begin in range(0, len(left), _CHUNK):
                part = slice(begin, begin + _CHUNK)
                common = held[left[part]].multiply(held[right[part]]).sum(axis=1)
                out[part] |= np.asarray(common).ravel() > 0
        return out


def _linked(cluster: Ints, value: Ints, values: int, clusters: int) -> ValueLists:
    order = np.argsort(cluster, kind="stable").astype(np.int32)
    count = np.bincount(cluster, minlength=clusters)
    ends = np.cumsum(count)
    starts = ends - count
    following = np.full(len(order), -1, np.int32)
    inside = np.ones(len(order), bool)
    inside[starts[count > 0]] = False
    positions = np.flatnonzero(inside)
    following[order[positions - 1]] = order[positions]
    head, tail = np.full(clusters, -1, np.int32), np.full(clusters, -1, np.int32)
    some = count > 0
    head[some], tail[some] = order[starts[some]], order[ends[some] - 1]
    return ValueLists(value.astype(np.int32), values, head, tail, following)
