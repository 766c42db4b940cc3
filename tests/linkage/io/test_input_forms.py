"""Catalogs are read in the forms that shops export them in; what is ambiguous is refused."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage.errors import InputError
from linkage.io.reading import read_table

NAMES = ["id", "title", "brand", "price"]
ROWS = [
    [f"k{k}", title, brand, f"{10 + k},9{k}"]
    for k, (title, brand) in enumerate(
        [("Kettle, white", "Acme"), ('Disc 12"', "Norvik"), ("Čajník; modrý", "Žena"), ("茶壺", "")]
    )
]
EXPECTED = [{name: cell or None for name, cell in zip(NAMES, row, strict=True)} for row in ROWS]


def lines(
    delimiter: str = ";", rows: list[list[str]] = ROWS, names: list[str] = NAMES, end: str = "\n"
) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([names, *rows])
    return out.getvalue()


def written(folder: Path, content: str | bytes, name: str = "shop.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def message_of(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        read_table(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
@pytest.mark.parametrize(
    "before",
    [
        "\ufeff",
        "\ufeff\ufeff",
        "\n\ufeff",
        "\r\n \t\ufeff",
        "\n\n",
        "  \n",
        "ï»¿",
        "\ufeff\n\ufeff\n",
    ],
    ids=ascii,
)
def test_marks_and_blank_lines_before_the_header(
    tmp_path: Path, delimiter: str, before: str
) -> None:
    table = read_table(written(tmp_path, before + lines(delimiter)))
    assert table.to_pylist() == EXPECTED


@pytest.mark.parametrize("delimiter", [";", "\t", "#"])
@pytest.mark.parametrize("first", ["sep={}", '"sep={}"', "\ufeffSEP={}"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_delimiter_that_excel_is_told(
    tmp_path: Path, delimiter: str, first: str, end: str
) -> None:
    path = written(tmp_path, first.format(delimiter) + end + lines(delimiter, end=end))
    assert read_table(path).to_pylist() == EXPECTED


@pytest.mark.parametrize(
    "before",
    [
        "Product export\n",
        "Product export\nShop: Acme\n\n",
        "Export;;;\n;;;\n",
        "Shop;Acme\nDate;2024-05-01\n\n",
        '"An export\nof 2024"\n',
        "# Export; by Acme; 2024\n# of all\n",
    ],
)
def test_text_before_the_header(tmp_path: Path, before: str) -> None:
    path = written(tmp_path, before + lines())
    with pytest.warns(UserWarning, match=f"from line {before.count(chr(10)) + 1};"):
        assert read_table(path).to_pylist() == EXPECTED
    assert read_table(path, skip_rows=before.count("\n")).to_pylist() == EXPECTED
    assert "cells where the header has" in message_of(
        written(tmp_path, before + lines() + "a;b\n"), skip_rows=before.count("\n")
    )


@pytest.mark.parametrize(
    "text",
    [
        "id\n1,a\n2,b\n",
        "title\nShoe, red\nShoe, blue\n",
        "id;title\n1;a;9\n2;b;8\n",
        "id;title\nx;a;c\ny;b;d\n",
    ],
)
def test_a_header_that_is_too_short_is_no_text_before_it(tmp_path: Path, text: str) -> None:
    message = message_of(written(tmp_path, text))
    assert "line 2" in message
    assert "--skip-rows" in message


def test_a_header_may_begin_with_a_number_sign(tmp_path: Path) -> None:
    names = ["#id", *NAMES[1:]]
    rows = [["a", "Kettle", "Acme", "new"], ["b", "Lamp", "Norvik", "old"]]
    table = read_table(written(tmp_path, lines(rows=rows, names=names)), id_column="#id")
    assert table.column_names == names
    assert table.num_rows == 2


def test_lines_are_counted_from_the_first_of_the_file(tmp_path: Path) -> None:
    broken = lines() + "k9;x;y\n"
    number = broken.count("\n")
    assert f"line {number}: 3 cells" in message_of(written(tmp_path, broken))
    assert f"line {number + 3}: 3 cells" in message_of(
        written(tmp_path, "\n\ufeff\nsep=;\n" + broken)
    )
    assert "no line after the 90" in message_of(written(tmp_path, broken), skip_rows=90)


def test_a_delimiter_that_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, lines("#"))
    assert "--delimiter" in message_of(path)
    assert read_table(path, delimiter="#").to_pylist() == EXPECTED
    tabbed = written(tmp_path, lines("\t"), "tabbed.txt")
    for name in ("\t", "tab", "\\t"):
        assert read_table(tabbed, delimiter=name).to_pylist() == EXPECTED
    assert "one ASCII character" in message_of(path, delimiter="||")


@pytest.mark.parametrize("surplus", [1, 3])
def test_a_delimiter_too_many_ends_the_rows(tmp_path: Path, surplus: int) -> None:
    longer = [[*row, *[""] * surplus] for row in ROWS]
    assert read_table(written(tmp_path, lines(rows=longer))).to_pylist() == EXPECTED
    names = [*NAMES, *[""] * surplus]
    assert read_table(written(tmp_path, lines(rows=longer, names=names))).to_pylist() == EXPECTED
    longer[1][-1] = "x"
    assert "cells where the header has 4" in message_of(written(tmp_path, lines(rows=longer)))
    assert "has no name" in message_of(written(tmp_path, lines(rows=longer, names=names)))


def test_some_rows_with_a_delimiter_too_many_are_ambiguous(tmp_path: Path) -> None:
    rows = [*ROWS[:-1], [*ROWS[-1], ""]]
    assert "line 5: 5 cells where the header has 4" in message_of(
        written(tmp_path, lines(rows=rows))
    )


@pytest.mark.parametrize("more", [["note"], ["note", "link"]])
def test_rows_that_all_lack_the_last_cells(tmp_path: Path, more: list[str]) -> None:
    with pytest.warns(UserWarning, match=f"taken as missing: {', '.join(more)}"):
        table = read_table(written(tmp_path, lines(names=NAMES + more)))
    assert table.to_pylist() == [row | dict.fromkeys(more) for row in EXPECTED]
    some = [*ROWS[:2], *([*row, *more] for row in ROWS[2:])]
    assert "line 2: 4 cells" in message_of(written(tmp_path, lines(rows=some, names=NAMES + more)))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Käse", "latin-1"),
        ("9 € – “Käse”", "cp1252"),
        ("ワイヤレスマウス黒", "shift_jis"),
    ],
)
def test_the_encoding_that_is_proposed_reads_the_file(
    tmp_path: Path, text: str, encoding: str
) -> None:
    path = written(tmp_path, f"id;title\n1;{text}\n".encode(encoding))
    assert f"--encoding {encoding}." in message_of(path)
    assert read_table(path, encoding=encoding).column("title").to_pylist() == [text]


@pytest.mark.parametrize("name", ["latin-1", "ISO-8859-1", "latin1"])
def test_latin_1_is_read_as_windows_1252(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, "id;price\n1;9 €\n".encode("cp1252"))
    assert read_table(path, encoding=name).column("price").to_pylist() == ["9 €"]


def as_json_lines() -> str:
    return "".join(
        json.dumps({name: cell for name, cell in row.items() if cell}, ensure_ascii=False) + "\n"
        for row in EXPECTED
    )


def packed(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The catalog in each form, and its bytes."""
    parquet = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(EXPECTED), parquet)
    plain = {
        "csv": lines().encode(),
        "jsonl": as_json_lines().encode(),
        "ndjson": b"\xef\xbb\xbf\n" + as_json_lines().encode(),
        "json": json.dumps(EXPECTED, indent=1).encode(),
        "parquet": parquet.getvalue(),
    }
    for suffix, content in plain.items():
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as file:
            file.writestr("__MACOSX/._shop", b"x")
            file.writestr(f"export/shop.{suffix}", content)
        forms = {
            f"shop.{suffix}": content,
            f"shop.{suffix}.gz": gzip.compress(content),
            f"shop.{suffix}.bz2": bz2.compress(content),
            f"shop.v2.{suffix}.zip": zipped.getvalue(),
            f"{suffix}.zip": zipped.getvalue(),
            f"{suffix}.gz": gzip.compress(content),
            suffix: content,
        }
        for name, packed_content in forms.items():
            yield written(folder, packed_content, name), packed_content


def test_forms_of_a_catalog(tmp_path: Path) -> None:
    for path, _ in packed(tmp_path):
        assert read_table(path).to_pylist() == EXPECTED, path.name


def test_standard_input_and_pipes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, content in packed(tmp_path):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert read_table("-").to_pylist() == EXPECTED, path.name
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    assert read_table(pipe).to_pylist() == EXPECTED
    writer.join()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    assert "standard input is empty" in message_of(Path("-"))


def test_a_zip_file_of_several_tables_is_refused(tmp_path: Path) -> None:
    for names in ([], ["a.csv", "b.csv"]):
        with zipfile.ZipFile(tmp_path / "shop.zip", "w") as file:
            file.writestr(".hidden", b"x")
            for name in names:
                file.writestr(name, lines())
        message = message_of(tmp_path / "shop.zip")
        assert f"holds {len(names)} files" in message
    assert "a.csv, b.csv" in message


@pytest.mark.parametrize("name", ["shop.xlsx", "shop.csv", "shop.zip", "shop.xls"])
def test_a_workbook_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
    message = message_of(tmp_path / name)
    assert "Excel workbooks are not read" in message
    assert "CSV UTF-8" in message


def test_json_keeps_numbers_and_leaves_out_what_is_nested(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "price": 19.90, "new": True, "tags": ["a", "b"], "size": {"cm": 3}},
        {"id": 2, "price": None, "vector": [0.5, 1.5], "tags": []},
    ]
    path = written(tmp_path, "\n\n".join(map(json.dumps, rows)).replace("19.9", "19.90"), "a.jsonl")
    with pytest.warns(UserWarning, match="'(size|vector)' is nested") as caught:
        table = read_table(path)
    assert len(caught) == 2
    assert table.to_pylist() == [
        {"id": "1", "price": "19.90", "new": "true", "tags": "a, b"},
        {"id": "2", "price": None, "new": None, "tags": None},
    ]
    assert read_table(path, compared=["price"]).equals(table)
    assert "'size' is nested" in message_of(path, compared=["size"])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"id": 1}\n{"id": 2\n', "line 2: Expecting ',' delimiter at character 9"),
        ('{"id": 1}\n[1]\n', "line 2: '[\"1\"]' is no JSON object"),
        ('[\n{"id": 1},\n{"id" 2}]', "line 3: Expecting ':'"),
    ],
)
def test_broken_json_names_the_line(tmp_path: Path, text: str, fault: str) -> None:
    assert fault in message_of(written(tmp_path, text, "shop.jsonl"))
