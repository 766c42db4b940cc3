"""CSV files: dialect, encoding, and where exactly a file is broken.

Arrow reads a million rows in seconds but says little about what is wrong with a file; when it
refuses, the file is read again with the slow ``csv`` module to name the line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from linkage.errors import InputError, shorten

__all__ = ["read_csv"]

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_CHARACTERS = 256 * 1024
_SAMPLE_ROWS = 50
# Rows longer than a block are refused by Arrow; 16 MB holds any real row and is small
# enough for all threads to have work.
_BLOCK_BYTES = 16 * 1024 * 1024
_MAX_BLOCK_BYTES = 2**31 - 1
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def read_csv(path: Path, encoding: str | None = None) -> pa.Table:
    """Read a delimited text file as strings.

    The delimiter (comma, tab, semicolon or bar) is read off the first lines; cells may be quoted
    with ``"`` and hold newlines. A ``.gz``, ``.bz2`` or ``.zst`` file is decompressed.

    Args:
        path: The file.
        encoding: Its encoding; UTF-8, with or without a byte-order mark, if not given.

    Returns:
        A table of string columns; an empty cell is an empty string.

    Raises:
        InputError: If the file is not a well-formed table; names the line.

    """
    content = _utf8_content(path, encoding)
    if not content or content.isspace():
        raise InputError(f"{path} is empty.", hint="Give a file with a header and rows.")
    nul = content.find(b"\0")
    if nul >= 0:
        raise InputError(
            f"{path}, line {_line_at(content, nul)}: NUL byte at byte {nul + 1}.",
            hint="A text file has none: it is damaged, binary, or UTF-16 (then give "
            "--encoding utf-16). Remove them with: tr -d '\\000' < FILE > CLEAN",
        )
    delimiter = _find_delimiter(content)
    names = _header(path, content, delimiter)
    table = _parse(path, content, delimiter, names)
    _refuse_open_quote(path, content, delimiter, table)
    return table


def _utf8_content(path: Path, encoding: str | None) -> bytes:
    """Read a file's bytes, as UTF-8 without a byte-order mark."""
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            raw: bytes = stream.read()
    except PermissionError as error:
        raise InputError(f"{path} cannot be read: permission denied.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    if encoding is None and raw.startswith(_UTF16_BOMS):
        raise InputError(
            f"{path} is UTF-16, not UTF-8: it begins with a UTF-16 byte-order mark.",
            hint="Give --encoding utf-16.",
        )
    if raw.startswith(_UTF8_BOM):
        raw = raw[len(_UTF8_BOM) :]
    name = encoding or "utf-8"
    try:
        text = raw.decode(name)
    except LookupError as error:
        raise InputError(
            f"{name!r} is no known encoding.",
            hint="Common ones: utf-8, latin-1, cp1252, utf-16, shift_jis, gb18030.",
        ) from error
    except UnicodeDecodeError as error:
        line = _line_at(raw, error.start)
        other = "latin-1" if name.casefold().replace("-", "") == "utf8" else "utf-8"
        raise InputError(
            f"{path}, line {line}: byte 0x{raw[error.start]:02x} at byte {error.start + 1} is not "
            f"valid {name} (after {shorten(_before(raw, error.start, name), 40)}).",
            hint=f"Give the file's encoding, such as --encoding {other}.",
        ) from error
    except UnicodeError as error:
        raise InputError(f"{path} is not valid {name}: {error}") from error
    return raw if name.casefold().replace("-", "") == "utf8" else text.encode("utf-8")


def _before(raw: bytes, position: int, encoding: str) -> str:
    line_start = raw.rfind(b"\n", 0, position) + 1
    return raw[max(line_start, position - 30) : position].decode(encoding, errors="ignore")


def _line_at(content: bytes, position: int) -> int:
    newlines = content.count(b"\n", 0, position)
    return 1 + (newlines or content.count(b"\r", 0, position))


def _find_delimiter(content: bytes) -> str:
    """Return the delimiter by which the first rows have as many cells as the header."""
    sample = content[:_SAMPLE_CHARACTERS].decode("utf-8", errors="ignore")
    truncated = len(content) > _SAMPLE_CHARACTERS
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        rows: list[list[str]] = []
        with _large_cells():
            for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                if row:
                    rows.append(row)
                if len(rows) > _SAMPLE_ROWS:
                    break
            else:
                if truncated and len(rows) > 1:
                    rows.pop()
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        agreeing = sum(len(row) == width for row in rows) / len(rows)
        if (agreeing, width) > best_score:
            best, best_score = delimiter, (agreeing, width)
    return best


def _header(path: Path, content: bytes, delimiter: str) -> list[str]:
    with _large_cells():
        names = next((row for _, row in _rows(content, delimiter)), [])
    names = [name.strip() for name in names]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if not name:
            raise InputError(
                f"{path}, line 1: column {position} of {len(names)} has no name.",
                hint="Give it a name in the header, or remove the column (a data frame's index is "
                "left out with index=False).",
            )
        if name in seen:
            raise InputError(
                f"{path}, line 1: column '{name}' occurs twice, as column {seen[name]} and "
                f"column {position}.",
                hint="Rename or remove one of them.",
            )
        seen[name] = position
    return names


def _parse(path: Path, content: bytes, delimiter: str, names: list[str]) -> pa.Table:
    block = min(_BLOCK_BYTES, _MAX_BLOCK_BYTES)
    while True:
        try:
            table = pa_csv.read_csv(
                pa.BufferReader(content),
                read_options=pa_csv.ReadOptions(block_size=block),
                parse_options=pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(_raw_header(content, delimiter), pa.string()),
                    strings_can_be_null=False,
                ),
            )
            return table.rename_columns(names)
        except pa.ArrowInvalid as error:
            if "straddling" in str(error) and block < min(len(content), _MAX_BLOCK_BYTES):
                block = min(block * 8, _MAX_BLOCK_BYTES)
                continue
            raise _named_fault(path, content, delimiter, len(names), error) from error


def _raw_header(content: bytes, delimiter: str) -> list[str]:
    return next((row for _, row in _rows(content, delimiter)), [])


def _named_fault(
    path: Path, content: bytes, delimiter: str, width: int, error: Exception
) -> InputError:
    """Return the error that names the first ragged line and counts the others."""
    first: tuple[int, list[str]] | None = None
    count = 0
    for line, row in _rows(content, delimiter):
        if len(row) != width:
            count += 1
            first = first or (line, row)
    if first is None:
        return InputError(f"{path} cannot be read as CSV: {error}")
    line, row = first
    more = f" In all {count:,} rows are ragged." if count > 1 else ""
    return InputError(
        f"{path}, line {line}: {len(row)} cells where the header has {width} "
        f"(delimiter {delimiter!r}); the row begins {shorten(delimiter.join(row), 60)}.{more}",
        hint="Quote a cell that holds the delimiter, a quote or a line break, and close every "
        "quote.",
    )


def _refuse_open_quote(path: Path, content: bytes, delimiter: str, table: pa.Table) -> None:
    """Refuse a file with a quote that never closes: all later rows would be read as one cell."""
    if not table.num_rows:
        return
    last = table.column(table.num_columns - 1)[-1].as_py() or ""
    if "\n" not in last or content.rstrip(b"\r\n").endswith(b'"'):
        return
    line = max(line for line, _ in _rows(content, delimiter))
    raise InputError(
        f"{path}, line {line}: a quoted cell begins in this row and never ends; it would swallow "
        "the rest of the file.",
        hint='Close the quote, or double it (""), if it is part of the text.',
    )


def _rows(content: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line a row begins on, and the row; empty lines are skipped, as Arrow does."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", errors="replace", newline="")
    reader = csv.reader(text, delimiter=delimiter)
    begin = 1
    while True:
        with _large_cells():
            row = next(reader, None)
        if row is None:
            return
        if row:
            yield begin, row
        begin = reader.line_num + 1


@contextmanager
def _large_cells() -> Iterator[None]:
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
