"""Masks: mentions of ignored values taken out of texts, by context rather than by lexicon.

Which mentions go is for `features.mentions` to judge. ``Ring (Silver)`` that exists in gold stays,
and so does the first mention of a word that the row's brand or category holds; labels and modifiers
beside a mention go with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from features.chunked import in_order
from features.mentions import VariantValues, applies, find_mentions, judge
from features.token_kernels import classify_character, hash_word, mark_foreign
from features.tokens import (
    TokenTable,
    Vocabulary,
    build_vocabulary,
    normalise,
    string_buffers,
    tokenise,
)
from features.variant_values import LONGEST_MENTION
from features.variant_words import colour_group, colour_modifiers, label_words

__all__ = ["Masked", "mask_mentions"]

#: Rows that are worked on at a time.
_ROWS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class Masked:
    """A masked column.

    Attributes:
        values: the texts; what was masked changed to lower case without accents; null where
            nothing is left.
        mentions_by_row: mentions taken out of each row's text, int, shape (n,).
    """

    values: pa.Array
    mentions_by_row: np.ndarray

    @property
    def mentions(self) -> int:
        """Mentions taken out."""
        return int(self.mentions_by_row.sum())


def mask_mentions(
    texts: pa.Array,
    variants: Sequence[VariantValues],
    kept: Sequence[pa.Array] = (),
    chosen: np.ndarray | None = None,
    *,
    threads: int = 1,
) -> Masked:
    """Takes mentions of variants' values out of texts.

    Args:
        texts: string array of length n, null = missing.
        variants: the ignored attributes.
        kept: columns (brand, category) whose words stay at their first occurrence in a row's text.
        chosen: rows to mask, bool[n]; the others keep their text and teach nothing. All by default.
        threads: threads to use; the result does not depend on it.
    """
    n = len(texts)
    chosen = np.ones(n, bool) if chosen is None else chosen
    only = pc.if_else(pa.array(chosen), texts, pa.scalar(None, texts.type))
    table = tokenise(only, threads=threads)
    mentions = find_mentions(table, variants, threads=threads)
    if not len(mentions.row):
        return Masked(texts, np.zeros(n, np.int64))
    text_code = pc.fill_null(pc.dictionary_encode(only).indices, -1).to_numpy(zero_copy_only=False)
    held = _kept_words(table, kept, chosen, threads)
    mentions = mentions.without(held)
    vocabulary, (word_ids,) = build_vocabulary([table])
    could = [applies(v.code, table, word_ids, len(vocabulary)) for v in variants]
    strong, weak = judge(variants, could, mentions, text_code, table.indptr)
    token, words = mentions.token, mentions.words
    dropped = np.zeros(len(table.hashes), bool)
    colour = np.zeros(len(table.hashes), bool)
    coloured = np.array([colour_group(name) is not None for name in mentions.names])
    for size in range(LONGEST_MENTION):
        at = token[strong & (words > size)] + size
        dropped[at] = True
        colour[token[strong & (words > size) & coloured[mentions.form]] + size] = True
    dropped &= ~held
    colour &= dropped
    _spread(dropped, colour, table, vocabulary, word_ids, weak, token, words)
    first = np.repeat(np.arange(n), np.diff(table.indptr))
    touched = np.zeros(n, bool)
    touched[first[dropped]] = True
    if not touched.any():
        return Masked(texts, np.zeros(n, np.int64))
    rows = np.flatnonzero(touched)
    found = _without(only.take(pa.array(rows)), table, rows, dropped, threads)
    masked = pc.replace_with_mask(texts.cast(pa.string()), pa.array(touched), found)
    runs = dropped & ~np.concatenate([[False], dropped[:-1] & (first[1:] == first[:-1])])
    return Masked(masked, np.bincount(first[runs], minlength=n))


def _kept_words(
    table: TokenTable, kept: Sequence[pa.Array], chosen: np.ndarray, threads: int
) -> np.ndarray:
    """First occurrences of words that the row's kept columns hold."""
    out = np.zeros(len(table.hashes), bool)
    for column in kept:
        only = pc.if_else(pa.array(chosen), column, pa.scalar(None, column.type))
        other = tokenise(only, threads=threads)
        _mark_first(table.indptr, table.hashes, other.indptr, other.hashes, out)
    return out


@njit(nogil=True, cache=True)
def _mark_first(indptr, words, other_indptr, other_words, out):
    """Marks the first of each row's words that is among its other words."""
    for row in range(len(indptr) - 1):
        for other in range(other_indptr[row], other_indptr[row + 1]):
            for k in range(indptr[row], indptr[row + 1]):
                if words[k] == other_words[other]:
                    out[k] = True
                    break


def _spread(
    dropped: np.ndarray,
    colour: np.ndarray,
    table: TokenTable,
    vocabulary: Vocabulary,
    word_ids: np.ndarray,
    weak: np.ndarray,
    token: np.ndarray,
    words: np.ndarray,
) -> None:
    """Takes along what stands beside a mention: parts of its value, modifiers, labels."""
    weak_token = np.zeros(len(dropped), bool)
    for size in range(LONGEST_MENTION):
        weak_token[token[weak & (words > size)] + size] = True
    modifier, label = (
        np.isin(vocabulary.hashes, np.array([hash_word(w) for w in some], np.uint64))[word_ids]
        for some in (colour_modifiers(), label_words())
    )
    row = np.repeat(np.arange(table.n), np.diff(table.indptr))
    same = row[1:] == row[:-1]
    for _ in range(3):
        after = np.concatenate([dropped[1:] & same, [False]])
        before = np.concatenate([[False], dropped[:-1] & same])
        coloured = np.concatenate([colour[1:] & same, [False]])
        new = ~dropped & ((weak_token & (after | before)) | (modifier & coloured) | (label & after))
        if not new.any():
            break
        colour |= new & modifier
        dropped |= new


def _without(
    texts: pa.Array, table: TokenTable, rows: np.ndarray, dropped: np.ndarray, threads: int
) -> pa.Array:
    """Texts without some of their tokens; null where no token is left.

    Args:
        texts: the texts.
        table: tokens of these texts, and of others.
        rows: row of each text in the table.
        dropped: which of all tokens go.
        threads: threads to use.
    """

    def part(first: int) -> pa.Array:
        own = rows[first : first + _ROWS_AT_ONCE]
        array = _lowered(texts.slice(first, len(own)))
        data, offsets = string_buffers(array)
        out, out_offsets = np.empty(len(data), np.uint8), np.zeros(len(own) + 1, np.int64)
        left = np.zeros(len(own), np.bool_)
        size = _copy_undropped(data, offsets, table.indptr, own, dropped, out, out_offsets, left)
        strings = pa.LargeStringArray.from_buffers(
            len(own), pa.py_buffer(out_offsets), pa.py_buffer(out[:size].copy())
        )
        tidy = pc.utf8_trim_whitespace(strings)
        return pc.if_else(pa.array(left), tidy, pa.scalar(None, tidy.type)).cast(pa.string())

    parts = [found for _, found in in_order(part, range(0, len(rows), _ROWS_AT_ONCE), threads)]
    return pa.concat_arrays(parts)


def _lowered(texts: pa.Array) -> pa.Array:
    """`normalise`, which does more than lower-casing only where there are foreign letters."""
    lowered = pc.ascii_lower(texts).cast(pa.large_string())
    foreign = np.zeros(len(texts), np.bool_)
    mark_foreign(*string_buffers(lowered), foreign)
    if not foreign.any():
        return lowered
    mask = pa.array(foreign)
    return pc.replace_with_mask(lowered, mask, normalise(texts.filter(mask)))


@njit(nogil=True, cache=True)
def _copy_undropped(data, offsets, indptr, rows, dropped, out, out_offsets, left):
    """Copies texts byte by byte, without dropped tokens; tokens are those of `tokenise`.

    A run of white space becomes one blank. ``left`` is filled with whether a token is left.
    """
    size = 0
    for at in range(len(rows)):
        pos, stop = offsets[at], offsets[at + 1]
        first = indptr[rows[at]]
        token = first - 1
        inside = False
        for k in range(first, indptr[rows[at] + 1]):
            left[at] |= not dropped[k]
        while pos < stop:
            kind, width = classify_character(data, pos, stop)
            width = min(width, stop - pos)
            byte = data[pos]
            joined = (
                kind == 0
                and inside
                and (byte == 46 or byte == 44)
                and 48 <= data[pos - 1] <= 57
                and pos + 1 < stop
                and 48 <= data[pos + 1] <= 57
            )
            if not joined:
                if kind == 0:
                    inside = False
                elif kind != 2 and (not inside or kind == 3):
                    token += 1
                    inside = kind == 1
            keep = kind == 0 and not joined
            if not keep:
                keep = token < first or not dropped[token] or (kind == 2 and not inside)
            if byte == 32 or byte == 9 or byte == 10 or byte == 12 or byte == 13:
                if size == out_offsets[at] or out[size - 1] != 32:
                    out[size] = 32
                    size += 1
            elif keep:
                for k in range(width):
                    out[size] = data[pos + k]
                    size += 1
            pos += width
        out_offsets[at + 1] = size
    return size
