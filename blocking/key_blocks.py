"""Blocks of rows that share a key, and the pairs in them, in time linear in rows and pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit

from features.arrays.numbering import number_values
from features.arrays.rows import row_starts

__all__ = ["BlockNote", "Entries", "Refiner", "block_pairs"]

#: Number of largest blocks in the report of each blocker; blocks that were cut come first.
LISTED_BLOCKS = 10


@dataclass(frozen=True)
class Entries:
    """The keys of rows.

    Attributes:
        keys: key of each entry, as a number, int32, shape (m,).
        rows: row of each entry, int32, shape (m,); ascending within a key if entries are in row
            order.
        label: describes a key for the report.
    """

    keys: np.ndarray
    rows: np.ndarray
    label: Callable[[int], str]


@dataclass(frozen=True)
class Refiner:
    """A further attribute by which blocks that are too large are split.

    Attributes:
        name: name of the attribute.
        terms: terms of each row, int32, shape (n, width); -1 where there are fewer.
        label: describes a term.
    """

    name: str
    terms: np.ndarray
    label: Callable[[int], str]


@dataclass(frozen=True)
class BlockNote:
    """One large block, for the report.

    Attributes:
        name: the key in words.
        rows: records in the block.
        pairs: pairs that comparing all of them would take.
        kept: pairs taken from this block itself; less than ``pairs`` where it was cut.
        treatment: ``"whole"``, ``"re-keyed"`` (split by further attributes) or ``"cut"`` (each
            record was paired with its neighbours in sorted order only).
    """

    name: str
    rows: int
    pairs: int
    kept: int
    treatment: str


@dataclass(frozen=True)
class _Blocks:
    """Rows by block, and labels of the blocks."""

    indptr: np.ndarray
    rows: np.ndarray
    label: Callable[[int], str]


def block_pairs(
    entries: Entries,
    n: int,
    n_left: int,
    partners: int,
    refiners: Callable[[], list[Refiner]],
    rank: Callable[[], np.ndarray],
) -> tuple[np.ndarray, np.ndarray, list[BlockNote]]:
    """Pairs of rows that share a key, with at most ``partners`` partners a row and block.

    A block that would give a row more partners is split by the refiners, one after the other. What
    is still too large after the last is sorted by ``rank``, and each row paired with its neighbours
    in that order.

    Args:
        entries: keys of rows.
        n: number of rows.
        n_left: rows below this are of the left table; n where there is one table.
        partners: largest number of partners.
        refiners: gives the further attributes; called only if a block is too large.
        rank: gives the rank of each row for sorting; called only if a block stays too large.

    Returns:
        Rows of the pairs (left below right, duplicates possible), and the largest blocks.
    """
    blocks = _blocks(entries.keys, entries.rows, entries.label)
    lefts, rights, cut, large = [], [], [], []
    chain: list[Refiner] | None = None
    level = 0
    while True:
        possible, load = _measure(blocks.indptr, blocks.rows, n_left, n_left < n)
        whole = (load > 0) & (load <= partners)
        left, right = _emit(
            blocks.indptr, blocks.rows, n_left, n_left < n, whole, possible[whole].sum()
        )
        lefts.append(left)
        rights.append(right)
        over = np.flatnonzero(load > partners)
        if level == 0:
            large = _notes(blocks, possible, partners, load)
        if not len(over):
            break
        chain = refiners() if chain is None else chain
        if level == len(chain):
            ordered = _ordered(blocks, over, rank(), n_left)
            left, right, kept = _windows(*ordered, n_left, n_left < n, partners)
            lefts.append(left)
            rights.append(right)
            cut = _cut_notes(blocks, over, possible, kept)
            break
        blocks = _parted(blocks, over, chain[level])
        level += 1
    return np.concatenate(lefts), np.concatenate(rights), cut + large


def _blocks(keys: np.ndarray, rows: np.ndarray, label: Callable[[int], str]) -> _Blocks:
    """Groups rows by key, by counting."""
    size = int(keys.max()) + 1 if len(keys) else 0
    indptr = row_starts(np.bincount(keys, minlength=size))
    grouped = np.zeros(len(rows), np.int32)
    _scatter(keys, rows, indptr[:-1].copy(), grouped)
    return _Blocks(indptr, grouped, label)


def _parted(blocks: _Blocks, over: np.ndarray, refiner: Refiner) -> _Blocks:
    """Splits the blocks ``over`` by the terms of their rows; rows without any stay together."""
    sizes = blocks.indptr[over + 1] - blocks.indptr[over]
    parent = np.repeat(over, sizes)
    rows = _ranges(blocks.rows, blocks.indptr[over], sizes)
    terms = refiner.terms[rows]
    member, column = np.nonzero(terms >= 0)
    numbers, first = _group(parent[member], terms[member, column])
    # A term of all rows of a block does not split it.
    common = np.bincount(numbers, minlength=len(first)) == (
        blocks.indptr[parent[member[first]] + 1] - blocks.indptr[parent[member[first]]]
    )
    telling = ~common[numbers]
    member, column = member[telling], column[telling]
    silent = np.setdiff1d(np.arange(len(rows)), member)
    parent = np.concatenate([parent[member], parent[silent]])
    values = np.concatenate([terms[member, column], np.full(len(silent), -1, np.int32)])
    numbers, first = _group(parent, values)
    count = np.bincount(numbers, minlength=len(first))

    def label(block: int) -> str:
        origin, term = int(parent[first[block]]), int(values[first[block]])
        known = blocks.label(origin)
        if count[block] == blocks.indptr[origin + 1] - blocks.indptr[origin]:
            return known
        return f"{known} + {refiner.label(term) if term >= 0 else f'no other {refiner.name}'}"

    return _blocks(numbers, np.concatenate([rows[member], rows[silent]]), label)


def _group(parent: np.ndarray, terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes of (parent, term) pairs and the first position of each, see `number_values`."""
    packed = (parent.astype(np.uint64) << np.uint64(32)) | (terms.astype(np.int64) + 1).astype(
        np.uint64
    )
    return number_values(packed)


def _ranges(values: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The slices ``values[start : start + size]``, one after the other."""
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    return values[offsets + np.arange(sizes.sum())]


def _ordered(
    blocks: _Blocks, over: np.ndarray, rank: np.ndarray, n_left: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the blocks ``over`` sorted by rank; those of equal rank alternate between tables."""
    sizes = blocks.indptr[over + 1] - blocks.indptr[over]
    rows = _ranges(blocks.rows, blocks.indptr[over], sizes)
    block = np.repeat(np.arange(len(over)), sizes)
    side = rows >= n_left
    order = np.lexsort((rows, side, rank[rows], block))
    rows, block, side = rows[order], block[order], side[order]
    new = np.ones(len(rows), bool)
    new[1:] = (np.diff(block) != 0) | (np.diff(rank[rows]) != 0) | (side[1:] != side[:-1])
    start = np.flatnonzero(new)
    length = np.diff(np.append(start, len(rows)))
    turn = (np.arange(len(rows)) - np.repeat(start, length)) / np.repeat(length, length)
    order = np.lexsort((rows, turn, rank[rows], block))
    return row_starts(sizes), rows[order]


def _notes(
    blocks: _Blocks, possible: np.ndarray, partners: int, load: np.ndarray
) -> list[BlockNote]:
    size = min(LISTED_BLOCKS, len(possible))
    if not size:
        return []
    smallest = np.partition(possible, len(possible) - size)[len(possible) - size]
    chosen = np.flatnonzero((possible >= smallest) & (possible > 0))
    chosen = chosen[np.lexsort((chosen, -possible[chosen]))][:size]
    return [
        _note(blocks, int(b), possible, int(possible[b]), "whole")
        if load[b] <= partners
        else _note(blocks, int(b), possible, 0, "re-keyed")
        for b in chosen
    ]


def _cut_notes(
    blocks: _Blocks, over: np.ndarray, possible: np.ndarray, kept: np.ndarray
) -> list[BlockNote]:
    order = np.lexsort((over, -possible[over]))[:LISTED_BLOCKS]
    return [_note(blocks, int(over[k]), possible, int(kept[k]), "cut") for k in order]


def _note(
    blocks: _Blocks, block: int, possible: np.ndarray, kept: int, treatment: str
) -> BlockNote:
    rows = int(blocks.indptr[block + 1] - blocks.indptr[block])
    return BlockNote(blocks.label(block), rows, int(possible[block]), kept, treatment)


@njit(nogil=True, cache=True)
def _scatter(keys, rows, cursor, out):
    for i in range(len(keys)):
        out[cursor[keys[i]]] = rows[i]
        cursor[keys[i]] += 1


@njit(nogil=True, cache=True)
def _measure(indptr, rows, n_left, linkage):
    """Pairs that each block holds, and partners of the row that has most."""
    size = len(indptr) - 1
    possible, load = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for block in range(size):
        count = indptr[block + 1] - indptr[block]
        if linkage:
            left = 0
            for k in range(indptr[block], indptr[block + 1]):
                if rows[k] < n_left:
                    left += 1
            right = count - left
            possible[block] = left * right
            load[block] = max(left, right) if left and right else 0
        else:
            possible[block] = count * (count - 1) // 2
            load[block] = count - 1
    return possible, load


@njit(nogil=True, cache=True)
def _emit(indptr, rows, n_left, linkage, chosen, total):
    left, right = np.zeros(total, np.int32), np.zeros(total, np.int32)
    used = 0
    for block in range(len(indptr) - 1):
        if not chosen[block]:
            continue
        for i in range(indptr[block], indptr[block + 1]):
            for j in range(i + 1, indptr[block + 1]):
                a, b = min(rows[i], rows[j]), max(rows[i], rows[j])
                if a == b or (linkage and (a >= n_left or b < n_left)):
                    continue
                left[used] = a
                right[used] = b
                used += 1
    return left[:used], right[:used]


@njit(nogil=True, cache=True)
def _windows(indptr, rows, n_left, linkage, partners):
    """Pairs each row with those next to it: half of its partners before it, half after."""
    reach = max(1, partners // 2)
    left = np.zeros(len(rows) * reach, np.int32)
    right = np.zeros(len(rows) * reach, np.int32)
    kept = np.zeros(len(indptr) - 1, np.int64)
    # In a linkage rows of the same table are skipped, up to a limit.
    limit = 20 * reach if linkage else reach
    used = 0
    for block in range(len(indptr) - 1):
        start, stop = indptr[block], indptr[block + 1]
        before = used
        behind = np.zeros(stop - start, np.int64)
        for i in range(start, stop):
            ahead = 0
            for j in range(i + 1, min(stop, i + 1 + limit)):
                a, b = min(rows[i], rows[j]), max(rows[i], rows[j])
                if behind[j - start] == reach or (linkage and (a >= n_left or b < n_left)):
                    continue
                left[used] = a
                right[used] = b
                used += 1
                behind[j - start] += 1
                ahead += 1
                if ahead == reach:
                    break
        kept[block] = used - before
    return left[:used], right[:used], kept
