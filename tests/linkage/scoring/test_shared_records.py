"""Two tables of one pool: records that stand in both are no partners to learn from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from catalog_generator import Options, make_catalog

import linkage.scoring.shared_records as module
from features.kinds import Kind
from features.records import Records
from linkage import Config, Linker
from linkage.config.authored import LinkageConfig
from linkage.io.reading import build_records, from_frame
from linkage.scoring.shared_records import shared_records

Rows = dict[str, tuple[str | None, str | None]]


def tables(left: Rows, right: Rows) -> Records:
    rows = [*left.values(), *right.values()]
    table = pa.table(
        {name: pa.array([row[k] for row in rows], pa.string()) for k, name in enumerate("ab")}
    )
    side = np.repeat(np.int8([0, 1]), [len(left), len(right)])
    ids = np.array([*left, *right], object)
    return Records(ids, table, side, {"a": Kind.TEXT, "b": Kind.TEXT})


def test_a_shared_record_has_the_same_values_whatever_its_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_FEWEST", 1)
    left = {"1": ("pen", None), "2": ("ink", "blue"), "3": (None, "red"), "4": ("cap", "big")}
    right = {"3": (None, "red"), "1": ("pen", None), "2": ("ink", None), "5": ("cap", "big")}
    assert shared_records(tables(left, right)).tolist() == [5, -1, 4, 7, 2, 0, -1, 3]
    # What is not compared does not count; records that state nothing are not shared.
    records = tables(left, right)
    found = shared_records(replace(records, kinds={"a": Kind.TEXT}))
    assert found.tolist() == [5, 6, -1, 7, -1, 0, 1, 3]


def test_a_few_equal_records_are_matches() -> None:
    rows: Rows = {str(k): (f"pen {k}", "red") for k in range(100)}
    assert shared_records(tables(rows, rows)) is not None
    del rows["0"]
    assert shared_records(tables(rows, rows)) is None


def test_tables_that_share_few_records_are_two_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FEWEST", 1)
    left = {"1": ("pen", "red"), "2": ("ink", "blue"), "3": ("cap", "red")}
    assert shared_records(tables(left, {**left, "2": ("ink", "green"), "3": ("cup", "")})) is None
    others = {k + "b": (a, f"{b}dish") for k, (a, b) in left.items()}
    assert shared_records(tables(left, others)) is None
    one = tables(left, {})
    assert shared_records(one) is None


def test_a_column_that_both_tables_leave_empty_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_FEWEST", 1)
    left = pa.table({"id": ["1", "2"], "a": ["pen", "ink"], "b": pa.nulls(2)})
    tables = (from_frame(left), from_frame(left.to_pandas()))
    records = build_records(*tables, kinds={"a": Kind.TEXT, "b": Kind.TEXT})
    assert shared_records(records).tolist() == [2, 3, 0, 1]


def test_matches_are_found_beside_copies() -> None:
    made = make_catalog(Options(rows=600, seed=5))
    pool = made.table.drop_columns(["gtin", "mpn"])
    left, right = pool, pool.slice(0, 550)
    entity = made.truth.to_pandas().set_index("id")["entity_id"]

    def judge(one_to_one: str) -> tuple[int, float, float]:
        config = replace(Config(quality="balanced"), linkage=LinkageConfig(one_to_one))
        result = Linker(config).match(left, right)
        assert ("one pool" in result.summary()) == (one_to_one == "auto")
        found = result.pairs[result.pairs["match"]]
        copies = found["left_id"] == found["right_id"]
        others = found[~copies]
        same = entity[others["left_id"]].to_numpy() == entity[others["right_id"]].to_numpy()
        sizes = entity.value_counts()
        first = entity[pool.column("id").to_pylist()[:550]].value_counts()
        truth = int((sizes.reindex(first.index) * first).sum()) - 550
        return int(copies.sum()), same.mean() if len(same) else 0.0, same.sum() / truth

    copies, precision, recall = judge("auto")
    assert copies == 550
    assert precision > 0.8
    assert recall > 0.3
    assert judge("yes")[2] < 0.1
