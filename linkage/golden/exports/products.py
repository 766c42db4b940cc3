"""Products as shops have them: a parent with the options of its children."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.variants.base_titles import Options, base_titles, folded, options_of
from linkage.golden.attribute import Attribute, one_array
from linkage.golden.column_roles import column_of
from linkage.golden.exports.handles import handles
from linkage.golden.golden import Golden
from linkage.golden.together import read_with_units

__all__ = ["Child", "Product", "at_most", "products"]

#: What tells children apart that have the same options, and what stands for an unknown value.
_VARIANT, _UNKNOWN = "Variant", "unspecified"
#: Between options that are joined to one.
_JOIN = " / "
_ROLES = (
    "title", "description", "brand", "gtin", "mpn", "category", "currency", "image", "link",
    "availability", "condition",
)  # fmt: skip


@dataclass(frozen=True)
class Child:
    """What is sold: a cluster of the stricter definition.

    Attributes:
        id: name of the cluster.
        handle: for addresses and feeds.
        cells: its values by role (title, brand, gtin, price, ...); empty where there is none.
        options: its value of each option of the product.
    """

    id: str
    handle: str
    cells: Mapping[str, str]
    options: tuple[str, ...]


@dataclass(frozen=True)
class Product:
    """What a page of a shop shows: a cluster of the looser definition.

    Attributes:
        id: name of the cluster.
        handle: for addresses and feeds.
        cells: its values by role.
        options: names of the options that its children have.
        children: at least one, by their names.
    """

    id: str
    handle: str
    cells: Mapping[str, str]
    options: tuple[str, ...]
    children: tuple[Child, ...]


def products(parents: Golden, children: Golden) -> list[Product]:
    """The products of a catalog, by name of their clusters.

    Options are the ignored attributes that a child of the product states. Children that have the
    same in all of them get the option ``Variant``: their titles, or ids where these are the same.

    Args:
        parents: golden records of the looser definition; those of the stricter one again where
            there is no looser.
        children: golden records of the stricter definition, each within one of the others.
    """
    k = len(children.members.names)
    parent_of = np.zeros(k, np.int64)
    parent_of[children.members.label] = parents.members.label
    titles = _cells(parents)
    of_child = _cells(children)
    ids = children.members.names.to_pylist()
    values = {name: _option_values(children, name) for name in _option_names(parents)}
    if values:
        _strip_options(titles, values, np.bincount(parent_of))
    child_handles = handles(ids)
    families: list[list[int]] = [[] for _ in titles]
    for child, parent in enumerate(parent_of.tolist()):
        families[parent].append(child)
    names = parents.members.names.to_pylist()
    found = []
    for parent, (handle, family) in enumerate(zip(handles(names), families, strict=True)):
        options, rows = _options(family, values, of_child, ids)
        members = tuple(
            Child(ids[child], child_handles[child], of_child[child], row)
            for child, row in zip(family, rows, strict=True)
        )
        found.append(Product(names[parent], handle, titles[parent], options, members))
    return found


def at_most(product: Product, number: int) -> Product:
    """A product with so many options at most: the last ones are joined to one."""
    if len(product.options) <= number:
        return product

    def joined(parts: tuple[str, ...]) -> tuple[str, ...]:
        return (*parts[: number - 1], _JOIN.join(parts[number - 1 :]))

    children = (
        Child(one.id, one.handle, one.cells, joined(one.options)) for one in product.children
    )
    return Product(
        product.id, product.handle, product.cells, joined(product.options), tuple(children)
    )


def _cells(golden: Golden) -> list[dict[str, str]]:
    """The values of each golden record by role."""
    names = [name for name in golden.table.column_names[2:] if not _is_list(golden, name)]
    texts = [name for name in names if pa.types.is_string(golden.table.column(name).type)]
    columns: dict[str, list[str | None]] = {}
    for role in _ROLES:
        own = [
            name for name in texts if (golden.kinds.get(name) == Kind.IMAGE) == (role == "image")
        ]
        name = column_of(role, own)
        if name is not None:
            columns[role] = golden.table.column(name).to_pylist()
    priced = [name for name, kind in golden.kinds.items() if kind == Kind.PRICE]
    lowest = [f"{name}_min" for name in priced if f"{name}_min" in names]
    if lowest:
        amounts = golden.table.column(lowest[0]).to_pylist()
        columns["price"] = [None if amount is None else f"{amount:.2f}" for amount in amounts]
    elif chosen := [name for name in priced if name in texts]:
        amounts = Attribute("", Kind.PRICE, _array(golden, chosen[0])).amount.tolist()
        columns["price"] = [None if amount != amount else f"{amount:.2f}" for amount in amounts]
    if "gtin" in columns:
        columns["gtin"] = [value and re.sub(r"\D", "", value) for value in columns["gtin"]]
    return [
        {role: column[k] or "" for role, column in columns.items()}
        for k in range(golden.table.num_rows)
    ]


def _option_names(parents: Golden) -> list[str]:
    ends = [name for name in parents.table.column_names if name.endswith("_options")]
    return [name.removesuffix("_options") for name in ends if _is_list(parents, name)]


def _option_values(children: Golden, name: str) -> list[str | None]:
    """A child's value of an option, with its unit where another column has it."""
    group = next((group for group in children.together if name in group), [name])
    read = read_with_units(
        [Attribute(one, children.kinds[one], _array(children, one)) for one in group]
    )
    own = next(one for one in read if one.name == name)
    values: list[str | None] = (own.values if own.reading is None else own.reading).to_pylist()
    return values


def _options(
    family: Sequence[int],
    values: Mapping[str, Sequence[str | None]],
    cells: Sequence[Mapping[str, str]],
    ids: Sequence[str],
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Names of the options of a product, and the values of each of its children."""
    names = [name for name, column in values.items() if any(column[child] for child in family)]
    rows = [tuple(values[name][child] or _UNKNOWN for name in names) for child in family]
    # A shop tells options apart without regard to case.
    if len({tuple(part.casefold() for part in row) for row in rows}) < len(rows):
        titles = [cells[child].get("title") or ids[child] for child in family]
        count = Counter(title.casefold() for title in titles)
        titles = [
            title if count[title.casefold()] == 1 else f"{title} ({ids[child]})"
            for title, child in zip(titles, family, strict=True)
        ]
        names.append(_VARIANT)
        rows = [(*row, title) for row, title in zip(rows, titles, strict=True)]
    return tuple(names), rows


def _strip_options(
    cells: list[dict[str, str]], values: Mapping[str, Sequence[str | None]], sizes: np.ndarray
) -> None:
    """Take mentions of options out of the titles of products that have several children."""
    options = options_of([(name, {v for v in column if v}) for name, column in values.items()])
    some = [k for k, one in enumerate(cells) if one.get("title") and sizes[k] > 1]
    titles = [cells[k]["title"] for k in some]
    whole, bases = base_titles(titles, Options()), base_titles(titles, options)
    for k, before, after in zip(some, whole, bases, strict=True):
        removed, kept = Counter(before.split()) - Counter(after.split()), []
        for word in cells[k]["title"].split():
            parts = Counter(re.findall(r"[^\W_]+", folded(word)))
            if parts and parts <= removed:
                removed -= parts
            else:
                kept.append(word)
        cells[k]["title"] = " ".join(kept).rstrip(" ,;:(-–/") or cells[k]["title"]


def _is_list(golden: Golden, name: str) -> bool:
    return bool(pa.types.is_list(golden.table.column(name).type))


def _array(golden: Golden, name: str) -> pa.Array:
    return one_array(golden.table.column(name))
