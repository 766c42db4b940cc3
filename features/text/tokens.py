"""Text columns as token tables: one compiled pass over Arrow's string buffers.

Text is compared in Unicode's compatibility decomposition, lower-cased, without combining
diacritical marks. A token is a maximal run of letters and digits; a point or comma between two
digits stays inside the token (as a point), so that ``3,3ml`` and ``3.3ml`` are the same token. The
multiplication sign is an x. Characters of scripts written without spaces (Han, kana) are tokens of
their own; apostrophes are dropped (``men's`` is ``mens``), other symbols and emoji separate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from features.arrays.numbering import Numbering
from features.arrays.rows import row_starts
from features.text.text_buffers import Texts, string_buffers
from features.text.token_kernels import hash_bytes, hash_word, scan_rows

__all__ = [
    "TokenTable",
    "Vocabulary",
    "build_vocabulary",
    "hash_strings",
    "row_words",
    "tokenise",
]


@dataclass(frozen=True)
class TokenTable:
    """Tokens of one column in row order, duplicates kept.

    Attributes:
        text: clean text of all rows (tokens joined by one space), as bytes, shape (bytes,).
        text_offsets: start of each row in ``text``, shape (n + 1,).
        indptr: start of each row in the token arrays, shape (n + 1,).
        start: first byte of each token in ``text``.
        length: bytes of each token.
        hashes: 64-bit FNV-1a hash of each token.
        glued: whether only hyphens, underscores or points stand between a token and the one before
            it; never beside a token of a script written without spaces.
        row_hashes: 64-bit hash of each row's tokens in order, shape (n,); 0 without tokens.
    """

    text: np.ndarray
    text_offsets: np.ndarray
    indptr: np.ndarray
    start: np.ndarray
    length: np.ndarray
    hashes: np.ndarray
    glued: np.ndarray
    row_hashes: np.ndarray

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1

    def without_hashes(self) -> TokenTable:
        """The same without the hashes of single tokens, to free memory."""
        return replace(self, hashes=np.zeros(0, np.uint64))

    def without_tokens(self) -> TokenTable:
        """The same with only the number of tokens of each row left of them, to free memory."""
        nothing = np.zeros(0, np.int64)
        return TokenTable(
            nothing.view(np.uint8), nothing, self.indptr, nothing, nothing.astype(np.int32),
            nothing.view(np.uint64), nothing.view(np.bool_), self.row_hashes,
        )  # fmt: skip

    @property
    def mean_tokens(self) -> float:
        """Mean number of tokens of the rows that have any."""
        known = int(np.count_nonzero(self.indptr[1:] > self.indptr[:-1]))
        return float(self.indptr[-1]) / known if known else 0.0

    def clean_strings(self) -> pa.Array:
        """Clean text of every row as an Arrow array; rows without tokens are null."""
        offsets = pa.py_buffer(self.text_offsets.astype(np.int64))
        strings = pa.LargeStringArray.from_buffers(self.n, offsets, pa.py_buffer(self.text))
        return pc.if_else(
            pa.array(np.diff(self.indptr) > 0), strings, pa.scalar(None, strings.type)
        )


@dataclass(frozen=True)
class Vocabulary:
    """Distinct tokens of several token tables, in order of first appearance.

    Attributes:
        hashes: hash of each word, shape (words,).
        text: bytes of all words, one after the other.
        offsets: start of each word in ``text``, shape (words + 1,).
    """

    hashes: np.ndarray
    text: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.hashes)

    def words(self) -> list[str]:
        """All words as strings."""
        return self.strings().to_pylist()

    def find(self, words: Iterable[str]) -> np.ndarray:
        """Position of each of its words in a list of distinct words, int32, -1 where in none."""
        numbering = Numbering()
        numbering.add(np.array([hash_word(word) for word in words], np.uint64))
        return numbering.find(self.hashes)

    def some_words(self, numbers: np.ndarray) -> list[str]:
        """Some words, by their numbers, as strings."""
        return self.strings(numbers).to_pylist()

    def strings(self, numbers: np.ndarray | None = None) -> pa.Array:
        """Words, by their numbers or all, as one Arrow array."""
        offsets = pa.py_buffer(self.offsets.astype(np.int64))
        array = pa.LargeStringArray.from_buffers(len(self), offsets, pa.py_buffer(self.text))
        return array if numbers is None else array.take(pa.array(numbers))


def tokenise(values: pa.Array | pa.ChunkedArray, *, threads: int = 1) -> TokenTable:
    """Splits a string column into tokens (nulls give no tokens).

    Plain ASCII is lower-cased and split in one compiled pass over Arrow's buffers; only rows with
    other characters are normalised first (`normalise`).

    Args:
        values: the column.
        threads: threads to use; the result does not depend on it.
    """
    texts = Texts.of(values)
    row_tokens, row_bytes = np.zeros(texts.n, np.int64), np.zeros(texts.n, np.int64)
    row_hashes = np.zeros(texts.n, np.uint64)

    # Tokens are counted first and written second: half the memory of an array that grows, and
    # faster.
    def count(rows: slice) -> None:
        scan_rows(
            *texts.arguments(rows), row_tokens[rows], row_bytes[rows],
            None, 0, None, None, None, None, None,
        )  # fmt: skip

    texts.each_piece(count, threads)
    indptr, text_offsets = row_starts(row_tokens), row_starts(row_bytes)
    text = np.empty(text_offsets[-1], np.uint8)
    start, length = np.empty(indptr[-1], np.int64), np.empty(indptr[-1], np.int32)
    hashes, glued = np.empty(indptr[-1], np.uint64), np.empty(indptr[-1], np.bool_)

    def write(rows: slice) -> None:
        tokens = slice(indptr[rows.start], indptr[rows.stop])
        before = text_offsets[rows.start]
        scan_rows(
            *texts.arguments(rows), row_tokens[rows], row_bytes[rows], row_hashes[rows], before,
            text[before : text_offsets[rows.stop]], start[tokens], length[tokens], hashes[tokens],
            glued[tokens],
        )  # fmt: skip

    texts.each_piece(write, threads)
    return TokenTable(text, text_offsets, indptr, start, length, hashes, glued, row_hashes)


def row_words(
    values: pa.Array | pa.ChunkedArray, *, threads: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Number of tokens of each row and hash of the row, as `tokenise` gives them.

    Takes half the time and no memory for tokens, where single ones are not needed.

    Args:
        values: the column.
        threads: threads to use; the result does not depend on it.

    Returns:
        Counts, int64[n], and `TokenTable.row_hashes`, uint64[n].
    """
    texts = Texts.of(values)
    row_tokens, row_bytes = np.zeros(texts.n, np.int64), np.zeros(texts.n, np.int64)
    row_hashes = np.zeros(texts.n, np.uint64)

    def count(rows: slice) -> None:
        scan_rows(
            *texts.arguments(rows), row_tokens[rows], row_bytes[rows], row_hashes[rows],
            0, None, None, None, None, None,
        )  # fmt: skip

    texts.each_piece(count, threads)
    return row_tokens, row_hashes


def hash_strings(array: pa.Array) -> np.ndarray:
    """64-bit FNV-1a hash of each string of an array without nulls, uint64."""
    data, offsets = string_buffers(array)
    out = np.zeros(len(array), np.uint64)
    _hash_rows(data, offsets, out)
    return out


def build_vocabulary(tables: Iterable[TokenTable]) -> tuple[Vocabulary, list[np.ndarray]]:
    """Numbers the distinct tokens of several tables.

    Args:
        tables: the tables; each is freed before the next is taken from the iterable.

    Returns:
        The vocabulary and, for each table, the word number (int32) of each of its tokens.
    """
    numbering = Numbering()
    pieces: list[np.ndarray] = []
    lengths: list[np.ndarray] = []
    texts: list[np.ndarray] = []
    for table in tables:
        ids, first = numbering.add(table.hashes)
        pieces.append(ids)
        sizes = table.length[first].astype(np.int64)
        offsets = row_starts(sizes)
        text = np.zeros(offsets[-1], np.uint8)
        _copy_words(table.text, table.start[first], sizes, offsets, text)
        lengths.append(sizes)
        texts.append(text)
        del table
    if not pieces:
        return Vocabulary(np.zeros(0, np.uint64), np.zeros(0, np.uint8), np.zeros(1, np.int64)), []
    vocabulary = Vocabulary(
        numbering.hashes(), np.concatenate(texts), row_starts(np.concatenate(lengths))
    )
    return vocabulary, pieces


@njit(nogil=True, cache=True)
def _copy_words(source, starts, lengths, targets, out):
    for i in range(len(starts)):
        for k in range(lengths[i]):
            out[targets[i] + k] = source[starts[i] + k]


@njit(nogil=True, cache=True)
def _hash_rows(data, offsets, out):
    for row in range(len(out)):
        out[row] = hash_bytes(data, offsets[row], offsets[row + 1])
