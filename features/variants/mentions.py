"""Mentions of ignored values in texts: finding them, and deciding which ones refer to the value.

A mention is a run of words that is a form of a value of an ignored attribute
(`features.variants.variant_values`). ``Orange`` may be the colour or a brand. A mention refers to
the value if rows with the same text have that value in the attribute's column, and rows with the
same mention mostly do; where a row's own value is unknown, if nearly all rows with the mention do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from features.arrays.chunked import in_order
from features.arrays.numbering import number_values
from features.arrays.rows import row_starts
from features.text.cells import Cells
from features.text.tokens import TokenTable, tokenise
from features.values.quantities import word_quantities
from features.variants.mention_kernels import (
    ANY,
    BEGINNING_BITS,
    GROUP,
    WEAK,
    WHOLE,
    first_of_rows,
    hash_rows,
    mentions_of_rows,
    rows_with_words,
    rows_without,
    ways_of,
)
from features.variants.variant_values import LONGEST_MENTION, ValueForms, value_forms
from features.variants.variant_words import colour_group, size_spellings

__all__ = [
    "Mentions",
    "VariantValues",
    "applies",
    "find_mentions",
    "judge",
    "variant_values",
]

#: Share of the rows with the same text that must have the mentioned value.
_CARRIED = 0.8
#: Share of the rows with a mention that must have the value, where the row itself has it.
_AGREEING = 0.3
#: The same for a very short and so ambiguous mention: a letter, a bare number.
_AGREEING_SHORT = 0.5
#: The same where the row's own value is unknown, and the number of rows it must be counted in.
_AGREEING_UNKNOWN = 0.8
_FEWEST_ROWS = 5
#: A mention counts as a synonym of another value (3 seats, 3-seater) if it stands in so many
#: rows with that value, this share of its rows, and so many times as often as in other rows.
_SYNONYM_ROWS, _SYNONYM_SHARE, _SYNONYM_LIFT = 5, 0.1, 5.0
#: An attribute does not apply to rows with a word ("voucher") if at most this share of the rows
#: with that word have a value, where at least so many would by chance.
_HARDLY, _EXPECTED = 0.02, 8.0
#: Rows that are searched for mentions at a time.
_ROWS_AT_ONCE = 1 << 15
#: Longer values, in characters, are descriptions rather than names of variants.
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class VariantValues:
    """The values of one ignored attribute and their forms in texts.

    Attributes:
        name: the attribute.
        code: number of each row's value, int32, -1 unknown.
        forms: forms of each value.
    """

    name: str
    code: np.ndarray
    forms: list[ValueForms]


@dataclass(frozen=True)
class Mentions:
    """Mentions: runs of words that are forms of some value; one element a mention.

    Attributes:
        row: row of the text.
        token: first token.
        words: number of tokens.
        form: number of the form in ``names``.
        names: all forms.
        tokens: tokens of all rows.
    """

    row: np.ndarray
    token: np.ndarray
    words: np.ndarray
    form: np.ndarray
    names: list[str]
    tokens: int

    def without(self, held: np.ndarray) -> Mentions:
        """The mentions that have at least one token that is not held.

        Args:
            held: whether each token must stay in its text, bool.
        """
        before = row_starts(held)
        free = before[self.token + self.words] - before[self.token] < self.words
        return replace(
            self, row=self.row[free], token=self.token[free], words=self.words[free],
            form=self.form[free],
        )  # fmt: skip


def variant_values(name: str, cells: Cells) -> VariantValues:
    """The values of an ignored attribute with their forms.

    Args:
        name: the attribute.
        cells: its column.
    """
    distinct = cells.distinct().to_pylist()
    short = [value if len(value) <= _LONGEST_VALUE else "" for value in distinct]
    return VariantValues(name, cells.code, value_forms(short))


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
        return Mentions(nothing, nothing, nothing, nothing, names, len(table.hashes))
    known = tokenise(pa.array(names))
    hashes = np.empty(len(names), np.uint64)
    begins = np.zeros(1 << BEGINNING_BITS, np.bool_)
    hash_rows(known.text, known.indptr, known.start, known.length, hashes, begins)
    order = np.argsort(hashes, kind="stable")
    arguments = (
        table.text, table.indptr, table.start, table.length, table.hashes, hashes[order],
        order.astype(np.int64), begins, LONGEST_MENTION,
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
    return Mentions(row, token, words, form, names, len(table.hashes))


def applies(code: np.ndarray, table: TokenTable, word_ids: np.ndarray, size: int) -> np.ndarray:
    """Whether each row could have a value of the attribute, bool, shape (n,).

    False for rows with a word whose rows hardly ever have one.

    Args:
        code: value of each row, -1 unknown.
        table: tokens of the texts.
        word_ids: word number of each token.
        size: number of words.
    """
    known = code >= 0
    rows, stated = rows_with_words(table.indptr, word_ids, known, size)
    with_text = np.diff(table.indptr) > 0
    overall = float(known[with_text].mean()) if with_text.any() else 0.0
    never = (rows * overall >= _EXPECTED) & (stated <= _HARDLY * rows)
    return rows_without(table.indptr, word_ids, never)


def judge(
    variants: Sequence[VariantValues],
    applicable: Sequence[np.ndarray],
    mentions: Mentions,
    text_code: np.ndarray,
    indptr: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Decides which mentions refer to the ignored values.

    Args:
        variants: the attributes.
        applicable: for each attribute, whether each row could have a value of it (`applies`).
        mentions: the mentions.
        text_code: code of each row's text.
        indptr: start of each row's tokens.

    Returns:
        Whether each mention refers to a value (strong), and whether it does if it stands beside a
        strong one (weak), both bool.
    """
    names, row, form = mentions.names, mentions.row, mentions.form
    number = {name: k for k, name in enumerate(names)}
    short = np.array([len(name) == 1 or name.replace(".", "").isdecimal() for name in names])
    least = np.where(short, _AGREEING_SHORT, _AGREEING)[form]
    # Where in the text a mention stands, the same for all rows with this text.
    place = (text_code[row].astype(np.int64) << 24) | ((mentions.token - indptr[row]) << 4)
    place = number_values(place | mentions.words)[0]
    # A row that mentions it twice counts once.
    once = first_of_rows(row, form, len(names))
    strong, weak = np.zeros(len(row), bool), np.zeros(len(row), bool)
    lexica = _lexica(names)
    for variant, could in zip(variants, applicable, strict=True):
        ways = _ways(variant, number)
        value = variant.code[row]
        known = value >= 0
        way = ways_of(value, form, *ways)
        whole, naming, relevant = (
            _forms_of(ways, some, len(names)) for some in (WHOLE, WHOLE | GROUP, ANY)
        )
        own = way & (WHOLE | GROUP) > 0
        own |= _synonymous(form, value, once, variant.code, known & ~own & whole[form], len(names))
        beside = way & WEAK > 0
        agreement, rows = _agreement(form, once & known, own | beside, len(names))
        agreement_unknown = _with_lexica(agreement, rows, [some & relevant for some in lexica])
        share = _share(place, own, known)
        strong |= own & (share >= _CARRIED) & (agreement[form] >= least)
        unknown = ~known & relevant[form] & could[row]
        weak |= beside | (unknown & ~naming[form])
        strong |= unknown & (agreement_unknown[form] >= _AGREEING_UNKNOWN) & naming[form]
    return strong, weak & ~strong


def _ways(
    variant: VariantValues, number: dict[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forms of each value as rows: starts, numbers of the forms, and the way that each is one."""
    indptr = np.zeros(len(variant.forms) + 1, np.int64)
    forms: list[int] = []
    ways: list[int] = []
    for value, one in enumerate(variant.forms):
        found: dict[int, int] = {}
        for way, some in ((WHOLE, one.whole), (WEAK, one.weak), (GROUP, one.group)):
            for name in some:
                found[number[name]] = found.get(number[name], 0) | way
        forms += found.keys()
        ways += found.values()
        indptr[value + 1] = len(forms)
    return indptr, np.array(forms, np.int64), np.array(ways, np.int8)


def _forms_of(ways: tuple[np.ndarray, np.ndarray, np.ndarray], some: int, width: int) -> np.ndarray:
    """Whether each form is one of some value in one of the given ways, bool, shape (width,)."""
    _, forms, way = ways
    out = np.zeros(width, bool)
    out[forms[way & some > 0]] = True
    return out


def _agreement(
    form: np.ndarray, once: np.ndarray, own: np.ndarray, forms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Share of the rows with each form that have its value, and the number of rows counted.

    Args:
        form: of each mention.
        once: marks one mention of each form in each row of known value.
        own: whether the row of a mention has the mentioned value.
        forms: number of forms.
    """
    rows = np.bincount(form[once], minlength=forms)
    hits = np.bincount(form[once & own], minlength=forms)
    return hits / np.maximum(rows, 1), rows


def _synonymous(
    form: np.ndarray,
    value: np.ndarray,
    once: np.ndarray,
    code: np.ndarray,
    candidate: np.ndarray,
    width: int,
) -> np.ndarray:
    """Mentions of one value in rows of another that stand together far more often than by chance.

    Args:
        form: of each mention.
        value: of the row of each mention, -1 unknown.
        once: one mention of each form in each row.
        code: value of each row.
        candidate: mentions of a whole value in rows of known value that is not the mentioned one.
        width: number of forms.
    """
    values = int(code.max(initial=-1)) + 1
    if not candidate.any() or not values:
        return np.zeros(len(form), bool)
    known = np.flatnonzero(value >= 0)
    counted = once[known]
    pair = form[known] * values + value[known]
    number, first = number_values(pair)
    together = pair[first]
    rows = np.bincount(number[counted], minlength=len(first))
    with_form = np.bincount(form[known[counted]], minlength=width)[together // values]
    count, total = np.bincount(code[code >= 0], minlength=values), int((code >= 0).sum())
    share = rows / np.maximum(with_form, 1)
    elsewhere = (count[together % values] - rows) / np.maximum(total - with_form, 1)
    accepted = (
        (rows >= _SYNONYM_ROWS) & (share >= _SYNONYM_SHARE) & (share >= _SYNONYM_LIFT * elsewhere)
    )
    out = candidate.copy()
    out[known] &= accepted[number]
    return out


def _lexica(names: list[str]) -> list[np.ndarray]:
    """For each lexicon (colours, apparel sizes, quantities), whether each form is in it, bool."""
    colours = np.array([colour_group(name) is not None for name in names])
    sizes = np.array([len(name) > 1 and bool(size_spellings(name)) for name in names])
    return [colours, sizes, (word_quantities(names)[1] >= 0) & ~sizes]


def _with_lexica(agreement: np.ndarray, rows: np.ndarray, lexica: list[np.ndarray]) -> np.ndarray:
    """Agreement for rows of unknown value; 0 where it was counted in too few rows.

    The agreement of rare forms in a lexicon is shrunk towards the mean of that lexicon.
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
    """Share of the rows with the same text and a known value that have the mentioned value."""
    size = int(place.max(initial=-1)) + 1
    carried = np.bincount(place[own], minlength=size)
    rows = np.bincount(place[known], minlength=size)
    return (carried / np.maximum(rows, 1))[place]
