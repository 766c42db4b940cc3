"""Prepared records: what each kind gets, and that a model's statistics make rows alone the same."""

from __future__ import annotations

import dataclasses

import numpy as np
import oracles
import pytest

from features.kinds import Kind
from features.prepare import PreparedRecords, prepare
from features.records import Records
from features.text.sets import SparseSets
from features.text.statistics import Statistics


def sets_of(records: PreparedRecords) -> dict[str, SparseSets]:
    found = {"words": records.words, "grams": records.grams, "codes": records.codes.sets}
    for name, attribute in records.attributes.items():
        if attribute.words is not None:
            found[f"{name}.words"] = attribute.words
        if attribute.grams is not None:
            found[f"{name}.grams"] = attribute.grams
    return found | records.facts


def rows(records: Records, chosen: np.ndarray) -> Records:
    return Records(
        records.ids[chosen], records.table.take(chosen), records.side[chosen], records.kinds
    )


def test_each_kind_has_its_parts() -> None:
    records = prepare(oracles.make_catalog(50))
    assert list(records.attributes) == list(oracles.CATALOG_KINDS)
    for name, kind in oracles.CATALOG_KINDS.items():
        attribute = records.attributes[name]
        parts = [f.name for f in dataclasses.fields(attribute)] + ["grams"]
        has = {part for part in parts if getattr(attribute, part) is not None}
        assert ("words" in has) == (kind not in (Kind.PRICE, Kind.IMAGE)), name
        texts = (Kind.TEXT, Kind.NAME, Kind.CATEGORY, Kind.IDENTIFIER)
        assert ("grams" in has) == (kind in texts), name
        assert ("number" in has) == (kind in (Kind.NUMBER, Kind.PRICE, Kind.DATE)), name
        assert ("quantity" in has) == (kind is Kind.QUANTITY), name
        assert ("identifiers" in has) == (kind is Kind.IDENTIFIER), name


def test_missing_cells_are_unknown() -> None:
    catalog = oracles.make_catalog(50)
    records = prepare(catalog)
    for name, attribute in records.attributes.items():
        missing = np.array([cell is None for cell in catalog.table[name].to_pylist()])
        assert np.array_equal(attribute.values < 0, missing), name
        assert attribute.fill == pytest.approx(1 - missing.mean())
        if attribute.words is not None:
            assert np.array_equal(attribute.words.counts == 0, missing), name
        if attribute.first_word is not None:
            assert np.array_equal(attribute.first_word < 0, missing), name
        if attribute.number is not None:
            assert np.all(np.isnan(attribute.number[missing])), name


def test_values_are_numbers_of_clean_text() -> None:
    catalog = oracles.make_records(
        {"t": ["Red-Box", None, "red box", "!?", "box"]}, {"t": Kind.TEXT}
    )
    attribute = prepare(catalog).attributes["t"]
    assert attribute.values.tolist() == [0, -1, 0, -1, 1]
    assert attribute.strings.tolist() == ["red box", "box"]
    assert attribute.mean_words == pytest.approx((2 + 2 + 1) / 3)
    assert attribute.fill == pytest.approx(0.6)


def test_the_whole_record_has_the_words_of_its_attributes() -> None:
    catalog = oracles.make_catalog(40)
    records = prepare(catalog)
    texts = [name for name, kind in catalog.kinds.items() if kind in (Kind.TEXT, Kind.NAME)]
    words = records.vocabulary.words()
    found = oracles.rows_of(records.words.indptr, records.words.ids)
    for row, cells in enumerate(zip(*(catalog.table[n].to_pylist() for n in texts), strict=True)):
        expected = {word for cell in cells for word, _ in oracles.tokens(cell)}
        assert expected <= {words[k] for k in found[row]}


def test_frozen_statistics_give_single_rows_the_same_weights() -> None:
    catalog = oracles.make_catalog(60)
    statistics = Statistics()
    whole = sets_of(prepare(catalog, statistics))
    statistics.frozen = True
    kept = {name: keys.tolist() for name, keys in statistics.keys.items()}
    chosen = np.array([3, 17, 18, 44])
    part = sets_of(prepare(rows(catalog, chosen), statistics))
    assert {name: keys.tolist() for name, keys in statistics.keys.items()} == kept
    for name, sets in whole.items():
        expected = [sorted(oracles.weighted(sets)[row].values()) for row in chosen]
        found = [sorted(row.values()) for row in oracles.weighted(part[name])]
        for a, b in zip(expected, found, strict=True):
            assert b == pytest.approx(a), name


def test_learned_statistics_depend_on_the_rows() -> None:
    catalog = oracles.make_catalog(60)
    whole = prepare(catalog).words.weights
    part = prepare(rows(catalog, np.arange(30))).words.weights
    assert not np.allclose(whole[: len(part)], part)


def main_of(**columns: list[str | None]) -> str | None:
    return prepare(oracles.make_records(columns, dict.fromkeys(columns, Kind.TEXT))).main


def test_the_main_attribute_names_the_thing() -> None:
    titles = [f"camera {k} black with lens" for k in range(20)]
    long = [" ".join([f"w{k}", *["word"] * 60]) for k in range(20)]
    assert main_of(brand=["sony"] * 20, text=titles, note=long) == "text"
    assert main_of(note=long) == "note"
    assert main_of(first=titles, second=titles) == "first"
    assert main_of(first=titles, product_title=titles) == "product_title"
    assert main_of(sparse=[*titles[:5], *[None] * 15], text=titles) == "text"


def test_without_text_nothing_is_main() -> None:
    cells = {"price": ["1", "2"], "gtin": ["4006381333931", None]}
    records = prepare(oracles.make_records(cells, {"price": Kind.PRICE, "gtin": Kind.IDENTIFIER}))
    assert records.main is None
    assert records.n == 2


@pytest.mark.parametrize(
    "cells", [[None, None], ["", None], ["a"], ["🙂", "\x00"], ["x" * 100_000]]
)
@pytest.mark.filterwarnings("ignore:column 'c'.* images could not be read")
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_bears_odd_cells(kind: Kind, cells: list[str | None]) -> None:
    records = prepare(oracles.make_records({"c": cells}, {"c": kind}))
    assert records.n == len(cells)
    assert len(records.attributes["c"].values) == len(cells)


def test_nothing_to_compare_is_no_error() -> None:
    records = prepare(oracles.make_records({"c": ["a", "b"]}, {}))
    assert records.attributes == {}
    assert records.words.counts.tolist() == [0, 0]
