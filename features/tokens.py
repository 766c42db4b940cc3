"""Text columns as token tables: one compiled pass over Arrow's string buffers.

Text is compared in Unicode's compatibility decomposition, lower-cased, without combining
diacritical marks. A token is a maximal run of letters and digits; a point or comma between two
digits stays inside the token (as a point), so that ``3,3ml`` and ``3.3ml`` are the same token. The
multiplication sign is an x. Characters of scripts written without spaces (Han, kana) are tokens of
their own; apostrophes are dropped (``men's`` is ``mens``), other symbols and emoji separate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from features.numbering import Numbering, number_hashes
from features.token_kernels import hash_bytes, mark_foreign, scan_rows

__all__ = [
    "Numbering",
    "TokenTable",
    "Vocabulary",
    "build_vocabulary",
    "hash_bytes",
    "hash_strings",
    "normalise",
    "number_hashes",
    "string_buffers",
    "tokenise",
]

#: Bytes of text scanned at a time; bounds what is set aside for tokens before they are counted.
_PIECE = 1 << 22


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
        """The same without the hashes of its tokens, to make room."""
        return replace(self, hashes=np.zeros(0, np.uint64))

    def without_tokens(self) -> TokenTable:
        """The same with nothing of single tokens but how many each row has, to make room."""
        nothing = np.zeros(0, np.int64)
        return TokenTable(
            nothing.view(np.uint8), nothing, self.indptr, nothing, nothing.astype(np.int32),
            nothing.view(np.uint64), nothing.view(np.bool_), self.row_hashes,
        )  # fmt: skip

    @property
    def mean_tokens(self) -> float:
        """Tokens of the rows that have any, on average."""
        counts = np.diff(self.indptr)
        return float(counts[counts > 0].mean()) if counts.any() else 0.0

    def clean_strings(self) -> pa.Array:
        """Clean text of every row as an Arrow array; rows without tokens are null."""
        offsets = pa.py_buffer(self.text_offsets.astype(np.int64))
        strings = pa.LargeStringArray.from_buffers(self.n, offsets, pa.py_buffer(self.text))
        return pc.if_else(
            pa.array(np.diff(self.indptr) > 0), strings, pa.scalar(None, strings.type)
        )


@dataclass(frozen=True)
class Vocabulary:
    """Distinct tokens of several token tables, numbered by first appearance.

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

    def some_words(self, numbers: np.ndarray) -> list[str]:
        """Some words, by their numbers, as strings."""
        return self.strings(numbers).to_pylist()

    def strings(self, numbers: np.ndarray | None = None) -> pa.Array:
        """Words, by their numbers or all, as one Arrow array."""
        offsets = pa.py_buffer(self.offsets.astype(np.int64))
        array = pa.LargeStringArray.from_buffers(len(self), offsets, pa.py_buffer(self.text))
        return array if numbers is None else array.take(pa.array(numbers))


def normalise(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Lower-cased compatibility decomposition (NFKD) of a string array, as one large-string array.

    The multiplication sign becomes the letter x, as most write it: ``20×30`` is ``20x30``.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], pa.string())
    values = values.cast(pa.large_string())
    lowered = pc.utf8_lower(pc.utf8_normalize(values, form="NFKD"))
    return pc.replace_substring(lowered, pattern="×", replacement="x")


def tokenise(values: pa.Array | pa.ChunkedArray, *, threads: int = 1) -> TokenTable:
    """Splits a string column into tokens (nulls give no tokens).

    Plain ASCII is lower-cased and split in one compiled pass over Arrow's buffers; only rows with
    other characters are normalised first (`normalise`).

    Args:
        values: the column.
        threads: threads to use; the result does not depend on it.
    """
    array = _one_array(values)
    if array.null_count:
        array = pc.fill_null(array, "")
    data, offsets = string_buffers(array)
    foreign = np.zeros(len(array), np.bool_)
    mark_foreign(data, offsets, foreign)
    rows = np.flatnonzero(foreign)
    other_row = np.zeros(0, np.int64)
    other_data, other_offsets = data, offsets
    if len(rows):
        other_row = np.cumsum(foreign) - 1
        other_data, other_offsets = string_buffers(normalise(array.take(pa.array(rows))))
    pieces = _pieces(offsets)

    def scan(piece: tuple[int, int]) -> tuple[np.ndarray, ...]:
        first, stop = piece
        room = int(offsets[stop] - offsets[first])
        if len(rows):
            inside = slice(*np.searchsorted(rows, piece))
            if inside.start < inside.stop:
                room += int(other_offsets[inside.stop] - other_offsets[inside.start])
        n = stop - first
        row_tokens, row_bytes = np.zeros(n, np.int64), np.zeros(n, np.int64)
        row_hashes = np.zeros(n, np.uint64)
        # A token takes a byte at least and, but for scripts without spaces, another between two.
        text = np.empty(room + room // 3 + 1, np.uint8)
        start, length = np.empty(room // 2 + n + 1, np.int64), np.empty(room // 2 + n + 1, np.int32)
        hashes, glued = np.empty(len(start), np.uint64), np.empty(len(start), np.bool_)
        tokens, used = scan_rows(
            data, offsets, first, stop, foreign, other_row, other_data, other_offsets,
            row_tokens, row_bytes, row_hashes, text, start, length, hashes, glued,
        )  # fmt: skip
        return (
            row_tokens, row_bytes, row_hashes, text[:used].copy(), start[:tokens].copy(),
            length[:tokens].copy(), hashes[:tokens].copy(), glued[:tokens].copy(),
        )  # fmt: skip

    parts = _each(scan, pieces, threads)
    row_tokens, row_bytes, row_hashes, text, start, length, hashes, glued = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    base = 0
    at = 0
    for part in parts:
        start[at : at + len(part[4])] += base
        base += len(part[3])
        at += len(part[4])
    return TokenTable(
        text, _cumulated(row_bytes), _cumulated(row_tokens), start, length, hashes, glued,
        row_hashes,
    )  # fmt: skip


def string_buffers(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Bytes of a string array without nulls, and the start of each row in them (int64), to read."""
    _, offset_buffer, data_buffer = array.buffers()
    data, offsets = np.zeros(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    if len(array):
        width = np.int64 if pa.types.is_large_string(array.type) else np.int32
        whole = np.frombuffer(offset_buffer, width)
        offsets = whole[array.offset : array.offset + len(array) + 1].astype(np.int64)
        if data_buffer is not None and data_buffer.size:
            data = np.frombuffer(data_buffer, np.uint8)
    for one in (data, offsets):
        one.flags.writeable = False
    return data, offsets


def hash_strings(array: pa.Array) -> np.ndarray:
    """64-bit FNV-1a hash of each string of an array without nulls, uint64."""
    data, offsets = string_buffers(array)
    out = np.zeros(len(array), np.uint64)
    _hash_rows(data, offsets, out)
    return out


def _one_array(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array of strings."""
    if isinstance(values, pa.ChunkedArray):
        if values.num_chunks == 1:
            values = values.chunk(0)
        else:
            values = values.cast(pa.large_string())
            chunks = values.chunks
            values = pa.concat_arrays(chunks) if chunks else pa.array([], pa.large_string())
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return values
    return values.cast(pa.large_string())


def _pieces(offsets: np.ndarray) -> list[tuple[int, int]]:
    """Ranges of rows with about so many bytes each; at least one, which may be empty."""
    n = len(offsets) - 1
    total = int(offsets[-1] - offsets[0])
    cuts = np.arange(1, total // _PIECE + 1) * _PIECE + offsets[0]
    bounds = np.unique(np.concatenate([[0], np.searchsorted(offsets, cuts), [n]]))
    bounds = bounds[bounds <= n]
    return list(pairwise(bounds.tolist())) or [(0, n)]


def _each(
    work: Callable[[tuple[int, int]], tuple[np.ndarray, ...]],
    pieces: list[tuple[int, int]],
    threads: int,
) -> list[tuple[np.ndarray, ...]]:
    if threads <= 1 or len(pieces) == 1:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, pieces))


def _cumulated(counts: np.ndarray) -> np.ndarray:
    out = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=out[1:])
    return out


def build_vocabulary(tables: Iterable[TokenTable]) -> tuple[Vocabulary, list[np.ndarray]]:
    """Numbers the distinct tokens of several tables.

    Args:
        tables: the tables; each is let go of before the next is asked for.

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
        offsets = _cumulated(sizes)
        text = np.zeros(offsets[-1], np.uint8)
        _copy_words(table.text, table.start[first], sizes, offsets, text)
        lengths.append(sizes)
        texts.append(text)
        del table
    if not pieces:
        return Vocabulary(np.zeros(0, np.uint64), np.zeros(0, np.uint8), np.zeros(1, np.int64)), []
    vocabulary = Vocabulary(
        numbering.hashes(), np.concatenate(texts), _cumulated(np.concatenate(lengths))
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
