"""The rarity-driven join: records that share rare terms, or pairs of less rare ones.

Each record has some twenty keys: its rare terms (words, codes, identifiers, its whole main text)
and all pairs of the rarest of its commoner ones. A block that is too large is keyed again by a
further term and by values such as size, colour or price; what is too large even then is cut, and
named. Partners are ranked by the weight of what they share, and each record keeps its best.
Sorting is all that grows faster than the number of records.
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
from blocking.join_ranking import best_partners
from blocking.join_terms import JoinTerms, in_slices, join_terms
from blocking.join_values import JoinValues, join_values
from blocking.neighbours import Neighbours
from features.prepare import PreparedRecords

__all__ = ["rarity_join"]

#: Rows of a block at most.
BLOCK_ROWS = 50
#: Blocks that are too large and are keyed again, of each row: the smallest.
_KEYED_AGAIN = 2
#: Times that size beyond which two values part a block.
_WIDE = 8
#: Block members looked at for a row.
_LOOKED_AT = 2_000
#: Partners of a row that are scored.
_SCORED = 32
#: Log-odds that equal words are worth, times the logarithm of the number of records.
_WORDS_WORTH = 1.5
#: Blocks of two that a pair of records shares for it to be taken for a match.
_LIKELY = 3
#: Blocks of two looked at for such pairs.
_LOOKED_AT_FIRST = 1_000_000


@dataclass
class _Blocks:
    rows: np.ndarray
    starts: np.ndarray


def rarity_join(
    records: PreparedRecords, k: int, *, threads: int = 1, name: str = "rare terms"
) -> Neighbours:
    """The k best partners of every record by rarity of what they share.

    Args:
        records: prepared records.
        k: partners to list.
        threads: threads to use; the result does not depend on it.
        name: name of the space.
    """
    n = records.n
    terms = join_terms(records, threads=threads)
    mask = np.uint64((1 << max(1, (n - 1).bit_length())) - 1)
    entries = _keys(terms, n, mask, threads)
    first, over_keys, over_sizes = _split(entries, mask, records, True)
    del entries
    values = join_values(records, *_likely_matches(first, records))
    entries = _again(terms, values, over_keys, over_sizes, n, mask, threads)
    second, _, _ = _split(entries, mask, records, False)
    del entries
    rows = np.concatenate([first.rows, second.rows])
    starts = np.concatenate([first.starts, second.starts[1:] + first.starts[-1]])
    size = np.diff(starts)
    weights = np.log(max(n, 2) / np.maximum(size, 1)).astype(np.float32)
    row_indptr, row_blocks = _blocks_of_rows(rows, starts, n)
    index = np.full((n, k), -1, np.int32)
    similarity = np.zeros((n, k), np.float32)
    agree = np.log(values.agreeing / values.chance)
    differ = np.log((1 - values.agreeing) / (1 - values.chance))
    words = records.words
    squares = words.weights**2
    scale = _WORDS_WORTH * np.log1p(n)
    n_left = records.records.n_left

    def best(start: int, stop: int) -> None:
        best_partners(
            row_indptr, row_blocks, starts, rows, weights, n_left, n_left < n,
            words.indptr, words.ids, squares, words.norms, scale,
            values.slots, values.kinds, agree, differ,
            _LOOKED_AT, _SCORED, start, stop, index, similarity,
        )  # fmt: skip

    in_slices(n, best, threads)
    return Neighbours(name, index, similarity)


def _likely_matches(blocks: _Blocks, records: PreparedRecords) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of records that share several blocks with nobody else."""
    start = blocks.starts[:-1][np.diff(blocks.starts) == 2]
    start = start[:: max(1, len(start) // _LOOKED_AT_FIRST)]
    left, right = blocks.rows[start].astype(np.int64), blocks.rows[start + 1].astype(np.int64)
    pairs, count = np.unique(left * records.n + right, return_counts=True)
    pairs = pairs[count >= min(_LIKELY, int(count.max(initial=1)))]
    return pairs // records.n, pairs % records.n


def _keys(terms: JoinTerms, n: int, mask: np.uint64, threads: int) -> np.ndarray:
    counts = np.zeros(n, np.int64)
    in_slices(n, lambda a, b: count_keys(terms.rare, terms.common, a, b, counts), threads)
    starts = np.concatenate([[0], np.cumsum(counts)])
    entries = np.empty(starts[-1], np.uint64)
    in_slices(
        n, lambda a, b: write_keys(terms.rare, terms.common, a, b, starts, mask, entries), threads
    )
    entries.sort()
    return entries


def _again(
    terms: JoinTerms, values: JoinValues, keys, sizes, n: int, mask: np.uint64, threads: int
) -> np.ndarray:
    counts = np.zeros(n, np.int64)
    nothing = np.zeros(0, np.uint64)
    args = (keys, sizes, terms.common, values.slots, values.kinds, values.parting)
    wide = _WIDE * BLOCK_ROWS
    in_slices(
        n,
        lambda a, b: refined_keys(*args, wide, mask, a, b, counts, False, counts, nothing),
        threads,
    )
    starts = np.concatenate([[0], np.cumsum(counts)])
    entries = np.empty(starts[-1], np.uint64)
    in_slices(
        n,
        lambda a, b: refined_keys(*args, wide, mask, a, b, starts, True, counts, entries),
        threads,
    )
    entries.sort()
    return entries


def _split(entries: np.ndarray, mask: np.uint64, records: PreparedRecords, more: bool):
    """Accepted blocks of sorted entries, and each row's smallest blocks that are too large."""
    n, n_left = records.n, records.records.n_left
    rows = np.empty(len(entries), np.int32)
    starts = np.empty(len(entries) // 2 + 2, np.int64)
    over_start = np.empty(len(entries) // BLOCK_ROWS + 1, np.int64)
    over_stop = np.empty(len(over_start), np.int64)
    blocks, used, over = accepted_blocks(
        entries, mask, n_left, n_left < n, BLOCK_ROWS, rows, starts, over_start, over_stop
    )
    keys = np.zeros((n if more else 0, _KEYED_AGAIN), np.uint64)
    sizes = np.zeros((n if more else 0, _KEYED_AGAIN), np.int32)
    if more:
        oversize_of_rows(entries, mask, over_start[:over], over_stop[:over], keys, sizes)
    return _Blocks(rows[:used].copy(), starts[: blocks + 1].copy()), keys, sizes


def _blocks_of_rows(rows: np.ndarray, starts: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Blocks of each row, the smallest first."""
    sizes = np.diff(starts)
    order = np.argsort(sizes, kind="stable")
    counts = np.bincount(rows, minlength=n)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    blocks = np.empty(len(rows), np.int32)
    _scatter(order, starts, rows, indptr[:-1].copy(), blocks)
    return indptr, blocks


@njit(nogil=True, cache=True)
def _scatter(order, starts, rows, cursor, blocks):
    for block in order:
        for k in range(starts[block], starts[block + 1]):
            row = rows[k]
            blocks[cursor[row]] = block
            cursor[row] += 1
