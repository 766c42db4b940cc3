"""Rows of a shop's product export become offers that have the cells of their product."""

from __future__ import annotations

import pandas as pd
import pytest

from linkage.io.reading import from_frame
from linkage.io.tables.table_metadata import distinct_column, notes_of

SIZES = ("S", "M", "L")
COLOURS = ("Navy", "Grey")

#: Names of the same columns, as several versions of the layout write them.
SHOPIFY = {
    "csv": "Handle Title Body_(HTML) Vendor Option1_Value Option2_Value Variant_Barcode "
    "Variant_Price Image_Src",
    "csv of 2025": "URL_handle Title Description Vendor Option1_value Option2_value Barcode "
    "Price Product_image_URL",
    "csv of 2025, snake case": "url-handle title description vendor option1-value option2-value "
    "barcode price product-image-url",
}


def shopify(names: str, products: int = 3, pictures: int = 2) -> pd.DataFrame:
    """Products of six variants, the first row with all cells, and one without options."""
    rows: list[list[str]] = []
    for product in range(products):
        common = [f"Hoodie {product}", "<p>Warm.</p>", "Shore"]
        for number, (size, colour) in enumerate((s, c) for s in SIZES for c in COLOURS):
            picture = f"https://cdn.example/{product}.jpg" if number == 0 else ""
            own = [size, colour, f"'40012345{product}{number:04d}", "20.00", picture]
            rows.append([f"hoodie-{product}", *(common if number == 0 else ["", "", ""]), *own])
        for k in range(pictures):
            rows.append([f"hoodie-{product}", *[""] * 7, f"https://cdn.example/x{k}.jpg"])
    rows.append(["cap", "Cap", "", "Shore", "Default Title", "", "'4001234599999", "9.00", ""])
    columns = [name.replace("_", " ").replace("-", "_") for name in names.split()]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize("names", SHOPIFY.values(), ids=SHOPIFY)
def test_rows_of_a_handle(names: str) -> None:
    table = from_frame(shopify(names))
    handle, title, body, vendor, size, _, barcode, _, picture = table.column_names[1:]
    read = table.to_pandas()
    assert len(read) == 3 * 6 + 1, "rows of further pictures are no offers"
    assert read[[title, vendor]].notna().all(axis=None)
    assert read[body].notna().sum() == 3 * 6
    assert read[picture].notna().sum() == 3, "a picture may show another variant"
    assert read["id"].iloc[1] == "hoodie-0/S/Grey"
    assert read.set_index("id").loc["cap", size] is None, "no option is named"
    assert read[barcode].str.isdecimal().all()
    assert distinct_column(table) == handle
    note, of_ids = notes_of([table])
    assert "6 of its 25 rows are no offers" in note
    assert f"variants have {title}, {body}, {vendor} of their product" in note
    assert of_ids.startswith(f"The ids are made of {handle}, {size}")


def test_rows_of_a_handle_may_have_ids() -> None:
    frame = shopify(SHOPIFY["csv"])
    frame.insert(0, "row", [f"r{k}" for k in range(len(frame))])
    table = from_frame(frame, id_column="row")
    assert "id" not in table.column_names
    assert table.column("row").to_pylist()[:8] == ["r0", "r1", "r2", "r3", "r4", "r5", "r8", "r9"]


def test_two_exports_in_one_file() -> None:
    """Handles and options repeat, so that they are no ids; each export has its own titles."""
    frame = shopify(SHOPIFY["csv"])
    other = frame.replace("Hoodie 0", "Hoodie of another shop")
    table = from_frame(pd.concat([frame, other], ignore_index=True))
    assert table.num_rows == 2 * 19
    assert table.column("Title").to_pylist()[:6] == ["Hoodie 0"] * 6
    assert table.column("Title").to_pylist()[19:25] == ["Hoodie of another shop"] * 6
    assert table.column("id").to_pylist()[:2] == ["1", "2"]
    assert distinct_column(table) is None


def test_complete_rows_of_a_handle() -> None:
    frame = shopify(SHOPIFY["csv"]).replace("", None)
    frame["Title"] = frame["Title"].ffill()
    table = from_frame(frame)
    assert table.num_rows == 19
    assert distinct_column(table) == "Handle"


def test_products_without_variants() -> None:
    frame = shopify(SHOPIFY["csv"])
    first = frame[frame["Title"].ne("") | frame["Variant Price"].eq("")]
    table = from_frame(first)
    assert table.column("Title").to_pylist() == ["Hoodie 0", "Hoodie 1", "Hoodie 2", "Cap"]
    assert from_frame(frame[frame["Title"].ne("")]).num_rows == 4
    assert notes_of([from_frame(frame[frame["Title"].ne("")], id_column="Handle")]) == []
    assert (
        distinct_column(from_frame(frame.drop(columns=["Option1 Value", "Option2 Value"]))) is None
    )


def woocommerce(columns: str, parent: str) -> pd.DataFrame:
    """Two products of three variants each and two simple ones."""
    rows: list[list[str]] = []
    for product in (10, 20):
        code, name = f"HOOD{product}", f"Hoodie {product}"
        rows.append([str(product), "variable", code, name, "Warm.", "", "", "S, M, L", "0"])
        for k, size in enumerate(SIZES):
            named = f"id:{product}" if parent == "id" else code
            own = ["30.00", named, size, str(k)]
            number = str(product + k + 1)
            rows.append([number, "variation", f"{code}-{size}", f"{name} - {size}", "", *own])
    rows.append(["30", "simple", "CAP", "Cap", "A cap.", "9.00", "", "", "0"])
    rows.append(["40", "simple, virtual", "GIFT", "Gift card", "", "50.00", "", "", "0"])
    return pd.DataFrame(rows, columns=columns.split("|"))


@pytest.mark.parametrize(
    "columns",
    [
        "ID|Type|SKU|Name|Description|Regular price|Parent|Attribute 1 value(s)|Position",
        "ID|Typ|Artikelnummer|Name|Beschreibung|Regulärer Preis|Übergeordnetes Produkt|"
        "Attribut 1 Wert(e)|Position",
    ],
    ids=["English", "German"],
)
@pytest.mark.parametrize("parent", ["id", "code"])
def test_rows_of_types(columns: str, parent: str) -> None:
    table = from_frame(woocommerce(columns, parent))
    read = table.to_pandas()
    types, description, named, options = (columns.split("|")[k] for k in (1, 4, 6, 7))
    assert read[types].value_counts().to_dict() == {
        "variation": 6, "simple": 1, "simple, virtual": 1,
    }  # fmt: skip
    assert read[description].tolist() == ["Warm."] * 6 + ["A cap.", None]
    assert read[options].tolist() == [*SIZES, *SIZES, None, None]
    assert read["id"].tolist() == read["ID"].tolist(), "ids by name and values"
    assert distinct_column(table) == named


def test_variants_may_share_the_column_that_names_their_product() -> None:
    rows = []
    for product in range(3):
        rows.append([f"p{product}", "Product", f"Cup {product}", "", "White;Blue"])
        rows += [[f"p{product}", "Variant", "", "9", colour] for colour in ("White", "Blue")]
    columns = ["handleId", "fieldType", "name", "price", "productOptionDescription1"]
    table = from_frame(pd.DataFrame(rows, columns=columns))
    assert table.column("name").to_pylist() == [f"Cup {k}" for k in (0, 0, 1, 1, 2, 2)]
    assert table.column("productOptionDescription1").to_pylist() == ["White", "Blue"] * 3
    assert table.column("id").to_pylist() == list("123456")
    assert distinct_column(table) == "handleId"


def test_a_column_of_types_alone_makes_no_export() -> None:
    rows = [[str(k), "product" if k % 2 else "variant", f"cup {k}"] for k in range(10)]
    table = from_frame(pd.DataFrame(rows, columns=["id", "type", "title"]))
    assert table.num_rows == 10
    assert notes_of([table]) == []
