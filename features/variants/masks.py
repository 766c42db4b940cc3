"""Masking: removing the mentions of ignored values from texts.

Which mentions are removed is decided by `features.variants.mentions` from the catalog itself, not
by a lexicon: ``Ring (Silver)`` keeps its text if rows with this text are also gold. The first
occurrence of a word that is in the row's brand or category stays. Labels (``colour:``) and
modifiers (``light``) beside a removed mention are removed too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.chunked import in_order
from features.text.cells import Cells
from features.text.text_buffers import normalise, string_buffers
from features.text.token_kernels import hash_word, mark_foreign
from features.text.tokens import TokenTable, build_vocabulary, tokenise
from features.variants.mask_kernels import copy_undropped, drop_beside, mark_first
from features.variants.mentions import Mentions, VariantValues, applies, find_mentions, judge
from features.variants.variant_values import LONGEST_MENTION
from features.variants.variant_words import colour_group, colour_modifiers, label_words

__all__ = ["Masked", "mask_mentions"]

#: Rows that are worked on at a time.
_ROWS_AT_ONCE = 1 << 15


@dataclass(frozen=True)
class Masked:
    """A masked column.

    Attributes:
        values: the texts. Those that were masked are in lower case without accents, and null where
            no word is left.
        mentions_by_row: number of mentions removed from each row's text, int, shape (n,).
    """

    values: pa.Array
    mentions_by_row: np.ndarray

    @property
    def mentions(self) -> int:
        """Number of mentions removed."""
        return int(self.mentions_by_row.sum())


def mask_mentions(
    texts: Cells,
    variants: Sequence[VariantValues],
    kept: Sequence[Cells] = (),
    chosen: np.ndarray | None = None,
    *,
    threads: int = 1,
) -> Masked:
    """Removes mentions of the values of ignored attributes from texts.

    Args:
        texts: the column of the texts.
        variants: the ignored attributes.
        kept: columns (brand, category); the first occurrence of their words in a row's text stays.
        chosen: rows to mask, bool, shape (n,); the others keep their text, and are not counted in
            deciding which mentions to remove. By default all.
        threads: threads to use; the result does not depend on it.
    """
    n = len(texts.code)
    if chosen is None or chosen.all():
        only, text_code = texts.values, texts.code
    else:
        only = pc.if_else(pa.array(chosen), texts.values, pa.scalar(None, texts.values.type))
        text_code = np.where(chosen, texts.code, -1)
    table = tokenise(only, threads=threads)
    mentions = find_mentions(table, variants, threads=threads)
    if not len(mentions.row):
        return Masked(texts.values, np.zeros(n, np.int64))
    held = np.zeros(len(table.hashes), bool)
    for column in kept:
        _hold(table, column, held)
    mentions = mentions.without(held)
    vocabulary, (word_ids,) = build_vocabulary([table])
    could = [applies(v.code, table, word_ids, len(vocabulary)) for v in variants]
    strong, weak = judge(variants, could, mentions, text_code, table.indptr)
    coloured = np.array([colour_group(name) is not None for name in mentions.names])
    modifiers, labels = (
        np.isin(vocabulary.hashes, np.array([hash_word(w) for w in some], np.uint64))
        for some in (colour_modifiers(), label_words())
    )
    dropped = _covered(mentions, strong, held)
    coloured_tokens = _covered(mentions, strong & coloured[mentions.form], held)
    runs = drop_beside(
        table.indptr, word_ids, dropped, coloured_tokens, _covered(mentions, weak), modifiers,
        labels,
    )  # fmt: skip
    rows = np.flatnonzero(runs)
    if not len(rows):
        return Masked(texts.values, runs)
    found = _without(only.take(pa.array(rows)), table, rows, dropped, threads)
    masked = pc.replace_with_mask(texts.values.cast(pa.large_string()), pa.array(runs > 0), found)
    return Masked(masked, runs)


def _hold(table: TokenTable, column: Cells, held: np.ndarray) -> None:
    """Marks the first occurrence of each word of the row's cell in a kept column."""
    other = tokenise(column.distinct())
    mark_first(table.indptr, table.hashes, column.code, other.indptr, other.hashes, held)


def _covered(mentions: Mentions, chosen: np.ndarray, held: np.ndarray | None = None) -> np.ndarray:
    """Whether each token is part of a chosen mention and not held, bool."""
    out = np.zeros(mentions.tokens, bool)
    for size in range(LONGEST_MENTION):
        out[mentions.token[chosen & (mentions.words > size)] + size] = True
    return out if held is None else out & ~held


def _without(
    texts: pa.Array, table: TokenTable, rows: np.ndarray, dropped: np.ndarray, threads: int
) -> pa.Array:
    """Texts without some of their tokens; null where no token is left.

    Args:
        texts: the texts.
        table: tokens of these texts, and of others.
        rows: row of each text in the table.
        dropped: whether each token of the table is removed.
        threads: threads to use.
    """

    def part(first: int) -> pa.Array:
        own = rows[first : first + _ROWS_AT_ONCE]
        array = _lowered(texts.slice(first, len(own)))
        data, offsets = string_buffers(array)
        out, out_offsets = np.empty(len(data), np.uint8), np.zeros(len(own) + 1, np.int64)
        left = np.zeros(len(own), np.bool_)
        size = copy_undropped(data, offsets, table.indptr, own, dropped, out, out_offsets, left)
        strings = pa.LargeStringArray.from_buffers(
            len(own), pa.py_buffer(out_offsets), pa.py_buffer(out[:size].copy())
        )
        tidy = pc.utf8_trim_whitespace(strings)
        return pc.if_else(pa.array(left), tidy, pa.scalar(None, tidy.type)).cast(pa.large_string())

    parts = [found for _, found in in_order(part, range(0, len(rows), _ROWS_AT_ONCE), threads)]
    return pa.concat_arrays(parts)


def _lowered(texts: pa.Array) -> pa.Array:
    """The same as `normalise`; texts in plain ASCII are only lower-cased, which is faster."""
    lowered = pc.ascii_lower(texts).cast(pa.large_string())
    foreign = np.zeros(len(texts), np.bool_)
    mark_foreign(*string_buffers(lowered), foreign)
    if not foreign.any():
        return lowered
    mask = pa.array(foreign)
    return pc.replace_with_mask(lowered, mask, normalise(texts.filter(mask)))
