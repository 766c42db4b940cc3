"""Compiled comparison of words, against plain Python, rapidfuzz, and itself swapped."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pyarrow as pa
import pytest
from feature_oracles import Row, likeness, named_rows, word_features
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import Jaro, JaroWinkler

from features.text.sets import sparse_sets
from features.text.statistics import Statistics
from features.text.tokens import build_vocabulary, tokenise
from features.text.word_kernels import WORD_FEATURES, Words, jaro_winkler

nan = math.nan
spellings = st.text("abcde1", min_size=1, max_size=10)


def on_bytes(function, a: str, b: str, *more) -> float:
    text = np.frombuffer((a + b).encode(), np.uint8)
    return function(text, 0, len(a), len(a), len(text), *more)


@given(spellings, spellings)
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


def make_words(cells: list[str]) -> tuple[Words, list[Row]]:
    """The comparison of rows of words, and the rows with the weights of their words."""
    table = tokenise(pa.array(cells, pa.string()))
    vocabulary, (ids,) = build_vocabulary([table])
    weigher = Statistics().weigher("words", len(cells), vocabulary.hashes)
    sets = sparse_sets(table.indptr, ids, max(len(vocabulary), 1), weigher)
    return Words(sets, vocabulary), named_rows(sets, vocabulary)


def check(rows: list[list[str]]) -> None:
    words, weighted = make_words([" ".join(row) for row in rows])
    left, right = oracles.all_pairs(len(rows))
    expected = [word_features(weighted[x], weighted[y]) for x, y in zip(left, right, strict=True)]
    found = words.compare(left, right)
    np.testing.assert_allclose(found, np.array(expected), rtol=1e-4, atol=1e-5)
    oracles.assert_symmetric(words.compare, len(rows))


LIKE_WORDS = "camera cameras kamera canon cannon color colour colours phone phones iphone x".split()


@given(st.lists(st.lists(st.sampled_from(LIKE_WORDS), max_size=8), min_size=1, max_size=5))
def test_words(rows: list[list[str]]) -> None:
    check(rows)


@settings(max_examples=300)
@given(st.lists(st.lists(st.text("ab", min_size=3, max_size=7), max_size=12), max_size=4))
def test_many_like_words(rows: list[list[str]]) -> None:
    check([*rows, ["abab"]])


@settings(max_examples=300)
@given(st.lists(st.text("abeé1ж", min_size=1, max_size=9), max_size=4), st.data())
def test_words_that_are_hardly_alike_enough(row: list[str], data: st.DataObject) -> None:
    """No pair of words above the limit is passed over by the look at their letters."""
    changed = []
    for word in row:
        letters = list(word)
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(letters)))
            letters[at : at + data.draw(st.integers(0, 1))] = data.draw(st.sampled_from("abc1é"))
        changed.append("".join(letters))
    check([row, changed])


def test_a_row_is_like_itself() -> None:
    words, _ = make_words(["canon powershot", "a b c", "x"])
    row = np.arange(3, dtype=np.int32)
    found = dict(zip(WORD_FEATURES, words.compare(row, row).T, strict=True))
    for name in ("idf_cosine", "idf_overlap", "idf_jaccard", "soft_overlap"):
        np.testing.assert_allclose(found[name], 1, rtol=1e-6)
    for name in ("rarest_unshared_min", "rarest_unshared_max"):
        np.testing.assert_array_equal(found[name], 0)


def test_a_misspelling_is_seen() -> None:
    words, _ = make_words(["canon powershot", "cannon powershot", "sony powershot"])
    near, far = words.compare(np.int32([0, 0]), np.int32([1, 2]))
    assert far[-1] < near[-1] < 1
    np.testing.assert_array_equal(near[1:2], far[1:2])


def test_of_long_texts_the_rarest_words_are_matched() -> None:
    # Letters far apart in the alphabet, so that only the misspelling is alike.
    mine = [f"{c}{c}{c}" for c in "bcdefghij"]
    others = [f"{c}{c}{c}" for c in "klmnopqrs"]
    common = ["filler 1", "filler 2"]
    few = [" ".join(["powershot", *mine[:7]]), " ".join(["powershoot", *others[:7]]), *common]
    many = [" ".join(["aashot", *mine]), " ".join(["aashoot", *others]), *common]
    pair = np.int32([0]), np.int32([1])
    assert make_words(few)[0].compare(*pair)[0, -1] > 0
    assert make_words(many)[0].compare(*pair)[0, -1] == 0


def test_of_equally_rare_words_both_sides_choose_the_like_ones() -> None:
    stems = [f"{c}ord" for c in "bcdefghijklmnopqrstuvwxyz"]
    words, _ = make_words([" ".join(f"{s}xx" for s in stems), " ".join(f"{s}xy" for s in stems)])
    found = words.compare(np.int32([0]), np.int32([1]))[0, -1]
    assert found == pytest.approx(8 * likeness("bordxx", "bordxy") / len(stems), rel=1e-5)


def test_no_pairs_give_no_rows() -> None:
    words, _ = make_words(["a b", ""])
    none = np.zeros(0, np.int32)
    assert words.compare(none, none).shape == (0, len(WORD_FEATURES))
