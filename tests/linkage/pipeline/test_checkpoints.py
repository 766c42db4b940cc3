"""Checkpoints: whole or not there, found by what they depend on, and no trouble where they fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from linkage.errors import OutputError
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


def kept_text(kept: Checkpoints, stage: str, fingerprint: str) -> str | None:
    return kept.read(stage, fingerprint, lambda folder: (folder / "text").read_text())


def test_a_stage_is_found_by_its_fingerprint(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "deep" / "kept")
    assert kept_text(kept, "pairs", "1" * 40) is None
    kept.store("pairs", "1" * 40, put("one"))
    assert kept_text(kept, "pairs", "1" * 40) == "one"
    assert kept_text(kept, "pairs", "2" * 40) is None
    assert kept_text(kept, "model", "1" * 40) is None


def test_a_stage_is_kept_once(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path)
    kept.store("exact-pairs", "1" * 40, put("other stage"))
    kept.store("pairs", "1" * 40, put("one"))
    kept.store("pairs", "2" * 40, put("two"))
    assert kept_text(kept, "pairs", "1" * 40) is None
    assert kept_text(kept, "pairs", "2" * 40) is not None
    assert kept_text(kept, "exact-pairs", "1" * 40) is not None
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
    assert kept_text(kept, "pairs", "1" * 40) is None
    assert list(tmp_path.iterdir()) == []


def full(folder: Path) -> None:
    (folder / "half").write_text("x" * 1000)
    raise OSError(28, "No space left on device")


def wrapped(folder: Path) -> None:
    raise OutputError("the model cannot be written")


@pytest.mark.parametrize("write", [full, wrapped])
@pytest.mark.parametrize("spare", [False, True])
def test_a_full_disk_loses_checkpoints_alone(tmp_path: Path, write: Any, spare: bool) -> None:
    kept = Checkpoints(tmp_path / "kept", spare=spare)
    kept.store("pairs", "1" * 40, put("one"))
    with pytest.warns(UserWarning, match="the run goes on without keeping its stages.*"):
        kept.store("model", "1" * 40, write)
    assert kept_text(kept, "model", "1" * 40) is None
    # Stages that no other run uses make room for the results.
    assert kept_text(kept, "pairs", "1" * 40) == (None if spare else "one")
    assert (tmp_path / "kept").exists() != spare
    kept.store("later", "1" * 40, put("no more"))
    assert kept_text(kept, "later", "1" * 40) is None


def test_a_file_in_the_place_of_the_folder_loses_checkpoints_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.warns(UserWarning, match="File exists"):
        Checkpoints(tmp_path / "file").store("pairs", "1" * 40, put("one"))
    assert (tmp_path / "file").read_text() == "mine"


def alter(stage: Path, how: str) -> None:
    """Damages a stage in one of the ways that its hashes tell."""
    text = stage / "text"
    if how == "altered":
        text.write_text("One")
    elif how == "cut":
        text.write_text("")
    elif how == "gone":
        text.unlink()
    elif how == "added":
        (stage / "more").write_text("x")
    elif how == "link":
        text.rename(stage.parent / "elsewhere")
        text.symlink_to(stage.parent / "elsewhere")
    elif how == "pipe":
        os.mkfifo(stage / "pipe")
    elif how == "no seal":
        (stage / "stage.json").unlink()
    elif how == "other seal":
        (stage / "stage.json").write_text("[]")
    elif how == "linked stage":
        stage.rename(stage.parent / "moved")
        stage.symlink_to(stage.parent / "moved")
    elif how == "file":
        shutil.rmtree(stage)
        stage.write_text("no folder")


@pytest.mark.parametrize(
    "how",
    [
        "altered", "cut", "gone", "added", "link", "pipe", "no seal", "other seal",
        "linked stage", "file",
    ],
)  # fmt: skip
def test_a_damaged_stage_is_removed_and_stored_anew(tmp_path: Path, how: str) -> None:
    kept = Checkpoints(tmp_path)
    kept.store("pairs", "1" * 40, put("one"))
    (stage,) = tmp_path.iterdir()
    alter(stage, how)
    with pytest.warns(UserWarning, match="the stage pairs .* is damaged, and is made anew: "):
        assert kept_text(kept, "pairs", "1" * 40) is None
    kept.store("pairs", "1" * 40, put("anew"))
    assert kept_text(kept, "pairs", "1" * 40) == "anew"
    # What a link led to is left alone.
    for name in ("elsewhere", "moved/text"):
        if (tmp_path / name).exists():
            assert (tmp_path / name).read_text() == "one"


@pytest.mark.parametrize("other", [("pairs", "2" * 40), ("model", "1" * 40)])
def test_a_stage_in_the_place_of_another_is_not_taken_for_it(
    tmp_path: Path, other: tuple[str, str]
) -> None:
    kept = Checkpoints(tmp_path)
    kept.store(*other, put("other"))
    (stage,) = tmp_path.iterdir()
    stage.rename(tmp_path / ("pairs-" + "1" * 32))
    with pytest.warns(UserWarning, match="it is another stage"):
        assert kept_text(kept, "pairs", "1" * 40) is None


def test_stages_behind_a_link_are_neither_read_nor_written_nor_removed(tmp_path: Path) -> None:
    real = Checkpoints(tmp_path / "real")
    real.store("pairs", "1" * 40, put("one"))
    (tmp_path / "real" / ".new-x").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    linked = Checkpoints(tmp_path / "link", spare=True)
    assert kept_text(linked, "pairs", "1" * 40) is None
    with pytest.warns(UserWarning, match="is a link"):
        linked.store("pairs", "2" * 40, put("two"))
    linked.tidy()
    linked.remove()
    assert kept_text(real, "pairs", "1" * 40) == "one"
    assert (tmp_path / "real" / ".new-x").exists()


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
