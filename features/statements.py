"""Stated values: values of an attribute in its own column or mentioned in other texts of a record.

Many sellers leave a column empty and write its value into the title instead. Here a *statement* is
the triple (record, attribute, value), wherever the record has the value from. A mention in a text
counts as a statement if rows that mention the value and fill the column mostly have that value
there. ``Orange`` as a brand is no colour, since rows that mention it have all sorts of colours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from features.arrays.distinct import sorted_distinct
from features.arrays.numbering import Numbering, number_values
from features.arrays.rows import row_starts
from features.kinds import Kind
from features.records import Records
from features.text.tokens import TokenTable, Vocabulary, build_vocabulary, tokenise

__all__ = ["Statements", "may_be_stated", "state_values", "statements_of"]

#: Kinds whose values other texts may mention.
_KINDS = frozenset({Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.QUANTITY})
#: Mean number of words of a value above which an attribute is a text rather than a set of values.
_MOST_WORDS = 5.0
#: Share of the filled rows whose value must repeat, and the rows that make a value repeat.
_REPEATING, _FEWEST_REPEATS = 0.5, 3
#: Attributes of more distinct values are names rather than properties.
_MOST_VALUES = 50_000
#: A mention counts if some value of the column has this share of the rows with the mention, and so
#: many times its share of all rows.
_CONCENTRATED, _LIFT = 0.3, 3.0
#: Rows that a mention is judged by. Rarer mentions count if this share of the others does.
_FEWEST_ROWS, _MOSTLY = 5, 0.7
#: Largest number of words of a value that is looked for in texts.
_LONGEST = 6


@dataclass(frozen=True)
class Statements:
    """Stated values of one attribute for every record.

    Attributes:
        name: the attribute.
        strings: its distinct clean values.
        own: code of the value in the row's own column, int32, -1 unknown.
        indptr: start of each row in ``ids``, int64, shape (n + 1,).
        ids: codes of the values that a row states, distinct and ascending within it, int32.
        mentioned_row, mentioned: rows with a text that mentions another value than the row's own
            and not the own one, and codes of the mentioned values.
    """

    name: str
    strings: list[str]
    own: np.ndarray
    indptr: np.ndarray
    ids: np.ndarray
    mentioned_row: np.ndarray
    mentioned: np.ndarray

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.own)


def may_be_stated(kind: Kind, values: np.ndarray, mean_words: float) -> bool:
    """Whether an attribute has few, repeating values that other texts may mention.

    Args:
        kind: its kind.
        values: code of each row's value, -1 unknown.
        mean_words: mean number of words of a value.
    """
    if kind not in _KINDS or mean_words > _MOST_WORDS:
        return False
    known = values[values >= 0]
    counts = np.bincount(known) if len(known) else np.zeros(0, int)
    if not 2 <= np.count_nonzero(counts) <= _MOST_VALUES:
        return False
    return float(np.mean(counts[known] >= _FEWEST_REPEATS)) >= _REPEATING


def state_values(
    name: str,
    own: np.ndarray,
    strings: np.ndarray,
    texts: Mapping[str, tuple[TokenTable, np.ndarray]],
    vocabulary: Vocabulary,
    accepted: dict[str, list[str]],
    *,
    frozen: bool = False,
) -> Statements:
    """Finds the values of an attribute that each record states.

    Args:
        name: the attribute.
        own: code of the value in the row's own column, -1 unknown.
        strings: the distinct clean values.
        texts: token table and word numbers of each text column to search.
        vocabulary: the words.
        accepted: for each text column, the values whose mentions count as statements; filled in
            where not ``frozen``.
        frozen: whether ``accepted`` is of a saved model and is applied as it is.
    """
    n = len(own)
    distinct = [str(s) for s in strings]
    # Values of the saved model that these rows may mention but never fill in.
    distinct += sorted({v for some in accepted.values() for v in some} - set(distinct))
    width = max(len(distinct), 1)
    known = np.flatnonzero(own >= 0)
    keys = [known * width + own[known]]
    mentioned = []
    phrases = _phrases(distinct, vocabulary)
    number = {value: k for k, value in enumerate(distinct)}
    for column, (table, words) in texts.items():
        row, value = _distinct(*_mentions(table, words, phrases))
        if not frozen:
            counts_as = _accepted(row, value, own, width)
            accepted[column] = sorted(distinct[k] for k in np.unique(value[counts_as[value]]))
        counts_as = np.zeros(width, bool)
        counts_as[[number[v] for v in accepted.get(column, [])]] = True
        keep = counts_as[value]
        row, value = row[keep], value[keep]
        keys.append(row * width + value)
        # A text that mentions the row's own value may also name another product's.
        says_own = np.zeros(n, bool)
        says_own[row[own[row] == value]] = True
        other = (own[row] >= 0) & ~says_own[row]
        mentioned.append(row[other] * width + value[other])
    stated = sorted_distinct(np.concatenate(keys))
    said = sorted_distinct(np.concatenate(mentioned)) if mentioned else np.zeros(0, np.int64)
    counts = np.bincount(stated // width, minlength=n)
    return Statements(
        name=name,
        strings=distinct,
        own=own,
        indptr=row_starts(counts),
        ids=(stated % width).astype(np.int32),
        mentioned_row=said // width,
        mentioned=(said % width).astype(np.int32),
    )


def statements_of(records: Records, names: Sequence[str]) -> dict[str, Statements]:
    """Stated values of attributes that need not be among the compared ones.

    Args:
        records: the rows; their text and name columns are searched.
        names: columns of the attributes.
    """
    texts = [n for n, k in records.kinds.items() if k in (Kind.TEXT, Kind.NAME)]
    columns = list(dict.fromkeys([*texts, *names]))
    tables = {name: tokenise(records.table.column(name)) for name in columns}
    vocabulary, pieces = build_vocabulary(list(tables.values()))
    words = dict(zip(columns, pieces, strict=True))
    out = {}
    for name in names:
        encoded = pc.dictionary_encode(tables[name].clean_strings())
        own = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        strings = np.array(encoded.dictionary.to_pylist(), dtype=object)
        seen = {column: (tables[column], words[column]) for column in texts if column != name}
        out[name] = state_values(name, own, strings, seen, vocabulary, {})
    return out


@dataclass(frozen=True)
class _Phrases:
    """Values as runs of words, sorted by their first word, the longest first."""

    first: np.ndarray  # for each word, the first phrase that begins with it; shape (words + 1,)
    indptr: np.ndarray
    words: np.ndarray
    value: np.ndarray


def _phrases(strings: list[str], vocabulary: Vocabulary) -> _Phrases:
    table = tokenise(pa.array(strings, pa.large_string()))
    numbering = Numbering()
    of_token, _ = numbering.add(table.hashes)
    of_word = numbering.find(vocabulary.hashes)
    some = np.flatnonzero(of_word >= 0)
    word = np.full(numbering.count, -1)
    word[of_word[some]] = some
    ids = word[of_token]
    found = ids >= 0
    counts = np.diff(table.indptr)
    missing = np.bincount(
        np.repeat(np.arange(table.n), counts)[~found], minlength=table.n
    )  # words of a saved vocabulary that these rows do not have
    usable = np.flatnonzero((counts > 0) & (counts <= _LONGEST) & (missing == 0))
    head = ids[table.indptr[:-1][usable]]
    usable = usable[np.lexsort((usable, -counts[usable], head))]
    pieces = [ids[table.indptr[k] : table.indptr[k + 1]] for k in usable]
    heads = np.array([piece[0] for piece in pieces], np.int64)
    return _Phrases(
        first=np.searchsorted(heads, np.arange(len(vocabulary) + 1)).astype(np.int32),
        indptr=row_starts(counts[usable]),
        words=np.concatenate([*pieces, np.zeros(0, np.int64)]).astype(np.int32),
        value=usable.astype(np.int32),
    )


def _mentions(
    table: TokenTable, words: np.ndarray, phrases: _Phrases
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and values of the longest mentions, from left to right."""
    room = table.n
    while True:
        row, value = np.empty(room, np.int32), np.empty(room, np.int32)
        count = _scan(
            table.indptr, words, phrases.first, phrases.indptr, phrases.words, phrases.value, row,
            value,
        )  # fmt: skip
        if count <= room:
            return row[:count], value[:count]
        room = count


def _distinct(row: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = int(value.max(initial=0)) + 1
    keys = sorted_distinct(row.astype(np.int64) * width + value)
    return keys // width, keys % width


def _accepted(row: np.ndarray, value: np.ndarray, own: np.ndarray, width: int) -> np.ndarray:
    """Whether mentions of each value count, by the column's values in the rows that mention it."""
    judged = own[row] >= 0
    pairs = value[judged].astype(np.int64) * width + own[row[judged]]
    number, first = number_values(pairs)
    pairs, counts = pairs[first], np.bincount(number, minlength=len(first))
    rows = np.bincount(pairs // width, counts, minlength=width)
    total = max(int((own >= 0).sum()), 1)
    marginal = np.bincount(own[own >= 0], minlength=width) / total
    share = counts / np.maximum(rows[pairs // width], 1)
    clear = (share >= _CONCENTRATED) & (share >= _LIFT * marginal[pairs % width])
    accepted = np.zeros(width, bool)
    accepted[(pairs // width)[clear]] = True
    often = rows >= _FEWEST_ROWS
    known = float(rows[often].sum())
    generous = known > 0 and float(rows[often & accepted].sum()) >= _MOSTLY * known
    out: np.ndarray = np.where(often, accepted, generous)
    return out


@njit(nogil=True, cache=True)
def _scan(indptr, words, first, phrase_indptr, phrase_words, phrase_value, row_of, value_of):
    """Writes row and value of each mention, as many as fit, and returns the number of all."""
    count = 0
    for row in range(len(indptr) - 1):
        token, stop = indptr[row], indptr[row + 1]
        while token < stop:
            word = words[token]
            step = 1
            for p in range(first[word], first[word + 1]):
                begin, end = phrase_indptr[p], phrase_indptr[p + 1]
                if token + end - begin > stop:
                    continue
                same = True
                for k in range(begin + 1, end):
                    if words[token + k - begin] != phrase_words[k]:
                        same = False
                        break
                if same:
                    if count < len(row_of):
                        row_of[count] = row
                        value_of[count] = phrase_value[p]
                    count += 1
                    step = end - begin
                    break
            token += step
    return count
