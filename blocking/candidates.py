"""Candidate pairs: the union of what the blockers propose, within a budget per record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numba import njit

from blocking.neighbours import Neighbours
from features.distinct import sorted_distinct
from features.ordering import stable_order
from features.prepare import PreparedRecords

__all__ = ["Blocker", "Candidates", "listed_pairs", "ranked_pairs", "union"]

#: Constant of reciprocal rank fusion: how fast a neighbour's claim falls with its rank.
_FUSION = 5.0
#: Place in a ranking that a proposal without a rank is worth.
_KEYED_PLACE = 4


class Blocker(Protocol):
    """Proposes pairs of rows worth comparing."""

    name: str

    def pairs(self, records: PreparedRecords) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the proposed pairs (int32); duplicates allowed, no row with itself."""
        ...


@dataclass(frozen=True)
class Candidates:
    """Distinct candidate pairs, ordered by (left, right).

    Attributes:
        left: rows, int32, shape (m,); less than ``right``, and of the left table in a linkage.
        right: rows, int32, shape (m,).
        blockers: bit k is set where ``names[k]`` proposed the pair, uint32, shape (m,).
        names: names of the blockers.
    """

    left: np.ndarray
    right: np.ndarray
    blockers: np.ndarray
    names: list[str]

    def __len__(self) -> int:
        return len(self.left)

    def only_by(self, prefix: str) -> np.ndarray:
        """Whether each pair was proposed by no blocker whose name does not start so."""
        bits = sum(1 << k for k, name in enumerate(self.names) if name.startswith(prefix))
        return (self.blockers & ~np.uint32(bits)) == 0

    def part(self, chosen: np.ndarray) -> Candidates:
        """Some of the pairs, by mask or by ascending positions."""
        return Candidates(self.left[chosen], self.right[chosen], self.blockers[chosen], self.names)

    def with_pairs(self, name: str, left: np.ndarray, right: np.ndarray, n: int) -> Candidates:
        """These pairs and new ones, in order.

        Args:
            name: what proposed the new ones.
            left, right: their rows, the lower first; none of them is among these pairs.
            n: number of records.
        """
        names = self.names if name in self.names else [*self.names, name]
        order = stable_order(left.astype(np.int64) * n + right)
        size = len(self) + len(left)
        lows, highs = np.empty(size, np.int32), np.empty(size, np.int32)
        bits = np.empty(size, np.uint32)
        _merge(
            self.left, self.right, self.blockers, left[order], right[order],
            np.uint32(1) << np.uint32(names.index(name)), lows, highs, bits,
        )  # fmt: skip
        return Candidates(lows, highs, bits, names)

    def carried(self, known: Candidates, values: np.ndarray) -> np.ndarray:
        """What is known of pairs among others, for these pairs: NaN where nothing is.

        Args:
            known: pairs of the same rows.
            values: float64, one of each of those.
        """
        out = np.full(len(self), np.nan)
        _carry(known.left, known.right, values, self.left, self.right, out)
        return out

    def proposed_by(self, name: str) -> np.ndarray:
        """Whether each pair was proposed by that blocker."""
        return (self.blockers >> np.uint32(self.names.index(name))) & np.uint32(1) == 1


@njit(nogil=True, cache=True)
def _merge(left, right, bits, other_left, other_right, bit, lows, highs, out):
    """Merges ordered pairs with others that have one bit."""
    i, j = 0, 0
    for k in range(len(lows)):
        own = j == len(other_left)
        if i < len(left) and not own:
            own = left[i] < other_left[j] or (
                left[i] == other_left[j] and right[i] < other_right[j]
            )
        if own:
            lows[k], highs[k], out[k] = left[i], right[i], bits[i]
            i += 1
        else:
            lows[k], highs[k], out[k] = other_left[j], other_right[j], bit
            j += 1


@njit(nogil=True, cache=True)
def _carry(known_left, known_right, values, left, right, out):
    """Fills in the values of the pairs that are known; all pairs are ordered."""
    at = 0
    for k in range(len(left)):
        a, b = left[k], right[k]
        while at < len(known_left) and (
            known_left[at] < a or (known_left[at] == a and known_right[at] < b)
        ):
            at += 1
        if at < len(known_left) and known_left[at] == a and known_right[at] == b:
            out[k] = values[at]


def union(parts: list[tuple[str, np.ndarray, np.ndarray]], n: int) -> Candidates:
    """Joins proposals ``(name, left, right)`` into distinct pairs.

    Args:
        parts: proposals; rows in either order, duplicates allowed. A name may occur more than once.
        n: number of records.
    """
    names = list(dict.fromkeys(name for name, _, _ in parts))
    if not parts:
        return Candidates(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint32), [])
    keys, bits = [], []
    for name, a, b in parts:
        low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
        key = sorted_distinct(low * n + high)
        keys.append(key)
        bits.append(np.full(len(key), np.uint32(1) << np.uint32(names.index(name)), np.uint32))
    key, bit = np.concatenate(keys), np.concatenate(bits)
    order = np.argsort(key, kind="stable")
    key, bit = key[order], bit[order]
    start = (
        np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        if len(key)
        else np.zeros(0, int)
    )
    distinct = key[start]
    blockers = np.bitwise_or.reduceat(bit, start) if len(key) else np.zeros(0, np.uint32)
    return Candidates(
        (distinct // n).astype(np.int32), (distinct % n).astype(np.int32), blockers, names
    )


def ranked_pairs(
    spaces: list[Neighbours],
    budget: np.ndarray,
    keyed: Sequence[tuple[str, np.ndarray, np.ndarray]] = (),
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Chooses each record's best neighbours over several blockers by reciprocal rank fusion.

    Args:
        spaces: neighbour lists over the same records.
        budget: neighbours to keep of each record, int, shape (n,).
        keyed: proposals ``(name, left, right)`` of blockers that do not rank; each counts as a
            fifth neighbour.

    Returns:
        Proposals by blocker: the kept neighbours that it listed at all.
    """
    n = len(budget)
    rows, columns, claims, origins = [], [], [], []
    for number, space in enumerate(spaces):
        row, place = np.nonzero(space.index >= 0)
        rows.append(row)
        columns.append(space.index[row, place].astype(np.int64))
        claims.append(1.0 / (_FUSION + place))
        origins.append(np.full(len(row), 1 << number, np.int64))
    for number, (_, a, b) in enumerate(keyed, len(spaces)):
        pairs = sorted_distinct(
            np.concatenate([a.astype(np.int64) * n + b, b.astype(np.int64) * n + a])
        )
        rows.append(pairs // n)
        columns.append(pairs % n)
        claims.append(np.full(len(pairs), 1.0 / (_FUSION + _KEYED_PLACE)))
        origins.append(np.full(len(pairs), 1 << number, np.int64))
    row, column = np.concatenate(rows), np.concatenate(columns)
    key = row * n + column
    order = np.argsort(key, kind="stable")
    key = key[order]
    start = (
        np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        if len(key)
        else np.zeros(0, int)
    )
    claim = np.add.reduceat(np.concatenate(claims)[order], start) if len(key) else np.zeros(0)
    origin = (
        np.bitwise_or.reduceat(np.concatenate(origins)[order], start)
        if len(key)
        else np.zeros(0, int)
    )
    row, column = key[start] // n, key[start] % n
    order = np.lexsort((column, -claim, row))
    row, column, origin = row[order], column[order], origin[order]
    first = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))])[:-1]
    place = np.arange(len(row)) - first[row]
    kept = place < budget[row]
    row, column, origin = row[kept], column[kept], origin[kept]
    return [
        (name, row[(origin >> k) & 1 == 1], column[(origin >> k) & 1 == 1])
        for k, name in enumerate([s.name for s in spaces] + [name for name, _, _ in keyed])
    ]


def listed_pairs(index: np.ndarray, budget: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct pairs of each row with the first neighbours of its list.

    Args:
        index: neighbours of each row, best first, int32, shape (n, k), -1 where there is none.
        budget: neighbours to take of each row, int, shape (n,).

    Returns:
        Rows of the pairs, int32, the lower first; ordered by it.
    """
    starts = np.zeros(len(index) + 1, np.int64)
    nothing = np.zeros(0, np.int32)
    _listed(index, budget, False, starts, nothing)
    np.cumsum(starts, out=starts)
    right = np.empty(starts[-1], np.int32)
    _listed(index, budget, True, starts[:-1].copy(), right)
    return np.repeat(np.arange(len(index), dtype=np.int32), np.diff(starts)), right


@njit(nogil=True, cache=True)
def _listed(index, budget, write, starts, right):
    """Counts the pairs by their lower row into ``starts[1:]``, or writes them from there on."""
    for row in range(len(index)):
        for place in range(min(budget[row], index.shape[1])):
            other = index[row, place]
            if other < 0:
                break
            if other < row:
                # The pair is the other's, where that lists it too.
                known = False
                for k in range(min(budget[other], index.shape[1])):
                    if index[other, k] == row:
                        known = True
                if known:
                    continue
            low, high = min(row, other), max(row, other)
            if write:
                right[starts[low]] = high
                starts[low] += 1
            else:
                starts[low + 1] += 1
