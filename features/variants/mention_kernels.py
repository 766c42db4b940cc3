"""Compiled search for runs of words by their hashes, and counts over the mentions found."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "ANY",
    "BEGINNING_BITS",
    "GROUP",
    "WEAK",
    "WHOLE",
    "first_of_rows",
    "hash_rows",
    "mentions_of_rows",
    "rows_with_words",
    "rows_without",
    "ways_of",
]

#: How a form mentions a value, as `features.variants.variant_values.ValueForms` has it; or any of
#: these.
WHOLE, WEAK, GROUP = 1, 2, 4
ANY = WHOLE | WEAK | GROUP
#: Number of bits of the hashes of beginnings of forms, in the table of which beginnings occur.
BEGINNING_BITS = 20


@njit(nogil=True, cache=True)
def _continue_hash(value, text, start, length):
    for k in range(start, start + length):
        value = (value ^ np.uint64(text[k])) * np.uint64(1099511628211)
    return value


@njit(nogil=True, cache=True)
def _beginning(value):
    return (value ^ (value >> np.uint64(29))) & np.uint64((1 << BEGINNING_BITS) - 1)


@njit(nogil=True, cache=True)
def hash_rows(text, indptr, start, length, out, begins):
    """Hash of each row's words written together, into ``out``; marks all beginnings of these.

    Args:
        text, indptr, start, length: the token table.
        out: filled with the hashes.
        begins: set at the bits of the hash of every beginning of a row.
    """
    for row in range(len(indptr) - 1):
        value = np.uint64(14695981039346656037)
        for t in range(indptr[row], indptr[row + 1]):
            for k in range(start[t], start[t] + length[t]):
                value = _continue_hash(value, text, k, 1)
                begins[_beginning(value)] = True
        out[row] = value


@njit(nogil=True, cache=True)
def mentions_of_rows(
    text, indptr, start, length, words, hashes, number, begins, longest, first_row, stop_row, out
):
    """Mentions in some rows; where there is no room for all, only their number counts.

    A run of words is read on only while it may be the beginning of a form: most words are not.

    Args:
        text, indptr, start, length, words: the token table; ``words`` are its hashes.
        hashes, number: hashes of the forms, ascending, and which form each is of.
        begins: for the bits of a hash, whether a form may begin so, see `hash_rows`.
        longest: words of a form at most.
        first_row, stop_row: the rows.
        out: filled with row, token, number of words and form of each mention.
    """
    count = 0
    for row in range(first_row, stop_row):
        for first in range(indptr[row], indptr[row + 1]):
            value = words[first]
            for last in range(first, min(first + longest, indptr[row + 1])):
                if last > first:
                    value = _continue_hash(value, text, start[last], length[last])
                if not begins[_beginning(value)]:
                    break
                at = np.searchsorted(hashes, value)
                if at < len(hashes) and hashes[at] == value:
                    if count < len(out):
                        out[count, 0] = row
                        out[count, 1] = first
                        out[count, 2] = last - first + 1
                        out[count, 3] = number[at]
                    count += 1
    return count


@njit(nogil=True, cache=True)
def first_of_rows(row, form, forms):
    """Whether a mention is the first of its form in its row, bool[m].

    Args:
        row, form: of each mention, row by row.
        forms: number of forms.
    """
    out = np.zeros(len(row), np.bool_)
    seen = np.full(forms, -1, np.int64)
    for m in range(len(row)):
        if seen[form[m]] != row[m]:
            seen[form[m]] = row[m]
            out[m] = True
    return out


@njit(nogil=True, cache=True)
def ways_of(value, form, indptr, forms, ways):
    """In what way each mention's form mentions the value of the mention's row, int8[m].

    Args:
        value, form: of each mention; value -1 unknown.
        indptr, forms, ways: start of each value's forms, these, and in what way each mentions it.
    """
    out = np.zeros(len(form), np.int8)
    for m in range(len(form)):
        if value[m] >= 0:
            for k in range(indptr[value[m]], indptr[value[m] + 1]):
                if forms[k] == form[m]:
                    out[m] = ways[k]
                    break
    return out


@njit(nogil=True, cache=True)
def rows_with_words(indptr, words, known, size):
    """How many rows have each word, and how many of those are known ones; int64[size] each.

    Args:
        indptr, words: start of each row's words, and their numbers.
        known: some of the rows, bool.
        size: number of words.
    """
    rows, hits = np.zeros(size, np.int64), np.zeros(size, np.int64)
    seen = np.full(size, -1, np.int32)
    for row in range(len(indptr) - 1):
        for k in range(indptr[row], indptr[row + 1]):
            word = words[k]
            if seen[word] != row:
                seen[word] = row
                rows[word] += 1
                hits[word] += known[row]
    return rows, hits


@njit(nogil=True, cache=True)
def rows_without(indptr, words, unwanted):
    """Whether a row has none of some words, bool[n].

    Args:
        indptr, words: start of each row's words, and their numbers.
        unwanted: these words, bool.
    """
    out = np.ones(len(indptr) - 1, np.bool_)
    for row in range(len(out)):
        for k in range(indptr[row], indptr[row + 1]):
            if unwanted[words[k]]:
                out[row] = False
                break
    return out
