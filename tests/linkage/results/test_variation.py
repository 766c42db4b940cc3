"""Variation themes: which ignored attributes differ inside groups."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from features.kinds import Kind
from linkage.config.match_definition import MatchDefinition
from linkage.io.reading import build_records, from_frame
from linkage.results.variation import GROUP_COLUMNS, theme_counts, theme_sentence, variation

TABLE = pd.DataFrame(
    {
        "id": list("abcdefghi"),
        "title": ["shirt"] * 5 + ["cola"] * 2 + ["mug"] * 2,
        "colour": ["Black", "Blk", "navy", "black", None, None, None, "red", "Red"],
        "size": ["L", "S", "XXL", "S", "M", "0.5 l", "1 l", None, "-"],
        "price": ["5", "6", "5", "5", "5", "1", "2", "3", "3"],
        "group": [0, 0, 0, 0, 0, 1, 1, 2, 2],
    }
)


def groups(ignore: tuple[str, ...] = ("colour", "size", "price"), **more) -> pd.DataFrame:
    kinds = {"title": Kind.TEXT, "colour": Kind.CATEGORY, "size": Kind.CATEGORY}
    records = build_records(from_frame(TABLE.drop(columns="group")), kinds=kinds)
    labels = TABLE.set_index("id")["group"][records.ids].to_numpy()
    names = np.array(["a", "f", "h"], dtype=object)
    kinds = {"price": Kind.PRICE}
    definition = MatchDefinition("variant", ignore)
    return variation(records, definition, labels, names, declared=kinds, **more)


def test_themes_name_what_differs() -> None:
    found = groups()
    assert tuple(found) == GROUP_COLUMNS
    assert found["cluster_id"].tolist() == ["a", "f", "h"], "the largest first"
    assert found["size"].tolist() == [5, 2, 2]
    assert found["theme"].tolist() == ["colour x size", "size", ""]
    assert found["entities"].isna().all()


def test_values_are_shown_in_their_usual_spelling_and_in_order() -> None:
    shirt, cola, mug = groups()["values"].map(json.loads)
    assert shirt["size"] == ["S", "M", "L", "XXL"]
    assert len(shirt["colour"]) == 2, "Blk is black"
    assert "navy" in shirt["colour"]
    assert cola == {"size": ["0.5 l", "1 l"], "price": ["1", "2"]}
    assert mug == {}, "red is Red, and what is not known differs from nothing"


def test_only_ignored_attributes_vary() -> None:
    assert groups(("size",))["theme"].tolist() == ["size", "size", ""]


def test_entities_are_clusters_of_the_stricter_definition() -> None:
    stricter = np.arange(len(TABLE))
    assert groups(stricter=stricter)["entities"].tolist() == [5, 2, 2]


def test_groups_of_one_record_have_no_row() -> None:
    records = build_records(from_frame(TABLE.drop(columns="group")))
    labels = np.arange(records.n)
    definition = MatchDefinition("variant", ("colour",))
    found = variation(records, definition, labels, records.ids)
    assert (len(found), tuple(found)) == (0, GROUP_COLUMNS)
    assert theme_counts(found) == {}


@pytest.mark.parametrize("many", [2, 7])
def test_the_most_frequent_themes_are_told(many: int) -> None:
    frame = pd.DataFrame({"theme": ["a x b"] * 3 + [""] * 2 + [f"t{k}" for k in range(many)]})
    text = theme_sentence(theme_counts(frame))
    assert text.startswith("groups differ in a x b (3), nothing (2), t0 (1), t1 (1)")
    assert text.endswith(", ...") is (many > 3)
