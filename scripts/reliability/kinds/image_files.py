"""Catalogs with pictures: files of many formats, damaged ones, huge ones, and what is none."""

from __future__ import annotations

import io
import random
from pathlib import Path

from PIL import Image

from reliability.commands import command_faults, left_behind, run_command
from reliability.damage import damage_bytes
from reliability.fixture import FAST
from reliability.kinds.csv_files import csv_text
from reliability.offers import Offers, draw_offers

__all__ = ["image_case"]

_ROWS = (6, 20)
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "TGA", "EPS", "PDF")
_MODES = ("RGB", "RGB", "L", "1", "P", "RGBA", "CMYK", "I;16")
#: Pixels of a side of a picture that is small as a file and large in memory.
_HUGE = 20_000
_NO_FILES = (
    "", "missing.png", "http://example.com/a.png", "file:///etc/passwd", "/dev/zero", "/dev/null",
    "..", ".", "f" * 16, "0123456789abcdef", "x" * 300, "\u202e.png", "a\x01b",
    "data:image/png;base64,AA",
)  # fmt: skip


def image_case(chance: random.Random, folder: Path) -> list[str]:
    """A catalog with a column of pictures, deduplicated with its report."""
    drawn = draw_offers(chance, chance.randint(*_ROWS))
    cells = [_picture(chance, folder, k) for k in range(len(drawn.rows))]
    rows = [[*row, cell] for row, cell in zip(drawn.rows, cells, strict=True)]
    offers = Offers([*drawn.names, "image"], rows)
    text = csv_text(offers, ",", "\n", lambda _: False)
    (folder / "catalog.csv").write_text(text, encoding="utf-8")
    (folder / "config.toml").write_text('[attributes]\ntitle = "text"\nimage = "image"\n', "utf-8")
    arguments = ["dedupe", "catalog.csv", "-o", "out", "-c", "config.toml", *FAST]
    ended = run_command(arguments)
    faults = command_faults(ended, arguments)
    if ended.code:
        faults.append(f"the run failed: {ended.err.strip()[:200]}")
    elif (folder / "out" / "clusters.csv").read_bytes().count(b"\n") != len(rows) + 1:
        faults.append(f"{len(rows)} rows are not all in clusters.csv")
    return faults + [f"left behind: {name}" for name in left_behind(folder)]


def _picture(chance: random.Random, folder: Path, number: int) -> str:
    """A cell of the column, with its file where it names one."""
    if chance.random() < 0.2:
        return chance.choice(_NO_FILES)
    raw = _encoded(chance)
    if chance.random() < 0.35:
        raw = damage_bytes(chance, raw)
    name = f"{number}.{chance.choice(('png', 'jpg', 'gif', 'tif', 'eps', 'svg', 'txt'))}"
    path = folder / name
    how = chance.random()
    if how < 0.05:
        path.mkdir()
    elif how < 0.1:
        path.symlink_to(chance.choice((name, "/dev/zero", "catalog.csv")))
    else:
        path.write_bytes(raw)
    return name


def _encoded(chance: random.Random) -> bytes:
    if chance.random() < 0.05:
        return chance.choice(
            (
                b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
                b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
                b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\x00" * 2000,
            )
        )  # fmt: skip
    huge = chance.random() < 0.02
    mode = "1" if huge else chance.choice(_MODES)
    side = _HUGE if huge else chance.choice((1, 3, 40, 150))
    size = (side, side if huge else chance.randint(1, 90))
    picture = Image.new(mode, size)
    if mode == "RGB":
        picture.putdata([(chance.randrange(256), k % 256, 90) for k in range(size[0] * size[1])])
    out = io.BytesIO()
    try:
        picture.save(out, "PNG" if huge else chance.choice(_FORMATS))
    except (OSError, ValueError):  # a mode that a format does not have
        out = io.BytesIO()
        picture.save(out, "TIFF")
    return out.getvalue()
