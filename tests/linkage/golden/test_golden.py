"""Golden records of a small catalog: every cell and where it is from, checked by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from linkage.errors import ConfigError, InputError
from linkage.golden.golden import Golden, golden_records
from linkage.golden.pins import read_pins
from tests.helpers.golden_offers import golden_source, offers

GOLDEN: dict[str, Any] = {
    "date": "updated",
    "sources": ["beta", "alpha"],
    "rules": {"tags": "union", "stars": "median", "warranty": "newest"},
}
#: cluster | attribute | value | record | rule | agreement | losers, the best first.
# ruff: noqa: E501 (a cell is a line)
CELLS = """
a1 | title       | Harbour T-Shirt Navy M | a1 | most_frequent | 2/4 | Harbour T-Shirt; Norvik Harbour Tee, navy, size M
a1 | brand       | Norvik | a1 | most_frequent | 3/4 | Norwick
a1 | color       | Navy   | a1 | most_frequent | 3/4 | Blue
a1 | size        | M      | a1 | most_frequent | 3/3 |
a1 | weight      | 150 g  | a1 | most_frequent | 2/3 | 160 g
a1 | gtin        | 4001234500010 | a1 | gtin | 1/3 | 4001234500011
a1 | updated     | 2026-03-01 | b1 | max | 1/4 | 2026-02-01; 2026-01-05; 2025-11-20
a1 | price_min   | 18.50  | b1 | min    | 1/3 |
a1 | price_max   | 19.90  | a1 | max    | 1/3 |
a1 | currency    | EUR    | a1 | most_frequent | 2/3 | USD
a1 | stars       | 4.0    | a1 | median | 1/3 | 3.0; 4.5
a1 | warranty    | 2 years | b1 | newest | 1/3 | 1 year; 3 years
a1 | description | Soft cotton T-shirt with a round neck. | c1 | longest | 1/3 | Cotton tee.; Tee
a2 | title       | Harbour T-Shirt Red XL | a2 | most_frequent | 1/2 | Norvik Harbour Tee, red, XL
a2 | brand       | Norvik | a2 | most_frequent | 2/2 |
a2 | color       | Red    | a2 | most_frequent | 2/2 |
a2 | size        | XL     | a2 | most_frequent | 2/2 |
a2 | weight      | 170 g  | a2 | most_frequent | 2/2 |
a2 | gtin        | 4001234500027 | a2 | gtin | 1/2 | 4001234500034
a2 | updated     | 2026-03-02 | b2 | max | 1/2 | 2026-01-05
a2 | price_min   | 17.00  | b2 | min | 1/2 |
a2 | stars       | 4.0    | a2 | median | 1/2 | 5.0
a2 | warranty    | 2 years | b2 | newest | 1/2 | 1 year
a2 | description | Cotton tee in red. | a2 | longest | 1/1 |
a3 | title       | Bergamo Tonic Water 6 x 200 ml | a3 | most_frequent | 1/3 | Bergamo Tonic 6x0.2 l; Tonic Water Bergamo
a3 | pack        | 6      | a3 | most_frequent | 2/2 |
a3 | content     | 200    | a3 | most_frequent | 2/3 | 1.2
a3 | unit        | ml     | a3 | most_frequent | 2/3 | l
a3 | weight      | 1.3 kg | a3 | most_frequent | 2/2 |
a3 | gtin        | 4001234500102 | a3 | gtin | 2/3 | 4001234500103
a3 | price_min   | 3.99   | c3 | min | 1/3 |
a3 | price_max   | 4.50   | b3 | max | 1/3 |
b4 | title       | Tonic Water Bergamo 500 ml | c4 | most_frequent | 1/2 | Bergamo Tonic Water 0.5 l
b4 | pack        | 1      | b4 | most_frequent | 1/1 |
b4 | content     | 0.5    | b4 | most_frequent | 2/2 |
b4 | unit        | l      | b4 | most_frequent | 2/2 |
b4 | gtin        | 4001234500201 | b4 | gtin | 1/2 | 4001234500204
b4 | currency    | USD    | c4 | most_frequent | 1/2 | EUR
b4 | price_max   | 1.20   | c4 | max | 1/2 |
a5 | title       | Aurora Desk Lamp | a5 | most_frequent | 1/3 | Aurora Lamp by Lumora; Desk Lamp Aurora
a5 | color       | White  | a5 | most_frequent | 2/3 | Cream
a5 | weight      | 1.2 kg | a5 | most_frequent | 2/3 | 1.5 kg
a5 | gtin        |        |    | gtin | 0/2 | 4001234500305; 4001234500306
a5 | price_min   | 38.00  | d5 | min | 1/3 |
a5 | stars       | 2.0    | c5 | median | 1/2 | 4.0
a5 | warranty    | 5 years | d5 | newest | 1/2 | 2 years
a5 | description | A lamp. | a5 | longest | 1/1 |
d6 | title       | Stoneware Mug | d6 | most_frequent | 1/1 |
d6 | gtin        | 4001234500409 | d6 | gtin | 1/1 |
"""
LISTED = """
a1 | tags  | cotton | a1 | union  | 2/3
a1 | tags  | summer | b1 | union  | 1/3
a1 | price | 12.00  | c1 | offers | 1/3
a1 | price | 18.50  | b1 | offers | 1/3
a1 | price | 19.90  | a1 | offers | 1/3
a3 | tags  | drink  | a3 | union  | 2/3
a3 | tags  | mixer  | c3 | union  | 1/3
"""


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


def make(definition: str = "exact", frame: pd.DataFrame | None = None, **options: Any) -> Golden:
    return golden_records(golden_source(frame, **GOLDEN), definition, **options)


def provenance(golden: Golden, cluster: str, attribute: str) -> pd.DataFrame:
    frame = golden.provenance.to_pandas()
    return frame[(frame["cluster_id"] == cluster) & (frame["attribute"] == attribute)]


def cell(golden: Golden, cluster: str, attribute: str) -> Any:
    frame = golden.table.to_pandas().set_index("cluster_id")
    return frame.loc[cluster, attribute]


@pytest.fixture(scope="module")
def exact() -> Golden:
    return make()


@pytest.mark.parametrize("expected", rows(CELLS), ids=lambda row: f"{row[0]}-{row[1]}")
def test_cells_are_as_checked_by_hand(exact: Golden, expected: list[str]) -> None:
    cluster, attribute, value, record, rule, agreement, losers = expected
    (found,) = provenance(exact, cluster, attribute).to_dict("records")
    assert (found["value"] or "") == value
    assert (found["record_id"] or "") == record
    assert found["rule"] == rule
    assert found["agreement"] == pytest.approx(eval(agreement))
    assert list(found["losers"]) == [part for part in losers.split("; ") if part]
    held = cell(exact, cluster, attribute)
    assert held == float(value) if attribute.startswith("price") else (held or "") == value


def test_lists_have_a_row_for_each_value(exact: Golden) -> None:
    for cluster, attribute in {(row[0], row[1]) for row in rows(LISTED)}:
        found = provenance(exact, cluster, attribute)
        own = [row[2:] for row in rows(LISTED) if row[:2] == [cluster, attribute]]
        assert found[["value", "record_id", "rule"]].to_numpy().tolist() == [r[:3] for r in own]
        assert found["agreement"].tolist() == pytest.approx([eval(row[3]) for row in own])
    assert list(cell(exact, "a1", "tags")) == ["cotton", "summer"]
    assert cell(exact, "a1", "price_offers") == 3


def test_what_belongs_together_is_of_one_record(exact: Golden) -> None:
    assert exact.together == [["pack", "content", "unit"]]
    frame = exact.provenance.to_pandas()
    for _, some in frame[frame["attribute"].isin(["pack", "content", "unit"])].groupby(
        "cluster_id"
    ):
        assert some["record_id"].dropna().nunique() == 1


def test_groups_of_variants_have_no_attributes_of_one_variant() -> None:
    variant = make("variant")
    assert variant.withheld == ["color", "size", "gtin"]
    assert not {"color", "size", "gtin"} & set(variant.table.column_names)
    assert list(cell(variant, "a1", "size_options")) == ["M", "XL"]
    assert list(cell(variant, "a1", "color_options")) == ["Blue", "Navy", "Red"]
    found = provenance(variant, "a1", "color")
    assert found["rule"].unique().tolist() == ["option"]
    assert found["record_id"].tolist() == ["c1", "a1", "a2"]
    assert (cell(variant, "a1", "price_min"), cell(variant, "a1", "price_max")) == (17.0, 19.9)


def test_the_order_of_rows_changes_nothing(exact: Golden) -> None:
    for seed in range(3):
        shuffled = make(frame=offers().sample(frac=1, random_state=seed).reset_index(drop=True))
        assert shuffled.table.equals(exact.table)
        assert shuffled.provenance.equals(exact.provenance)


def test_trusted_sources_and_amounts() -> None:
    rules = {"title": "source", "weight": "max", "brand": "most_complete", "price": "min"}
    golden = make(rules=rules)
    assert cell(golden, "a1", "title") == "Norvik Harbour Tee, navy, size M"
    assert cell(golden, "a5", "title") == "Aurora Desk Lamp"
    assert cell(golden, "a5", "weight") == "1.5 kg"
    assert cell(golden, "a1", "price") == "12.00", "a rule of the user's chooses one price"
    assert "price_min" not in golden.table.column_names


def test_a_function_may_choose_or_make_a_value() -> None:
    seen = []

    def shortest(values: list[str], records: list[dict[str, Any]]) -> str:
        seen.append([one["id"] for one in records])
        return min(values, key=len)

    def shops(values: list[str], records: list[dict[str, Any]]) -> str | None:
        return None if len(records) == 1 else f"{len({one['shop'] for one in records})} shops"

    golden = make(rules={"title": shortest, "description": shops})
    assert cell(golden, "a1", "title") == "Harbour T-Shirt"
    found = provenance(golden, "a1", "title").iloc[0]
    assert (found["record_id"], found["rule"]) == ("c1", "function shortest")
    assert found["agreement"] == pytest.approx(1 / 4)
    made = provenance(golden, "a1", "description").iloc[0]
    assert (made["value"], made["record_id"], made["agreement"]) == ("3 shops", None, 0.0)
    assert cell(golden, "d6", "description") is None
    assert seen[0] == ["a1", "b1", "c1", "d1"]
    with pytest.raises(ConfigError, match=r"golden.rules.title: .* returned 3"):
        make(rules={"title": lambda values, records: 3})


def pinned(*pins: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(pins, columns=["cluster_id", "attribute", "value", "who", "why"])


def test_pins_outrank_rules() -> None:
    pins = pinned(
        ("a1", "brand", "Norvik AS", "ann", "the register"),
        ("a1", "tags", "tee | summer", "bob", "shorter"),
        ("a5", "gtin", "4001234500300", "ann", "asked the maker"),
        ("a3", "unit", "l", "ann", "as the label has it"),
    )
    golden = make(pins=read_pins(pins))
    found = provenance(golden, "a1", "brand").iloc[0]
    assert found["value"] == "Norvik AS" == cell(golden, "a1", "brand")
    assert (found["rule"], found["who"], found["why"]) == ("pinned", "ann", "the register")
    assert found["record_id"] is None
    assert (found["agreement"], list(found["losers"])) == (0.0, ["Norvik", "Norwick"])
    assert list(cell(golden, "a1", "tags")) == ["tee", "summer"]
    assert cell(golden, "a5", "gtin") == "4001234500300"
    # b3 says litres, and so its content and its pack are taken with them.
    assert [cell(golden, "a3", name) for name in ("pack", "content", "unit")] == ["6", "0.2", "l"]
    assert cell(golden, "a2", "brand") == "Norvik"


@pytest.mark.parametrize(
    ("pin", "message"),
    [
        (("a1", "brand", "", "", ""), "the pins, row 1, column value: the cell is empty"),
        (("zz", "brand", "X", "", ""), "row 1, column cluster_id: there is no cluster 'zz'"),
        (("a1", "brnd", "X", "", ""), "row 1, column attribute: 'brnd' is none"),
        (("a1", "price", "9.99", "", ""), "row 1, column attribute: 'price' is none"),
        (("a3", "content", "330", "", ""), "no record of cluster 'a3' has content '330'"),
    ],
)
def test_pins_that_do_not_fit_are_refused(pin: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(pins=read_pins(pinned(pin)))


def test_pins_that_contradict_each_other_are_refused() -> None:
    pins = pinned(("a1", "brand", "A", "", ""), ("a1", "brand", "B", "", ""))
    with pytest.raises(InputError, match=r"row 2: brand of 'a1' is pinned to 'B', and in .*row 1"):
        make(pins=read_pins(pins))
    with pytest.raises(InputError, match="of which match definition is cluster 'a1'"):
        make(pins=read_pins(pins), several=True)


@pytest.mark.parametrize(
    ("golden", "message"),
    [
        ({"rules": {"titel": "longest"}}, "there is no attribute 'titel'. Did you mean 'title'"),
        ({"rules": {"brand": "median"}}, "'median': the column has no number"),
        ({"together": [["brand", "vendor"]]}, "golden.together: there is no attribute 'vendor'"),
        ({"together": [["price", "currency"]]}, "price has the rule 'offers'"),
        ({"sources": ["omega"], "rules": {"brand": "source"}}, "no record is of source 'omega'"),
        ({"date": "update"}, "golden.date: the catalog has no column 'update'"),
    ],
)
def test_configurations_that_do_not_fit_are_refused(golden: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        golden_records(golden_source(**golden), "exact")


def test_declared_groups_move_together() -> None:
    source = golden_source(together=[["color", "brand"]])
    golden = golden_records(source, "exact")
    frame = golden.provenance.to_pandas()
    for cluster, some in frame[frame["attribute"].isin(["color", "brand"])].groupby("cluster_id"):
        assert some["record_id"].nunique() == 1, cluster


def test_columns_of_the_catalog_keep_apart_from_those_that_are_made() -> None:
    golden = make(frame=offers().assign(records="many", price_min="cheap"))
    assert cell(golden, "a1", "records") == 4
    assert cell(golden, "a1", "golden_records") == "many"
    assert {cell(golden, "a1", name) for name in ("price_min", "golden_price_min")} == {
        "cheap",
        18.5,
    }
