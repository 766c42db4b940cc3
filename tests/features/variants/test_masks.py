"""Masks of mentions: by context, in any language, and nothing that only looks like a mention."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.text.cells import Cells, number_cells
from features.text.tokens import tokenise
from features.variants.masks import mask_mentions
from features.variants.mentions import variant_values

PRODUCTS = ["Oslo Hoodie", "Trek Jacket", "Yoga Tank", "Peak Shirt", "Lake Short", "Dune Polo"]
ENGLISH = ["Red", "Navy", "Light Blue", "Black", "Green"]
GERMAN = ["Rot", "Dunkelblau", "Hellgrün", "Schwarz", "Weiß"]
SIZES = ["S", "M", "L", "XL", "XXL"]


def masked(titles: list[str], kept: dict[str, list[str | None]] | None = None, **columns) -> list:
    """Texts without mentions of the values of some columns."""
    variants = [variant_values(n, cells(v)) for n, v in columns.items()]
    others = [cells(v) for v in (kept or {}).values()]
    return mask_mentions(cells(titles), variants, others).values.to_pylist()


def cells(values: Sequence[str | None]) -> Cells:
    return number_cells(pa.array(values, pa.string()))


def words(text: str | None) -> str:
    return tokenise(pa.array([text], pa.string())).clean_strings()[0].as_py() or ""


def messy(colours: list[str], sizes: list[str] = SIZES) -> tuple[list[str], list[str], list[str]]:
    """Titles ``name-size-colour`` of all variants, with their colours and sizes."""
    rows = [(p, c, s) for p in PRODUCTS for c in colours for s in sizes]
    return [f"{p}-{s}-{c}" for p, c, s in rows], [c for _, c, _ in rows], [s for *_, s in rows]


@pytest.mark.parametrize("colours", [ENGLISH, GERMAN, ["Rouge", "Bleu", "Vert", "Noir", "Blanc"]])
def test_no_mention_of_own_values_survives_in_any_language(colours: list[str]) -> None:
    titles, colour, size = messy(colours)
    found = masked(titles, colour=colour, size=size)
    assert {words(text) for text in found} == {p.lower() for p in PRODUCTS}


def test_sizes_with_units_and_systems_are_masked() -> None:
    sizes = ["64 GB", "128 GB", "256 GB"]
    titles = [
        f"{p} Phone {s.replace(' ', '')} ({c})" for p in PRODUCTS for s in sizes for c in ENGLISH
    ]
    colour = [c for _ in PRODUCTS for _ in sizes for c in ENGLISH]
    size = [s for _ in PRODUCTS for s in sizes for _ in ENGLISH]
    found = {words(t) for t in masked(titles, colour=colour, size=size)}
    assert found == {f"{p} phone".lower() for p in PRODUCTS}
    shoes = ["EU 41", "EU 42", "EU 43"]
    titles = [f"{p} Boot EU {s[-2:]}" for p in PRODUCTS for s in shoes]
    found = {words(t) for t in masked(titles, size=[s for _ in PRODUCTS for s in shoes])}
    assert found == {f"{p} boot".lower() for p in PRODUCTS}


def test_labels_and_modifiers_go_with_their_mention() -> None:
    titles = [f"{p}, Colour: Dark {c} Size: {s}" for p in PRODUCTS for c in ENGLISH for s in SIZES]
    _, colour, size = messy(ENGLISH)
    found = {words(t) for t in masked(titles, colour=colour, size=size)}
    assert found == {p.lower() for p in PRODUCTS}


def test_unknown_values_are_masked_where_the_catalog_teaches_the_word() -> None:
    titles, colour, size = messy(ENGLISH)
    hidden = [None if k % 7 == 0 else c for k, c in enumerate(colour)]
    found = masked(titles, colour=hidden, size=size)
    assert {words(text) for text in found} == {p.lower() for p in PRODUCTS}


@pytest.mark.parametrize("name", ["Redmond", "Goldfish", "Blackberry", "Greenland", "Redwing"])
def test_words_that_hold_a_colour_stay(name: str) -> None:
    titles, colour, size = messy(ENGLISH)
    titles += [f"{name} Bowl-{s}-{c}" for c in ENGLISH for s in SIZES]
    colour += [c for c in ENGLISH for _ in SIZES]
    size += SIZES * len(ENGLISH)
    found = masked(titles, colour=colour, size=size)
    assert {words(t) for t in found[-len(ENGLISH) * len(SIZES) :]} == {f"{name} bowl".lower()}


def test_a_brand_that_is_a_colour_stays_and_its_variant_goes() -> None:
    titles, colour, size = messy(ENGLISH)
    brand: list[str | None] = ["Acme"] * len(titles)
    titles += [f"Orange Phone Case {c}" for c in [*ENGLISH, "Orange"]]
    colour += [*ENGLISH, "Orange"]
    size += ["M"] * 6
    brand += ["Orange"] * 6
    found = masked(titles, {"brand": brand}, colour=colour, size=size)
    assert [words(t) for t in found[-6:]] == ["orange phone case"] * 6


def test_a_colour_in_the_name_of_a_product_that_exists_in_others_stays() -> None:
    titles, colour, size = messy(ENGLISH)
    ring = ["Silver", "Gold", "Rose", "Black"]
    titles += ["Ring (Silver)"] * 4
    colour += ring
    size += ["M"] * 4
    found = masked(titles, colour=colour, size=size)
    assert found[-4:] == ["Ring (Silver)"] * 4


def test_flavours_of_what_has_no_colour_stay() -> None:
    shades = ["Almond", "Honey", "Ivory", "Sand"]
    titles = [f"{p} Foundation {s}" for p in PRODUCTS for s in shades] * 2
    colour: list[str | None] = [s for _ in PRODUCTS for s in shades] * 2
    tea = [f"{a} Chocolate Bar {f}" for a in ("Bio", "Fair", "Pure") for f in shades] * 4
    titles, colour = titles + tea, colour + [None] * len(tea)
    found = masked(titles, colour=colour)
    assert found[-len(tea) :] == tea
    assert all(words(t).endswith("foundation") for t in found[: -len(tea)])


def test_values_that_go_together_are_synonyms() -> None:
    titles = [f"{p} sofa 3 seats" for p in PRODUCTS for _ in range(4)]
    size = (["3-Seater", "3 Seats"] * 2) * len(PRODUCTS)
    titles += [f"{p} bench 2 seats" for p in PRODUCTS for _ in range(4)] * 8
    size += (["2-Seater", "2 Seats"] * 2) * len(PRODUCTS) * 8
    found = {words(t) for t in masked(titles, size=size)}
    assert all("seats" not in text for text in found)


def test_rows_not_chosen_keep_their_text_and_order_changes_nothing() -> None:
    titles, colour, size = messy(ENGLISH)
    chosen = np.arange(len(titles)) % 2 == 0
    variants = [variant_values("c", cells(colour)), variant_values("s", cells(size))]
    result = mask_mentions(cells(titles), variants, chosen=chosen)
    found = result.values.to_pylist()
    assert [f for f, c in zip(found, chosen, strict=True) if not c] == titles[1::2]
    assert not result.mentions_by_row[~chosen].any()
    assert result.mentions == result.mentions_by_row.sum() > 0
    order = np.random.default_rng(3).permutation(len(titles))
    shuffled = masked(
        [titles[k] for k in order],
        colour=[colour[k] for k in order],
        size=[size[k] for k in order],
    )
    assert shuffled == [masked(titles, colour=colour, size=size)[k] for k in order]


def test_nothing_to_mask() -> None:
    assert masked(["a b", None], colour=[None, None]) == ["a b", None]
    assert masked([], colour=[]) == []
    only = masked(["Red"] * 6 + ["Green"] * 6, colour=["Red"] * 6 + ["Green"] * 6)
    assert only == [None] * 12


@settings(max_examples=25, deadline=None)
@given(
    colours=st.sampled_from([ENGLISH, GERMAN, ["Rouge", "Bleu", "Vert", "Noir", "Blanc"]]),
    layout=st.permutations(["{name}", "{colour}", "{size}"]),
    joint=st.sampled_from([" ", ", ", " - ", " / ", " | "]),
    case=st.sampled_from([str, str.lower, str.upper]),
    known=st.integers(6, 10),
)
def test_however_a_source_writes_its_titles_no_own_value_survives(
    colours: list[str], layout: list[str], joint: str, case: Callable[[str], str], known: int
) -> None:
    _, colour, size = messy(colours)
    names = [p for p in PRODUCTS for _ in colours for _ in SIZES]
    titles = [
        case(joint.join(layout).format(name=p, colour=c, size=s))
        for p, c, s in zip(names, colour, size, strict=True)
    ]
    # A seller leaves some cells empty; what the others teach still goes.
    some = [c if k % 10 < known else None for k, c in enumerate(colour)]
    found = masked(titles, colour=some, size=size)
    for text, name, c, s in zip(found, names, some, size, strict=True):
        left = words(text).split()
        assert set(words(name).split()) <= set(left)
        assert words(s) not in left
        if c is not None:
            assert not set(words(c).split()) & set(left)
