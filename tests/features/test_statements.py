"""What records state of an attribute: in its column and in their texts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from features.kinds import Kind
from features.prepare import PreparedRecords, prepare
from features.records import Records
from features.statements import Statements, may_be_stated
from features.text.statistics import Statistics

COLOURS = ["navy", "light blue", "red", "grey"]


def prepared(
    titles: list[str], colours: list[str | None], statistics: Statistics | None = None
) -> PreparedRecords:
    table = pa.table({"title": pa.array(titles), "colour": pa.array(colours, pa.string())})
    ids = np.array([f"{k:04d}" for k in range(len(titles))], object)
    kinds = {"title": Kind.TEXT, "colour": Kind.CATEGORY}
    records = Records(ids, table, np.zeros(len(titles), np.int8), kinds)
    return prepare(records, statistics, statements=True)


def stated(statements: Statements, row: int) -> set[str]:
    ids = statements.ids[statements.indptr[row] : statements.indptr[row + 1]]
    return {statements.strings[k] for k in ids}


def catalog() -> tuple[list[str], list[str | None]]:
    titles, colours = [], []
    for k in range(40):
        colour = COLOURS[k % 4]
        titles.append(f"Shirt model{k // 4} {colour.title()} Orange Cat")
        colours.append(None if k % 5 == 0 else colour)
    return titles, colours


def test_titles_state_what_the_column_leaves_open() -> None:
    titles, colours = catalog()
    found = prepared(titles, colours).statements["colour"]
    assert found.n == 40
    for row in range(40):
        assert stated(found, row) == {COLOURS[row % 4]}


def test_the_longest_mention_counts() -> None:
    titles, colours = catalog()
    titles += ["Shirt model3 light blue"]
    colours += [None]
    # "blue" alone is a value, too.
    for k in range(4):
        titles.append(f"Shirt model{k} blue")
        colours.append("blue")
    assert stated(prepared(titles, colours).statements["colour"], 40) == {"light blue"}


def test_a_mention_that_goes_with_every_value_is_none() -> None:
    titles, colours = catalog()
    titles += [f"Orange Cat socks model{k}" for k in range(8)]
    colours += ["orange"] * 8
    # Nearly all rows that mention the maker "Orange Cat" have other colours.
    assert "orange" not in stated(prepared(titles, colours).statements["colour"], 0)


def test_a_text_that_says_otherwise_is_noted() -> None:
    titles, colours = catalog()
    for k in range(10):
        titles.append(f"Shirt model{k} slate")
        colours.append("grey" if k < 6 else "slate")
    found = prepared(titles, colours).statements["colour"]
    said = {
        (int(r), found.strings[v])
        for r, v in zip(found.mentioned_row, found.mentioned, strict=True)
    }
    assert said == {(row, "slate") for row in range(40, 46)}
    assert stated(found, 40) == {"grey", "slate"}


def test_a_saved_model_reads_mentions_as_it_learned_to() -> None:
    titles, colours = catalog()
    first = prepared(titles, colours)
    statistics = first.statistics
    statistics.frozen = True
    assert statistics.mentioned["colour"]["title"] == sorted(COLOURS)
    again = prepared(["Shirt navy", "Shirt pink"], [None, "pink"], statistics)
    assert stated(again.statements["colour"], 0) == {"navy"}
    assert stated(again.statements["colour"], 1) == {"pink"}


def test_only_attributes_of_few_repeating_values_are_stated() -> None:
    few, many = np.arange(40) % 4, np.arange(40)
    assert may_be_stated(Kind.CATEGORY, few, 1.0)
    assert not may_be_stated(Kind.CATEGORY, many, 1.0)
    assert not may_be_stated(Kind.CATEGORY, np.full(40, -1), 1.0)
    assert not may_be_stated(Kind.TEXT, few, 9.0)
    assert not may_be_stated(Kind.PRICE, few, 1.0)
    titles, colours = catalog()
    assert list(prepared(titles, colours).statements) == ["colour"]
