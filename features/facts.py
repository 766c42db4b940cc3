"""What text states: model codes, numbers, quantities, years, colours and edition words."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numba import njit

from features.lexicon import COLOURS, EDITIONS, SIZE_MODIFIERS, SIZES
from features.quantities import word_quantities
from features.sets import SparseSets, merge_rows, sparse_sets
from features.statistics import Statistics
from features.text_quantities import PACK_WORDS, STEP, chosen_sets, quantity_sets
from features.tokens import TokenTable, Vocabulary, hash_bytes, number_hashes

__all__ = ["STEP", "CodeSets", "WordFacts", "code_sets", "fact_sets", "word_facts"]

#: Shortest token that can be a model code; shorter ones ("a12") count among the numbers.
SHORTEST_CODE = 4
#: Longest code joined from hyphenated parts; longer runs are sentences or lists.
LONGEST_CODE = 24
_YEARS = (1900, 2039)
_DIGITS = re.compile(r"\d+")
#: Largest number whose value is compared apart from the letters around it.
_LARGEST_VALUE = 99_999
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")


@dataclass(frozen=True)
class WordFacts:
    """What each word of a vocabulary can state; all arrays have one element a word.

    Attributes:
        is_code: alphanumeric with a digit, long enough, neither quantity nor year.
        is_number: holds a digit and is neither code, quantity nor year.
        value: the one run of digits of such a word (5 of "5", "v5" and "mk5"), -1 otherwise.
        is_year: a plausible year.
        plain_number: value of a plain number, NaN otherwise.
        amount: amount in base units of a word such as ``128gb``, NaN otherwise.
        dimension: dimension of that amount, -1 otherwise.
        unit_factor: base units of one unit for a unit word such as ``gb``, NaN otherwise.
        unit_dimension: dimension of that unit, -1 otherwise.
        colour: colour group, -1 otherwise.
        edition: edition group, -1 otherwise.
        size: number of the apparel size, -1 otherwise.
        size_after: for a modifier such as "extra" and each of the two sizes small and large, the
            size that the modifier makes of it, -1 otherwise; shape (words, 2).
        is_by: the multiplication sign between numbers.
        is_pack: a word for a pack.
        is_of: the word between a pack and its count.
    """

    is_code: np.ndarray
    is_number: np.ndarray
    value: np.ndarray
    is_year: np.ndarray
    plain_number: np.ndarray
    amount: np.ndarray
    dimension: np.ndarray
    unit_factor: np.ndarray
    unit_dimension: np.ndarray
    colour: np.ndarray
    edition: np.ndarray
    size: np.ndarray
    size_after: np.ndarray
    is_by: np.ndarray
    is_pack: np.ndarray
    is_of: np.ndarray


@dataclass(frozen=True)
class CodeSets:
    """Model codes of every record and the bytes of each distinct code."""

    sets: SparseSets
    text: np.ndarray
    offsets: np.ndarray


def word_facts(vocabulary: Vocabulary) -> WordFacts:
    """Classifies every distinct word once."""
    size = len(vocabulary)
    digits, letters, points = _character_counts(vocabulary.text, vocabulary.offsets)
    lengths = np.diff(vocabulary.offsets)
    words = np.array(vocabulary.words(), dtype=object) if size else np.zeros(0, object)
    plain = np.full(size, np.nan)
    numeric = np.flatnonzero((letters == 0) & (digits > 0) & (points <= 1))
    plain[numeric] = words[numeric].astype(np.float64)
    amount, dimension = np.full(size, np.nan), np.full(size, -1, np.int8)
    mixed = np.flatnonzero((letters > 0) & (digits > 0) & (lengths <= 12))
    amount[mixed], dimension[mixed] = word_quantities(words[mixed].tolist())
    unit_factor, unit_dimension = np.full(size, np.nan), np.full(size, -1, np.int8)
    alphabetic = np.flatnonzero((digits == 0) & (lengths <= 12) & (letters > 0))
    factor, unit = word_quantities(["1" + w for w in words[alphabetic]])
    unit_factor[alphabetic], unit_dimension[alphabetic] = factor, unit
    is_year = (digits == 4) & (lengths == 4) & (plain >= _YEARS[0]) & (plain <= _YEARS[1])
    is_code = (digits > 0) & (lengths >= SHORTEST_CODE) & (points == 0) & (dimension < 0) & ~is_year
    # The shortest codes are numbers too, or "a12" and "a12s" could not be told apart; but not a
    # place in a row: the "25th" of one text is no other number than the "3" of another.
    short = is_code & (letters > 0) & (lengths == SHORTEST_CODE)
    short[short] = [not _ORDINAL.fullmatch(word) for word in words[short]]
    is_number = (digits > 0) & (~is_code | short) & (dimension < 0) & ~is_year
    return WordFacts(
        is_code, is_number, _values(words, is_number), is_year, plain, amount, dimension,
        unit_factor, unit_dimension,
        _groups(words, COLOURS), _groups(words, EDITIONS), _groups(words, SIZES),
        _sizes_after(words), _one_of(words, {"x"}), _one_of(words, PACK_WORDS),
        _one_of(words, {"of", "mit", "de"}),
    )  # fmt: skip


def fact_sets(indptr: np.ndarray, ids: np.ndarray, facts: WordFacts) -> dict[str, SparseSets]:
    """What each record states: numbers, years, colours, edition words and quantities.

    Quantities are numbered so that terms of one dimension are neighbours: ``term // STEP`` is the
    dimension.
    """
    rows = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    sets = {
        "numbers": chosen_sets(indptr, rows, ids, facts.is_number[ids], len(facts.is_number)),
        "number_values": chosen_sets(
            indptr, rows, facts.value[ids], facts.value[ids] >= 0, _LARGEST_VALUE + 1
        ),
        "years": chosen_sets(indptr, rows, ids, facts.is_year[ids], len(facts.is_number)),
    }
    for name, groups in (("colours", facts.colour), ("editions", facts.edition)):
        values = groups[ids]
        sets[name] = chosen_sets(indptr, rows, values, values >= 0, int(groups.max(initial=0)) + 1)
    sets["quantities"] = quantity_sets(indptr, rows, ids, facts)
    sizes = facts.size[ids].copy()
    if len(ids) > 1:
        for column, name in enumerate(("s", "l")):
            made = facts.size_after[ids[:-1], column]
            modified = np.flatnonzero(
                (rows[:-1] == rows[1:]) & (made >= 0) & (sizes[1:] == _SIZE_NUMBERS[name])
            )
            sizes[modified + 1] = made[modified]
    sets["sizes"] = chosen_sets(indptr, rows, sizes, sizes >= 0, len(_SIZE_NUMBERS))
    return sets


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
    starts = np.concatenate([[0], np.cumsum(sizes)])
    text = np.concatenate(texts)
    offsets = np.concatenate([[0], np.cumsum(sizes[first])])
    distinct = np.zeros(offsets[-1], np.uint8)
    _gather(text, starts, first, offsets, distinct)
    cuts = np.cumsum([0] + [len(hashes) for _, hashes in pieces])
    numbered = [(indptr, numbers[cuts[k] : cuts[k + 1]]) for k, (indptr, _) in enumerate(pieces)]
    indptr, ids = merge_rows(numbered)
    sets = sparse_sets(
        indptr, ids, max(len(first), 1), statistics.weigher("codes", table.n, flat[first])
    )
    return CodeSets(sets, distinct, offsets)


_SIZE_NUMBERS = {name: number for number, name in enumerate(dict.fromkeys(SIZES.values()))}


def _sizes_after(words: np.ndarray) -> np.ndarray:
    out = np.full((len(words), 2), -1, np.int32)
    for row in np.flatnonzero([word in SIZE_MODIFIERS for word in words]):
        for column, name in enumerate(("s", "l")):
            out[row, column] = _SIZE_NUMBERS.get(SIZE_MODIFIERS[words[row]] + name, -1)
    return out


def _values(words: np.ndarray, is_number: np.ndarray) -> np.ndarray:
    out = np.full(len(words), -1, np.int32)
    for row in np.flatnonzero(is_number):
        runs = _DIGITS.findall(words[row])
        if len(runs) == 1 and int(runs[0]) <= _LARGEST_VALUE:
            out[row] = int(runs[0])
    return out


def _one_of(words: np.ndarray, some: frozenset[str] | set[str]) -> np.ndarray:
    return np.array([word in some for word in words], dtype=bool)


def _groups(words: np.ndarray, lexicon: dict[str, str]) -> np.ndarray:
    names = {name: number for number, name in enumerate(dict.fromkeys(lexicon.values()))}
    return np.array([names[lexicon[w]] if w in lexicon else -1 for w in words], dtype=np.int32)


@njit(nogil=True, cache=True)
def _character_counts(text, offsets):
    n = len(offsets) - 1
    digits, letters, points = np.zeros(n, np.int32), np.zeros(n, np.int32), np.zeros(n, np.int32)
    for row in range(n):
        for k in range(offsets[row], offsets[row + 1]):
            byte = text[k]
            if 48 <= byte <= 57:
                digits[row] += 1
            elif byte == 46:
                points[row] += 1
            else:
                letters[row] += 1
    return digits, letters, points


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
