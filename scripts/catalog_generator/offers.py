"""Offers: who sells which item, and what each offer tells where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sellers import Sellers
from .universe import Universe

__all__ = ["Offers", "make_offers"]

# Share of offers written in another seller's manner.
STRAY = 0.1
# Share of offers that copy the title of the item's first offer word for word.
COPIED = 0.2
# Share left as it is of the offers that tell the colour (size, brand) neither in title nor column.
SILENT = 0.06
# Shares of titles that leave out designator or line, where a code stands for them.
NO_DESIGNATOR = 0.02
NO_LINE = 0.05


@dataclass(frozen=True)
class Offers:
    """What every offer is about and where it says so; all arrays have one value an offer.

    Attributes:
        item: Its item.
        product: Its product.
        colour: Its colour, -1 for none.
        size: Its size, -1 for none.
        seller: Its seller.
        habits: The seller's habits (see ``sellers``), followed in the columns.
        style: The habits followed in the title; now and then those of another seller.
        title_of: The offer whose title it has: mostly itself.
        in_title: Whether the title has brand, line, designator, code, colour, size.
        in_column: Whether the columns have brand, colour, size, code.
        told: Whether title or columns name colour and size where the product comes in several.
    """

    item: np.ndarray
    product: np.ndarray
    colour: np.ndarray
    size: np.ndarray
    seller: np.ndarray
    habits: dict[str, np.ndarray]
    style: dict[str, np.ndarray]
    title_of: np.ndarray
    in_title: dict[str, np.ndarray]
    in_column: dict[str, np.ndarray]
    told: np.ndarray


def make_offers(
    universe: Universe,
    sellers: Sellers,
    item: np.ndarray,
    seller: np.ndarray,
    rng: np.random.Generator,
) -> Offers:
    """Decide what the title and the columns of every offer tell.

    Args:
        universe: What exists.
        sellers: Who sells.
        item: The item of every offer, in ascending order.
        seller: The seller of every offer.
        rng: Source of randomness.
    """
    n, items = len(item), universe.items

    def often(rate: np.ndarray | float) -> np.ndarray:
        """Draw yes or no for every offer."""
        return rng.random(n) < rate

    habits = {name: values[seller] for name, values in sellers.traits.items()}
    manner = np.where(often(STRAY), rng.integers(0, len(sellers.names), size=n), seller)
    style = {name: values[manner] for name, values in sellers.traits.items()}
    product = items.product[item]
    kinds = universe.lexicon.kinds
    coded = np.array([kind.coded for kind in kinds])[universe.products.kind[product]]

    there = {
        "brand": np.ones(n, dtype=bool),
        "colour": items.colour[item] >= 0,
        "size": items.size[item] >= 0,
    }
    several = {
        "brand": there["brand"],
        "colour": items.several_colours[item],
        "size": items.several_sizes[item],
    }
    in_title, in_column = {}, {}
    for name, exists in there.items():
        in_column[name] = exists & often(habits[f"column_{name}"])
        in_title[name] = exists & often(style[f"title_{name}"])
        silent = several[name] & ~in_column[name] & ~in_title[name]
        in_title[name] |= silent & ~often(SILENT)

    is_code = universe.products.designators.is_code[product]
    in_title["code"] = ~is_code & often(style["title_code"] * np.minimum(coded * 1.5, 1))
    in_column["code"] = often(habits["part_number"] * np.where(coded < 0.1, 0.4, 1.0))
    in_title["designator"] = ~in_title["code"] | ~often(NO_DESIGNATOR)
    by_code = in_title["code"] | is_code
    in_title["line"] = ~by_code | ~often(NO_LINE)

    first = np.searchsorted(item, item)
    copied = often(COPIED)
    told = np.ones(n, dtype=bool)
    for name in there:
        copied &= ~several[name] | in_column[name] | in_title[name][first]
        told &= ~several[name] | in_column[name] | in_title[name]
    return Offers(
        item=item,
        product=product,
        colour=items.colour[item],
        size=items.size[item],
        seller=seller,
        habits=habits,
        style=style,
        title_of=np.where(copied, first, np.arange(n)),
        in_title=in_title,
        in_column=in_column,
        told=told | copied,
    )
