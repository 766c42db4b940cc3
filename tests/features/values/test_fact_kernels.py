"""What words state of their records, against plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.values.fact_kernels import QUANTITY, SIZE, UNIT, kept_rows, state

#: Size of each word, what the words make of sizes 0 and 1 after them, and whether they are plain
#: numbers, quantities or units; word 6 states nothing.
SIZES = [0, 1, 2, -1, -1, -1, -1]
AFTER = [(-1, -1), (-1, -1), (-1, -1), (3, 4), (-1, 5), (-1, -1), (-1, -1)]
PLAIN, AMOUNT, UNITS = {3, 5}, {2}, {4}
rows_of_words = st.lists(st.lists(st.integers(0, 6), max_size=8), max_size=5)


def flat(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    words = np.array([word for row in rows for word in row], np.int32)
    return np.cumsum([0, *map(len, rows)]).astype(np.int64), words


@given(rows_of_words, st.integers(0, 40))
def test_each_record_states_what_its_words_do(rows: list[list[int]], room: int) -> None:
    groups = np.tile(np.arange(7, dtype=np.int32)[:, None], (1, 6))
    groups[:, SIZE] = SIZES
    # Words 0 to 4 state themselves, word k kind k.
    kinds = np.array([1 << k if k < 5 else 0 for k in range(7)], np.uint8)
    kinds |= (groups[:, SIZE] >= 0).astype(np.uint8) << SIZE
    for words, bit in ((AMOUNT, QUANTITY), (UNITS, UNIT)):
        kinds |= np.isin(np.arange(7), list(words)).astype(np.uint8) << bit
    plain = np.isin(np.arange(7), list(PLAIN))
    indptr, ids = flat(rows)
    starts, quantified = np.zeros((6, len(indptr)), np.int64), np.zeros(len(rows), bool)
    arguments = (indptr, ids, kinds, groups, plain, 0, 1, np.array(AFTER, np.int32), starts)
    out = np.empty((6, room), np.int32)
    needed = state(*arguments, out, quantified)
    if needed > room:
        out = np.empty((6, needed), np.int32)
        assert state(*arguments, out, quantified) == needed
    assert needed == max(sum(word == kind for word in ids) for kind in range(5)) or needed == sum(
        SIZES[word] >= 0 for word in ids
    )
    for number, row in enumerate(rows):
        pairs = list(zip([None, *row], row, strict=False))
        sizes = set()
        for before, word in pairs:
            size = SIZES[word]
            for k in (0, 1):
                if size == k and before is not None and AFTER[before][k] >= 0:
                    size = AFTER[before][k]
            sizes |= {size} - {-1}
        for kind, expected in [*((k, {k} & set(row)) for k in range(5)), (SIZE, sizes)]:
            found = out[kind, starts[kind, number] : starts[kind, number + 1]]
            assert found.tolist() == sorted(expected)
        assert quantified[number] == any(
            word in AMOUNT or (word in UNITS and before in PLAIN) for before, word in pairs
        )


@given(rows_of_words, st.lists(st.booleans(), min_size=5, max_size=5))
def test_rows_that_are_not_kept_have_no_words(rows: list[list[int]], keep: list[bool]) -> None:
    indptr, words = kept_rows(*flat(rows), np.array(keep[: len(rows)], bool))
    left = [one if kept else [] for one, kept in zip(rows, keep, strict=False)]
    assert indptr.tolist() == flat(left)[0].tolist()
    assert words.tolist() == [word for one in left for word in one]
