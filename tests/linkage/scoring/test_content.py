"""Rows that are equal in all that they state, and hashes of what rows state."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from features.kinds import Kind
from features.records import Records
from linkage.scoring.content import content_hashes, equal_rows

Rows = list[tuple[str | None, ...]]


def records(left: Rows, right: Rows | None = None, names: str = "ab") -> Records:
    rows = [*left, *(right or [])]
    columns = [pa.array([row[k] for row in rows], pa.string()) for k in range(len(names))]
    side = np.repeat(np.int8([0, 1]), [len(left), len(right or [])])
    ids = np.array([str(k) for k in range(len(rows))], object)
    return Records(ids, pa.table(columns, list(names)), side, dict.fromkeys(names, Kind.TEXT))


def test_rows_are_equal_if_they_state_the_same_in_the_same_columns() -> None:
    rows: Rows = [("x", "y"), ("x", None), ("y", "x"), ("x", "y"), (None, "x"), ("x", None)]
    found = equal_rows(records([*rows, (None, None), (None, None), ("X", "y")]))
    assert found is not None
    assert found.group.tolist() == [0, 1, -1, 0, -1, 1, -1, -1, -1]
    assert found.are_equal(np.array([0, 0, 6]), np.array([3, 1, 7])).tolist() == [
        True,
        False,
        False,
    ]
    assert equal_rows(records([("x", "y"), ("x", None), (None, None), (None, None)])) is None


def test_hashes_depend_on_no_order() -> None:
    rows: Rows = [("x", "y"), ("x", None), ("y", "x")]
    found = content_hashes(records(rows))
    assert len(set(found.tolist())) == 3
    assert np.array_equal(content_hashes(records(rows[::-1])), found[::-1])
    turned: Rows = [row[::-1] for row in rows]
    assert np.array_equal(content_hashes(records(turned, names="ba")), found)


@pytest.mark.parametrize("copies", [1, 2, 9])
def test_pairs_of_one_table_are_stars(copies: int) -> None:
    found = equal_rows(records([("z", "z"), *[("x", "y")] * copies, ("x", "y")]))
    assert found is not None
    left, right = found.pairs()
    assert left.tolist() == [1] * copies
    assert right.tolist() == list(range(2, 2 + copies))
    assert found.surplus().sum() == copies - 1


def test_pairs_of_two_tables_give_each_row_a_partner_of_its_own() -> None:
    alone: Rows = [("z", "z"), ("z", "z")]
    found = equal_rows(records([*alone, *[("x", "y")] * 4], [("x", "y")] * 2))
    assert found is not None
    assert list(zip(*found.pairs(), strict=True)) == [(2, 6), (3, 7), (4, 7), (5, 7)]
    assert not found.surplus().any()
