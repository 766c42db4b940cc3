"""The canonical order of rows: by a hash of their ids, whatever order they came in."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numba import njit

from features.arrays.ordering import stable_order
from features.text.text_buffers import string_buffers

__all__ = ["canonical_order", "row_hashes"]

#: Of SipHash; 16 bytes.
_KEY = np.frombuffer(b"linkage-row-key0", "<u8")
_INITIAL = np.array(
    [0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573], np.uint64
) ^ np.concatenate([_KEY, _KEY])


def canonical_order(ids: pa.Array) -> tuple[np.ndarray, bool]:
    """Return the order of rows by a stable hash of their ids, ties by id.

    Args:
        ids: strings without nulls, n of them.

    Returns:
        Positions of the rows, int64[n], the same rows in the same order however they came; and
        whether there are ties, without which no id occurs twice.
    """
    hashes = row_hashes(ids)
    order = stable_order(hashes)
    tied = bool((hashes[order[1:]] == hashes[order[:-1]]).any())
    if tied:
        keys = list(zip(hashes.tolist(), ids.to_pylist(), strict=True))
        order = np.array(sorted(range(len(ids)), key=keys.__getitem__), dtype=np.int64)
    return order, tied


def row_hashes(ids: pa.Array) -> np.ndarray:
    """Return hashes of strings, uint64[n].

    SipHash-2-4 (Aumasson and Bernstein, 2012), its bits mixed once more: the hashes of
    ``pandas.util.hash_array``, without a Python object for each string.
    """
    data, offsets = string_buffers(ids)
    return np.asarray(_sip_hashes(data, offsets, _INITIAL))


@njit(nogil=True, cache=True)
def _sip_hashes(data, offsets, initial):
    out = np.empty(len(offsets) - 1, np.uint64)
    for row in range(len(out)):
        begin, stop = offsets[row], offsets[row + 1]
        v0, v1, v2, v3 = initial[0], initial[1], initial[2], initial[3]
        last = np.uint64((stop - begin) & 0xFF) << np.uint64(56)
        at = begin
        while True:
            if stop - at >= 8:
                word = np.uint64(0)
                for k in range(8):
                    word |= np.uint64(data[at + k]) << np.uint64(8 * k)
                at += 8
                ended = False
            else:
                word = last
                for k in range(stop - at):
                    word |= np.uint64(data[at + k]) << np.uint64(8 * k)
                ended = True
            v3 ^= word
            for _ in range(2):
                v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
            v0 ^= word
            if ended:
                break
        v2 ^= np.uint64(0xFF)
        for _ in range(4):
            v0, v1, v2, v3 = _sip_round(v0, v1, v2, v3)
        found = v0 ^ v1 ^ v2 ^ v3
        found ^= found >> np.uint64(30)
        found *= np.uint64(0xBF58476D1CE4E5B9)
        found ^= found >> np.uint64(27)
        found *= np.uint64(0x94D049BB133111EB)
        out[row] = found ^ (found >> np.uint64(31))
    return out


@njit(nogil=True, cache=True)
def _sip_round(v0, v1, v2, v3):
    v0 += v1
    v1 = _rotated(v1, 13) ^ v0
    v0 = _rotated(v0, 32)
    v2 += v3
    v3 = _rotated(v3, 16) ^ v2
    v0 += v3
    v3 = _rotated(v3, 21) ^ v0
    v2 += v1
    v1 = _rotated(v1, 17) ^ v2
    v2 = _rotated(v2, 32)
    return v0, v1, v2, v3


@njit(nogil=True, cache=True)
def _rotated(value, bits):
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))
