"""Learning synonyms from pairs of records that are matches by other evidence."""

from __future__ import annotations

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepared import statements

from linkage.training.synonyms.between_records import (
    _PRIOR_WITHIN_RECORDS,
    ValuePairs,
    _Counts,
    _merge_values,
    learn_synonyms,
)


def value_pairs(rows: list[tuple[str, int]]) -> ValuePairs:
    """All pairs of records ``(value, product)`` of products of neighbouring number."""
    product = np.array([p for _, p in rows])
    left, right = np.triu_indices(len(rows), 1)
    near = np.abs(product[left] - product[right]) <= 2
    left, right = left[near].astype(np.int32), right[near].astype(np.int32)
    return ValuePairs(left, right, product[left] == product[right], product)


def learned(rows: list[tuple[str, int]]) -> list[list[str]]:
    stated = statements([[value] if value else [] for value, _ in rows])
    return learn_synonyms({"colour": stated}, value_pairs(rows)).groups.get("colour", [])


def catalog(products: int = 60) -> list[tuple[str, int]]:
    """Products of one colour each, whose records spell grey and blue in several ways."""
    spellings = [["grau", "aschgrau"], ["rot"], ["blau", "azur", "marine"], ["weiss"]]
    rows = []
    for product in range(products):
        names = spellings[product % len(spellings)]
        rows += [(names[k % len(names)], product) for k in range(len(names) + 1)]
    return rows


def test_values_of_one_product_mean_the_same() -> None:
    found = {frozenset(group) for group in learned(catalog())}
    assert found == {frozenset({"grau", "aschgrau"}), frozenset({"blau", "azur", "marine"})}


def test_the_order_of_records_does_not_matter() -> None:
    rows = catalog()
    shuffled = [rows[k] for k in np.random.default_rng(1).permutation(len(rows))]
    assert learned(shuffled) == learned(rows)


def test_errors_do_not_merge_values() -> None:
    rows = catalog()
    # Two products, each with one record of a wrong colour.
    rows += [("weiss", 1), ("rot", 7)]
    assert not any({"rot", "weiss"} <= set(group) for group in learned(rows))


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        (["500 ml", "300 ml", "500ml", "0.3 l"], [{"500 ml", "500ml"}, {"300 ml", "0.3 l"}]),
        (["large", "lrg", "xxl", "2xl"], [{"large", "lrg"}, {"xxl", "2xl"}]),
        (["2x1000g", "1000 g", "2 x 1 kg", "1kg"], [{"2x1000g", "2 x 1 kg"}, {"1000 g", "1kg"}]),
        (["schwarz", "white", "black", "bianco"], [{"schwarz", "black"}, {"white", "bianco"}]),
        (["2tb", "250 gb", "2000 gb", "0.25 tb"], [{"2tb", "2000 gb"}, {"250 gb", "0.25 tb"}]),
        (["eu 8", "9", "8", "9 eu"], [{"eu 8", "8"}, {"9", "9 eu"}]),
    ],
)
def test_no_evidence_joins_values_that_are_read_differently(
    values: list[str], groups: list[set[str]]
) -> None:
    # Every product states all four values, as if wrong trade numbers joined its siblings.
    fillers = catalog()
    rows = [(value, product) for product in range(100, 160, 4) for value in values]
    found = [set(group) for group in learned(fillers + rows)]
    assert [group for group in found if group & set(values)] in (groups, groups[::-1])


def test_nothing_is_learned_where_products_have_random_values() -> None:
    rng = np.random.default_rng(1)
    rows = [(str(rng.choice(["a", "b", "c", "d"])), k // 4) for k in range(400)]
    assert learned(rows) == []


def test_values_of_variants_of_one_source_are_no_synonyms() -> None:
    pairs = value_pairs(catalog())
    stated = statements([[value] for value, _ in catalog()])
    # Pairs of "blau" and "azur" are of one source, hence opposing.
    values = np.array([value for value, _ in catalog()])
    both = np.isin(values[pairs.left], ["blau", "azur"]) & np.isin(
        values[pairs.right], ["blau", "azur"]
    )
    agree = pairs.agree & ~(both & (values[pairs.left] != values[pairs.right]))
    apart = ValuePairs(pairs.left, pairs.right, agree, pairs.product)
    groups = learn_synonyms({"colour": stated}, apart).groups["colour"]
    assert not any({"blau", "azur"} <= set(group) for group in groups)


@pytest.mark.parametrize("is_meaningful", [False, True])
def test_a_modifier_is_empty_if_many_values_show_it(is_meaningful: bool) -> None:
    rows, product = [], 0
    for _ in range(4):
        for colour in ("rot", "blau", "gelb", "braun", "weiss", "schwarz"):
            product += 1
            rows += [(colour, product)] * 3
            if is_meaningful:
                product += 1
                rows += [(f"hell {colour}", product)] * 3
            else:
                rows += [(f"hell {colour}", product)]
    # A rare value, but its modifier is known.
    rows += [("orange", product + 10), ("orange", product + 10), ("hell orange", product + 20)]
    groups = learned(rows)
    assert (["orange", "hell orange"] in groups) is not is_meaningful


def test_nothing_to_learn_from() -> None:
    nothing = np.zeros(0, np.int32)
    pairs = ValuePairs(nothing, nothing, np.zeros(0, bool), np.arange(3))
    stated = statements([["a"], ["b"], []])
    assert learn_synonyms({"colour": stated}, pairs).groups == {}


evidence_of_pairs = st.dictionaries(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] < pair[1]),
    st.tuples(st.integers(-6, 9), st.integers(0, 9)),
    max_size=21,
)


@given(evidence_of_pairs, st.lists(st.integers(0, 6), min_size=7, max_size=7))
def test_groups_are_those_of_greedy_merging(pairs, spoken) -> None:
    width, strings = 7, list("abcdefg")
    first, second = np.array([*pairs, (0, 0)]).T
    evidence = np.array([ratio for ratio, _ in pairs.values()] + [0], float)
    shown = np.array([products for _, products in pairs.values()] + [0])
    counts = _Counts(first, second, shown, shown * 0, shown * 0)
    found = _merge_values(strings, counts, evidence, np.array(spoken))
    order = np.argsort(spoken, kind="stable").tolist()
    spelt = [(a, b) for a, b in pairwise(order) if spoken[a] == spoken[b]]
    np.testing.assert_array_equal(found, greedy(width, pairs, spelt))


def greedy(
    width: int, pairs: dict[tuple[int, int], tuple[int, int]], spelt: list[tuple[int, int]]
) -> list[int]:
    """Groups of merging the best pair of groups repeatedly, with all weights computed anew."""
    groups = {k: {k} for k in range(width)}
    total = max(sum(products for _, products in pairs.values()), 1)
    common = [sum(p for pair, (_, p) in pairs.items() if k in pair) / 2 for k in range(width)]
    while True:
        weights = []
        for a, b in combinations(sorted(groups), 2):
            both = groups[a] | groups[b]
            between = [
                known
                for pair, known in pairs.items()
                if both.issuperset(pair) and len(groups[a].intersection(pair)) == 1
            ]
            ratio = sum(ratio for ratio, _ in between)
            products = sum(products for _, products in between)
            sizes = [sum(common[k] for k in groups[group]) for group in (a, b)]
            same = any(both.issuperset(p) and len(groups[a].intersection(p)) == 1 for p in spelt)
            if same:
                weights.append((ratio + _PRIOR_WITHIN_RECORDS, -a, -b))
            elif products >= max(2, 2 * sizes[0] * sizes[1] / total):
                weights.append((ratio - math.log(width), -a, -b))
        best = max(weights, default=(0.0, 0, 0))
        if best[0] <= 0:
            break
        groups[-best[1]] |= groups.pop(-best[2])
    return [next(a for a, group in groups.items() if k in group) for k in range(width)]
