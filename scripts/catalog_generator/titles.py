"""Titles of offers, each in its seller's own manner."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .offers import Offers
from .texts import choose, join, misspell, order, pick, take, where
from .universe import Universe

__all__ = ["feature_words", "make_titles", "write_colours", "write_sizes"]

# Order of the parts of a title: head, what stands between, tail.
_LAYOUTS = (
    ("brand line designator gender noun features spec code variant", " ", "promo number"),
    ("brand line designator", " - ", "gender noun features spec code variant promo number"),
    ("gender noun brand line designator spec", " ", "features variant code promo number"),
    ("promo brand gender noun line designator code", " ", "spec variant features number"),
    ("line designator gender noun", ", ", "brand features spec code variant promo number"),
    ("brand gender noun", " | ", "line designator code spec features variant promo number"),
    ("promo gender noun variant", ", ", "brand line designator features spec code number"),
    ("line designator code brand variant", " ", "gender noun spec features promo number"),
)
# Probability of a slip of the keyboard, before the seller's own factor.
_SLIPS = {"line": 0.05, "brand": 0.015, "noun": 0.03, "features": 0.03}
# Share of titles that follow the seller's favourite spelling of a word.
_FAITHFUL = 0.85


def write_colours(
    universe: Universe, offers: Offers, colour: np.ndarray, form: np.ndarray, keep: np.ndarray
) -> pa.Array:
    """Write colours by name, other name, shorthand, or the maker's fancy name (forms 0 to 3)."""
    forms = [form for forms in universe.colours for form in forms]
    plain = pick(forms, colour * 3 + np.where(form > 2, 0, form).astype(np.int64), keep)
    tone = pick(universe.lexicon.tones, universe.products.tone[offers.product])
    return where(form > 2, join(tone, plain, separator=" ", skip=False), plain)


def write_sizes(
    universe: Universe, size: np.ndarray, form: np.ndarray, keep: np.ndarray
) -> pa.Array:
    """Write sizes compactly, plainly or unusually (forms 0 to 2)."""
    forms = [form for size in universe.sizes for form in size.forms]
    return pick(forms, size * 3 + form.astype(np.int64), keep)


def feature_words(universe: Universe, kind: np.ndarray, feature: np.ndarray) -> pa.Array:
    """Return the words for features, of which every kind has ten."""
    lexicon = universe.lexicon
    words = [word for kind in lexicon.kinds for word in lexicon.features[kind.features][:10]]
    return pick(words, kind * 10 + feature)


def make_titles(universe: Universe, offers: Offers, rng: np.random.Generator) -> pa.Array:
    """Write the titles of all offers."""
    parts = _identity(universe, offers, rng) | _extras(universe, offers, rng)
    parts["variant"] = _variants(universe, offers, rng)
    pieces, rows = [], []
    for index, (head, between, tail) in enumerate(_LAYOUTS):
        chosen = np.flatnonzero(offers.style["layout"] == index)
        positions = pa.array(chosen)
        first, second = (
            join(*(parts[name].take(positions) for name in names.split()), separator=" ")
            for names in (head, tail)
        )
        empty = pc.equal(pc.binary_length(second), 0)
        pieces.append(pc.if_else(empty, first, join(first, second, separator=between)))
        rows.append(chosen)
    title = pa.concat_arrays(pieces).take(pa.array(order(np.concatenate(rows))))
    cases = [title, pc.utf8_lower(title), pc.utf8_upper(title)]
    return choose(cases, offers.style["letter_case"]).take(pa.array(offers.title_of))


def _identity(universe: Universe, offers: Offers, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Return the parts of the titles that say which product it is."""
    products, style, product = universe.products, offers.style, offers.product
    n, in_title, made = len(product), offers.in_title, products.designators
    odd = (style["brand_form"] == 1) & (rng.random(n) < 0.5)
    brands = [spelling for spellings in universe.brands for spelling in spellings[:2]]
    brand = pick(brands, products.brand[product] * 2 + odd, in_title["brand"])
    line = take(products.line, product, in_title["line"])
    designators = [take(texts, product, in_title["designator"]) for texts in (made.plain, made.odd)]
    return {
        "brand": misspell(brand, _SLIPS["brand"] * style["slips"], rng),
        "line": misspell(line, _SLIPS["line"] * style["slips"], rng),
        "designator": choose(designators, rng.random(n) < style["odd_designator"]),
        "code": take(made.code, product, in_title["code"]),
    }


def _extras(universe: Universe, offers: Offers, rng: np.random.Generator) -> dict[str, pa.Array]:
    """Return the parts of the titles that many products share."""
    lexicon, products, style = universe.lexicon, universe.products, offers.style
    product, n = offers.product, len(offers.product)
    kind = products.kind[product]

    def often(trait: str) -> np.ndarray:
        """Say for every offer whether it follows a habit this time."""
        return rng.random(n) < style[trait]

    synonym = np.where(rng.random(n) < _FAITHFUL, style["noun"], 0).astype(np.int64)
    noun = pick([word for k in lexicon.kinds for word in k.nouns], kind * 3 + synonym)
    features = [
        where(often("title_features"), feature_words(universe, kind, number), None)
        for number in products.features[product].T
    ]
    joined = join(*features, separator=" ")
    some = pc.greater(pc.binary_length(joined), 0).to_numpy(zero_copy_only=False)
    gendered = np.array([k.gendered for k in lexicon.kinds])[kind]
    genders = [*lexicon.words["genders"], *lexicon.words["genders_short"]]
    gender = products.gender[product] + 4 * (style["noun"] > 0)
    with_spec = np.array([bool(k.specs) for k in lexicon.kinds])[kind]
    specs = [spec for k in lexicon.kinds for spec in (k.specs or [""] * 5)]
    promo = rng.integers(0, len(lexicon.words["promos"]), size=n)
    number = pc.cast(pa.array(rng.integers(10_000, 10_000_000, size=n)), pa.string())
    slips = {name: _SLIPS[name] * style["slips"] for name in ("noun", "features")}
    return {
        "noun": misspell(where(often("title_noun"), noun, None), slips["noun"], rng),
        "features": misspell(where(some, joined, None), slips["features"], rng),
        "gender": pick(genders, gender, gendered & often("title_gender")),
        "spec": pick(specs, kind * 5 + products.spec[product], with_spec & often("title_spec")),
        "promo": pick(lexicon.words["promos"], promo, often("title_promo")),
        "number": where(often("title_number"), number, None),
    }


def _variants(universe: Universe, offers: Offers, rng: np.random.Generator) -> pa.Array:
    """Write the colour and size of every title in the seller's manner, such as ``(Blk, XL)``."""
    n, style, in_title = len(offers.product), offers.style, offers.in_title
    form = np.where(rng.random(n) < _FAITHFUL, style["colour_form"], 0)
    colour = write_colours(universe, offers, offers.colour, form, in_title["colour"])
    form = np.where(rng.random(n) < _FAITHFUL, style["size_form"], 0)
    size = write_sizes(universe, offers.size, form, in_title["size"])

    def after(word: str, text: pa.Array) -> pa.Array:
        """Put a word before each text there is."""
        return join(word, text, separator=" ", skip=False)

    colon, size_colon, made_in, in_size = universe.lexicon.words["labels"]
    written = [
        join(colour, size, separator=" "),
        join(colour, size, separator=", "),
        join("(", join(colour, size, separator=", "), ")"),
        join(after("-", colour), after("-", size), separator=" "),
        join(size, colour, separator=" "),
        join(colour, size, separator=" / "),
        join(after(colon, colour), after(size_colon, size), separator=" "),
        join(after(made_in, colour), after(in_size, size), separator=", "),
    ]
    chosen = choose(written, style["variant_layout"])
    return where(in_title["colour"] | in_title["size"], chosen, None)
