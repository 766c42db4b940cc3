"""Mentions of variants' values in texts, and which of them are meant.

A mention is a run of words that names a value of an ignored attribute (`features.variant_values`).
It is meant where rows with this very text carry the value themselves and rows with this mention do
so in general; where a row's own value is unknown, if nearly all that mention it carry it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.chunked import in_order
from features.distinct import sorted_distinct
from features.mention_kernels import hash_rows, mentions_of_rows
from features.quantities import word_quantities
from features.tokens import TokenTable, tokenise
from features.variant_values import LONGEST_MENTION, ValueForms, value_forms
from features.variant_words import colour_group, size_spellings

__all__ = [
    "Mentions",
    "VariantValues",
    "among",
    "applies",
    "find_mentions",
    "judge",
    "variant_values",
]

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
#: as one (3 seats, 3-seater): so many, this share of the mention's rows, so much
#: more often than in other rows.
_SYNONYM_ROWS, _SYNONYM_SHARE, _SYNONYM_LIFT = 5, 0.1, 5.0
#: An attribute does not apply to rows with a word in whose rows it is hardly ever stated, though
#: chance would have it so often.
_HARDLY, _EXPECTED = 0.02, 8.0
#: Rows that are searched for mentions at a time.
_ROWS_AT_ONCE = 1 << 15
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
class Mentions:
    """Runs of words that are forms of some value, one element a mention.

    Attributes:
        row: row of the text.
        token: first token.
        words: number of tokens.
        form: number of the form in ``names``.
        names: all forms.
    """

    row: np.ndarray
    token: np.ndarray
    words: np.ndarray
    form: np.ndarray
    names: list[str]

    def without(self, held: np.ndarray) -> Mentions:
        """The mentions that are not wholly of certain tokens.

        Args:
            held: the tokens, bool.
        """
        before = np.concatenate([[0], np.cumsum(held)])
        free = before[self.token + self.words] - before[self.token] < self.words
        return Mentions(
            self.row[free], self.token[free], self.words[free], self.form[free], self.names
        )


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


def find_mentions(
    table: TokenTable, variants: Sequence[VariantValues], *, threads: int = 1
) -> Mentions:
    """Every run of words that is a form of some value; runs may overlap.

    Args:
        table: the texts.
        variants: the attributes whose values may be mentioned.
        threads: threads to use; the result does not depend on it.
    """
    names = sorted({f for v in variants for x in v.forms for f in (x.whole | x.weak | x.group)})
    if not names:
        nothing = np.zeros(0, np.int64)
        return Mentions(nothing, nothing, nothing, nothing, names)
    known = tokenise(pa.array(names))
    hashes = np.empty(len(names), np.uint64)
    hash_rows(known.text, known.indptr, known.start, known.length, hashes)
    order = np.argsort(hashes, kind="stable")
    longest = int(np.diff(known.text_offsets).max(initial=0))
    begins = np.zeros(1 << 16, np.bool_)
    begins[hashes >> np.uint64(48)] = True
    arguments = (
        table.text, table.indptr, table.start, table.length, table.hashes, hashes[order],
        order.astype(np.int64), begins, LONGEST_MENTION, longest,
    )  # fmt: skip

    def look(first: int) -> np.ndarray:
        stop = min(first + _ROWS_AT_ONCE, table.n)
        room = int(table.indptr[stop] - table.indptr[first])
        while True:
            found = np.empty((room, 4), np.int64)
            count = mentions_of_rows(*arguments, first, stop, found)
            if count <= room:
                return found[:count].copy()
            room = count

    parts = [part for _, part in in_order(look, range(0, table.n, _ROWS_AT_ONCE), threads)]
    found = np.concatenate([np.zeros((0, 4), np.int64), *parts])
    row, token, words, form = found.T.copy()
    return Mentions(row, token, words, form, names)


def applies(code: np.ndarray, table: TokenTable, word_ids: np.ndarray, size: int) -> np.ndarray:
    """Whether a row could have the attribute: none of its words belongs to rows that never do."""
    row = np.repeat(np.arange(table.n), np.diff(table.indptr))
    once = sorted_distinct(row * max(size, 1) + word_ids)
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


def judge(
    variants: Sequence[VariantValues],
    applicable: Sequence[np.ndarray],
    mentions: Mentions,
    text_code: np.ndarray,
    indptr: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Which mentions are of variants (strong), and which are if they stand beside one (weak).

    Args:
        variants: the attributes.
        applicable: for each, the rows that could have it.
        mentions: what was found.
        text_code: number of each row's text.
        indptr: start of each row's tokens.
    """
    names, row, form = mentions.names, mentions.row, mentions.form
    number = {name: k for k, name in enumerate(names)}
    short = np.array([len(name) == 1 or name.replace(".", "").isdecimal() for name in names])
    least = np.where(short, _AGREEING_SHORT, _AGREEING)[form]
    # Where in the text a mention stands, the same for all rows with this text.
    place = (text_code[row].astype(np.int64) << 24) | ((mentions.token - indptr[row]) << 4)
    place |= mentions.words
    _, place = np.unique(place, return_inverse=True)
    strong, weak = np.zeros(len(row), bool), np.zeros(len(row), bool)
    lexica = _lexica(names)
    for variant, could in zip(variants, applicable, strict=True):
        whole = _pairs(variant, number, lambda f: f.whole, len(names))
        single = _pairs(variant, number, lambda f: f.weak, len(names))
        group = _pairs(variant, number, lambda f: f.group, len(names))
        value = variant.code[row]
        known = value >= 0
        key = value.astype(np.int64) * len(names) + form
        own = known & (among(key, whole) | among(key, group))
        own |= _synonymous(
            row, form, variant.code, known & ~own, np.unique(whole % len(names)), len(names)
        )
        beside = known & among(key, single)
        relevant = np.zeros(len(names), bool)
        for some in (whole, single, group):
            relevant[some % len(names)] = True
        agreement, rows = _agreement(row, form, own | beside, known, len(names))
        agreement_unknown = _with_lexica(agreement, rows, [some & relevant for some in lexica])
        share = _share(place, own, known)
        strong |= own & (share >= _CARRIED) & (agreement[form] >= least)
        unknown = ~known & relevant[form] & could[row]
        weak |= beside | (unknown & ~np.isin(form, np.concatenate([whole, group]) % len(names)))
        unknown &= agreement_unknown[form] >= _AGREEING_UNKNOWN
        alone = np.zeros(len(names), bool)
        alone[whole % len(names)] = True
        alone[group % len(names)] = True
        strong |= unknown & alone[form]
    return strong, weak & ~strong


def _pairs(
    variant: VariantValues,
    number: dict[str, int],
    part: Callable[[ValueForms], frozenset[str]],
    width: int,
) -> np.ndarray:
    """Sorted ``value * width + form`` of the forms of each value."""
    found = [
        value * width + number[name]
        for value, forms in enumerate(variant.forms)
        for name in part(forms)
    ]
    return np.sort(np.array(found, np.int64))


def among(keys: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Which keys are among some known ones, which are sorted; bool, shape of ``keys``."""
    if not len(known):
        return np.zeros(len(keys), bool)
    at = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found: np.ndarray = known[at] == keys
    return found


def _agreement(
    row: np.ndarray, form: np.ndarray, own: np.ndarray, known: np.ndarray, forms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Share of the rows with a mention that carry it, of those whose value is known; and these."""
    mentions = sorted_distinct((row[known] * forms + form[known]) * 2 + own[known])
    carried = mentions % 2 == 1
    rows = np.bincount(
        sorted_distinct(mentions // 2) % forms, minlength=forms
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
    width_of_pairs = width * values
    once = sorted_distinct(row[known] * width_of_pairs + pair[known]) % width_of_pairs
    together, rows = np.unique(once, return_counts=True)
    per_form = np.bincount(once // values, minlength=width)
    count, total = np.bincount(code[code >= 0], minlength=values), int((code >= 0).sum())
    with_form = per_form[together // values]
    share = rows / np.maximum(with_form, 1)
    elsewhere = (count[together % values] - rows) / np.maximum(total - with_form, 1)
    accepted = together[
        (rows >= _SYNONYM_ROWS) & (share >= _SYNONYM_SHARE) & (share >= _SYNONYM_LIFT * elsewhere)
    ]
    return candidate & among(pair, accepted)


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
