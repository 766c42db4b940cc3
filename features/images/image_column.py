"""Image columns: content, perceptual hash and colour of the image that each cell refers to.

A cell is the path of a file, a 64-bit perceptual hash, or a link, which is not fetched.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np

from features.images.image_files import read_image_files

__all__ = ["Images", "Nature", "hash_value", "read_images"]

_HASH = re.compile("(?:0[xX])?([0-9a-fA-F]{16})")
_LINK = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]+:)?//|data:")


class Nature(IntEnum):
    """The sort of a cell. Only cells of the same sort can be compared for equality."""

    MISSING = -1
    FILE = 0
    HASH = 1
    #: A link, or a path whose file cannot be read: compared by its text.
    REFERENCE = 2


@dataclass(frozen=True)
class Images:
    """The images of an image column, one element a row.

    Attributes:
        nature: a :class:`Nature`, int8.
        content: number of a file's content, of a given hash, or of the text of a cell that is
            neither; the same number is the same content; -1 without a cell; int32.
        bits: 64-bit perceptual hash, uint64; 0 where unknown.
        is_hashed: whether that hash is known.
        colour: average colour in CIE Lab of what stands out from the background, float32, shape
            (n, 3), NaN where unknown.
    """

    nature: np.ndarray
    content: np.ndarray
    bits: np.ndarray
    is_hashed: np.ndarray
    colour: np.ndarray

    def take(self, rows: np.ndarray) -> Images:
        """The images of some rows; row -1 is the last one, which stands for a missing cell."""
        return Images(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def hash_value(cell: str) -> int | None:
    """The 64-bit hash that a cell gives as 16 hexadecimal digits, None where it gives none."""
    match = _HASH.fullmatch(cell.strip())
    return None if match is None else int(match[1], 16)


def read_images(
    column: str,
    values: np.ndarray,
    strings: np.ndarray,
    side: np.ndarray,
    ids: np.ndarray,
    folders: Sequence[Path | None] = (),
    *,
    threads: int = 1,
    cache: Path | bool | None = None,
) -> Images:
    """Reads the images that the cells of a column refer to, each distinct file once.

    A file that is missing, damaged, too large or no image is unknown, and so is what a link points
    to; one warning says how many rows that concerns and names the first.

    Args:
        column: name of the column, for the warning.
        values: number of each row's cell in ``strings``, -1 without one.
        strings: the distinct cells, objects.
        side: table of each row, 0 or 1.
        ids: id of each row, for the warning.
        folders: folder of each table, from which relative paths start; by default the current one.
        threads: threads to use; the result does not depend on it.
        cache: cache folder; by default `features.embeddings.embedding_cache.cache_folder`; False
            for none.
    """
    blank = np.array([not str(text).strip() for text in strings] + [True])
    values = np.where(blank[values], -1, values)
    places = [Path() if folder is None else folder for folder in folders]
    places += [Path()] * (2 - len(places))
    # The same relative path is another file in the other table's folder.
    cells, at = np.unique(
        np.where(values < 0, -1, values.astype(np.int64) * 2 + (side * (places[0] != places[1]))),
        return_inverse=True,
    )
    cells = cells[cells >= 0]
    at = at - int((values < 0).any())
    texts = [str(strings[cell // 2]).strip() for cell in cells]
    images, faults = _read_cells(texts, [places[cell % 2] for cell in cells], threads, cache)
    if faults:
        rows = np.flatnonzero(np.isin(at, list(faults)))
        first = min(rows.tolist(), key=lambda row: str(ids[row]))
        warnings.warn(
            f"column '{column}': {len(rows):,} of {int((at >= 0).sum()):,} images could not be "
            f"read and are compared by their cells alone; the first, of row {str(ids[first])!r}: "
            f"{_short(texts[at[first]])!r}: {faults[int(at[first])]}. Paths are relative to the "
            "catalog's folder, or to catalog.images of the configuration.",
            stacklevel=2,
        )
    return images.take(at)


def _read_cells(
    texts: list[str], folders: list[Path], threads: int, cache: Path | bool | None
) -> tuple[Images, dict[int, str]]:
    """The images of distinct cells, one row more for a missing cell, and the faults of some."""
    n = len(texts) + 1
    nature = np.full(n, Nature.REFERENCE, np.int8)
    nature[-1] = Nature.MISSING
    bits, is_hashed = np.zeros(n, np.uint64), np.zeros(n, bool)
    colour = np.full((n, 3), np.nan, np.float32)
    contents: list[Hashable] = [("cell", text) for text in texts]
    faults: dict[int, str] = {}
    paths: dict[int, Path] = {}
    for cell, text in enumerate(texts):
        value = hash_value(text)
        if value is not None:
            nature[cell], bits[cell], is_hashed[cell] = Nature.HASH, value, True
            contents[cell] = ("hash", value)
        elif _LINK.match(text):
            faults[cell] = "links are not fetched"
        else:
            paths[cell] = (folders[cell] / text).absolute()
    files = read_image_files(list(paths.values()), threads=threads, cache=cache)
    for cell, path in paths.items():
        file = files[path]
        if file.fault:
            faults[cell] = file.fault
        if file.digest is not None:
            nature[cell], contents[cell] = Nature.FILE, ("file", file.digest)
        if file.bits is not None:
            bits[cell], is_hashed[cell], colour[cell] = file.bits, True, file.colour
    numbers = {content: number for number, content in enumerate(dict.fromkeys(contents))}
    content = np.array([*(numbers[content] for content in contents), -1], np.int32)
    return Images(nature, content, bits, is_hashed, colour), faults


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
