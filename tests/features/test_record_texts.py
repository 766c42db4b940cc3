"""Records as texts: every word once, the rare ones kept first, within the budget."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.kinds import Kind
from features.prepare import PreparedRecords, prepare
from features.record_texts import record_texts, token_estimate
from features.records import Records


def table(columns: dict[str, tuple[Kind, list[str | None]]]) -> PreparedRecords:
    n = len(next(iter(columns.values()))[1])
    cells = pa.table({name: pa.array(cells, pa.string()) for name, (_, cells) in columns.items()})
    ids = np.array([str(k) for k in range(n)], object)
    kinds = {name: kind for name, (kind, _) in columns.items()}
    return prepare(Records(ids, cells, np.zeros(n, np.int8), kinds))


def test_attributes_in_order_and_every_word_once():
    prepared = table(
        {
            "title": (Kind.TEXT, ["Sony DSC-W55 Camera", "Blue pen", None]),
            "brand": (Kind.NAME, ["Sony Corp.", "Acme", None]),
            "price": (Kind.PRICE, ["99.00", "1.00", None]),
        }
    )
    assert record_texts(prepared) == ["sony dsc w55 camera ; corp", "blue pen ; acme", ""]
    assert record_texts(prepared, np.array([2, 1])) == ["", "blue pen ; acme"]


def test_common_words_go_first_and_those_of_descriptions_before_those_of_names():
    common = "the camera with a zoom"
    prepared = table(
        {
            "title": (Kind.TEXT, [f"{common} w{k}0" for k in range(9)]),
            "description": (Kind.TEXT, [f"{common} " * 6 + f"d{k}0" for k in range(9)]),
        }
    )
    assert record_texts(prepared, budget=5)[0] == "w00 ; d00"
    assert record_texts(prepared, budget=3)[3] == "w30"
    full = record_texts(prepared, budget=40)[0]
    assert full == "the camera with a zoom w00 ; d00"


@given(st.lists(st.text("abc 12é", max_size=60), min_size=1, max_size=6), st.integers(1, 20))
def test_a_text_keeps_within_its_budget(cells, budget):
    prepared = table({"title": (Kind.TEXT, list(cells))})
    for text, cell in zip(record_texts(prepared, budget=budget), cells, strict=True):
        words = text.split()
        assert sum(map(token_estimate, words)) <= budget
        assert len(set(words)) == len(words)
        assert set(words) <= set(record_texts(prepared, budget=1000)[cells.index(cell)].split())


@pytest.mark.parametrize(
    ("word", "pieces"), [("a", 1), ("camera", 1), ("magenta", 1), ("keyboards", 2), ("dscw55", 2)]
)
def test_estimates_grow_with_words_and_more_with_codes(word, pieces):
    assert token_estimate(word) == pieces
