"""Disciplined or messy: read off the data."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.text.cells import number_cells
from features.variants.masking_policy import choose_masking_policy, is_unit_identifier, style_codes

COLOURS = np.tile([0, 1, 2], 20)


def codes(texts: list[str | None]) -> np.ndarray:
    return number_cells(pa.array(texts, pa.string())).code


def test_variants_that_share_a_title_are_disciplined() -> None:
    titles = codes([f"product {k // 3}" for k in range(60)])
    found = choose_masking_policy("", "title", titles, [COLOURS])
    assert found.disciplined
    assert found.spanning == 1.0
    assert "left as they are" in found.sentence()


def test_titles_with_the_variant_are_messy() -> None:
    titles = codes([f"product {k // 3} colour {k % 3}" for k in range(60)])
    found = choose_masking_policy("shop", "title", titles, [COLOURS])
    assert not found.disciplined
    assert found.spanning == 0.0
    assert found.sentence().startswith("source shop: title: hardly any two records share a text")
    assert found.to_dict()["records"] == 60


def test_repeated_offers_of_one_variant_do_not_make_a_source_disciplined() -> None:
    titles = codes([f"product {k // 3} colour {k % 3}" for k in range(60)] * 2)
    found = choose_masking_policy("", "title", titles, [np.tile(COLOURS, 2)])
    assert not found.disciplined
    assert found.shared == 1.0


def test_a_source_without_known_values_is_left_alone() -> None:
    unknown = np.full(60, -1)
    assert choose_masking_policy("", "title", codes(["a"] * 60), [unknown]).disciplined
    assert choose_masking_policy("", "title", codes([None] * 60), [COLOURS]).disciplined


def test_identifiers_of_units_and_of_styles() -> None:
    style, unit = np.arange(60) // 3, np.arange(60)
    assert is_unit_identifier(unit, [COLOURS])
    assert not is_unit_identifier(style, [COLOURS])
    # Several shops offer the same unit: it repeats, always in one colour.
    assert is_unit_identifier(np.tile(unit, 2), [np.tile(COLOURS, 2)])
    assert is_unit_identifier(np.full(60, -1), [COLOURS])


def test_style_of_a_variants_number() -> None:
    values = ["RDN-21971-080", "rdn-21971-010", "PAK-80664", "RDN21971080", None, "A1/B2.c"]
    found = style_codes(pa.array(values)).to_pylist()
    assert found == ["RDN-21971", "rdn-21971", "PAK-80664", None, None, "A1/B2"]


@given(st.lists(st.none() | st.text("a1é-_/. \n", max_size=10), max_size=6), st.integers(0, 2))
def test_styles_are_those_of_regular_expressions(values: list[str | None], skipped: int) -> None:
    expected = [
        None
        if value is None or not re.search(r"[^-_/. ][-_/. ][^-_/. ]", value)
        else re.sub(r"\A(.*[0-9].*)[-_/. ][^-_/. ]+\Z", r"\1", value)
        for value in values[skipped:]
    ]
    column = pa.array(values, pa.string())[skipped:]
    found = style_codes(column)
    assert found.type == column.type
    assert found.to_pylist() == expected
