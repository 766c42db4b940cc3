"""The rarity join: nearest neighbours by key blocking on rare terms, for catalogs of many records.

Each record has some twenty keys: its rare terms (words, codes, identifiers, its whole main text)
and all pairs of the rarest of its commoner ones. A block that is too large is split by a further
term and by values such as size, colour or price; blocks that are too large even then are dropped.
The partners of a record in its blocks are ranked by the blocks, words and values that they share,
and the best are kept. The time grows linearly with the number of records but for sorting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from blocking.join_kernels import (
    accepted_blocks,
    count_keys,
    oversize_of_rows,
    refined_keys,
    write_keys,
)
from blocking.join_ranking import best_partners, keep_words
from blocking.join_terms import JoinTerms, in_slices, join_terms
from blocking.join_values import JoinValues, join_values
from blocking.neighbours import Neighbours
from features.arrays.ordering import stable_order
from features.arrays.rows import row_starts
from features.prepare import PreparedRecords

__all__ = ["rarity_join"]

#: Largest number of rows of a block.
BLOCK_ROWS = 30
#: Number of blocks of a row that are too large and are split: the smallest ones.
_KEYED_AGAIN = 2
#: Multiple of that size beyond which a block is split by two values, too.
_WIDE = 8
#: Block members looked at for a row, those of its smallest blocks first. Six times as many found
#: hardly more matches of a hundred thousand generated rows (recall 0.955 against 0.954) and took a
#: fifth longer.
_LOOKED_AT = 300
#: Number of partners of a row that are scored by their words.
_SCORED = 24
#: Log-odds of a shared block, times the rarity of its key; small, since keys of word pairs overlap.
_BLOCKS_WORTH = 0.15
#: Number of words of a record that partners are ranked by, the rarest.
_WORDS = 16
#: Log-odds of equal words, times the logarithm of the number of records.
_WORDS_WORTH = 1.5
#: Number of shared blocks of two rows from which a pair counts as a likely match.
_LIKELY = 3
#: Number of blocks of two that are looked at for such pairs.
_LOOKED_AT_FIRST = 1_000_000


@dataclass
class _Blocks:
    rows: np.ndarray
    starts: np.ndarray


def rarity_join(
    records: PreparedRecords, k: int, *, threads: int = 1, name: str = "rare terms"
) -> Neighbours:
    """The k best partners of every record, by the rarity of the terms and values that they share.

    Args:
        records: prepared records.
        k: partners to list.
        threads: threads to use; the result does not depend on it.
        name: name of the space.
    """
    n = records.n
    index = np.full((n, k), -1, np.int32)
    similarity = np.zeros((n, k), np.float32)
    terms = join_terms(records, threads=threads)
    # Rows are sorted by their rarest common terms, so that partners are near each other in memory.
    order = stable_order(terms.common[:, 1])
    order = order[stable_order(terms.common[order, 0])].astype(np.int32)
    terms = JoinTerms(terms.rare[order], terms.common[order])
    side = records.records.side[order]
    linkage = records.records.is_linkage
    mask = np.uint64((1 << max(1, (n - 1).bit_length())) - 1)
    blocks, over_keys, over_sizes = _split(_keys(terms, mask, threads), mask, side, linkage, n)
    left, right = _likely_matches(blocks, n)
    values = join_values(records, order[left], order[right])
    slots = values.slots[order]
    if over_sizes.any():
        entries = _again(terms, values, slots, over_keys, over_sizes, mask, threads)
        more, _, _ = _split(entries, mask, side, linkage, 0)
        blocks = _Blocks(
            np.concatenate([blocks.rows, more.rows]),
            np.concatenate([blocks.starts, more.starts[1:] + blocks.starts[-1]]),
        )
    row_indptr, row_blocks = _blocks_of_rows(blocks, n)
    words = records.words
    kept, worth = np.zeros((n, _WORDS), np.int32), np.zeros((n, _WORDS), np.float32)
    counts = np.zeros(n, np.uint8)
    weights = _BLOCKS_WORTH * np.log(max(n, 2) / np.arange(1, 2 * BLOCK_ROWS + 2))
    agree = np.log(values.agreeing / values.chance)
    differ = np.log((1 - values.agreeing) / (1 - values.chance))

    def keep(start: int, stop: int) -> None:
        keep_words(words.indptr, words.ids, words.weights, order, start, stop, kept, worth, counts)

    def best(start: int, stop: int) -> None:
        best_partners(
            row_indptr, row_blocks, blocks.starts, blocks.rows, weights, side, linkage,
            kept, worth, counts, _WORDS_WORTH * np.log1p(n),
            slots, values.kinds, agree, differ,
            _LOOKED_AT, max(_SCORED, k), order, start, stop, index, similarity,
        )  # fmt: skip

    in_slices(n, keep, threads)
    in_slices(n, best, threads)
    return Neighbours(name, index, similarity)


def _likely_matches(blocks: _Blocks, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of records that share several blocks of two."""
    start = blocks.starts[:-1][np.diff(blocks.starts) == 2]
    start = start[:: max(1, len(start) // _LOOKED_AT_FIRST)]
    left, right = blocks.rows[start].astype(np.int64), blocks.rows[start + 1].astype(np.int64)
    pairs, count = np.unique(left * n + right, return_counts=True)
    pairs = pairs[count >= min(_LIKELY, int(count.max(initial=1)))]
    return pairs // n, pairs % n


def _keys(terms: JoinTerms, mask: np.uint64, threads: int) -> np.ndarray:
    n = len(terms.rare)
    counts = np.zeros(n, np.int64)
    in_slices(n, lambda a, b: count_keys(terms.rare, terms.common, a, b, counts), threads)
    starts = row_starts(counts)
    entries = np.empty(starts[-1], np.uint64)
    in_slices(
        n, lambda a, b: write_keys(terms.rare, terms.common, a, b, starts, mask, entries), threads
    )
    entries.sort()
    return entries


def _again(
    terms: JoinTerms,
    values: JoinValues,
    slots: np.ndarray,
    keys: np.ndarray,
    sizes: np.ndarray,
    mask: np.uint64,
    threads: int,
) -> np.ndarray:
    n = len(slots)
    counts = np.zeros(n, np.int64)
    nothing = np.zeros(0, np.uint64)
    args = (keys, sizes, terms.common, slots, values.kinds, values.parting)
    wide = _WIDE * BLOCK_ROWS
    in_slices(
        n,
        lambda a, b: refined_keys(*args, wide, mask, a, b, counts, False, counts, nothing),
        threads,
    )
    starts = row_starts(counts)
    entries = np.empty(starts[-1], np.uint64)
    in_slices(
        n,
        lambda a, b: refined_keys(*args, wide, mask, a, b, starts, True, counts, entries),
        threads,
    )
    entries.sort()
    return entries


def _split(
    entries: np.ndarray, mask: np.uint64, side: np.ndarray, linkage: bool, n: int
) -> tuple[_Blocks, np.ndarray, np.ndarray]:
    """Accepted blocks of sorted entries, and the smallest that are too large of each of n rows."""
    rows = np.empty(len(entries), np.int32)
    starts = np.empty(len(entries) // 2 + 2, np.int64)
    over_start = np.empty(len(entries) // BLOCK_ROWS + 1, np.int64)
    over_stop = np.empty(len(over_start), np.int64)
    blocks, used, over = accepted_blocks(
        entries, mask, side, linkage, BLOCK_ROWS, rows, starts, over_start, over_stop
    )
    keys = np.zeros((n, _KEYED_AGAIN), np.uint64)
    sizes = np.zeros((n, _KEYED_AGAIN), np.int32)
    if n:
        oversize_of_rows(entries, mask, over_start[:over], over_stop[:over], keys, sizes)
    return _Blocks(rows[:used].copy(), starts[: blocks + 1].copy()), keys, sizes


def _blocks_of_rows(blocks: _Blocks, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Blocks of each row, the smallest first."""
    order = stable_order(np.diff(blocks.starts))
    indptr = row_starts(np.bincount(blocks.rows, minlength=n))
    found = np.empty(len(blocks.rows), np.int32)
    _scatter(order, blocks.starts, blocks.rows, indptr[:-1].copy(), found)
    return indptr, found


@njit(nogil=True, cache=True)
def _scatter(order, starts, rows, cursor, blocks):
    for block in order:
        for k in range(starts[block], starts[block + 1]):
            row = rows[k]
            blocks[cursor[row]] = block
            cursor[row] += 1
