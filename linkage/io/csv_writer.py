"""Tables written as CSV: the same bytes as pandas writes, by Arrow where it can."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["guarded", "unguarded", "write_csv_file"]

#: What makes a cell need quotes.
_SPECIAL = '[",\r\n]'
#: How a cell begins that spreadsheets may run as a formula (OWASP, "CSV Injection"), once it is
#: guarded by apostrophes or before; and a number, which is none though it begins with a sign.
_FORMULA, _NUMBER = "[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]", "[+-]?\\d+(?:[.,]\\d+)*"
#: Rows that are made into text at a time, to save memory.
_ROWS = 1 << 17
#: Between these Arrow and Python write numbers the same way, but for whole ones.
_SMALL, _LARGE = 1e-4, 1e9


def write_csv_file(frame: pd.DataFrame | pa.Table, path: Path, *, safe: bool = False) -> None:
    """Write a table as CSV: UTF-8, comma, quotes where needed, missing = empty.

    Args:
        frame: The table.
        path: The file.
        safe: Whether cells and headings that spreadsheets may run are guarded, see :func:`guarded`.

    """
    import pyarrow as pa

    if safe:
        frame = _with_texts(frame, guarded)
    table = frame if isinstance(frame, pa.Table) else _of_frame(frame)
    if table is None or not _is_known(table):
        plain = frame.to_pandas() if isinstance(frame, pa.Table) else frame
        plain.to_csv(path, index=False, lineterminator="\n")
        return
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(table.column_names)
    with path.open("wb") as file:
        file.write(header.getvalue().encode())
        for start in range(0, table.num_rows, _ROWS):
            file.write(_lines(table.slice(start, _ROWS)))


def guarded(text: str) -> str:
    """Return a text with an apostrophe before it where a spreadsheet may run it as a formula.

    A text that begins with apostrophes before what looks like a formula gets one more, so that
    :func:`unguarded` gives every text back. A number is no formula.
    """
    if re.fullmatch(_NUMBER, text) or not re.match(f"'*{_FORMULA}", text):
        return text
    return f"'{text}"


def unguarded(frame: pa.Table, path: str | Path) -> pa.Table:
    """Return a table that was read from a file as it was before :func:`guarded`, if it is CSV."""
    if Path(path).suffix.lower() != ".csv":
        return frame
    import pyarrow as pa
    import pyarrow.compute as pc

    for k, column in enumerate(frame.columns):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            whole = pc.replace_substring_regex(column, f"^'('*{_FORMULA})", r"\1")
            frame = frame.set_column(k, frame.column_names[k], whole)
    return frame


def _with_texts(frame: pd.DataFrame | pa.Table, change: Any) -> pd.DataFrame | pa.Table:
    """Return a table with changed texts, in its cells and in its heading."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(frame, pa.Table):
        whole = frame.copy()
        for name, column in frame.select_dtypes(exclude=["number", "bool"]).items():
            cells = [change(v) if isinstance(v, str) else v for v in column.astype(object)]
            whole[name] = pd.Series(cells, frame.index, dtype=object)
        return whole.rename(columns=change)
    for k, column in enumerate(frame.columns):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            tells = pc.match_substring_regex(column, f"^'*{_FORMULA}")
            if pc.any(tells, min_count=0).as_py():
                kept = pa.array([v and change(v) for v in column.to_pylist()], column.type)
                frame = frame.set_column(k, frame.column_names[k], kept)
    return frame.rename_columns([change(name) for name in frame.column_names])


def _of_frame(frame: pd.DataFrame) -> pa.Table | None:
    import pyarrow as pa

    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except pa.ArrowException:  # a column of several types
        return None


def _is_known(table: pa.Table) -> bool:
    """Return whether all columns have types that this module writes."""
    import pyarrow.types as of

    if table.num_columns < 2:  # a missing value alone in its row would be an empty line
        return False
    return all(table.column_names) and all(
        of.is_string(kind)
        or of.is_large_string(kind)
        or of.is_integer(kind)
        or of.is_float64(kind)
        or of.is_boolean(kind)
        for kind in table.schema.types
    )


def _lines(table: pa.Table) -> memoryview:
    """Return the rows as lines of a file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    cells = [_cells(column.combine_chunks()) for column in table.columns]
    comma, end, nothing = (pa.scalar(text, pa.large_string()) for text in (",", "\n", ""))
    rows = pc.binary_join_element_wise(*cells, comma, null_handling="replace", null_replacement="")
    lines = pc.binary_join_element_wise(rows, nothing, end)
    # The lines are contiguous in memory, in the order of the file.
    _, offsets, data = lines.buffers()
    ends = memoryview(offsets).cast("B").cast("q")
    return memoryview(data)[ends[lines.offset] : ends[lines.offset + len(lines)]]


def _cells(column: pa.Array) -> pa.Array:
    """Return values as texts (large strings), quoted where needed."""
    import pyarrow as pa
    import pyarrow.compute as pc

    large = pa.large_string()
    if pa.types.is_float64(column.type):
        return _numbers(column).cast(large)
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, pa.scalar("True", large), pa.scalar("False", large))
    column = column.cast(large)
    special = pc.match_substring_regex(column, _SPECIAL)
    if not pc.any(special, min_count=0).as_py():
        return column
    quote, nothing = pa.scalar('"', large), pa.scalar("", large)
    doubled = pc.replace_substring(column, '"', '""')
    return pc.if_else(special, pc.binary_join_element_wise(quote, doubled, quote, nothing), column)


def _numbers(column: pa.Array) -> pa.Array:
    """Return numbers as their shortest texts, as Python writes them; NaN is missing."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = column.to_numpy(zero_copy_only=False)
    size = np.abs(numbers)
    odd = ~((size >= _SMALL) & (size < _LARGE) & (np.trunc(numbers) != numbers))
    values, which = np.unique(numbers[odd], return_inverse=True)
    texts = [None if value != value else repr(value) for value in values.tolist()]
    return pc.replace_with_mask(
        column.cast(pa.large_string()),
        pa.array(odd),
        pa.array(texts, pa.large_string()).take(pa.array(which)),
    )
