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

from features.distinct import sorted_distinct
from features.mentions import VariantValues, among, applies, find_mentions, judge
from features.token_kernels import classify_character
from features.tokens import TokenTable, build_vocabulary, normalise, tokenise
from features.variant_values import LONGEST_MENTION
from features.variant_words import colour_group, colour_modifiers, label_words

__all__ = ["Masked", "mask_mentions"]


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
) -> Masked:
    """Takes mentions of variants' values out of texts.

    Args:
        texts: string array of length n, null = missing.
        variants: the ignored attributes.
        kept: columns (brand, category) whose words stay at their first occurrence in a row's text.
        chosen: rows to mask, bool[n]; the others keep their text and teach nothing. All by default.
    """
    n = len(texts)
    chosen = np.ones(n, bool) if chosen is None else chosen
    only = pc.if_else(pa.array(chosen), texts, pa.scalar(None, texts.type))
    table = tokenise(only)
    mentions = find_mentions(table, variants)
    if not len(mentions.row):
        return Masked(texts, np.zeros(n, np.int64))
    text_code = pc.fill_null(pc.dictionary_encode(only).indices, -1).to_numpy(zero_copy_only=False)
    held = _kept_words(table, kept, chosen)
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
    _spread(dropped, colour, table, vocabulary.words(), word_ids, weak, token, words)
    first = np.repeat(np.arange(n), np.diff(table.indptr))
    touched = np.zeros(n, bool)
    touched[first[dropped]] = True
    if not touched.any():
        return Masked(texts, np.zeros(n, np.int64))
    masked = pc.if_else(pa.array(touched), _without(only, table, dropped), texts.cast(pa.string()))
    runs = dropped & ~np.concatenate([[False], dropped[:-1] & (first[1:] == first[:-1])])
    return Masked(masked, np.bincount(first[runs], minlength=n))


def _kept_words(table: TokenTable, kept: Sequence[pa.Array], chosen: np.ndarray) -> np.ndarray:
    """First occurrences of words that the row's kept columns hold."""
    out = np.zeros(len(table.hashes), bool)
    row = np.repeat(np.arange(table.n), np.diff(table.indptr))
    for column in kept:
        other = tokenise(pc.if_else(pa.array(chosen), column, pa.scalar(None, column.type)))
        vocabulary, (mine, theirs) = build_vocabulary([table, other])
        width = max(len(vocabulary), 1)
        holder = np.repeat(np.arange(other.n), np.diff(other.indptr))
        held = among(row * width + mine, sorted_distinct(holder * width + theirs))
        at = np.flatnonzero(held)
        _, first = np.unique((row * width + mine)[at], return_index=True)
        out[at[first]] = True
    return out


def _spread(
    dropped: np.ndarray,
    colour: np.ndarray,
    table: TokenTable,
    words_of: list[str],
    word_ids: np.ndarray,
    weak: np.ndarray,
    token: np.ndarray,
    words: np.ndarray,
) -> None:
    """Takes along what stands beside a mention: parts of its value, modifiers, labels."""
    weak_token = np.zeros(len(dropped), bool)
    for size in range(LONGEST_MENTION):
        weak_token[token[weak & (words > size)] + size] = True
    modifier = np.array([word in colour_modifiers() for word in words_of], bool)[word_ids]
    label = np.array([word in label_words() for word in words_of], bool)[word_ids]
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


def _without(texts: pa.Array, table: TokenTable, dropped: np.ndarray) -> pa.Array:
    """The texts without some of their tokens; null where no token is left."""
    array = pc.fill_null(normalise(texts), "")
    if array.offset:
        array = pa.concat_arrays([array])
    _, offset_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int64, count=len(array) + 1)
    data = np.frombuffer(data_buffer, dtype=np.uint8)
    out, out_offsets = np.empty(len(data), np.uint8), np.zeros(len(array) + 1, np.int64)
    size = _copy_undropped(data, offsets, dropped, out, out_offsets)
    strings = pa.LargeStringArray.from_buffers(
        len(array), pa.py_buffer(out_offsets), pa.py_buffer(out[:size].copy())
    )
    row = np.repeat(np.arange(table.n), np.diff(table.indptr))
    left = np.bincount(row[~dropped], minlength=table.n) > 0
    tidy = pc.utf8_trim_whitespace(pc.replace_substring_regex(strings, r"\s+", " "))
    return pc.if_else(pa.array(left), tidy, pa.scalar(None, tidy.type)).cast(pa.string())


@njit(nogil=True, cache=True)
def _copy_undropped(data, offsets, dropped, out, out_offsets):
    """Copies text byte by byte, without dropped tokens; tokens are those of `tokens._scan`."""
    size = 0
    token = -1
    for row in range(len(offsets) - 1):
        pos, stop = offsets[row], offsets[row + 1]
        inside = False
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
                keep = token < 0 or not dropped[token] or (kind == 2 and not inside)
            for k in range(width):
                if keep:
                    out[size] = data[pos + k]
                    size += 1
            pos += width
        out_offsets[row + 1] = size
    return size
