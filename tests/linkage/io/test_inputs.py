"""Any table that a caller may hold is taken: of pandas, of Arrow, a stream, a path."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linkage import Config
from linkage.errors import InputError
from linkage.io.inputs import Catalog, tabular

TABLE = pa.table(
    {
        "sku": [7, 8],
        "title": pa.array(["Acme kettle", "N/A"], pa.large_string()),
        "brand": pa.array(["Acme", None]).dictionary_encode(),
        "price": pa.array([Decimal("19.90"), None], pa.decimal128(9, 2)),
        "weight": [0.5, float("nan")],
        "tags": [["a", "b"], []],
    }
)
TEXTS = [
    {
        "sku": "7", "title": "Acme kettle", "brand": "Acme", "price": "19.90", "weight": "0.5",
        "tags": "a, b",
    },
    {"sku": "8", "title": None, "brand": None, "price": None, "weight": None, "tags": None},
]  # fmt: skip
CONFIG = Config(catalog={"id": "sku"})


EMPTY = [
    pa.table({"sku": ["1", "2"], "title": ["kettle", "pan"], "colour": pa.nulls(2)}),
    pa.table({"sku": ["1", "2"], "title": ["kettle", "pan"], "colour": pa.nulls(2)}).to_pandas(),
    pd.DataFrame({"sku": ["1", "2"], "title": ["kettle", "pan"], "colour": [pd.NA, None]}),
    pd.DataFrame({"sku": ["1", "2"], "title": ["kettle", "pan"], "colour": [np.nan] * 2}),
]


@pytest.mark.parametrize("given", EMPTY)
def test_columns_without_a_value_are_text(given: Any) -> None:
    read = Catalog.of(given, CONFIG, "sku").table
    assert read.schema.types == [pa.large_string()] * 3
    assert read.column("colour").null_count == 2
    # A table that was read before and lost the type of a column since is read anew.
    changed = read.set_column(2, "colour", pa.nulls(2))
    assert Catalog.of(changed, CONFIG, "sku").table.schema.types == [pa.large_string()] * 3


class Stream:
    """What Polars and DuckDB offer."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Relation:
    """What older relations offer."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def arrow(self) -> pa.RecordBatchReader:
        return self._table.to_reader()


class OldFrame:
    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def to_arrow(self) -> pa.Table:
        return self._table


def in_file(table: pa.Table, folder: Path) -> Path:
    pq.write_table(table, folder / "shop.parquet")
    return folder / "shop.parquet"


@pytest.mark.parametrize(
    "form",
    [
        pa.Table.to_pandas,
        pa.Table.to_reader,
        Stream,
        Relation,
        OldFrame,
        lambda t: t.to_batches()[0],
    ],
)
def test_tables_in_memory(form: Callable[[pa.Table], Any]) -> None:
    catalog = Catalog.of(form(TABLE), CONFIG, "sku")
    assert catalog.table.to_pylist() == TEXTS
    assert catalog.ids is not None
    assert catalog.ids.tolist() == [7, 8]
    given = catalog.as_given(np.array(["8", "7", "8"], object))
    assert given.tolist() == [8, 7, 8]
    assert given.dtype.kind == "i"


def test_paths(tmp_path: Path) -> None:
    path = in_file(TABLE, tmp_path)
    for given in (path, str(path)):
        assert Catalog.of(given, CONFIG, "sku").table.to_pylist() == TEXTS
    with pytest.raises(InputError, match=r"shop\.csv does not exist"):
        Catalog.of("shop.csv", CONFIG, "sku")
    with pytest.raises(InputError, match="cannot be read"):
        Catalog.of("x" * 5000, CONFIG, "sku")


def test_text_layouts_of_arrow() -> None:
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        table = pa.table({"id": pa.array(["a", "b"], kind), "t": pa.array(["x", None], kind)})
        catalog = Catalog.of(table, Config(), "id")
        assert catalog.table.to_pylist() == [{"id": "a", "t": "x"}, {"id": "b", "t": None}]
        assert catalog.ids is None
        assert Catalog.of(catalog.table, Config(), "id").table is catalog.table, "not checked again"


def test_ids_of_other_types() -> None:
    for ids in (
        [uuid.UUID(int=3), uuid.UUID(int=4)],
        pd.array([1, 2], "Int64"),
        pd.to_datetime(["2024-01-02", "2024-01-03"]),
    ):
        frame = pd.DataFrame({"id": ids, "title": "x"}, index=[5, 9])
        catalog = Catalog.of(frame, Config(), "id")
        assert catalog.ids is not None
        assert catalog.ids.tolist() == list(ids)
        assert (pd.Series(catalog.as_given(catalog.texts)) == list(ids)).all()


@pytest.mark.parametrize("named", ["number", None])
@pytest.mark.parametrize("form", [pd.DataFrame, pa.Table.from_pandas])
def test_ids_of_offers_among_the_rows_of_a_shop(
    form: Callable[[pd.DataFrame], Any], named: str | None
) -> None:
    """Rows of products are left out; the ids are found where no column is named."""
    frame = pd.DataFrame(
        {
            "title": ["Hoodie", "", "", "Cap"],
            "number": [10, 11, 12, 13],
            "type": ["variable", "variation", "variation", "simple"],
            "parent": ["", "10", "10", ""],
        }
    )
    catalog = Catalog.of(form(frame), Config(), named)
    assert catalog.texts.tolist() == ["11", "12", "13"]
    assert catalog.as_given(np.array(["13", "11"], object)).tolist() == [13, 11]
    unnamed = Catalog.of(form(frame.drop(columns="number")), Config(), None)
    assert unnamed.ids is None, "rows are numbered"


@pytest.mark.parametrize("given", [[{"id": "a"}], {"id": ["a"]}, None, 3, pa.array([1])])
def test_what_is_no_table_is_refused_with_what_is_taken(given: object) -> None:
    with pytest.raises(InputError, match="cannot be an object of type") as caught:
        tabular(given)
    for name in ("pandas", "pyarrow", "__arrow_c_stream__", "path"):
        assert name in caught.value.hint


def test_what_is_lazy_is_to_be_collected() -> None:
    lazy = type("LazyFrame", (), {"collect": lambda self: None})()
    with pytest.raises(InputError, match=r"LazyFrame") as caught:
        tabular(lazy)
    assert "Collect it first" in caught.value.hint


def test_a_stream_that_was_read_before_has_no_rows() -> None:
    reader = TABLE.to_reader()
    Catalog.of(reader, CONFIG, "sku")
    with pytest.raises(InputError, match="the table has no rows"):
        Catalog.of(reader, CONFIG, "sku")
