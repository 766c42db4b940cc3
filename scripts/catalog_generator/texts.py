"""Columns of text made without a loop per row: pyarrow for strings, numpy for their bytes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "check_digits",
    "choose",
    "draw",
    "join",
    "misspell",
    "order",
    "pick",
    "random_ids",
    "take",
    "template",
    "where",
    "write_digits",
]

_ID_LETTERS = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", dtype=np.uint8)


def order(keys: np.ndarray) -> np.ndarray:
    """Return the stable sorting order, which is the same on every machine."""
    return np.argsort(keys, kind="stable")


def draw(rng: np.random.Generator, weights: Sequence[float] | np.ndarray, n: int) -> np.ndarray:
    """Draw ``n`` positions with probabilities in proportion to ``weights``."""
    cumulative = np.cumsum(np.asarray(weights, dtype=float))
    found = np.searchsorted(cumulative, rng.random(n) * cumulative[-1], side="right")
    return np.minimum(found, len(cumulative) - 1)


def pick(vocabulary: Sequence[str], codes: np.ndarray, keep: np.ndarray | None = None) -> pa.Array:
    """Return the words at ``codes``, null where ``keep`` is false."""
    words = pa.array(list(vocabulary), pa.string())
    if keep is None:
        return words.take(pa.array(codes))
    return words.take(pa.array(np.where(keep, codes, 0), mask=~keep))


def take(texts: pa.Array, codes: np.ndarray, keep: np.ndarray | None = None) -> pa.Array:
    """Return the texts at positions ``codes``, null where ``keep`` is false."""
    if keep is None:
        return texts.take(pa.array(codes))
    return texts.take(pa.array(np.where(keep, codes, 0), mask=~keep))


def choose(texts: Sequence[pa.Array], which: np.ndarray) -> pa.Array:
    """Return for every row the text of the column that ``which`` names."""
    return pc.choose(pa.array(which.astype(np.int64)), *texts)


def where(condition: np.ndarray, yes: pa.Array | None, no: pa.Array | None) -> pa.Array:
    """Return ``yes`` where the condition holds, otherwise ``no``; ``None`` is null."""
    nothing = pa.scalar(None, pa.string())
    return pc.if_else(
        pa.array(condition), nothing if yes is None else yes, nothing if no is None else no
    )


def join(*parts: pa.Array | str, separator: str = "", skip: bool = True) -> pa.Array:
    """Join columns row by row; a null part is skipped, or with ``skip=False`` makes all null."""
    columns = [part for part in parts if not isinstance(part, str)]
    scalars = [pa.scalar(part) if isinstance(part, str) else part for part in parts]
    if skip and len(columns) == len(parts):
        # Arrow loses a row of which every part is null, so give it an empty one.
        empty = np.logical_and.reduce([column.is_null() for column in columns])
        scalars[0] = pc.if_else(pa.array(empty), "", scalars[0])
    handling = "skip" if skip else "emit_null"
    return pc.binary_join_element_wise(*scalars, separator, null_handling=handling)


def template(pattern: str, **columns: pa.Array) -> pa.Array:
    """Fill ``{name}`` places of a pattern from columns, row by row."""
    parts: list[pa.Array | str] = []
    for piece in pattern.replace("}", "{").split("{"):
        parts.append(columns.get(piece, piece))
    return join(*parts)


def random_ids(rng: np.random.Generator, n: int, prefix: str, letters: int = 9) -> pa.Array:
    """Return ``n`` different random identifiers, such as ``o4k2n0c8xs``."""
    numbers = rng.integers(0, 32**letters, size=n, dtype=np.int64)
    while True:
        _, first = np.unique(numbers, return_index=True)
        if len(first) == n:
            break
        again = np.ones(n, dtype=bool)
        again[first] = False
        numbers[again] = rng.integers(0, 32**letters, size=int(again.sum()), dtype=np.int64)
    shifts = np.arange(letters - 1, -1, -1, dtype=np.int64) * 5
    digits = _ID_LETTERS[(numbers[:, None] >> shifts) & 31]
    return join(prefix, _fixed_width(digits))


def check_digits(bodies: np.ndarray) -> np.ndarray:
    """Return the GS1 check digits that make 12-digit numbers a GTIN-13."""
    digits = (bodies[:, None] // 10 ** np.arange(11, -1, -1, dtype=np.int64)) % 10
    return (-(digits @ np.array([1, 3] * 6))) % 10


def write_digits(numbers: np.ndarray, width: int) -> pa.Array:
    """Write numbers with leading zeros."""
    digits = (numbers[:, None] // 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)) % 10
    return _fixed_width((digits + ord("0")).astype(np.uint8))


def misspell(texts: pa.Array, rate: np.ndarray | float, rng: np.random.Generator) -> pa.Array:
    """Make one slip of the keyboard in some texts: two letters swapped, one lost, or one doubled.

    Args:
        texts: Column of text.
        rate: Probability of a slip, one for all or one a row.
        rng: Source of randomness.
    """
    n = len(texts)
    chance, spot, kind = rng.random(n), rng.random(n), rng.integers(0, 3, size=n)
    chosen = (chance < rate) & texts.is_valid().to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return texts
    part = pa.concat_arrays([texts.take(pa.array(rows))])
    offsets = np.frombuffer(part.buffers()[1], dtype=np.int32, count=len(rows) + 1)
    data = np.frombuffer(part.buffers()[2], dtype=np.uint8, count=int(offsets[-1])).copy()
    lengths = np.diff(offsets)
    place = offsets[:-1] + 1 + (spot[rows] * np.maximum(lengths - 3, 0)).astype(np.int32)
    letter = ((data | 32) >= ord("a")) & ((data | 32) <= ord("z"))
    able = np.flatnonzero(lengths >= 4)
    able = able[letter[place[able]] & letter[place[able] + 1]]
    repeats = np.ones(len(data), dtype=np.int64)
    growth = np.zeros(len(rows), dtype=np.int32)
    swap, lose, double = (able[kind[rows[able]] == k] for k in range(3))
    data[place[swap]], data[place[swap] + 1] = data[place[swap] + 1], data[place[swap]]
    repeats[place[lose]], growth[lose] = 0, -1
    repeats[place[double]], growth[double] = 2, 1
    data = np.repeat(data, repeats)
    offsets = np.concatenate([[0], np.cumsum(lengths + growth)]).astype(np.int32)
    changed = pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(data))
    return pc.replace_with_mask(texts, pa.array(chosen), changed)


def _fixed_width(characters: np.ndarray) -> pa.Array:
    """Return the rows of a byte matrix as strings."""
    n, width = characters.shape
    offsets = np.arange(n + 1, dtype=np.int32) * width
    data = np.ascontiguousarray(characters)
    return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(data))
