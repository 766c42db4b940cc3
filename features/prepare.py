"""Prepared records: everything about a row that pairs are later compared on, computed once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.dates import parse_dates
from features.facts import CodeSets, WordFacts, code_sets, fact_sets, word_facts
from features.identifiers import Identifiers, parse_identifiers
from features.images import Images, read_images
from features.kinds import Kind
from features.numbers import parse_numbers
from features.quantities import Quantities, parse_quantities
from features.records import Records
from features.sets import GRAM_SPACE, SparseSets, character_grams, merge_rows, sparse_sets
from features.statements import Statements, may_be_stated, state_values
from features.statistics import Statistics
from features.tokens import TokenTable, Vocabulary, build_vocabulary, tokenise

__all__ = ["PreparedAttribute", "PreparedRecords", "main_column", "prepare"]

#: Kinds whose words belong to the record as a whole. Prices and images say nothing as words.
WORD_KINDS = frozenset(
    {Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.IDENTIFIER, Kind.QUANTITY, Kind.NUMBER, Kind.DATE}
)
#: Kinds that can hold model codes among other words.
CODE_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.IDENTIFIER})
#: Kinds whose words state facts: colours, sizes, quantities and numbers.
STATING_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.QUANTITY})
#: A text column with more words a row than this is a description: its codes are incidental.
DESCRIPTION_WORDS = 25


@dataclass(frozen=True)
class PreparedAttribute:
    """One attribute of every record; parts that its kind does not have are None.

    Attributes:
        name: column name.
        kind: its kind.
        values: number of the distinct clean text of each row, int32, -1 unknown.
        strings: the distinct clean texts.
        words: sets of words.
        grams: sets of character 3-grams.
        first_word: number of the first word, -1 unknown.
        mean_words: words of the rows that have any, on average.
        number: value of a number, price or date (days), NaN unknown.
        quantity: amounts of a quantity.
        identifiers: canonical codes of an identifier.
        images: contents, hashes and colours of images.
    """

    name: str
    kind: Kind
    values: np.ndarray
    strings: np.ndarray
    words: SparseSets | None = None
    grams: SparseSets | None = None
    first_word: np.ndarray | None = None
    mean_words: float = 0.0
    number: np.ndarray | None = None
    quantity: Quantities | None = None
    identifiers: Identifiers | None = None
    images: Images | None = None

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


@dataclass(frozen=True)
class PreparedRecords:
    """All records, prepared for blocking and comparison.

    Attributes:
        records: the rows as read.
        attributes: prepared attributes by name, in column order.
        main: name of the attribute that names the thing (a product title), None without any text.
        vocabulary: all distinct words.
        words: sets of words of the whole record.
        grams: sets of character 4-grams of the whole record, squashed.
        codes: model codes of the columns that name the thing.
        facts: numbers, years, colours, editions and quantities that the text states.
        statistics: the vocabulary statistics behind all rarity weights.
        statements: what records state of the attributes whose values other texts may mention.
    """

    records: Records
    attributes: dict[str, PreparedAttribute]
    main: str | None
    vocabulary: Vocabulary
    words: SparseSets
    grams: SparseSets
    codes: CodeSets
    facts: dict[str, SparseSets]
    statistics: Statistics
    statements: dict[str, Statements] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of records."""
        return self.records.n


def prepare(
    records: Records,
    statistics: Statistics | None = None,
    *,
    threads: int = 1,
    statements: bool = False,
) -> PreparedRecords:
    """Prepares records once for all pairs.

    Args:
        records: rows in canonical order.
        statistics: frozen statistics of a saved model; learned from these rows by default.
        threads: threads to read images with; the result does not depend on it.
        statements: whether to find what texts state of other attributes, too.
    """
    statistics = Statistics() if statistics is None else statistics
    names = list(records.kinds)
    tables = {name: tokenise(records.table.column(name)) for name in names}
    worded = [name for name in names if records.kinds[name] in WORD_KINDS]
    vocabulary, pieces = build_vocabulary([tables[name] for name in worded])
    words = dict(zip(worded, pieces, strict=True))
    attributes = {
        name: _prepare_attribute(
            records, name, tables[name], words.get(name), vocabulary, statistics, threads
        )
        for name in names
    }
    facts = word_facts(vocabulary)
    coded = [
        name
        for name in worded
        if records.kinds[name] in CODE_KINDS and attributes[name].mean_words <= DESCRIPTION_WORDS
    ]
    texts = [name for name in worded if records.kinds[name] in (Kind.TEXT, Kind.NAME)]
    stated = [
        name
        for name in worded
        if records.kinds[name] in STATING_KINDS and attributes[name].mean_words <= DESCRIPTION_WORDS
    ] or texts
    # A standard trade number says which product this is, not what it is called: it has its own
    # keys.
    named = [name for name in worded if not attributes[name].is_trade_number]
    coded = [name for name in coded if name in named]
    whole_indptr, whole_ids = _merged(
        records.n, [(tables[name].indptr, words[name]) for name in named]
    )
    fact_indptr, fact_ids = _merged(
        records.n, [(tables[name].indptr, words[name]) for name in stated]
    )
    main = _main_attribute(attributes)
    spoken = {name: (tables[name], words[name]) for name in texts}
    return PreparedRecords(
        records=records,
        attributes=attributes,
        main=main,
        vocabulary=vocabulary,
        words=sparse_sets(
            whole_indptr,
            whole_ids,
            max(len(vocabulary), 1),
            statistics.weigher("words", records.n, vocabulary.hashes),
        ),
        grams=_whole_grams(records, [tables[name] for name in named], statistics),
        codes=_codes(records, coded or texts, tables, words, facts, statistics),
        facts=fact_sets(fact_indptr, fact_ids, facts),
        statistics=statistics,
        statements=_statements(attributes, main, spoken, vocabulary, statistics)
        if statements
        else {},
    )


def _statements(
    attributes: dict[str, PreparedAttribute],
    main: str | None,
    texts: dict[str, tuple[TokenTable, np.ndarray]],
    vocabulary: Vocabulary,
    statistics: Statistics,
) -> dict[str, Statements]:
    """What records state of each attribute of few values, there and in the other texts."""
    found = {}
    for name, attribute in attributes.items():
        if name == main or not (
            name in statistics.mentioned
            if statistics.frozen
            else may_be_stated(attribute.kind, attribute.values, attribute.mean_words)
        ):
            continue
        found[name] = state_values(
            name,
            attribute.values,
            attribute.strings,
            {column: parts for column, parts in texts.items() if column != name},
            vocabulary,
            statistics.mentioned.setdefault(name, {}),
            frozen=statistics.frozen,
        )
    return found


def _prepare_attribute(
    records: Records,
    name: str,
    table: TokenTable,
    words: np.ndarray | None,
    vocabulary: Vocabulary,
    statistics: Statistics,
    threads: int,
) -> PreparedAttribute:
    kind = records.kinds[name]
    column = records.table.column(name)
    raw = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    # Kinds without words (images, prices) are known by their cells, the others by their clean text.
    source = table.clean_strings() if kind in WORD_KINDS else raw
    encoded = pc.dictionary_encode(source)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    values = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    strings = np.array(encoded.dictionary.to_pylist(), dtype=object)
    parts: dict = {}
    if kind in WORD_KINDS and words is not None:
        counts = np.diff(table.indptr)
        parts["words"] = sparse_sets(
            table.indptr,
            words,
            max(len(vocabulary), 1),
            statistics.weigher(f"{name}.words", records.n, vocabulary.hashes),
        )
        first = np.full(records.n, -1, np.int32)
        first[counts > 0] = words[table.indptr[:-1][counts > 0]]
        parts["first_word"] = first
        parts["mean_words"] = float(counts[counts > 0].mean()) if (counts > 0).any() else 0.0
        if kind in (Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.IDENTIFIER):
            indptr, grams = character_grams(table.text, table.text_offsets, 3, spaces=True)
            weigher = statistics.weigher(f"{name}.characters", records.n)
            parts["grams"] = sparse_sets(indptr, grams, GRAM_SPACE, weigher)
    if kind in (Kind.NUMBER, Kind.PRICE):
        parts["number"] = parse_numbers(raw)
    elif kind == Kind.DATE:
        parts["number"] = parse_dates(raw)
    elif kind == Kind.QUANTITY:
        parts["quantity"] = parse_quantities(raw)
    elif kind == Kind.IDENTIFIER:
        parts["identifiers"] = parse_identifiers(raw)
    elif kind == Kind.IMAGE:
        parts["images"] = read_images(
            name, values, strings, records.side, records.ids, records.folders, threads=threads
        )
    return PreparedAttribute(name, kind, values, strings, **parts)


#: Words in a column's name that say it names the thing; they help decide between columns that both
#: could.
_NAMING = ("title", "name", "product", "titel", "titre", "titulo", "nombre", "nom", "bezeichnung")


def main_column(records: Records) -> str | None:
    """The column that names the thing, as `PreparedRecords.main`, before records are prepared."""
    best, best_score = None, 0.0
    for position, (name, kind) in enumerate(records.kinds.items()):
        if kind in (Kind.TEXT, Kind.NAME):
            table = tokenise(records.table.column(name))
            counts = np.diff(table.indptr)
            known = counts > 0
            if known.any():
                distinct = len(pc.unique(table.clean_strings().drop_null())) / int(known.sum())
                length = float(counts[known].mean())
                score = _naming_score(name, position, float(known.mean()), distinct, length)
                if score > best_score:
                    best, best_score = name, score
    return best


def _main_attribute(attributes: dict[str, PreparedAttribute]) -> str | None:
    """The attribute that names the thing: filled, distinct, some words long but no description."""
    best, best_score = None, 0.0
    for position, attribute in enumerate(attributes.values()):
        if attribute.kind not in (Kind.TEXT, Kind.NAME) or attribute.words is None:
            continue
        known = attribute.values >= 0
        distinct = len(np.unique(attribute.values[known])) / max(int(known.sum()), 1)
        score = _naming_score(
            attribute.name, position, attribute.fill, distinct, attribute.mean_words
        )
        if score > best_score:
            best, best_score = attribute.name, score
    return best


def _naming_score(name: str, position: int, fill: float, distinct: float, length: float) -> float:
    """How well a column would name the thing.

    Among columns that could be, a telling header counts half as much again, and earlier columns
    come first.
    """
    brevity = 1.0 if length <= DESCRIPTION_WORDS else DESCRIPTION_WORDS / length
    # The square root: titles that many offers share name things no less.
    score = fill * (distinct * brevity * min(1.0, length / 3)) ** 0.5 * 0.97**position
    return score * 1.5 if any(part in name.lower() for part in _NAMING) else score


def _merged(n: int, pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return merge_rows(pieces) if pieces else (np.zeros(n + 1, np.int64), np.zeros(0, np.int32))


def _whole_grams(records: Records, tables: list[TokenTable], statistics: Statistics) -> SparseSets:
    pieces = [character_grams(t.text, t.text_offsets, 4, spaces=False) for t in tables]
    indptr, grams = _merged(records.n, pieces)
    return sparse_sets(indptr, grams, GRAM_SPACE, statistics.weigher("characters", records.n))


def _codes(
    records: Records,
    names: list[str],
    tables: dict[str, TokenTable],
    words: dict[str, np.ndarray],
    facts: WordFacts,
    statistics: Statistics,
) -> CodeSets:
    if not names:
        empty = sparse_sets(np.zeros(records.n + 1, np.int64), np.zeros(0, np.int32), 1)
        return CodeSets(empty, np.zeros(0, np.uint8), np.zeros(1, np.int64))
    return code_sets(
        [tables[name] for name in names],
        [words[name] for name in names],
        facts,
        [records.kinds[name] == Kind.IDENTIFIER for name in names],
        statistics,
    )
