"""JSON Lines (one object a line), or one array of objects, as a table of strings."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import pyarrow as pa

from linkage.errors import InputError, shorten
from linkage.io.string_columns import join_texts, nested_column_left_out

__all__ = ["read_json"]


#: White space, and byte-order marks.
_BLANK = "\ufeff \t\r\n"


class _Number(str):
    """A number as the file writes it: 19.90 is not shortened to 19.9."""


def read_json(content: bytes, where: str, compared: Collection[str] | None = None) -> pa.Table:
    """Read objects as the rows of a table.

    Args:
        content: UTF-8.
        where: What messages call the file.
        compared: As of `linkage.io.string_columns.to_string_table`.

    Returns:
        A table of string columns, in the order in which their names first occur; null where an
        object lacks one. Numbers are as the file writes them, lists of strings are joined.

    Raises:
        InputError: If the file is no JSON, or not of objects; names the line.

    """
    columns: dict[str, list[str | None]] = {}
    nested: dict[str, str] = {}
    rows = 0
    for rows, (line, value) in enumerate(_values(content, where), start=1):
        if not isinstance(value, dict):
            raise InputError(
                f"{where}, line {line}: {shorten(json.dumps(value), 40)} is no JSON object.",
                hint='Give one object a line, such as {"id": "1", "title": "..."}.',
            )
        for name, item in value.items():
            column = columns.setdefault(name, [])
            column += [None] * (rows - 1 - len(column))
            if isinstance(item, list) and all(type(part) is str or part is None for part in item):
                item = join_texts(item)
            elif isinstance(item, list | dict):
                nested.setdefault(name, "list" if isinstance(item, list) else "object")
                item = None
            elif isinstance(item, bool):
                item = "true" if item else "false"
            column.append(item)
    for name, kind in nested.items():
        nested_column_left_out(name, kind, where, compared)
        del columns[name]
    filled = {}
    for name, column in columns.items():
        if not _encodes(name):
            raise InputError(
                f"{where}: the name {name!r} is no valid Unicode text.", hint="Rename it."
            )
        try:
            filled[name] = pa.array(column + [None] * (rows - len(column)), pa.large_string())
        except UnicodeEncodeError as error:  # an escape such as \ud800
            row = next(k for k, text in enumerate(column, start=1) if text and not _encodes(text))
            raise InputError(
                f"{where}: row {row:,} of column '{name}' is no valid Unicode text ({error}).",
                hint="Write both halves of a character beyond U+FFFF, or its UTF-8.",
            ) from error
    return pa.table(filled)


def _encodes(text: str) -> bool:
    return text.encode("utf-8", errors="replace").decode() == text


def _values(content: bytes, where: str) -> Iterator[tuple[int, Any]]:
    """Yield the values, and the line that each is on (that of the array, if there is one)."""
    decoder = json.JSONDecoder(
        parse_int=_Number, parse_float=_Number, parse_constant=lambda _: None
    )
    text = content.decode("utf-8")
    first = 1
    try:
        if text.lstrip(_BLANK).startswith("["):
            for value in decoder.decode(text.lstrip(_BLANK)):
                yield 1, value
            return
        # Not str.splitlines, which splits at line separators inside of strings too.
        for first, line in enumerate(text.split("\n"), start=1):
            if line.strip(_BLANK):
                yield first, decoder.decode(line.strip(_BLANK))
    except RecursionError as error:
        raise InputError(
            f"{where}, line {first}: values are nested too deep.",
            hint="Give one object a line, without other objects in it.",
        ) from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"{where}, line {first + error.lineno - 1}: {error.msg} at character {error.colno}; "
            "the file is no JSON.",
            hint="Give JSON Lines (one object a line) or one array of objects.",
        ) from error
