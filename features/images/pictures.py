"""Opening pictures that nobody vouches for: of well-known formats, and of a bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["FORMATS", "open_picture"]

#: Formats of photos and drawings in shops, all decoded by libraries. Of the others that Pillow
#: knows, some start programs (Ghostscript for EPS) and most are hardly ever tried.
FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
#: Larger pictures are not decoded: a small file may unfold to gigabytes.
_MOST_PIXELS = 50_000_000


@contextmanager
def open_picture(path: Path) -> Iterator[Any]:
    """Opens a picture, of which nothing is decoded yet; yields an image of Pillow.

    Raises:
        ValueError: it has too many pixels. A damaged file may raise any error, here and when it is
            decoded.
    """
    from PIL import Image

    with Image.open(path, formats=FORMATS) as image:
        if image.width * image.height > _MOST_PIXELS:
            raise ValueError(f"{path} has {image.width:,} x {image.height:,} pixels")
        yield image
