"""Compiled parts of the rarity join: keys, and the blocks of rows that share them."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "accepted_blocks",
    "count_keys",
    "mix",
    "oversize_of_rows",
    "refined_keys",
    "write_keys",
]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_SINGLE = np.uint64(0xD6E8FEB86659FD93)


@njit(nogil=True, cache=True)
def mix(a, b):
    """A 64-bit hash of two (the finaliser of splitmix64)."""
    value = (a ^ (b * _ODD)) + _ODD
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(nogil=True, cache=True)
def pair_key(a, b):
    """Key of two terms, whichever comes first."""
    return mix(min(a, b), max(a, b))


@njit(nogil=True, cache=True)
def _filled(terms):
    size = 0
    while size < len(terms) and terms[size] != 0:
        size += 1
    return size


@njit(nogil=True, cache=True)
def count_keys(rare, common, first, stop, counts):
    """Keys of each row: its rare terms, and all pairs of its commoner ones."""
    for row in range(first, stop):
        pairs = _filled(common[row])
        counts[row] = _filled(rare[row]) + pairs * (pairs - 1) // 2


@njit(nogil=True, cache=True)
def write_keys(rare, common, first, stop, starts, mask, out):
    """Writes the keys that were counted; the low bits of each hold the row."""
    for row in range(first, stop):
        at = starts[row]
        own = np.uint64(row)
        for k in range(_filled(rare[row])):
            out[at] = (mix(rare[row, k], _SINGLE) & ~mask) | own
            at += 1
        size = _filled(common[row])
        for i in range(size):
            for j in range(i + 1, size):
                out[at] = (pair_key(common[row, i], common[row, j]) & ~mask) | own
                at += 1


@njit(nogil=True, cache=True)
def accepted_blocks(entries, mask, side, linkage, most, rows, starts, over_start, over_stop):
    """Finds the runs of equal keys among sorted entries.

    Args:
        entries: sorted keys with rows in the low bits ``mask``.
        side, linkage: table of each row, and whether pairs must be across the two.
        most: rows of a block at most (of either table in a linkage).
        rows, starts: filled with the rows of blocks that are not too large, and where each begins.
        over_start, over_stop: filled with the entries of blocks that are.

    Returns:
        Number of accepted blocks, of their rows, and of blocks too large.
    """
    blocks, used, over = 0, 0, 0
    total = len(entries)
    start = 0
    while start < total:
        key = entries[start] & ~mask
        stop = start + 1
        while stop < total and entries[stop] & ~mask == key:
            stop += 1
        size = stop - start
        if size > 1:
            load = size
            joins = True
            if linkage:
                left = 0
                for k in range(start, stop):
                    left += side[entries[k] & mask] == 0
                load = max(left, size - left)
                joins = 0 < left < size
            if joins and load <= most:
                starts[blocks] = used
                blocks += 1
                for k in range(start, stop):
                    rows[used] = np.int32(entries[k] & mask)
                    used += 1
            elif joins:
                over_start[over] = start
                over_stop[over] = stop
                over += 1
        start = stop
    starts[blocks] = used
    return blocks, used, over


@njit(nogil=True, cache=True)
def oversize_of_rows(entries, mask, over_start, over_stop, keys, sizes):
    """The smallest blocks that are too large, of each row, smallest first.

    Args:
        entries, mask, over_start, over_stop: as `accepted_blocks` left them.
        keys, sizes: filled with key and size of the blocks, shape (n, depth); size 0 for none.
    """
    depth = keys.shape[1]
    for block in range(len(over_start)):
        size = over_stop[block] - over_start[block]
        key = entries[over_start[block]] & ~mask
        for k in range(over_start[block], over_stop[block]):
            row = np.int64(entries[k] & mask)
            at = depth
            # Blocks come by ascending key, so that equally large ones stay in that order.
            while at > 0 and (sizes[row, at - 1] == 0 or sizes[row, at - 1] > size):
                at -= 1
            if at == depth:
                continue
            for q in range(depth - 1, at, -1):
                keys[row, q] = keys[row, q - 1]
                sizes[row, q] = sizes[row, q - 1]
            keys[row, at] = key
            sizes[row, at] = size


@njit(nogil=True, cache=True)
def refined_keys(
    keys, sizes, common, slots, kinds, width, wide, mask, first, stop, starts, write, counts, out
):
    """Keys of parts of blocks that are too large: a further term, or one or two agreeing values.

    Args:
        keys, sizes: the blocks of each row (`oversize_of_rows`).
        common: terms of each row that pairs were made of.
        slots: values of each row, int32, shape (n, slots), 0 unknown.
        kinds: kind of each slot.
        width: slots that may part a block.
        wide: size of a block beyond which two values part it.
        mask: low bits that hold the row.
        first, stop: the rows.
        starts: where the keys of each row begin in ``out``; only read where ``write``.
        write: whether keys are written, or only counted.
        counts: filled with the number of keys of each row where not ``write``.
        out: the keys.
    """
    for row in range(first, stop):
        count = 0
        at = starts[row] if write else 0
        size = _filled(common[row])
        for block in range(keys.shape[1]):
            if sizes[row, block] == 0:
                break
            base = keys[row, block]
            one, two = -1, -1
            for i in range(size):
                for j in range(i + 1, size):
                    if pair_key(common[row, i], common[row, j]) & ~mask == base:
                        one, two = i, j
            for i in range(size):
                if one >= 0 and i != one and i != two:
                    if write:
                        value = mix(pair_key(common[row, one], common[row, i]), common[row, two])
                        value ^= mix(pair_key(common[row, two], common[row, i]), common[row, one])
                        value ^= mix(pair_key(common[row, one], common[row, two]), common[row, i])
                        out[at] = (value & ~mask) | np.uint64(row)
                        at += 1
                    count += 1
            for i in range(width):
                if slots[row, i] == 0:
                    continue
                # A binned value may fall just beyond the edge of its bin: it is in two.
                for x in range(2 if kinds[i] == 1 else 1):
                    part = mix(base, mix(np.uint64(i + 1), np.uint64(slots[row, i] + x)))
                    if write:
                        out[at] = (part & ~mask) | np.uint64(row)
                        at += 1
                    count += 1
                    if sizes[row, block] <= wide:
                        continue
                    for j in range(i + 1, width):
                        if slots[row, j] == 0:
                            continue
                        for y in range(2 if kinds[j] == 1 else 1):
                            if write:
                                value = mix(
                                    part, mix(np.uint64(j + 1), np.uint64(slots[row, j] + y))
                                )
                                out[at] = (value & ~mask) | np.uint64(row)
                                at += 1
                            count += 1
        if not write:
            counts[row] = count
