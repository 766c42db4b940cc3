"""Outputs appear whole or not at all."""

from __future__ import annotations

import json
import os
import time
from enum import StrEnum
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage.errors import OutputError
from linkage.io.destination.claims import check_folder
from linkage.io.destination.replacement import made_beside
from linkage.io.output import (
    plain_json,
    write_csv,
    write_file,
    write_folder,
    write_json,
    write_parquet,
    write_text,
)
from linkage.io.parquet_writer import Texts


def failing(path: Path) -> None:
    path.write_text("half")
    raise OSError(28, "No space left on device")


def files(text: str) -> dict[str, object]:
    return {"run.json": write_json({"definitions": {}}), "report.html": write_text(text)}


def held(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_folder_and_its_parents_appear(tmp_path: Path) -> None:
    out = write_folder(tmp_path / "runs" / "one", files("new"))  # type: ignore[arg-type]
    assert held(out)["report.html"] == "new"
    assert [path.name for path in out.parent.iterdir()] == ["one"], "nothing is left beside it"
    assert out.stat().st_mode & 0o777 == 0o777 & ~_umask()


def test_an_empty_folder_is_used(tmp_path: Path) -> None:
    assert held(write_folder(tmp_path, files("new")))["report.html"] == "new"  # type: ignore[arg-type]


def test_nothing_appears_when_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"out cannot be written: No space left on device"):
        write_folder(tmp_path / "out", {**files("new"), "b": failing})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", [1, 3])
def test_files_may_be_written_at_the_same_time(tmp_path: Path, threads: int) -> None:
    texts = {f"f{k}": str(k) * 1000 for k in range(20)}
    out = write_folder(
        tmp_path / "out", {name: write_text(text) for name, text in texts.items()}, threads=threads
    )
    assert held(out) == texts


def test_nothing_appears_when_one_of_several_threads_fails(tmp_path: Path) -> None:
    begun = []

    def slow(path: Path) -> None:
        begun.append(path.name)
        time.sleep(0.05)

    many = {f"f{k}": slow for k in range(50)}
    with pytest.raises(OutputError, match="No space left on device"):
        write_folder(tmp_path / "out", {"b": failing, **many}, threads=2)
    assert list(tmp_path.iterdir()) == []
    assert len(begun) < 25, "no more files are begun"


def test_an_existing_folder_is_kept_without_force(tmp_path: Path) -> None:
    out = write_folder(tmp_path / "out", files("old"))  # type: ignore[arg-type]
    with pytest.raises(OutputError, match=r"already holds results.*\n.*--force"):
        write_folder(out, files("new"))  # type: ignore[arg-type]
    assert held(out)["report.html"] == "old"


def test_force_replaces_the_whole_folder(tmp_path: Path) -> None:
    out = write_folder(tmp_path / "out", {**files("old"), "groups.csv": write_text("x")})  # type: ignore[arg-type]
    write_folder(out, files("new"), force=True)  # type: ignore[arg-type]
    assert sorted(held(out)) == ["report.html", "run.json"]
    assert held(out)["report.html"] == "new"
    assert len(list(tmp_path.iterdir())) == 1


def test_force_keeps_the_old_results_when_writing_fails(tmp_path: Path) -> None:
    out = write_folder(tmp_path / "out", files("old"))  # type: ignore[arg-type]
    with pytest.raises(OutputError):
        write_folder(out, {**files("new"), "b": failing}, force=True)
    assert held(out)["report.html"] == "old"


def test_force_spares_folders_that_are_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match=r"not results of this program \(thesis\.tex\)"):
        write_folder(tmp_path, files("new"), force=True)  # type: ignore[arg-type]
    assert held(tmp_path) == {"thesis.tex": "years of work"}


def test_unwritable_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        check_folder(file)
    with pytest.raises(OutputError, match=r"file is a file"):
        check_folder(file / "out")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match=f"no permission to write in {tmp_path}"):
        check_folder(tmp_path / "out")


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_signal_between_two_steps_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def interrupted(output: Path) -> Path:
        made_beside(output)
        raise KeyboardInterrupt

    monkeypatch.setattr("linkage.io.output.made_beside", interrupted)
    write = (
        partial(write_folder, files={}) if what == "folder" else partial(write_file, write=print)
    )
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_one_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "scores.csv"
    frame = pd.DataFrame({"left_id": ["a"], "score": [0.5], "note": [None]})
    write_file(path, write_csv(frame))
    assert path.read_text() == "left_id,score,note\na,0.5,\n"
    with pytest.raises(OutputError, match="already exists"):
        write_file(path, write_csv(frame))
    with pytest.raises(OutputError, match="No space left"):
        write_file(path, failing, force=True)
    assert path.read_text().startswith("left_id")
    write_file(path, write_text("new"), force=True)
    assert [(one.name, one.read_text()) for one in path.parent.iterdir()] == [("scores.csv", "new")]
    with pytest.raises(OutputError, match="is a folder"):
        write_file(tmp_path, write_text("x"), force=True)


def test_parquet_of_pandas_and_arrow(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "n": [1, 2]}, index=[7, 8])
    for number, table in enumerate([frame, pa.Table.from_pandas(frame, preserve_index=False)]):
        write_parquet(table)(tmp_path / f"{number}.parquet")
        assert pq.read_table(tmp_path / f"{number}.parquet").to_pydict() == frame.to_dict("list")


@pytest.mark.parametrize("first", ["x", None])
def test_large_parquet_is_written_by_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str | None
) -> None:
    monkeypatch.setattr("linkage.io.output._ROW_GROUP", 2)
    names = pd.Categorical(["k", "w", "k", None, "w"])
    text = np.array([first, first, None, "y", "z"], dtype=object)
    frame = pd.DataFrame({"text": text, "names": names, "score": [0.5, np.nan, 1, 2, 3]})
    write_parquet(frame)(tmp_path / "parts.parquet")
    whole = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    assert pq.read_table(tmp_path / "parts.parquet").equals(whole)
    assert pq.ParquetFile(tmp_path / "parts.parquet").num_row_groups == 3


def test_parquet_of_columns_is_that_of_their_frame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linkage.io.output._ROW_GROUP", 2)
    at = np.array([1, 0, 2, 1, 1], np.int32)
    score = np.array([0.5, np.nan, 1, 2, 3])
    columns = {"id": Texts(pa.array(["a", "b", "c"]), at), "score": score}
    frame = pd.DataFrame({"id": np.array(["a", "b", "c"], object)[at], "score": score})
    for name, table in (("columns", columns), ("frame", frame)):
        write_parquet(table)(tmp_path / name)
    assert (tmp_path / "columns").read_bytes() == (tmp_path / "frame").read_bytes()


def test_json_is_strict(tmp_path: Path) -> None:
    class Shade(StrEnum):
        RED = "red"

    value = {
        "nan": float("nan"),
        "inf": np.float32("inf"),
        "n": np.int64(3),
        "flags": np.array([True, False]),
        "shade": Shade.RED,
        "path": Path("a"),
        "set": {2, 1},
        3: (None, 0.5),
    }
    write_json(value)(tmp_path / "x.json")

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    assert json.loads((tmp_path / "x.json").read_text(), parse_constant=refuse) == {
        "nan": None,
        "inf": None,
        "n": 3,
        "flags": [True, False],
        "shade": "red",
        "path": "a",
        "set": [1, 2],
        "3": [None, 0.5],
    }
    assert plain_json(np.float64(1.5)) == 1.5


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
