"""The quotes of a CSV file: whether they enclose cells, and how many rows there are between them.

A quote that opens a cell by mistake makes the rows up to the next quote one cell, and no reader of
CSV minds. What gives it away: text after the closing quote (RFC 4180 has none), no closing quote,
or lines within the cell that are rows like others.
"""

from __future__ import annotations

import csv
import re
import warnings
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numba import njit

from linkage.errors import InputError, shorten
from linkage.io.delimited.csv_dialect import NUMBER, DelimitedText
from linkage.io.file_content import line_at

__all__ = ["QuoteCheck", "check_quotes", "plain_quotes"]

#: Rows that tell what the cells of each column look like, and how many cells of several lines are
#: judged by them: where the first hold texts, so do the others.
_SAMPLE_ROWS, _MOST_JUDGED = 1_000, 1_000
#: Rows from which on a look that all cells of a column share is hardly by chance, except that all
#: are numbers.
_ENOUGH_ROWS = 10
_BACKSLASHES = re.compile(rb'\\([\\"])')
_NEVER_ENDS = "never ends; it would swallow the rest of the file"
_TEXT_BEHIND = "has text after its closing quote"
_ROWS_WITHIN = "ends in a later one; it would swallow the rows between"


@dataclass(frozen=True)
class QuoteCheck:
    """What a look at the quotes of a text says.

    Attributes:
        rows: Rows with the header, without blank lines; counted by ends of lines, so that the
            number tells whether a reader of cells lost any. Up to the fault, if there is one.
        position: Byte of the first quote that opens a cell by mistake; -1 if none does.
        fault: What is wrong with the cell; empty if nothing is.

    """

    rows: int
    position: int = -1
    fault: str = ""


def plain_quotes(text: DelimitedText, check: QuoteCheck, where: str) -> DelimitedText:
    """Return a text of which not all quotes enclose cells as one of which they do, or none does.

    The first: if they do once those after a backslash are doubled. The second: if none encloses a
    cell, and all lines are as wide as the header with quotes as text. Warns of either.

    Args:
        text: From its header on.
        check: Of its quotes, with a fault.
        where: What messages call it.

    Raises:
        InputError: If neither is so; names the line.

    """
    line = text.line + line_at(text.content, check.position) - 1
    begin = text.content[check.position : check.position + 60].decode("utf-8", errors="ignore")
    what = (
        f"{where}, line {line}: a quoted cell begins in this row and {check.fault}. "
        f"It begins {shorten(begin.splitlines()[0], 40)}."
    )
    ways = {'Quotes after a backslash are read as text (\\" as ").': _with_doubled_quotes(text)}
    if not _encloses(text):
        ways["No cell is enclosed in quotes, so that they are read as text."] = replace(
            text, quoted=False
        )
    for how, plain in ways.items():
        if plain != text and not check_quotes(plain).fault and _is_rectangular(plain):
            warnings.warn(f"{what} {how}", stacklevel=2)
            return plain
    raise InputError(
        what, hint='Close the quote, or double it (""), if it is part of the text in a quoted cell.'
    )


def _with_doubled_quotes(text: DelimitedText) -> DelimitedText:
    """Return a text in which backslashes no longer escape quotes and themselves."""
    doubled = {b'"': b'""', b"\\": b"\\"}
    return replace(text, content=_BACKSLASHES.sub(lambda found: doubled[found[1]], text.content))


def _encloses(text: DelimitedText) -> bool:
    """Return whether quotes enclose a cell on one line."""
    sign = re.escape(text.delimiter.encode())
    cell = rb'(?:^|%b|[\r\n])"(?:[^"\r\n]|"")*"(?:%b|[\r\n]|$)' % (sign, sign)
    return re.search(cell, text.content) is not None


def _is_rectangular(text: DelimitedText) -> bool:
    rows = (row for _, row in text.rows())
    width = len(next(rows))
    return all(len(row) == width for row in rows)


def check_quotes(text: DelimitedText) -> QuoteCheck:
    """Look for quotes that open a cell by mistake, and count the rows.

    Args:
        text: From its header on.

    """
    data, width = np.frombuffer(text.content, np.uint8), _width(text)
    quote = ord('"') if text.quoted else -1
    rows, fault, closed, reaching, suspects = _walk(
        data, quote, ord(text.delimiter), width, _MOST_JUDGED
    )
    columns = _Columns.of(text, width) if len(suspects) else None
    swallowing = []
    for begin, opened, end in suspects:
        before, lines = (text.content[a:b].decode() for a, b in ((begin, opened), (opened, end)))
        if columns is not None and columns.are_rows(before, lines, is_header=begin == 0):
            swallowing.append(int(opened))
    # A writer that encloses texts of several lines encloses what holds quotes, too.
    if 2 * len(swallowing) > reaching:
        return QuoteCheck(int(rows), swallowing[0], _ROWS_WITHIN)
    if fault >= 0:
        return QuoteCheck(int(rows), int(fault), _TEXT_BEHIND if closed else _NEVER_ENDS)
    return QuoteCheck(int(rows))


def _width(text: DelimitedText) -> int:
    """Return how many cells the header has, also where a quote makes rows below a part of it."""
    ends = (text.content.find(end) for end in (b"\r", b"\n"))
    first = text.content[: min((end for end in ends if end >= 0), default=None)].decode()
    return len(_cells(first, text.delimiter))


def _cells(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line; of an odd number of quotes one belongs to another line."""
    if line.count('"') % 2:
        return [cell.strip('"') for cell in line.split(delimiter)]
    return next(csv.reader([line], delimiter=delimiter), [])


@dataclass(frozen=True)
class _Columns:
    """What the cells of each column of a table look like, by a sample of its rows.

    Attributes:
        delimiter: Of the cells.
        looks: For each column, the looks of its cells; `_look` says what one is.
        closely: Whether there are enough rows for all that a look consists of.

    """

    delimiter: str
    looks: list[set[tuple[bool, ...]]]
    closely: bool

    @classmethod
    def of(cls, text: DelimitedText, width: int) -> _Columns:
        """Return the columns by the first rows that are one line each."""
        rows = (row for _, row in islice(text.rows(), 1, _SAMPLE_ROWS))
        whole = [
            row for row in rows if len(row) == width and not re.search(r"[\r\n]", "".join(row))
        ]
        closely = len(whole) >= _ENOUGH_ROWS
        looks = [{_look(row[k], closely) for row in whole if row[k].strip()} for k in range(width)]
        return cls(text.delimiter, looks, closely)

    def are_rows(self, before: str, lines: str, *, is_header: bool) -> bool:
        """Return whether most lines that a quoted cell reaches into are rows like others.

        Args:
            before: The line before its opening quote.
            lines: All from this quote to the end of the line of the closing one.
            is_header: Whether the first of the lines is the header.

        """
        first, *rest = re.split(r"\r\n|\r|\n", lines)
        cells = [*_cells(before + ".", self.delimiter)[:-1], *first[1:].split(self.delimiter)]
        if not any(self.looks) or len(cells) != len(self.looks):
            return False
        if not is_header and not self._is_row(cells):
            return False
        alike = sum(
            # Where all cells of a row are enclosed, those of others are, too.
            line.startswith('"') >= before.startswith('"')
            and self._is_row(_cells(line, self.delimiter))
            for line in rest
        )
        return 2 * alike > len(rest)

    def _is_row(self, cells: list[str]) -> bool:
        return len(cells) == len(self.looks) and all(
            # A sentence has a blank behind its commas, and begins no cell so.
            not cell.strip()
            or _look(cell, self.closely) in looks
            or (len(looks) > 1 and not cell[0].isspace())
            for cell, looks in zip(cells, self.looks, strict=True)
        )


def _look(cell: str, closely: bool) -> tuple[bool, ...]:
    """Return whether a cell begins with a blank, is a number, has digits, has several words."""
    rough = cell[0].isspace(), NUMBER.fullmatch(cell) is not None
    return (*rough, any(map(str.isdigit, cell)), " " in cell.strip()) if closely else rough


@njit(nogil=True, cache=True)
def _walk(data, quote, delimiter, width, most):
    """Go through a text as a reader of CSV does.

    Args:
        data: UTF-8 bytes, uint8[n].
        quote: Byte that encloses cells; -1 if none does.
        delimiter: Byte that separates cells.
        width: Cells of a row.
        most: How many suspects are returned at most.

    Returns:
        Rows; the first opening quote whose cell does not end as it should, -1 if there is none;
        whether it ends at all; how many cells have several lines; and of those whose lines mostly
        have as many delimiters as a row, or more, where the first line begins, where the quote is
        and where the last line ends, int64[s, 3].
    """
    suspects = np.empty((most, 3), np.int64)
    rows = reaching = found = at = 0
    before = np.uint8(10)
    while at < len(data):
        byte = data[at]
        if byte != quote or not (before == delimiter or _ends_line(before)):
            rows += _ends_line(byte) and not _ends_line(before)
            before = byte
            at += 1
            continue
        opened, lines = at, 0
        at += 1
        while at < len(data):
            if data[at] == quote:
                if at + 1 == len(data) or data[at + 1] != quote:
                    break
                at += 1  # doubled
            lines += _ends_line(data[at])
            at += 1
        if at == len(data):
            return rows, opened, False, reaching, suspects[:found]
        closed = at
        at += 1
        while at < len(data) and data[at] == 32:
            at += 1
        if at < len(data) and data[at] != delimiter and not _ends_line(data[at]):
            return rows, opened, True, reaching, suspects[:found]
        before = np.uint8(quote)
        if lines and found < most:
            reaching += 1
            first, last = opened, closed
            while first > 0 and not _ends_line(data[first - 1]):
                first -= 1
            while last < len(data) and not _ends_line(data[last]):
                last += 1
            if _has_rows(data, first, last, delimiter, width):
                suspects[found] = first, opened, last
                found += 1
    rows += len(data) > 0 and not _ends_line(before)
    return rows, -1, False, reaching, suspects[:found]


@njit(nogil=True, cache=True)
def _has_rows(data, begin, end, delimiter, width):
    """Return whether most lines between two bytes have as many delimiters as a row, or more."""
    lines = wide = cells = 0
    for at in range(begin, end + 1):
        if at == end or _ends_line(data[at]):
            lines += 1
            wide += cells >= width - 1
            cells = 0
        elif data[at] == delimiter:
            cells += 1
    return 2 * wide > lines


@njit(nogil=True, cache=True)
def _ends_line(byte):
    return (byte == 10) | (byte == 13)
