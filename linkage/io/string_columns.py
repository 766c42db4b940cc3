"""Columns of any type as columns of text."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["is_text", "join_texts", "nested_column_left_out", "to_string_table"]

# Beyond this a double no longer tells neighbouring integers apart.
_MAX_EXACT_INTEGER = 2.0**53


def to_string_table(
    frame: pd.DataFrame | pa.Table, where: str, compared: Collection[str] | None = None
) -> pa.Table:
    """Cast every column of a table to strings.

    Integers and floats without a fraction are written without a decimal point, times in ISO
    8601 (as dates where no row has a time of day), booleans as ``true`` and ``false``; the texts of
    a list are joined by commas. Columns that hold other lists, structures or bytes are left out,
    with a warning unless it is known that they are not compared.

    Args:
        frame: A pandas or Arrow table; a pandas index is left out.
        where: What messages call the table.
        compared: The columns that are to be compared; None or empty where that is not decided yet.

    Returns:
        A table of string columns, null where missing.

    Raises:
        InputError: If a column name occurs twice, or a column that is to be compared cannot be read
            as text.

    """
    if isinstance(frame, pa.Table):
        names = [str(name) for name in frame.column_names]
        columns: list[Any] = list(frame.columns)
    else:
        names = [str(name) for name in frame.columns]
        columns = [frame.iloc[:, position] for position in range(len(names))]
    for position, name in enumerate(names):
        if not _is_unicode(name):
            raise InputError(
                f"{where}: the name of column {position + 1} is no valid Unicode text ({name!r}).",
                hint="Rename the column.",
            )
        if name in names[:position]:
            raise InputError(
                f"{where}: column '{name}' occurs twice.", hint="Rename or remove one of them."
            )
    strings = {}
    for name, column in zip(names, columns, strict=True):
        try:
            arrow = column if isinstance(column, pa.ChunkedArray) else _from_series(column)
            text = _to_string(arrow)
            if text is not None:
                # Checks UTF-8, and copies nothing.
                text.cast(pa.large_binary()).cast(pa.large_string())
        except (UnicodeError, pa.ArrowInvalid) as error:
            raise _no_unicode(column, name, where, error) from error
        if text is None:
            nested_column_left_out(name, str(arrow.type), where, compared)
        else:
            strings[name] = text
    return pa.table(strings)


def _no_unicode(column: Any, name: str, where: str, error: Exception) -> InputError:
    """Return the error of a column with text that is no Unicode; names the first row."""
    cells: list[Any] = []
    if not isinstance(column, pa.ChunkedArray):
        cells = list(column)
    elif is_text(column.type):
        cells = column.cast(pa.large_binary()).to_pylist()
    row = next((k for k, cell in enumerate(cells, start=1) if not _is_unicode(cell)), None)
    place = f"row {row:,} of " if row else ""
    return InputError(
        f"{where}: {place}column '{name}' is no valid Unicode text ({error}).",
        hint="Write the file again with text in UTF-8, or remove the column.",
    )


def _is_unicode(cell: Any) -> bool:
    try:
        _ = cell.decode() if isinstance(cell, bytes) else str(cell).encode()
    except UnicodeError:
        return False
    return True


def nested_column_left_out(
    name: str, kind: str, where: str, compared: Collection[str] | None
) -> None:
    """Say that a column cannot be read as text: an error if it is to be compared.

    Args:
        name: The column.
        kind: What it holds.
        where: What messages call the table.
        compared: As of `to_string_table`; without a word if the column is not among others.

    Raises:
        InputError: If the column is to be compared.

    """
    message = f"{where}: column '{name}' is nested or no text ({kind})"
    hint = "Write its parts as columns of their own to compare them."
    if compared and name in compared:
        raise InputError(f"{message}.", hint=hint)
    if not compared:
        warnings.warn(f"{message}, and is left out. {hint}", stacklevel=2)


def join_texts(texts: Sequence[str | None] | None) -> str | None:
    """Return the texts of one cell joined by commas; None if there are none."""
    return ", ".join(text for text in texts or () if text) or None


def _from_series(series: pd.Series) -> pa.ChunkedArray:
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        missing = series.isna().to_numpy()
        cells = enumerate(zip(series, missing, strict=True), 1)
        texts = [None if gone else _text(v, series.name, row) for row, (v, gone) in cells]
        array = pa.array(texts, pa.large_string())
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _text(value: object, name: object, row: int) -> str:
    """Return a value as text."""
    try:
        return str(value)
    except ValueError as error:  # whole numbers of thousands of digits
        raise InputError(
            f"column '{name}', row {row:,}: the value cannot be written as text ({error})."
        ) from error


def _to_string(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return a column as text; None where there is no plain way to."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.uuid":
            texts = [None if value is None else str(value) for value in column.to_pylist()]
            return pa.chunked_array([texts], pa.large_string())
        chunks = [chunk.storage for chunk in column.chunks]
        return _to_string(pa.chunked_array(chunks, kind.storage_type))
    if pa.types.is_dictionary(kind):
        return _to_string(column.cast(kind.value_type))
    if pa.types.is_large_string(kind):
        return column
    if _is_list(kind) and is_text(kind.value_type):
        return pa.chunked_array(
            [[join_texts(cell) for cell in column.to_pylist()]], pa.large_string()
        )
    try:
        if pa.types.is_floating(kind):
            return _float_to_string(column)
        if pa.types.is_timestamp(kind):
            return _timestamp_to_string(column)
        return column.cast(pa.large_string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _is_list(kind: pa.DataType) -> bool:
    return (
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
        or pa.types.is_list_view(kind)
        or pa.types.is_large_list_view(kind)
    )


def is_text(kind: pa.DataType) -> bool:
    """Return whether a type is one of text."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_null(kind)
    )


def _float_to_string(column: pa.ChunkedArray) -> pa.ChunkedArray:
    numbers = column.cast(pa.float64()).to_numpy()
    known = np.isfinite(numbers)
    integral = known & (np.abs(numbers) < _MAX_EXACT_INTEGER)
    integral[integral] = numbers[integral] == np.floor(numbers[integral])
    whole = pa.array(np.where(integral, numbers, 0).astype(np.int64), mask=~integral)
    # Of the narrower type, so that a float32 0.1 reads "0.1" and not "0.10000000149".
    narrow = column.combine_chunks() if column.type == pa.float32() else pa.array(numbers)
    fraction = pc.if_else(pa.array(known & ~integral), narrow, pa.scalar(None, narrow.type))
    text = pc.coalesce(whole.cast(pa.large_string()), fraction.cast(pa.large_string()))
    return pa.chunked_array([text])


def _timestamp_to_string(column: pa.ChunkedArray) -> pa.ChunkedArray:
    days = pc.floor_temporal(column, unit="day")
    if pc.all(pc.equal(days, column), min_count=0).as_py() and column.type.tz is None:
        return column.cast(pa.date32()).cast(pa.large_string())
    # To the second where nothing finer is known, so that exports agree on how a time is written.
    seconds = pc.floor_temporal(column, unit="second")
    if pc.all(pc.equal(seconds, column), min_count=0).as_py():
        column = column.cast(pa.timestamp("s", column.type.tz))
    return column.cast(pa.large_string())
