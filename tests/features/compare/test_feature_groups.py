"""Feature groups, one by one: what they say, and that unknown is NaN."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pytest
from rapidfuzz import fuzz

from features.compare import feature_groups
from features.kinds import Kind
from features.prepare import PreparedAttribute, prepare

nan = math.nan
Row = dict[str, float]


def attribute(kind: Kind, *cells: str | None) -> PreparedAttribute:
    return prepare(oracles.make_records({"c": cells}, {"c": kind})).attributes["c"]


def compare(group: feature_groups.FeatureGroup, n: int) -> list[Row]:
    """What a group says of row 0 and each further row; the same from both sides."""
    left, right = np.zeros(n - 1, np.int32), np.arange(1, n, dtype=np.int32)
    found = group.compare(left, right)
    assert found.dtype == np.float32
    assert found.shape == (n - 1, len(group.names))
    np.testing.assert_array_equal(found, group.compare(right, left))
    return [dict(zip(group.names, row.tolist(), strict=True)) for row in found]


def test_equality() -> None:
    group = feature_groups.EqualityFeatures(
        attribute(Kind.CATEGORY, "TV & Audio", "tv audio", "tv", None)
    )
    same, other, unknown = compare(group, 4)
    assert (same["c.equal"], other["c.equal"]) == (1, 0)
    assert math.isnan(unknown["c.equal"])


def test_identifiers_are_equal_in_their_canonical_form() -> None:
    cells = ["4006381333931", "04006381333931", "5901234123457", None]
    found = compare(feature_groups.EqualityFeatures(attribute(Kind.IDENTIFIER, *cells)), 4)
    np.testing.assert_equal([row["c.equal"] for row in found], [1, 0, nan])


def test_first_words() -> None:
    group = feature_groups.FirstWordFeatures(
        attribute(Kind.TEXT, "Sony tv", "SONY radio", "tv sony", None)
    )
    found = [row["c.first_word_equal"] for row in compare(group, 4)]
    np.testing.assert_equal(found, [1, 0, nan])


def test_strings_are_those_of_rapidfuzz() -> None:
    cells = ["sony tv 55", "tv sony", "sony tv 55", "apple phone", None, "x" * 500]
    group = feature_groups.StringFeatures(attribute(Kind.TEXT, *cells), threads=2)
    found = compare(group, len(cells))
    for cell, row in zip(cells[1:], found, strict=True):
        if cell is None:
            assert all(math.isnan(value) for value in row.values())
            continue
        short = cell[: feature_groups.LONGEST_STRING]
        assert row["c.ratio"] == pytest.approx(fuzz.ratio(cells[0], short) / 100)


def test_strings_of_unknown_rows_only() -> None:
    group = feature_groups.StringFeatures(attribute(Kind.TEXT, None, None), threads=1)
    assert math.isnan(compare(group, 2)[0]["c.ratio"])


def test_numbers() -> None:
    group = feature_groups.NumberFeatures(attribute(Kind.PRICE, "10", "10.00", "20", "0", None))
    same, double, free, unknown = compare(group, 5)
    assert same == {"c.difference": 0, "c.log_ratio": 0}
    assert double == pytest.approx({"c.difference": 0.5, "c.log_ratio": math.log(2)})
    assert free["c.difference"] == 1
    assert math.isnan(free["c.log_ratio"])
    assert all(math.isnan(value) for value in unknown.values())


def test_two_free_things_cost_the_same() -> None:
    group = feature_groups.NumberFeatures(attribute(Kind.NUMBER, "0", "0.0"))
    assert compare(group, 2)[0]["c.difference"] == 0


def test_dates() -> None:
    cells = attribute(Kind.DATE, "2020-01-01", "2020-01-01", "2020-01-11", None)
    found = [
        row["c.log_days"] for row in compare(feature_groups.NumberFeatures(cells, is_date=True), 4)
    ]
    np.testing.assert_allclose(found, [0, math.log(11), nan], rtol=1e-6)


def test_quantities() -> None:
    cells = ["500 ml", "0.5 l", "1 l", "500 g", "2 x 250 ml", "many", None]
    found = compare(feature_groups.QuantityFeatures(attribute(Kind.QUANTITY, *cells)), len(cells))
    same, double, weight, pack, *unknown = found
    assert (same["c.same_dimension"], same["c.log_ratio"]) == pytest.approx((1, 0))
    assert double["c.log_ratio"] == pytest.approx(math.log(2))
    assert weight["c.same_dimension"] == 0
    assert math.isnan(weight["c.log_ratio"])
    assert pack["c.log_ratio"] == pytest.approx(0)
    assert math.isnan(pack["c.packs_equal"])
    for row in unknown:
        assert all(math.isnan(value) for value in row.values())


def test_packs() -> None:
    cells = attribute(Kind.QUANTITY, "6 x 330 ml", "6 x 0.33 l", "4 x 330 ml")
    found = [row["c.packs_equal"] for row in compare(feature_groups.QuantityFeatures(cells), 3)]
    assert found == [1, 0]


def test_image_hashes() -> None:
    cells = ["00000000000000ff", "0x00000000000000FF", "00000000000000fe", "ffffffffffffff00", None]
    found = compare(feature_groups.ImageFeatures(attribute(Kind.IMAGE, *cells)), 5)
    np.testing.assert_equal([row["c.hash_difference"] for row in found], [0, 1 / 64, 1, nan])
    np.testing.assert_equal([row["c.equal"] for row in found], [1, 0, 0, nan])
    assert "c.colour_difference" not in found[0], "a hash tells no colour"


@pytest.mark.parametrize(
    "cell", ["a.jpg", "-0000000000000ff", "0x000000000000ff", "00_0000000000ff", "https://x.org/a"]
)
def test_images_that_are_neither_files_nor_hashes_are_equal_or_not(cell: str) -> None:
    with pytest.warns(UserWarning, match="4 of 4 images could not be read"):
        images = attribute(Kind.IMAGE, cell, f"{cell} ", "b.jpg", "//x.org/b.jpg", None)
    found = compare(feature_groups.ImageFeatures(images), 5)
    np.testing.assert_equal([row["c.equal"] for row in found], [1, 0, 0, nan])
    assert all(math.isnan(row["c.hash_difference"]) for row in found)


def test_a_hash_and_a_link_are_neither_equal_nor_different() -> None:
    with pytest.warns(UserWarning, match="links are not fetched"):
        images = attribute(Kind.IMAGE, "00000000000000ff", "https://x.org/a.jpg")
    assert all(
        math.isnan(value) for value in compare(feature_groups.ImageFeatures(images), 2)[0].values()
    )


def test_images_are_unknown_where_there_are_none() -> None:
    found = compare(feature_groups.ImageFeatures(attribute(Kind.IMAGE, None, None)), 2)
    assert all(math.isnan(value) for value in found[0].values())


def test_vectors() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 0], [-1, 0]], np.float32)
    found = compare(feature_groups.VectorFeatures("text", vectors), 4)
    np.testing.assert_allclose(
        [row["text.embedding_cosine"] for row in found], [0.6, nan, -1], rtol=1e-6
    )


def test_sets_say_how_long_both_are() -> None:
    records = prepare(oracles.make_records({"t": ["a b c d", "a b", None]}, {"t": Kind.TEXT}))
    found = compare(feature_groups.SetFeatures("record:", records.words, records.vocabulary), 3)
    assert found[0]["record:length_ratio"] == 0.5
    assert found[0]["record:idf_overlap"] == pytest.approx(1)
    assert all(math.isnan(value) for value in found[1].values())


def test_facts_of_the_text() -> None:
    titles = ["milk 1 l red 2019", "milk 1000 ml red 2020", "milk 2 l blue", "milk"]
    records = prepare(oracles.make_records({"t": titles}, {"t": Kind.TEXT}))
    quantities = compare(feature_groups.QuantityTextFeatures(records.facts["quantities"]), 4)
    np.testing.assert_equal([row["quantities:agreement"] for row in quantities], [1, 0, nan])
    for name, agreements in {"colours": [1, 0, nan], "years": [0, nan, nan]}.items():
        found = compare(feature_groups.AgreementFeatures(f"{name}:", records.facts[name]), 4)
        np.testing.assert_equal([row[f"{name}:agreement"] for row in found], agreements)


def test_the_main_attribute_is_found_anywhere_in_the_other_record() -> None:
    columns = {"title": ["canon eos 5d", "photo offer"], "text": [None, "the canon eos 5d body"]}
    records = prepare(oracles.make_records(columns, dict.fromkeys(columns, Kind.TEXT)))
    main = records.attributes["title"].words
    assert main is not None
    row = compare(feature_groups.ContainmentFeatures(main, records.words), 2)[0]
    assert row["record:main_contained_max"] == pytest.approx(1)
    assert row["record:main_contained_min"] == 0
