"""Pictures that nobody vouches for: only well-known formats are tried, and no bomb is unfolded."""

from __future__ import annotations

from pathlib import Path

import images
import pytest
from PIL import EpsImagePlugin, Image

from features.images.image_files import read_image_files
from features.images.pictures import FORMATS, open_picture
from linkage.report.data.records import Pictures

#: Suffixes of formats that Pillow writes: of those that are read, and of some others.
_TRIED = ("avif", "bmp", "gif", "jpg", "jp2", "png", "ppm", "tif", "webp")
_LEFT_ALONE = ("eps", "ico", "msp", "pcx", "sgi", "tga", "xbm", "dds", "pdf")


def fault_of(path: Path) -> str:
    return read_image_files([path], cache=False)[path].fault


@pytest.mark.parametrize("suffix", _TRIED)
def test_formats_of_shops_are_read(tmp_path: Path, suffix: str) -> None:
    path = images.save(images.draw(1), tmp_path / f"a.{suffix}")
    assert fault_of(path) == ""
    assert Pictures().small(path)


@pytest.mark.parametrize("suffix", _LEFT_ALONE)
@pytest.mark.parametrize("named", [None, "a.png"])
def test_other_formats_are_left_alone_whatever_their_name(
    tmp_path: Path, suffix: str, named: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: pytest.fail("was started"))
    picture = images.draw(1).convert("1" if suffix in ("msp", "xbm") else "RGB")
    path = images.save(picture, tmp_path / f"b.{suffix}")
    path = path.rename(tmp_path / named) if named else path
    assert "cannot identify" in fault_of(path)
    assert Pictures().small(path) == ""


def test_all_formats_are_known_to_the_library() -> None:
    Image.init()
    assert set(FORMATS) <= set(Image.OPEN)


def test_what_claims_to_be_huge_is_not_unfolded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = (8000, 8000), (12_000, 12_000), (2**31 - 1, 1)
    paths = [images.claiming(*size, tmp_path / f"{k}.png") for k, size in enumerate(sizes)]
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("was decoded"))
    for path in paths:
        assert "pixels" in fault_of(path)
        assert Pictures().small(path) == ""


@pytest.mark.parametrize("error", [KeyError, MemoryError, OverflowError, EOFError, RuntimeError])
def test_a_picture_that_fails_in_any_way_costs_itself_only(
    tmp_path: Path, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (images.save(images.draw(k), tmp_path / f"{k}.png") for k in range(2))
    opened = Image.open

    def failing(path: Path, **options):
        if Path(path) == bad:
            raise error("odd")
        return opened(path, **options)

    monkeypatch.setattr(Image, "open", failing)
    pictures = Pictures()
    assert (pictures.small(bad), bool(pictures.small(good))) == ("", True)
    assert (bool(fault_of(bad)), fault_of(good)) == (True, "")
    with pytest.raises(error), open_picture(bad):
        pass
