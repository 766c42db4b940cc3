"""Saved folders: what was altered is named, and nothing outside of the folder is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from linkage.io.saved.json_fields import FieldError, Fields
from linkage.io.saved.saved_files import DamagedFileError, SavedFiles, hash_files, sealed

MARKER = "marker.json"


def saved(folder: Path) -> dict[str, object]:
    for name in ("a.txt", "deep/b.bin"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(name.encode())
    made = sealed({"number": 1.5, "text": "é"}, hash_files(folder.iterdir(), folder))
    return json.loads(json.dumps(made))


def opened(folder: Path, held: dict[str, object]) -> SavedFiles:
    return SavedFiles(folder, MARKER, Fields(held))


def read(files: SavedFiles, name: str) -> bytes:
    with files.reading(name) as raw:
        return raw


def test_files_come_back(tmp_path: Path) -> None:
    files = opened(tmp_path, saved(tmp_path))
    assert [read(files, name) for name in ("a.txt", "deep/b.bin")] == [b"a.txt", b"deep/b.bin"]
    assert files.inside("deep") == ["deep/b.bin"]
    files.require_unaltered()


@pytest.mark.parametrize("how", ["bytes", "swapped", "number", "hash"])
def test_what_was_altered_is_named(tmp_path: Path, how: str) -> None:
    held = saved(tmp_path)
    if how == "bytes":
        (tmp_path / "a.txt").write_bytes(b"a.txT")
    elif how == "swapped":
        (tmp_path / "a.txt").write_bytes((tmp_path / "deep" / "b.bin").read_bytes())
    elif how == "number":
        held["number"] = 1.25
    elif how == "hash":
        held["files"]["a.txt"] = held["files"]["deep/b.bin"]
    files = opened(tmp_path, held)
    read(files, "a.txt")
    with pytest.raises(
        DamagedFileError, match="marker.json" if how in ("number", "hash") else "a.t"
    ):
        files.require_unaltered()


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "a//b", ".", "a\\b", "nul\0"])
def test_names_outside_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    held = saved(tmp_path)
    held["files"][name] = held["files"]["a.txt"]
    with pytest.raises(FieldError, match="must be the SHA-256 of a file in the folder"):
        opened(tmp_path, held)


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    files = opened(tmp_path, saved(tmp_path))
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(DamagedFileError, match=r"a\.txt: there is no such file"):
        read(files, "a.txt")
    with pytest.raises(DamagedFileError, match=r"other: it is not among the files"):
        read(files, "other")


def test_errors_while_a_file_is_read_name_it(tmp_path: Path) -> None:
    files = opened(tmp_path, saved(tmp_path))
    with (
        pytest.raises(DamagedFileError, match=r"a\.txt: ZeroDivisionError: by zero"),
        files.reading("a.txt"),
    ):
        raise ZeroDivisionError("by zero")
