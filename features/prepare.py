"""Prepared records: everything that blocking and comparison need of a record, computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from features.arrays.lazy import Lazy
from features.arrays.numbering import number_hashes
from features.attributes import (
    DESCRIPTION_WORDS,
    WORD_KINDS,
    PreparedAttribute,
    prepare_attribute,
)
from features.kinds import Kind
from features.records import Records
from features.statements import Statements, may_be_stated, state_values
from features.text.cells import Cells
from features.text.sets import GRAM_SPACE, SparseSets, character_grams, merge_rows, sparse_sets
from features.text.statistics import Statistics
from features.text.tokens import TokenTable, Vocabulary, build_vocabulary, row_words, tokenise
from features.values.facts import CodeSets, code_sets, fact_sets
from features.values.word_facts import WordFacts, word_facts

__all__ = [
    "DESCRIPTION_WORDS",
    "WORD_KINDS",
    "PreparedAttribute",
    "PreparedRecords",
    "main_column",
    "prepare",
]

#: Kinds that can hold model codes among other words.
CODE_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.IDENTIFIER})
#: Kinds whose words state facts: colours, sizes, quantities and numbers.
STATING_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.QUANTITY})


@dataclass(frozen=True)
class PreparedRecords:
    """All records, prepared for blocking and comparison.

    Attributes:
        records: the rows as read.
        attributes: prepared attributes by name, in column order.
        main: name of the main attribute, the one that names the entity (a product title); None
            without any text.
        vocabulary: all distinct words.
        words: sets of words of the whole record.
        letters: sets of character 4-grams of the whole record without spaces, built on first use.
        codes: model codes in the columns that name the entity.
        facts: sets of numbers, years, colours, editions and quantities in the texts.
        statistics: the document frequencies behind all idf weights.
        statements: stated values of the attributes that other texts may mention, see
            `features.statements`.
    """

    records: Records
    attributes: dict[str, PreparedAttribute]
    main: str | None
    vocabulary: Vocabulary
    words: SparseSets
    letters: Lazy[SparseSets]
    codes: CodeSets
    facts: dict[str, SparseSets]
    statistics: Statistics
    statements: dict[str, Statements] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of records."""
        return self.records.n

    def without_words(self) -> PreparedRecords:
        """The same without words, codes and facts, to free memory once feature groups are made."""
        none = SparseSets(
            np.zeros(self.n + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32),
            np.zeros(self.n, np.float32), np.zeros(self.n, np.float32), 1,
        )  # fmt: skip
        nothing = np.zeros(0, np.uint64)
        return replace(
            self,
            attributes={
                name: replace(one, words=None, letters=None, first_word=None, hashes=None)
                for name, one in self.attributes.items()
            },
            vocabulary=Vocabulary(nothing, np.zeros(0, np.uint8), np.zeros(1, np.int64)),
            words=none,
            letters=Lazy(lambda: none),
            codes=CodeSets(none, np.zeros(0, np.uint8), np.zeros(1, np.int64), nothing),
            facts=dict.fromkeys(self.facts, none),
        )

    @property
    def grams(self) -> SparseSets:
        """Sets of character 4-grams of the whole record without spaces."""
        return self.letters.get()


def prepare(
    records: Records,
    statistics: Statistics | None = None,
    *,
    threads: int = 1,
    statements: bool = False,
) -> PreparedRecords:
    """Prepares records for blocking and comparison.

    Args:
        records: rows in canonical order.
        statistics: frozen statistics of a saved model; learned from these rows by default.
        threads: threads to use; the result does not depend on it.
        statements: whether to look for values of other attributes in texts, too.
    """
    statistics = Statistics() if statistics is None else statistics
    names = list(records.kinds)
    worded = [name for name in names if records.kinds[name] in WORD_KINDS]
    texts = [name for name in worded if records.kinds[name] in (Kind.TEXT, Kind.NAME)]
    tables: dict[str, TokenTable] = {}
    coded = []

    def tokenised() -> Iterator[TokenTable]:
        """Token tables; single tokens, the largest part, are freed unless codes need them."""
        for name in worded:
            table = tokenise(records.table.column(name), threads=threads)
            if records.kinds[name] in CODE_KINDS and table.mean_tokens <= DESCRIPTION_WORDS:
                coded.append(name)
                tables[name] = table.without_hashes()
            else:
                tables[name] = table.without_tokens()
            yield table
            del table

    vocabulary, pieces = build_vocabulary(tokenised())
    words = dict(zip(worded, pieces, strict=True))

    def one(name: str) -> PreparedAttribute:
        table, ids = tables.get(name), words.get(name)
        return prepare_attribute(records, name, table, ids, vocabulary, statistics, threads)

    with ThreadPoolExecutor(threads) as pool:
        attributes = dict(zip(names, pool.map(one, names), strict=True))
    facts = word_facts(vocabulary)
    stated = [
        name
        for name in worded
        if records.kinds[name] in STATING_KINDS and attributes[name].mean_words <= DESCRIPTION_WORDS
    ] or texts
    # Standard trade numbers are compared and blocked by themselves, not as words of the record.
    named = [name for name in worded if not attributes[name].is_trade_number]
    coded = [name for name in coded if name in named]
    if not coded and any(len(tables[name].start) == 0 for name in texts):
        tables |= {n: tokenise(records.table.column(n), threads=threads) for n in texts}
    main = _main_attribute(attributes)

    def whole_words() -> SparseSets:
        merged = _merged(records.n, [(tables[name].indptr, words[name]) for name in named])
        weigher = statistics.weigher("words", records.n, vocabulary.hashes)
        return sparse_sets(*merged, max(len(vocabulary), 1), weigher)

    def stated_facts() -> dict[str, SparseSets]:
        merged = _merged(records.n, [(tables[name].indptr, words[name]) for name in stated])
        return fact_sets(*merged, facts, threads=threads)

    def stated_values() -> dict[str, Statements]:
        if not statements:
            return {}
        searched = {name: (tables[name], words[name]) for name in texts}
        return _statements(attributes, main, searched, vocabulary, statistics)

    with ThreadPoolExecutor(threads) as pool:
        codes = pool.submit(_codes, records, coded or texts, tables, words, facts, statistics)
        whole = pool.submit(whole_words)
        sets, said = pool.submit(stated_facts), pool.submit(stated_values)
    return PreparedRecords(
        records=records,
        attributes=attributes,
        main=main,
        vocabulary=vocabulary,
        words=whole.result(),
        letters=Lazy(lambda: _whole_grams(records, named, statistics)),
        codes=codes.result(),
        facts=sets.result(),
        statistics=statistics,
        statements=said.result(),
    )


def _statements(
    attributes: dict[str, PreparedAttribute],
    main: str | None,
    texts: dict[str, tuple[TokenTable, np.ndarray]],
    vocabulary: Vocabulary,
    statistics: Statistics,
) -> dict[str, Statements]:
    """Stated values of each attribute of few distinct values."""
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


#: Words in a header that mark the main attribute; they decide between otherwise likely columns.
_NAMING = ("title", "name", "product", "titel", "titre", "titulo", "nombre", "nom", "bezeichnung")


def main_column(
    kinds: Mapping[str, Kind], cells: Callable[[str], Cells], *, threads: int = 1
) -> str | None:
    """The main attribute, as `PreparedRecords.main`, chosen before records are prepared.

    Args:
        kinds: the compared attributes, in column order, with their kinds.
        cells: gives the cells of a column.
        threads: threads to use; the result does not depend on it.
    """
    best, best_score = None, 0.0
    for name, kind in kinds.items():
        if kind in (Kind.TEXT, Kind.NAME):
            column = cells(name)
            counts, hashes = row_words(column.distinct(), threads=threads)
            worded = counts > 0
            known = int(column.counts[worded].sum())
            if known:
                distinct = len(number_hashes(hashes[worded])[1]) / known
                length = float((counts * column.counts).sum()) / known
                score = _naming_score(name, known / len(column.code), distinct, length)
                if score > best_score:
                    best, best_score = name, score
    return best


def _main_attribute(attributes: dict[str, PreparedAttribute]) -> str | None:
    """The main attribute: well filled, mostly distinct, a few words long."""
    best, best_score = None, 0.0
    for attribute in attributes.values():
        if attribute.kind not in (Kind.TEXT, Kind.NAME) or attribute.words is None:
            continue
        distinct = attribute.distinct / max(int(np.sum(attribute.values >= 0)), 1)
        score = _naming_score(attribute.name, attribute.fill, distinct, attribute.mean_words)
        if score > best_score:
            best, best_score = attribute.name, score
    return best


def _naming_score(name: str, fill: float, distinct: float, length: float) -> float:
    """Score of a column as the main attribute, 0 where it cannot be.

    A header with one of the marking words counts half as much again. Where a column stands counts
    for nothing: exports of one catalog differ in it.
    """
    brevity = 1.0 if length <= DESCRIPTION_WORDS else DESCRIPTION_WORDS / length
    # The square root, since titles that many offers share are no worse as main attribute.
    score = fill * (distinct * brevity * min(1.0, length / 3)) ** 0.5
    return score * 1.5 if any(part in name.lower() for part in _NAMING) else score


def _merged(n: int, pieces: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return merge_rows(pieces) if pieces else (np.zeros(n + 1, np.int64), np.zeros(0, np.int32))


def _whole_grams(records: Records, names: list[str], statistics: Statistics) -> SparseSets:
    pieces = []
    for name in names:
        table = tokenise(records.table.column(name))
        pieces.append(character_grams(table.text, table.text_offsets, 4, spaces=False))
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
        return CodeSets(empty, np.zeros(0, np.uint8), np.zeros(1, np.int64), np.zeros(0, np.uint64))
    return code_sets(
        [tables[name] for name in names],
        [words[name] for name in names],
        facts,
        [records.kinds[name] == Kind.IDENTIFIER for name in names],
        statistics,
    )
