"""The blocking plan: budgets, what is kept whatever they are, and threads."""

from __future__ import annotations

import numpy as np
import pytest
from prepared import pair_set, prepared
from proposals import proposed_by

from blocking.plan import build_plan, record_budgets
from features.prepare import PreparedRecords

WORDS = "red blue green shoe hat sock large small nova alpha rondo mira vita".split()


def catalog(n: int = 80, n_left: int | None = None) -> PreparedRecords:
    rng = np.random.default_rng(0)
    titles = [" ".join(rng.choice(WORDS, 4)) + f" ab{k // 2:03d}x" for k in range(n)]
    gtins = [_with_check_digit(f"4006381333{k:02d}") if k % 3 else None for k in range(n)]
    gtins[7] = gtins[40]
    return prepared({"title": titles, "gtin": gtins}, n_left)


def _with_check_digit(twelve: str) -> str:
    total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(twelve))
    return twelve + str(-total % 10)


def test_more_budget_more_pairs() -> None:
    records = catalog()
    plan = build_plan(records)
    pairs = [plan.candidates(np.full(80, budget)) for budget in (1, 3, 20)]
    sets = [pair_set((one.left, one.right)) for one in pairs]
    assert sets[0] < sets[1] < sets[2]
    assert all(np.all(one.left < one.right) for one in pairs)


def test_equal_identifiers_are_kept_whatever_the_budget() -> None:
    plan = build_plan(catalog())
    nothing = plan.candidates(np.zeros(80, int))
    assert pair_set((nothing.left, nothing.right)) == {(7, 40)}
    assert plan.largest_blocks
    (name,) = {name for name, left, _ in plan.certain if len(left)}
    assert proposed_by(nothing, name).all()


def test_pairs_of_a_linkage_cross_the_tables() -> None:
    records = catalog(80, n_left=30)
    found = build_plan(records).candidates(record_budgets(records, 10))
    assert len(found) > 0
    assert np.all(found.left < 30)
    assert np.all(found.right >= 30)


def test_threads_change_nothing() -> None:
    records = catalog()
    one, two = (build_plan(records, threads=threads) for threads in (1, 2))
    for name, space in one.spaces.items():
        np.testing.assert_array_equal(space.index, two.spaces[name].index)
        np.testing.assert_array_equal(space.similarity, two.spaces[name].similarity)


def test_vectors_propose_pairs_too() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(80, 8)).astype(np.float32)
    vectors[3] = vectors[55]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    told: list[str] = []
    plan = build_plan(catalog(), vectors=vectors, progress=lambda name, _: told.append(name))
    assert "embedding" in plan.spaces
    assert "Neighbours by embedding" in told
    assert plan.spaces["embedding"].index[3, 0] == 55
    found = plan.candidates(np.full(80, 5))
    assert (3, 55) in pair_set((found.left, found.right))


@pytest.mark.parametrize(
    ("n", "n_left", "pairs", "expected"),
    [
        (10, None, 20, (20, 20)),
        (10, 5, 20, (10, 10)),
        (10, 2, 20, (10, 2)),
        (101, 1, 20, (10, 1)),
        (10, 8, 1, (1, 1)),
    ],
)
def test_budgets(n: int, n_left: int | None, pairs: int, expected: tuple[int, int]) -> None:
    budget = record_budgets(prepared({"title": ["red shoe"] * n}, n_left), pairs)
    left = n if n_left is None else n_left
    assert set(budget[:left]) == {expected[0]}
    assert set(budget[left:]) <= {expected[1]}


def test_a_table_without_words() -> None:
    plan = build_plan(prepared({"title": ["?", "!", "..."], "price": ["1", "2", "3"]}))
    assert len(plan.candidates(np.full(3, 5))) == 0
