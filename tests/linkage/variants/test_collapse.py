"""Collapsing records, and the features of collapsed records."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.records import Records
from linkage.variants.collapse import collapse_records
from linkage.variants.collapsed_records import CollapsedFeatures, CollapsedRecords

KINDS = {
    "title": Kind.TEXT, "type": Kind.CATEGORY, "colour": Kind.CATEGORY, "size": Kind.CATEGORY,
    "gtin": Kind.IDENTIFIER, "source": Kind.CATEGORY,
}  # fmt: skip


def collapsed(rows: list[dict], source: str | None = None, **options) -> CollapsedRecords:
    names = [n for n in KINDS if any(n in row for row in rows)]
    table = pa.table({n: pa.array([row.get(n) for row in rows], pa.string()) for n in names})
    ids = np.array([f"{k:03}" for k in range(len(rows))], object)
    kinds = {n: KINDS[n] for n in names if n != source}
    records = Records(ids, table, np.zeros(len(rows), np.int8), kinds)
    return collapse_records(records, ("colour", "size"), source, **options)


def feed(names: list[str], sizes: list[str], **more) -> list[dict]:
    return [{"title": n, "colour": "Red", "size": s, **more} for n in names for s in sizes]


NAMES = [f"Product {word} deluxe" for word in "one two three four five six seven".split()]
SIZES = ["S", "M", "L"]


def test_variants_of_one_text_are_one_row() -> None:
    found = collapsed(feed(NAMES, SIZES))
    assert len(found.first_record) == len(NAMES)
    np.testing.assert_array_equal(found.row_of_record, np.repeat(np.arange(len(NAMES)), 3))
    np.testing.assert_array_equal(found.sizes, [3] * len(NAMES))
    assert set(found.records.kinds) == {"title"}


def test_texts_of_disciplined_sources_are_compared_byte_for_byte() -> None:
    rows = feed(NAMES, SIZES) + feed([NAMES[0].upper()], SIZES)
    found = collapsed(rows)
    assert len(found.first_record) == len(NAMES) + 1
    assert found.equal_texts(np.array([0]), np.array([7])) == [0]


def test_two_texts_with_the_same_set_of_variants_are_two_products() -> None:
    rows = feed([*NAMES, "Product one deluxe (plain)"], SIZES)
    found = collapsed(rows)
    assert found.apart(np.array([0, 0]), np.array([7, 7])).all()
    rows = feed(NAMES, SIZES) + feed(["Product one deluxe (plain)"], ["XL", "XXL"])
    assert not collapsed(rows).apart(np.array([0]), np.array([7])).any()


def test_equal_values_in_two_notations_split_a_row() -> None:
    letters = ["a", "b", "c", "d", "e"]
    rows = feed(NAMES, SIZES) + feed(["Initial"], [f"Initial: {x}" for x in letters])
    rows += feed(["Initial"], [f"Initial: {x.upper()}" for x in letters])
    found = collapsed(rows)
    initial = found.row_of_record[-10:]
    assert len(set(initial[:5])) == len(set(initial[5:])) == 1
    assert initial[0] != initial[-1]


def test_each_source_has_its_own_masking_policy() -> None:
    tidy = feed(NAMES, SIZES, source="tidy")
    messy = [
        {"title": f"{n} {s} {c}", "colour": c, "size": s, "source": "messy"}
        for n in NAMES for s in SIZES for c in ("Red", "Blue")
    ]  # fmt: skip
    found = collapsed(tidy + messy, "source")
    assert {p.source: p.disciplined for p in found.masking_policies} == {
        "tidy": True,
        "messy": False,
    }
    titles = found.records.table.column("title").to_pylist()
    assert not any(" red" in (t or "").lower() for t in titles)


def test_only_shared_unit_identifiers_are_a_feature() -> None:
    rows = feed(NAMES, SIZES)
    for k, row in enumerate(rows):
        row["gtin"] = f"{k:013}"
    rows += [{**rows[0], "title": "Another name altogether"}]
    found = collapsed(rows)
    assert "gtin" not in found.records.kinds
    left, right = np.array([0, 1]), np.array([len(found.first_record) - 1] * 2)
    np.testing.assert_array_equal(found.share_identifier(left, right), [True, False])
    group = CollapsedFeatures(found)
    shared = group.compare(left, right)[:, group.names.index("identifier:shared")]
    np.testing.assert_array_equal(np.isnan(shared), [False, True])


def test_features_do_not_depend_on_the_order_of_rows() -> None:
    rows = feed(NAMES, SIZES)
    for k, row in enumerate(rows):
        row["gtin"] = f"{k:013}"
    rows += [{**rows[0], "title": "Another name altogether"}, {**rows[4], "title": "One more"}]
    group = CollapsedFeatures(collapsed(rows))
    rows_collapsed = len(group.collapsed.first_record)
    left, right = np.triu_indices(rows_collapsed, 1)
    order = np.random.default_rng(0).permutation(rows_collapsed)
    position = np.argsort(order)
    expected = group.compare(left, right)
    assert np.nansum(expected[:, group.names.index("identifier:shared")]) == 2
    np.testing.assert_array_equal(
        group.reordered(order).compare(position[left], position[right]), expected
    )


def test_stated_attributes_compare_in_three_values() -> None:
    rows = [
        {"title": n, "colour": c, "size": s}
        for n in NAMES for c in ("Navy", "Royal Blue", "Red", None) for s in SIZES
    ]  # fmt: skip
    names = ["title", "colour", "size"]
    table = pa.table({n: pa.array([row[n] for row in rows], pa.string()) for n in names})
    ids = np.array([f"{k:03}" for k in range(len(rows))], object)
    records = Records(ids, table, np.zeros(len(rows), np.int8), {n: KINDS[n] for n in names})
    found = collapse_records(records, ("size",))
    values = found.statements("colour", np.array([0, 0, 0, 0]), np.array([0, 1, 2, 3]))
    np.testing.assert_array_equal(values, [1.0, 0.5, 0.0, np.nan])
    np.testing.assert_array_equal(
        found.contradicted(np.array([0, 0]), np.array([2, 3])), [True, False]
    )


def test_clusters_of_a_stricter_definition_stay_together() -> None:
    found = collapsed(feed(NAMES, SIZES))
    labels = np.arange(21)
    labels[3] = labels[0]  # a record of the first row and one of the second
    start = found.starting_clusters(labels)
    assert start[0] == start[1]
    assert len(np.unique(start)) == len(NAMES) - 1


def test_records_without_a_main_text_are_rows_of_their_own() -> None:
    rows = feed(NAMES, SIZES) + [{"title": None, "colour": "Red", "size": "S"}] * 3
    assert (collapsed(rows).sizes[-3:] == 1).all()


def test_a_table_lists_variants_once_where_product_keys_hardly_repeat_one() -> None:
    once = feed(NAMES, SIZES)
    assert collapsed(once).lists_variants_once
    assert collapsed([*once, once[0]]).lists_variants_once, "one of 22 may be a mistake"
    assert not collapsed(once + once).lists_variants_once, "every variant is offered twice"
    others = feed([f"Thing {word}" for word in "a b c d e f g h i j k l".split()], ["S"])
    assert collapsed(once + others).lists_variants_once, "most records have a sibling"
    assert not collapsed(once[:6] + others).lists_variants_once
    bare = [{**row, "colour": None, "size": None} for row in once]
    assert not collapsed(bare).lists_variants_once, "what is not stated tells nothing"
