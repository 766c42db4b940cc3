"""Products as WooCommerce's product CSV: rows of parents, then of their variations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from linkage.golden.exports.products import Child, Product

__all__ = ["woocommerce_columns", "woocommerce_rows"]

_COLUMNS = (
    "Type", "SKU", "GTIN, UPC, EAN, or ISBN", "Name", "Published", "Description", "Regular price",
    "Categories", "Brands", "Images", "Parent", "Position",
)  # fmt: skip
_ATTRIBUTE = ("name", "value(s)", "visible", "global")


def woocommerce_columns(products: Sequence[Product]) -> list[str]:
    """The columns of the file: four for each option of the product that has the most."""
    most = max((len(product.options) for product in products), default=0)
    return [
        *_COLUMNS,
        *(f"Attribute {k} {what}" for k in range(1, most + 1) for what in _ATTRIBUTE),
    ]


def woocommerce_rows(products: Sequence[Product]) -> list[dict[str, str]]:
    """The rows of the file, by column; columns that are left out are empty.

    A product of several children is ``variable``, its SKU ``group-`` and its handle; its children
    are ``variation``, the SKU of each the id of its cluster. A product of one child is ``simple``.
    Nothing is published: a person does that.
    """
    rows = []
    for product in products:
        if len(product.children) == 1:
            (child,) = product.children
            cells = {**product.cells, **{k: v for k, v in child.cells.items() if v}}
            rows.append(
                {
                    **_described(cells, child.id),
                    "Type": "simple",
                    "SKU": child.id,
                    **_own(child),
                    **_attributes(product.options, [(value,) for value in child.options]),
                }
            )
            continue
        sku = f"group-{product.handle}"
        values = list(zip(*(child.options for child in product.children), strict=True))
        rows.append(
            {
                **_described(product.cells, product.id),
                "Type": "variable",
                "SKU": sku,
                **_attributes(product.options, values),
            }
        )
        for k, child in enumerate(product.children):
            rows.append(
                {
                    "Type": "variation",
                    "SKU": child.id,
                    "Name": child.cells.get("title") or child.id,
                    "Published": "0",
                    "Parent": sku,
                    "Position": str(k),
                    "Images": child.cells.get("image", ""),
                    **_own(child),
                    **_attributes(product.options, [(value,) for value in child.options]),
                }
            )
    return rows


def _described(cells: Mapping[str, str], name: str) -> dict[str, str]:
    return {
        "Name": cells.get("title") or name,
        "Published": "0",
        "Description": cells.get("description", ""),
        "Categories": _escaped(cells.get("category", "")),
        "Brands": _escaped(cells.get("brand", "")),
        "Images": cells.get("image", ""),
    }


def _own(child: Child) -> dict[str, str]:
    return {
        "GTIN, UPC, EAN, or ISBN": child.cells.get("gtin", ""),
        "Regular price": child.cells.get("price", ""),
    }


def _attributes(names: Sequence[str], values: Sequence[Sequence[str]]) -> dict[str, str]:
    """The columns of attributes; each value once, a comma inside it escaped."""
    cells = {}
    for k, (name, own) in enumerate(zip(names, values, strict=True), start=1):
        cells[f"Attribute {k} name"] = name
        cells[f"Attribute {k} value(s)"] = ", ".join(map(_escaped, dict.fromkeys(own)))
        cells[f"Attribute {k} visible"] = "1"
        cells[f"Attribute {k} global"] = "0"
    return cells


def _escaped(text: str) -> str:
    return text.replace(",", "\\,")
