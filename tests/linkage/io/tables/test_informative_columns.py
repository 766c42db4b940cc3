"""Of very many columns those that tell most are compared."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from linkage.config.authored import Config
from linkage.io.reading import build_records, from_frame
from linkage.io.tables.informative_columns import (
    MOST_COMPARED,
    columns_note,
    informative_columns,
    shared_information,
)
from linkage.linker import Linker

WORDS = ["amber", "birch", "cedar", "delta", "ember", "flint", "grove", "heath"]


def column(values: list[str | None]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, pa.large_string())])


def wide(rows: int, columns: int) -> pa.Table:
    """Pairs of equal rows with titles and a colour, beside columns that state one value each."""
    rng = np.random.default_rng(7)
    titles = [" ".join(rng.choice(WORDS, 4)) + f" {k}" for k in range(rows // 2)] * 2
    table = {"id": [str(k) for k in range(rows)], "title": titles}
    table["colour"] = [WORDS[hash_ % 4] for hash_ in range(rows // 2)] * 2
    for k in range(columns):
        cells: list[str | None] = [None] * rows
        cells[k % rows] = f"only{k}"
        table[f"field {k}"] = cells
    return pa.table(table)


def test_what_rows_share_counts_and_constants_and_single_values_do_not() -> None:
    title = column(["red lamp", "red lamp", "blue chair", "blue chair"])
    colour = column(["red", "red", "blue", "blue"])
    assert shared_information(title) == pytest.approx(2 * shared_information(colour))
    assert shared_information(colour) == pytest.approx(np.log(2))
    assert shared_information(column(["a"] * 4)) == 0
    assert shared_information(column(["a", "b", "c", "d"])) == 0
    assert shared_information(column(["red", None, "red", None])) == pytest.approx(np.log(2) / 2)


def test_few_columns_are_all_kept_and_of_many_the_telling_ones_in_their_order() -> None:
    few = {f"c{k}": column(["a", None]) for k in range(MOST_COMPARED)}
    assert informative_columns(few) == list(few)
    many = {**few, "title": column(["red", "red", "blue", "blue"])}
    kept = informative_columns(many)
    assert len(kept) == MOST_COMPARED
    assert kept[-1] == "title"
    assert set(kept) == set(informative_columns(dict(reversed(many.items()))))


def test_a_wide_table_is_compared_on_its_telling_columns_with_a_note() -> None:
    table = wide(40, 2 * MOST_COMPARED)
    records = build_records(from_frame(table))
    assert len(records.kinds) == MOST_COMPARED
    assert {"title", "colour"} <= set(records.kinds)
    assert records.left_out == 2 * MOST_COMPARED + 2 - MOST_COMPARED
    result = Linker(Config(quality="fast")).match(table)
    note = columns_note(MOST_COMPARED, records.left_out)
    assert note in result.run["notes"]
    assert "[attributes]" in note


def test_named_columns_are_all_compared() -> None:
    table = from_frame(wide(40, 2 * MOST_COMPARED))
    kinds = build_records(table).kinds
    named = dict.fromkeys(table.column_names[1:], kinds["title"])
    assert len(build_records(table, kinds=named).kinds) == 2 * MOST_COMPARED + 2
