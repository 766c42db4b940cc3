"""The right table's columns take the left one's names: by configuration, by name, by content."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from linkage.config.authored import Config
from linkage.errors import ConfigError, InputError
from linkage.io.reading import from_frame
from linkage.io.tables.column_names import name_as_left
from linkage.io.tables.table_metadata import new_names, notes_of

WORDS = "oak lamp mira table rosa chair vega shelf luna mirror nora carpet".split()


def offers(rows: int = 40, **names: str) -> pa.Table:
    """Offers whose columns have the given names; unique words in each title."""
    frame = pd.DataFrame(
        {
            "id": [f"r{k}" for k in range(rows)],
            "title": [f"{WORDS[k % 12]} {WORDS[(k * 5 + 1) % 12]} mark{k}" for k in range(rows)],
            "price": [f"{5 + k * 7 % 31}.{k % 10}0" for k in range(rows)],
            "gtin": [f"40012345{k:05d}" for k in range(rows)],
        }
    )
    return from_frame(frame.rename(columns=names), id_column=names.get("id"))


def named(right: pa.Table, left: pa.Table | None = None, /, **catalog: Any) -> pa.Table:
    return name_as_left(left or offers(), right, Config.from_dict({"catalog": catalog}))


@pytest.mark.parametrize(
    "names",
    [
        {"title": "TITLE", "gtin": "GTIN"},
        {"title": "Title ", "price": "_price_"},
        {"title": "Títle", "gtin": "G.T.I.N."},
    ],
)
def test_by_name(names: dict[str, str]) -> None:
    right = named(offers(**names))
    assert right.column_names == ["id", "title", "price", "gtin"]
    assert new_names(right) == {new: old for old, new in names.items()}
    (note,) = notes_of([right])
    assert note.startswith("columns matched by name: ")
    assert f"{names['title']} = title" in note


def test_by_content() -> None:
    right = named(offers(title="Bezeichnung", price="VK Preis", gtin="EAN"))
    assert right.column_names == ["id", "title", "price", "gtin"]
    (note,) = notes_of([right])
    assert note.startswith("columns matched by content: ")
    assert "EAN = gtin" in note
    assert named(right) is right, "once is enough"


def test_columns_of_both_tables_are_not_touched() -> None:
    right = named(offers())
    assert right.column_names == ["id", "title", "price", "gtin"]
    assert new_names(right) == {}
    assert notes_of([right]) == []
    crossed = named(offers(title="gtin", gtin="title"))
    assert new_names(crossed) == {}


def test_names_that_only_differ_in_letters_twice_are_left_to_content() -> None:
    """Both could be meant by "gtin"."""
    right = offers(gtin="GTIN")
    right = right.append_column("Gtin", pa.array([None, "7"] * 20))
    assert "columns matched by content: GTIN = gtin" in notes_of([named(right)])[0]


def test_by_configuration() -> None:
    right = named(offers(title="a", gtin="b"), right={"a": "gtin", "b": "title"})
    assert right.column_names == ["id", "gtin", "price", "title"], "whatever they hold"
    assert notes_of([right]) == []
    kept = Config.from_dict({"attributes": {"title": "text", "price": "price", "EAN": "id"}})
    assert "EAN" in name_as_left(offers(), offers(gtin="EAN"), kept).column_names


def test_ids_of_other_names() -> None:
    right = named(offers(id="sku"), right_id="sku")
    assert right.column_names == ["id", "title", "price", "gtin"]
    both = offers(id="sku").append_column("id", pa.array([str(k // 2) for k in range(40)]))
    right = named(both, right_id="sku")
    assert right.column("id").to_pylist()[:2] == ["r0", "r1"]
    assert right.column("id (right)").to_pylist()[:2] == ["0", "0"]
    left = offers(id="offer")
    right = named(offers(id="sku"), left, id="offer", right_id="sku")
    assert right.column_names == ["offer", "title", "price", "gtin"]


def test_what_is_left_is_said() -> None:
    left = offers().append_column("brand", pa.array(["x"] * 40))
    right = offers().append_column("Farbe", pa.array(["y"] * 40))
    (note,) = notes_of([named(right, left)])
    assert "only the left table has brand; only the right one Farbe" in note
    assert '[catalog] right = {Farbe = "brand"}' in note


def test_nothing_in_common_is_refused() -> None:
    left = offers().select(["id", "gtin"])
    right = offers().select(["id", "title"])
    with pytest.raises(InputError, match=r"only the left table has gtin") as caught:
        named(right, left)
    assert '[catalog] right = {title = "gtin"}' in str(caught.value)
    config = Config.from_dict({"attributes": {"brand": "name"}})
    with pytest.raises(InputError, match="No column to compare is in both tables"):
        name_as_left(offers(), offers(), config)


@pytest.mark.parametrize(
    ("catalog", "fault"),
    [
        ({"right": {"EAM": "gtin"}}, "right table has no column 'EAM'. Did you mean 'EAN'"),
        ({"right": {"EAN": "gtim"}}, "left table has no column 'gtim'. Did you mean 'gtin'"),
        ({"right": {"EAN": "title"}}, "the right table has a column 'title', too"),
        ({"right": {"EAN": "gtin", "title": "gtin"}}, "name each column of the left table once"),
        ({"right": {"EAN": 3}}, "must be a table of columns, right = left"),
        ({"right": {"EAN": "id"}}, "named by catalog.right_id"),
    ],
)
def test_faults_of_the_configuration(catalog: dict[str, Any], fault: str) -> None:
    with pytest.raises(ConfigError, match=r"catalog\.right") as caught:
        named(offers(gtin="EAN"), **catalog)
    assert fault in str(caught.value)
