"""Checkpoints: whole or not there, found by what they depend on, and no trouble where they fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linkage.io.reading import build_records, from_frame
from linkage.pipeline.checkpoints import (
    Checkpoints,
    fingerprint_of_records,
    fingerprint_of_values,
    read_arrays,
    write_arrays,
)

FRAME = pd.DataFrame({"id": ["a", "b", "c"], "title": ["x", None, "yz"], "price": ["1", "2", None]})


def print_of(frame: pd.DataFrame) -> str:
    return fingerprint_of_records(build_records(from_frame(frame)))


def put(text: str):
    return lambda folder: (folder / "text").write_text(text)


def test_a_stage_is_found_by_its_fingerprint(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "deep" / "kept")
    assert kept.find("pairs", "1" * 40) is None
    kept.store("pairs", "1" * 40, put("one"))
    found = kept.find("pairs", "1" * 40)
    assert found is not None
    assert (found / "text").read_text() == "one"
    assert kept.find("pairs", "2" * 40) is None
    assert kept.find("model", "1" * 40) is None


def test_a_stage_is_kept_once(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    kept.store("exact-pairs", "1" * 40, put("other stage"))
    kept.store("pairs", "1" * 40, put("one"))
    kept.store("pairs", "2" * 40, put("two"))
    assert kept.find("pairs", "1" * 40) is None
    assert kept.find("pairs", "2" * 40) is not None
    assert kept.find("exact-pairs", "1" * 40) is not None
    mine = tmp_path / "my-notes"
    mine.write_text("mine")
    kept.remove()
    assert list(tmp_path.iterdir()) == [mine], "other files are not ours"
    mine.unlink()
    kept.remove()
    assert not tmp_path.exists()


def test_a_stage_that_fails_half_way_is_not_there(tmp_path: Path) -> None:
    def broken(folder: Path) -> None:
        (folder / "text").write_text("half")
        raise RuntimeError("killed")

    kept = Checkpoints(tmp_path)
    with pytest.raises(RuntimeError):
        kept.store("pairs", "1" * 40, broken)
    assert kept.find("pairs", "1" * 40) is None
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_loses_the_checkpoint_alone(tmp_path: Path) -> None:
    def full(folder: Path) -> None:
        raise OSError("no space left")

    kept = Checkpoints(tmp_path)
    kept.store("pairs", "1" * 40, full)
    assert kept.find("pairs", "1" * 40) is None
    (tmp_path / "file").write_text("")
    Checkpoints(tmp_path / "file").store("pairs", "1" * 40, put("one"))


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".new-abc").mkdir()
    (tmp_path / ".new-abc" / "half").write_text("x")
    kept = Checkpoints(tmp_path)
    kept.store("pairs", "1" * 40, put("one"))
    kept.tidy()
    assert [path.name for path in tmp_path.iterdir()] == ["pairs-" + "1" * 32]
    Checkpoints(tmp_path / "none").tidy()


def test_arrays_and_plain_values_come_back(tmp_path: Path) -> None:
    arrays = {"left": np.arange(3, dtype=np.int32), "score": np.array([0.5, np.nan])}
    write_arrays(tmp_path, arrays, {"names": ["a", "b"], "number": np.int64(3)})
    found, plain = read_arrays(tmp_path)
    assert plain == {"names": ["a", "b"], "number": 3}
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


def test_fingerprints_of_values() -> None:
    assert fingerprint_of_values({"a": 1, "b": 2}, "x") == fingerprint_of_values(
        {"b": 2, "a": 1}, "x"
    )
    assert fingerprint_of_values({"a": 1}, "x") != fingerprint_of_values({"a": 2}, "x")
    assert fingerprint_of_values("ab", "c") != fingerprint_of_values("a", "bc")


def test_fingerprints_of_records() -> None:
    same = print_of(FRAME)
    assert same == print_of(FRAME.sample(frac=1, random_state=3)), "rows may be shuffled"
    for column, row, value in (
        ("title", 0, "y"),
        ("title", 1, ""),
        ("price", 2, "3"),
        ("id", 0, "d"),
    ):
        other = FRAME.copy()
        other.loc[row, column] = value
        assert (print_of(other) == same) == (value == ""), "an empty cell is a missing one"
    swapped = FRAME.copy()
    swapped.loc[0, "title"], swapped.loc[2, "title"] = "xy", "z"  # the same letters in a row
    assert print_of(swapped) != same
    assert print_of(FRAME.rename(columns={"title": "name"})) != same
