"""Records hold together, or say what does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from features.kinds import Kind
from features.records import Records


def make(side: list[int], **kinds: Kind) -> Records:
    ids = np.array([f"r{row}" for row in range(len(side))], dtype=object)
    table = pa.table({"id": ids, "title": pa.chunked_array([["a"], ["b"] * (len(side) - 1)])})
    return Records(ids, table, np.array(side, dtype=np.int8), kinds)


def test_one_table() -> None:
    records = make([0, 0, 0], title=Kind.TEXT)
    assert (records.n, records.n_left, records.is_linkage) == (3, 3, False)


def test_two_tables() -> None:
    records = make([0, 1, 1])
    assert (records.n, records.n_left, records.is_linkage) == (3, 1, True)


def test_values_of_a_chunked_column_are_one_array() -> None:
    assert make([0, 0, 0]).values("title").to_pylist() == ["a", "b", "b"]


def test_right_rows_before_left_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="first table must come before"):
        make([1, 0])


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length: 1, 1, 0"):
        Records(np.array(["a"], object), pa.table({"id": pa.array([], pa.string())}), np.zeros(1))


def test_kinds_of_absent_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="colour"):
        make([0], colour=Kind.CATEGORY)
