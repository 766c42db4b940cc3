"""Content that is no Unicode, or that is of another kind of file: one error, with the place."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage.errors import InputError
from linkage.io.reading import from_frame, read_table

TEXT = "id,title\n1,foo\n2,bär\n"
BROKEN = pa.StringArray.from_buffers(
    3, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0\6\0\0\0"), pa.py_buffer(b"ab\xff\xfecd")
)


def error_of(given: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_table(given, **options) if isinstance(given, Path) else from_frame(given, **options)
    return str(caught.value)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
def test_invalid_utf8_in_columns_of_arrow(tmp_path: Path, kind: pa.DataType) -> None:
    table = pa.table({"id": ["1", "2", "3"], "title": BROKEN.cast(kind)})
    assert "the data frame: row 2 of column 'title'" in error_of(table)
    if kind != pa.string_view():
        pq.write_table(table, tmp_path / "shop.parquet")
        message = error_of(tmp_path / "shop.parquet")
        assert f"{tmp_path / 'shop.parquet'}: row 2 of column 'title'" in message


def test_invalid_utf8_in_lists_and_dictionaries() -> None:
    lists = pa.ListArray.from_arrays([0, 1, 2, 3], BROKEN)
    for column in (lists, BROKEN.dictionary_encode()):
        assert "column 'title' is no valid" in error_of(
            pa.table({"id": list("abc"), "title": column})
        )


@pytest.mark.parametrize("columns", [{"t": ["a", "\ud800"]}, {"t\ud800": ["a", "b"]}])
def test_lone_surrogates_in_frames(columns: dict[str, list[str]]) -> None:
    message = error_of(pd.DataFrame({"id": [1, 2], **columns}))
    assert "is no valid Unicode text" in message


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"id": "1", "t": "a"}\n{"id": "2", "t": "\\ud800"}', "row 2 of column 't'"),
        (b'{"id": "1", "\\ud800": "a"}', "no valid Unicode"),
        (b'{"id": "1", "t": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deep"),
    ],
)
def test_odd_json(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "shop.jsonl"
    path.write_bytes(content)
    assert fault in error_of(path)


@pytest.mark.parametrize("encoding", ["unicode_escape", "raw_unicode_escape", "utf-7"])
def test_encodings_that_make_surrogates(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(b"id,title\n1,a\n2,+2AA- \\ud800\n")
    message = error_of(path, encoding=encoding)
    assert "line 3" in message
    assert "U+D800" in message


def test_names_that_are_no_encoding(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(TEXT, encoding="utf-8")
    for name in ("utf-9", "\0", "base64", "x" * 5000):
        assert "is no known encoding" in error_of(path, encoding=name)


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_the_wide_encoding_that_is_proposed_reads_the_file(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(TEXT.encode(encoding))
    named = error_of(path).split("--encoding ")[1].split(".")[0]
    assert read_table(path, encoding=named).column("title").to_pylist() == ["foo", "bär"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (gzip.compress(gzip.compress(TEXT.encode(), mtime=0), mtime=0), "packed with gzip"),
        (gzip.compress(bz2.compress(TEXT.encode()), mtime=0), "packed with bzip2"),
        (lzma.compress(TEXT.encode()), "packed with xz"),
        (b"PK\x05\x06" + b"\0" * 18, "an empty zip file"),
        (b"%PDF-1.4\n", "a PDF document"),
        (b"SQLite format 3\0", "a SQLite database"),
    ],
)
def test_files_of_other_kinds(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(content)
    assert f"is {what}" in error_of(path)


def test_over_long_paths() -> None:
    for name in ("x" * 5000, "/".join(["x" * 200] * 30)):
        assert "File name too long" in error_of(Path(name))


def test_ids_beyond_64_bits() -> None:
    frame = pd.DataFrame({"id": [2**63, 2**70, -(2**80)], "t": [1j, 2j, None]})
    assert from_frame(frame).column("id").to_pylist() == [str(one) for one in frame["id"]]


def test_whole_numbers_of_thousands_of_digits() -> None:
    frame = pd.DataFrame({"id": ["1", "2"], "stock": [3, 10**5000]}, dtype=object)
    assert "column 'stock', row 2: the value cannot be written as text" in error_of(frame)
