"""The content of records: the values of all compared attributes, as one number for each record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from features.arrays.numbering import number_hashes
from features.arrays.ordering import stable_order
from features.kinds import Kind
from features.records import Records
from features.text.tokens import hash_strings

__all__ = ["EqualRows", "content_hashes", "description_hashes", "equal_rows", "pair_hashes"]

#: Rows of each content of one table that blockers see: a pair of equal rows is worth learning from,
#: further ones would only crowd other neighbours out.
_COMPARED = 2
#: Multipliers of the finalizer of splitmix64 (Steele, Lea and Flood 2014).
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class EqualRows:
    """Rows that state the same values of all compared attributes.

    Attributes:
        group: number of each row's content, int64, shape (n,); -1 where no other row has it.
        side: table of each row, 0 or 1, shape (n,).
    """

    group: np.ndarray
    side: np.ndarray

    def are_equal(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Whether pairs are of equal rows, bool, shape (m,)."""
        one = self.group[left]
        return np.asarray((one >= 0) & (one == self.group[right]))

    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Pairs that connect the rows of each group, as many as rows at most; left < right.

        Of one table each row is paired with the first of its group. Of two tables the first rows
        of both are paired, the second and so on, and further ones with the last of the other table,
        so that each may have a partner of its own.
        """
        rows = np.flatnonzero(self.group >= 0)
        if not self.side.any():
            first = np.unique(self.group[rows], return_index=True)[1]
            left = rows[first][self.group[rows]]
            return left[left < rows], rows[left < rows]
        block = self.group * 2 + self.side
        order = rows[stable_order(block[rows])]
        size = np.bincount(block[rows], minlength=2 * (int(self.group.max()) + 1))
        start = np.cumsum(size) - size
        place = np.arange(len(order)) - start[block[order]]
        use = size[block[order] ^ 1] > 0
        own, other, place = order[use], block[order[use]] ^ 1, place[use]
        partner = order[start[other] + np.minimum(place, size[other] - 1)]
        both = np.unique(np.sort(np.column_stack([own, partner]), axis=1), axis=0)
        return both[:, 0], both[:, 1]

    def surplus(self) -> np.ndarray:
        """Rows of one table that have two equal ones before them, bool, shape (n,)."""
        out = np.zeros(len(self.group), bool)
        if self.side.any():
            return out
        rows = np.flatnonzero(self.group >= 0)
        rows = rows[stable_order(self.group[rows])]
        code = self.group[rows]
        out[rows[_COMPARED:]] = code[_COMPARED:] == code[:-_COMPARED]
        return out


def equal_rows(records: Records, hashes: np.ndarray | None = None) -> EqualRows | None:
    """The rows that are equal in all that they state; None where all differ.

    Rows that state nothing equal none.

    Args:
        records: the rows.
        hashes: their `content_hashes`, if they are known.
    """
    stated = _stated(records)
    hashes = content_hashes(records) if hashes is None else hashes
    code, first = number_hashes(hashes)
    several = (np.bincount(code, minlength=len(first))[code] > 1) & stated
    if not several.any():
        return None
    group = np.full(records.n, -1, np.int64)
    group[several] = number_hashes(hashes[several])[0]
    return EqualRows(group, records.side)


def content_hashes(records: Records) -> np.ndarray:
    """A hash of each record's values of all compared attributes, uint64, shape (n,).

    Neither ids nor the order of rows or columns change it.
    """
    out = np.zeros(records.n, np.uint64)
    for name in records.kinds:
        values = records.values(name)
        salt = hash_strings(pa.array([name], pa.large_string()))[0]
        mixed = _mixed(hash_strings(values) + _mixed(salt))
        out += np.where(_is_valid(values), mixed, np.uint64(0))
    return _mixed(out)


def description_hashes(records: Records) -> np.ndarray:
    """`content_hashes` of all but identifiers, which one shop decorates and another does not."""
    numbers = tuple(n for n, kind in records.kinds.items() if kind == Kind.IDENTIFIER)
    described = records.without(numbers)
    return content_hashes(described if described.kinds else records)


def pair_hashes(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """A hash of each pair of hashes, uint64, shape (m,); their order counts."""
    return _mixed(_mixed(one) + other)


def _stated(records: Records) -> np.ndarray:
    out = np.zeros(records.n, bool)
    for name in records.kinds:
        out |= _is_valid(records.values(name))
    return out


def _is_valid(values: pa.Array) -> np.ndarray:
    return np.asarray(values.is_valid().to_numpy(zero_copy_only=False))


def _mixed(hashes: np.ndarray) -> np.ndarray:
    """Hashes whose every bit depends on all bits of the given ones, uint64."""
    out = hashes ^ (hashes >> np.uint64(30))
    with np.errstate(over="ignore"):  # of numpy's scalars; arrays wrap around silently
        out = out * _FIRST
        out = (out ^ (out >> np.uint64(27))) * _SECOND
    return np.asarray(out ^ (out >> np.uint64(31)))
