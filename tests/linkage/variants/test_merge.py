"""Merging collapsed records by clusters, and reusing candidate pairs for them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocking.candidates import Candidates
from features.arrays.ordering import stable_order
from features.kinds import Kind
from features.records import Records
from linkage.scoring.reused_candidates import leads_outside_clusters, reuse_candidates, reuse_sample
from linkage.variants.collapse import collapse_records
from linkage.variants.collapse_kernels import commonest
from linkage.variants.collapsed_records import CollapsedRecords
from linkage.variants.merge import can_merge, merge_collapsed

KINDS = {
    "title": Kind.TEXT, "brand": Kind.NAME, "colour": Kind.CATEGORY, "gtin": Kind.IDENTIFIER,
}  # fmt: skip
#: Two shops, several notations: nothing repeats byte for byte.
RECORDS = [
    ("lamp orla red", "Orla", "red", "4006381333931"),
    ("orla desk lamp in red", None, "red", None),
    ("red lamp", "Orla", "red", "4006381333931"),
    ("orla lamp blue", "Orlla", "blue", "9780306406157"),
    ("blue orla lamp for desks", "Orla", "blue", None),
    ("chair tove", "Tove", None, None),
]
CLUSTERS = np.array([0, 0, 0, 1, 1, 2])


def collapsed(
    rows: list[tuple] = RECORDS, ignored: tuple[str, ...] = ("colour",)
) -> CollapsedRecords:
    columns = {n: pa.array([row[k] for row in rows], pa.string()) for k, n in enumerate(KINDS)}
    ids = np.array([f"{k:02}" for k in range(len(rows))], object)
    records = Records(ids, pa.table(columns), np.zeros(len(rows), np.int8), KINDS)
    return collapse_records(records, ignored)


def pairs(*found: tuple[int, int], blockers: list[int] | None = None) -> Candidates:
    left, right = np.array(found, np.int32).reshape(-1, 2).T
    bits = np.ones(len(left), np.uint32) if blockers is None else np.array(blockers, np.uint32)
    return Candidates(left, right, bits, ["words", "identifier:gtin"])


@pytest.fixture
def unmerged() -> CollapsedRecords:
    found = collapsed()
    assert len(found.first_record) == len(RECORDS), "each record is a row of its own"
    return found


def test_a_merged_row_has_the_most_frequent_values_and_the_longest_text(
    unmerged: CollapsedRecords,
) -> None:
    merged = merge_collapsed(unmerged, CLUSTERS, threads=2)
    assert merged.merged
    assert merged.weight.tolist() == [3, 2, 1]
    assert merged.row_of_record.tolist() == CLUSTERS.tolist()
    assert merged.records.values("brand").to_pylist() == ["Orla", "Orlla", "Tove"]
    words = [len(text.split()) for text in unmerged.records.values("title").to_pylist()]
    assert [len(text.split()) for text in merged.records.values("title").to_pylist()] == [
        max(words[:3]), max(words[3:5]), words[5],
    ]  # fmt: skip
    assert merged.first_record.tolist() == [0, 3, 5]
    assert merged.records.ids.tolist() == ["00", "03", "05"]


def test_a_merged_row_has_all_unit_identifiers_of_its_records(unmerged: CollapsedRecords) -> None:
    assert "gtin" in unmerged.unit_identifiers
    merged = merge_collapsed(unmerged, np.array([0, 0, 1, 2, 2, 2]))
    assert merged.share_identifier(np.array([0, 0]), np.array([1, 2])).tolist() == [True, False]


def test_rows_of_clusters_of_one_stay_as_they_are(unmerged: CollapsedRecords) -> None:
    merged = merge_collapsed(unmerged, np.arange(len(RECORDS)))
    assert merged.records.table.equals(unmerged.records.table.select(list(unmerged.records.kinds)))
    np.testing.assert_array_equal(merged.first_record, unmerged.first_record)


def test_sources_that_repeat_texts_are_not_merged(unmerged: CollapsedRecords) -> None:
    assert can_merge(unmerged)
    sizes = [("lamp", "Orla", colour, None) for colour in ("red", "blue", "green")] * 2
    assert not can_merge(collapsed(sizes + [("chair", "Tove", c, None) for c in ("red", "blue")]))


@settings(deadline=None)  # compiles on first use
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 2), st.integers(0, 3))))
def test_commonest_agrees_with_counting(rows: list[tuple[int, int, int]]) -> None:
    group, code, length = (np.array([r[k] for r in rows], np.int64) for k in range(3))
    order = stable_order(group) if len(rows) else np.zeros(0, np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=4))])
    found = commonest(order, start, code, length)
    for number in range(4):
        known = [k for k in range(len(rows)) if group[k] == number and code[k] >= 0]
        best = min(  # the commonest, then the longest, then the first
            known,
            key=lambda k: (-sum(code[j] == code[k] for j in known), -length[k], k),
            default=-1,
        )
        assert found[number] == best


def test_pairs_of_records_become_pairs_of_merged_rows(unmerged: CollapsedRecords) -> None:
    merged = merge_collapsed(unmerged, CLUSTERS)
    found = reuse_candidates(
        merged, pairs((0, 1), (0, 3), (1, 4), (2, 5), blockers=[1, 1, 2, 3])
    ).candidates
    assert list(zip(found.left.tolist(), found.right.tolist(), strict=True)) == [(0, 1), (0, 2)]
    assert found.blockers.tolist() == [3, 3], "the blockers of all pairs of their records"
    assert found.names == ["words", "identifier:gtin"]


def test_a_sample_has_only_the_rows_of_its_pairs(unmerged: CollapsedRecords) -> None:
    sampled = np.array([True, False, False, False, False, False])
    part, reused = reuse_sample(unmerged, pairs((0, 3)), sampled, np.array([5]))
    assert part.records.ids.tolist() == ["00", "03", "05"]
    assert part.row_of_record.tolist() == [0, -1, -1, 1, -1, 2]
    assert part.sizes.tolist() == [1, 1, 1]
    assert reused.candidates.left.tolist() == [0]
    assert reused.candidates.right.tolist() == [1]
    assert reused.sampled_rows.tolist() == [True, False, False]
    np.testing.assert_array_equal(part.starting_clusters(CLUSTERS), [0, 1, 2])
    np.testing.assert_array_equal(part.starting_clusters(np.array([0, 0, 0, 0, 1, 1])), [0, 0, 1])
    # Product keys are numbered anew, as the rows are.
    np.testing.assert_array_equal(part.starting_clusters(CLUSTERS, by_key=True), [0, 1, 2])


def test_candidates_within_one_cluster_do_not_lead_outside() -> None:
    labels = np.array([0, 0, 0, 0])
    every = pairs(*[(a, b) for a in range(4) for b in range(a + 1, 4)])
    assert not leads_outside_clusters(every, labels)
    many = pairs(*[(a, b) for a in range(8) for b in range(a + 1, 8)])
    assert leads_outside_clusters(many, np.arange(8))
    assert not leads_outside_clusters(many, np.arange(8) // 4)
