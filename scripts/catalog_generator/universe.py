"""What exists: families, their products, and what can be bought in each colour and size.

A *family* is a product line of a brand. Its *products* differ in generation, tier, model code, cut,
flavour or scent. An *item* is a product in one colour and size: the exact entity of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .designators import Designators, make_designators
from .lexicon import Lexicon
from .names import Namer, brand_spellings
from .sizes import Size, size_schemes
from .texts import draw, order, pick, take, where

__all__ = ["Items", "Products", "Universe", "make_universe"]

# Probabilities that a family has 1, 2, ... products, and a product 1, 2, ... colours and sizes.
SIBLINGS = (0.30, 0.28, 0.20, 0.13, 0.09)
COLOURS_EACH = (0.34, 0.28, 0.20, 0.11, 0.07)
SIZES_EACH = (0.30, 0.27, 0.22, 0.13, 0.08)
# Share of the combinations of colour and size that are really sold.
SOLD = 0.7
# Colours of two-tone products.
TWO_TONES = ((0, 1), (0, 14), (7, 1), (0, 2), (1, 16), (2, 18), (7, 14), (1, 11), (20, 22), (0, 19))


@dataclass(frozen=True)
class Products:
    """Columns with one value a product; ``tone`` is the first word of its fancy colour names."""

    kind: np.ndarray
    brand: np.ndarray
    gender: np.ndarray
    features: np.ndarray
    spec: np.ndarray
    price: np.ndarray
    tone: np.ndarray
    text: np.ndarray
    line: pa.Array
    designators: Designators


@dataclass(frozen=True)
class Items:
    """Columns with one value an item; colour and size are -1 where its kind has none.

    ``gtin`` holds the first 12 digits; ``suffix`` is what the brand adds to the product's code for
    this item, null where it adds nothing.
    """

    product: np.ndarray
    colour: np.ndarray
    size: np.ndarray
    several_colours: np.ndarray
    several_sizes: np.ndarray
    gtin: np.ndarray
    suffix: pa.Array


@dataclass(frozen=True)
class Universe:
    """Everything that exists, and the words for it."""

    lexicon: Lexicon
    brands: list[list[str]]
    colours: list[list[str]]
    sizes: list[Size]
    products: Products
    items: Items


def make_universe(lexicon: Lexicon, size: int, rng: np.random.Generator) -> Universe:
    """Make about ``size`` products with all their items.

    The vocabulary grows as a natural one does: brands with the power 0.6 of the number of families,
    names of lines with its power 0.85.
    """
    families = max(1, round(size / np.dot(SIBLINGS, np.arange(1, len(SIBLINGS) + 1))))
    siblings = 1 + draw(rng, SIBLINGS, families)
    family = np.repeat(np.arange(families), siblings)
    rank = np.arange(len(family)) - np.repeat(np.cumsum(siblings) - siblings, siblings)
    n = len(family)

    kind = draw(rng, [kind.share for kind in lexicon.kinds], families)
    names, brand = _brands(lexicon, kind, rng)
    median = np.array([kind.price for kind in lexicon.kinds])[kind]
    price = median * np.exp(1.1 * (rng.random(families) + rng.random(families) - 1))
    gender = rng.integers(0, 4, size=families)
    products = Products(
        kind=kind[family],
        brand=brand[family],
        gender=gender[family],
        features=_order_rows(rng.random((n, 10)))[:, :3],
        spec=rng.integers(0, 5, size=n),
        price=price[family] * (1 + 0.13 * rank) * (0.95 + 0.1 * rng.random(n)),
        tone=rng.integers(0, len(lexicon.tones), size=n),
        text=rng.integers(0, 1 << 30, size=n),
        line=take(_lines(lexicon, brand, rng), family),
        designators=make_designators(lexicon, kind, family, rank, rng),
    )
    schemes = size_schemes(lexicon.language)
    return Universe(
        lexicon=lexicon,
        brands=names,
        colours=_colour_forms(lexicon),
        sizes=[size for scheme in schemes.values() for size in scheme],
        products=products,
        items=_items(lexicon, products, schemes, rng),
    )


def _order_rows(keys: np.ndarray) -> np.ndarray:
    """Return the order within every row."""
    return np.argsort(keys, axis=1, kind="stable")


def _brands(
    lexicon: Lexicon, kind: np.ndarray, rng: np.random.Generator
) -> tuple[list[list[str]], np.ndarray]:
    """Return the spellings of every brand, and every family's brand: a few own many families."""
    department = np.array([kind.department for kind in lexicon.kinds])[kind]
    families = np.bincount(department, minlength=len(lexicon.departments))
    counts = [int(2 + 1.6 * count**0.6) for count in families]
    names = Namer(lexicon.names, rng).brands(sum(counts))
    firms = lexicon.words["firms"]
    firm = rng.integers(0, len(firms), size=len(names))
    spellings = [brand_spellings(name, firms[i]) for name, i in zip(names, firm, strict=True)]
    brand = np.zeros(len(kind), dtype=np.int64)
    first = 0
    for index, count in enumerate(counts):
        rows = np.flatnonzero(department == index)
        brand[rows] = first + draw(rng, 1 / np.arange(2, count + 2) ** 0.7, len(rows))
        first += count
    return spellings, brand


def _lines(lexicon: Lexicon, brand: np.ndarray, rng: np.random.Generator) -> pa.Array:
    """Return the name of every family's line: brands may share one, but none uses it twice."""
    names = Namer(lexicon.names, rng).lines(int(10 + 2.2 * len(brand) ** 0.85))
    name = draw(rng, 1 / np.arange(20, len(names) + 20) ** 0.3, len(brand))
    while True:
        _, first = np.unique(brand * len(names) + name, return_index=True)
        if len(first) == len(name):
            return pick(names, name)
        again = np.ones(len(name), dtype=bool)
        again[first] = False
        name[again] = rng.integers(0, len(names), size=int(again.sum()))


def _colour_forms(lexicon: Lexicon) -> list[list[str]]:
    """Return three spellings of every colour, the two-tone ones last."""
    forms = [colour.forms for colour in lexicon.colours]
    for one, two in TWO_TONES:
        first, second = forms[one], forms[two]
        name = f"{first[0]}/{second[0]}"
        forms.append([name, name.replace("/", " & "), f"{first[2]}/{second[2]}"])
    return forms


def _items(
    lexicon: Lexicon,
    products: Products,
    schemes: dict[str, list[Size]],
    rng: np.random.Generator,
) -> Items:
    """Return what is sold of every product: part of the grid of its colours and sizes."""
    n = len(products.kind)
    several, palette = _palettes(lexicon, products.kind, rng)
    starts = dict(zip(schemes, np.cumsum([0, *map(len, schemes.values())]), strict=False))
    lengths = np.array([len(schemes.get(kind.sizes, [""])) for kind in lexicon.kinds])
    firsts = np.array([starts.get(kind.sizes, -1) for kind in lexicon.kinds])
    length, first = lengths[products.kind], firsts[products.kind]
    sizes = np.minimum(1 + draw(rng, SIZES_EACH, n), length)
    offset = (rng.random(n) * (length - sizes + 1)).astype(np.int64)

    grid = several * sizes
    product = np.repeat(np.arange(n), grid)
    cell = np.arange(len(product)) - np.repeat(np.cumsum(grid) - grid, grid)
    sold = (rng.random(len(product)) < SOLD) | (cell == 0)
    product, cell = product[sold], cell[sold]
    column, row = cell // sizes[product], cell % sizes[product]
    size = np.where(first[product] >= 0, first[product] + offset[product] + row, -1)
    colour = palette[product, column]

    per_item = rng.random(int(products.brand.max()) + 1) < 0.5
    suffix = pc.utf8_lpad(pc.cast(pa.array((colour + 1) * 10 + row), pa.string()), 3, "0")
    return Items(
        product=product,
        colour=colour,
        size=size,
        several_colours=several[product] > 1,
        several_sizes=sizes[product] > 1,
        gtin=_gtins(products.brand[product], rng),
        suffix=where(per_item[products.brand[product]], suffix, None),
    )


def _palettes(
    lexicon: Lexicon, kind: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return how many colours each product has, and which: popular ones more often."""
    several = 1 + draw(rng, COLOURS_EACH, len(kind))
    chosen = np.full((len(kind), len(COLOURS_EACH)), -1)
    names = [kind.palette for kind in lexicon.kinds]
    several[np.array([not name for name in names])[kind]] = 1
    for name in sorted(set(filter(None, names))):
        rows = np.flatnonzero(np.array([name == other for other in names])[kind])
        colours = [i for i, colour in enumerate(lexicon.colours) if name in colour.palettes]
        weights = [lexicon.colours[i].popularity for i in colours]
        if name == "fashion":
            colours += range(len(lexicon.colours), len(lexicon.colours) + len(TWO_TONES))
            weights += [1.0] * len(TWO_TONES)
        # Sampling without replacement by weight, after Efraimidis and Spirakis (2006).
        keys = np.log(rng.random((len(rows), len(colours)))) / np.array(weights)
        best = _order_rows(-keys)[:, : chosen.shape[1]]
        chosen[rows, : best.shape[1]] = np.array(colours)[best]
        several[rows] = np.minimum(several[rows], len(colours))
    return several, chosen


def _gtins(brand: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return different numbers of 12 digits, those of a brand under its own company prefixes."""
    n = len(brand)
    by_brand = order(rng.random(n))
    by_brand = by_brand[order(brand[by_brand])]
    counts = np.bincount(brand)
    rank = np.empty(n, dtype=np.int64)
    rank[by_brand] = np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts)
    countries = np.array([3, 7, 30, 40, 41, 42, 50, 54, 57, 73, 76, 80, 84, 87, 90])
    company = brand + (rank // 10_000) * len(counts)
    country = countries[company % len(countries)]
    scattered = (company * 611_953 + 104_729) % 1_000_000
    number = (rank * 7_919 + brand * 31) % 10_000
    return country * 10**10 + scattered * 10**4 + number
