"""Clusters are named by the member that comes first; rows are found in the catalogs' order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from features.records import Records
from linkage.results.names import catalog_order, first_members, full_names


def records_of(left: list[str], right: list[str]) -> Records:
    ids = np.array([*left, *right], dtype=object)
    side = np.repeat(np.array([0, 1], np.int8), [len(left), len(right)])
    return Records(ids, pa.table({"id": pa.array(ids, pa.string())}), side)


@pytest.mark.parametrize("linked", [False, True])
def test_the_first_member_has_the_smallest_full_name(linked: bool) -> None:
    generator = np.random.default_rng(0)
    words = ["", "a", "ab", "abc", "b", "ä", "äb", "Z", "zz", "日本", "10", "9"]
    ids = [f"{word}{k}" if k else word for k in range(8) for word in words]
    ids = generator.permutation(np.array(ids, dtype=object)).tolist()
    records = records_of(ids[:50], ids[20:]) if linked else records_of(ids, [])
    labels = np.unique(generator.integers(0, 30, records.n), return_inverse=True)[1]
    names = full_names(records)
    first = first_members(records, labels.astype(np.int32))
    for label in range(labels.max() + 1):
        members = np.flatnonzero(labels == label)
        assert first[label] == min(members, key=lambda row: names[row].encode())


def test_rows_are_found_by_their_ids_in_each_table() -> None:
    records = records_of(["c", "a", "b"], ["b", "c"])
    ids = [pa.chunked_array([["a"], ["b", "c"]]), pa.chunked_array([["c", "b"]])]
    assert catalog_order(records, ids).tolist() == [1, 2, 0, 4, 3]
    assert catalog_order(records_of(["c", "a", "b"], []), ids[:1]).tolist() == [1, 2, 0]
