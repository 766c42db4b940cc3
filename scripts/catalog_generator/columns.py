"""The columns beside the title, in the order in which a catalog has them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .offers import Offers
from .texts import check_digits, choose, join, order, pick, take, template, where, write_digits
from .titles import feature_words, write_colours, write_sizes
from .universe import Universe

__all__ = ["GtinColumn", "make_columns", "make_gtins"]

# Share of column values that name a sibling's colour or size.
MISSTATED = 0.004
# Share of column values that follow the seller's favourite spelling.
FAITHFUL = 0.9
# Share of the missing GTINs that are missing because their seller gives none at all.
BY_SELLER = 0.6
# Share of the wrong GTINs that are mistyped, and of the others that are a sibling's.
MISTYPED = 0.5
SIBLINGS = 0.6


@dataclass(frozen=True)
class GtinColumn:
    """The GTINs as written, and where they are the item's own."""

    written: pa.Array
    right: np.ndarray


def make_columns(
    universe: Universe, offers: Offers, language: str, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Return the columns that say what an offer is about, other than title and identifiers."""
    n, habits = len(offers.item), offers.habits
    form = {
        name: np.where(rng.random(n) < FAITHFUL, habits[f"column_{name}_form"], 0)
        for name in ("colour", "size")
    }
    sibling = _sibling(offers.product, offers.item, universe.items.product)
    colour, size = (
        np.where(rng.random(n) < MISSTATED, others[sibling], own)
        for own, others in (
            (offers.colour, universe.items.colour),
            (offers.size, universe.items.size),
        )
    )
    return {
        "description": _descriptions(universe, offers, rng),
        "brand": _brands(universe, offers, rng),
        "category": _categories(universe, offers),
        "colour": write_colours(
            universe, offers, colour, form["colour"], offers.in_column["colour"]
        ),
        "size": write_sizes(universe, size, form["size"], offers.in_column["size"]),
        "price": _prices(universe, offers, language, rng),
        "part_number": _part_numbers(universe, offers),
    }


def make_gtins(
    universe: Universe, offers: Offers, missing: float, wrong: float, rng: np.random.Generator
) -> GtinColumn:
    """Write GTINs: some sellers never give one, others forget it, copy it wrongly or mistype it.

    Args:
        universe: What exists.
        offers: The offers.
        missing: Share of offers without a GTIN.
        wrong: Share of the written GTINs that are wrong.
        rng: Source of randomness.
    """
    n, items = len(offers.item), universe.items
    counts = np.bincount(offers.seller)
    never = np.zeros(len(counts), dtype=bool)
    for seller in order(rng.random(len(counts))):
        if counts[never].sum() + counts[seller] <= BY_SELLER * missing * n:
            never[seller] = True
    share = counts[never].sum() / n
    rest = (missing - share) / (1 - share) if share < 1 else 1.0
    absent = never[offers.seller] | (rng.random(n) < rest)

    is_wrong, how = rng.random(n) < wrong, rng.random(n)
    mistyped = is_wrong & (how < MISTYPED)
    sibling = is_wrong & ~mistyped & (how < MISTYPED + (1 - MISTYPED) * SIBLINGS)
    near = _sibling(offers.product, offers.item, items.product)
    sibling &= near != offers.item
    far = rng.integers(0, len(items.product), size=n)
    source = np.where(sibling, near, np.where(is_wrong & ~mistyped, far, offers.item))
    numbers = items.gtin[source] * 10 + check_digits(items.gtin[source])
    power = 10 ** rng.integers(0, 13, size=n)
    digit, change = numbers // power % 10, rng.integers(1, 10, size=n)
    typed = np.where(mistyped, numbers + ((digit + change) % 10 - digit) * power, numbers)
    text = write_digits(typed, 13)
    # UPC-A drops the leading zero, GTIN-14 adds one.
    starts = pc.starts_with(text, "0").to_numpy(zero_copy_only=False)
    form = offers.habits["gtin_form"]
    other = where(starts, pc.utf8_slice_codeunits(text, 1), join("0", text))
    written = where(absent, None, where(form == 1, other, text))
    return GtinColumn(written, ~absent & ~is_wrong)


def _sibling(product: np.ndarray, item: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Return another item of each offer's product, the item itself where it is the only one."""
    after = np.minimum(item + 1, len(products) - 1)
    before = np.maximum(item - 1, 0)
    return np.where(
        products[after] == product, after, np.where(products[before] == product, before, item)
    )


def _brands(universe: Universe, offers: Offers, rng: np.random.Generator) -> pa.Array:
    """Write the brands as their sellers spell them."""
    n = len(offers.item)
    form = np.where(rng.random(n) < 0.8, offers.habits["brand_form"], 0).astype(np.int64)
    spellings = [spelling for spellings in universe.brands for spelling in spellings]
    brand = universe.products.brand[offers.product]
    return pick(spellings, brand * 4 + form, offers.in_column["brand"])


def _categories(universe: Universe, offers: Offers) -> pa.Array:
    """Write categories: the whole path, its last or middle or first part, or nothing."""
    lexicon = universe.lexicon
    kind = universe.products.kind[offers.product]
    paths = [[lexicon.departments[k.department], k.group, k.name] for k in lexicon.kinds]
    written = [
        pick([" > ".join(path) for path in paths], kind),
        *(pick([path[i] for path in paths], kind) for i in (2, 1, 0)),
        pa.nulls(len(kind), pa.string()),
    ]
    return choose(written, offers.habits["category"])


def _prices(
    universe: Universe, offers: Offers, language: str, rng: np.random.Generator
) -> pa.Array:
    """Write prices around that of the item, most of them just below a whole number."""
    n, habits = len(offers.item), offers.habits
    factors = np.array([size.price for size in universe.sizes] + [1.0])[offers.size]
    noise = np.exp(0.12 * (rng.random(n) + rng.random(n) - 1))
    price = universe.products.price[offers.product] * factors * habits["price_level"] * noise
    cents = np.maximum(np.rint(price * 100), 30).astype(np.int64)
    ending = np.array([99, 95, 0, -1])[rng.integers(0, 4, size=n)]
    cents = np.where((ending < 0) | (cents < 500), cents, cents // 100 * 100 + ending)
    whole, part = pa.array(cents // 100), pa.array(cents % 100)
    decimals = pc.utf8_lpad(pc.cast(part, pa.string()), 2, "0")
    text = join(pc.cast(whole, pa.string()), decimals, separator=".")
    if language == "de":
        text = join(pc.cast(whole, pa.string()), decimals, separator=",")
        last = pc.utf8_lpad(pc.cast(pa.array(cents // 100 % 1000), pa.string()), 3, "0")
        first = pc.cast(pa.array(cents // 100_000), pa.string())
        text = where(cents >= 100_000, join(first, ".", last, ",", decimals), text)
    return where(rng.random(n) < habits["price"], text, None)


def _part_numbers(universe: Universe, offers: Offers) -> pa.Array:
    """Write manufacturers' part numbers: as printed, without hyphens, or in small letters."""
    items = universe.items
    code = take(universe.products.designators.code, offers.product)
    suffix = take(items.suffix, offers.item)
    text = join(code, suffix, separator="-")
    forms = [text, pc.replace_substring(text, "-", ""), pc.utf8_lower(text)]
    written = choose(forms, offers.habits["part_number_form"])
    return where(offers.in_column["code"], written, None)


def _descriptions(universe: Universe, offers: Offers, rng: np.random.Generator) -> pa.Array:
    """Write descriptions: the maker's text, its first sentence, the seller's own, or HTML."""
    words, products, product = universe.lexicon.words, universe.products, offers.product
    columns = {
        "b": pick([spellings[0] for spellings in universe.brands], products.brand),
        "l": products.line,
    }
    for name, feature in zip("fgh", products.features.T, strict=True):
        columns[name] = feature_words(universe, products.kind, feature)

    def sentences(name: str, number: np.ndarray) -> pa.Array:
        """Write one of several sentences for every product."""
        filled = [template(pattern, **columns) for pattern in words[name]]
        return choose(filled, number % len(filled))

    number = products.text
    opening, middle = sentences("opening", number), sentences("middle", number // 7)
    closing = sentences("closing", number // 31)
    more = where(number % 3 == 0, None, sentences("closing", number // 31 + 1 + number % 4))
    whole = join(opening, middle, closing, more, separator=" ")
    markup = join("<p>", opening, "</p><p>", middle, "<br>", closing, "</p>")

    form = offers.habits["column_size_form"]
    colour = write_colours(universe, offers, offers.colour, 0 * form, offers.colour >= 0)
    size = write_sizes(universe, offers.size, form, offers.size >= 0)
    colour_label, size_label, *_ = words["labels"]
    own = join(
        take(opening, product),
        join(colour_label, colour, separator=" ", skip=False),
        join(size_label, size, separator=" ", skip=False),
        pick(words["greeting"], offers.seller % len(words["greeting"])),
        separator=" ",
    )
    forms = [take(whole, product), take(opening, product), own, take(markup, product)]
    written = choose(forms, offers.habits["description_form"])
    return where(rng.random(len(product)) < offers.habits["description"], written, None)
