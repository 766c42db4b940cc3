"""Facts in the texts of every record: model codes, numbers, quantities, years, colours, editions.

A fact is a term of one type that can be compared apart from the words around it. Each type of fact
is a sparse set of every record.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit

from features.arrays.numbering import number_hashes
from features.arrays.rows import row_starts
from features.text.sets import SparseSets, merge_rows, plain_sets, sparse_sets, stack_sets
from features.text.statistics import Statistics
from features.text.token_kernels import hash_bytes
from features.text.tokens import TokenTable
from features.values.fact_kernels import (
    COLOUR,
    EDITION,
    NUMBER,
    QUANTITY,
    SIZE,
    UNIT,
    VALUE,
    YEAR,
    kept_rows,
    state,
)
from features.values.marks import mark_sets
from features.values.text_quantities import quantity_sets
from features.values.word_facts import (
    LARGEST_VALUE,
    SHORTEST_CODE,
    SIZE_NUMBERS,
    WordFacts,
)
from features.values.word_roles import Role

__all__ = ["CodeSets", "code_sets", "fact_sets"]

#: Longest code joined from hyphenated parts; longer runs are sentences or lists.
LONGEST_CODE = 24
#: Rows whose facts are read at a time; bounds memory.
_ROWS_AT_A_TIME = 50_000
#: Types of facts that single words are; quantities may take several words.
_WORD_FACTS = {
    NUMBER: "numbers", VALUE: "number_values", YEAR: "years", COLOUR: "colours",
    EDITION: "editions", SIZE: "sizes",
}  # fmt: skip
_ORDER = ("numbers", "number_values", "years", "colours", "editions", "quantities", "sizes")


@dataclass(frozen=True)
class CodeSets:
    """Model codes of every record, and bytes and hash of each distinct code."""

    sets: SparseSets
    text: np.ndarray
    offsets: np.ndarray
    hashes: np.ndarray


def fact_sets(
    indptr: np.ndarray, ids: np.ndarray, facts: WordFacts, *, threads: int = 1
) -> dict[str, SparseSets]:
    """Facts of every record by type: numbers, years, colours, editions, quantities, sizes, marks.

    The term of a quantity holds its dimension, ``term // STEP``, and its amount on a logarithmic
    scale.

    Args:
        indptr: start of each record's words.
        ids: number of each word.
        facts: the facts that each word can be, see `word_facts`.
        threads: threads to use; the result does not depend on it.

    Returns:
        Sets of every record by the name of the type of fact.
    """
    n = len(indptr) - 1
    starts = list(range(0, max(n, 1), _ROWS_AT_A_TIME))
    by_word = _FactsByWord.of(facts)

    def part(first: int) -> dict[str, SparseSets]:
        own = indptr[first : first + _ROWS_AT_A_TIME + 1]
        return _fact_sets(own - own[0], ids[own[0] : own[-1]], facts, by_word)

    with ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(part, starts))
    return {name: stack_sets([one[name] for one in parts]) for name in parts[0]}


@dataclass(frozen=True)
class _FactsByWord:
    """Facts of each word in the layout of the kernel, which skips words without any.

    Attributes:
        kinds: bit set of the types of fact that a word is, uint8, see
            `features.values.fact_kernels`.
        groups: the term of each type, int32, shape (words, 6).
        is_plain: whether a word is a number, or a product of some, without a unit.
        terms: size of each type's term space.
    """

    kinds: np.ndarray
    groups: np.ndarray
    is_plain: np.ndarray
    terms: list[int]

    @classmethod
    def of(cls, facts: WordFacts) -> _FactsByWord:
        """Brings the facts of all words into that layout."""
        size = len(facts.is_number)
        own = np.arange(size)
        columns = {
            NUMBER: (np.where(facts.is_number, own, -1), size),
            VALUE: (facts.value, LARGEST_VALUE + 1),
            YEAR: (np.where(facts.is_year, own, -1), size),
            COLOUR: (facts.colour, int(facts.colour.max(initial=0)) + 1),
            EDITION: (facts.edition, int(facts.edition.max(initial=0)) + 1),
            SIZE: (facts.size, len(SIZE_NUMBERS)),
        }
        groups = np.empty((size, len(columns)), np.int32)
        kinds = (facts.dimension >= 0).astype(np.uint8) << QUANTITY
        kinds |= (facts.unit_dimension >= 0).astype(np.uint8) << UNIT
        kinds |= np.isin(facts.role, (Role.SQUARE, Role.CUBIC)).astype(np.uint8) << UNIT
        for kind, (values, _) in columns.items():
            groups[:, kind] = values
            kinds |= (values >= 0).astype(np.uint8) << kind
        bare = (facts.factors > 0) & (facts.own_dimension < 0)
        return cls(kinds, groups, bare, [terms for _, terms in columns.values()])


def _fact_sets(
    indptr: np.ndarray, ids: np.ndarray, facts: WordFacts, by_word: _FactsByWord
) -> dict[str, SparseSets]:
    n = len(indptr) - 1
    out_indptr, quantified = np.zeros((len(_WORD_FACTS), n + 1), np.int64), np.zeros(n, bool)
    room = 2 * n
    while True:
        out = np.empty((len(_WORD_FACTS), room), np.int32)
        needed = state(
            indptr, ids, by_word.kinds, by_word.groups, by_word.is_plain, SIZE_NUMBERS["s"],
            SIZE_NUMBERS["l"], facts.size_after, out_indptr, out, quantified,
        )  # fmt: skip
        if needed <= room:
            break
        room = needed
    sets = {
        name: plain_sets(out_indptr[kind], out[kind], by_word.terms[kind])
        for kind, name in _WORD_FACTS.items()
    }
    # Quantities of several words are sought only in records that have a quantity word at all.
    some, words = kept_rows(indptr, ids, quantified)
    sets["quantities"] = quantity_sets(some, words, facts)
    return {name: sets[name] for name in _ORDER} | mark_sets(indptr, ids, facts.marks)


def code_sets(
    tables: list[TokenTable],
    words: list[np.ndarray],
    facts: WordFacts,
    whole_cell: list[bool],
    statistics: Statistics,
) -> CodeSets:
    """Model codes of each record.

    A code is a word that can be one, a run of words joined by hyphens that holds a digit
    (``DSC-W55`` is ``dscw55``), or, where ``whole_cell`` says so (identifier columns), the whole
    cell without punctuation.

    Args:
        tables: token tables of the columns to read.
        words: word numbers of their tokens.
        facts: facts of the words.
        whole_cell: for each column, whether the whole cell is a code.
        statistics: gives the rarity of each code.
    """
    pieces, texts, lengths = [], [], []
    for table, ids, whole in zip(tables, words, whole_cell, strict=True):
        indptr = np.zeros(table.n + 1, np.int64)
        nothing = (np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.uint8))
        arguments = (
            table.text,
            table.indptr,
            table.start,
            table.length,
            table.glued,
            facts.is_code[ids],
            whole,
        )
        count, size = _codes(*arguments, False, indptr, *nothing)
        hashes, sizes, text = (
            np.zeros(count, np.uint64),
            np.zeros(count, np.int64),
            np.zeros(size, np.uint8),
        )
        _codes(*arguments, True, indptr, hashes, sizes, text)
        pieces.append((indptr, hashes))
        texts.append(text)
        lengths.append(sizes)
    flat = np.concatenate([hashes for _, hashes in pieces])
    numbers, first = number_hashes(flat)
    sizes = np.concatenate(lengths)
    starts = row_starts(sizes)
    text = np.concatenate(texts)
    offsets = row_starts(sizes[first])
    distinct = np.zeros(offsets[-1], np.uint8)
    _gather(text, starts, first, offsets, distinct)
    cuts = np.cumsum([0] + [len(hashes) for _, hashes in pieces])
    numbered = [(indptr, numbers[cuts[k] : cuts[k + 1]]) for k, (indptr, _) in enumerate(pieces)]
    indptr, ids = merge_rows(numbered)
    sets = sparse_sets(
        indptr, ids, max(len(first), 1), statistics.weigher("codes", table.n, flat[first])
    )
    return CodeSets(sets, distinct, offsets, flat[first])


@njit(nogil=True, cache=True)
def _codes(
    text, indptr, start, length, glued, is_code, whole, write, out_indptr, hashes, sizes, out
):
    """Counts, then writes, the codes of one column: words, hyphenated runs, whole cells."""
    count = 0
    size = 0
    for row in range(len(indptr) - 1):
        begin, stop = indptr[row], indptr[row + 1]
        token = begin
        while token < stop:
            if whole:
                end = stop
            else:
                end = token + 1
                while end < stop and glued[end]:
                    end += 1
            # A run of joined words (or the whole cell), then each of its words that is a code.
            for k in range(token - 1, end):
                first = token if k < token else k
                last = end if k < token else k + 1
                if k < token:
                    if end - token == 1 and not whole:
                        continue
                    used, digits = _measure(text, start, length, first, last)
                    if digits == 0 or used < SHORTEST_CODE or (used > LONGEST_CODE and not whole):
                        continue
                elif whole or not is_code[k]:
                    continue
                else:
                    used, digits = _measure(text, start, length, first, last)
                if write:
                    _join(text, start, length, first, last, out, size)
                    sizes[count] = used
                    hashes[count] = hash_bytes(out, size, size + used)
                size += used
                count += 1
            token = end
        out_indptr[row + 1] = count
    return count, size


@njit(nogil=True, cache=True)
def _measure(text, start, length, begin, stop):
    """Bytes and digits of the tokens without points."""
    used = 0
    digits = 0
    for token in range(begin, stop):
        for k in range(start[token], start[token] + length[token]):
            if text[k] == 46:
                continue
            if 48 <= text[k] <= 57:
                digits += 1
            used += 1
    return used, digits


@njit(nogil=True, cache=True)
def _join(text, start, length, begin, stop, out, at):
    for token in range(begin, stop):
        for k in range(start[token], start[token] + length[token]):
            if text[k] != 46:
                out[at] = text[k]
                at += 1


@njit(nogil=True, cache=True)
def _gather(text, starts, chosen, offsets, out):
    for i in range(len(chosen)):
        for k in range(offsets[i + 1] - offsets[i]):
            out[offsets[i] + k] = text[starts[chosen[i]] + k]
