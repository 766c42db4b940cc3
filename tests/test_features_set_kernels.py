"""Compiled comparisons of sets, against Python's sets, rapidfuzz, and themselves swapped."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import oracles
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Jaro, JaroWinkler, Levenshtein

from features.facts import STEP, CodeSets, code_sets, word_facts
from features.set_kernels import (
    CODE_FEATURES,
    SET_FEATURES,
    _edit_ratio,
    agreement,
    code_features,
    containment,
    cosine,
    jaro_winkler,
    quantity_agreement,
    set_features,
    soft_overlap,
)
from features.sets import GRAM_SPACE, SparseSets, character_grams, sparse_sets
from features.statistics import Statistics
from features.tokens import build_vocabulary, tokenise

nan = math.nan
rows_of_terms = st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=6)


def compare(expected: list | np.ndarray, found: np.ndarray) -> None:
    np.testing.assert_allclose(found, np.array(expected, float), rtol=2e-5, atol=2e-6)


def assert_symmetric(function, n: int) -> None:
    """Swapping the sides gives the same, to the last bit."""
    left, right = oracles.all_pairs(n)
    np.testing.assert_array_equal(function(left, right), function(right, left))


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
    assert_symmetric(lambda x, y: set_features(sets, x, y), len(rows))
    assert_symmetric(lambda x, y: cosine(sets, x, y), len(rows))


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
    assert_symmetric(lambda x, y: containment(parts, wholes, x, y), n)


@given(rows_of_terms)
def test_agreement(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 10)
    expected = [
        [len(a & b) / min(len(a), len(b)), len(a & b) / len(a | b)] if a and b else [nan, nan]
        for a, b in product(map(set, rows), repeat=2)
    ]
    compare(expected, agreement(sets, *oracles.all_pairs(len(rows))))
    assert_symmetric(lambda x, y: agreement(sets, x, y), len(rows))


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
    assert_symmetric(lambda x, y: quantity_agreement(sets, x, y), len(rows))


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


@given(words, words)
def test_edit_ratio_is_that_of_rapidfuzz(a: str, b: str) -> None:
    found = on_bytes(_edit_ratio, a, b, np.zeros(48, np.int64))
    assert found == pytest.approx(Levenshtein.normalized_similarity(a, b))


def test_edit_ratio_of_long_codes_is_zero() -> None:
    row = np.zeros(48, np.int64)
    assert on_bytes(_edit_ratio, "a" * 40, "a" * 40, row) == 1
    assert on_bytes(_edit_ratio, "a" * 41, "a" * 41, row) == 0


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
    assert_symmetric(lambda x, y: soft_overlap(sets, text, offsets, x, y), len(rows))


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


def coded(cells: list[str | None]) -> tuple[CodeSets, SparseSets]:
    table = tokenise(pa.array(cells, pa.string()))
    vocabulary, (ids,) = build_vocabulary([table])
    codes = code_sets([table], [ids], word_facts(vocabulary), [False], Statistics())
    indptr, grams = character_grams(table.text, table.text_offsets, 4, spaces=False)
    return codes, sparse_sets(indptr, grams, GRAM_SPACE)


def code_oracle(codes: CodeSets, grams: SparseSets, x: int, y: int) -> list[float]:
    texts = [bytes(codes.text[start:stop]) for start, stop in pairwise(codes.offsets)]
    weights = oracles.weighted(codes.sets)
    a = {texts[t]: w for t, w in weights[x].items()}
    b = {texts[t]: w for t, w in weights[y].items()}
    rows = [set(row) for row in oracles.rows_of(grams.indptr, grams.ids)]

    def share(mine: dict[bytes, float], other: set[int]) -> float | None:
        if not mine or not other:
            return None
        found = [w for c, w in mine.items() if windows(c) <= other]
        return sum(found) / sum(mine.values())

    shares = [s for s in (share(a, rows[y]), share(b, rows[x])) if s is not None]
    contained_max = max(shares, default=nan)
    contained_min = min(shares) if len(shares) == 2 else nan
    if not a or not b:
        return [nan, nan, nan, nan, contained_max, contained_min, nan]
    rarest = max((a[c] for c in a.keys() & b.keys()), default=0.0)
    unshared = max(len(a.keys() - b.keys()), len(b.keys() - a.keys()))
    conflict = float(not rarest and not contained_max > 0)
    best = max(Levenshtein.normalized_similarity(c, d) for c, d in product(a, b))
    prefix = max(
        next(
            (k for k, (p, q) in enumerate(zip(c, d, strict=False)) if p != q), min(map(len, (c, d)))
        )
        / min(len(c), len(d))
        for c, d in product(a, b)
    )
    if rarest:
        best = prefix = 1.0
    return [rarest, conflict, best, prefix, contained_max, contained_min, unshared]


def windows(code: bytes) -> set[int]:
    return {oracles.gram(code[k : k + 4]) for k in range(len(code) - 3)}


CODED = "dsc-w55 dscw55 dscw-50 dsc w55 wh1000xm4 wh-1000xm4 1000xm4 camera black x100".split()


@given(st.lists(st.lists(st.sampled_from(CODED), max_size=5), min_size=1, max_size=5))
def test_codes(rows: list[list[str]]) -> None:
    codes, grams = coded([" ".join(row) for row in rows])
    left, right = oracles.all_pairs(len(rows))
    expected = [code_oracle(codes, grams, x, y) for x, y in zip(left, right, strict=True)]
    compare(expected, code_features(codes, grams, left, right))
    assert_symmetric(lambda x, y: code_features(codes, grams, x, y), len(rows))


def code_row(a: str | None, b: str | None) -> dict[str, float]:
    codes, grams = coded([a, b])
    found = code_features(codes, grams, np.int32([0]), np.int32([1]))[0]
    return dict(zip(CODE_FEATURES, found.tolist(), strict=True))


def test_a_code_written_apart_is_found_in_the_other_text() -> None:
    row = code_row("sony dsc-w55", "sony dsc w55 camera")
    assert row["contained_max"] == 1
    assert math.isnan(row["conflict"])


def test_different_codes_are_in_conflict() -> None:
    row = code_row("sony dsc-w55", "sony dsc-w80")
    assert row["conflict"] == 1
    assert row["longest_prefix"] == pytest.approx(4 / 6)


def test_codes_beside_no_text_are_unknown() -> None:
    assert all(math.isnan(value) for value in code_row("sony dsc-w55", None).values())


def test_a_parts_list_is_read_in_part_and_alike_from_both_sides() -> None:
    many = [f"pn{k}00x" for k in range(40)]
    codes, grams = coded([" ".join(many), " ".join(many[::-1]), "pn000x pn3900x", "none"])
    assert_symmetric(lambda x, y: code_features(codes, grams, x, y), 4)


def test_no_pairs_give_no_rows() -> None:
    sets = oracles.make_sets([[1, 2], [2]], 5)
    none = np.zeros(0, np.int32)
    assert set_features(sets, none, none).shape == (0, len(SET_FEATURES))
    assert cosine(sets, none, none).shape == (0,)
