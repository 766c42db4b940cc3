"""CSV files are the same whether Arrow or pandas wrote them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from linkage.csv_writer import write_csv_file

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
