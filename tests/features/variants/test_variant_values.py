"""Parts and spellings of values in which variants differ."""

from __future__ import annotations

import pyarrow as pa
import pytest

from features.text.cells import number_cells
from features.variants.variant_values import canonical_values, names_variants, value_forms
from features.variants.variant_words import colour_group, size_spellings, spelt_out, words_of_colour


@pytest.mark.parametrize(
    ("value", "mention"),
    [
        ("navy/white", "white"),
        ("Navy / White", "navy"),
        ("Blk", "black"),
        ("XL", "xlarge"),
        ("XL", "extralarge"),
        ("2X-Large", "xxl"),
        ("XXL", "2xl"),
        ("32W x 30L", "32w"),
        ("32W x 30L", "w32l30"),
        ("31/34", "31wx34l"),
        ("EU 42", "42"),
        ("EU 42", "size42"),
        ("44", "eu44"),
        ("500 ml", "500ml"),
        ("500 ml", "0.5l"),
        ("0.5 L", "50cl"),
        ("64GB", "64gb"),
        ("170 x 120 cm", "170x120cm"),
        ("Light Grey", "lightgrey"),
        ("Dunkelblau", "dunkelblau"),
    ],
)
def test_a_value_is_mentioned_in_its_spellings(value: str, mention: str) -> None:
    assert mention in value_forms([value])[0].whole


@pytest.mark.parametrize(
    ("value", "other"), [("1.5 l", "15l"), ("XL", "xxl"), ("64GB", "128gb"), ("navy", "red")]
)
def test_another_value_is_no_mention(value: str, other: str) -> None:
    forms = value_forms([value])[0]
    assert other not in forms.whole | forms.weak | forms.group


def test_single_words_of_a_name_are_weak() -> None:
    forms = value_forms(["Coral Reef"])[0]
    assert "coralreef" in forms.whole
    assert {"coral", "reef"} <= forms.weak


def test_colours_of_one_group_may_mean_each_other() -> None:
    assert "onyx" in value_forms(["Black"])[0].group
    assert "gold" not in value_forms(["Silver"])[0].group


@pytest.mark.parametrize(
    ("one", "two"),
    [("Blk", "black"), ("Gray", "grey"), ("2XL", "xx-large"), ("500 ml", "0.5 l"), ("EU 42", "42")],
)
def test_spellings_of_a_value_have_one_name(one: str, two: str) -> None:
    first, second = canonical_values([one, two])
    assert first == second


def test_canonical_values_keep_different_values_apart() -> None:
    names = canonical_values(["navy", "royal blue", "M", "L", "64 GB", "128 GB"])
    assert len(set(names)) == 6
    assert len(set(canonical_values(["2 x 500 g", "4 x 250 g", "1 kg"]))) == 3
    assert len(set(canonical_values(["navy", "royal blue"], coarse=True))) == 1


def test_columns_of_variants_are_known_by_their_values() -> None:
    assert names_variants(number_cells(pa.array(["Red", "Light Blue", None, "Navy"])))
    assert names_variants(number_cells(pa.array(["S", "XL", "Medium"])))
    assert not names_variants(number_cells(pa.array(["Orange", "Nokia", "Samsung", "Apple"])))
    assert not names_variants(number_cells(pa.array([None], pa.string())))


def test_words() -> None:
    assert colour_group("onyx") == "black"
    assert colour_group("redmond") is None
    assert colour_group("cornflowerblue") == "blue"
    assert spelt_out("blk") == "black"
    assert spelt_out("boot") == "boot"
    assert "xxl" in size_spellings("2xlarge")
    assert not size_spellings("blackberry")
    assert words_of_colour("nothing") == frozenset()
