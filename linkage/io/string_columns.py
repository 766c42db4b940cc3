"""Columns of any type as columns of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from linkage.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["to_string_table"]

# Beyond this a double no longer tells neighbouring integers apart.
_MAX_EXACT_INTEGER = 2.0**53


def to_string_table(frame: pd.DataFrame | pa.Table, where: str) -> pa.Table:
    """Cast every column of a table to strings.

    Integers and floats without a fraction are written without a decimal point, times in ISO
    8601 (as dates where no row has a time of day), booleans as ``true`` and ``false``.

    Args:
        frame: A pandas or Arrow table; a pandas index is left out.
        where: What messages call the table.

    Returns:
        A table of string columns, null where missing.

    Raises:
        InputError: If a column name occurs twice, or a column holds lists, structures or bytes.

    """
    if isinstance(frame, pa.Table):
        names = [str(name) for name in frame.column_names]
        columns: list[Any] = list(frame.columns)
    else:
        names = [str(name) for name in frame.columns]
        columns = [frame.iloc[:, position] for position in range(len(names))]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise InputError(
                f"{where}: column '{name}' occurs twice.", hint="Rename or remove one of them."
            )
    strings = []
    for name, column in zip(names, columns, strict=True):
        arrow = column if isinstance(column, pa.ChunkedArray) else _from_series(column)
        strings.append(_to_string(arrow, name, where))
    return pa.table(strings, names=names)


def _from_series(series: pd.Series) -> pa.ChunkedArray:
    try:
        array = pa.array(series, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        missing = series.isna().to_numpy()
        texts = [None if gone else str(value) for value, gone in zip(series, missing, strict=True)]
        array = pa.array(texts, pa.string())
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _to_string(column: pa.ChunkedArray, name: str, where: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_nested(kind):
        raise InputError(
            f"{where}: column '{name}' is nested ({kind}).",
            hint="Write its parts as columns of their own, or leave it out.",
        )
    try:
        if pa.types.is_floating(kind):
            return _float_to_string(column)
        if pa.types.is_timestamp(kind):
            return _timestamp_to_string(column)
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(
            f"{where}: column '{name}' ({kind}) cannot be read as text: {error}",
            hint="Write it as text, or leave it out.",
        ) from error


def _float_to_string(column: pa.ChunkedArray) -> pa.ChunkedArray:
    numbers = column.cast(pa.float64()).to_numpy()
    known = np.isfinite(numbers)
    integral = known & (np.abs(numbers) < _MAX_EXACT_INTEGER)
    integral[integral] = numbers[integral] == np.floor(numbers[integral])
    whole = pa.array(np.where(integral, numbers, 0).astype(np.int64), mask=~integral)
    # Of the narrower type, so that a float32 0.1 reads "0.1" and not "0.10000000149".
    narrow = column.combine_chunks() if column.type == pa.float32() else pa.array(numbers)
    fraction = pc.if_else(pa.array(known & ~integral), narrow, pa.scalar(None, narrow.type))
    text = pc.coalesce(whole.cast(pa.string()), fraction.cast(pa.string()))
    return pa.chunked_array([text])


def _timestamp_to_string(column: pa.ChunkedArray) -> pa.ChunkedArray:
    days = pc.floor_temporal(column, unit="day")
    if pc.all(pc.equal(days, column), min_count=0).as_py() and column.type.tz is None:
        return column.cast(pa.date32()).cast(pa.string())
    # To the second where nothing finer is known, so that exports agree on how a time is written.
    seconds = pc.floor_temporal(column, unit="second")
    if pc.all(pc.equal(seconds, column), min_count=0).as_py():
        column = column.cast(pa.timestamp("s", column.type.tz))
    return column.cast(pa.string())
