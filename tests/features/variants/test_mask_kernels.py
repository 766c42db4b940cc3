"""Words taken out of texts, against plain Python."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.text.text_buffers import normalise, string_buffers
from features.text.tokens import tokenise
from features.variants.mask_kernels import copy_undropped, drop_beside, mark_first

LETTERS = "ab01é中 .,-'\t\n/"
word = st.tuples(st.integers(0, 3), st.booleans(), st.booleans(), st.booleans())
rows_of_words = st.lists(st.lists(word, max_size=7), max_size=4)


@given(rows_of_words)
def test_what_stands_beside_a_mention_goes_with_it(rows: list[list[tuple]]) -> None:
    modifiers, labels = np.array([0, 1, 0, 1], bool), np.array([0, 0, 1, 1], bool)
    expected_dropped: list[bool] = []
    runs = []
    for row in rows:
        dropped, colour = [d for _, d, *_ in row], [d and c for _, d, c, _ in row]
        for _ in range(3):
            before, after = [False, *dropped[:-1]], [*dropped[1:], False]
            beside = [*colour[1:], False]
            new = [
                not dropped[k]
                and bool(
                    (weak and (before[k] or after[k]))
                    or (modifiers[number] and beside[k])
                    or (labels[number] and after[k])
                )
                for k, (number, _, _, weak) in enumerate(row)
            ]
            colour = [
                c or (n and modifiers[w[0]]) for c, n, w in zip(colour, new, row, strict=True)
            ]
            dropped = [d or n for d, n in zip(dropped, new, strict=True)]
        expected_dropped += dropped
        runs.append(sum(d and not b for d, b in zip(dropped, [False, *dropped], strict=False)))
    flat = [one for row in rows for one in row]
    columns = np.array(flat, np.int64).reshape(-1, 4)
    number, (drop, colours, weak) = columns[:, 0], columns[:, 1:].T.astype(bool).copy()
    indptr = np.cumsum([0, *map(len, rows)])
    found = drop_beside(indptr, number, drop, colours & drop, weak, modifiers, labels)
    assert drop.tolist() == expected_dropped
    assert found.tolist() == runs


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=5), min_size=3, max_size=3),
    st.lists(st.lists(st.integers(0, 3), max_size=3), min_size=2, max_size=2),
    st.lists(st.integers(-1, 1), min_size=3, max_size=3),
)
def test_the_first_of_each_kept_word_is_marked(
    rows: list[list[int]], cells: list[list[int]], code: list[int]
) -> None:
    def arrays(lists: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        flat = np.array([value for one in lists for value in one], np.uint64)
        return np.cumsum([0, *map(len, lists)]), flat

    out = np.zeros(sum(map(len, rows)), bool)
    mark_first(*arrays(rows), np.array(code, np.int32), *arrays(cells), out)
    assert out.tolist() == [
        number >= 0 and value in cells[number] and row.index(value) == k
        for row, number in zip(rows, code, strict=True)
        for k, value in enumerate(row)
    ]


@given(st.text(LETTERS, max_size=25), st.data())
def test_a_text_keeps_all_but_its_dropped_tokens(text: str, data: st.DataObject) -> None:
    table = tokenise(pa.array([text]))
    words = table.clean_strings().to_pylist()[0] or ""
    count = len(table.hashes)
    dropped = np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)), bool)
    lowered = normalise(pa.array([text]))
    buffers = string_buffers(lowered)
    out, offsets = np.empty(len(buffers[0]), np.uint8), np.zeros(2, np.int64)
    left = np.zeros(1, bool)
    size = copy_undropped(
        *buffers, table.indptr, np.zeros(1, np.int64), dropped, out, offsets, left
    )
    found = out[:size].tobytes().decode()
    assert left[0] == (not dropped.all() if count else False)
    assert offsets.tolist() == [0, size]
    if not dropped.any():
        assert found == re.sub(r"[ \t\n]+", " ", lowered[0].as_py())
    kept = [one for one, gone in zip(words.split(" "), dropped, strict=False) if not gone]
    signs = re.sub(r"[^.,/-]", "", re.sub(r"(?<=\d)[.,](?=\d)", "", lowered[0].as_py()))
    letters = "".join(kept)
    assert re.sub(r"[^a-z\d中]", "", found) == re.sub(r"[^a-z\d中]", "", letters)
    assert len(re.sub(r"[^.,/-]", "", found)) >= len(signs)
