"""String columns as byte buffers, for compiled loops over their characters."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.text.number_writing import VULGAR_FRACTIONS, plain_numbers
from features.text.token_kernels import mark_foreign

__all__ = ["Texts", "normalise", "string_buffers"]

#: Bytes of text scanned at a time.
_PIECE = 1 << 22


@dataclass(frozen=True)
class Texts:
    """Bytes of a string column, and normalised bytes of its rows that are not plain ASCII words.

    Attributes:
        data, offsets: bytes of all rows, and the start of each.
        foreign: whether a row has a byte beyond ASCII, or marks beside numbers.
        other_row: position of each such row among them.
        other_data, other_offsets: their bytes as `normalise` leaves them, and the start of each.
    """

    data: np.ndarray
    offsets: np.ndarray
    foreign: np.ndarray
    other_row: np.ndarray
    other_data: np.ndarray
    other_offsets: np.ndarray

    @classmethod
    def of(cls, values: pa.Array | pa.ChunkedArray) -> Texts:
        """Reads a column; nulls are empty."""
        array = _one_array(values)
        if array.null_count:
            array = pc.fill_null(array, "")
        data, offsets = string_buffers(array)
        foreign = np.zeros(len(array), np.bool_)
        mark_foreign(data, offsets, foreign)
        rows = np.flatnonzero(foreign)
        if not len(rows):
            return cls(data, offsets, foreign, np.zeros(0, np.int64), data, offsets)
        other = string_buffers(normalise(array.take(pa.array(rows))))
        return cls(data, offsets, foreign, np.cumsum(foreign) - 1, *other)

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.foreign)

    def arguments(
        self, rows: slice
    ) -> tuple[np.ndarray, np.ndarray, int, int, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The first arguments of `scan_rows`, for a range of rows."""
        return (
            self.data, self.offsets, rows.start, rows.stop, self.foreign, self.other_row,
            self.other_data, self.other_offsets,
        )  # fmt: skip

    def each_piece(self, work: Callable[[slice], None], threads: int) -> None:
        """Calls a function for ranges of rows of about equal bytes, in several threads."""
        total = int(self.offsets[-1] - self.offsets[0])
        cuts = np.arange(1, total // _PIECE + 1) * _PIECE + self.offsets[0]
        bounds = np.unique([0, *np.searchsorted(self.offsets, cuts), self.n])
        pieces = [slice(a, b) for a, b in pairwise(bounds[bounds <= self.n].tolist())]
        if threads <= 1 or len(pieces) <= 1:
            for piece in pieces:
                work(piece)
            return
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, pieces))


def string_buffers(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """Bytes of a string array without nulls, and the start of each row (int64), both read-only."""
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


def normalise(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Lower-cased compatibility decomposition (NFKD) of a string array, as one large-string array.

    The multiplication sign becomes the letter x, as most write it: ``20×30`` is ``20x30``. Numbers
    and units are plain words, see `plain_numbers`.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = (
            pa.concat_arrays(values.chunks)
            if values.num_chunks
            else pa.array([], pa.large_string())
        )
    values = values.cast(pa.large_string())
    if pc.any(pc.match_substring_regex(values, VULGAR_FRACTIONS)).as_py():
        values = pc.replace_substring_regex(values, rf"({VULGAR_FRACTIONS})", r" \1")
    lowered = pc.utf8_lower(pc.utf8_normalize(values, form="NFKD"))
    lowered = pc.replace_substring(lowered, pattern="⁄", replacement="/")
    # After a unit or a counter it is a word of its own: 500ml×6, 6本×500ml.
    lowered = pc.replace_substring_regex(lowered, "([^0-9 ])×", r"\1 x ")
    return plain_numbers(pc.replace_substring(lowered, pattern="×", replacement="x"))


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
