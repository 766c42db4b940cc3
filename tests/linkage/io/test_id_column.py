"""The column of ids is found by values and name, or made."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from linkage.errors import InputError
from linkage.io.id_column import id_candidates, likely_id
from linkage.io.reading import build_records, from_frame
from linkage.io.tables.table_metadata import notes_of


def test_id_candidates() -> None:
    table = pa.table({"a": ["1", "1"], "b": ["1", "2"], "c": ["1", None]})
    assert id_candidates(table) == ["b"]


@pytest.mark.parametrize("name", ["offer_id", "SKU", "productId", "Artikelnummer", "référence"])
def test_ids_by_name_and_values(name: str) -> None:
    frame = pd.DataFrame({"title": ["x", "y", "z"], name: ["a1", "b2", "c3"]})
    assert likely_id(from_frame(frame, id_column=name)) == name
    table = from_frame(frame)
    assert table.column("id").to_pylist() == ["a1", "b2", "c3"]
    assert f"the ids are those of column '{name}'" in notes_of([table])[0]
    assert list(build_records(table).kinds) == ["title"], "ids say nothing within a table"


def test_ids_that_two_tables_share_are_compared() -> None:
    frame = pd.DataFrame({"title": ["x", "y", "z"], "gtin": ["40012345", "40012352", "40012369"]})
    assert list(build_records(from_frame(frame), from_frame(frame)).kinds) == ["title", "gtin"]


@pytest.mark.parametrize("name", ["title", "product name", "Name (en)"])
def test_one_column_of_names_is_numbered(name: str) -> None:
    table = from_frame(pd.DataFrame({name: ["red; large", "blue", "green (mint)"]}))
    assert table.column("id").to_pylist() == ["1", "2", "3"]


@pytest.mark.parametrize("sign", ["#", "¦", "§"])
def test_one_column_that_looks_like_several_is_refused(sign: str) -> None:
    lines = [sign.join(["x", str(number), ""]) for number in range(3)]
    with pytest.raises(InputError, match="only one column") as caught:
        from_frame(pd.DataFrame({sign.join(["title", "price", "ean"]): lines}))
    assert "--delimiter" in caught.value.hint


@pytest.mark.parametrize("ids", [["a", "a", "b"], ["a", None, "b"]], ids=["repeated", "missing"])
def test_rows_are_numbered_where_nothing_is_an_id(ids: list[str | None]) -> None:
    table = from_frame(pd.DataFrame({"title": ["x", "y", "z"], "sku": ids}), name="the shop")
    assert table.column("id").to_pylist() == ["1", "2", "3"]
    assert notes_of([table]) == [
        "the shop has no column 'id': the rows are numbered from 1 as their ids; --id names "
        "another column."
    ]
    assert list(build_records(table).kinds) == ["title", "sku"]
