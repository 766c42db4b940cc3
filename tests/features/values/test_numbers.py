"""Numbers and prices out of text."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.values.numbers import decimal_comma, each_distinct, parse_numbers


def parse(*cells: str | None) -> list[float]:
    return parse_numbers(pa.array(cells, pa.string())).tolist()


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("$1,299.00", 1299), ("1 299,00", 1299), ("1.299,00 €", 1299), ("12.99EUR", 12.99),
        ("Rs. 500", 500), ("50%", 50), ("(1996),", 1996), ("1990.", 1990), ("22.2 AUD", 22.2),
        ("-5", -5), ("+5", 5), ("−5", -5), ("5.", 5), ("-.5", -0.5), ("1e5", 1e5),
        ("1'299.50", 1299.5), ("CHF 12.-", 12), ("1.299.000", 1299000), ("٣٫٥", 3.5),
        ("only 12.99 each", 12.99), ("-$3.50", -3.5), ("19.99 (incl. VAT)", 19.99),
        ("1\u00a0299,00", 1299), ("0.125", 0.125), ("1,299", 1299), ("1.299", 1.299), ("007", 7),
    ],
)  # fmt: skip
def test_numbers(cell: str, number: float) -> None:
    assert parse(cell) == [pytest.approx(number)]


@pytest.mark.parametrize(
    "cell",
    ["10-20", "b2", "usb", "", "12 x 5", "1.2.3", "nan", "inf", "1e999", "9" * 400, "x" * 10**6],
)
def test_what_is_no_single_number_is_unknown(cell: str) -> None:
    assert math.isnan(parse(cell)[0])


def test_the_column_decides_what_a_dot_means() -> None:
    assert parse("1.299", "3,50", "0,99") == [1299, 3.5, 0.99]
    assert parse("1.299", "3.50", "1,299") == [1.299, 3.5, 1299]
    assert decimal_comma(pa.array(["1.299,00"]))
    assert not decimal_comma(pa.array(["1.299", "1,299"]))


def test_empty_null_and_chunked_columns() -> None:
    assert parse() == []
    assert np.isnan(parse_numbers(pa.nulls(2, pa.string()))).all()
    assert parse_numbers(pa.chunked_array([["1"], ["€ 2"]])).tolist() == [1, 2]


def test_each_distinct_value_is_parsed_once() -> None:
    seen: list[str] = []

    def length(text: str) -> float:
        seen.append(text)
        return float(len(text))

    values = pa.chunked_array([["a", "bb", None], ["bb", "ccc"]], pa.string())
    got = each_distinct(values, length)
    assert got[[0, 1, 3, 4]].tolist() == [1, 2, 2, 3]
    assert math.isnan(got[2])
    assert sorted(seen) == ["a", "bb", "ccc"]


@given(st.lists(st.decimals(-(10**7), 10**7, places=2), min_size=1))
def test_both_ways_of_writing_agree(numbers: list) -> None:
    point = [f"$ {number:,.2f}" for number in numbers]
    comma = [text.replace(",", "'").replace(".", ",").replace("'", ".") for text in point]
    expected = [pytest.approx(float(number)) for number in numbers]
    assert parse(*(text.replace("$", "€") for text in comma)) == expected
    assert parse(*point) == expected


@given(st.lists(st.text(max_size=40)))
def test_any_text_gives_a_finite_number_or_none(cells: list[str]) -> None:
    got = parse_numbers(pa.array(cells, pa.string()))
    assert len(got) == len(cells)
    assert not np.isinf(got).any()
