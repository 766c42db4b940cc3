"""Cells that spreadsheets may run: guarded on demand, and given back where ids are read again."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.io.csv_writer import guarded, unguarded
from linkage.io.label_files import read_labels, read_pairs
from linkage.io.output import write_csv

FORMULAS = ("=1+1", "+1+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(0)", "＝1", "'=1")
PLAIN = ("", "kettle", "a=b", "-5", "+3.14", "-1,234.5", "'quoted'", "1-2", None)


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@given(st.text(alphabet="'=+-@\t a1.", max_size=6))
def test_every_text_comes_back(text: str) -> None:
    table = pa.table({"a": [guarded(text)]})
    assert unguarded(table, "x.csv").column("a").to_pylist() == [text]
    assert unguarded(table, "x.parquet") is table


@pytest.mark.parametrize("frame", ["pandas", "arrow", "of several types"])
def test_formulas_are_guarded_and_nothing_else(tmp_path: Path, frame: str) -> None:
    # The library that writes columns of several types does not quote what begins a line.
    formulas = [f for f in FORMULAS if frame != "of several types" or "\r" not in f]
    cells = [*formulas, *PLAIN]
    columns = {"=name": cells, "number": [-1.5] * len(cells), "other": ["x"] * len(cells)}
    table = pa.table(columns) if frame == "arrow" else pd.DataFrame(columns)
    if frame == "of several types":
        table["other"] = [1, *["@x"] * (len(cells) - 1)]
    write_csv(table, safe=True)(tmp_path / "safe.csv")
    write_csv(table)(tmp_path / "plain.csv")
    head, *rows = rows_of(tmp_path / "safe.csv")
    assert head == ["'=name", "number", "other"]
    assert [row[0] for row in rows] == [*(f"'{f}" for f in formulas), *(p or "" for p in PLAIN)]
    assert {row[1] for row in rows} == {"-1.5"}
    assert [row[0] for row in rows_of(tmp_path / "plain.csv")[1:]] == [c or "" for c in cells]


def test_labels_and_pairs_are_read_without_apostrophes(tmp_path: Path) -> None:
    pairs = pd.DataFrame({"left_id": ["=a", "b"], "right_id": ["-c", "'d"], "label": [1, 0]})
    write_csv(pairs, safe=True)(tmp_path / "pairs.csv")
    assert "'=a" in (tmp_path / "pairs.csv").read_text()
    labels = read_labels(tmp_path / "pairs.csv").table
    assert labels.column("left_id").to_pylist() == ["=a", "b"]
    assert labels.column("right_id").to_pylist() == ["-c", "'d"]
    assert read_pairs(tmp_path / "pairs.csv")["left_id"].tolist() == ["=a", "b"]
