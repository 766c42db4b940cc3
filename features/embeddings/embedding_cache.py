"""A cache of vectors on disk in append-only shards, safe for several processes and for kills."""

from __future__ import annotations

import logging
import os
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from pathlib import Path

import numpy as np

__all__ = ["VectorCache", "cache_folder", "replace_file", "text_keys"]

_LOG = logging.getLogger(__name__)
_DAMAGED = (zipfile.BadZipFile, ValueError, KeyError, EOFError)


def cache_folder() -> Path:
    """Folder of the caches.

    ``LINKAGE_CACHE`` names it; otherwise ``linkage`` in the user's cache folder
    (``XDG_CACHE_HOME``, ``LOCALAPPDATA`` on Windows, ``~/.cache`` elsewhere).
    """
    named = os.environ.get("LINKAGE_CACHE")
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "linkage"


def text_keys(texts: Sequence[str]) -> np.ndarray:
    """128-bit keys of texts, uint64, shape (n, 2)."""
    digests = b"".join(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts
    )
    return np.frombuffer(digests, "<u8").reshape(-1, 2)


def replace_file(path: Path, write) -> bool:
    """Writes a file atomically: whole or not at all.

    Args:
        path: the file; its folder is made where it is missing.
        write: called with the open binary file.

    Returns:
        Whether the file was written; a cache that cannot be written is no error, and is logged.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.replace(temporary, path)
    except OSError as error:
        _LOG.warning("the cache file %s could not be written: %s", path, error)
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
        return False
    return True


class VectorCache:
    """Vectors of one model by text key.

    Each ``add`` writes one new shard, named by the keys in it; shards never change. A shard that
    cannot be read is left out, so that its vectors are computed and written again.

    Args:
        folder: folder of the model's shards; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def look_up(self, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        """Finds vectors.

        Args:
            keys: uint64, shape (n, 2), distinct.

        Returns:
            Whether each key was found, and the vectors (float16, rows not found are zero), or
            None where nothing was found.
        """
        found = np.zeros(len(keys), bool)
        vectors: np.ndarray | None = None
        for shard_keys, read in self._shards():
            missing = np.flatnonzero(~found)
            if not len(missing):
                break
            at = np.searchsorted(shard_keys[:, 0], keys[missing, 0])
            at = np.minimum(at, len(shard_keys) - 1)
            hit = (shard_keys[at] == keys[missing]).all(axis=1)
            if not hit.any():
                continue
            part = read()
            if part is None:
                continue
            if vectors is None:
                vectors = np.zeros((len(keys), part.shape[1]), np.float16)
            if part.shape[1] != vectors.shape[1]:
                continue
            vectors[missing[hit]] = part[at[hit]]
            found[missing[hit]] = True
        return found, vectors

    def add(self, keys: np.ndarray, vectors: np.ndarray) -> bool:
        """Writes one shard; returns whether it could be written."""
        if not len(keys):
            return True
        order = np.argsort(keys[:, 0], kind="stable")
        keys, vectors = keys[order], vectors[order].astype(np.float16)
        name = blake2b(keys.tobytes(), digest_size=12).hexdigest()
        return replace_file(
            self.folder / f"{name}.npz", lambda file: np.savez(file, keys=keys, vectors=vectors)
        )

    def _shards(self) -> Iterator[tuple]:
        """Keys of every readable shard, with a function that reads its vectors."""
        for path in sorted(self.folder.glob("*.npz")):
            keys = _read(path, "keys")
            if keys is None or keys.ndim != 2 or keys.shape[1] != 2 or not len(keys):
                continue
            yield keys, partial(_vectors, path, len(keys))


def _vectors(path: Path, n: int) -> np.ndarray | None:
    vectors = _read(path, "vectors")
    if vectors is None or vectors.ndim != 2 or len(vectors) != n:
        return None
    return vectors


def _read(path: Path, part: str) -> np.ndarray | None:
    """One array of a shard, None where the shard is damaged (it is then removed) or gone."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as shard:
            return shard[part]
    except _DAMAGED as error:
        _LOG.warning("the cache file %s is damaged and is built again: %s", path, error)
        with suppress(OSError):
            path.unlink()
    except OSError as error:
        _LOG.warning("the cache file %s could not be read: %s", path, error)
    return None
