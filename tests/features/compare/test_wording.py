"""Wording: names compared word by word, against plain Python."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.compare.wording import WordingFeatures, is_wording_feature
from features.kinds import Kind
from features.prepare import PreparedRecords, prepare
from linkage.io.reading import build_records, from_frame

WORDS = ["canon", "power", "shot", "powershot", "a12", "12", "34", "black", "x", "3.5"]


def prepared(names: list[str]) -> PreparedRecords:
    frame = pd.DataFrame({"id": [f"r{k:03d}" for k in range(len(names))], "name": names})
    return prepare(build_records(from_frame(frame)))


def rows_of(records: PreparedRecords, count: int) -> list[int]:
    at = {name: row for row, name in enumerate(records.records.ids)}
    return [at[f"r{k:03d}"] for k in range(count)]


def oracle(a: list[str], b: list[str], rarity: dict[str, float]) -> list[float]:
    prefix = 0
    while prefix < min(len(a), len(b)) and a[prefix] == b[prefix]:
        prefix += 1
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    neighbours = set(pairwise(long))
    pairs = [pair in neighbours for pair in pairwise(short)]
    out = [prefix, float(a[-1] == b[-1]), float(np.mean(pairs)) if pairs else np.nan]
    sides = []
    for one, other in ((a, b), (b, a)):
        alone = set(one) - set(other)
        absent = [rarity[word] for word in alone if word not in "".join(other)]
        numbers = sum(word.replace(".", "").isdigit() for word in alone)
        sides.append([numbers, len(absent), sum(absent), max(absent, default=0.0)])
    for one, two in zip(*sides, strict=True):
        out += [min(one, two), max(one, two)]
    return out


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), min_size=4, max_size=8))
def test_wording_is_what_plain_python_says(names: list[list[str]]) -> None:
    records = prepared([*map(" ".join, names), "canon power shot", "powershot a12 black x"])
    if records.main is None:
        return
    group = WordingFeatures(records)
    words = records.attributes["name"].words
    assert words is not None
    spelled = records.vocabulary.words()
    rarity = {spelled[i]: float(w) for i, w in zip(words.ids, words.weights, strict=True)}
    rows = rows_of(records, len(names))
    left = np.array([rows[0]] * len(rows), np.int32)
    right = np.array(rows, np.int32)
    found = group.compare(left, right)
    assert found.shape == (len(rows), len(group.names))
    for line, other in zip(found, names, strict=True):
        np.testing.assert_allclose(line, oracle(names[0], other, rarity), rtol=1e-5)
    np.testing.assert_array_equal(group.compare(right, left), found)


def test_a_name_without_spaces_holds_its_words() -> None:
    records = prepared(["canon power shot", "canon powershot 7", "canon selphy", "ixus 70"])
    group = WordingFeatures(records)
    rows = np.array(rows_of(records, 3), np.int32)
    value = dict(zip(group.names, group.compare(rows[:1], rows[1:2])[0], strict=True))
    assert value["wording:absent_words_min"] == 0, "power and shot stand in powershot"
    assert value["wording:absent_words_max"] == 1, "7 stands nowhere in canon power shot"
    assert value["wording:unshared_numbers_max"] == 1
    assert value["wording:prefix_words"] == 1
    assert value["wording:pairs_shared"] == 0


def test_records_without_names_are_unknown() -> None:
    frame = pd.DataFrame({"id": ["a", "b", "c"], "price": ["1.50", "2.50", "3.50"]})
    records = prepare(build_records(from_frame(frame), kinds={"price": Kind.PRICE}))
    assert records.main is None
    rows = np.array([0, 1], np.int32)
    found = WordingFeatures(records).compare(rows, rows[::-1])
    assert found.shape == (2, len(WordingFeatures.names))
    assert np.isnan(found).all()


def test_an_empty_name_is_unknown() -> None:
    records = prepared(["canon power shot", "", "canon selphy", "ixus 70"])
    rows = np.array(rows_of(records, 2), np.int32)
    assert np.isnan(WordingFeatures(records).compare(rows[:1], rows[1:])).all()


def test_names_of_features_are_told_apart() -> None:
    assert all(map(is_wording_feature, WordingFeatures.names))
    assert not is_wording_feature("name.ratio")
    assert not is_wording_feature("wording.ratio"), "of a column with that name"
