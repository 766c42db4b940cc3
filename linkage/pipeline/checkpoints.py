"""Checkpoints: finished stages of a run on disk, from which a killed run resumes.

A stage is a folder named by the stage and the fingerprint of all that it depends on. It is written
under a temporary name and renamed when it is complete, so that a folder of that name is complete
whenever the run was killed. Writes are not synced, and anybody may have changed files since: a
stage whose files are not those that were written, by their hashes, is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from features.records import Records
from linkage.errors import LinkageError
from linkage.io.output import plain_json, write_json
from linkage.io.saved.json_fields import FieldError
from linkage.io.saved.saved_files import hash_files, require_sealed, sealed

__all__ = [
    "Checkpoints",
    "fingerprint_of_records",
    "fingerprint_of_values",
    "read_arrays",
    "write_arrays",
]

_Read = TypeVar("_Read")

_MADE = ".new-"
#: The file of a stage that says which one it is, and holds the hashes of the others.
_SEAL = "stage.json"
#: Characters of a fingerprint in the name of a stage's folder.
_SHOWN = 32
_STAGE = re.compile(rf".*-[0-9a-f]{{{_SHOWN}}}")
#: Bytes hashed in one call.
_BLOCK = 1 << 24


class Checkpoints:
    """The finished stages of a run in a folder.

    Args:
        folder: the folder; created when the first stage is stored. One that is a link is not ours,
            and is left alone.
        spare: whether no other run will use the stages, so that they make room on a full disk.
    """

    def __init__(self, folder: Path, *, spare: bool = False) -> None:
        self.folder = folder
        self._spare = spare
        self._full = False

    def read(self, stage: str, fingerprint: str, read: Callable[[Path], _Read]) -> _Read | None:
        """What was read of a finished stage with this fingerprint.

        A stage that is damaged is removed, with a warning.

        Args:
            stage: name of the stage.
            fingerprint: fingerprint of all that it depends on.
            read: reads its files from a given folder; any error counts as damage.

        Returns:
            What ``read`` returned; None where there is no such stage, or it is damaged.
        """
        path = self._path(stage, fingerprint)
        if self.folder.is_symlink() or not (path.exists() or path.is_symlink()):
            return None
        try:
            if path.is_symlink():
                raise FieldError("it is a link")
            held = require_sealed(path, _SEAL)
            if (held.text("stage"), held.text("fingerprint")) != (stage, fingerprint):
                raise FieldError(f"{_SEAL}: it is another stage")
            return read(path)
        except Exception as error:  # damaged files may fail in any way
            reason = error.message if isinstance(error, LinkageError) else str(error)
            warnings.warn(
                f"the stage {stage} that an earlier run kept is damaged, and is made anew: "
                f"{reason or type(error).__name__}",
                stacklevel=2,
            )
            _remove(path)
            return None

    def store(self, stage: str, fingerprint: str, write: Callable[[Path], None]) -> None:
        """Stores a finished stage, and removes the same stage with other fingerprints.

        An error of the disk loses the checkpoint, not the run: it is warned of, and no further
        stages are stored.

        Args:
            stage: name of the stage.
            fingerprint: fingerprint of all that it depends on.
            write: writes its files into a given folder.
        """
        if self._full:
            return
        path = self._path(stage, fingerprint)
        made: Path | None = None
        try:
            if self.folder.is_symlink():
                raise OSError(f"{self.folder} is a link")
            self.folder.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=_MADE, dir=self.folder))
            write(made)
            named = {"stage": stage, "fingerprint": fingerprint}
            write_json(sealed(named, hash_files(made.iterdir(), made)))(made / _SEAL)
            if not path.exists():
                os.rename(made, path)
        except (OSError, LinkageError) as error:
            self._full = True
            reason = error.message if isinstance(error, LinkageError) else str(error)
            warnings.warn(
                f"the run goes on without keeping its stages, from which it could be resumed: "
                f"{reason}",
                stacklevel=2,
            )
            return
        finally:
            if made is not None:
                shutil.rmtree(made, ignore_errors=True)
            if self._full and self._spare:
                self.remove()
        for other in self.folder.glob(f"{stage}-*"):
            if other != path and other.name.rpartition("-")[0] == stage:
                shutil.rmtree(other, ignore_errors=True)

    def remove(self) -> None:
        """Removes every stage, what killed runs left incomplete, and the folder if it is empty."""
        if self.folder.is_symlink():
            return
        self.tidy()
        for path in self.folder.glob("*-*"):
            if _STAGE.fullmatch(path.name):  # other files are not ours
                _remove(path)
        with contextlib.suppress(OSError):
            self.folder.rmdir()

    def tidy(self) -> None:
        """Removes what killed runs left incomplete."""
        if self.folder.is_dir() and not self.folder.is_symlink():
            for left_over in self.folder.glob(f"{_MADE}*"):
                shutil.rmtree(left_over, ignore_errors=True)

    def _path(self, stage: str, fingerprint: str) -> Path:
        return self.folder / f"{stage}-{fingerprint[:_SHOWN]}"


def _remove(path: Path) -> None:
    """Removes a folder; of a link or a file in its place, that alone."""
    if path.is_symlink() or path.is_file():
        with contextlib.suppress(OSError):
            path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


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
