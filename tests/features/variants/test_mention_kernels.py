"""Passes over mentions, against plain Python."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.text.cells import number_cells
from features.text.tokens import build_vocabulary, tokenise
from features.variants.mention_kernels import first_of_rows, rows_with_words, rows_without, ways_of
from features.variants.mentions import applies, find_mentions, variant_values
from features.variants.variant_values import LONGEST_MENTION

WORDS = ["navy", "light", "blue", "x", "l", "2", "xl", "32", "w", "eu", "shoe", "lightblue"]
titles = st.lists(st.lists(st.sampled_from(WORDS), max_size=8), max_size=6)
values = st.lists(st.sampled_from(["Light Blue", "XL", "2XL", "32W x 32L", "EU 32", "navy"]))
numbers = st.lists(st.lists(st.integers(0, 4), max_size=6), max_size=6)


def indptr_of(rows: list[list[int]]) -> np.ndarray:
    return np.cumsum([0, *(len(row) for row in rows)])


def flat(rows: list[list[int]]) -> np.ndarray:
    return np.array([value for row in rows for value in row], np.int32)


@given(titles, values)
def test_every_run_of_words_that_is_a_form_is_found(
    rows: list[list[str]], stated: list[str]
) -> None:
    variant = variant_values("v", number_cells(pa.array(stated, pa.string())))
    table = tokenise(pa.array([" ".join(row) for row in rows], pa.string()))
    found = find_mentions(table, [variant])
    forms = {f for one in variant.forms for f in one.whole | one.weak | one.group}
    expected = [
        (row, int(table.indptr[row]) + at, size, "".join(words[at : at + size]))
        for row, words in enumerate(rows)
        for at in range(len(words))
        for size in range(1, LONGEST_MENTION + 1)
        if at + size <= len(words) and "".join(words[at : at + size]) in forms
    ]
    names = [found.names[k] for k in found.form]
    assert list(zip(found.row, found.token, found.words, names, strict=True)) == expected


@given(numbers)
def test_the_first_mention_of_each_row_is_marked(rows: list[list[int]]) -> None:
    row = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    expected = [one.index(form) == k for one in rows for k, form in enumerate(one)]
    assert first_of_rows(row, flat(rows).astype(np.int64), 5).tolist() == expected


@given(st.lists(st.tuples(st.integers(-1, 2), st.integers(0, 4)), max_size=9))
def test_ways_are_those_of_the_rows_value(mentions: list[tuple[int, int]]) -> None:
    known = [{0: 1, 3: 6}, {}, {4: 2}]
    indptr = np.cumsum([0, *map(len, known)])
    forms = np.array([form for one in known for form in one])
    ways = np.array([way for one in known for way in one.values()], np.int8)
    value, form = np.array(mentions, np.int64).reshape(-1, 2).T.copy()
    expected = [0 if v < 0 else known[v].get(f, 0) for v, f in mentions]
    assert ways_of(value.astype(np.int32), form, indptr, forms, ways).tolist() == expected


@given(numbers, st.lists(st.booleans(), min_size=6, max_size=6), st.sets(st.integers(0, 4)))
def test_rows_are_counted_by_their_words(
    rows: list[list[int]], marks: list[bool], unwanted: set[int]
) -> None:
    known = np.array(marks[: len(rows)], bool)
    counts, hits = rows_with_words(indptr_of(rows), flat(rows), known, 5)
    assert counts.tolist() == [sum(word in row for row in rows) for word in range(5)]
    assert hits.tolist() == [
        sum(word in row and mark for row, mark in zip(rows, known, strict=True))
        for word in range(5)
    ]
    chosen = np.isin(np.arange(5), list(unwanted))
    free = rows_without(indptr_of(rows), flat(rows), chosen)
    assert free.tolist() == [not unwanted & set(row) for row in rows]


def test_an_attribute_does_not_apply_where_a_word_rules_it_out() -> None:
    texts = ["blue shirt", "red shirt"] * 50 + ["steel pan", "pan"] * 50
    table = tokenise(pa.array(texts))
    vocabulary, (ids,) = build_vocabulary([table])
    code = np.array([0] * 100 + [-1] * 100)
    assert applies(code, table, ids, len(vocabulary)).tolist() == [True] * 100 + [False] * 100
