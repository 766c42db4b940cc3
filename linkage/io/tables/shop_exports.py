"""Product exports of shop systems, whose rows are not all offers with all of their cells.

Such a file has rows of products and rows of their variants; what all variants of a product have in
common stands in one row alone. Two layouts are known by their columns and values:

- Rows of one *handle* are one product, the first of them with what is common, and some rows hold a
  further picture only (Shopify's product CSV).
- A column of *types* tells rows of products (``variable``, ``configurable``, ``Parent``,
  ``Product``) from rows of variants (``variation``, ``Child``, ``Variant``), which name their
  product (WooCommerce's product CSV, flat files of Amazon, Wix). A product that has variants is
  none to buy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.header_words import header_hints, header_words
from linkage.io.id_column import DEFAULT_ID
from linkage.io.tables.table_metadata import with_distinct_column, with_note

__all__ = ["complete_shop_export"]

#: Types of rows, one of a cell's list of words ("simple, virtual"), compared without case.
_PRODUCT_TYPES = {"variable", "configurable", "product", "parent"}
_VARIANT_TYPES = {"variation", "variant", "child"}
#: Different cells that a column of types may have in so many rows.
_MOST_TYPES, _SAMPLE = 50, 1_000
#: Words in names of columns whose cells are a variant's own, besides prices, codes and pictures.
_OWN_WORDS = {"variant", "value", "values", "weight", "inventory", "stock", "quantity", "qty"}
_OPTION = re.compile(r"option\d+value")
#: What Shopify writes as the option of a product that has no options.
_NO_OPTION = "Default Title"
#: A spreadsheet keeps digits behind an apostrophe as text; it is no part of the value.
_TEXT_MARK = r"^'([0-9])"
#: Variants that name a product which is there; a few may be orphans of an export cut short.
_MOST_KNOWN = 0.9


@dataclass(frozen=True)
class _Layout:
    """How rows belong together.

    Attributes:
        product: int[n], the row of each row's product; the row itself where it is none's variant.
        offers: bool[n], whether a row is an offer.
        handle: the column by which variants name their product.
        is_key: whether handle and options tell all offers apart.
        others: what rows are that are no offers, in words.
        options: columns that tell the variants of a product apart, where the layout names them.

    """

    product: np.ndarray
    offers: np.ndarray
    handle: str
    is_key: bool
    others: str
    options: tuple[str, ...] = ()


def complete_shop_export(table: pa.Table, where: str, *, with_ids: bool) -> pa.Table:
    """Return the offers of a shop's product export, each with its product's cells.

    An empty cell takes the value of the product's row in columns that say something of the product
    as a whole: not of prices, codes, pictures, quantities or options, nor in columns that most
    variants fill themselves. Variants of one product are different offers.

    Args:
        table: Strings, null where missing.
        where: What notes call the table.
        with_ids: Whether ids are made of handle and options where there is no column ``id``.

    Returns:
        The table with fewer rows and fewer nulls, and a note of that; the table itself where it is
        no such export.

    """
    layout = _handles(table) or _types(table)
    if layout is None:
        return table
    is_variant = layout.offers & (layout.product != np.arange(table.num_rows))
    rows, product = pa.array(np.flatnonzero(layout.offers)), pa.array(layout.product)
    columns, inherited = [], []
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        if _is_own(name):
            column = pc.replace_substring_regex(column, _TEXT_MARK, r"\1")
        elif _mostly_null(column.filter(pa.array(is_variant))) and column.null_count < len(column):
            column = pc.coalesce(column, column.take(product))
            inherited.append(name)
        if name in layout.options:
            column = pc.if_else(pc.equal(column, _NO_OPTION), None, column)
        columns.append(column.take(rows))
    done = pa.table(columns, names=table.column_names, metadata=table.schema.metadata)
    left_out = table.num_rows - done.num_rows
    done = with_note(
        done,
        f"{where} is a shop's product export: {left_out:,} of its {table.num_rows:,} rows are no "
        f"offers ({layout.others}) and are left out"
        + ("; variants of one product are different offers" if layout.is_key else "")
        + (f"; variants have {', '.join(inherited)} of their product." if inherited else "."),
    )
    if not layout.is_key:
        return done
    if with_ids and layout.options and DEFAULT_ID not in done.column_names:
        names = [layout.handle, *layout.options]
        done = done.add_column(0, DEFAULT_ID, _joined(done, names))
        done = with_note(done, f"The ids are made of {', '.join(names)}.")
    return with_distinct_column(done, layout.handle)


def _handles(table: pa.Table) -> _Layout | None:
    """Return the layout of rows that share a handle."""
    names = {re.sub(r"[\W_]+", "", name.casefold()): name for name in table.column_names}
    handle = names.get("handle") or names.get("urlhandle")
    options = tuple(name for key, name in names.items() if _OPTION.fullmatch(key))
    if handle is None or "title" not in names or not options:
        return None
    rows = pd.Series(np.arange(table.num_rows))
    cells = table.column(handle).to_pandas()
    first = rows.groupby(cells).transform("first").fillna(rows)
    has_own = np.zeros(table.num_rows, bool)
    for name in table.column_names:
        if name in options or (name != handle and _hints(name) & {"identifier", "price"}):
            has_own |= table.column(name).is_valid().to_numpy()
    offers = has_own | (first == rows).to_numpy()
    # The last row above that has a title: several exports in one file may use a handle twice.
    has_title = table.column(names["title"]).is_valid().to_numpy()
    product = rows.where(has_title).groupby(cells).ffill().fillna(first).to_numpy(np.int64)
    ids = _joined(table.filter(pa.array(offers)), [handle, *options])
    is_key = not ids.null_count and pc.count_distinct(ids).as_py() == len(ids)
    if (first == rows).all() or (not is_key and (product == rows).all() and offers.all()):
        return None
    return _Layout(product, offers, handle, is_key, "further pictures of a product", options)


def _types(table: pa.Table) -> _Layout | None:
    """Return the layout of rows of products and of variants, told apart by a column of types."""
    for name in table.column_names:
        column = table.column(name)
        if len(column.slice(0, _SAMPLE).unique()) > _MOST_TYPES:
            continue
        values = [value for value in column.unique().to_pylist() if value]
        is_product, is_variant = (
            pc.is_in(column, pa.array([v for v in values if types & _words(v)], pa.large_string()))
            .combine_chunks()
            .to_numpy(zero_copy_only=False)
            for types in (_PRODUCT_TYPES, _VARIANT_TYPES)
        )
        if is_product.any() and is_variant.any() and not (is_product & is_variant).any():
            found = _named_products(table, is_product, is_variant)
            if found is not None:
                handle, product = found
                offers = np.ones(table.num_rows, bool)
                offers[product[is_variant]] = False
                others = "products with variants of their own"
                return _Layout(product, offers | is_variant, handle, True, others)
    return None


def _named_products(
    table: pa.Table, is_product: np.ndarray, is_variant: np.ndarray
) -> tuple[str, np.ndarray] | None:
    """Return the column in which variants name their product, and the row of each row's product."""
    cells = {
        name: table.column(name).to_pandas().str.removeprefix("id:").to_numpy(object)
        for name in table.column_names
    }
    products, variants = np.flatnonzero(is_product), np.flatnonzero(is_variant)
    for key in cells:
        keys = pd.Index(cells[key][products])
        if keys.hasnans or pd.Series(cells[key][~is_variant]).dropna().duplicated().any():
            continue
        for name, values in cells.items():
            # Beside the key itself, a column that products leave empty; not their positions, say.
            if name != key and pd.notna(values[products]).any():
                continue
            found = keys.get_indexer(pd.Index(values[variants]))
            if np.mean(found >= 0) >= _MOST_KNOWN:
                product = np.arange(table.num_rows)
                product[variants[found >= 0]] = products[found[found >= 0]]
                return name, product
    return None


def _joined(table: pa.Table, names: list[str]) -> pa.Array:
    """Return the values of some columns, with a stroke between them; null without the first."""
    cells = (table.column(name).cast(pa.large_string()).combine_chunks() for name in names)
    first, *others = cells
    others = [pc.if_else(pc.equal(other, _NO_OPTION), None, other) for other in others]
    stroke = pa.scalar("/", first.type)
    joined = pc.binary_join_element_wise(first, *others, stroke, null_handling="skip")
    return pc.if_else(first.is_valid(), joined, None)


def _mostly_null(column: pa.Array) -> bool:
    return 2 * column.null_count > len(column)


def _words(cell: str) -> set[str]:
    return set(re.split(r"[,;|\s]+", cell.lower()))


def _is_own(name: str) -> bool:
    return bool(header_words(name) & _OWN_WORDS or _hints(name) & {"identifier", "price", "image"})


def _hints(name: str) -> frozenset[str]:
    return header_hints(header_words(name))
