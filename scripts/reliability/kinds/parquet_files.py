"""Parquet files: columns of all types, odd values, damaged bytes."""

from __future__ import annotations

import datetime as dt
import decimal
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reliability.damage import damage_bytes
from reliability.kinds.reading import lost_rows, other_cells, read_back
from reliability.offers import draw_offers

__all__ = ["parquet_case"]

_ROWS = (5, 40)
_COMPRESSIONS = ("snappy", "zstd", "gzip", "none", "brotli", "lz4")
_DAY = dt.datetime(2024, 2, 29, 12, 30)


def parquet_case(chance: random.Random, folder: Path) -> list[str]:
    """A Parquet file with text columns that are known, and others of any type."""
    offers = draw_offers(chance, chance.randint(*_ROWS), odd=chance.choice((0, 0.3)))
    kind = chance.choice((pa.string(), pa.string(), pa.large_string(), pa.string_view()))
    columns: dict[str, Any] = {
        name: pa.array(values, kind) for name, values in offers.columns().items()
    }
    if chance.random() < 0.3:
        columns["brand"] = columns["brand"].cast(pa.string()).dictionary_encode()
    rows = len(offers.rows)
    for k in range(chance.randrange(4)):
        make, type_ = chance.choice(_COLUMNS)
        values = [None if chance.random() < 0.2 else make(chance) for _ in range(rows)]
        columns[f"more_{k}"] = pa.array(values, type_)
    if chance.random() < 0.1:
        columns["bad"] = _invalid_text(chance, rows)
    path = folder / chance.choice(("catalog.parquet", "catalog.parquet", "catalog.pq", "catalog"))
    _write(chance, pa.table(columns), path)
    damaged = chance.random() < 0.4
    if damaged:
        path.write_bytes(damage_bytes(chance, path.read_bytes()))
    table, error, faults = read_back(path)
    if faults or damaged:
        return faults
    if "bad" in columns:
        return [] if error is not None else ["text that is not UTF-8 was read without a word"]
    if error is not None:
        return [f"refused: {str(error)[:300]}"]
    return lost_rows(table, offers) or other_cells(table, offers)


def _write(chance: random.Random, table: pa.Table, path: Path) -> None:
    pq.write_table(
        table,
        path,
        compression=chance.choice(_COMPRESSIONS),
        row_group_size=chance.choice((None, 1, 7)),
        use_dictionary=chance.random() < 0.5,
        data_page_version=chance.choice(("1.0", "2.0")),
    )


def _invalid_text(chance: random.Random, rows: int) -> pa.Array:
    """Bytes that a file says are text, one of them not UTF-8."""
    texts = [b"plain"] * rows
    texts[chance.randrange(rows)] = chance.choice(
        (b"\xff", b"\xc3", b"ab\xed\xa0\x80", b"\xe9t\xe9")
    )
    offsets, data = pa.array(texts, pa.binary()).buffers()[1:]
    return pa.StringArray.from_buffers(rows, offsets, data)


def _integer(chance: random.Random) -> int:
    return chance.choice((0, -1, 2**63 - 1, -(2**63), chance.randrange(10**6)))


def _number(chance: random.Random) -> float:
    return chance.choice((0.0, -0.0, float("nan"), float("inf"), 1e308, 5e-324, chance.random()))


#: Makers of values, and the type of their column.
_COLUMNS: tuple[tuple[Callable[[random.Random], Any], pa.DataType], ...] = (
    (_integer, pa.int64()),
    (lambda c: c.choice((0, 2**64 - 1)), pa.uint64()),
    (lambda c: c.randrange(-128, 128), pa.int8()),
    (_number, pa.float64()),
    (_number, pa.float32()),
    (lambda c: c.random() < 0.5, pa.bool_()),
    (lambda c: decimal.Decimal(c.randrange(10**9)) / 100, pa.decimal128(20, 2)),
    (lambda c: _DAY + dt.timedelta(days=c.randrange(9999)), pa.timestamp("us")),
    (lambda c: _DAY + dt.timedelta(days=c.randrange(9999)), pa.timestamp("ns", "Europe/Berlin")),
    (lambda c: dt.date(c.randrange(1, 9999), 1, 1), pa.date32()),
    (lambda c: dt.time(c.randrange(24)), pa.time64("us")),
    (lambda c: dt.timedelta(seconds=c.randrange(9999)), pa.duration("s")),
    (lambda c: c.randbytes(5), pa.binary()),
    (lambda c: c.randbytes(8), pa.binary(8)),
    (lambda c: ["a", None, "b"][: c.randrange(4)], pa.list_(pa.string())),
    (lambda c: [[1], []][: c.randrange(3)], pa.list_(pa.list_(pa.int32()))),
    (lambda c: {"a": c.randrange(9), "b": "x"}, pa.struct({"a": pa.int16(), "b": pa.string()})),
    (lambda c: [("k", c.randrange(9))], pa.map_(pa.string(), pa.int64())),
    (lambda c: None, pa.null()),
)
