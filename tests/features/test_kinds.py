"""Kinds guessed from values, with headers as hints."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.header_words import header_hints, header_words
from features.kinds import Kind, explain_kind, infer_kind, parse_kind

RANDOM = random.Random(7)


def column(values: list[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def numerals(low: int, high: int, n: int = 100) -> list[str]:
    return [str(RANDOM.randrange(low, high)) for _ in range(n)]


COLUMNS: list[tuple[str, list[str], Kind]] = [
    ("capacity", ["64GB", "128 GB", "1TB"] * 10, Kind.QUANTITY),
    ("net_weight", ["500 g", "1 kg", "0,5 kg", "250 g"] * 10, Kind.QUANTITY),
    ("pack", ["6 x 330 ml", "4x250ml", "1 l"] * 5, Kind.QUANTITY),
    ("x", [f"${i * 3.5:.2f}" for i in range(1, 100)], Kind.PRICE),
    ("x", [f"{i * 3.5:.2f} €".replace(".", ",") for i in range(1, 100)], Kind.PRICE),
    ("price_rupiah", [f"Rp {n}" for n in numerals(1000, 90000)], Kind.PRICE),
    ("Preis", ["1.299,00", "12,50"], Kind.PRICE),
    ("special_price", numerals(10, 99), Kind.PRICE),
    ("pricecurrency", ["EUR", "USD", "GBP"] * 10, Kind.CATEGORY),
    ("weight", [f"{RANDOM.random() * 10:.3f}" for _ in range(100)], Kind.NUMBER),
    ("street_number", numerals(1, 300), Kind.NUMBER),
    ("year", [str(year) for year in range(1980, 2020)], Kind.NUMBER),
    ("x", numerals(10**11, 10**12), Kind.IDENTIFIER),
    ("gtin", ["190198066596.0", "36000291452.0"], Kind.IDENTIFIER),
    ("postcode", numerals(2000, 8000), Kind.IDENTIFIER),
    ("x", [f"{int(n):05d}" for n in numerals(1, 99999)], Kind.IDENTIFIER),
    ("x", [f"SKU-{n}" for n in numerals(10000, 99999)], Kind.IDENTIFIER),
    ("modelno", [f"AB{n}-X" for n in numerals(100, 9999)], Kind.IDENTIFIER),
    ("isbn", ["0-306-40615-2", "978-0306406157"], Kind.IDENTIFIER),
    ("phone", ["310/246-1501", "212-555-0199", "+49 30 1234567"], Kind.IDENTIFIER),
    ("image_md5", [f"{RANDOM.getrandbits(128):032x}" for _ in range(20)], Kind.IDENTIFIER),
    ("image_phash", [f"{RANDOM.getrandbits(64):016x}" for _ in range(20)], Kind.IMAGE),
    ("x", [f"{RANDOM.getrandbits(64):016x}" for _ in range(20)], Kind.IDENTIFIER),
    ("x", ["images/p1.jpg", "images/p2.PNG"], Kind.IMAGE),
    ("x", ["https://shop.example/a.webp?width=200"], Kind.IMAGE),
    ("image_url", ["https://shop.example/a", "https://shop.example/b"], Kind.IMAGE),
    ("url", [f"https://shop.example/{n}" for n in numerals(1, 9999)], Kind.TEXT),
    ("born", ["19181111", "19100817", "19850826"], Kind.DATE),
    ("created", ["2019-02-11 10:22:01", "2019-07-11 11:00:00"], Kind.DATE),
    ("x", ["25/3/2019", "3/12/2018", "1/1/2020"], Kind.DATE),
    ("size", ["S", "M", "38"] * 20, Kind.CATEGORY),
    ("size", ["38", "39", "40.5"] * 20, Kind.CATEGORY),
    ("in_stock", ["true", "false"] * 20, Kind.CATEGORY),
    ("brand", ["Sony", "LG", "De Longhi"] * 20, Kind.NAME),
    ("x", ["Ada Lovelace", "Alan Turing", "Grace Hopper"], Kind.NAME),
    ("x", [f"a red shirt with {n} buttons and a pocket" for n in numerals(1, 99)], Kind.TEXT),
    ("title", ["Davina Skirt", "Clara Pants"] * 20, Kind.TEXT),
]


@pytest.mark.parametrize(("name", "values", "kind"), COLUMNS)
def test_infer_kind(name: str, values: list[str], kind: Kind) -> None:
    got, reason = explain_kind(name, column(values))
    assert got is kind, reason
    assert reason


@pytest.mark.parametrize(("name", "values", "kind"), COLUMNS)
def test_order_and_nulls_make_no_difference(name: str, values: list[str], kind: Kind) -> None:
    shuffled: list[str | None] = [*values, None, None]
    random.Random(1).shuffle(shuffled)
    assert infer_kind(name, pa.chunked_array([shuffled[:5], shuffled[5:]], pa.string())) is kind


@pytest.mark.parametrize(
    "values", [pa.array([], pa.string()), pa.nulls(4, pa.string()), pa.nulls(3)]
)
def test_columns_without_values_are_text(values: pa.Array) -> None:
    assert explain_kind("anything", values) == (Kind.TEXT, "no values")


def test_large_columns_are_sampled_the_same_whatever_their_order() -> None:
    values = [f"item {i} of many words here" if i % 3 else str(i) for i in range(30_000)]
    forward = explain_kind("x", column(values))
    assert explain_kind("x", column(values[::-1])) == forward


@given(st.text(max_size=20), st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=30))
def test_any_column_has_a_kind(name: str, values: list[str | None]) -> None:
    values = [None if value is None or not value.strip() else value for value in values]
    assert infer_kind(name, column(values)) in Kind


def test_parse_kind_reads_names_and_id() -> None:
    assert [parse_kind(kind.value.upper()) for kind in Kind] == list(Kind)
    assert parse_kind("id") is Kind.IDENTIFIER


def test_parse_kind_offers_the_nearest_name() -> None:
    with pytest.raises(ValueError, match=r"unknown kind 'txet'; did you mean 'text'\?.*quantity"):
        parse_kind("txet")
    with pytest.raises(ValueError, match=r"unknown kind 'zzz'; kinds are text"):
        parse_kind("zzz")


def test_headers_are_parted_into_words() -> None:
    assert header_words("imageURL_large") >= {"image", "url", "large"}
    assert header_hints(header_words("Prix TTC")) == {"price"}
    assert header_hints(header_words("商品")) == frozenset()
