"""The records that a report shows: their values, shortened, and small pictures within a budget."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from features.images.pictures import open_picture
from features.variants.variant_values import canonical_values
from linkage.report.data.contents import RecordData
from linkage.report.data.outcome import Catalog
from linkage.report.data.text import SHOWN_CHARACTERS, shorten

__all__ = [
    "CHARACTERS",
    "PICTURE_BYTES",
    "Pictures",
    "RecordReader",
    "fill_rate",
    "main_column",
    "shown_columns",
    "value_codes",
]

#: Bytes of all pictures of a page together, as they stand in it.
PICTURE_BYTES = 1_800_000
#: Characters of a value.
CHARACTERS = SHOWN_CHARACTERS
_PIXELS = 128
_JPEG_QUALITY = 68
#: A file larger than this is no photograph of a catalog.
_LARGEST_FILE = 30_000_000
_SIDES = ("left", "right")
#: Least share of the most distinct values; titles stand before descriptions, which may have more.
_TELLING = 0.6


class Pictures:
    """Makes small pictures of image files, until the budget of a page is used up.

    Args:
        budget: Bytes of all of them together.

    """

    def __init__(self, budget: int = PICTURE_BYTES) -> None:
        self.left = budget
        self._made: dict[Path, str] = {}

    def small(self, path: Path) -> str:
        """Return a picture as a ``data:`` URI; empty if it cannot be read or there is no room."""
        if path not in self._made:
            self._made[path] = self._make(path)
        uri = self._made[path]
        if len(uri) > self.left:
            return ""
        self.left -= len(uri)
        return uri

    def _make(self, path: Path) -> str:
        if self.left <= 0:
            return ""
        from PIL import Image

        try:
            if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
                return ""
            with open_picture(path) as image:
                image.draft("RGB", (_PIXELS, _PIXELS))
                image.thumbnail((_PIXELS, _PIXELS))
                shown = Image.new("RGB", image.size, "white")
                clear = image.convert("RGBA")
                shown.paste(clear, mask=clear.getchannel("A"))
            stream = io.BytesIO()
            shown.save(stream, "JPEG", quality=_JPEG_QUALITY, optimize=True)
        except Exception:
            # A damaged file may fail in any way, which costs its picture alone; the run itself has
            # warned of it.
            return ""
        return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")


class RecordReader:
    """Reads records to be shown, each once.

    Args:
        catalog: The rows.
        columns: The columns to be shown.
        pictures: Makes the pictures.
        characters: Most characters of a value.

    """

    def __init__(
        self,
        catalog: Catalog,
        columns: list[str],
        pictures: Pictures,
        characters: int = CHARACTERS,
    ) -> None:
        self.catalog = catalog
        self.columns = columns
        self.pictures = pictures
        self.characters = characters
        self.images = catalog.of_kind("image")
        self.read: dict[int, RecordData] = {}

    def add(self, rows: np.ndarray | list[int]) -> None:
        """Read rows, so that they are among ``read``."""
        new = [int(row) for row in dict.fromkeys(np.asarray(rows).tolist()) if row not in self.read]
        if not new:
            return
        values = {name: self._cells(name, new) for name in self.columns}
        cells = [self._cells(name, new) for name in self.images]
        for k, row in enumerate(new):
            shown = {name: self._short(values[name][k]) for name in self.columns}
            image, column = self._picture(row, [column[k] for column in cells])
            self.read[row] = RecordData(
                id=str(self.catalog.ids[row]),
                side=_SIDES[row >= self.catalog.n_left] if self.catalog.is_linkage else "",
                values=shown,
                image=image,
                pictured=column,
            )

    def _cells(self, name: str, rows: list[int]) -> list[str | None]:
        """Cells of a column, one by one: Arrow would put the whole column together first."""
        column = self.catalog.table.column(name)
        return [column[row].as_py() for row in rows]

    def _short(self, value: str | None) -> str | None:
        return None if value is None else shorten(value, self.characters)

    def _picture(self, row: int, cells: list[str | None]) -> tuple[str, tuple[str, ...]]:
        """Return the first picture that can be read, and its column."""
        folders = self.catalog.folders
        folder = folders[int(row >= self.catalog.n_left)] if len(folders) > 1 else None
        if len(folders) == 1:
            folder = folders[0]
        for name, cell in zip(self.images, cells, strict=True):
            if cell is None or "://" in cell or len(cell) > 4096 or "\0" in cell:
                continue
            uri = self.pictures.small((folder or Path()) / cell.strip())
            if uri:
                return uri, (name,)
        return "", ()


def shown_columns(catalog: Catalog, most: int = 16) -> list[str]:
    """Return the columns of a record that are shown: those compared, and the source.

    Args:
        catalog: The rows.
        most: Columns; the fullest of them where there are more.

    """
    named = [n for n in catalog.table.column_names if n in catalog.kinds or n == catalog.source]
    if len(named) <= most:
        return named
    missing = {name: catalog.table.column(name).null_count for name in named}
    kept = set(sorted(named, key=lambda name: missing[name])[:most])
    return [name for name in named if name in kept]


def main_column(catalog: Catalog) -> str:
    """Return the column that names a record: the first text that is filled and distinct enough."""
    usable = [n for n, k in catalog.kinds.items() if k in ("text", "name")]
    usable = usable or list(catalog.kinds)
    if not usable:
        return ""
    columns = [catalog.table.column(name) for name in usable]
    filled = [len(column) - column.null_count for column in columns]
    distinct: list[int] = []
    for column in columns:
        distinct.append(pc.count_distinct(column, mode="only_valid").as_py())
        # Bounds of the largest number of all: counting the distinct values of long texts is slow.
        least, most = max(distinct), max([*distinct, *filled[len(distinct) :]])
        for name, number in zip(usable, distinct, strict=False):
            if number >= _TELLING * most:
                return name
            if number >= _TELLING * least:
                break  # it may still be the one
    return usable[0]  # a table without rows


def fill_rate(catalog: Catalog, column: str) -> float:
    """Return the share of rows that have a value in a column."""
    return 1 - catalog.table.column(column).null_count / max(catalog.n, 1)


def value_codes(catalog: Catalog, column: str) -> tuple[np.ndarray, list[str]]:
    """Return the number of each row's value, -1 where missing, and the name of each value.

    Spellings of one value count as one; it goes by the most frequent of them.
    """
    encoded = catalog.values(column).dictionary_encode()
    index = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    spellings = encoded.dictionary.to_pylist()
    if not spellings:
        return index, []
    group = np.unique(canonical_values(spellings), return_inverse=True)[1]
    rows = np.bincount(index[index >= 0], minlength=len(spellings))
    names = [""] * (int(group.max()) + 1)
    for k in sorted(range(len(spellings)), key=lambda k: (rows[k], spellings[k])):
        names[group[k]] = spellings[k].strip()
    return np.append(group, -1)[index], names
