"""The shops that golden records are exported to, and what their files cannot say."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from linkage.config.match_definition import MatchDefinition
from linkage.config.nesting import is_looser
from linkage.errors import ConfigError
from linkage.golden.exports.google import google_rows, google_text
from linkage.golden.exports.products import Product
from linkage.golden.exports.shopify import COLUMNS, MOST_OPTIONS, shopify_rows
from linkage.golden.exports.woocommerce import woocommerce_columns, woocommerce_rows
from linkage.golden.source import GoldenSource
from linkage.io.output import Writer, write_csv, write_text

__all__ = ["SHOPS", "export_notes", "export_writer", "parents_and_children"]

SHOPS = ("shopify", "woocommerce", "google")


def parents_and_children(source: GoldenSource, parents: str | None = None) -> tuple[str, str]:
    """The match definitions whose clusters are parents and children.

    Children are the clusters of the strictest definition, which ignores nothing; parents those of
    the loosest one that ignores more; without any each child is a product of its own.

    Args:
        source: the run.
        parents: the looser definition, where there are several.

    Raises:
        ConfigError: the run has no such definitions.
    """
    account = source.run["definitions"]
    definitions = [
        MatchDefinition(name, tuple(one["ignore"]), ignore_text=tuple(one.get("ignore_text", ())))
        for name, one in account.items()
    ]
    children = definitions[0]
    if children.ignores:
        raise ConfigError(
            f"the strictest match definition of the run, '{children.name}', ignores "
            f"{', '.join(children.ignored)}, so that it does not say what is sold as one.",
            where="command line",
            hint="Run linkage dedupe with --ignore, which answers both, and export that folder.",
        )
    looser = [one.name for one in definitions if is_looser(one, children)]
    if parents is not None and parents not in (*looser, children.name):
        source.check_definition(parents)
    return parents or (looser or [children.name])[-1], children.name


def export_writer(products: Sequence[Product], shop: str) -> Writer:
    """What writes the file of a shop (one of ``SHOPS``)."""
    if shop == "google":
        return write_text(google_text(google_rows(products)))
    if shop == "shopify":
        rows, names = shopify_rows(products), list(COLUMNS)
    else:
        rows, names = woocommerce_rows(products), woocommerce_columns(products)
    columns = {
        name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in names
    }
    return write_csv(pa.table(columns))


def export_notes(products: Sequence[Product], shop: str) -> list[str]:
    """What the file of a shop leaves out or changes, in sentences."""
    notes = []
    more = sum(len(product.options) > MOST_OPTIONS for product in products)
    if shop == "shopify" and more:
        notes.append(
            f"{more:,} products have more than {MOST_OPTIONS} options: the last ones are joined to "
            "one."
        )
    if shop == "google":
        cells = [child.cells for product in products for child in product.children]
        for role, column in (("link", "link"), ("image", "image_link"), ("currency", "price")):
            lacking = sum(not one.get(role) for one in cells)
            if lacking:
                what = (
                    "currency, without which Google takes no price" if role == "currency" else role
                )
                notes.append(f"{lacking:,} items have no {what} (column {column}).")
    unpriced = sum(not c.cells.get("price") for p in products for c in p.children)
    if unpriced:
        notes.append(f"{unpriced:,} children have no price.")
    return notes
