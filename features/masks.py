"""Masks: mentions of ignored values taken out of a text, by context rather than by lexicon.

A mention is a run of words that names a value of an ignored attribute (`features.variant_values`).
It goes where rows with this very text carry the value themselves and rows with this mention do so
in general; where a row's own value is unknown, only if nearly all that mention it carry it.
``Ring (Silver)`` that exists in gold stays, and so does the first mention of a word that the row's
brand or category holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from features.quantities import word_quantities
from features.tokens import TokenTable, build_vocabulary, normalise, tokenise
from features.tokens import _classify as classify_character
from features.variant_values import LONGEST_MENTION, ValueForms, value_forms
from features.variant_words import colour_group, colour_modifiers, label_words, size_spellings

__all__ = ["Masked", "VariantValues", "mask_mentions", "variant_values"]

#: Share of the rows with one and the same text that must carry the value it mentions.
_CARRIED = 0.8
#: Share of the rows with a mention that carry the value, where the row itself does.
_AGREEING = 0.3
#: The same for a mention so short that it may be anything: a letter, a bare number.
_AGREEING_SHORT = 0.5
#: The same where the row's own value is unknown, and the rows that it must rest on.
_AGREEING_UNKNOWN = 0.8
_FEWEST_ROWS = 5
#: Rows in which a mention goes with another value of the attribute, from which the two are taken
#: as one (3 seats, 3-seater): so many, this share of the mention's rows, so much above chance.
_SYNONYM_ROWS, _SYNONYM_SHARE, _SYNONYM_LIFT = 5, 0.1, 5.0
#: An attribute does not apply to rows with a word in whose rows it is hardly ever stated, though
#: chance would have it so often.
_HARDLY, _EXPECTED = 0.02, 8.0
#: Longer values are descriptions, not names of variants.
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class VariantValues:
    """The values of one ignored attribute and the ways to mention them.

    Attributes:
        name: the attribute.
        code: number of each row's value, int32, -1 unknown.
        forms: ways to mention each value.
    """

    name: str
    code: np.ndarray
    forms: list[ValueForms]


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


def variant_values(name: str, values: pa.Array) -> VariantValues:
    """Reads the values of an ignored attribute.

    Args:
        name: the attribute.
        values: string array, null = unknown.
    """
    encoded = pc.dictionary_encode(values)
    code = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    distinct = encoded.dictionary.to_pylist()
    short = [value if len(value) <= _LONGEST_VALUE else "" for value in distinct]
    return VariantValues(name, code, value_forms(short))


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
    names = sorted({f for v in variants for x in v.forms for f in (x.whole | x.weak | x.group)})
    if not names or not len(table.hashes):
        return Masked(texts, np.zeros(n, np.int64))
    row, token, words, form = _find(table, names)
    text_code = pc.fill_null(pc.dictionary_encode(only).indices, -1).to_numpy(zero_copy_only=False)
    vocabulary, (word_ids,) = build_vocabulary([table])
    applies = [_applies(v.code, table, word_ids, len(vocabulary)) for v in variants]
    strong, weak = _judge(
        variants, applies, names, row, token, words, form, text_code, table.indptr
    )
    dropped = np.zeros(len(table.hashes), bool)
    colour = np.zeros(len(table.hashes), bool)
    coloured = np.array([colour_group(name) is not None for name in names])
    for size in range(LONGEST_MENTION):
        at = token[strong & (words > size)] + size
        dropped[at] = True
        colour[token[strong & (words > size) & coloured[form]] + size] = True
    dropped &= ~_kept_words(table, kept, chosen)
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


def _find(
    table: TokenTable, names: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mentions as (row, first token, number of words, form), every run of words that is a form."""
    known = tokenise(pa.array(names))
    hashes = np.empty(len(names), np.uint64)
    _hash_rows(known.text, known.indptr, known.start, known.length, hashes)
    order = np.argsort(hashes, kind="stable")
    arguments = (
        table.text, table.indptr, table.start, table.length, hashes[order],
        order.astype(np.int64), LONGEST_MENTION,
    )  # fmt: skip
    nothing = np.zeros((0, 4), np.int64)
    count = _mentions(*arguments, False, nothing)
    found = np.zeros((count, 4), np.int64)
    _mentions(*arguments, True, found)
    return found[:, 0], found[:, 1], found[:, 2], found[:, 3]


def _applies(code: np.ndarray, table: TokenTable, word_ids: np.ndarray, size: int) -> np.ndarray:
    """Whether a row could have the attribute: none of its words belongs to rows that never do."""
    row = np.repeat(np.arange(table.n), np.diff(table.indptr))
    once = np.unique(row * max(size, 1) + word_ids)
    holder, word = once // max(size, 1), once % max(size, 1)
    known = code >= 0
    rows = np.bincount(word, minlength=size)
    stated = np.bincount(word[known[holder]], minlength=size)
    with_text = np.bincount(row, minlength=table.n) > 0
    overall = float(known[with_text].mean()) if with_text.any() else 0.0
    never = (rows * overall >= _EXPECTED) & (stated <= _HARDLY * rows)
    out = np.ones(table.n, bool)
    out[holder[never[word]]] = False
    return out


def _judge(
    variants: Sequence[VariantValues],
    applies: Sequence[np.ndarray],
    names: list[str],
    row: np.ndarray,
    token: np.ndarray,
    words: np.ndarray,
    form: np.ndarray,
    text_code: np.ndarray,
    indptr: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Which mentions are of variants (strong), and which are if they stand beside one (weak)."""
    number = {name: k for k, name in enumerate(names)}
    short = np.array([len(name) == 1 or name.replace(".", "").isdecimal() for name in names])
    least = np.where(short, _AGREEING_SHORT, _AGREEING)[form]
    # Where in the text a mention stands, the same for all rows with this text.
    place = (text_code[row].astype(np.int64) << 24) | ((token - indptr[row]) << 4) | words
    _, place = np.unique(place, return_inverse=True)
    strong, weak = np.zeros(len(row), bool), np.zeros(len(row), bool)
    lexica = _lexica(names)
    for variant, applicable in zip(variants, applies, strict=True):
        whole = _pairs(variant, number, lambda f: f.whole, len(names))
        single = _pairs(variant, number, lambda f: f.weak, len(names))
        group = _pairs(variant, number, lambda f: f.group, len(names))
        value = variant.code[row]
        known = value >= 0
        key = value.astype(np.int64) * len(names) + form
        own = known & (_among(key, whole) | _among(key, group))
        own |= _synonymous(
            row, form, variant.code, known & ~own, np.unique(whole % len(names)), len(names)
        )
        beside = known & _among(key, single)
        relevant = np.zeros(len(names), bool)
        for some in (whole, single, group):
            relevant[some % len(names)] = True
        agreement, rows = _agreement(row, form, own | beside, known, len(names))
        agreement_unknown = _with_lexica(agreement, rows, [some & relevant for some in lexica])
        share = _share(place, own, known)
        strong |= own & (share >= _CARRIED) & (agreement[form] >= least)
        unknown = ~known & relevant[form] & applicable[row]
        weak |= beside | (unknown & ~np.isin(form, np.concatenate([whole, group]) % len(names)))
        unknown &= agreement_unknown[form] >= _AGREEING_UNKNOWN
        alone = np.zeros(len(names), bool)
        alone[whole % len(names)] = True
        alone[group % len(names)] = True
        strong |= unknown & alone[form]
    return strong, weak & ~strong


def _pairs(variant: VariantValues, number: dict[str, int], part, width: int) -> np.ndarray:
    """Sorted ``value * width + form`` of the forms of each value."""
    found = [
        value * width + number[name]
        for value, forms in enumerate(variant.forms)
        for name in part(forms)
    ]
    return np.sort(np.array(found, np.int64))


def _among(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    if not len(known):
        return np.zeros(len(keys), bool)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: np.ndarray = known[at] == keys
    return found


def _agreement(
    row: np.ndarray, form: np.ndarray, own: np.ndarray, known: np.ndarray, forms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Share of the rows with a mention that carry it, of those whose value is known; and these."""
    mentions = np.unique((row[known] * forms + form[known]) * 2 + own[known])
    carried = mentions % 2 == 1
    rows = np.bincount(
        np.unique(mentions // 2) % forms, minlength=forms
    )  # a row that mentions it twice counts once
    hits = np.bincount((mentions[carried] // 2) % forms, minlength=forms)
    return hits / np.maximum(rows, 1), rows


def _synonymous(
    row: np.ndarray,
    form: np.ndarray,
    code: np.ndarray,
    other: np.ndarray,
    forms: np.ndarray,
    width: int,
) -> np.ndarray:
    """Mentions of one value in rows of another that go together far beyond chance.

    Args:
        row, form: the mentions.
        code: value of each row.
        other: mentions in rows of known value that is not the mentioned one.
        forms: forms that name a whole value of the attribute.
        width: number of forms.
    """
    named = np.zeros(width, bool)
    named[forms] = True
    candidate = other & named[form]
    known = code[row] >= 0
    values = int(code.max(initial=-1)) + 1
    if not candidate.any() or not values:
        return np.zeros(len(row), bool)
    pair = form * values + code[row]
    once = np.unique(np.column_stack([row[known], pair[known]]), axis=0)[:, 1]
    together, rows = np.unique(once, return_counts=True)
    per_form = np.bincount(once // values, minlength=width)
    base = np.bincount(code[code >= 0], minlength=values) / max(int((code >= 0).sum()), 1)
    share = rows / np.maximum(per_form[together // values], 1)
    accepted = together[
        (rows >= _SYNONYM_ROWS)
        & (share >= _SYNONYM_SHARE)
        & (share >= _SYNONYM_LIFT * base[together % values])
    ]
    return candidate & _among(pair, accepted)


def _lexica(names: list[str]) -> list[np.ndarray]:
    """Which forms are of the shipped lexica: colours, apparel sizes, quantities with units."""
    colours = np.array([colour_group(name) is not None for name in names])
    sizes = np.array([len(name) > 1 and bool(size_spellings(name)) for name in names])
    return [colours, sizes, (word_quantities(names)[1] >= 0) & ~sizes]


def _with_lexica(agreement: np.ndarray, rows: np.ndarray, lexica: list[np.ndarray]) -> np.ndarray:
    """Agreement by which rows of unknown value are judged; 0 where it rests on too few rows.

    Rare words of a lexicon borrow from all its words.
    """
    out = np.where(rows >= _FEWEST_ROWS, agreement, 0.0)
    for lexical in lexica:
        total = float(rows[lexical].sum())
        if total >= _FEWEST_ROWS:
            common = float((agreement * rows)[lexical].sum() / total)
            borrowed = (agreement * rows + common * _FEWEST_ROWS) / (rows + _FEWEST_ROWS)
            out = np.where(lexical, borrowed, out)
    return out


def _share(place: np.ndarray, own: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Share of the rows with the same text, and a known value, that carry the mention."""
    size = int(place.max(initial=-1)) + 1
    carried = np.bincount(place[own], minlength=size)
    rows = np.bincount(place[known], minlength=size)
    return (carried / np.maximum(rows, 1))[place]


def _kept_words(table: TokenTable, kept: Sequence[pa.Array], chosen: np.ndarray) -> np.ndarray:
    """First occurrences of words that the row's kept columns hold."""
    out = np.zeros(len(table.hashes), bool)
    row = np.repeat(np.arange(table.n), np.diff(table.indptr))
    for column in kept:
        other = tokenise(pc.if_else(pa.array(chosen), column, pa.scalar(None, column.type)))
        vocabulary, (mine, theirs) = build_vocabulary([table, other])
        width = max(len(vocabulary), 1)
        holder = np.repeat(np.arange(other.n), np.diff(other.indptr))
        held = _among(row * width + mine, np.unique(holder * width + theirs))
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
def _continue_hash(value, text, start, length):
    for k in range(start, start + length):
        value = (value ^ np.uint64(text[k])) * np.uint64(1099511628211)
    return value


@njit(nogil=True, cache=True)
def _hash_rows(text, indptr, start, length, out):
    for row in range(len(indptr) - 1):
        value = np.uint64(14695981039346656037)
        for t in range(indptr[row], indptr[row + 1]):
            value = _continue_hash(value, text, start[t], length[t])
        out[row] = value


@njit(nogil=True, cache=True)
def _mentions(text, indptr, start, length, hashes, number, longest, write, out):
    count = 0
    for row in range(len(indptr) - 1):
        for first in range(indptr[row], indptr[row + 1]):
            value = np.uint64(14695981039346656037)
            for last in range(first, min(first + longest, indptr[row + 1])):
                value = _continue_hash(value, text, start[last], length[last])
                at = np.searchsorted(hashes, value)
                if at < len(hashes) and hashes[at] == value:
                    if write:
                        out[count, 0] = row
                        out[count, 1] = first
                        out[count, 2] = last - first + 1
                        out[count, 3] = number[at]
                    count += 1
    return count


@njit(nogil=True, cache=True)
def _copy_undropped(data, offsets, dropped, out, out_offsets):
    """Copies text byte by byte, without the tokens that are dropped; tokens as in `tokens._scan`."""
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
