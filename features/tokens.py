"""Text columns as token tables: one compiled pass over Arrow's string buffers.

Text is compared in Unicode's compatibility decomposition, lower-cased, without combining
diacritical marks. A token is a maximal run of letters and digits; a point or comma between two
digits stays inside the token (as a point), so that ``3,3ml`` and ``3.3ml`` are the same token. The
multiplication sign is an x. Characters of scripts written without spaces (Han, kana) are tokens of
their own; apostrophes are dropped (``men's`` is ``mens``), other symbols and emoji separate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

__all__ = ["TokenTable", "Vocabulary", "build_vocabulary", "hash_bytes", "normalise", "tokenise"]

_FNV_OFFSET = np.uint64(14695981039346656037)
_FNV_PRIME = np.uint64(1099511628211)


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
    """

    text: np.ndarray
    text_offsets: np.ndarray
    indptr: np.ndarray
    start: np.ndarray
    length: np.ndarray
    hashes: np.ndarray
    glued: np.ndarray

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.indptr) - 1

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
        offsets = pa.py_buffer(self.offsets.astype(np.int64))
        array = pa.LargeStringArray.from_buffers(len(self), offsets, pa.py_buffer(self.text))
        return array.to_pylist()


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


def tokenise(values: pa.Array | pa.ChunkedArray) -> TokenTable:
    """Splits a string column into tokens (nulls give no tokens)."""
    array = normalise(values)
    array = pc.fill_null(array, "")
    if array.offset:
        array = pa.concat_arrays([array])
    _, offset_buffer, data_buffer = array.buffers()
    n = len(array)
    offsets = (
        np.frombuffer(offset_buffer, dtype=np.int64, count=n + 1) if n else np.zeros(1, np.int64)
    )
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer else np.zeros(0, np.uint8)
    indptr = np.zeros(n + 1, np.int64)
    text_offsets = np.zeros(n + 1, np.int64)
    none8, none64, noneu = np.zeros(0, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.uint64)
    _scan(data, offsets, False, indptr, text_offsets, none8, none64, none64, noneu, none8)
    text = np.zeros(text_offsets[-1], np.uint8)
    total = indptr[-1]
    start, length = np.zeros(total, np.int64), np.zeros(total, np.int64)
    hashes, glued = np.zeros(total, np.uint64), np.zeros(total, np.uint8)
    _scan(data, offsets, True, indptr, text_offsets, text, start, length, hashes, glued)
    return TokenTable(text, text_offsets, indptr, start, length, hashes, glued.view(np.bool_))


def build_vocabulary(tables: list[TokenTable]) -> tuple[Vocabulary, list[np.ndarray]]:
    """Numbers the distinct tokens of several tables.

    Returns:
        The vocabulary and, for each table, the word number (int32) of each of its tokens.
    """
    hashes = np.concatenate([t.hashes for t in tables]) if tables else np.zeros(0, np.uint64)
    ids, first = number_hashes(hashes)
    table_of = np.repeat(np.arange(len(tables)), [len(t.hashes) for t in tables])
    base = np.cumsum([0] + [len(t.hashes) for t in tables])
    lengths = np.zeros(len(first), np.int64)
    for k, table in enumerate(tables):
        mine = table_of[first] == k
        lengths[mine] = table.length[first[mine] - base[k]]
    offsets = np.zeros(len(first) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    text = np.zeros(offsets[-1], np.uint8)
    for k, table in enumerate(tables):
        mine = np.flatnonzero(table_of[first] == k)
        _copy_words(
            table.text, table.start[first[mine] - base[k]], lengths[mine], offsets[mine], text
        )
    pieces = [ids[base[k] : base[k + 1]] for k in range(len(tables))]
    return Vocabulary(hashes[first], text, offsets), pieces


def number_hashes(hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers distinct 64-bit hashes by first appearance.

    Returns:
        Number of each element (int32), and the position of the first element of each number.
    """
    ids = np.zeros(len(hashes), np.int32)
    first = np.zeros(len(hashes), np.int64)
    count = _number(hashes, ids, first)
    return ids, first[:count].copy()


@njit(nogil=True, cache=True)
def hash_bytes(data: np.ndarray, start: int, stop: int) -> np.uint64:
    """64-bit FNV-1a hash of a slice of bytes."""
    value = _FNV_OFFSET
    for k in range(start, stop):
        value = (value ^ np.uint64(data[k])) * _FNV_PRIME
    return value


@njit(nogil=True, cache=True)
def _number(hashes, ids, first):
    size = 1024
    while size < 2 * len(hashes):
        size *= 2
    # Memory follows the distinct words: the table starts small and doubles when half full.
    size = min(size, 1 << 16)
    slots = np.full(size, -1, np.int32)
    mask = np.uint64(size - 1)
    count = 0
    for i in range(len(hashes)):
        h = hashes[i]
        pos = (h ^ (h >> np.uint64(29))) & mask
        while True:
            s = slots[np.int64(pos)]
            if s < 0:
                slots[np.int64(pos)] = count
                first[count] = i
                ids[i] = count
                count += 1
                break
            if hashes[first[s]] == h:
                ids[i] = s
                break
            pos = (pos + np.uint64(1)) & mask
        if 2 * count > size:
            size *= 4
            mask = np.uint64(size - 1)
            slots = np.full(size, -1, np.int32)
            for c in range(count):
                hc = hashes[first[c]]
                p = (hc ^ (hc >> np.uint64(29))) & mask
                while slots[np.int64(p)] >= 0:
                    p = (p + np.uint64(1)) & mask
                slots[np.int64(p)] = c
    return count


@njit(nogil=True, cache=True)
def _copy_words(source, starts, lengths, targets, out):
    for i in range(len(starts)):
        for k in range(lengths[i]):
            out[targets[i] + k] = source[starts[i] + k]


@njit(nogil=True, cache=True)
def _is_digit(byte):
    return 48 <= byte <= 57


@njit(nogil=True, cache=True)
def _classify(data, pos, stop):
    """Kind and width of a character: 0 separator, 1 token, 2 dropped, 3 a token by itself."""
    byte = data[pos]
    if byte < 128:
        if byte == 39:
            return 2, 1
        if 48 <= byte <= 57 or 97 <= byte <= 122 or 65 <= byte <= 90:
            return 1, 1
        return 0, 1
    if byte < 0xC2:
        return 0, 1
    if byte < 0xE0:
        if byte == 0xC2:
            return 0, 2
        if byte == 0xCC or (byte == 0xCD and pos + 1 < stop and data[pos + 1] < 0xB0):
            return 2, 2
        if byte == 0xD8 and pos + 1 < stop and data[pos + 1] in (0x8C, 0x9B, 0x9F):
            return 0, 2  # Arabic comma, semicolon, question mark
        return 1, 2
    if byte < 0xF0:
        if byte == 0xE2:
            if pos + 2 < stop and data[pos + 1] == 0x80 and data[pos + 2] == 0x99:
                return 2, 3
            return 0, 3
        if byte == 0xE3 and pos + 1 < stop and data[pos + 1] == 0x80:
            return 0, 3
        if (
            byte == 0xE3
            and pos + 2 < stop
            and data[pos + 1] == 0x82
            and data[pos + 2] in (0x99, 0x9A)
        ):
            return 2, 3  # combining voicing marks of kana
        if 0xE3 <= byte <= 0xE9:
            return 3, 3
        if byte == 0xEF:
            return 0, 3
        return 1, 3
    return 0, 4


@njit(nogil=True, cache=True)
def _scan(data, offsets, write, indptr, text_offsets, text, start, length, hashes, glued):
    """Counts tokens and clean bytes, or (``write``) fills the arrays that a first call counted."""
    tokens = 0
    out = 0
    for row in range(len(offsets) - 1):
        pos, stop = offsets[row], offsets[row + 1]
        row_start = out
        in_token = False
        spaced = True
        while pos < stop:
            kind, width = _classify(data, pos, stop)
            width = min(width, stop - pos)
            byte = data[pos]
            if (
                kind == 0
                and in_token
                and (byte == 46 or byte == 44)
                and _is_digit(data[pos - 1])
                and pos + 1 < stop
                and _is_digit(data[pos + 1])
            ):
                if write:
                    text[out] = 46
                    length[tokens - 1] += 1
                    hashes[tokens - 1] = (hashes[tokens - 1] ^ np.uint64(46)) * _FNV_PRIME
                out += 1
                pos += 1
                continue
            if kind == 2:
                pos += width
                continue
            if kind == 0:
                in_token = False
                if not (byte == 45 or byte == 95 or byte == 46):
                    spaced = True
                pos += width
                continue
            if not in_token or kind == 3:
                if out > row_start:
                    if write:
                        text[out] = 32
                    out += 1
                if write:
                    start[tokens] = out
                    length[tokens] = 0
                    hashes[tokens] = _FNV_OFFSET
                    glued[tokens] = 0 if spaced or kind == 3 else 1
                tokens += 1
                in_token = kind == 1
                spaced = kind == 3
            for k in range(width):
                if write:
                    text[out] = data[pos + k]
                    length[tokens - 1] += 1
                    hashes[tokens - 1] = (
                        hashes[tokens - 1] ^ np.uint64(data[pos + k])
                    ) * _FNV_PRIME
                out += 1
            pos += width
        indptr[row + 1] = tokens
        text_offsets[row + 1] = out
