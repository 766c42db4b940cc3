"""Pictures of products, drawn for the tests."""

from __future__ import annotations

import random
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw


def draw(seed: int, colour: str = "red", size: int = 96) -> Any:
    """A picture of some shapes of one colour on white; the seed decides the shapes."""
    chance = random.Random(seed)
    image = Image.new("RGB", (size, size), "white")
    pen = ImageDraw.Draw(image)
    for number in range(5):
        x, y = chance.randrange(size * 3 // 4), chance.randrange(size * 3 // 4)
        wide, high = chance.randrange(size // 8, size // 2), chance.randrange(size // 8, size // 2)
        shape = pen.ellipse if number % 2 else pen.rectangle
        shape((x, y, x + wide, y + high), fill=colour)
    return image


def save(image: Any, path: Path, **options: Any) -> Path:
    """Writes a picture; the suffix decides the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def claiming(width: int, height: int, path: Path) -> Path:
    """Writes a PNG file whose header claims a size, and whose pixels are a few white ones."""
    small = save(Image.new("RGB", (8, 8), "white"), path).read_bytes()
    header = b"IHDR" + struct.pack(">II", width, height) + small[24:29]
    checked = header + struct.pack(">I", zlib.crc32(header))
    path.write_bytes(small[:12] + checked + small[33:])
    return path
