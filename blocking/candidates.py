"""Candidate pairs: the union of the pairs that blockers propose, within a budget per record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numba import njit

from blocking.neighbours import Neighbours
from features.arrays.distinct import sorted_distinct
from features.arrays.ordering import stable_order
from features.arrays.rows import row_starts
from features.text.sets import distinct_row

__all__ = ["Candidates", "listed_pairs", "ranked_pairs", "union"]

#: Constant of reciprocal rank fusion (Cormack, Clarke and Buettcher, 2009): the score of a
#: neighbour of rank r, counted from 0, is 1 / (constant + r).
_FUSION = 5.0
#: Rank, counted from 0, that a pair of a blocker without ranks counts as.
_KEYED_RANK = 4


@dataclass(frozen=True)
class Candidates:
    """Distinct candidate pairs, ordered by (left, right).

    Attributes:
        left: rows, int32, shape (m,); less than ``right``, and of the left table in a linkage.
        right: rows, int32, shape (m,).
        blockers: bit k is set where ``names[k]`` proposed the pair, uint32, shape (m,).
        names: names of the blockers.
        identifier_blockers: those of them that propose equal identifiers.
    """

    left: np.ndarray
    right: np.ndarray
    blockers: np.ndarray
    names: list[str]
    identifier_blockers: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.left)

    @property
    def only_by_identifiers(self) -> np.ndarray:
        """Whether nothing but an equal identifier proposed each pair, bool, shape (m,)."""
        certain = self.identifier_blockers
        bits = sum(1 << k for k, name in enumerate(self.names) if name in certain)
        return np.asarray((self.blockers & ~np.uint32(bits)) == 0)

    def part(self, chosen: np.ndarray) -> Candidates:
        """Some of the pairs, by mask or by ascending positions."""
        return replace(
            self,
            left=self.left[chosen],
            right=self.right[chosen],
            blockers=self.blockers[chosen],
        )

    def with_pairs(self, name: str, left: np.ndarray, right: np.ndarray, n: int) -> Candidates:
        """These pairs and new ones, in order.

        Args:
            name: name of the blocker of the new ones.
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
        return replace(self, left=lows, right=highs, blockers=bits, names=names)

    def of_groups(self, group: np.ndarray, groups: int) -> Candidates:
        """Pairs of groups of rows; a pair has the blockers of all pairs of its rows.

        Args:
            group: group of each row, int, shape (n,).
            groups: number of groups.
        """
        starts = np.zeros(groups + 1, np.int64)
        nothing = np.zeros(0, np.uint64)
        _place_by_group(self.left, self.right, self.blockers, group, starts, nothing)
        np.cumsum(starts, out=starts)
        proposals = np.empty(starts[-1], np.uint64)
        _place_by_group(self.left, self.right, self.blockers, group, starts[:-1].copy(), proposals)
        found = _distinct_pairs(starts, proposals, self.names)
        return replace(found, identifier_blockers=self.identifier_blockers)

    def carried(self, known: Candidates, values: np.ndarray) -> np.ndarray:
        """Values of other pairs, looked up for these pairs; NaN for pairs that are not among them.

        Args:
            known: other pairs of the same records.
            values: value of each of those, float64.
        """
        out = np.full(len(self), np.nan)
        _carry(known.left, known.right, values, self.left, self.right, out)
        return out


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
    """Candidates from proposed pairs ``(name, left, right)``, without duplicates.

    Args:
        parts: proposals; rows in either order, duplicates allowed. A name may occur more than once.
        n: number of records.
    """
    names = list(dict.fromkeys(name for name, _, _ in parts))
    starts = np.zeros(n + 1, np.int64)
    for _, a, b in parts:
        _count_lower(a, b, starts)
    np.cumsum(starts, out=starts)
    proposals = np.empty(starts[-1], np.uint64)
    cursor = starts[:-1].copy()
    for name, a, b in parts:
        _place_by_lower(a, b, np.uint64(1) << np.uint64(names.index(name)), cursor, proposals)
    del cursor
    return _distinct_pairs(starts, proposals, names)


def _distinct_pairs(starts: np.ndarray, proposals: np.ndarray, names: list[str]) -> Candidates:
    """Pairs of proposals, given by upper row and blockers, those of each lower row together."""
    left = np.empty(len(proposals), np.int32)
    right, blockers = np.empty(len(left), np.int32), np.empty(len(left), np.uint32)
    size = _distinct(starts, proposals, left, right, blockers)
    return Candidates(left[:size].copy(), right[:size].copy(), blockers[:size].copy(), names)


@njit(nogil=True, cache=True)
def _count_lower(a, b, counts):
    """Counts the proposals of each lower row, one place further on."""
    for k in range(len(a)):
        counts[min(a[k], b[k]) + 1] += 1


@njit(nogil=True, cache=True)
def _place_by_lower(a, b, bit, cursor, out):
    """Writes upper row and blocker of each proposal among those of its lower row."""
    for k in range(len(a)):
        low = min(a[k], b[k])
        out[cursor[low]] = (np.uint64(max(a[k], b[k])) << np.uint64(32)) | bit
        cursor[low] += 1


@njit(nogil=True, cache=True)
def _place_by_group(left, right, blockers, group, cursor, out):
    """Writes pairs of two groups among those of the lower one; counts them where there is no room.

    Counts are written one place further on.
    """
    for k in range(len(left)):
        a, b = group[left[k]], group[right[k]]
        if a == b:
            continue
        low, high = min(a, b), max(a, b)
        if len(out) == 0:
            cursor[low + 1] += 1
        else:
            out[cursor[low]] = (np.uint64(high) << np.uint64(32)) | np.uint64(blockers[k])
            cursor[low] += 1


@njit(nogil=True, cache=True)
def _distinct(starts, proposals, left, right, blockers):
    """Joins the proposals of each pair, in order; returns how many pairs there are."""
    size = 0
    for low in range(len(starts) - 1):
        start = starts[low]
        for k in range(start, distinct_row(proposals, start, starts[low + 1])):
            high, bit = np.int32(proposals[k] >> np.uint64(32)), np.uint32(proposals[k])
            if k > start and right[size - 1] == high:
                blockers[size - 1] |= bit
            else:
                left[size], right[size], blockers[size] = low, high, bit
                size += 1
    return size


def ranked_pairs(
    spaces: list[Neighbours],
    budget: np.ndarray,
    keyed: Sequence[tuple[str, np.ndarray, np.ndarray]] = (),
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """The best neighbours of each record over several blockers, by reciprocal rank fusion.

    Args:
        spaces: neighbour lists over the same records.
        budget: neighbours to keep of each record, int, shape (n,).
        keyed: pairs ``(name, left, right)`` of blockers without ranks; each counts as a fifth
            neighbour.

    Returns:
        Pairs ``(name, rows, neighbours)`` of each blocker: those of its neighbours that were kept.
    """
    n = len(budget)
    depths = [space.k for space in spaces]
    index = np.hstack([np.zeros((n, 0), np.int32), *(space.index for space in spaces)])
    claims = np.concatenate([np.zeros(0), *(1.0 / (_FUSION + np.arange(k)) for k in depths)])
    bits = np.repeat(1 << np.arange(len(spaces)), depths)
    pairs, pair_bits = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, (_, a, b) in enumerate(keyed, len(spaces)):
        both = np.concatenate([a.astype(np.int64) * n + b, b.astype(np.int64) * n + a])
        pairs.append(sorted_distinct(both))
        pair_bits.append(np.full(len(pairs[-1]), 1 << number, np.int64))
    rows, columns = np.divmod(np.concatenate(pairs), n)
    order = stable_order(rows)
    starts = row_starts(np.bincount(rows, minlength=n))
    listed = np.count_nonzero(index >= 0, axis=1) + np.diff(starts)
    size = int(np.minimum(listed, budget).sum())
    row, column, origin = (np.empty(size, np.int64) for _ in range(3))
    size = _best_of_rows(
        index, claims, bits, starts, columns[order], np.concatenate(pair_bits)[order],
        1.0 / (_FUSION + _KEYED_RANK), budget, row, column, origin,
    )  # fmt: skip
    row, column, origin = row[:size], column[:size], origin[:size]
    return [
        (name, row[(origin >> k) & 1 == 1], column[(origin >> k) & 1 == 1])
        for k, name in enumerate([s.name for s in spaces] + [name for name, _, _ in keyed])
    ]


@njit(nogil=True, cache=True)
def _best_of_rows(
    index, claims, bits, starts, keyed, keyed_bits, claim_of_keyed, budget, rows, columns, origins
):
    """Writes the partners of the largest sums of claims of each row; returns how many there are.

    Partners of equal sums go by row. Those of key blockers are in ``keyed`` from ``starts`` on.
    """
    n, size = len(index), 0
    sums, origin = np.zeros(n), np.zeros(n, np.int64)
    partners = np.empty(n, np.int64)
    for row in range(n):
        count = 0
        for place in range(index.shape[1]):
            other = index[row, place]
            if other >= 0:
                if sums[other] == 0:
                    partners[count] = other
                    count += 1
                sums[other] += claims[place]
                origin[other] |= bits[place]
        for place in range(starts[row], starts[row + 1]):
            other = keyed[place]
            if sums[other] == 0:
                partners[count] = other
                count += 1
            sums[other] += claim_of_keyed
            origin[other] |= keyed_bits[place]
        found = np.sort(partners[:count])
        best = np.argsort(-sums[found], kind="mergesort")
        for place in range(min(count, budget[row])):
            other = found[best[place]]
            rows[size], columns[size], origins[size] = row, other, origin[other]
            size += 1
        sums[found] = 0
        origin[found] = 0
    return size


def listed_pairs(index: np.ndarray, budget: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of each row with the first neighbours of its list; twice where both list each other.

    Args:
        index: neighbours of each row, best first, int32, shape (n, k), -1 where there is none.
        budget: neighbours to take of each row, int, shape (n,).

    Returns:
        Rows, ascending, and their neighbours, int32.
    """
    size = _listed(index, budget, np.zeros(0, np.int32), np.zeros(0, np.int32))
    rows, others = np.empty(size, np.int32), np.empty(size, np.int32)
    _listed(index, budget, rows, others)
    return rows, others


@njit(nogil=True, cache=True)
def _listed(index, budget, rows, others):
    """Counts the neighbours within the budget, and writes them where there is room."""
    size = 0
    for row in range(len(index)):
        for place in range(min(budget[row], index.shape[1])):
            if index[row, place] < 0:
                break
            if len(rows):
                rows[size], others[size] = row, index[row, place]
            size += 1
    return size
