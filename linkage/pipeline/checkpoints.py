"""Checkpoints: finished stages of a run on disk, from which a killed run resumes.

A stage is a folder named by the stage and the fingerprint of all that it depends on. It is written
under a temporary name and renamed when it is complete, so that a folder of that name is complete
whenever the run was killed. Writes are not synced: after a crash of the machine a stage may be
damaged, and is then made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from features.records import Records
from linkage.io.output import plain_json

__all__ = [
    "Checkpoints",
    "fingerprint_of_records",
    "fingerprint_of_values",
    "read_arrays",
    "write_arrays",
]

_MADE = ".new-"
#: Characters of a fingerprint in the name of a stage's folder.
_SHOWN = 32
_STAGE = re.compile(rf".*-[0-9a-f]{{{_SHOWN}}}")
#: Bytes hashed in one call.
_BLOCK = 1 << 24


class Checkpoints:
    """The finished stages of a run in a folder.

    Args:
        folder: the folder; created when the first stage is stored.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, stage: str, fingerprint: str) -> Path | None:
        """The folder of a finished stage with this fingerprint, or None."""
        path = self._path(stage, fingerprint)
        return path if path.is_dir() else None

    def store(self, stage: str, fingerprint: str, write: Callable[[Path], None]) -> None:
        """Stores a finished stage, and removes the same stage with other fingerprints.

        An error of the disk loses the checkpoint, not the run.

        Args:
            stage: name of the stage.
            fingerprint: fingerprint of all that it depends on.
            write: writes its files into a given folder.
        """
        path = self._path(stage, fingerprint)
        made: Path | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=_MADE, dir=self.folder))
            write(made)
            if not path.exists():
                os.rename(made, path)
        except OSError:
            return
        finally:
            if made is not None:
                shutil.rmtree(made, ignore_errors=True)
        for other in self.folder.glob(f"{stage}-*"):
            if other != path and other.name.rpartition("-")[0] == stage:
                shutil.rmtree(other, ignore_errors=True)

    def remove(self) -> None:
        """Removes every stage, what killed runs left incomplete, and the folder if it is empty."""
        self.tidy()
        for path in self.folder.glob("*-*"):
            if _STAGE.fullmatch(path.name):  # other files are not ours
                shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def tidy(self) -> None:
        """Removes what killed runs left incomplete."""
        if self.folder.is_dir():
            for left_over in self.folder.glob(f"{_MADE}*"):
                shutil.rmtree(left_over, ignore_errors=True)

    def _path(self, stage: str, fingerprint: str) -> Path:
        return self.folder / f"{stage}-{fingerprint[:_SHOWN]}"


def fingerprint_of_values(*parts: Any) -> str:
    """Hash of plain values by their JSON, in hexadecimal digits."""
    text = json.dumps(plain_json(list(parts)), sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def fingerprint_of_records(records: Records) -> str:
    """Hash of a catalog, in hexadecimal digits: ids, tables, columns, kinds and all cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    digest = hashlib.blake2b(digest_size=20)

    def add(array: np.ndarray) -> None:
        data = np.ascontiguousarray(array).view(np.uint8)
        for start in range(0, len(data), _BLOCK):
            digest.update(data[start : start + _BLOCK].data)

    columns = {"": pa.array(records.ids, pa.large_string())}
    columns |= {name: records.values(name) for name in records.table.column_names}
    add(records.side)
    for name, values in columns.items():
        digest.update(f"{len(name)}:{name}".encode())
        texts = pa.concat_arrays([values.cast(pa.large_string())])
        add(np.asarray(pc.is_valid(texts).to_numpy(zero_copy_only=False)))
        offsets = np.frombuffer(texts.buffers()[1], np.int64)[: len(texts) + 1]
        add(np.diff(offsets))
        if texts.buffers()[2] is not None and len(texts):
            add(np.frombuffer(texts.buffers()[2], np.uint8)[offsets[0] : offsets[-1]])
    digest.update(fingerprint_of_values([(n, k.value) for n, k in records.kinds.items()]).encode())
    return digest.hexdigest()


def write_arrays(folder: Path, arrays: dict[str, np.ndarray], plain: dict[str, Any]) -> None:
    """Writes arrays (``NAME.npy``) and plain values (``plain.json``) into a folder."""
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    (folder / "plain.json").write_text(json.dumps(plain_json(plain)), encoding="utf-8")


def read_arrays(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Reads what :func:`write_arrays` wrote."""
    arrays = {file.stem: np.load(file, allow_pickle=False) for file in folder.glob("*.npy")}
    return arrays, json.loads((folder / "plain.json").read_text(encoding="utf-8"))
