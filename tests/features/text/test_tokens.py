"""Tokens, against a plain Python version."""

from __future__ import annotations

import numpy as np
import oracles
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.text.token_kernels import hash_bytes
from features.text.tokens import TokenTable, build_vocabulary, row_words, tokenise

LETTERS = (
    "abzAZ0129 .,-_/'\"éÉßﬁΣςİÅ½²µ×№™①٣قطعة،؟中文カガが゙ー한글ไทย🙂👍🏽"
    "\x00\u0301\u200b\u3000’“–°\u202e"
)
texts = st.lists(st.none() | st.text(LETTERS, max_size=20), max_size=6)


def tokens_of(table: TokenTable) -> list[list[tuple[str, bool]]]:
    cells = [
        bytes(table.text[start : start + length]).decode()
        for start, length in zip(table.start, table.length, strict=True)
    ]
    words = oracles.rows_of(table.indptr, np.array(cells, dtype=object))
    glued = oracles.rows_of(table.indptr, table.glued)
    return [list(zip(*row, strict=True)) for row in zip(words, glued, strict=True)]


def words_of(*cells: str | None) -> list[list[str]]:
    return [[word for word, _ in row] for row in tokens_of(tokenise(pa.array(cells, pa.string())))]


@given(texts)
def test_tokens_are_those_of_plain_python(cells: list[str | None]) -> None:
    table = tokenise(pa.array(cells, pa.string()))
    expected = [oracles.tokens(cell) for cell in cells]
    assert tokens_of(table) == expected
    assert table.n == len(cells)
    clean = [" ".join(word for word, _ in row) or None for row in expected]
    assert table.clean_strings().to_pylist() == clean
    hashes = [oracles.fnv(word.encode()) for row in expected for word, _ in row]
    assert table.hashes.tolist() == hashes


@given(texts)
def test_clean_text_has_the_same_tokens(cells: list[str | None]) -> None:
    table = tokenise(pa.array(cells, pa.string()))
    again = tokenise(table.clean_strings())
    assert again.hashes.tolist() == table.hashes.tolist()
    assert again.text.tolist() == table.text.tolist()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Canon EOS-5D Mk. IV", ["canon", "eos", "5d", "mk", "iv"]),
        ("3,3ml or 3.3ml", ["3.3ml", "or", "3.3ml"]),
        ("1,234,567. 1,500W", ["1234567", "1500w"]),
        ("Nr.5, 5.x .5", ["nr", "5", "5", "x", "5"]),
        ("CAFÉ cafe\u0301 café", ["cafe", "cafe", "cafe"]),
        ("１２８ＧＢ ﬁt", ["128gb", "fit"]),
        ("20×30 cm", ["20x30", "cm"]),
        ("型号DSC55手机", ["型", "号", "dsc55", "手", "机"]),
        ("ガ", ["カ"]),
        ("قطعة، واحدة", ["قطعة", "واحدة"]),
        ("Men's men’s 'mens'", ["mens", "mens", "mens"]),
        ("new🙂🙂phone", ["new", "phone"]),
        ("a\x00b", ["a", "b"]),
        ("™ ½", ["tm", "1", "2"]),
        ("-_.,", []),
        ("", []),
        (None, []),
    ],
)
def test_examples(text: str | None, words: list[str]) -> None:
    assert words_of(text) == [words]


@pytest.mark.parametrize(
    ("text", "glued"),
    [
        ("dsc-w55", [False, True]),
        ("dsc_w.55", [False, True, True]),
        ("dsc - w55", [False, False]),
        ("dsc--w55", [False, True]),
        ("dsc,w55", [False, False]),
        ("-dsc", [False]),
        ("w55手", [False, False]),
        ("手-w55", [False, False]),
    ],
)
def test_glued_tokens(text: str, glued: list[bool]) -> None:
    assert [flag for _, flag in tokens_of(tokenise(pa.array([text])))[0]] == glued


def test_columns_in_pieces_and_slices_are_read_whole() -> None:
    cells = ["zero", "ünö 1", None, "two", "", "three four"]
    whole = tokens_of(tokenise(pa.array(cells)))
    pieces = pa.chunked_array([cells[:2], cells[2:3], [], cells[3:]], pa.string())
    assert tokens_of(tokenise(pieces)) == whole
    assert tokens_of(tokenise(pa.array(cells).slice(1, 3))) == whole[1:4]
    assert tokens_of(tokenise(pieces.slice(1, 4))) == whole[1:5]
    assert tokenise(pa.chunked_array([], pa.string())).n == 0
    assert tokenise(pa.array([None, None], pa.string())).clean_strings().null_count == 2


@pytest.mark.parametrize("threads", [1, 2])
def test_columns_are_scanned_in_pieces(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    cells = [f"Plain{k} X{k % 7}-b" if k % 3 else f"Größe {k} ½" for k in range(200)]
    cells[5] = cells[6] = None
    whole = tokenise(pa.array(cells))
    monkeypatch.setattr("features.text.text_buffers._PIECE", 50)
    parts = tokenise(pa.array(cells), threads=threads)
    assert tokens_of(parts) == tokens_of(whole)
    for name in ("text", "text_offsets", "row_hashes", "hashes"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name)), name


@given(texts)
def test_rows_of_equal_tokens_have_equal_hashes(cells: list[str | None]) -> None:
    table = tokenise(pa.array(cells, pa.string()))
    rows = [tuple(word for word, _ in oracles.tokens(cell)) for cell in cells]
    by_words = dict(zip(rows, table.row_hashes.tolist(), strict=True))
    assert [by_words[words] for words in rows] == table.row_hashes.tolist()
    assert len(set(by_words.values())) == len(by_words)
    assert by_words.get((), 0) == 0


@given(texts, st.integers(1, 3))
def test_rows_are_counted_and_hashed_without_their_tokens(
    cells: list[str | None], threads: int
) -> None:
    column = pa.array(cells, pa.string())
    table = tokenise(column)
    counts, hashes = row_words(column, threads=threads)
    assert counts.tolist() == np.diff(table.indptr).tolist()
    assert hashes.tolist() == table.row_hashes.tolist()


def test_long_cells_are_read_to_the_end() -> None:
    table = tokenise(pa.array(["x" * 1_000_000, "a " * 500_000]))
    assert table.indptr.tolist() == [0, 1, 500_001]
    assert table.length[0] == 1_000_000


@given(st.binary(max_size=30))
def test_hashes_are_fnv(data: bytes) -> None:
    assert int(hash_bytes(np.frombuffer(data, np.uint8), 0, len(data))) == oracles.fnv(data)


@given(st.lists(texts, max_size=3))
def test_words_are_numbered_by_first_appearance(columns: list[list[str | None]]) -> None:
    vocabulary, pieces = build_vocabulary([tokenise(pa.array(c, pa.string())) for c in columns])
    rows = [[w for cell in cells for w, _ in oracles.tokens(cell)] for cells in columns]
    numbers = {word: k for k, word in enumerate(dict.fromkeys(w for row in rows for w in row))}
    assert vocabulary.words() == list(numbers)
    assert len(vocabulary) == len(numbers)
    assert [piece.tolist() for piece in pieces] == [[numbers[w] for w in row] for row in rows]
    assert all(piece.dtype == np.int32 for piece in pieces)


def test_a_large_vocabulary_outgrows_its_first_table() -> None:
    # The hash table starts with 65,536 slots; 100,000 words make it grow twice.
    words = [f"w{k}" for k in range(100_000)]
    vocabulary, (ids,) = build_vocabulary([tokenise(pa.array([" ".join(words * 2)]))])
    assert vocabulary.words() == words
    assert ids.tolist() == [*range(100_000)] * 2
