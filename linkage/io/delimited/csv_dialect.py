"""The dialect of a CSV file: what separates its cells, and where its header is."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from linkage.config.schema import DELIMITER_NAMES
from linkage.errors import InputError

__all__ = ["NUMBER", "DelimitedText", "delimited_text"]

#: Where several fit, the first that makes the most cells.
_DELIMITERS = (",", "\t", ";", "|", "^", "~")
_SAMPLE_CHARACTERS = 256 * 1024
_SAMPLE_ROWS = 50
#: Two cells in each row may be sentences with a comma; three in each row are hardly by chance.
_FEWEST_COLUMNS = 3
#: Byte-order marks (also one that was decoded as Latin-1) with white space, then blank lines.
_MARK = rb"(?:\xef\xbb\xbf|\xc3\xaf\xc2\xbb\xc2\xbf)"
_BEFORE_HEADER = re.compile(rb"(?:(?:\s|%b)*%b)?(?:[ \t]*(?:\r\n|\n|\r))*" % (_MARK, _MARK))
#: The first line by which Excel is told the delimiter.
_EXCEL_DELIMITER = re.compile(rb'"?sep=([^\r\n])"?(?:\r\n|\n|\r)', re.IGNORECASE)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)")
#: A cell that is a number, with a currency or a percent sign.
NUMBER = re.compile(r"[\s\d.,+%€$£-]*\d[\s\d.,+%€$£-]*")


@dataclass(frozen=True)
class DelimitedText:
    """A delimited text from its header on.

    Attributes:
        content: UTF-8.
        delimiter: What separates cells, one ASCII character.
        line: The line of the file on which the content begins, from 1.
        quoted: Whether quotes enclose cells; otherwise they are text.

    """

    content: bytes
    delimiter: str
    line: int = 1
    quoted: bool = True

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the line a row begins on, and the row; empty lines are skipped, as Arrow does."""
        stream = io.BytesIO(self.content)
        text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
        reader = csv.reader(
            text,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
        )
        begin = 0
        while True:
            with _large_cells():
                row = next(reader, None)
            if row is None:
                return
            if row:
                yield self.line + begin, row
            begin = reader.line_num

    def from_line(self, number: int) -> DelimitedText:
        """Return the text without its first lines."""
        return DelimitedText(
            _without_lines(self.content, number), self.delimiter, self.line + number
        )


def delimited_text(
    content: bytes, where: str, delimiter: str | None = None, skip_rows: int | None = None
) -> DelimitedText:
    """Return a text from its header on, with its delimiter.

    Args:
        content: UTF-8. Byte-order marks, blank lines and Excel's ``sep=`` before the header are
            left out.
        where: What messages call it.
        delimiter: What separates cells; what makes as many of the first rows as wide as the header
            as possible, if not given.
        skip_rows: Lines before the header. If not given, rows of a cell or two before a table of
            three columns and more are left out, with a warning.

    Raises:
        InputError: If there are no more lines than are to be skipped, or the delimiter is none.

    """
    text = DelimitedText(content, DELIMITER_NAMES.get(delimiter or "", delimiter or ""))
    if len(text.delimiter) > 1 or not text.delimiter.isascii():
        raise InputError(
            f"{where}: the delimiter must be one ASCII character, got {text.delimiter!r}.",
            hint="Replace it by one that occurs in no cell, and name that with --delimiter.",
        )
    if skip_rows:
        text = text.from_line(skip_rows)
        if not text.content.strip():
            raise InputError(
                f"{where} has no line after the {skip_rows:,} to be skipped.",
                hint="Give fewer with --skip-rows.",
            )
    for pattern in (_BEFORE_HEADER, _EXCEL_DELIMITER, _BEFORE_HEADER):
        if found := pattern.match(text.content):
            named = found[1].decode() if pattern is _EXCEL_DELIMITER else ""
            lines = max(found[0].count(b"\n"), found[0].count(b"\r"))
            text = DelimitedText(
                text.content[found.end() :], text.delimiter or named, text.line + lines
            )
    header = 0
    if not text.delimiter or skip_rows is None:
        chosen, header = _sniff(text.content, text.delimiter)
        text = DelimitedText(text.content, chosen, text.line)
    if header and skip_rows is None:
        text = text.from_line(header)
        warnings.warn(
            f"{where}: the header is taken from line {text.line:,}; what stands before it is left "
            f"out. (--skip-rows says how many lines to skip; 0 for none.)",
            stacklevel=2,
        )
    return text


def _sniff(content: bytes, given: str) -> tuple[str, int]:
    """Return the delimiter by which most rows are as wide as the header, and the header's line."""
    sample = content[:_SAMPLE_CHARACTERS].decode("utf-8", errors="ignore")
    best, best_line, best_score = given or ",", 0, (0.0, 0)
    for delimiter in given or _DELIMITERS:
        rows, lines = _first_rows(sample, delimiter, truncated=len(content) > _SAMPLE_CHARACTERS)
        header = _header_position(rows)
        table = [row for row in rows[header:] if row]
        width = len(table[0]) if table else 0
        if width < 2:
            continue
        score = (sum(len(row) == width for row in table) / len(table), width)
        if score > best_score:
            best, best_line, best_score = delimiter, lines[header], score
    return best, best_line


def _first_rows(
    sample: str, delimiter: str, *, truncated: bool
) -> tuple[list[list[str]], list[int]]:
    """Return the first rows, blank ones included, and how many lines stand before each."""
    rows: list[list[str]] = []
    lines = [0]
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    with _large_cells():
        for row in reader:
            rows.append(row)
            lines.append(reader.line_num)
            if len(rows) > _SAMPLE_ROWS:
                break
        else:
            if truncated and len(rows) > 1:
                rows.pop()
    return rows, lines


def _header_position(rows: list[list[str]]) -> int:
    """Return which row is the header: the first, unless it and others stand before a table."""
    for at, row in enumerate(rows[1:], start=1):
        before, after = rows[:at], [other for other in rows[at + 1 :] if other]
        if (
            len(row) >= _FEWEST_COLUMNS
            and _filled(row) == len(row) == len(set(row))
            # A header names its columns; a first row of values mostly has a number in it.
            and not any(NUMBER.fullmatch(cell) for cell in row)
            and after
            and all(len(other) == len(row) for other in after)
            and all(_is_title(one, row) for one in before)
            # A header that is too short is no title: two cells are one only before a blank line.
            and (not _filled(before[-1]) or all(_is_text(one, row) for one in before))
        ):
            return at
    return 0


def _is_title(row: list[str], header: list[str]) -> bool:
    """Return whether a row may stand before a table: a text, or a name and its value."""
    return _is_text(row, header) or (_filled(row) == 2 and len(row) < len(header))


def _is_text(row: list[str], header: list[str]) -> bool:
    """Return whether a row is one text, or a comment that a delimiter happens to cut."""
    return _filled(row) <= 1 or (row[0].startswith("#") and len(row) != len(header))


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _without_lines(content: bytes, number: int) -> bytes:
    position = 0
    for _ in range(number):
        found = _LINE.match(content, position)
        if found is None:
            return b""
        position = found.end()
    return content[position:]


@contextmanager
def _large_cells() -> Iterator[None]:
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
