"""Bad input gets one error that names file, row, column, value and what to do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage.errors import InputError
from linkage.io.reading import build_records, from_frame, read_table


def error_of(path: Path, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read_table(path, **options)
    message = str(caught.value)
    assert str(path) in message
    return message


def written(folder: Path, content: str | bytes, name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_missing_file(tmp_path: Path) -> None:
    written(tmp_path, "id\n1\n", "catalog.csv")
    message = error_of(tmp_path / "catalogue.csv")
    assert "does not exist" in message
    assert "Did you mean 'catalog.csv'?" in message


def test_folder(tmp_path: Path) -> None:
    assert "is a folder, not a file" in error_of(tmp_path)


def test_unknown_suffix(tmp_path: Path) -> None:
    message = error_of(written(tmp_path, "x", "shop.xlsx"))
    assert "'.xlsx'" in message
    assert ".parquet" in message


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_empty_file(tmp_path: Path, content: str) -> None:
    assert "is empty" in error_of(written(tmp_path, content))


def test_header_only(tmp_path: Path) -> None:
    message = error_of(written(tmp_path, "id,title\n"))
    assert "header (id, title) but no rows" in message


def test_duplicate_column(tmp_path: Path) -> None:
    message = error_of(written(tmp_path, "id,title,brand,title\n1,a,b,c\n"))
    assert "line 1: column 'title' occurs twice, as column 2 and column 4" in message


def test_unnamed_column(tmp_path: Path) -> None:
    assert "column 1 of 2 has no name" in error_of(written(tmp_path, ",id\n0,a\n"))


def test_missing_id_column(tmp_path: Path) -> None:
    path = written(tmp_path, "offer_id,title\n1,a\n2,a\n")
    message = error_of(path, id_column="offerid")
    assert "no column 'offerid'" in message
    assert "Did you mean 'offer_id'?" in message


def test_duplicate_ids(tmp_path: Path) -> None:
    message = error_of(written(tmp_path, "id,t\na,1\nb,2\na,3\nc,4\nb,5\n"))
    assert "2 ids in column 'id' are not unique: 'a' (rows 1, 3); 'b' (rows 2, 5)" in message


def test_null_ids(tmp_path: Path) -> None:
    message = error_of(written(tmp_path, "id,t\na,1\n,2\n  ,3\n"))
    assert "2 of 3 rows have no id in column 'id': rows 2, 3" in message


@pytest.mark.parametrize(
    ("row", "cells"), [("3,a", 2), ("3,a,b,c", 4), ('3,"a\nb"', 2)], ids=["few", "many", "quoted"]
)
def test_ragged_row(tmp_path: Path, row: str, cells: int) -> None:
    text = f'id,title,price\n1,"two\nlines",5\n2,b,6\n{row}\n4,d,7\n5,e\n'
    message = error_of(written(tmp_path, text))
    assert f"line 5: {cells} cells where the header has 3" in message
    assert "In all 2 rows are ragged." in message


def test_wrong_encoding(tmp_path: Path) -> None:
    message = error_of(written(tmp_path, "id,title\n1,a\n2,Käse\n".encode("latin-1")))
    assert "line 3: byte 0xe4 at byte 17 is not valid utf-8" in message
    assert "--encoding latin-1" in message
    utf16 = error_of(written(tmp_path, "id,title\n1,a\n".encode("utf-16")))
    assert "--encoding utf-16" in utf16


def test_unknown_encoding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'utf-9' is no known encoding"):
        read_table(written(tmp_path, "id\n1\n"), encoding="utf-9")


def test_nul_bytes(tmp_path: Path) -> None:
    message = error_of(written(tmp_path, b"id,title\n1,a\n2,b\0c\n"))
    assert "line 3: NUL byte" in message


def test_broken_gzip(tmp_path: Path) -> None:
    content = gzip.compress(b"id,title\n1,a\n" * 100)
    assert "cannot be read" in error_of(written(tmp_path, content[:20], "shop.csv.gz"))


def test_broken_parquet(tmp_path: Path) -> None:
    assert "cannot be read as Parquet" in error_of(written(tmp_path, b"PAR1oops", "shop.parquet"))


def test_nested_parquet_column(tmp_path: Path) -> None:
    path = tmp_path / "shop.parquet"
    pq.write_table(pa.table({"id": ["1"], "size": [{"cm": 3}], "title": ["a"]}), path)
    with pytest.raises(InputError, match=r"column 'size' is nested or no text \(struct<"):
        read_table(path, compared=["size"])
    assert read_table(path, compared=["title"]).column_names == ["id", "title"]
    with pytest.warns(UserWarning, match="column 'size' is nested .* and is left out"):
        assert read_table(path).column_names == ["id", "title"]


def test_duplicate_frame_column() -> None:
    frame = pd.DataFrame([["1", "a", "b"]], columns=["id", "t", "t"])
    with pytest.raises(InputError, match="column 't' occurs twice"):
        from_frame(frame)
    with pytest.raises(InputError, match="has no rows"):
        from_frame(frame.iloc[:0, :2])


def test_odd_but_sound_tables(tmp_path: Path) -> None:
    """All-null columns, one row, identical rows, 1 MB cells, emoji and right-to-left text."""
    one = build_records(read_table(written(tmp_path, "id,title,empty\n1,only one row,\n")))
    assert (one.n, list(one.kinds)) == (1, ["title"])
    same = build_records(read_table(written(tmp_path, "id,t\n" + "1,x\n2,x\n3,x\n")))
    assert same.n == 3
    cells = {"a": "x" * 1_000_000, "b": "👟 naïve 🏳️‍🌈", "c": "حذاء رياضي أحمر"}
    text = "id,title\n" + "".join(f'{key},"{value}"\n' for key, value in cells.items())
    table = read_table(written(tmp_path, text))
    assert dict(zip(*table.to_pydict().values(), strict=True)) == cells
    assert build_records(table).n == 3


def test_cell_larger_than_a_block(tmp_path: Path) -> None:
    cell = "y" * 20_000_000
    table = read_table(written(tmp_path, f"id,title\n1,{cell}\n2,b\n"))
    assert table.column("title")[0].as_py() == cell
    message = error_of(written(tmp_path, f"id,title\n1,{cell},3\n"))
    assert "line 2: 3 cells" in message
    assert len(message) < 1000
