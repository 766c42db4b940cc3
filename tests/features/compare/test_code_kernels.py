"""Compiled comparisons of model codes, against plain Python and rapidfuzz."""

from __future__ import annotations

import math

import feature_oracles
import numpy as np
import oracles
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from features.compare.code_kernels import CODE_FEATURES, _edit_ratio, code_features
from features.text.sets import GRAM_SPACE, SparseSets, character_grams, sparse_sets
from features.text.statistics import Statistics
from features.text.tokens import build_vocabulary, tokenise
from features.values.facts import CodeSets, code_sets
from features.values.word_facts import word_facts

nan = math.nan
words = st.text("abcde1", min_size=1, max_size=10)


def edit_ratio(a: str, b: str) -> float:
    text = np.frombuffer((a + b).encode(), np.uint8)
    return _edit_ratio(text, 0, len(a), len(a), len(text), np.zeros(48, np.int64))


@given(words, words)
def test_edit_ratio_is_that_of_rapidfuzz(a: str, b: str) -> None:
    found = edit_ratio(a, b)
    assert found == pytest.approx(Levenshtein.normalized_similarity(a, b))


def test_edit_ratio_of_long_codes_is_zero() -> None:
    assert edit_ratio("a" * 40, "a" * 40) == 1
    assert edit_ratio("a" * 41, "a" * 41) == 0


def coded(cells: list[str | None]) -> tuple[CodeSets, SparseSets]:
    table = tokenise(pa.array(cells, pa.string()))
    vocabulary, (ids,) = build_vocabulary([table])
    codes = code_sets([table], [ids], word_facts(vocabulary), [False], Statistics())
    indptr, grams = character_grams(table.text, table.text_offsets, 4, spaces=False)
    return codes, sparse_sets(indptr, grams, GRAM_SPACE)


CODED = "dsc-w55 dscw55 dscw-50 dsc w55 wh1000xm4 wh-1000xm4 1000xm4 camera black x100".split()


@given(st.lists(st.lists(st.sampled_from(CODED), max_size=5), min_size=1, max_size=5))
def test_codes(rows: list[list[str]]) -> None:
    codes, grams = coded([" ".join(row) for row in rows])
    left, right = oracles.all_pairs(len(rows))
    expected = [
        feature_oracles.code_features(codes, grams, x, y) for x, y in zip(left, right, strict=True)
    ]
    found = code_features(codes, grams, left, right)
    np.testing.assert_allclose(found, np.array(expected, float), rtol=2e-5)
    oracles.assert_symmetric(lambda x, y: code_features(codes, grams, x, y), len(rows))


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
    oracles.assert_symmetric(lambda x, y: code_features(codes, grams, x, y), 4)
