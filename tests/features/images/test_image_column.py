"""Cells of image columns: files, hashes, links and what cannot be read, as pair features."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import images
import numpy as np
import oracles
import pytest

from features.compare.comparer import Comparer
from features.compare.feature_groups import ImageFeatures
from features.images.image_column import Images, Nature, hash_value, read_images
from features.images.image_files import read_image_files
from features.kinds import Kind
from features.prepare import prepare

Row = dict[str, float]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LINKAGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder of pictures: one twice under two names, as JPEG, in blue, and another."""
    folder = tmp_path / "shop"
    picture = images.save(images.draw(1), folder / "pictures" / "a.png")
    (folder / "pictures" / "twin.png").write_bytes(picture.read_bytes())
    images.save(images.draw(1), folder / "pictures" / "a.jpg", quality=80)
    images.save(images.draw(1, "blue"), folder / "pictures" / "blue.png")
    images.save(images.draw(2), folder / "pictures" / "b.png")
    (folder / "pictures" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    return folder


def read(folder: Path | None, *cells: str | None, side: list[int] | None = None) -> Images:
    strings = sorted({cell for cell in cells if cell is not None})
    values = np.array([-1 if cell is None else strings.index(cell) for cell in cells], np.int32)
    ids = np.array([f"r{row}" for row in range(len(cells))], object)
    sides = np.zeros(len(cells), np.int8) if side is None else np.array(side, np.int8)
    return read_images("photo", values, np.array(strings, object), sides, ids, (folder,))


def compare(folder: Path, *cells: str | None, side: list[int] | None = None) -> list[Row]:
    """What the group says of row 0 and each further row; the same from both sides."""
    records = oracles.make_records({"photo": cells}, {"photo": Kind.IMAGE}, side)
    prepared = prepare(replace(records, folders=(folder, folder)))
    group = ImageFeatures(prepared.attributes["photo"])
    left, right = np.zeros(len(cells) - 1, np.int32), np.arange(1, len(cells), dtype=np.int32)
    found = group.compare(left, right)
    np.testing.assert_array_equal(found, group.compare(right, left))
    return [dict(zip(group.names, row.tolist(), strict=True)) for row in found]


def test_files(shop: Path) -> None:
    cells = ["a.png", "a.png", "twin.png", "a.jpg", "blue.png", "b.png"]
    same, copy_of_row, jpeg, blue, other, none = compare(
        shop, *(f"pictures/{cell}" for cell in cells), None
    )
    exact = {"photo.equal": 1, "photo.hash_difference": 0, "photo.colour_difference": 0}
    assert same == exact
    assert copy_of_row == exact, "the content counts, not the name"
    for row in (jpeg, blue, other):
        assert row["photo.equal"] == 0
    assert jpeg["photo.hash_difference"] <= 4 / 64
    assert jpeg["photo.colour_difference"] < 0.1
    assert blue["photo.hash_difference"] <= 8 / 64
    assert blue["photo.colour_difference"] > 0.5
    assert other["photo.hash_difference"] > 0.25
    assert all(math.isnan(value) for value in none.values())


def test_features_are_those_of_a_plain_calculation(shop: Path) -> None:
    paths = sorted(path for path in (shop / "pictures").iterdir() if path.stem != "broken")
    files = read_image_files(paths)
    given = "00ff00ff00ff00ff"
    cells = [*map(str, paths), given]
    prepared = prepare(oracles.make_records({"photo": cells}, {"photo": Kind.IMAGE}))
    left, right = oracles.all_pairs(len(cells))
    expected = []
    for x, y in zip(left, right, strict=True):
        a, b = (files[paths[k]] if k < len(paths) else None for k in (x, y))
        bits = [int(given, 16) if file is None else file.bits for file in (a, b)]
        row = [math.nan, bin(bits[0] ^ bits[1]).count("1") / 64, math.nan]
        if a is not None and b is not None:
            row[0] = float(paths[x].read_bytes() == paths[y].read_bytes())
            light, green, blue = (
                float(p) - float(q) for p, q in zip(a.colour, b.colour, strict=True)
            )
            row[2] = math.sqrt((0.3 * light) ** 2 + green**2 + blue**2) / 100
        elif a is None and b is None:
            row[0] = 1.0
        expected.append(row)
    comparer = Comparer(prepared)
    columns = [
        comparer.names.index(f"photo.{name}")
        for name in ("equal", "hash_difference", "colour_difference")
    ]
    found = comparer.compare(left, right)[:, columns]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_absolute_paths_need_no_folder(shop: Path, tmp_path: Path) -> None:
    path = shop / "pictures" / "a.png"
    row = compare(tmp_path / "elsewhere", str(path), f" {path} ")[0]
    assert row["photo.equal"] == 1


def test_what_cannot_be_read_is_unknown_and_told_once(shop: Path) -> None:
    cells = ["pictures/a.png", "pictures/broken.jpg", "pictures/lost.jpg", "https://x.org/a.png"]
    with pytest.warns(UserWarning, match="5 of 6") as told:
        found = compare(shop, *cells, "pictures/broken.jpg", "pictures/lost.jpg")
    assert len(told) == 1
    message = str(told[0].message)
    assert "column 'photo': 5 of 6 images could not be read" in message
    assert "row 'r1': 'pictures/broken.jpg'" in message
    assert "catalog.images" in message
    broken, lost, link, *_ = found
    assert broken["photo.equal"] == 0, "a damaged file is another file all the same"
    assert math.isnan(broken["photo.hash_difference"])
    assert math.isnan(broken["photo.colour_difference"])
    assert all(math.isnan(value) for row in (lost, link) for value in row.values())


def test_missing_files_are_told_with_where_they_were_looked_for(shop: Path) -> None:
    with pytest.warns(UserWarning, match="lost.jpg.: there is no file .*shop.pictures.lost.jpg"):
        found = read(shop, "pictures/lost.jpg", "pictures/a.png")
    assert found.nature.tolist() == [Nature.REFERENCE, Nature.FILE]
    with pytest.warns(UserWarning, match="2 of 2"):
        row = compare(shop, "lost.jpg", "lost.jpg")[0]
    assert row["photo.equal"] == 1


def test_the_two_tables_have_folders_of_their_own(shop: Path, tmp_path: Path) -> None:
    images.save(images.draw(2), tmp_path / "other" / "pictures" / "a.png")
    records = oracles.make_records(
        {"photo": ["pictures/a.png", "pictures/a.png"]}, {"photo": Kind.IMAGE}, side=[0, 1]
    )
    for folders, equal in (((shop, tmp_path / "other"), 0), ((shop, shop), 1)):
        group = ImageFeatures(prepare(replace(records, folders=folders)).attributes["photo"])
        assert group.compare(np.int32([0]), np.int32([1]))[0, 0] == equal


def test_files_and_hashes_can_be_mixed(shop: Path) -> None:
    bits = read(shop, "pictures/a.png").bits[0]
    near, far = compare(shop, "pictures/a.png", f"{bits ^ 1:016x}", f"{bits ^ 0xFFFF:016X}")
    assert near["photo.hash_difference"] == 1 / 64
    assert far["photo.hash_difference"] == 16 / 64
    assert math.isnan(near["photo.equal"]), "a hash does not say which file it is of"


def test_a_column_of_nothing() -> None:
    found = read(None, None, " ")
    assert found.content.tolist() == [-1, -1]
    assert found.nature.tolist() == [Nature.MISSING] * 2
    assert not found.is_hashed.any()


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("00000000000000ff", 255),
        (" 0x00000000000000FF ", 255),
        ("ffffffffffffffff", 2**64 - 1),
        ("0x000000000000ff", None),
        ("-0000000000000ff", None),
        ("00_0000000000ff", None),
        ("a.jpg", None),
    ],
)
def test_hashes_given(cell: str, value: int | None) -> None:
    assert hash_value(cell) == value


def test_threads_do_not_matter(shop: Path) -> None:
    cells = [f"pictures/{path.name}" for path in (shop / "pictures").iterdir()]
    strings, values = np.array(cells, object), np.arange(len(cells), dtype=np.int32)
    side, ids = np.zeros(len(cells), np.int8), np.array(cells, object)
    with pytest.warns(UserWarning, match="1 of 6"):
        one, many = (
            read_images("photo", values, strings, side, ids, (shop,), threads=n, cache=False)
            for n in (1, 8)
        )
    for name in ("nature", "content", "bits", "is_hashed", "colour"):
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))
