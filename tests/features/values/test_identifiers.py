"""Trade numbers, codes and plain ids."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.kinds import Kind, explain_kind, infer_kind
from features.values.check_digits import gtin_check
from features.values.identifiers import parse_identifiers

DIGITS = st.text("0123456789", min_size=11, max_size=11)


def canonical(*cells: str | None) -> list[str | None]:
    got = parse_identifiers(pa.array(cells, pa.string()))
    return [None if code < 0 else got.canonical[code] for code in got.code]


def check_digit(digits: str) -> str:
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def with_check(digits: str) -> str:
    return digits + check_digit(digits)


def test_trade_numbers_are_padded() -> None:
    assert (
        canonical("036000291452", "0036000291452", "00036000291452", "36000291452")
        == ["00036000291452"] * 4
    )
    assert canonical("96385074") == ["00000096385074"]


def test_isbn_10_becomes_13() -> None:
    forms = ["0-306-40615-2", "978-0306406157", "ISBN-13: 978-0-306-40615-7", "ISBN 0306406152"]
    assert canonical(*forms) == ["09780306406157"] * 4
    assert canonical("0-8044-2957-X", "080442957x") == ["09780804429573"] * 2


def test_codes_lose_case_and_punctuation() -> None:
    assert canonical("dw-88/a", "DW 88 A", "dw88a", "Привет-1") == ["DW88A"] * 3 + ["ПРИВЕТ1"]


def test_leading_zeros_of_plain_ids_stay() -> None:
    assert canonical("007", "7", "0") == ["007", "7", "0"]


@pytest.mark.parametrize(
    "cell", [None, "--", "0000000000000", "8.88E+12", "does not apply", "N/A", "   "]
)
def test_placeholders_are_unknown(cell: str | None) -> None:
    assert canonical(cell) == [None]


def test_spreadsheet_decimals_go() -> None:
    assert canonical("190198066596.0") == ["00190198066596"]


def test_wrong_check_digits_are_codes_not_trade_numbers() -> None:
    cells = ["4006381333931", "4006381333932", "036000291452", "036000291453"]
    got = parse_identifiers(pa.array([*cells, "5901234123457"]))
    assert got.is_gtin[got.code].tolist() == [True, False, True, False, True]
    assert canonical(*cells, "5901234123457")[1] == "04006381333932"


def test_check_digits_count_only_where_the_column_is_of_trade_numbers() -> None:
    phones = [f"310246{n:04d}" for n in range(1500, 1600)]  # a tenth passes as ISBN-10
    got = parse_identifiers(pa.array(phones))
    assert not got.is_gtin.any()
    assert got.canonical == sorted(phones)


def test_empty_columns() -> None:
    assert parse_identifiers(pa.array([], pa.string())).code.tolist() == []
    got = parse_identifiers(pa.nulls(2, pa.string()))
    assert got.code.tolist() == [-1, -1]
    assert got.canonical == []


@given(st.lists(DIGITS.filter(lambda text: text.strip("0")), min_size=1))
def test_every_padding_of_a_number_is_one_number(bodies: list[str]) -> None:
    twelve = [with_check(body) for body in bodies]
    cells = [*twelve, *("0" + text for text in twelve), *("00" + text for text in twelve)]
    got = parse_identifiers(pa.array(cells))
    codes = got.code.reshape(3, -1)
    if not (codes < 0).any():  # short of placeholders such as 999999999993
        assert (codes[0] == codes[1]).all()
        assert (codes[0] == codes[2]).all()
        assert got.is_gtin.all()


NUMBERS = [with_check(f"{400_123_400_000 + 7 * k}") for k in range(40)]
DECORATIONS = [
    "'{}", '="{}"', "EAN: {}", "EAN:{}", "GTIN-13: {}", "UPC #{}", "Strichcode: {}", "{},",
    "штрихкод: {}", '["{}"]', "\u00a0{}\u00a0", "\u200e{}", "{}.0", "code EAN {}",
]  # fmt: skip
GROUPINGS = [" ", "-", "\u00a0", ",", "."]


@pytest.mark.parametrize("decoration", DECORATIONS)
def test_what_stands_around_a_number_goes(decoration: str) -> None:
    cells = [decoration.format(number) for number in NUMBERS]
    assert canonical(*cells) == canonical(*NUMBERS) == [f"0{number}" for number in NUMBERS]
    assert infer_kind("code", pa.array(cells)) == Kind.IDENTIFIER


@pytest.mark.parametrize("mark", GROUPINGS)
def test_grouped_digits_are_one_number(mark: str) -> None:
    cells = [mark.join([n[:1], n[1:4], n[4:7], n[7:10], n[10:]]) for n in NUMBERS]
    assert canonical(*cells) == canonical(*NUMBERS)
    assert infer_kind("code", pa.array(cells)) == Kind.IDENTIFIER


@pytest.mark.parametrize("mark", ["; ", "|", ", ", " / ", "\n", " "])
def test_cells_that_list_numbers_match_if_one_is_shared(mark: str) -> None:
    a, b, c, d, *_ = NUMBERS
    x, y, z, other = canonical(mark.join([a, b]), f"EAN: {b}{mark}EAN: {c}", c, d)
    assert x == y == z == f"0{a}"
    assert other == f"0{d}"
    lists = [mark.join(NUMBERS[k : k + 2]) for k in range(0, 40, 2)]
    assert infer_kind("code", pa.array(lists)) == Kind.IDENTIFIER


@pytest.mark.parametrize("cell", ["keine EAN", "нет", "1234567890123", "7777777777777", "12345678"])
def test_what_is_no_number_in_a_column_of_numbers_is_unknown(cell: str) -> None:
    assert canonical(*NUMBERS, cell)[-1] is None


def test_digits_lost_to_a_spreadsheet_are_named() -> None:
    kind, reason = explain_kind("gtin", pa.array(["4.00123E+12", "4,00124E+12"]))
    assert kind == Kind.IDENTIFIER
    assert "scientific" in reason


@given(DIGITS, st.integers(0, 10), st.integers(1, 9))
def test_a_changed_digit_fails_the_check(body: str, place: int, by: int) -> None:
    good = with_check(body)
    changed = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    digits = np.array([[int(d) for d in good], [int(d) for d in changed]], np.uint8)
    assert gtin_check(digits).tolist() == [True, False]


@given(st.lists(st.one_of(st.none(), st.text(max_size=20))))
def test_equal_texts_have_equal_codes(cells: list[str | None]) -> None:
    got = parse_identifiers(pa.array(cells, pa.string()))
    assert got.canonical == sorted(set(got.canonical))
    assert (got.code < len(got.canonical)).all()
    assert len(got.is_gtin) == len(got.canonical)
    for cell, code in zip(cells, got.code, strict=True):
        assert code == got.code[cells.index(cell)]
