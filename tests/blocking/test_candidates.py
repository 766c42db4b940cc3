"""The union of proposals and the fusion of neighbour lists, against plain Python."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from proposals import proposed_by

from blocking.candidates import Candidates, ranked_pairs, union
from blocking.neighbours import Neighbours

N = 8
NAMES = ["words", "codes", "embedding"]
pair = st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda p: p[0] != p[1])
proposals = st.lists(st.tuples(st.sampled_from(NAMES), st.lists(pair, max_size=10)), max_size=5)


def columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    array = np.array(pairs, np.int32).reshape(-1, 2)
    return array[:, 0], array[:, 1]


@given(proposals)
def test_union(parts: list[tuple[str, list[tuple[int, int]]]]) -> None:
    found = union([(name, *columns(pairs)) for name, pairs in parts], N)
    expected = defaultdict(set)
    for name, pairs in parts:
        for a, b in pairs:
            expected[min(a, b), max(a, b)].add(name)
    assert list(zip(found.left, found.right, strict=True)) == sorted(expected)
    assert len(found) == len(expected)
    assert found.names == list(dict.fromkeys(name for name, _ in parts))
    for name in found.names:
        assert proposed_by(found, name).tolist() == [name in expected[p] for p in sorted(expected)]
    types = (found.left.dtype, found.right.dtype, found.blockers.dtype)
    assert types == (np.int32, np.int32, np.uint32)


def test_large_row_numbers_do_not_overflow() -> None:
    n = 3_000_000
    found = union([("words", np.int32([n - 1, 5]), np.int32([n - 2, n - 1]))], n)
    assert list(zip(found.left, found.right, strict=True)) == [(5, n - 1), (n - 2, n - 1)]


@st.composite
def spaces(draw: st.DrawFn) -> list[Neighbours]:
    k = draw(st.integers(1, 4))
    out = []
    for name in NAMES[: draw(st.integers(1, 3))]:
        index = np.full((N, k), -1, np.int32)
        for row in range(N):
            others = [other for other in range(N) if other != row]
            listed = draw(st.lists(st.sampled_from(others), max_size=k, unique=True))
            index[row, : len(listed)] = listed
        out.append(Neighbours(name, index, np.where(index >= 0, 0.5, 0).astype(np.float32)))
    return out


@given(spaces(), proposals, st.lists(st.integers(0, 5), min_size=N, max_size=N))
def test_ranked_pairs(
    given_spaces: list[Neighbours],
    keyed: list[tuple[str, list[tuple[int, int]]]],
    budget: list[int],
) -> None:
    found = ranked_pairs(
        given_spaces, np.array(budget), [(name, *columns(pairs)) for name, pairs in keyed]
    )
    assert [name for name, _, _ in found] == [
        *(space.name for space in given_spaces),
        *(name for name, _ in keyed),
    ]
    for row in range(N):
        claims: dict[int, float] = defaultdict(float)
        listed = []
        for space in given_spaces:
            listed.append({int(other) for other in space.index[row] if other >= 0})
            for place, other in enumerate(space.index[row]):
                if other >= 0:
                    claims[int(other)] += 1 / (5 + place)
        for _, pairs in keyed:
            # Keys do not rank: each proposal is worth a fifth place, for both of its rows.
            partners = {b if a == row else a for a, b in pairs if row in (a, b)}
            listed.append(partners)
            for other in partners:
                claims[other] += 1 / (5 + 4)
        ranking = sorted(claims, key=lambda other: (-claims[other], other))
        kept = set(ranking[: budget[row]])
        for (_, left, right), partners in zip(found, listed, strict=True):
            assert set(right[left == row].tolist()) == kept & partners


def test_a_neighbour_in_two_lists_goes_before_one_at_the_top_of_one() -> None:
    none = [[-1, -1]] * 3
    first = Neighbours("first", np.int32([[1, 2], *none]), np.zeros((4, 2), np.float32))
    second = Neighbours("second", np.int32([[3, 2], *none]), np.zeros((4, 2), np.float32))
    kept = ranked_pairs([first, second], np.array([1] * 4))
    assert [(name, right.tolist()) for name, _, right in kept] == [("first", [2]), ("second", [2])]


@settings(deadline=None)  # compiles on first use
@given(st.data())
def test_pairs_of_groups_against_sets(data: st.DataObject) -> None:
    rows = [(a, b) for a in range(7) for b in range(a + 1, 7)]
    chosen = sorted(data.draw(st.lists(st.sampled_from(rows), unique=True)))
    bits = data.draw(st.lists(st.integers(1, 7), min_size=len(chosen), max_size=len(chosen)))
    group = data.draw(st.lists(st.integers(0, 3), min_size=7, max_size=7))
    left, right = np.array(chosen, np.int32).reshape(-1, 2).T
    pairs = Candidates(left, right, np.array(bits, np.uint32), ["a", "b", "c"])
    found = pairs.of_groups(np.array(group), 4)
    expected: dict[tuple[int, int], int] = {}
    for (a, b), bit in zip(chosen, bits, strict=True):
        low, high = sorted((group[a], group[b]))
        if low != high:
            expected[low, high] = expected.get((low, high), 0) | bit
    keys = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert keys == sorted(expected)
    assert found.blockers.tolist() == [expected[key] for key in keys]
    assert found.names == pairs.names
