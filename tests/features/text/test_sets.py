"""Sparse sets and character grams, against plain Python."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import oracles
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text.sets import GRAM_SPACE, character_grams, merge_rows, rarity, sparse_sets
from features.text.tokens import tokenise

rows_of_terms = st.lists(st.lists(st.integers(0, 12), max_size=8), min_size=1, max_size=8)


def flat(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.cumsum([0, *map(len, rows)]), np.array([t for row in rows for t in row], np.int32)


@given(rows_of_terms)
def test_sets_are_sorted_and_distinct(rows: list[list[int]]) -> None:
    sets = sparse_sets(*flat(rows), 13)
    assert oracles.rows_of(sets.indptr, sets.ids) == [sorted(set(row)) for row in rows]
    assert sets.counts.tolist() == sets.sums.tolist() == [len(set(row)) for row in rows]
    assert sets.norms == pytest.approx([math.sqrt(len(set(row))) for row in rows])
    assert (sets.n, sets.terms) == (len(rows), 13)


@given(rows_of_terms)
def test_weights_are_rarities(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 13)
    n = 2 ** (round(4 * math.log2(len(rows))) / 4)  # in steps, so that a row more moves little
    for found, row in zip(oracles.weighted(sets), rows, strict=True):
        frequency = {term: sum(term in other for other in rows) for term in row}
        expected = {t: math.log1p(n / f) / math.log1p(n) for t, f in frequency.items()}
        assert found == pytest.approx(expected)
    assert sets.norms == pytest.approx(
        [math.hypot(*row.values()) for row in oracles.weighted(sets)]
    )
    assert sets.sums == pytest.approx([sum(row.values()) for row in oracles.weighted(sets)])


@given(rows_of_terms)
def test_matrix_holds_the_sets(rows: list[list[int]]) -> None:
    sets = oracles.make_sets(rows, 13)
    plain = sets.matrix(normalised=False)
    assert plain.shape == (len(rows), 13)
    assert plain.dtype == np.float32
    for row, weights in zip(plain.toarray(), oracles.weighted(sets), strict=True):
        assert {t: w for t, w in enumerate(row) if w} == pytest.approx(weights)
    lengths = np.linalg.norm(sets.matrix().toarray(), axis=1)
    assert lengths == pytest.approx([float(bool(row)) for row in rows])


def test_rarity_falls_from_one() -> None:
    values = rarity(np.array([1, 2, 50, 100]), 100)
    assert values[0] == pytest.approx(1)
    assert np.all(np.diff(values) < 0)
    assert np.all(values > 0)
    assert rarity(np.array([0]), 100) == rarity(np.array([1]), 100)
    assert rarity(np.array([1]), 0) == pytest.approx(1)


@given(st.lists(rows_of_terms, min_size=1, max_size=3))
def test_merged_rows_follow_each_other(pieces: list[list[list[int]]]) -> None:
    n = min(map(len, pieces))
    pieces = [rows[:n] for rows in pieces]
    merged = merge_rows([flat(rows) for rows in pieces])
    expected = [[*chain(*parts)] for parts in zip(*pieces, strict=True)]
    assert oracles.rows_of(*merged) == expected


cells = st.lists(st.none() | st.text("ab 1é中.,", max_size=12), min_size=1, max_size=5)


@given(cells, st.integers(2, 5), st.booleans())
def test_grams_are_those_of_plain_python(texts: list[str | None], size: int, spaces: bool) -> None:
    table = tokenise(pa.array(texts, pa.string()))
    found = character_grams(table.text, table.text_offsets, size, spaces=spaces)
    clean = table.clean_strings().to_pylist()
    expected = [oracles.grams(text or "", size, spaces=spaces) for text in clean]
    assert oracles.rows_of(*found) == expected
    assert all(0 <= term < GRAM_SPACE for row in expected for term in row)


def test_squashed_grams_do_not_see_spaces() -> None:
    table = tokenise(pa.array(["wh 1000 xm4", "WH-1000XM4", "wh1000xm4"]))
    rows = oracles.rows_of(*character_grams(table.text, table.text_offsets, 4, spaces=False))
    assert rows[0] == rows[1] == rows[2]
    spaced = oracles.rows_of(*character_grams(table.text, table.text_offsets, 4, spaces=True))
    assert spaced[0] != spaced[2]
