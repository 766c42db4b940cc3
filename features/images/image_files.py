"""Image files: digest of the content, perceptual hash and colour of each, cached on disk.

Files are only opened for reading. A file that cannot be read has a `fault` in words; no error is
raised.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from features.embeddings.embedding_cache import VectorCache, cache_folder
from features.images.pictures import open_picture

__all__ = ["ImageFile", "read_image_files"]

#: Largest file that is read, in bytes; larger ones are no product photos.
_MOST_BYTES = 100_000_000
#: Images decoded at a time, whatever the threads: each may take some bytes a pixel.
_MOST_AT_ONCE = 4
#: Images between two writes to the cache.
_SHARD = 4096
#: Raised when hashes or colours are computed in another way, so that old caches are not read.
_VERSION = "1"
#: JPEG files may be decoded smaller than they are, but not below this.
_DRAFT = (256, 256)
#: Size of the thumbnail that the colour is computed from.
_THUMBNAIL = (32, 32)
#: Difference from the background, in CIE Lab, from which a pixel counts in full.
_STANDING_OUT = 30.0
#: Linear sRGB to CIE XYZ (IEC 61966-2-1).
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


@dataclass(frozen=True)
class ImageFile:
    """Digest, hash and colour of one file.

    Attributes:
        digest: 128-bit digest of its content, None where it cannot be read.
        bits: 64-bit perceptual hash (pHash of the package imagehash: the lowest frequencies of the
            cosine transform above or below their median), None where it cannot be decoded.
        colour: average colour in CIE Lab of what stands out from the background, shape (3,), None
            where it cannot be decoded.
        fault: why it could not be read or decoded, empty if it could.
    """

    digest: bytes | None = None
    bits: int | None = None
    colour: np.ndarray | None = None
    fault: str = ""


def read_image_files(
    paths: Sequence[Path], *, threads: int = 1, cache: Path | bool | None = None
) -> dict[Path, ImageFile]:
    """Reads image files, each once, a few at a time.

    Every file is read for its digest; only those whose content the cache does not hold are decoded.

    Args:
        paths: the files.
        threads: threads to use; the result does not depend on it.
        cache: cache folder; by default `features.embeddings.embedding_cache.cache_folder`; False
            for none.
    """
    files = list(dict.fromkeys(paths))
    with ThreadPoolExecutor(max(1, min(threads, _MOST_AT_ONCE))) as pool:
        found = dict(zip(files, pool.map(_digest, files), strict=True))
        whose = {file.digest: path for path, file in found.items() if file.digest is not None}
        looks = _look_up(whose, pool, cache)
    return {
        path: looks[file.digest] if file.digest is not None else file
        for path, file in found.items()
    }


def _digest(path: Path) -> ImageFile:
    try:
        if not path.exists():
            return ImageFile(fault=f"there is no file {path}")
        # Neither folders nor devices and pipes, which may never end.
        if not path.is_file():
            return ImageFile(fault=f"{path} is no file")
        size = path.stat().st_size
        if not 0 < size <= _MOST_BYTES:
            return ImageFile(fault=f"{path} has {size:,} bytes")
        digest = blake2b(digest_size=16)
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return ImageFile(digest.digest())
    except (OSError, ValueError) as error:  # ValueError: a cell with a null character
        return ImageFile(fault=getattr(error, "strerror", None) or str(error))


def _look_up(
    whose: dict[bytes, Path], pool: ThreadPoolExecutor, cache: Path | bool | None
) -> dict[bytes, ImageFile]:
    """Hash and colour of each content, from the cache where it has them."""
    if not whose:
        return {}
    digests = sorted(whose)
    keys = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 2)
    store, found, rows = None, np.zeros(len(digests), bool), None
    if cache is not False:
        folder = cache_folder() if cache is None or cache is True else Path(cache)
        store = VectorCache(folder / "images" / _VERSION)
        found, rows = store.look_up(keys)
    looks = {}
    if rows is not None:
        looks = {digests[k]: _unpacked(digests[k], rows[k]) for k in np.flatnonzero(found)}
    missing = np.flatnonzero(~found)
    for start in range(0, len(missing), _SHARD):
        part = missing[start : start + _SHARD]
        decoded = _decode([whose[digests[k]] for k in part], pool)
        good = [k for k, row in enumerate(decoded) if not isinstance(row, str)]
        for k, row in zip(part, decoded, strict=True):
            digest = digests[k]
            looks[digest] = (
                ImageFile(digest, fault=row) if isinstance(row, str) else _unpacked(digest, row)
            )
        if store is not None and good:
            store.add(keys[part[good]], np.stack([decoded[k] for k in good]))
    return looks


def _decode(paths: list[Path], pool: ThreadPoolExecutor) -> list[Any]:
    """Hash and colour of each file as the cache keeps them, or why there are none."""
    # Pillow warns of many harmless defects; errors become a `fault` or a warning of our own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(pool.map(_decoder(), paths))


def _decoder() -> Callable[[Path], np.ndarray | str]:
    # Only who has images loads the libraries.
    import imagehash
    from PIL import Image

    def decode(path: Path) -> np.ndarray | str:
        try:
            with open_picture(path) as image:
                image.draft(None, _DRAFT)
                picture = _on_white(image)
            bits = imagehash.phash(picture).hash
            thumbnail = np.asarray(picture.resize(_THUMBNAIL, Image.Resampling.BOX))
            return _packed(bits, _standing_out(thumbnail))
        # A damaged file may fail in any way: as syntax or struct error, for want of memory ...
        except Exception as error:
            reason = next(iter(str(error).splitlines()), "")[:200] or type(error).__name__
            return reason if str(path) in reason else f"{path}: {reason}"

    return decode


def _on_white(image: Any) -> Any:
    """The (first) picture in red, green and blue, what is transparent on white."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        picture = image.convert("RGBA")
        ground = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(ground, picture).convert("RGB")
    return image.convert("RGB")


def _packed(bits: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """Hash and colour in half precision, which holds bytes exactly."""
    return np.concatenate([np.packbits(bits), colour]).astype(np.float16)


def _unpacked(digest: bytes, row: np.ndarray) -> ImageFile:
    bits = int.from_bytes(row[:8].astype(np.uint8).tobytes(), "big")
    return ImageFile(digest, bits, row[8:].astype(np.float32))


def _standing_out(pixels: np.ndarray) -> np.ndarray:
    """Average colour in CIE Lab, each pixel weighted by its difference from the border.

    Products are mostly shown before a plain background, which says nothing of their colour.

    Args:
        pixels: red, green and blue of a thumbnail, 0 to 255, shape (height, width, 3).
    """
    lab = _lab(np.asarray(pixels) / 255)
    border = np.concatenate([lab[0], lab[-1], lab[1:-1, 0], lab[1:-1, -1]])
    distance = np.linalg.norm(lab - np.median(border, axis=0), axis=-1)
    # A little weight everywhere: a plain picture has a colour too.
    weight = np.minimum(distance, _STANDING_OUT) + 0.01
    return np.einsum("yx,yxc->c", weight, lab) / weight.sum()


def _lab(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab (white point D65) of sRGB colours in 0 to 1 (IEC 61966-2-1)."""
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = np.moveaxis(f, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
