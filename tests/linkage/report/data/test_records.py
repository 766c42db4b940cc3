"""The records that a report shows, and their pictures."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from linkage.report.data.outcome import Catalog
from linkage.report.data.records import Pictures, RecordReader, main_column, shown_columns


def catalog(folder: Path | None = None, cells: list[str | None] | None = None) -> Catalog:
    table = pa.table({"id": ["1", "2"], "title": ["x" * 900, None], "photo": cells or [None, None]})
    ids = np.array(["1", "2"], object)
    return Catalog(ids, 2, table, {"title": "text", "photo": "image"}, None, (folder,))


def save(path: Path, size: tuple[int, int] = (600, 400)) -> None:
    Image.new("RGB", size, (200, 30, 30)).save(path)


def test_long_values_are_cut() -> None:
    reader = RecordReader(catalog(), ["title"], Pictures())
    reader.add([0, 1])
    text = reader.read[0].values["title"]
    assert text is not None
    assert len(text) < 400
    assert text.endswith("…")
    assert reader.read[1].values["title"] is None


def test_pictures_are_small_and_inline(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    reader = RecordReader(catalog(tmp_path, ["a.png", "none.png"]), [], Pictures())
    reader.add(np.array([0, 1]))
    head, _, body = reader.read[0].image.partition(",")
    assert head == "data:image/jpeg;base64"
    with Image.open(io.BytesIO(base64.b64decode(body))) as image:
        assert max(image.size) <= 128
    assert reader.read[1].image == "", "a missing file has no picture"


def test_pictures_stay_within_their_budget(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    one = len(Pictures().small(tmp_path / "a.png"))
    pictures = Pictures(budget=2 * one + 1)
    shown = [pictures.small(tmp_path / "a.png") for _ in range(4)]
    assert [bool(uri) for uri in shown] == [True, True, False, False]


def test_what_is_no_image_has_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("<script>", encoding="utf-8")
    pictures = Pictures()
    assert pictures.small(tmp_path / "a.png") == ""
    assert pictures.small(tmp_path) == ""
    reader = RecordReader(catalog(tmp_path, ["https://shop/a.png", "\0"]), [], pictures)
    reader.add([0, 1])
    assert [reader.read[k].image for k in (0, 1)] == ["", ""]


def test_shown_columns_are_those_compared() -> None:
    assert shown_columns(catalog()) == ["title", "photo"]
    assert shown_columns(catalog(), most=1) == ["title"]


@pytest.mark.parametrize("seed", range(20))
def test_the_main_column_is_the_first_that_tells(seed: int) -> None:
    generator = np.random.default_rng(seed)
    names, rows = ["a", "b", "c", "d"], 30
    numbers = {name: generator.integers(0, generator.integers(1, 60), rows) for name in names}
    missing = {name: generator.random(rows) < generator.random() for name in names}
    columns = {
        name: [
            None if gone else str(n) for n, gone in zip(numbers[name], missing[name], strict=True)
        ]
        for name in names
    }
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    ids = np.arange(rows).astype(str).astype(object)
    one = Catalog(ids, rows, table, dict.fromkeys(names, "text"), None, (None,))
    distinct = {name: len({*cells} - {None}) for name, cells in columns.items()}
    least = 0.6 * max(distinct.values())
    assert main_column(one) == next(name for name in names if distinct[name] >= least)
