"""Files for shops, read back by small readers of their formats, hold the groups of the run."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from linkage.errors import ConfigError
from linkage.golden.exports.handles import handles
from linkage.golden.exports.products import Product, products
from linkage.golden.exports.shops import export_notes, export_writer, parents_and_children
from linkage.golden.golden import golden_records
from linkage.golden.source import GoldenSource
from linkage.io.reading import read_table
from linkage.io.tables.table_metadata import distinct_column
from tests.helpers.golden_offers import golden_source, offers

Groups = set[frozenset[str]]
OWN: Groups = {
    frozenset({"a1", "a2"}),
    frozenset({"a3", "b4"}),
    frozenset({"a5"}),
    frozenset({"d6"}),
}


def made(source: GoldenSource | None = None) -> list[Product]:
    source = source or golden_source()
    parents, children = (golden_records(source, name) for name in parents_and_children(source))
    return products(parents, children)


def written(some: list[Product], shop: str, tmp_path: Path) -> Path:
    path = tmp_path / f"{shop}.csv"
    export_writer(some, shop)(path)
    return path


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def grouped(pairs: list[tuple[str, str]]) -> Groups:
    groups: dict[str, set[str]] = {}
    for group, member in pairs:
        groups.setdefault(group, set()).add(member)
    assert sum(map(len, groups.values())) == len({member for _, member in pairs})
    return {frozenset(group) for group in groups.values()}


def read_shopify(path: Path) -> Groups:
    rows = rows_of(path)
    seen: dict[str, list[str]] = {}
    last = ""
    for row in rows:
        assert re.fullmatch(r"[a-z0-9-]+", row["Handle"])
        if row["Handle"] != last:
            assert row["Handle"] not in seen, "rows of a handle follow each other"
            assert row["Title"], "the first row of a product has its title"
            assert row["Option1 Name"]
        options = tuple(row[f"Option{k} Value"] for k in (1, 2, 3))
        assert options[0]
        assert str(options) not in seen.setdefault(row["Handle"], []), "options occur once"
        seen[row["Handle"]].append(str(options))
        last = row["Handle"]
    return grouped([(row["Handle"], row["Variant SKU"]) for row in rows])


def read_woocommerce(path: Path) -> Groups:
    pairs, parents = [], {}
    for row in rows_of(path):
        if row["Type"] == "variable":
            parents[row["SKU"]] = row
        elif row["Type"] == "variation":
            parent = parents[row["Parent"]]
            for k in (1, 2):
                listed = re.split(r"(?<!\\), ", parent[f"Attribute {k} value(s)"])
                assert row[f"Attribute {k} value(s)"] in listed
                assert row[f"Attribute {k} name"] == parent[f"Attribute {k} name"]
            pairs.append((row["Parent"], row["SKU"]))
        else:
            assert row["Type"] == "simple"
            pairs.append((row["SKU"], row["SKU"]))
    return grouped(pairs)


def read_google(path: Path) -> Groups:
    rows = rows_of(path, "\t")
    assert all(len(row["id"]) <= 50 for row in rows)
    assert all(re.fullmatch(r"\d+\.\d\d [A-Z]{3}", row["price"]) for row in rows)
    return grouped([(row["item_group_id"] or row["id"] + "!", row["id"]) for row in rows])


READERS = {"shopify": read_shopify, "woocommerce": read_woocommerce, "google": read_google}


@pytest.mark.parametrize("shop", READERS)
def test_groups_come_back(shop: str, tmp_path: Path) -> None:
    assert READERS[shop](written(made(), shop, tmp_path)) == OWN


def test_the_engine_reads_its_own_export_to_shopify(tmp_path: Path) -> None:
    table = read_table(written(made(), "shopify", tmp_path))
    assert distinct_column(table) == "Handle"
    frame = table.to_pandas()
    assert grouped(list(zip(frame["Handle"], frame["Variant SKU"], strict=True))) == OWN
    assert frame["Title"].notna().all()
    ids = ["a1/Navy/M", "a1/Red/XL", "a5/White", "d6/Grey"]
    assert set(ids) < set(frame["id"])


def test_the_engine_reads_its_own_export_to_woocommerce(tmp_path: Path) -> None:
    frame = read_table(written(made(), "woocommerce", tmp_path)).to_pandas()
    own = frame["Parent"].fillna(frame["SKU"])
    assert grouped(list(zip(own, frame["SKU"], strict=True))) == OWN


def test_cells_of_products_and_children(tmp_path: Path) -> None:
    by_sku = {row["Variant SKU"]: row for row in rows_of(written(made(), "shopify", tmp_path))}
    assert by_sku["a1"]["Title"] == "Harbour T-Shirt", "without the colour and size of one variant"
    assert by_sku["a1"]["Vendor"] == "Norvik"
    assert (by_sku["a2"]["Option1 Value"], by_sku["a2"]["Option2 Value"]) == ("Red", "XL")
    assert (by_sku["a1"]["Variant Price"], by_sku["a1"]["Variant Barcode"]) == (
        "18.50",
        "4001234500010",
    )
    assert by_sku["a5"]["Variant Barcode"] == ""
    items = {row["id"]: row for row in rows_of(written(made(), "google", tmp_path), "\t")}
    assert (items["a2"]["color"], items["a2"]["size"]) == ("Red", "XL")
    assert items["a1"]["price"] == "18.50 EUR"
    assert items["d6"]["item_group_id"] == ""


def four_options() -> GoldenSource:
    """The offers under a definition that ignores four attributes."""
    source = golden_source()
    source.run["definitions"]["variant"]["ignore"] = ["color", "size", "content", "stars"]
    return source


def test_more_than_three_options_are_joined_for_shopify(tmp_path: Path) -> None:
    some = made(four_options())
    assert {one.id: one.options for one in some}["a1"] == ("color", "size", "stars")
    source = golden_source(offers().assign(fit="slim"))
    source.run["definitions"]["variant"]["ignore"] = ["color", "size", "stars", "fit"]
    some = made(source)
    path = written(some, "shopify", tmp_path)
    assert read_shopify(path) == OWN
    row = rows_of(path)[1]
    assert (row["Option3 Value"], row["Variant SKU"]) == ("4.0 / slim", "a2")
    assert export_notes(some, "shopify")[0].startswith("1 products have more than 3 options")
    assert "slim" in rows_of(written(some, "woocommerce", tmp_path))[1]["Attribute 4 value(s)"]


def test_options_are_written_with_their_unit() -> None:
    options = {one.id: [child.options for child in one.children] for one in made(four_options())}
    assert options["a3"] == [("200 ml",), ("0.5 l",)]


def test_a_run_of_one_definition_has_products_without_options(tmp_path: Path) -> None:
    source = golden_source()
    del source.run["definitions"]["variant"]
    source = GoldenSource(
        source.records,
        source.clusters.rename(columns={"exact_id": "cluster_id"}),
        source.run,
        source.golden,
    )
    path = written(made(source), "shopify", tmp_path)
    assert read_shopify(path) == {frozenset({one}) for group in OWN for one in group}
    assert {row["Option1 Value"] for row in rows_of(path)} == {"Default Title"}


def test_a_run_without_a_strict_definition_is_refused() -> None:
    source = golden_source()
    del source.run["definitions"]["exact"]
    with pytest.raises(ConfigError, match="'variant', ignores color, size"):
        parents_and_children(source)


def test_handles_depend_on_the_id_alone() -> None:
    ids = ["r-17", "R-17", "Ärmel 3", "x" * 80, "x" * 81, "***", "a_b"]
    found = handles(ids)
    assert found[0] == "r-17"
    assert len(set(found)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", one) and len(one) <= 50 for one in found)
    assert [handles([one])[0] for one in reversed(ids)] == found[::-1]


def test_odd_texts_keep_their_place(tmp_path: Path) -> None:
    frame = offers()
    odd = 'a, "b"\n\tc; = | \\'
    frame.loc[frame["id"] == "d6", ["title", "color"]] = [odd, "Grey, dark"]
    some = made(golden_source(frame))
    for shop, reader in READERS.items():
        assert reader(written(some, shop, tmp_path)) == OWN
    items: list[dict[str, Any]] = rows_of(written(some, "google", tmp_path), "\t")
    assert items[-1]["title"].startswith("a, ")
    assert "Grey\\, dark" in (tmp_path / "woocommerce.csv").read_text(encoding="utf-8")
    text = (tmp_path / "shopify.csv").read_text(encoding="utf-8")
    assert pd.read_csv(io.StringIO(text))["Title"].iloc[-1] == odd
