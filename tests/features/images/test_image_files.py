"""Image files: hashes and colours, read once, cached by content, and never a crash."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import images
import numpy as np
import pytest
from PIL import Image

from features.images import image_files
from features.images.image_files import ImageFile, read_image_files


def read(*paths: Path, **options) -> list[ImageFile]:
    options.setdefault("cache", False)
    found = read_image_files(paths, **options)
    return [found[path] for path in paths]


def bits_apart(a: ImageFile, b: ImageFile) -> int:
    assert a.bits is not None
    assert b.bits is not None
    return (a.bits ^ b.bits).bit_count()


def colours_apart(a: ImageFile, b: ImageFile) -> float:
    assert a.colour is not None
    assert b.colour is not None
    return float(np.linalg.norm(a.colour - b.colour))


def test_the_hash_is_that_of_imagehash(tmp_path: Path) -> None:
    import imagehash

    picture = images.draw(1)
    (file,) = read(images.save(picture, tmp_path / "a.png"))
    assert file.bits == int(str(imagehash.phash(picture)), 16)
    assert file.fault == ""


def test_a_picture_encoded_again_is_nearly_the_same_and_another_is_not(tmp_path: Path) -> None:
    picture = images.draw(1)
    png, jpeg, small, other = read(
        images.save(picture, tmp_path / "a.png"),
        images.save(picture, tmp_path / "a.jpg", quality=70),
        images.save(picture.resize((64, 64)), tmp_path / "small.webp"),
        images.save(images.draw(2), tmp_path / "b.png"),
    )
    assert len({png.digest, jpeg.digest, small.digest, other.digest}) == 4
    assert bits_apart(png, jpeg) <= 4
    assert bits_apart(png, small) <= 6
    assert bits_apart(png, other) >= 16


def test_the_same_in_another_colour_differs_in_colour_alone(tmp_path: Path) -> None:
    red, lighter, blue = read(
        images.save(images.draw(1, "#d02020"), tmp_path / "red.png"),
        images.save(images.draw(1, "#d82828"), tmp_path / "lighter.jpg"),
        images.save(images.draw(1, "#2020d0"), tmp_path / "blue.png"),
    )
    assert bits_apart(red, blue) <= 8
    assert colours_apart(red, lighter) < 10
    assert colours_apart(red, blue) > 60


@pytest.mark.parametrize(
    ("colour", "lab"),
    # Values of sRGB primaries under D65, as published by Lindbloom.
    [
        ("white", (100, 0, 0)),
        ("black", (0, 0, 0)),
        ("red", (53.24, 80.09, 67.20)),
        ("lime", (87.73, -86.18, 83.18)),
        ("blue", (32.30, 79.19, -107.86)),
    ],
)
def test_colours_are_in_lab(tmp_path: Path, colour: str, lab: tuple[float, ...]) -> None:
    (file,) = read(images.save(Image.new("RGB", (32, 32), colour), tmp_path / "plain.png"))
    np.testing.assert_allclose(file.colour, lab, atol=0.2)


def test_the_colour_is_that_of_the_product_whatever_the_margin(tmp_path: Path) -> None:
    product = Image.new("RGB", (60, 60), "#2060c0")
    files = [images.save(product, tmp_path / "0.png")]
    for margin in (6, 30):
        ground = Image.new("RGB", (60 + 2 * margin, 60 + 2 * margin), "white")
        ground.paste(product, (margin, margin))
        files.append(images.save(ground, tmp_path / f"{margin}.png"))
    alone, narrow, wide = read(*files)
    white = np.array([100, 0, 0])
    assert np.linalg.norm(alone.colour - white) > 80
    assert colours_apart(alone, narrow) < 12
    assert colours_apart(alone, wide) < 12


def test_what_is_transparent_counts_as_white(tmp_path: Path) -> None:
    clear = images.draw(1).convert("RGBA")
    pixels = np.array(clear)
    pixels[(pixels[..., :3] == 255).all(axis=-1)] = 0
    full, holes = read(
        images.save(images.draw(1), tmp_path / "full.png"),
        images.save(Image.fromarray(pixels), tmp_path / "holes.png"),
    )
    assert bits_apart(full, holes) == 0
    assert colours_apart(full, holes) == 0


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "I;16"])
def test_any_mode_can_be_read(tmp_path: Path, mode: str) -> None:
    suffix = "jpg" if mode == "CMYK" else "png"
    if mode == "I;16":
        picture = Image.fromarray(np.full((40, 40), 900, np.uint16))
    else:
        picture = images.draw(1).convert(mode)
    (file,) = read(images.save(picture, tmp_path / f"a.{suffix}"))
    assert file.fault == ""
    assert file.bits is not None


def test_files_that_cannot_be_read_are_told_in_words(tmp_path: Path) -> None:
    whole = images.save(images.draw(1), tmp_path / "whole.jpg")
    cut, text, empty = (tmp_path / name for name in ("cut.jpg", "text.jpg", "empty.jpg"))
    cut.write_bytes(whole.read_bytes()[:-400])
    text.write_text("no image")
    empty.touch()
    missing, long = tmp_path / "missing.jpg", tmp_path / ("x" * 3000)
    found = read(cut, text, empty, missing, tmp_path, long, tmp_path / "nul\0.jpg")
    for file in found:
        assert file.bits is None
        assert file.colour is None
    words = ("truncated", "cannot identify", "0 bytes", "no file", "is no file", "name too long")
    for file, word in zip(found, words, strict=False):
        assert word in file.fault.lower()
    assert found[-1].fault
    # A file that is no image is still the same file or not.
    assert [file.digest is not None for file in found[:3]] == [True, True, False]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "is no file" in read(tmp_path / "pipe.jpg")[0].fault


def test_a_bomb_is_not_unfolded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = images.save(Image.new("1", (15_000, 15_000)), tmp_path / "bomb.png")
    huge = images.save(Image.new("1", (30_000, 30_000)), tmp_path / "huge.png")
    assert bomb.stat().st_size < 200_000
    monkeypatch.setattr(Image.Image, "convert", lambda *_: pytest.fail("was decoded"))
    for file in read(bomb, huge):
        assert "pixels" in file.fault
        assert file.digest is not None


def test_large_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = images.save(images.draw(1), tmp_path / "a.png")
    monkeypatch.setattr(image_files, "_MOST_BYTES", 100)
    assert "bytes" in read(path)[0].fault


def test_each_content_is_decoded_once_and_never_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = images.save(images.draw(1), tmp_path / "a.png")
    copy_of_row, other = tmp_path / "twin.png", images.save(images.draw(2), tmp_path / "b.png")
    copy_of_row.write_bytes(first.read_bytes())
    decoded: list[Path] = []
    opened = Image.open
    monkeypatch.setattr(
        Image, "open", lambda path, **kw: decoded.append(path) or opened(path, **kw)
    )
    computed = read(first, copy_of_row, other, first, cache=tmp_path / "cache")
    assert len(decoded) == 2
    again = read(first, copy_of_row, other, first, cache=tmp_path / "cache", threads=3)
    assert len(decoded) == 2
    for a, b in zip(computed, again, strict=True):
        assert (a.digest, a.bits) == (b.digest, b.bits)
        np.testing.assert_array_equal(a.colour, b.colour)
    other.write_bytes(first.read_bytes()[:-1] + b"x")
    read(other, cache=tmp_path / "cache")
    assert len(decoded) == 3, "a file that changed is another one"


def test_only_a_few_images_are_decoded_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [images.save(images.draw(k), tmp_path / f"{k}.png") for k in range(24)]
    lock, now, most = threading.Lock(), [0], [0]
    whole = image_files._on_white

    def counted(image):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        try:
            return whole(image)
        finally:
            with lock:
                now[0] -= 1

    monkeypatch.setattr(image_files, "_on_white", counted)
    many = read(*paths, threads=64)
    assert 1 <= most[0] <= 4
    assert [file.bits for file in many] == [file.bits for file in read(*paths)]


def test_a_large_photograph_is_decoded_smaller_and_nearly_the_same(tmp_path: Path) -> None:
    large = images.draw(3, size=1600)
    png, jpeg = read(
        images.save(large, tmp_path / "a.png"), images.save(large, tmp_path / "a.jpg", quality=90)
    )
    assert bits_apart(png, jpeg) <= 2
    assert colours_apart(png, jpeg) < 2


def test_no_files() -> None:
    assert read_image_files([]) == {}
