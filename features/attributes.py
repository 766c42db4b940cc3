"""Prepared attributes: what the comparison of one column needs, computed once per record."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.arrays.lazy import Lazy
from features.arrays.numbering import number_hashes
from features.images.image_column import Images, read_images
from features.kinds import Kind
from features.records import Records
from features.text.sets import GRAM_SPACE, SparseSets, character_grams, sparse_sets
from features.text.statistics import Statistics
from features.text.tokens import TokenTable, Vocabulary, tokenise
from features.values.dates import parse_dates
from features.values.identifiers import Identifiers, parse_identifiers
from features.values.numbers import parse_numbers
from features.values.quantities import Quantities, parse_quantities

__all__ = ["DESCRIPTION_WORDS", "WORD_KINDS", "PreparedAttribute", "prepare_attribute"]

#: Kinds whose words belong to the record as a whole. Prices and images say nothing as words.
WORD_KINDS = frozenset(
    {Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.IDENTIFIER, Kind.QUANTITY, Kind.NUMBER, Kind.DATE}
)
#: Kinds whose values are spelled in many ways, so that their letters are compared too.
_SPELLED_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.IDENTIFIER})
#: A text column with more words a row than this is a description: its codes are incidental.
DESCRIPTION_WORDS = 25


@dataclass(frozen=True)
class PreparedAttribute:
    """One attribute of every record, prepared; parts that its kind does not have are None.

    Attributes:
        name: column name.
        kind: its kind.
        values: code of the clean text of each row, int32, -1 unknown.
        distinct: number of distinct clean texts.
        texts: the distinct clean texts as one Arrow array, built on first use.
        hashes: hash of the words of each distinct clean text, uint64.
        words: sets of words.
        letters: sets of character 3-grams, built on first use.
        first_word: number of the first word, -1 unknown.
        mean_words: mean number of words of the rows that have any.
        number: value of a number, price or date (days), NaN unknown.
        quantity: amounts of a quantity.
        identifiers: canonical codes of an identifier.
        images: contents, hashes and colours of images.
    """

    name: str
    kind: Kind
    values: np.ndarray
    distinct: int
    texts: Lazy[pa.Array]
    hashes: np.ndarray | None = None
    words: SparseSets | None = None
    letters: Lazy[SparseSets] | None = None
    first_word: np.ndarray | None = None
    mean_words: float = 0.0
    number: np.ndarray | None = None
    quantity: Quantities | None = None
    identifiers: Identifiers | None = None
    images: Images | None = None

    @cached_property
    def strings(self) -> np.ndarray:
        """The distinct clean texts as an object array; takes much memory for millions."""
        return np.array(self.texts.get().to_pylist(), dtype=object)

    @property
    def grams(self) -> SparseSets | None:
        """Sets of character 3-grams."""
        return None if self.letters is None else self.letters.get()

    @property
    def is_trade_number(self) -> bool:
        """Whether most values are standard trade numbers (GTIN, ISBN) with a right check digit."""
        if self.identifiers is None:
            return False
        codes = self.identifiers.code
        known = codes[codes >= 0]
        return len(known) > 0 and float(np.mean(self.identifiers.is_gtin[known])) > 0.5

    @property
    def fill(self) -> float:
        """Share of rows with a value."""
        return float(np.mean(self.values >= 0)) if len(self.values) else 0.0


def prepare_attribute(
    records: Records,
    name: str,
    table: TokenTable | None,
    words: np.ndarray | None,
    vocabulary: Vocabulary,
    statistics: Statistics,
    threads: int,
) -> PreparedAttribute:
    """Prepares one column for comparison.

    Args:
        records: the rows.
        name: the column.
        table: its tokens, None for kinds without words.
        words: word number of each token, likewise.
        vocabulary: the words.
        statistics: gives the rarity of words and character grams.
        threads: threads to read images with.
    """
    kind = records.kinds[name]
    raw = records.values(name)
    if table is None or words is None:
        values, texts, distinct = _cells(raw)
        parts: dict = {}
        if kind == Kind.PRICE:
            parts["number"] = parse_numbers(raw)
        elif kind == Kind.IMAGE:
            strings = np.array(texts.get().to_pylist(), dtype=object)
            parts["images"] = read_images(
                name, values, strings, records.side, records.ids, records.folders, threads=threads
            )
        return PreparedAttribute(name, kind, values, distinct, texts, **parts)
    counts = np.diff(table.indptr)
    known = np.flatnonzero(counts > 0)
    numbers, first = number_hashes(table.row_hashes[known])
    values = np.full(table.n, -1, np.int32)
    values[known] = numbers
    rows = known[first]
    first_word = np.full(records.n, -1, np.int32)
    first_word[known] = words[table.indptr[known]]
    # Read again when asked for, rather than kept: most columns never are.
    texts = Lazy(lambda: tokenise(raw.take(pa.array(rows))).clean_strings())
    parts = {
        "hashes": table.row_hashes[rows],
        "words": sparse_sets(
            table.indptr,
            words,
            max(len(vocabulary), 1),
            statistics.weigher(f"{name}.words", records.n, vocabulary.hashes),
        ),
        "first_word": first_word,
        "mean_words": table.mean_tokens,
    }
    if kind in _SPELLED_KINDS:
        parts["letters"] = Lazy(lambda: _letters(records, name, statistics))
    if kind == Kind.NUMBER:
        parts["number"] = parse_numbers(raw)
    elif kind == Kind.DATE:
        parts["number"] = parse_dates(raw)
    elif kind == Kind.QUANTITY:
        parts["quantity"] = parse_quantities(raw)
    elif kind == Kind.IDENTIFIER:
        parts["identifiers"] = parse_identifiers(raw)
    return PreparedAttribute(name, kind, values, len(rows), texts, **parts)


def _cells(raw: pa.Array) -> tuple[np.ndarray, Lazy[pa.Array], int]:
    """Codes of the cells in order of first appearance, -1 where missing."""
    encoded = pc.dictionary_encode(raw)
    values = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return values, Lazy(lambda: encoded.dictionary), len(encoded.dictionary)


def _letters(records: Records, name: str, statistics: Statistics) -> SparseSets:
    table = tokenise(records.table.column(name))
    indptr, grams = character_grams(table.text, table.text_offsets, 3, spaces=True)
    weigher = statistics.weigher(f"{name}.characters", records.n)
    return sparse_sets(indptr, grams, GRAM_SPACE, weigher)
