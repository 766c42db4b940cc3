"""Check digits of trade numbers, and the digits that they check."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.text.text_buffers import string_buffers

__all__ = ["as_mask", "digit_rows", "gtin_check", "isbn10_check", "isbn10_values", "right_numbers"]


def gtin_check(numbers: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Check digits of GS1: weights 3 and 1 from the right, sum divisible by ten.

    Args:
        numbers: digits, uint8[n, length].
    """
    weights = np.where(np.arange(numbers.shape[1])[::-1] % 2 == 1, 3, 1)
    return (numbers.astype(np.int64) @ weights) % 10 == 0


def isbn10_check(numbers: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Check digits of ISBN-10: weights 10 to 1, sum divisible by 11; the last may be ten ("X")."""
    return (numbers.astype(np.int64) @ np.arange(10, 0, -1)) % 11 == 0


def right_numbers(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each text is a trade number with a right check digit, by itself."""
    length = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    digits = as_mask(pc.match_substring_regex(texts, "^[0-9]+$"))
    right = np.zeros(len(texts), bool)
    for size in (8, 12, 13, 14):
        rows, numbers = digit_rows(texts, digits & (length == size), size)
        right[rows] = gtin_check(numbers)
    rows, numbers = digit_rows(texts, length == 10, 10)
    right[rows] = isbn10_check(isbn10_values(numbers))
    return right


def digit_rows(
    text: pa.Array, mask: npt.NDArray[np.bool_], size: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Rows under a mask and their characters less "0"; all have `size` ASCII characters."""
    rows = np.flatnonzero(mask)
    data, offsets = string_buffers(text.take(pa.array(rows)))
    characters = data[offsets[0] : offsets[-1]] - np.uint8(48)
    return rows, characters.reshape(len(rows), size)


def isbn10_values(characters: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Values of the characters of ISBN-10, given less "0": an X is ten."""
    return np.where(characters == ord("X") - 48, np.uint8(10), characters)


def as_mask(values: pa.Array) -> npt.NDArray[np.bool_]:
    """Booleans as an array, false where null."""
    found: npt.NDArray[np.bool_] = values.fill_null(False).to_numpy(zero_copy_only=False)
    return found
