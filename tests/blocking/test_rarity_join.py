"""The rarity-driven join: who finds whom, whatever else is in the table."""

from __future__ import annotations

import numpy as np
import pytest
from prepared import pair_set, prepared

from blocking.candidates import listed_pairs
from blocking.neighbours import Neighbours
from blocking.plan import build_plan
from blocking.rarity_join import rarity_join
from features.prepare import PreparedRecords

SHAPES = "shoe boot sandal clog slipper".split()
COLOURS = "red blue green black white grey".split()


def offers(n: int, seed: int = 0, products: int | None = None) -> list[str | None]:
    """Titles of n offers: a brand of ten, a line of a hundred, a shape, a colour, a size."""
    rng = np.random.default_rng(seed)
    made: list[str | None] = []
    for product in rng.integers(0, products or n // 2, n):
        own = np.random.default_rng(product)
        title = [
            f"brand{own.integers(10)}", f"line{own.integers(100)}", own.choice(SHAPES),
            own.choice(COLOURS), f"size {own.integers(35, 47)}",
        ]  # fmt: skip
        rng.shuffle(title)
        made.append(" ".join(title))
    return made


def copies(n: int) -> list[str]:
    """Offers of one product, each with words of its own and some left out."""
    rng = np.random.default_rng(1)
    words = "brand3 line42 windrunner shoe blue size 41 lightweight".split()
    return [" ".join(rng.permutation(words)[:6]) + f" shop{k}" for k in range(n)]


def pairs_of(records: PreparedRecords, k: int = 10, threads: int = 1) -> set[tuple[int, int]]:
    found = rarity_join(records, k, threads=threads)
    return pair_set(listed_pairs(found.index, np.full(records.n, k)))


def connected(pairs: set[tuple[int, int]], rows: range) -> bool:
    """Whether the pairs hold the rows together."""
    reached, frontier = {rows[0]}, {rows[0]}
    while frontier:
        frontier = {
            b for pair in pairs for a, b in (pair, pair[::-1]) if a in frontier and b in rows
        } - reached
        reached |= frontier
    return len(reached) == len(rows)


def test_lists_are_ranked_distinct_and_without_oneself() -> None:
    records = prepared({"title": offers(500)})
    found = rarity_join(records, 6)
    assert found.index.shape == found.similarity.shape == (500, 6)
    for row, (index, similarity) in enumerate(zip(found.index, found.similarity, strict=True)):
        listed = index[index >= 0]
        assert np.all(index[len(listed) :] == -1)
        assert row not in listed
        assert len(set(listed.tolist())) == len(listed)
        assert np.all(np.diff(similarity[: len(listed)]) <= 0)


def test_records_that_share_a_rare_word_find_each_other() -> None:
    titles = offers(400)
    titles[3] = "zephyr x200 camera"
    titles[390] = "camera bag for the zephyr"
    assert (3, 390) in pairs_of(prepared({"title": titles}))


def test_equal_identifiers_find_each_other_without_a_word_in_common() -> None:
    titles = offers(400)
    gtins: list[str | None] = [None] * 400
    gtins[5] = gtins[300] = "04006381333931"
    gtins[6], gtins[7] = "4006381333948", "4006381333955"
    titles[300] = "something else"
    plan = build_plan(prepared({"title": titles, "gtin": gtins}), joined=True)
    found = plan.candidates(np.full(400, 10))
    assert (5, 300) in pair_set((found.left, found.right))


def test_unrelated_records_do_not_part_a_cluster() -> None:
    # Twenty-eight offers of a product inside ever more others that use the same common words.
    kept = []
    for n in (1_000, 30_000):
        titles = copies(28) + offers(n, products=n)
        pairs = pairs_of(prepared({"title": titles}), k=12)
        assert connected(pairs, range(28))
        kept.append(sum(a < 28 and b < 28 for a, b in pairs))
    assert kept[1] >= 0.8 * kept[0]


def test_what_many_share_is_joined_by_further_values() -> None:
    # All titles are alike; only the price and the category tell which belong together.
    n = 3_000
    group = np.arange(n) // 2
    records = prepared(
        {
            "title": [f"plain cotton shirt {'red' if k % 3 else 'blue'}" for k in range(n)],
            "category": [f"range {g % 91}" for g in group],
            "price": [str(2.0 ** (g % 25)) for g in group],
            "gtin": [f"part{g}" if g < 200 else None for g in group],
        }
    )
    pairs = pairs_of(records, k=10)
    found = np.mean([(k, k + 1) in pairs for k in range(0, n, 2)])
    assert found > 0.7


@pytest.mark.parametrize("n_left", [None, 150])
def test_neither_threads_nor_order_change_the_pairs(
    n_left: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blocking.join_terms._SLICE", 32)
    titles = offers(400)
    records = prepared({"title": titles}, n_left)
    one, two = (rarity_join(records, 5, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.index, two.index)
    np.testing.assert_array_equal(one.similarity, two.similarity)
    if n_left is not None:
        listed = one.index >= 0
        rows = np.broadcast_to(np.arange(400)[:, None], listed.shape)
        assert np.all((rows[listed] < n_left) != (one.index[listed] < n_left))


@pytest.mark.parametrize("titles", [["?", None, "!"], ["one"], ["same", "same"], []])
def test_tables_with_little_in_them(titles: list[str | None]) -> None:
    found = rarity_join(prepared({"title": titles}), 3)
    assert found.index.shape == (len(titles), 3)
    assert (found.index >= 0).sum() == (2 if titles == ["same", "same"] else 0)


def test_listed_pairs_are_those_of_every_list_within_the_budget() -> None:
    rng = np.random.default_rng(0)
    index = np.full((60, 5), -1, np.int32)
    for row in range(60):
        others = rng.permutation(np.delete(np.arange(60), row))[: rng.integers(0, 6)]
        index[row, : len(others)] = others
    budget = rng.integers(0, 7, 60)
    left, right = listed_pairs(index, budget)
    expected = [
        (row, int(other)) for row in range(60) for other in index[row, : budget[row]] if other >= 0
    ]
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == expected
    assert (left.dtype, right.dtype) == (np.int32, np.int32)


def test_a_joined_plan_has_the_join_and_the_identifiers() -> None:
    titles = offers(300)
    gtins = [f"40063813330{k % 150:03d}" if k % 2 else None for k in range(300)]
    records = prepared({"title": titles, "gtin": gtins})
    plan = build_plan(records, joined=True)
    assert list(plan.spaces) == ["rare terms"]
    assert isinstance(plan.spaces["rare terms"], Neighbours)
    few, more = (plan.candidates(np.full(300, budget)) for budget in (2, 8))
    assert pair_set((few.left, few.right)) < pair_set((more.left, more.right))
