"""Quantities with units out of text."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text.tokens import build_vocabulary, tokenise
from features.values.quantities import (
    DIMENSIONS,
    parse_quantities,
    word_quantities,
)
from features.values.text_quantities import find_quantities
from features.values.units import UNIT, UNITS
from features.values.word_facts import word_facts


def parse(cell: str | None) -> tuple[float, str | None, float]:
    got = parse_quantities(pa.array([cell], pa.string()))
    name = DIMENSIONS[got.dimension[0]] if got.dimension[0] >= 0 else None
    return float(got.amount[0]), name, float(got.packs[0])


@pytest.mark.parametrize(
    ("cell", "amount", "dimension", "packs"),
    [
        ("6 x 330 ml", 1980, "volume", 6), ("330ml x 6", 1980, "volume", 6),
        ("0.5 L", 500, "volume", None), ("1,5 l", 1500, "volume", None),
        ("64GB", 64e9, "data", None), ("32 oz", 907.18474, "mass", None),
        ("16 fl oz", 473.176473, "volume", None), ("10-pack", 10, "count", 10),
        ("pack of 3", 3, "count", 3), ("3er Pack", 3, "count", 3),
        ("500g (pack of 2)", 1000, "mass", 2), ("3 pk 500 ml", 1500, "volume", 3),
        ("6 bottles 330ml", 1980, "volume", 6), ("100 ct", 100, "count", 100),
        ("5 ft 10 in", 1778, "length", None), ("2 lb 4 oz", 1020.5828325, "mass", None),
        ("20 x 30 cm", 60000, "area", None), ("10x20x30 cm", 6000, "volume", None),
        ("10 cm x 20 cm", 20000, "area", None), ('27"', 685.8, "length", None),
        ("1 1/2 inch", 38.1, "length", None), ("½ inch", 12.7, "length", None),
        ("1,000 g", 1000, "mass", None), ("50 %", 50, "share", None),
        ("Net weight: 2.5 kg", 2500, "mass", None), ("100 W", 100, "power", None),
    ],
)  # fmt: skip
def test_quantities(cell: str, amount: float, dimension: str, packs: float | None) -> None:
    got = parse(cell)
    assert got[:2] == (pytest.approx(amount), dimension)
    assert got[2] == packs or (packs is None and math.isnan(got[2]))


#: Ways to write six bottles of 330 ml, and other amounts, in cells as in titles.
WRITINGS = {
    ("volume", 1980.0): [
        "6 x 330 ml", "330 ml x 6", "330ml×6", "6×330ml", "6x330ml", "6 X 0.33 L",
        "6er Pack 0,33 l",
        "6 bottles 330 ml", "330 ml 6 bottles", "pack of 6 330 ml", "330 ml (pack of 6)",
        "6 x 33 cl", "Sixpack 330 ml", "six-pack 330 ml", "6 pz da 330 ml",
        "6 szt. 330 ml", "6 st 33 cl",
        "6 stk. à 0,33 l", "6 vnt 330 ml", "6 ks 330 ml", "6 adet 330 ml", "6 unidades 330 ml",
        "6 шт по 330 мл", "6 х 330 мл", "330ミリリットル 6本", "330毫升×6罐", "6本×330ml",
        "6 Flaschen 330 ml",
    ],
    ("volume", 500.0): ["500 cm^3", "500 cm³", "500 cm3", "500 cc", "16.907 fl oz", "0,5 l", "½ l"],
    ("volume", 800.0): ["twin pack 400 ml", "400 ml Doppelpack", "duo pack 400 ml", "2 x 400 ml"],
    ("volume", 400.0): ["refill pack 400 ml", "400 ml", "Gift set 400 ml", "0.4リットル", "400 мл"],
    ("length", 12.7): ["1/2 inch", '1/2"', "½ inch", "0.5 in", "½″", "1/2 дюйма", "1/2-inch"],
    ("length", 38.1): ["1 1/2 inch", '1-1/2"', '1½"', "1.5 zoll"],
    ("length", 1879.6): ["6'2\"", "6' 2\"", "6’2”", "6 ft 2 in", "6′2″", "6'2"],
    ("power", 1500.0): ["1,500 W", "1500 W", "1.500 W", "1'500 W", "1500 Вт", "1.5 kW"],
    ("charge", 10000.0): ["10,000mAh", "10000 mAh", "10.000 mAh", "10 000 mAh", "10 Ah"],
    ("area", 2.04e6): [
        "1.7 m x 1.2 m", "170 x 120 cm", "170x120cm", "170 cm × 120 cm", "1.7 x 1.2 m",
    ],
    ("mass", 50.0): ["100 tabs 500 mg", "500 mg 100 tabs", "500 mg x 100", "100 x 500 mg"],
}  # fmt: skip


@pytest.mark.parametrize(("amount", "writings"), list(WRITINGS.items()))
def test_writings_of_one_amount_are_equal_in_cells_and_titles(
    amount: tuple[str, float], writings: list[str]
) -> None:
    table = tokenise(pa.array([f"Acme {writing}" for writing in writings]))
    vocabulary, (words,) = build_vocabulary([table])
    found = find_quantities(table.indptr, words, word_facts(vocabulary))
    for row, writing in enumerate(writings):
        dimension, expected = amount
        assert parse(writing)[:2] == (pytest.approx(expected, rel=1e-3), dimension), writing
        own = slice(found.indptr[row], found.indptr[row + 1])
        stated = dict(zip(found.dimension[own], found.amount[own], strict=True))
        code = DIMENSIONS.index(dimension)
        assert stated[code] == pytest.approx(expected, rel=1e-3), writing
        assert set(stated) <= {code, DIMENSIONS.index("count")}, writing


@pytest.mark.parametrize(
    ("cell", "amount", "dimension"),
    [
        ("40 g 20 bags", 40, "mass"), ("500 MB/s", 5e8, "speed"), ("80 g/m²", 80, "yarn"),
        ("2 sq ft", 185806.08, "area"), ("1 L (33.8 fl oz)", 1000, "volume"),
        ("2 x 60 W", 120, "power"),
        ("1920 x 1080", 2073600, "pixels"), ("20 °C", 20, "temperature"),
        ("1kg 500g", 1500, "mass"),
    ],
)  # fmt: skip
def test_amounts_beside_other_words(cell: str, amount: float, dimension: str) -> None:
    assert parse(cell)[:2] == (pytest.approx(amount), dimension)


def test_commas_are_read_as_the_column_has_them() -> None:
    german = parse_quantities(pa.array(["1,5 kg", "0,25 kg", "1.500 kg", "2,125 kg"]))
    assert german.amount.tolist() == [1500, 250, 1_500_000, 2125]
    english = parse_quantities(pa.array(["1.5 kg", "0.25 kg", "1,500 kg", "2.125 kg"]))
    assert english.amount.tolist() == [1500, 250, 1_500_000, 2125]


@pytest.mark.parametrize(
    "cell", ["12", "hello", "usb 3.0", "XL", "ab12ml", "24-105mm", None, "1/0"]
)
def test_what_has_no_unit_is_unknown(cell: str | None) -> None:
    amount, dimension, packs = parse(cell)
    assert math.isnan(amount)
    assert dimension is None
    assert math.isnan(packs)


def test_rows_keep_their_places() -> None:
    got = parse_quantities(pa.chunked_array([["1 kg", None], ["x", "1 kg", "2 l"]]))
    assert got.dimension.tolist() == [0, -1, -1, 0, 1]
    assert got.amount[[0, 3, 4]].tolist() == [1000, 1000, 2000]
    assert len(parse_quantities(pa.array([], pa.string())).amount) == 0
    assert parse_quantities(pa.nulls(2)).dimension.tolist() == [-1, -1]


QUANTITY_WORDS = (
    "128gb 500ml 10ft 3.3ml 60hz 1080p 12v 6x330ml 1920x1080 16oz 2.4ghz 1200w 27in 10pk 10x"
).split()
OTHER_WORDS = (
    "iphone 5s 3d 802.11n hdmi 12 100 dw88 18-250mm 747h 3ds 4k gb x10 1080 ab12ml".split()
)


def test_quantity_words() -> None:
    assert (word_quantities(QUANTITY_WORDS)[1] >= 0).all()
    assert (word_quantities(OTHER_WORDS)[1] == -1).all()
    assert word_quantities([])[1].tolist() == []


def test_word_quantities() -> None:
    amount, dimension = word_quantities(["128gb", "0.128tb", "6x330ml", "1920x1080", "12"])
    assert amount[0] == pytest.approx(amount[1])
    assert amount[2] == 1980
    assert [DIMENSIONS[i] for i in dimension[:4]] == ["data", "data", "volume", "pixels"]
    assert dimension[4] == -1
    assert math.isnan(amount[4])


def test_factors_agree_with_pint() -> None:
    pint = pytest.importorskip("pint")
    registry = pint.UnitRegistry()
    base = {"mass": "gram", "volume": "milliliter", "length": "millimeter", "power": "watt",
            "time": "second", "frequency": "hertz", "area": "millimeter ** 2"}  # fmt: skip
    spelled = (
        "kilogram ounce pound liter pint quart gallon inch foot yard mile kilometer watt "
        "kilowatt minute hour day week hertz gigahertz milligram milliliter"
    ).split()
    short = {"watt": "w", "kilowatt": "kw", "gigahertz": "ghz", "kilometer": "km"}
    for word in spelled:
        dimension, factor = UNIT[short.get(word, word)]
        unit = base[DIMENSIONS[dimension]]
        assert factor == pytest.approx(registry.Quantity(1, word).to(unit).magnitude, rel=1e-6), (
            word
        )


def test_every_spelling_is_lower_case_and_known() -> None:
    for dimension, rows in UNITS.items():
        for units in rows:
            for unit in units.split():
                assert unit == unit.lower()
                assert DIMENSIONS[UNIT[unit][0]] == dimension, unit


@given(st.integers(1, 9999), st.sampled_from(["ml", "gb", "kg", "cm", "hz", "w", "oz", "ft"]))
def test_blanks_and_case_make_no_difference(number: int, unit: str) -> None:
    expected = parse(f"{number}{unit}")
    assert parse(f" {number} {unit.upper()} ")[:2] == expected[:2]
    amount, dimension = word_quantities([f"{number}{unit}"])
    assert (amount[0], DIMENSIONS[dimension[0]]) == expected[:2]


@given(st.lists(st.text(alphabet="0123456789xX .,/-lgmkbc½\"'", max_size=30)))
def test_any_text_gives_a_finite_quantity_or_none(cells: list[str]) -> None:
    got = parse_quantities(pa.array(cells, pa.string()))
    assert not np.isinf(got.amount).any()
    assert (np.isnan(got.amount) == (got.dimension < 0)).all()
    word_quantities(cells)
