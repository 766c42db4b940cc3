"""CSV files as tables of strings, and where exactly a file is broken.

Arrow reads a million rows in seconds but says little about what is wrong with a file; when it
refuses, the file is read again with the slow ``csv`` module: to even out rows that all end the same
wrong way, or to name the line.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.csv as pa_csv

from linkage.errors import InputError, shorten
from linkage.io.delimited.csv_dialect import DelimitedText, delimited_text
from linkage.io.delimited.csv_quotes import check_quotes, plain_quotes
from linkage.io.file_content import line_at, utf8_content

__all__ = ["read_csv"]

# Rows longer than a block are refused by Arrow; 16 MB holds any real row and is small
# enough for all threads to have work.
_BLOCK_BYTES = 16 * 1024 * 1024
_MAX_BLOCK_BYTES = 2**31 - 1


def read_csv(
    raw: bytes,
    where: str,
    encoding: str | None = None,
    delimiter: str | None = None,
    skip_rows: int | None = None,
) -> pa.Table:
    """Read delimited text as strings.

    Cells may be quoted with ``"`` and hold newlines. Columns without a name and without a value are
    left out. Where most rows end with a delimiter too many, it is left out; where all rows lack the
    same last cells, these are missing.

    Args:
        raw: The bytes of the file.
        where: What messages call it.
        encoding: Its encoding; UTF-8, with or without a byte-order mark, if not given.
        delimiter: What separates cells; read off the first lines if not given.
        skip_rows: Lines before the header; found out if not given.

    Returns:
        A table of string columns; an empty cell is an empty string.

    Raises:
        InputError: If the file is not a well-formed table; names the line.

    """
    content = utf8_content(raw, where, encoding)
    if not content or content.isspace():
        raise InputError(f"{where} is empty.", hint="Give a file with a header and rows.")
    nul = content.find(b"\0")
    if nul >= 0:
        raise InputError(
            f"{where}, line {line_at(content, nul)}: NUL byte at byte {nul + 1}.",
            hint="A text file has none: it is damaged, binary, or UTF-16 (then give "
            "--encoding utf-16). Remove them with: tr -d '\\000' < FILE > CLEAN",
        )
    text = delimited_text(content, where, delimiter, skip_rows)
    with ThreadPoolExecutor(1) as pool:  # beside Arrow, which takes as long
        checking = pool.submit(check_quotes, text)
        try:
            names, table = _read(text, where)
        except InputError:
            if not checking.result().fault:
                raise
    check = checking.result()
    if check.fault:
        text = plain_quotes(text, check, where)
        names, table = _read(text, where)
        check = check_quotes(text)
    if table.num_rows != check.rows - 1:
        raise InputError(
            f"{where}: {check.rows - 1:,} rows end outside of quotes, but {table.num_rows:,} were "
            "read.",
            hint="Close all quotes, and end all lines alike.",
        )
    return _without_unnamed(table, names, where, text.line)


def _read(text: DelimitedText, where: str) -> tuple[list[str], pa.Table]:
    names = _header(text, where)
    return names, _parse(text, names, where)


def _header(text: DelimitedText, where: str) -> list[str]:
    names = [name.strip().strip("\ufeff") for name in next((row for _, row in text.rows()), [])]
    seen: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        if name and name in seen:
            raise InputError(
                f"{where}, line {text.line}: column '{name}' occurs twice, as column {seen[name]} "
                f"and column {position}.",
                hint="Rename or remove one of them.",
            )
        seen[name] = position
    if not any(names):
        raise InputError(f"{where} is empty.", hint="Give a file with a header and rows.")
    return names


def _without_unnamed(table: pa.Table, names: list[str], where: str, line: int) -> pa.Table:
    """Name the columns; leave out those that have neither name nor value."""
    import pyarrow.compute as pc

    kept = []
    for position, name in enumerate(names):
        if name:
            kept.append(position)
        elif pc.any(pc.not_equal(pc.utf8_trim_whitespace(table.column(position)), "")).as_py():
            raise InputError(
                f"{where}, line {line}: column {position + 1} of {len(names)} has no name.",
                hint="Give it a name in the header, or remove the column (a data frame's index is "
                "left out with index=False).",
            )
    return table.select(kept).rename_columns([names[position] for position in kept])


def _parse(text: DelimitedText, names: list[str], where: str) -> pa.Table:
    raw_names = next((row for _, row in text.rows()), [])
    block = _BLOCK_BYTES
    evened = False
    while True:
        try:
            return pa_csv.read_csv(
                pa.BufferReader(text.content),
                read_options=pa_csv.ReadOptions(block_size=block),
                parse_options=pa_csv.ParseOptions(
                    delimiter=text.delimiter,
                    quote_char='"' if text.quoted else False,
                    # Without, blocks are parsed at the same time.
                    newlines_in_values=text.quoted and b'"' in text.content,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(raw_names, pa.large_string()),
                    strings_can_be_null=False,
                    check_utf8=False,  # the whole text is
                ),
            )
        except pa.ArrowInvalid as error:
            if "straddling" in str(error) and block < min(len(text.content), _MAX_BLOCK_BYTES):
                block = min(block * 8, _MAX_BLOCK_BYTES)
                continue
            even = None if evened else _evened(text, names, where)
            if even is None:
                raise _named_fault(text, len(names), where, error) from error
            text, evened = even, True


def _evened(text: DelimitedText, names: list[str], where: str) -> DelimitedText | None:
    """Return a text whose rows are as wide as the header, where it is plain how they differ."""
    width = len(names)
    rows = [row for _, row in text.rows()]
    widths = Counter(map(len, rows[1:]))
    lacking = width - max(widths, default=width)
    surplus = sum(count for cells, count in widths.items() if cells > width)
    if lacking > 0 and len(widths) == 1:
        if any(names[-lacking:]):
            warnings.warn(
                f"{where}: every row has {width - lacking} cells where the header has {width}; "
                f"taken as missing: {', '.join(names[-lacking:])}.",
                stacklevel=2,
            )
    elif (
        min(widths, default=0) < width
        # Some rows that end so may each hold a delimiter that is not quoted; most do not.
        or 2 * surplus <= len(rows) - 1
        or any("".join(row[width:]).strip() for row in rows)
    ):
        return None
    out = io.StringIO()
    writer = csv.writer(out, delimiter=text.delimiter, lineterminator="\n")
    writer.writerows(row[:width] + [""] * (width - len(row)) for row in rows)
    return DelimitedText(out.getvalue().encode(), text.delimiter, text.line)


def _named_fault(text: DelimitedText, width: int, where: str, error: Exception) -> InputError:
    """Return the error that names the first ragged line and counts the others."""
    rows = list(text.rows())
    ragged = [(line, row) for line, row in rows if len(row) != width]
    if not ragged:
        return InputError(f"{where} cannot be read as CSV: {error}")
    line, row = ragged[0]
    more = f" In all {len(ragged):,} rows are ragged." if len(ragged) > 1 else ""
    hint = (
        "Quote a cell that holds the delimiter, a quote or a line break, and close every quote."
        if 2 * len(ragged) < len(rows)
        else "If the header is further down, say how many lines stand before it with --skip-rows; "
        "name another delimiter with --delimiter."
    )
    return InputError(
        f"{where}, line {line}: {len(row)} cells where the header has {width} "
        f"(delimiter {text.delimiter!r}); the row begins "
        f"{shorten(text.delimiter.join(row), 60)}.{more}",
        hint=hint,
    )
