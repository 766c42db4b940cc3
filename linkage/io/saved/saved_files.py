"""Saved folders: the SHA-256 of each file goes into one of them, and is compared on reading."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from linkage.errors import LinkageError
from linkage.io.output import plain_json
from linkage.io.saved.json_fields import FieldError, Fields, parse_json

__all__ = [
    "DamagedFileError",
    "SavedFiles",
    "hash_files",
    "hash_of_values",
    "naming_file",
    "require_sealed",
    "sealed",
]

#: Key of the hash that a JSON object has of all its other keys, and of those of other files.
_OWN, _FILES = "sha256", "files"
_HASH = re.compile("[0-9a-f]{64}")


class DamagedFileError(Exception):
    """A file of a saved folder that is not as it was written, or not as it can be.

    Args:
        file: the file, relative to the folder.
        reason: what is wrong with it; where it is JSON, after the path of the key.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")


def hash_files(paths: Iterable[Path], root: Path) -> dict[str, str]:
    """The SHA-256 of files, and of all files in folders, by path relative to a folder."""
    found: dict[str, str] = {}
    for path in sorted(paths):
        if path.is_dir():
            found |= hash_files(path.iterdir(), root)
        else:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[path.relative_to(root).as_posix()] = digest
    return found


def hash_of_values(values: Any) -> str:
    """The SHA-256 of plain values, by their JSON with sorted keys."""
    text = json.dumps(plain_json(values), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(values: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """Values with hashes of files, as :func:`hash_files` gives them, and with their own."""
    whole = {**values, _FILES: files}
    return {**whole, _OWN: hash_of_values(whole)}


class SavedFiles:
    """Files of a folder, by their hashes.

    What can be checked of a file is checked first, since that tells more of what is wrong with it;
    `require_unaltered` compares hashes.

    Args:
        folder: the folder.
        marker: the file that holds the hashes.
        fields: what it holds, as :func:`sealed` made it.

    Raises:
        FieldError: there are no hashes.
    """

    def __init__(self, folder: Path, marker: str, fields: Fields) -> None:
        self.folder = folder
        own = fields.text(_OWN)
        hashes = fields.part(_FILES)
        self._hashes = {name: hashes.text(name) for name in hashes.names()}
        for name, value in self._hashes.items():
            if not _HASH.fullmatch(value) or not _is_inside(name):
                raise hashes.fault(name, "the SHA-256 of a file in the folder")
        rest = {key: value for key, value in fields.plain().items() if key != _OWN}
        self._altered = [] if hash_of_values(rest) == own else [marker]

    def __contains__(self, name: str) -> bool:
        return name in self._hashes

    def inside(self, folder: str) -> list[str]:
        """Names of the files in a folder, and in those inside it."""
        return [name for name in self._hashes if name.startswith(f"{folder}/")]

    @contextmanager
    def reading(self, name: str) -> Iterator[bytes]:
        """Yields the content of a file.

        Raises:
            DamagedFileError: it is missing, or an error arises from its content.
        """
        with naming_file(name):
            if name not in self._hashes:
                raise FieldError("it is not among the files of the folder")
            path = self.folder / name
            if not path.is_file():  # a pipe would never end
                raise FieldError("there is no such file")
            raw = path.read_bytes()
            if hashlib.sha256(raw).hexdigest() != self._hashes[name]:
                self._altered.append(name)
            yield raw

    def require_unaltered(self) -> None:
        """Checks what was read so far.

        Raises:
            DamagedFileError: a file is not the one that was written.
        """
        for name in self._altered:
            raise DamagedFileError(name, "it was altered after it was written (its SHA-256)")


def require_sealed(folder: Path, marker: str) -> Fields:
    """What the marker of a folder holds, once all files are found to be those that were written.

    Args:
        folder: the folder, in which links are not followed.
        marker: the JSON file that holds the hashes.

    Raises:
        DamagedFileError: a file was altered, is missing or was added, or is a link.
    """
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    for name, path in found.items():
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise DamagedFileError(name, "it is a link, or no file")
    with naming_file(marker):
        fields = Fields(parse_json((folder / marker).read_bytes()))
        files = SavedFiles(folder, marker, fields)
        files.require_unaltered()
    inner = {path for path in folder.iterdir() if path.name != marker}
    hashes = hash_files(inner, folder)
    held = fields.part(_FILES).plain()
    for name in sorted(hashes.keys() | held.keys()):
        if hashes.get(name) != held.get(name):
            raise DamagedFileError(name, "it was altered, added or removed after it was written")
    return fields


@contextmanager
def naming_file(name: str) -> Iterator[None]:
    """Names the file whose content an error arises from.

    Raises:
        DamagedFileError: in place of any error that is not meant for users.
    """
    try:
        yield
    except (DamagedFileError, LinkageError):
        raise
    except FieldError as error:
        raise DamagedFileError(name, str(error)) from error
    except Exception as error:  # a damaged file may fail in any way
        reason = next(iter(str(error).splitlines()), "")
        raise DamagedFileError(name, f"{type(error).__name__}: {reason}") from error


def _is_inside(name: str) -> bool:
    """Whether a path stays in its folder."""
    parts = name.split("/")
    return not any(p in ("", ".", "..") or "\0" in p or os.sep in p or "\\" in p for p in parts)
