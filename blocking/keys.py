"""Key blocking: records that share an identifier, a code, rare words or a whole text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from blocking.key_blocks import BlockNote, Entries, Refiner, block_pairs
from features.arrays.numbering import number_values
from features.kinds import Kind
from features.prepare import DESCRIPTION_WORDS, PreparedAttribute, PreparedRecords
from features.text.sets import SparseSets

__all__ = [
    "KeyBlocker",
    "code_keys",
    "equal_text_keys",
    "identifier_keys",
    "key_blockers",
    "rare_word_keys",
    "word_pair_keys",
]

#: Largest number of partners that a row gets from one block, by how selective the key is: an
#: identifier ...
IDENTIFIER_PARTNERS = 50
#: ... a code or an equal title ...
CODE_PARTNERS = 20
TEXT_PARTNERS = 20
#: ... and words, of which each record has several keys.
WORD_PARTNERS = 3
PAIR_PARTNERS = 8
#: An identifier column is a key where a row shares its value with no more rows than this on
#: average; a postcode or a style number shared by more says too little.
NEAR_KEY_PARTNERS = 10.0
#: Rarest words of a record that are paired with each other: six keys a record.
PAIRED_WORDS = 4
#: Price bins are a fifth of a logarithm wide, about 22 percent; each price is in two neighbouring
#: ones.
_BINS_A_LOGARITHM = 5.0


class KeyBlocker:
    """A blocker that proposes the pairs of rows that share a key.

    Args:
        name: name in the report.
        entries: gives the keys of all rows.
        partners: largest number of partners that one block gives a row. Larger blocks are split by
            further attributes (rare words, price, category); in those that remain too large each
            row is paired with its neighbours in sorted order.
        of_identifiers: whether the key is an identifier, so that its pairs are kept whatever the
            budget.

    Attributes:
        largest_blocks: the largest blocks of the last run; those cut in sorted order come first.
    """

    def __init__(
        self,
        name: str,
        entries: Callable[[PreparedRecords], Entries],
        partners: int,
        *,
        of_identifiers: bool = False,
    ) -> None:
        if partners < 1:
            raise ValueError(f"partners must be at least 1, not {partners}")
        self.name = name
        self.entries = entries
        self.partners = partners
        self.of_identifiers = of_identifiers
        self.largest_blocks: list[BlockNote] = []

    def pairs(self, records: PreparedRecords) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of rows with an equal key."""
        left, right, self.largest_blocks = block_pairs(
            self.entries(records),
            records.n,
            records.records.n_left,
            self.partners,
            partial(_refiners, records),
            partial(_sorted_rank, records),
        )
        return left, right


def key_blockers(records: PreparedRecords) -> list[KeyBlocker]:
    """The key blockers that suit a catalog: near-unique identifiers, codes, texts, rare words."""
    chosen = [
        identifier_keys(name)
        for name, attribute in records.attributes.items()
        if attribute.identifiers is not None
        and 0 < _mean_partners(attribute.identifiers.code, records) <= NEAR_KEY_PARTNERS
    ]
    if records.codes.sets.ids.size:
        chosen.append(code_keys())
    if records.main is not None:
        chosen.append(equal_text_keys(records.main))
    if records.words.ids.size:
        # The rarest words of a long description are chance words; then only those of the main
        # attribute are paired.
        described = any(a.mean_words > DESCRIPTION_WORDS for a in records.attributes.values())
        chosen += [rare_word_keys(), word_pair_keys(records.main if described else None)]
    return chosen


def identifier_keys(attribute: str, partners: int = IDENTIFIER_PARTNERS) -> KeyBlocker:
    """Equal canonical identifiers of one column."""

    def entries(records: PreparedRecords) -> Entries:
        prepared = records.attributes[attribute]
        identifiers = prepared.identifiers
        if identifiers is None:
            raise ValueError(f"{attribute!r} is no identifier but {prepared.kind.value}")
        rows = np.flatnonzero(identifiers.code >= 0).astype(np.int32)
        return Entries(
            identifiers.code[rows], rows, lambda key: f'{attribute} "{identifiers.canonical[key]}"'
        )

    return KeyBlocker(f"identifier:{attribute}", entries, partners, of_identifiers=True)


def code_keys(partners: int = CODE_PARTNERS) -> KeyBlocker:
    """Equal model codes."""

    def entries(records: PreparedRecords) -> Entries:
        codes = records.codes
        return _set_entries(
            codes.sets, lambda key: f'code "{_text(codes.text, codes.offsets, key)}"'
        )

    return KeyBlocker("codes", entries, partners)


def equal_text_keys(attribute: str, partners: int = TEXT_PARTNERS) -> KeyBlocker:
    """Equal clean text of one attribute."""

    def entries(records: PreparedRecords) -> Entries:
        prepared = records.attributes[attribute]
        rows = np.flatnonzero(prepared.values >= 0).astype(np.int32)
        return Entries(
            prepared.values[rows],
            rows,
            lambda key: f'{attribute} "{_short(prepared.strings[key])}"',
        )

    return KeyBlocker(f"equal {attribute}", entries, partners)


def rare_word_keys(partners: int = WORD_PARTNERS) -> KeyBlocker:
    """Shared words that give no row more than ``partners`` partners; commoner words are no keys."""

    def entries(records: PreparedRecords) -> Entries:
        words = records.words
        left, right = _frequencies(words, records)
        most = np.maximum(left, right) if records.records.is_linkage else left - 1
        kept = (_joinable(left, right, records) & (most <= partners))[words.ids]
        rows = np.repeat(np.arange(words.n, dtype=np.int32), words.counts)
        return Entries(words.ids[kept], rows[kept], partial(_word_label, records))

    return KeyBlocker("rare words", entries, partners)


def word_pair_keys(
    attribute: str | None = None, words: int = PAIRED_WORDS, partners: int = PAIR_PARTNERS
) -> KeyBlocker:
    """Pairs of shared words, out of the ``words`` rarest of each record that another record has.

    Args:
        attribute: the attribute whose words they are; None for the whole record.
        words: words paired with each other.
        partners: partners that one block may give a row.
    """

    def entries(records: PreparedRecords) -> Entries:
        sets = records.words if attribute is None else records.attributes[attribute].words
        if sets is None:
            raise ValueError(f"{attribute!r} has no words")
        rarest = _rarest(sets, records, words)
        first, second = np.triu_indices(words, 1)
        a = np.minimum(rarest[:, first], rarest[:, second])
        b = np.maximum(rarest[:, first], rarest[:, second])
        rows, columns = np.nonzero(a >= 0)
        a, b = a[rows, columns], b[rows, columns]
        packed = (a.astype(np.uint64) << np.uint64(32)) | b.astype(np.uint64)
        numbers, origin = number_values(packed)

        def label(key: int) -> str:
            at = origin[key]
            return f"{_word_label(records, int(a[at]))} + {_word_label(records, int(b[at]))}"

        return Entries(numbers, rows.astype(np.int32), label)

    name = "rare word pairs" if attribute is None else f"rare word pairs of {attribute}"
    return KeyBlocker(name, entries, partners)


def _set_entries(sets: SparseSets, label: Callable[[int], str]) -> Entries:
    return Entries(sets.ids, np.repeat(np.arange(sets.n, dtype=np.int32), sets.counts), label)


def _frequencies(words: SparseSets, records: PreparedRecords) -> tuple[np.ndarray, np.ndarray]:
    """Rows that hold each term, in the left (or only) and in the right table."""
    cut = words.indptr[records.records.n_left]
    return (
        np.bincount(words.ids[:cut], minlength=words.terms),
        np.bincount(words.ids[cut:], minlength=words.terms),
    )


def _joinable(left: np.ndarray, right: np.ndarray, records: PreparedRecords) -> np.ndarray:
    return (left > 0) & (right > 0) if records.records.is_linkage else left > 1


def _rarest(words: SparseSets, records: PreparedRecords, count: int) -> np.ndarray:
    """The rarest words of each row that another row has, rarest first, (n, count), -1 for none."""
    left, right = _frequencies(words, records)
    frequency = np.where(_joinable(left, right, records), left + right, 0)
    out = np.full((records.n, count), -1, np.int32)
    _rarest_terms(words.indptr, words.ids, frequency, out)
    return out


def _mean_partners(code: np.ndarray, records: PreparedRecords) -> float:
    """Mean number of rows with the same value, over the rows whose value is shared."""
    left = code[: records.records.n_left]
    right = code[records.records.n_left :]
    size = int(code.max(initial=-1)) + 1
    ours = np.bincount(left[left >= 0], minlength=size)
    if not records.records.is_linkage:
        paired = ours > 1
        return float((ours * (ours - 1)).sum() / max(ours[paired].sum(), 1))
    theirs = np.bincount(right[right >= 0], minlength=size)
    paired = (ours > 0) & (theirs > 0)
    return float(2 * (ours * theirs).sum() / max((ours + theirs)[paired].sum(), 1))


def _refiners(records: PreparedRecords) -> list[Refiner]:
    """Further attributes to split large blocks by, the most selective first."""
    chosen = [
        Refiner(
            "word", _rarest(records.words, records, PAIRED_WORDS), partial(_word_label, records)
        )
    ]
    for attribute in records.attributes.values():
        if attribute.kind == Kind.PRICE and attribute.number is not None:
            chosen.append(_price_refiner(attribute))
            break
    for attribute in records.attributes.values():
        if attribute.kind == Kind.CATEGORY:
            chosen.append(
                Refiner(attribute.name, attribute.values[:, None], partial(_value_label, attribute))
            )
            break
    return chosen


def _price_refiner(attribute: PreparedAttribute) -> Refiner:
    price = np.asarray(attribute.number, np.float64)
    known = price > 0
    low = np.full(len(price), -1, np.int64)
    # Prices below e^-10 share the lowest bin.
    low[known] = np.clip(np.floor((np.log(price[known]) + 10) * _BINS_A_LOGARITHM), 0, 1 << 20)
    bins = np.column_stack([low, np.where(low >= 0, low + 1, -1)]).astype(np.int32)

    def label(term: int) -> str:
        return f"{attribute.name} about {np.exp(term / _BINS_A_LOGARITHM - 10):.3g}"

    return Refiner(attribute.name, bins, label)


def _sorted_rank(records: PreparedRecords) -> np.ndarray:
    """Rank of each row by main text, then price; equal where both are."""
    text_rank = np.zeros(records.n, np.int64)
    if records.main is not None:
        main = records.attributes[records.main]
        rank = np.zeros(len(main.strings) + 1, np.int64)
        order = pc.sort_indices(pa.array(main.strings, pa.large_string())).to_numpy()
        rank[order] = np.arange(len(order))
        rank[-1] = len(order)  # of an unknown text, whose number is -1
        text_rank = rank[main.values]
    price = np.zeros(records.n)
    for attribute in records.attributes.values():
        if attribute.kind == Kind.PRICE and attribute.number is not None:
            price = np.nan_to_num(attribute.number, nan=-1.0)
            break
    order = np.lexsort((price, text_rank))
    new = np.zeros(records.n, np.int64)
    new[1:] = (np.diff(text_rank[order]) != 0) | (np.diff(price[order]) != 0)
    out = np.zeros(records.n, np.int64)
    out[order] = np.cumsum(new)
    return out


def _word_label(records: PreparedRecords, word: int) -> str:
    vocabulary = records.vocabulary
    return f'word "{_text(vocabulary.text, vocabulary.offsets, word)}"'


def _value_label(attribute: PreparedAttribute, value: int) -> str:
    return f'{attribute.name} "{_short(attribute.strings[value])}"'


def _text(text: np.ndarray, offsets: np.ndarray, number: int) -> str:
    return _short(text[offsets[number] : offsets[number + 1]].tobytes().decode("utf-8", "replace"))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


@njit(nogil=True, cache=True)
def _rarest_terms(indptr, ids, frequency, out):
    count = out.shape[1]
    for row in range(len(indptr) - 1):
        used = 0
        for k in range(indptr[row], indptr[row + 1]):
            term = ids[k]
            if frequency[term] == 0:
                continue
            place = used
            while place > 0 and frequency[out[row, place - 1]] > frequency[term]:
                place -= 1
            if place == count:
                continue
            for q in range(min(used, count - 1), place, -1):
                out[row, q] = out[row, q - 1]
            out[row, place] = term
            used = min(used + 1, count)
