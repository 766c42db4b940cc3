"""Products as a feed of Google Merchant Center: tab-separated, an item for each child."""

from __future__ import annotations

import re
from collections.abc import Sequence

from linkage.golden.column_roles import has_role
from linkage.golden.exports.products import Child, Product

__all__ = ["COLUMNS", "google_rows", "google_text"]

#: What tells the items of a group apart, by the roles of the options that fill them.
_VARIES = ("color", "size", "material", "pattern")
COLUMNS = (
    "id", "item_group_id", "title", "description", "link", "image_link", "availability",
    "condition", "price", "brand", "gtin", "mpn", "product_type", *_VARIES,
)  # fmt: skip
#: Google's limits in characters.
_TITLE, _DESCRIPTION = 150, 5_000
_GTIN_LENGTHS = (8, 12, 13, 14)


def google_rows(products: Sequence[Product]) -> list[dict[str, str]]:
    """The items, by column; columns that are left out are empty.

    ``item_group_id`` is the handle of the product where it has several children. Options that
    Google has no column for are stated in the titles.
    """
    return [_item(product, child) for product in products for child in product.children]


def google_text(rows: Sequence[dict[str, str]]) -> str:
    """The items as tab-separated text; tabs and ends of lines inside of cells become blanks."""
    lines = ["\t".join(COLUMNS)]
    for row in rows:
        lines.append("\t".join(re.sub(r"\s+", " ", row.get(name, "")) for name in COLUMNS))
    return "\n".join(lines) + "\n"


def _item(product: Product, child: Child) -> dict[str, str]:
    def cell(role: str) -> str:
        return child.cells.get(role) or product.cells.get(role, "")

    varying, others = {}, []
    for name, value in zip(product.options, child.options, strict=True):
        role = next((r for r in _VARIES if has_role(name, r) and r not in varying), None)
        if role is None:
            others.append(value)
        else:
            varying[role] = value
    title = child.cells.get("title") or product.cells.get("title") or child.id
    title = " ".join([title, *(one for one in others if one.casefold() not in title.casefold())])
    price, gtin = child.cells.get("price", ""), child.cells.get("gtin", "")
    return {
        "id": child.handle,
        "item_group_id": product.handle if len(product.children) > 1 else "",
        "title": title[:_TITLE],
        "description": cell("description")[:_DESCRIPTION],
        "link": cell("link"),
        "image_link": cell("image"),
        "availability": cell("availability"),
        "condition": cell("condition"),
        "price": f"{price} {cell('currency')}".strip() if price else "",
        "brand": cell("brand"),
        "gtin": gtin if len(gtin) in _GTIN_LENGTHS else "",
        "mpn": cell("mpn"),
        "product_type": cell("category"),
        **varying,
    }
