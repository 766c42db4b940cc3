"""Records in an order that neither ids nor rows nor columns change."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from linkage.pipeline.canonical_records import canonical_records


def records(columns: dict[str, list[str | None]], side: list[int]) -> Records:
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    ids = np.array([f"r{k}" for k in range(len(side))], object)
    return Records(ids, table, np.array(side, np.int8), dict.fromkeys(columns, Kind.TEXT))


def test_the_order_is_that_of_what_is_stated() -> None:
    cells: dict[str, list[str | None]] = {"b": [*"pqrst", None], "a": ["x", None, *"yzuv"]}
    side = [0, 0, 0, 0, 1, 1]
    one = canonical_records(records(cells, side), chosen=True, id_column="id")
    turned = {name: [*cells[name][3::-1], *cells[name][:3:-1]] for name in ("a", "b")}
    other = canonical_records(records(turned, side), chosen=True, id_column="id")
    assert one.table.equals(other.table)
    assert list(one.kinds) == list(other.kinds) == ["a", "b"]
    assert one.side.tolist() == side
    assert sorted(one.ids[:4]) == ["r0", "r1", "r2", "r3"]


def test_constants_tell_nothing_unless_somebody_chose_them() -> None:
    cells: dict[str, list[str | None]] = {
        "title": [*"abcd"], "site": ["n"] * 4, "of_left": ["x", "x", None, None],
        "some": ["x", None, "x", "x"],
    }  # fmt: skip
    given = records(cells, [0, 0, 1, 1])
    assert list(canonical_records(given, chosen=False, id_column="id").kinds) == ["some", "title"]
    assert list(canonical_records(given, chosen=True, id_column="id").kinds) == sorted(cells)
    alone = records({"title": ["a"] * 3}, [0] * 3)
    assert list(canonical_records(alone, chosen=False, id_column="id").kinds) == ["title"], (
        "something is compared"
    )


def test_rows_stand_in_one_order_whatever_is_compared() -> None:
    cells: dict[str, list[str | None]] = {
        "id": [*"123456"], "a": [*"zyxwvu"], "b": [*"pqpqpq"], "site": ["n"] * 6
    }  # fmt: skip
    given = records(cells, [0] * 6)
    whole = canonical_records(given, chosen=False, id_column="id")
    part = canonical_records(given.without(("a",)), chosen=True, id_column="id")
    assert whole.ids.tolist() == part.ids.tolist()
    renamed = records({**cells, "id": [*"654321"]}, [0] * 6)
    assert canonical_records(renamed, chosen=False, id_column="id").ids.tolist() == (
        whole.ids.tolist()
    )


def test_two_tables_stand_in_one_order_whichever_is_left() -> None:
    cells: dict[str, list[str | None]] = {"a": ["x", "y", "x", "z", "w"]}
    turned: dict[str, list[str | None]] = {"a": ["x", "z", "w", "x", "y"]}
    one = canonical_records(records(cells, [0, 0, 1, 1, 1]), chosen=True, id_column="id")
    other = canonical_records(records(turned, [0, 0, 0, 1, 1]), chosen=True, id_column="id")
    assert one.table.equals(other.table)
    assert one.side.tolist() == other.side.tolist()
    assert one.is_swapped != other.is_swapped
    left = one.table.column("a").to_pylist()[one.rows_of(0)]
    assert sorted(left) == ["x", "y"], "rows of the caller's left table"
    assert one.given_tables[one.rows_of(1)].tolist() == [1, 1, 1]
    kept = canonical_records(
        records(cells, [0, 0, 1, 1, 1]), chosen=True, id_column="id", swapped=not one.is_swapped
    )
    assert kept.is_swapped != one.is_swapped
