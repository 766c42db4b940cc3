"""Compiled comparisons of sets, against Python's sets, rapidfuzz, and themselves swapped."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import oracles
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Jaro, JaroWinkler

from features.facts import STEP
from features.set_kernels import (
    SET_FEATURES,
    agreement,
    containment,
    cosine,
    jaro_winkler,
    quantity_agreement,
    set_features,
    soft_overlap,
)
from features.sets import SparseSets, sparse_sets
from features.statistics import Statistics
from features.tokens import build_vocabulary, tokenise

nan = math.nan
rows_of_terms = st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=6)


def compare(expected: list | np.ndarray, found: np.ndarray) -> None:
    np.testing.assert_allclose(found, np.array(expected, float), rtol=2e-5, atol=2e-6)


@given(rows_of_terms)
def test_weighted_similarities(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 10)
    left, right = oracles.all_pairs(len(rows))
    expected = []
    for a, b in product(oracles.weighted(sets), repeat=2):
        if not a or not b:
            expected.append([nan] * len(SET_FEATURES))
            continue
        shared = [a[term] for term in a.keys() & b.keys()]
        only_a = max((a[term] for term in a.keys() - b.keys()), default=0)
        only_b = max((b[term] for term in b.keys() - a.keys()), default=0)
        total = sum(shared)
        expected.append(
            [
                sum(w * w for w in shared) / (math.hypot(*a.values()) * math.hypot(*b.values())),
                total / min(sum(a.values()), sum(b.values())),
                total / sum((a | b).values()),
                max(shared, default=0),
                min(only_a, only_b),
                max(only_a, only_b),
            ]
        )
    compare(expected, set_features(sets, left, right))
    compare([row[0] for row in expected], cosine(sets, left, right))
    oracles.assert_symmetric(lambda x, y: set_features(sets, x, y), len(rows))
    oracles.assert_symmetric(lambda x, y: cosine(sets, x, y), len(rows))


@given(rows_of_terms)
def test_a_row_is_like_itself(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 10)
    row = np.flatnonzero(sets.counts > 0).astype(np.int32)
    ones = np.ones(len(row))
    compare(ones, cosine(sets, row, row))
    compare(ones, agreement(sets, row, row)[:, 1])
    compare(ones, containment(sets, sets, row, row)[:, 0])
    rising, falling = np.split(set_features(sets, row, row), [4], axis=1)
    compare(np.ones((len(row), 3)), rising[:, :3])
    compare(np.zeros((len(row), 2)), falling)


@given(rows_of_terms, rows_of_terms)
def test_containment(part: list[list[int]], whole: list[list[int]]) -> None:
    n = min(len(part), len(whole))
    parts, wholes = oracles.make_sets(part[:n], 10), oracles.make_sets(whole[:n], 10)
    left, right = oracles.all_pairs(n)
    a, b = oracles.weighted(parts), oracles.weighted(wholes)

    def share(x: int, y: int) -> float:
        if not a[x] or not b[y]:
            return nan
        return sum(w for term, w in a[x].items() if term in b[y]) / sum(a[x].values())

    expected = []
    for x, y in zip(left, right, strict=True):
        known = [s for s in (share(x, y), share(y, x)) if not math.isnan(s)]
        expected.append([min(known, default=nan), max(known, default=nan)])
    compare(expected, containment(parts, wholes, left, right))
    oracles.assert_symmetric(lambda x, y: containment(parts, wholes, x, y), n)


@given(rows_of_terms)
def test_agreement(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 10)
    expected = [
        [len(a & b) / min(len(a), len(b)), len(a & b) / len(a | b)] if a and b else [nan, nan]
        for a, b in product(map(set, rows), repeat=2)
    ]
    compare(expected, agreement(sets, *oracles.all_pairs(len(rows))))
    oracles.assert_symmetric(lambda x, y: agreement(sets, x, y), len(rows))


amounts = st.tuples(st.integers(0, 2), st.integers(5, 9))


@given(st.lists(st.lists(amounts, max_size=4), min_size=1, max_size=5))
def test_quantities_agree_dimension_by_dimension(rows: list[list[tuple[int, int]]]) -> None:
    indptr = np.cumsum([0, *map(len, rows)])
    terms = np.array([d * STEP + level for row in rows for d, level in row], np.int32)
    sets = sparse_sets(indptr, terms, 3 * STEP)
    expected = []
    for a, b in product(rows, repeat=2):
        common = {d for d, _ in a} & {d for d, _ in b}
        equal = {d for d, x in a for e, y in b if d == e and abs(x - y) <= 1}
        expected.append([len(common), len(equal) / len(common)] if common else [nan, nan])
    compare(expected, quantity_agreement(sets, *oracles.all_pairs(len(rows))))
    oracles.assert_symmetric(lambda x, y: quantity_agreement(sets, x, y), len(rows))


words = st.text("abcde1", min_size=1, max_size=10)


def on_bytes(function, a: str, b: str, *more) -> float:
    text = np.frombuffer((a + b).encode(), np.uint8)
    return function(text, 0, len(a), len(a), len(text), *more)


@given(words, words)
def test_jaro_winkler_is_that_of_rapidfuzz(a: str, b: str) -> None:
    found = on_bytes(jaro_winkler, a, b)
    jaro = Jaro.similarity(a, b)
    # rapidfuzz adds the common prefix above 0.7 only, as Winkler's later code did.
    if jaro > 0.7:
        assert found == pytest.approx(JaroWinkler.similarity(a, b))
    prefix = next((k for k in range(4) if a[k : k + 1] != b[k : k + 1]), 4)
    prefix = min(prefix, len(a), len(b))
    assert found == pytest.approx(jaro + 0.1 * prefix * (1 - jaro) if jaro else 0)


def test_jaro_winkler_of_nothing_and_of_too_much_is_zero() -> None:
    assert on_bytes(jaro_winkler, "", "abc") == 0
    assert on_bytes(jaro_winkler, "a" * 64, "a" * 64) == 1
    assert on_bytes(jaro_winkler, "a" * 65, "a" * 65) == 0


def soft_oracle(a: dict[str, float], b: dict[str, float]) -> float:
    """Soft overlap of two rows of words with weights, in the order of their numbers."""
    if not a or not b:
        return nan
    shared = sum(weight for word, weight in a.items() if word in b)
    rest = []
    for one, other in ((a, b), (b, a)):
        unshared = [(word, w) for word, w in one.items() if word not in other]
        rest.append(sorted(unshared, key=lambda item: -item[1])[:8])
    alike = {}
    for (x, (word, v)), (y, (partner, w)) in product(enumerate(rest[0]), enumerate(rest[1])):
        jaro = Jaro.similarity(word, partner)
        prefix = next((k for k in range(4) if word[k : k + 1] != partner[k : k + 1]), 4)
        value = jaro + min(prefix, len(word), len(partner)) * 0.1 * (1 - jaro)
        if value > 0.8:
            alike[x, y] = np.float32(value * min(v, w))
    while alike:
        x, y = max(alike, key=lambda pair: alike[pair])
        shared += float(alike[x, y])
        alike = {(p, q): value for (p, q), value in alike.items() if p != x and q != y}
    return min(1.0, shared / min(sum(a.values()), sum(b.values())))


LIKE_WORDS = "camera cameras kamera canon cannon color colour colours phone phones iphone x".split()


def text_sets(cells: list[str]) -> tuple[SparseSets, np.ndarray, np.ndarray, list[str]]:
    table = tokenise(pa.array(cells, pa.string()))
    vocabulary, (ids,) = build_vocabulary([table])
    weigher = Statistics().weigher("words", len(cells), vocabulary.hashes)
    sets = sparse_sets(table.indptr, ids, max(len(vocabulary), 1), weigher)
    return sets, vocabulary.text, vocabulary.offsets, vocabulary.words()


def check_soft_overlap(rows: list[list[str]]) -> None:
    sets, text, offsets, names = text_sets([" ".join(row) for row in rows])
    left, right = oracles.all_pairs(len(rows))
    found = soft_overlap(sets, text, offsets, left, right)
    named = [{names[t]: w for t, w in row.items()} for row in oracles.weighted(sets)]
    expected = [soft_oracle(named[x], named[y]) for x, y in zip(left, right, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    oracles.assert_symmetric(lambda x, y: soft_overlap(sets, text, offsets, x, y), len(rows))


@given(st.lists(st.lists(st.sampled_from(LIKE_WORDS), max_size=8), min_size=1, max_size=5))
def test_soft_overlap(rows: list[list[str]]) -> None:
    check_soft_overlap(rows)


@settings(max_examples=300)
@given(st.lists(st.lists(st.text("ab", min_size=3, max_size=7), max_size=12), max_size=4))
def test_soft_overlap_of_many_like_words(rows: list[list[str]]) -> None:
    check_soft_overlap([*rows, ["abab"]])


def test_soft_overlap_sees_a_misspelling() -> None:
    sets, text, offsets, _ = text_sets(["canon powershot", "cannon powershot", "sony powershot"])
    near, far = soft_overlap(sets, text, offsets, np.int32([0, 0]), np.int32([1, 2]))
    assert far < near < 1


def test_no_pairs_give_no_rows() -> None:
    sets = oracles.make_sets([[1, 2], [2]], 5)
    none = np.zeros(0, np.int32)
    assert set_features(sets, none, none).shape == (0, len(SET_FEATURES))
    assert cosine(sets, none, none).shape == (0,)
