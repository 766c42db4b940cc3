"""Compiled passes over the bytes of texts: what is a letter, where tokens begin, their hashes."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["classify_character", "hash_bytes", "hash_word", "mark_foreign", "scan_rows"]

_FNV_OFFSET = np.uint64(14695981039346656037)
_FNV_PRIME = np.uint64(1099511628211)
_ROW_PRIME = np.uint64(0x9E3779B97F4A7C15)


@njit(nogil=True, cache=True)
def hash_bytes(data: np.ndarray, start: int, stop: int) -> np.uint64:
    """64-bit FNV-1a hash of a slice of bytes."""
    value = _FNV_OFFSET
    for k in range(start, stop):
        value = (value ^ np.uint64(data[k])) * _FNV_PRIME
    return value


def hash_word(word: str) -> np.uint64:
    """64-bit FNV-1a hash of a word in UTF-8."""
    data = np.frombuffer(word.encode(), np.uint8)
    return np.uint64(hash_bytes(data, 0, len(data)))


@njit(nogil=True, cache=True)
def _is_digit(byte):
    return 48 <= byte <= 57


@njit(nogil=True, cache=True)
def classify_character(data, pos, stop):
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
def _digits_from(data, pos, stop):
    """How many digits follow, up to four."""
    count = 0
    while count < 4 and pos + count < stop and _is_digit(data[pos + count]):
        count += 1
    return count


@njit(nogil=True, cache=True)
def _number_from(data, pos, stop):
    """Number of the digits that follow, of at most four."""
    value = 0
    for k in range(pos, pos + _digits_from(data, pos, stop)):
        value = 10 * value + (data[k] - 48)
    return value


@njit(nogil=True, cache=True)
def mark_foreign(data, offsets, foreign):
    """Marks the rows with a byte beyond ASCII, or with marks that `plain_numbers` may rewrite."""
    for row in range(len(foreign)):
        start, stop = offsets[row], offsets[row + 1]
        found = np.uint8(0)
        for k in range(start, stop):
            byte = data[k]
            found |= byte
            if byte >= 48 or k == start:
                found |= np.uint8(128 * (byte == 94))  # cm^3
                continue
            before = data[k - 1]
            if not _is_digit(before):
                inch = byte == 34 and before == 32 and k - 1 > start and _is_digit(data[k - 2])
                found |= np.uint8(128 * inch)
            elif byte == 34 or byte == 39:
                found |= np.uint8(128)
            elif byte == 47:  # a fraction is less than one: 34/32 is a size
                twice = k - 1 > start and _is_digit(data[k - 2])
                over = before - 48 + (10 * (data[k - 2] - 48) if twice else 0)
                under = _number_from(data, k + 1, stop)
                found |= np.uint8(128 * (over < under))
            elif byte == 44 or byte == 46 or byte == 32:
                # Thousands; before a point they end in a zero, and after a blank all are zeros.
                thousands = _digits_from(data, k + 1, stop) == 3
                zero = data[k + 3] == 48 if thousands else False
                decimals = k + 4 < stop and data[k + 4] == 44
                found |= np.uint8(128 * (thousands and (byte == 44 or zero or decimals)))
        foreign[row] = found >= 128


@njit(nogil=True, cache=True)
def scan_rows(
    raw, raw_offsets, first, stop_row, foreign, other_row, other, other_offsets,
    row_tokens, row_bytes, row_hashes, before, text, start, length, hashes, glued,
):  # fmt: skip
    """Tokens of rows ``first`` to ``stop_row``; rows with foreign letters come normalised.

    Where ``text`` and the arrays after it are None, nothing is written of single tokens; where
    ``row_hashes`` is None too, nothing is hashed. The compiler knows, and leaves out what is not
    asked for.

    Args:
        raw, raw_offsets: bytes of all rows, and the start of each.
        first, stop_row: the rows.
        foreign: whether a row has foreign letters.
        other_row, other, other_offsets: number of each such row among them, and their buffers.
        row_tokens, row_bytes, row_hashes: filled with tokens, bytes and hash of each row.
        before: bytes of clean text before the first row's.
        text, start, length, hashes, glued: filled with the tokens of these rows.
    """
    tokens = 0
    out = 0
    for row in range(first, stop_row):
        if foreign[row]:
            data = other
            pos, stop = other_offsets[other_row[row]], other_offsets[other_row[row] + 1]
        else:
            data = raw
            pos, stop = raw_offsets[row], raw_offsets[row + 1]
        row_start, row_first = out, tokens
        row_hash = _FNV_OFFSET
        in_token, spaced = False, True
        size = 0
        value = _FNV_OFFSET
        while pos < stop:
            byte = np.int64(data[pos])
            if byte < 128:
                width = 1
                if 97 <= byte <= 122 or 48 <= byte <= 57:
                    kind = 1
                elif 65 <= byte <= 90:
                    kind = 1
                    byte += 32
                elif byte == 39:
                    kind = 2
                else:
                    kind = 0
            else:
                kind, width = classify_character(data, pos, stop)
                width = min(width, stop - pos)
            if kind == 2:
                pos += width
                continue
            if kind == 0:
                if in_token:
                    if (
                        (byte == 46 or byte == 44)
                        and _is_digit(data[pos - 1])
                        and pos + 1 < stop
                        and _is_digit(data[pos + 1])
                    ):
                        if text is not None:
                            text[out] = 46
                        value = (value ^ np.uint64(46)) * _FNV_PRIME
                        size += 1
                        out += 1
                        pos += 1
                        continue
                    if text is not None:
                        length[tokens - 1] = size
                        hashes[tokens - 1] = value
                    row_hash = (row_hash ^ value) * _ROW_PRIME
                    row_hash ^= row_hash >> np.uint64(32)
                    in_token = False
                if not (byte == 45 or byte == 95 or byte == 46):
                    spaced = True
                pos += width
                continue
            if not in_token or kind == 3:
                if in_token:
                    if text is not None:
                        length[tokens - 1] = size
                        hashes[tokens - 1] = value
                    row_hash = (row_hash ^ value) * _ROW_PRIME
                    row_hash ^= row_hash >> np.uint64(32)
                if out > row_start:
                    if text is not None:
                        text[out] = 32
                    out += 1
                if text is not None:
                    start[tokens] = before + out
                    glued[tokens] = not (spaced or kind == 3)
                tokens += 1
                size = 0
                value = _FNV_OFFSET
                in_token = True
                spaced = kind == 3
            if width == 1:
                if text is not None:
                    text[out] = byte
                value = (value ^ np.uint64(byte)) * _FNV_PRIME
            else:
                for k in range(width):
                    if text is not None:
                        text[out + k] = data[pos + k]
                    value = (value ^ np.uint64(data[pos + k])) * _FNV_PRIME
            size += width
            out += width
            pos += width
            if kind == 3:
                if text is not None:
                    length[tokens - 1] = size
                    hashes[tokens - 1] = value
                row_hash = (row_hash ^ value) * _ROW_PRIME
                row_hash ^= row_hash >> np.uint64(32)
                in_token = False
        if in_token:
            if text is not None:
                length[tokens - 1] = size
                hashes[tokens - 1] = value
            row_hash = (row_hash ^ value) * _ROW_PRIME
            row_hash ^= row_hash >> np.uint64(32)
        row_tokens[row - first] = tokens - row_first
        row_bytes[row - first] = out - row_start
        if row_hashes is not None:
            row_hashes[row - first] = row_hash if tokens > row_first else np.uint64(0)
    return tokens, out
