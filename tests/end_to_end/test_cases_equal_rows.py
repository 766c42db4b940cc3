"""Rows that are equal in all that they state are one product, whatever was learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linkage import Config, Linker, Result

_WORDS = [
    a + b + c for a in ("ka", "lo", "mi") for b in ("ro", "tu", "ne", "sa") for c in "bdfgklmnprst"
]


def products(number: int, seed: int = 0) -> pd.DataFrame:
    """Different products: title, brand and price."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "title": [" ".join(rng.choice(_WORDS, 4)) + f" no{k}" for k in range(number)],
            "brand": rng.choice(_WORDS[:9], number),
            "price": [f"{price:.2f}" for price in rng.uniform(1, 90, number)],
        }
    )


def with_copies(rows: pd.DataFrame, copies: int, times: int = 1) -> pd.DataFrame:
    """The rows and copies of the first of them, with ids."""
    table = pd.concat([rows, *[rows.head(copies)] * times], ignore_index=True)
    return table.assign(id=[f"r{k}" for k in range(len(table))])


def matched(table: pd.DataFrame, right: pd.DataFrame | None = None, **settings: object) -> Result:
    return Linker(Config.from_dict({"quality": "fast", **settings})).match(table, right)


def clusters(result: Result) -> pd.Series:
    return result.clusters.set_index("id")["cluster_id"]


def apart(result: Result, table: pd.DataFrame, by: tuple[str, ...] = ()) -> int:
    """Groups of equal rows that stand in several clusters."""
    of_row = clusters(result)[table["id"]].to_numpy()
    keys = ["title", "brand", "price", *by]
    return int((table.assign(c=of_row).groupby(keys, dropna=False)["c"].nunique() > 1).sum())


@pytest.mark.parametrize("quality", ["fast", "balanced"])
@pytest.mark.parametrize(("rows", "copies", "times"), [(60, 5, 1), (1, 1, 40), (1, 1, 1)])
def test_copies_join(rows: int, copies: int, times: int, quality: str) -> None:
    table = with_copies(products(rows), copies, times)
    result = matched(table, quality=quality)
    assert apart(result, table) == 0
    assert clusters(result).nunique() == rows
    assert len(result.pairs) < 20 * len(table)


def test_a_large_group_of_equal_rows_crowds_no_other_match_out() -> None:
    rows = products(120)
    changed = rows.head(60).assign(title=rows["title"].head(60) + " new")
    rows = pd.concat([rows, changed], ignore_index=True)
    table = with_copies(rows, 1, 300)
    few, many = clusters(matched(with_copies(rows, 1))), clusters(matched(table))
    assert (few["r0"] == few["r120"]) == (many["r0"] == many["r120"])
    assert many.loc[["r0", "r200", "r300", "r479"]].nunique() == 1


def test_a_cluster_is_cut_at_its_largest_size_and_the_account_says_so() -> None:
    table = with_copies(products(30), 1, 29)
    result = matched(table, limits={"max_cluster_size": 10})
    assert clusters(result).value_counts().head(3).tolist() == [10, 10, 10]
    assert result.run["definitions"]["exact"]["refused_merges"]["max_cluster_size"] > 0


def test_rules_and_distinct_sources_win() -> None:
    table = with_copies(products(40), 4, 2)
    table["state"] = [*["new"] * 44, *["used"] * 4]
    table["shop"] = [*["a"] * 40, *["b"] * 4, *["b"] * 4]
    kinds = {"title": "text", "brand": "category", "price": "price"}
    rule = {"exact": {"cannot": [{"column": "state", "when": "differ"}]}}
    result = matched(table, attributes=kinds, match=rule)
    assert apart(result, table) == 4
    assert apart(result, table, ("state",)) == 0
    catalog = {"source": "shop", "distinct_sources": True}
    found = clusters(matched(table, attributes=kinds, catalog=catalog))
    for k in range(4):
        assert found[f"r{40 + k}"] != found[f"r{44 + k}"], "of one shop"
        assert found[[f"r{k}", f"r{40 + k}", f"r{44 + k}"]].nunique() == 2


def test_what_is_not_compared_keeps_nothing_apart_and_empty_rows_are_not_equal() -> None:
    table = with_copies(products(40), 4)
    table["seen"] = [f"2020-01-{1 + k % 28}" for k in range(len(table))]
    blank = pd.DataFrame({"id": ["e1", "e2"]})
    table = pd.concat([table, blank], ignore_index=True)
    kinds = {"title": "text", "brand": "category", "price": "price"}
    result = matched(table, attributes=kinds)
    assert apart(result, table.dropna(subset="title")) == 0
    assert clusters(result)["e1"] != clusters(result)["e2"]


@pytest.mark.parametrize("training", [{"precision": 0.9999}, {"recall": 0.5}])
def test_every_threshold_keeps_copies_together(training: dict[str, float]) -> None:
    """Probabilities of labelled models are the only ones that promise a target."""
    rows = products(150)
    near = rows.head(60).assign(title=[t.replace("no", "nr") for t in rows["title"].head(60)])
    table = with_copies(pd.concat([rows, near], ignore_index=True), 25)
    pairs = pd.DataFrame(
        {
            "left_id": [f"r{k}" for k in [*range(60), *range(60)]],
            "right_id": [f"r{k}" for k in [*range(150, 210), *range(61, 121)]],
            "label": [1] * 60 + [0] * 60,
        }
    )
    linker = Linker(Config.from_dict({"quality": "fast", "training": training}))
    result = linker.match(table, labels=pairs)
    assert apart(result, table) == 0


@pytest.mark.parametrize("one_to_one", ["yes", "no"])
def test_equal_rows_of_two_tables_match(one_to_one: str) -> None:
    rows = products(60)
    left = with_copies(rows, 2)
    right = with_copies(rows, 1, 3).assign(id=lambda t: "s" + t["id"])
    result = matched(left, right, linkage={"one_to_one": one_to_one})
    found = clusters(result)
    sizes = found.value_counts()
    if one_to_one == "yes":
        assert sizes.max() == 2
        assert (sizes == 2).sum() == 61, "two of the first product's rows and one of each other"
    else:
        assert found[["r0", "r60", "sr0", "sr60", "sr61", "sr62"]].nunique() == 1
        assert found[["r1", "r61", "sr1"]].nunique() == 1
        assert sizes.max() == 6


def test_rows_of_one_table_alone_stay_apart() -> None:
    rows = products(60)
    left, right = (
        with_copies(rows.head(50), 3),
        rows.tail(50).assign(id=[f"s{k}" for k in range(50)]),
    )
    found = clusters(matched(left, right, linkage={"one_to_one": "no"}))
    assert found["r0"] != found["r50"]


def test_a_saved_model_scores_and_a_resumed_run(tmp_path: Path) -> None:
    table = with_copies(products(60), 5, 3)
    linker = Linker(Config.from_dict({"quality": "fast"})).fit(table)
    linker.save(tmp_path / "model")
    loaded = Linker.load(tmp_path / "model")
    assert apart(loaded.match(table), table) == 0
    pairs = pd.DataFrame({"left_id": ["r0", "r64"], "right_id": ["r60", "r69"]})
    assert loaded.score(table, None, pairs)["score"].tolist() == [1.0, 1.0]
    result = linker.match(table)
    explained = result.explain("r60", "r65")
    assert explained.definitions[0].match
    assert "state the same" in explained.definitions[0].verdict


def test_variants_of_one_product_that_are_equal_join() -> None:
    rows = products(40)
    sizes = pd.concat([rows.assign(size=size) for size in ("S", "M", "L")], ignore_index=True)
    table = with_copies(sizes, 6)
    result = matched(table, match={"group": {"ignore": ["size"]}})
    assert apart(result, table, ("size",)) == 0


def test_copies_join_where_products_have_no_variants() -> None:
    rows = products(150)
    table = with_copies(rows.assign(size=[f"{20 + k % 30} cm" for k in range(len(rows))]), 5)
    result = matched(table, match={"group": {"ignore": ["size"]}})
    assert apart(result, table, ("size",)) == 0
