"""Compiled loops over pairs of collapsed records, and over the records of each."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["common_terms", "commonest", "pairs_across", "pairs_within", "share_term"]


@njit(nogil=True, cache=True)
def share_term(indptr, terms, left, right):
    """Whether two rows have a term in common.

    Args:
        indptr: start of each row in ``terms``.
        terms: ascending within a row.
        left, right: rows of the pairs, shape (m,).

    Returns:
        bool[m].
    """
    out = np.zeros(len(left), np.bool_)
    for p in range(len(left)):
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        while i < i_stop and j < j_stop:
            if terms[i] == terms[j]:
                out[p] = True
                break
            if terms[i] < terms[j]:
                i += 1
            else:
                j += 1
    return out


@njit(nogil=True, cache=True)
def common_terms(indptr, terms, left, right):
    """How many terms two rows have in common, int64[m]; arguments as of `share_term`."""
    out = np.zeros(len(left), np.int64)
    for p in range(len(left)):
        i, i_stop = indptr[left[p]], indptr[left[p] + 1]
        j, j_stop = indptr[right[p]], indptr[right[p] + 1]
        while i < i_stop and j < j_stop:
            if terms[i] == terms[j]:
                out[p] += 1
                i += 1
                j += 1
            elif terms[i] < terms[j]:
                i += 1
            else:
                j += 1
    return out


@njit(nogil=True, cache=True)
def pairs_within(rows, start, most):
    """Pairs of the records of each group: all, or the first with each other where they are many.

    Args:
        rows: records, group by group.
        start: where each group's records begin, one more than there are groups.
        most: number of pairs up to which all pairs of a group are written.

    Returns:
        left int32[m], right int32[m], group int32[m].
    """
    total = 0
    for group in range(len(start) - 1):
        size = start[group + 1] - start[group]
        pairs = size * (size - 1) // 2
        total += pairs if pairs <= most else size - 1
    left, right = np.empty(total, np.int32), np.empty(total, np.int32)
    groups = np.empty(total, np.int32)
    at = 0
    for group in range(len(start) - 1):
        begin, end = start[group], start[group + 1]
        size = end - begin
        whole = size * (size - 1) // 2 <= most
        for i in range(begin, end if whole else min(begin + 1, end)):
            for j in range(i + 1, end):
                left[at], right[at], groups[at] = rows[i], rows[j], group
                at += 1
    return left, right, groups


@njit(nogil=True, cache=True)
def pairs_across(rows, start, left, right, most):
    """Pairs of records for pairs of groups.

    Args:
        rows: records, group by group.
        start: where each group's records begin, one more than there are groups.
        left, right: the two groups of each pair.
        most: number of pairs up to which all records of the two groups are paired; where there are
            more, all of the left group with the first of the right one, then the others of the
            right with the first of the left.

    Returns:
        left int32[m], right int32[m], number of the pair of groups int32[m].
    """
    total = 0
    for p in range(len(left)):
        a = start[left[p] + 1] - start[left[p]]
        b = start[right[p] + 1] - start[right[p]]
        total += a * b if a * b <= most else a + b - 1
    one, two = np.empty(total, np.int32), np.empty(total, np.int32)
    pair = np.empty(total, np.int32)
    at = 0
    for p in range(len(left)):
        a, a_stop = start[left[p]], start[left[p] + 1]
        b, b_stop = start[right[p]], start[right[p] + 1]
        whole = (a_stop - a) * (b_stop - b) <= most
        for i in range(a, a_stop):
            for j in range(b, b_stop if whole else b + 1):
                one[at], two[at], pair[at] = rows[i], rows[j], p
                at += 1
        if not whole:
            for j in range(b + 1, b_stop):
                one[at], two[at], pair[at] = rows[a], rows[j], p
                at += 1
    return one, two, pair


@njit(nogil=True, cache=True)
def commonest(rows, start, code, length):
    """The row of each group that has its most frequent value; of equally frequent ones the longest.

    Args:
        rows: rows, group by group.
        start: where each group's rows begin, one more than there are groups.
        code: number of each row's value, -1 unknown.
        length: length of each row's value.

    Returns:
        int64, one a group; of equal values the first row, -1 where all are unknown.
    """
    out = np.full(len(start) - 1, -1, np.int64)
    for group in range(len(start) - 1):
        most, longest = 0, -1
        for i in range(start[group], start[group + 1]):
            row = rows[i]
            if code[row] < 0:
                continue
            count = 0
            for j in range(start[group], start[group + 1]):
                count += code[rows[j]] == code[row]
            if count > most or (count == most and length[row] > longest):
                most, longest, out[group] = count, length[row], row
    return out
