"""Sorted neighbourhood against plain Python."""

from __future__ import annotations

import pytest
from prepared import pair_set, prepared

from blocking.neighbourhood import SortedNeighbourhoodBlocker

TITLES = ["lamp a", "pen b", "pen a", "ink z", None, "pen a", "lamp b", "box q", "pen c", "ink y"]


def oracle(values: list[str | None], window: int, n_left: int | None) -> set[tuple[int, int]]:
    counts = {value: values.count(value) for value in values if value}
    texts = sorted(value for value, count in counts.items() if count <= window)
    place = {value: k for k, value in enumerate(texts)}
    return {
        (a, b)
        for a in range(len(values))
        for b in range(a + 1, len(values))
        if values[a] in place
        and values[b] in place
        and abs(place[values[a]] - place[values[b]]) <= window // 2
        and (n_left is None or a < n_left <= b)
    }


@pytest.mark.parametrize("window", [3, 5])
@pytest.mark.parametrize("n_left", [None, 4])
@pytest.mark.parametrize("few_records", [0, 100])
def test_neighbours_in_order(window, n_left, few_records):
    blocker = SortedNeighbourhoodBlocker(window, few_records=few_records)
    left, right = blocker.pairs(prepared({"title": TITLES}, n_left))
    assert pair_set((left, right)) == oracle(TITLES, window, n_left)
    assert left.dtype == right.dtype == "int32"
    assert blocker.left_out == 0
    assert blocker.skipped is None


def test_texts_of_too_many_records_are_left_out():
    titles = ["same pen"] * 5 + ["same ink", "same pot", "same ink"]
    blocker = SortedNeighbourhoodBlocker(3)
    assert pair_set(blocker.pairs(prepared({"title": titles}))) == {(5, 6), (5, 7), (6, 7)}
    assert blocker.left_out == 5


def test_above_its_size_it_does_not_run():
    blocker = SortedNeighbourhoodBlocker(most_records=9)
    left, right = blocker.pairs(prepared({"title": TITLES}))
    assert len(left) == len(right) == 0
    assert blocker.skipped == "10 records are more than 9"


@pytest.mark.parametrize(
    ("columns", "n_left"),
    [
        ({"price": ["1", "2"]}, None),
        ({"title": ["a b c"]}, None),
        ({"title": ["a b", "c d", None]}, 2),
        ({"title": [None, None]}, None),
    ],
)
@pytest.mark.parametrize("few_records", [0, 100])
def test_little_to_sort(columns, n_left, few_records):
    left, right = SortedNeighbourhoodBlocker(few_records=few_records).pairs(
        prepared(columns, n_left)
    )
    assert len(left) == len(right) == 0


@pytest.mark.parametrize("window", [1, 4])
def test_windows_are_odd(window):
    with pytest.raises(ValueError, match="odd and at least 3"):
        SortedNeighbourhoodBlocker(window)
