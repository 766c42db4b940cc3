"""Terms that the rarity join makes keys of: rare ones, and commoner ones that are keys in pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from features.arrays.rows import row_starts
from features.prepare import DESCRIPTION_WORDS, PreparedRecords
from features.text.sets import SparseSets, merge_rows, sparse_sets

__all__ = ["JoinTerms", "in_slices", "join_terms"]

#: Largest number of records with a term for which it is a key by itself.
RARE = 24
#: Largest number of terms of a record that are keys by themselves, and that are paired.
SINGLES, PAIRED = 8, 7
#: Rows of one job.
_SLICE = 1 << 15


@dataclass(frozen=True)
class JoinTerms:
    """The rarest terms of every record that another record could share, rarest first.

    Terms are identified by hashes of their text, so that ties between equally rare ones, and so the
    result, depend on nothing but the content of the records.

    Attributes:
        rare: terms of few records, uint64, shape (n, SINGLES), 0 where there are fewer.
        common: the rarest of the others, uint64, shape (n, PAIRED), 0 where there are fewer.
    """

    rare: np.ndarray
    common: np.ndarray


def join_terms(records: PreparedRecords, *, threads: int = 1) -> JoinTerms:
    """The rarest words, codes and identifiers of each record, and its whole main text as one term.

    Words of long descriptions are left out, since the rarest of them are chance words, unless a
    record has nothing else.

    Args:
        records: prepared records.
        threads: threads to use; the result does not depend on it.
    """
    n = records.n
    rare, common = np.zeros((n, SINGLES), np.uint64), np.zeros((n, PAIRED), np.uint64)
    rare_count = np.zeros((n, SINGLES), np.int32)
    common_count = np.zeros((n, PAIRED), np.int32)
    for indptr, ids, hashes in _spaces(records):
        count = _joinable(ids, int(indptr[records.records.n_left]), len(hashes), records)

        def keep(first: int, stop: int, indptr=indptr, ids=ids, hashes=hashes, count=count) -> None:
            _keep_rarest(
                indptr,
                ids,
                hashes,
                count,
                RARE,
                first,
                stop,
                rare,
                rare_count,
                common,
                common_count,
            )

        in_slices(n, keep, threads)
    return JoinTerms(rare, common)


def in_slices(n: int, work: Callable[[int, int], None], threads: int) -> None:
    """Calls ``work(first, stop)`` for slices of n rows in several threads.

    The calls must not write to the same rows.
    """
    starts = range(0, n, _SLICE)
    if threads <= 1 or n <= _SLICE:
        for first in starts:
            work(first, min(first + _SLICE, n))
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda first: work(first, min(first + _SLICE, n)), starts))


def _spaces(records: PreparedRecords) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Term spaces as ``(indptr, ids, hash of each id)``."""
    words = _naming_words(records)
    yield words.indptr, words.ids, records.vocabulary.hashes
    # A code that is one word has that word's hash, and so is the same term.
    codes = records.codes
    yield codes.sets.indptr, codes.sets.ids, codes.hashes
    for attribute in records.attributes.values():
        if attribute.identifiers is not None:
            yield _single(attribute.identifiers.code, attribute.identifiers.hashes)
    if records.main is not None:
        main = records.attributes[records.main]
        assert main.hashes is not None
        yield _single(main.values, main.hashes)


def _single(values: np.ndarray, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    known = values >= 0
    indptr = row_starts(known)
    return indptr, values[known], hashes


def _naming_words(records: PreparedRecords) -> SparseSets:
    """Words of the record without those of its descriptions."""
    worded = [a for a in records.attributes.values() if a.words is not None]
    naming = [a.words for a in worded if a.mean_words <= DESCRIPTION_WORDS and a.words is not None]
    if len(naming) == len(worded) or not naming:
        return records.words
    indptr, ids = merge_rows([(words.indptr, words.ids) for words in naming])
    return sparse_sets(indptr, ids, records.words.terms)


def _joinable(ids: np.ndarray, cut: int, terms: int, records: PreparedRecords) -> np.ndarray:
    """Records that hold each term, int32; 0 where it could not join any two."""
    count = np.bincount(ids, minlength=terms)
    if records.records.is_linkage:
        left = np.bincount(ids[:cut], minlength=terms)
        count[(left == 0) | (left == count)] = 0
    count[count < 2] = 0
    return count.astype(np.int32)


@njit(nogil=True, cache=True)
def _insert(keys, counts, key, count):
    """Inserts a term into a row of terms sorted by count, then key; a term known already stays."""
    size = len(keys)
    at = size
    for k in range(size):
        if counts[k] == 0:
            at = min(at, k)
            break
        if keys[k] == key:
            return
        if at == size and (count < counts[k] or (count == counts[k] and key < keys[k])):
            at = k
    if at == size:
        return
    last = at
    while last < size - 1 and counts[last] > 0:
        last += 1
    for k in range(last, at, -1):
        keys[k] = keys[k - 1]
        counts[k] = counts[k - 1]
    keys[at] = key
    counts[at] = count


@njit(nogil=True, cache=True)
def _keep_rarest(
    indptr, ids, hashes, count, most, first, stop, rare, rare_count, common, common_count
):
    for row in range(first, stop):
        for k in range(indptr[row], indptr[row + 1]):
            c = count[ids[k]]
            if c == 0:
                continue
            if c <= most:
                _insert(rare[row], rare_count[row], hashes[ids[k]], c)
            else:
                _insert(common[row], common_count[row], hashes[ids[k]], c)
