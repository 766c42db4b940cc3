"""Products as Shopify's product CSV: a row for each child, rows of one handle are one product."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.golden.exports.products import Product, at_most

__all__ = ["COLUMNS", "MOST_OPTIONS", "shopify_rows"]

#: Options that a product may have.
MOST_OPTIONS = 3
_OPTIONS = [f"Option{k} {what}" for k in range(1, MOST_OPTIONS + 1) for what in ("Name", "Value")]
COLUMNS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Type", "Published", *_OPTIONS, "Variant SKU",
    "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price", "Variant Barcode",
    "Variant Image", "Image Src", "Status",
)  # fmt: skip


def shopify_rows(products: Sequence[Product]) -> list[dict[str, str]]:
    """The rows of the file, by column; columns that are left out are empty.

    What is said of the product stands in its first row. It is a draft, which a person publishes. A
    product without options has the option ``Title`` with the value ``Default Title``, as Shopify
    has it. The SKU of a child is the id of its cluster.
    """
    rows = []
    for whole in products:
        product = at_most(whole, MOST_OPTIONS)
        names = product.options or ("Title",)
        for k, child in enumerate(product.children):
            row = {"Handle": product.handle}
            if k == 0:
                row |= {
                    "Title": product.cells.get("title") or product.id,
                    "Body (HTML)": product.cells.get("description", ""),
                    "Vendor": product.cells.get("brand", ""),
                    "Type": product.cells.get("category", ""),
                    "Published": "FALSE",
                    "Image Src": product.cells.get("image", ""),
                    "Status": "draft",
                }
                row |= {f"Option{at} Name": name for at, name in enumerate(names, start=1)}
            values = child.options or ("Default Title",)
            row |= {f"Option{at} Value": value for at, value in enumerate(values, start=1)}
            row |= {
                "Variant SKU": child.id,
                "Variant Inventory Policy": "deny",
                "Variant Fulfillment Service": "manual",
                "Variant Price": child.cells.get("price", ""),
                "Variant Barcode": child.cells.get("gtin", ""),
                "Variant Image": child.cells.get("image", ""),
            }
            rows.append(row)
    return rows
