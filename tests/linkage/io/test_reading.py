"""Tables are read as text, whatever their dialect or type."""

from __future__ import annotations

import datetime
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.kinds import Kind
from linkage.errors import InputError
from linkage.io.reading import build_records, from_frame, read_table

ROWS = {"id": ["1", "2"], "title": ["red, large", 'a 12" disc'], "price": ["9,50", None]}


def write(folder: Path, text: str | bytes, name: str = "catalog.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_dialects(tmp_path: Path, delimiter: str, end: str) -> None:
    rows = [["id", "title", "price"], ["1", '"red, large"', '"9,50"'], ["2", '"a 12"" disc"', ""]]
    path = write(tmp_path, end.join(delimiter.join(row) for row in rows) + end)
    assert read_table(path).to_pydict() == ROWS


def test_delimiters_inside_quotes_do_not_count(tmp_path: Path) -> None:
    path = write(tmp_path, 'id;"a,b,c";t\n1;"x,y\n,z";q\n2;",,,,";r\n')
    assert read_table(path).column_names == ["id", "a,b,c", "t"]
    assert read_table(path).column("a,b,c").to_pylist() == ["x,y\n,z", ",,,,"]


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8", None), ("utf-8-sig", None), ("latin-1", "latin-1"), ("utf-16", "utf-16")],
)
def test_encodings(tmp_path: Path, codec: str, encoding: str | None) -> None:
    path = write(tmp_path, "id,title\n1,Käse\n".encode(codec))
    assert read_table(path, encoding=encoding).to_pydict() == {"id": ["1"], "title": ["Käse"]}


def test_compressed_csv(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(b"id,title\n1,a\n"), "catalog.csv.gz")
    assert read_table(path).num_rows == 1


def test_missing_values(tmp_path: Path) -> None:
    words = ["", " ", "null", "NaN", "N/A", "None", "<NA>", "\\N", "-", "unknown", "nano"]
    text = "id,a\n" + "".join(f'NA{row},"{word}"\n' for row, word in enumerate(words))
    table = read_table(write(tmp_path, text + "NA,x\n"))
    assert table.column("a").to_pylist() == [None] * 8 + ["-", "unknown", "nano", "x"]
    assert table.column("id")[-1].as_py() == "NA", "a null word may be an id"


def test_values_keep_their_form(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "id,a\n007, 1.50 \n08,TRUE\n"))
    assert table.to_pydict() == {"id": ["007", "08"], "a": [" 1.50 ", "TRUE"]}


def test_parquet_types(tmp_path: Path) -> None:
    stamp = datetime.datetime(2024, 2, 3)
    table = pa.table(
        {
            "id": [1, 2],
            "whole": [12.0, None],
            "price": pa.array([9.5, float("nan")], pa.float32()),
            "flag": [True, None],
            "day": [stamp, None],
            "time": [stamp.replace(hour=4), stamp],
            "brand": pa.array(["a", None]).dictionary_encode(),
            "nothing": pa.nulls(2),
            "large": pa.array(["x", "y"], pa.large_string()),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    read = read_table(tmp_path / "t.parquet")
    assert set(read.schema.types) == {pa.large_string()}
    assert read.to_pylist()[0] == {
        "id": "1",
        "whole": "12",
        "price": "9.5",
        "flag": "true",
        "day": "2024-02-03",
        "time": "2024-02-03 04:00:00",
        "brand": "a",
        "nothing": None,
        "large": "x",
    }
    assert read.to_pylist()[1]["price"] is None


def test_pandas_frame() -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "n": [1.0, np.nan], "mixed": ["x", 3]}, index=[5, 6])
    assert from_frame(frame).to_pydict() == {
        "id": ["a", "b"],
        "n": ["1", None],
        "mixed": ["x", "3"],
    }


def test_records_do_not_depend_on_threads() -> None:
    rows = 300
    frame = pd.DataFrame(
        {
            "id": [f"r{k}" for k in range(rows)],
            "title": [f"blue chair {k % 7}" for k in range(rows)],
            "price": [f"{k}.99" for k in range(rows)],
            "note": [None] * rows,
        }
    )
    left, right = from_frame(frame), from_frame(frame.drop(columns="price")[::-1])
    one, other = build_records(left, right), build_records(left, right, threads=3)
    assert one.table.equals(other.table)
    assert one.kinds == other.kinds
    assert one.ids.tolist() == other.ids.tolist()


def test_ids_must_be_unique_whatever_was_checked_before() -> None:
    table = pa.table({"id": ["a", "b", "a"], "title": ["x", "y", "z"]})
    with pytest.raises(InputError, match="not unique"):
        build_records(table)


def test_records_of_one_table() -> None:
    table = from_frame(pd.DataFrame({"id": list("abc"), "title": ["one two"] * 3, "x": [None] * 3}))
    records = build_records(table)
    assert sorted(records.ids) == ["a", "b", "c"]
    assert list(records.kinds) == ["title"], "a column without values is not compared"
    assert records.table.column("id").to_pylist() == records.ids.tolist()


def test_records_of_two_tables() -> None:
    left = from_frame(pd.DataFrame({"id": list("abc"), "title": list("xyz"), "seller": "s"}))
    right = from_frame(pd.DataFrame({"id": list("ab"), "title": list("xy"), "price": [1, 2]}))
    records = build_records(left, right, source_column="seller")
    assert records.side.tolist() == [0, 0, 0, 1, 1]
    assert sorted(records.ids[:3]) == ["a", "b", "c"]
    assert list(records.kinds) == ["title", "price"]
    assert records.table.column("price").null_count == 3
    declared = build_records(left, right, kinds={"title": Kind.TEXT})
    assert declared.kinds == {"title": Kind.TEXT}


def test_nothing_to_compare_is_refused() -> None:
    table = from_frame(pd.DataFrame({"id": ["a", "b"], "x": [None, None]}))
    with pytest.raises(InputError, match="nothing to compare"):
        build_records(table)
