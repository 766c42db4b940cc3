"""What values are read as, and which of them cannot mean the same."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from features.text.tokens import tokenise
from features.variants.readings import may_mean_the_same, read_values

#: Kinds of values: each line holds spellings of one meaning, different lines different meanings.
KINDS = {
    "volumes": ["750 ml/750ml/75 cl/0.75 l/0,75 L", "300 ml/300ml/30 cl", "1 l/1000 ml/1 liter",
                "100 ml/100ml/3.4 fl. oz/3.4 fl oz"],
    "weights": ["500 g/500g/0.5 kg", "1 kg/1000 g/1000g", "250g/250 g", "1 lb/454 g/16 oz"],
    "packs": ["2 x 500 g/2x500g/2 × 0.5 kg", "4 x 250 g/4x250g", "1 x 1000 g/1000 g",
              "6 x 330 ml/6x330ml/6 x 0.33 l", "12 x 330 ml/12x330ml"],
    "counts": ["40 ct/40 bags/40 pcs", "80ct/80 bags", "6-pack/6 pack", "10 pack"],
    "storage": ["128 GB/128gb", "256 GB/256gb", "2 TB/2tb/2000 gb/2048 gb", "500 gb", "512 gb",
                "8GB 256GB/8 gb 256 gb", "8 gb 128 gb"],
    "sides": ["140 x 80 cm/140x80cm/1.4 x 0.8 m", "112 x 100 cm/112x100 cm", "140 x 80 x 2 cm"],
    "clothing": ["XS/x-small/extra small/xsmall", "S/small/sml", "M/medium", "L/large",
                 "XL/x large/extra large", "XXL/2XL/2 xl/xx-large/extra extra large", "3XL/xxxl"],
    "shoes": ["EU 42/42/42 EU", "EU 43/43", "EU 42.5/42,5"],
    "rings": ["size 7/7/ring size 7", "size 8/8", "7.5/size 7.5"],
    "waists": ["W30 L32/30x32/30W x 32L", "W30 L34/30x34", "W32 L32"],
    "models": ["iPhone 12/iphone12", "iPhone 13/iphone13", "KX-200/KX200", "KX-300"],
    "colours": ["black/schwarz/noir/nero/negro/zwart/czarny/svart/preto/siyah/чёрный",
                "white/weiß/weiss/blanc/bianco/blanco/biały/branco/beyaz/белый",
                "grey/gray/grau/gris/grigio/szary/storm grey/slate grey/gry",
                "navy/navy blue/blue/blau/bleu/azul/niebieski/синий", "red/rot/rouge/rosso/rd",
                "green/grün/vert/verde/groen/yeşil", "rose gold/gold rose", "gold/champagne gold",
                "black & white/white and black/blk wht", "navy white",
                "pink grey/pnk gry", "navy red"],
    "tones": ["light blue/hellblau/bleu clair/jasnoniebieski", "dark blue/dunkelblau/bleu foncé/"
              "тёмно-синий/donkerblauw"],
}  # fmt: skip


def pairs_of(kind: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs of spellings of one meaning, and pairs of different meanings."""
    meanings = [line.split("/") for line in KINDS[kind]]
    same = [pair for spellings in meanings for pair in combinations(spellings, 2)]
    different = [(a, b) for x, y in combinations(meanings, 2) for a in x for b in y]
    return same, different


def may_be_one(pairs: list[tuple[str, str]]) -> list[tuple[tuple[str, str], bool]]:
    clean = tokenise(pa.array([v for pair in pairs for v in pair])).clean_strings().to_pylist()
    read = read_values(clean)
    found = [may_mean_the_same(read[2 * k], read[2 * k + 1]) for k in range(len(pairs))]
    assert found == [may_mean_the_same(read[2 * k + 1], read[2 * k]) for k in range(len(pairs))]
    return list(zip(pairs, found, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_spellings_of_one_meaning_may_mean_the_same(kind: str) -> None:
    assert [pair for pair, may in may_be_one(pairs_of(kind)[0]) if not may] == []


@pytest.mark.parametrize("kind", KINDS)
def test_different_meanings_may_not(kind: str) -> None:
    assert [pair for pair, may in may_be_one(pairs_of(kind)[1]) if may] == []


def test_values_of_different_kinds_may_not_mean_the_same() -> None:
    kinds = ["750 ml", "2 kg", "XL", "black", "128 GB", "140 x 80 cm"]
    assert not any(may for _, may in may_be_one(list(combinations(kinds, 2))))


def test_values_that_are_not_understood_may_mean_anything() -> None:
    unknown = ["acme", "acme inc", "obsidian dream", "oak", ""]
    known = ["750 ml", "XL", "black", "42"]
    pairs = [*combinations(unknown, 2), *((a, b) for a in unknown for b in known)]
    assert all(
        may_mean_the_same(*read_values([a, b])) for a, b in pairs
    )  # evidence decides about them


@pytest.mark.parametrize("unit", ["ml", "g", "gb", "mm", "w", "kg", "cl", "oz"])
def test_other_numbers_of_a_unit_are_other_amounts(unit: str) -> None:
    numbers = np.random.default_rng(1).permutation(np.arange(2, 3000))[:60]
    pairs = [(f"{a} {unit}", f"{a + 1}{unit}") for a in numbers.tolist()]
    assert not any(may for _, may in may_be_one(pairs))


def test_numbers_of_two_systems_of_sizes_may_be_one_size() -> None:
    systems = ["EU 44", "US 10", "UK 9.5", "28.5 JP"]
    assert all(may for _, may in may_be_one(list(combinations(systems, 2))))
    pairs = [("44", "US 10"), ("10", "US 9"), ("EU 43", "EU 44"), ("UK 9", "UK 10")]
    assert [may for _, may in may_be_one(pairs)] == [True, False, False, False]


def test_off_white_is_between_white_and_beige() -> None:
    assert all(may for _, may in may_be_one([("off-white", "cream"), ("off-white", "white")]))
