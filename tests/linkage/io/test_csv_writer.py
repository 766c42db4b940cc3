"""CSV files are the same whether Arrow or pandas wrote them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from linkage.io.csv_writer import write_csv_file

FRAMES = {
    "plain": {"id": ["a", "b"], "n": [1, 2], "score": [1.0, 1e-5]},
    "missing": {"id": ["a", None, "ä"], "score": [0.25, np.nan, 0.1]},
    "comma": {"id": ["a,b", "c"], "n": [1, 2]},
    "quote": {"id": ['19" rack', "c"], "n": [1, 2]},
    "line": {"id": ["a\nb", "c"], "n": [1, 2]},
    "name": {"a,b": ["x"], "c": ["y"]},
    "yes or no": {"id": ["a"], "match": [True]},
    "single column": {"id": ["a", None]},
    "several types": {"id": ["a", 1], "n": [1, 2]},
    "empty": {"id": [], "n": []},
    "all at once": {
        "id": ['"', ",", None, 'a,"b"\r\n', "ä"],
        "n": [1, -2, 3, 4, 2**60],
        "score": [0.1, -0.0, np.nan, np.inf, 1e15],
        "match": [True, False, True, False, True],
    },
    "categories": {"id": ["a", "b"], "kind": pd.Categorical(["x", None])},
    "small floats": {"id": ["a"], "score": np.array([0.1], np.float32)},
}


@pytest.mark.parametrize("name", FRAMES)
def test_the_file_is_what_pandas_writes(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(FRAMES[name])
    write_csv_file(frame, tmp_path / "out.csv")
    wanted = io.StringIO()
    frame.to_csv(wanted, index=False, lineterminator="\n")
    assert (tmp_path / "out.csv").read_bytes() == wanted.getvalue().encode()


def test_an_arrow_table_is_written_alike(tmp_path: Path) -> None:
    frame = pd.DataFrame(FRAMES["plain"])
    write_csv_file(pa.Table.from_pandas(frame), tmp_path / "a.csv")
    write_csv_file(frame, tmp_path / "b.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_numbers_look_as_python_writes_them(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    parts = [generator.random(2000), generator.random(2000).round(6), np.arange(-9.0, 9)]
    powers = 10.0 ** generator.integers(-20, 25, 2000)
    numbers = np.concatenate([*parts, powers, -powers * generator.random(2000), [0.0001, 1e16]])
    frame = pd.DataFrame({"row": np.arange(len(numbers)), "number": numbers})
    write_csv_file(frame, tmp_path / "out.csv")
    lines = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert lines == [f"{row},{number!r}" for row, number in enumerate(numbers.tolist())]


def test_many_rows_are_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.io.csv_writer._ROWS", 7)
    frame = pd.DataFrame({"id": [f"r{k}" for k in range(50)], "text": ["a,b", None] * 25})
    write_csv_file(frame, tmp_path / "out.csv")
    wanted = frame.to_csv(index=False, lineterminator="\n")
    assert (tmp_path / "out.csv").read_text() == wanted
