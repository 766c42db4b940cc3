"""Rules in whole runs: scores, clusters, inheritance, linkage, reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice, two_tables
from variant_catalogs import variant_catalog

from linkage import Config, Linker, Result
from linkage.errors import ConfigError


def run(table: pd.DataFrame, match: dict, right: pd.DataFrame | None = None, **more) -> Result:
    return Linker(Config(match=match, threads=1, quality="fast", **more)).match(table, right)


def several(result: Result, table: pd.DataFrame, column: str, name: str = "cluster_id") -> int:
    """Clusters that hold several known values of a column."""
    rows = result.clusters.merge(table, on="id")
    rows = rows[rows[column].fillna("") != ""]
    return int((rows.groupby(name)[column].nunique() > 1).sum())


@pytest.fixture(scope="module")
def catalog() -> pd.DataFrame:
    """Offers with a column `batch` in which one of three values is unknown."""
    table, _ = example_slice(60)
    rng = np.random.default_rng(0)
    return table.assign(batch=rng.choice(["a", "b", ""], len(table)))


def test_what_cannot_match_is_in_no_cluster_even_by_a_chain(catalog: pd.DataFrame) -> None:
    free = run(catalog, {"exact": {}})
    assert several(free, catalog, "batch") > 5
    ruled = run(catalog, {"exact": {"cannot": [{"column": "batch"}]}})
    assert several(ruled, catalog, "batch") == 0
    batch = catalog.set_index("id")["batch"]
    pairs = ruled.pairs
    a, b = batch[pairs["left_id"]].to_numpy(), batch[pairs["right_id"]].to_numpy()
    fired = (a != b) & (a != "") & (b != "")
    assert fired.any()
    assert (pairs["score"][fired] == 0).all()
    assert not pairs["match"][fired].any()
    (rule,) = ruled.rules.to_dict("records")
    assert rule["rule"] == "cannot batch differ"
    assert rule["candidates"] == fired.sum()
    assert 0 < rule["against_score"] < rule["candidates"]
    assert ruled.run["definitions"]["exact"]["refused_merges"]["cannot"] > 0
    assert f"cannot batch differ: {fired.sum():,} candidate pairs ruled out" in ruled.summary()


def test_a_value_at_most_once_in_a_cluster(catalog: pd.DataFrame) -> None:
    ruled = run(catalog, {"exact": {"cannot": [{"column": "seller", "when": "equal"}]}})
    rows = ruled.clusters.merge(catalog, on="id")
    assert not rows.duplicated(["cluster_id", "seller"]).any()
    assert rows["cluster_id"].duplicated().any()


def test_what_must_match_matches_though_blocking_never_saw_it(catalog: pd.DataFrame) -> None:
    far = catalog.assign(lot="")
    far.loc[[0, 40, 80, 120], "lot"] = "Lot 7"
    kinds = {"title": "text", "brand": "name", "gtin": "identifier"}
    match = {"exact": {"must": [{"column": "lot", "when": "equal"}]}}
    result = run(far, match, attributes=kinds)
    ids = far["id"][[0, 40, 80, 120]]
    clusters = result.clusters.set_index("id")
    assert clusters.loc[ids, "cluster_id"].nunique() == 1
    among = result.pairs["left_id"].isin(ids) & result.pairs["right_id"].isin(ids)
    assert (result.pairs["score"][among] == 1).all()
    assert result.pairs["match"][among].all()
    assert result.pairs["blockers"][among].str.contains("must").any()
    (rule,) = result.rules.to_dict("records")
    assert rule["pairs"] == 6
    assert rule["not_candidates"] > 0
    assert rule["kept_apart"] == 0


def test_cannot_wins_over_must_and_the_report_says_so(catalog: pd.DataFrame) -> None:
    lots = catalog.assign(lot=["x", "y"] * (len(catalog) // 2) + ["x"] * (len(catalog) % 2))
    lots.loc[10:, "lot"] = ""
    match = {"exact": {"must": [{"column": "lot"}], "cannot": [{"column": "batch"}]}}
    result = run(lots, match)
    assert several(result, lots, "batch") == 0
    rule = result.rules.set_index("rule").loc["must lot equal"]
    assert rule["pairs"] + rule["kept_apart"] == 20
    assert rule["kept_apart"] > 0
    assert "kept apart by other rules" in result.summary()


def test_given_pairs_are_ruled_too(catalog: pd.DataFrame) -> None:
    match = {"exact": {"must": [{"column": "mark"}], "cannot": [{"column": "batch"}]}}
    table = catalog.assign(mark="")
    table.loc[[1, 2, 3], ["mark", "batch"]] = [["m", ""], ["m", "a"], ["m", "b"]]
    linker = Linker(Config(match=match, threads=1, quality="fast")).fit(table)
    ids = table["id"]
    pairs = pd.DataFrame({"left_id": [ids[2], ids[2]], "right_id": [ids[1], ids[3]]})
    scored = linker.score(table, None, pairs)
    assert scored["score"].tolist() == [1, 0]
    assert scored["match"].tolist() == [True, False]


def test_definitions_pass_rules_on_and_stay_nested() -> None:
    table, truth = variant_catalog(disciplined=True)
    rng = np.random.default_rng(2)
    table["maker"] = rng.choice(["k", "l", ""], len(table))
    table["style"] = np.where(rng.random(len(table)) < 0.2, truth[table["id"]].astype(str), "")
    table.loc[[3, 50], "style"] = "odd"
    match = {
        "exact": {"must": [{"column": "style"}]},
        "variant": {"ignore": ["colour", "size"], "cannot": [{"column": "maker"}]},
    }
    kinds = dict.fromkeys(["title", "type", "colour", "size", "style", "maker"], "category")
    result = run(table, match, attributes={**kinds, "title": "text"})
    assert result.run["nesting"] == [{"stricter": "exact", "looser": "variant", "violations": 0}]
    assert several(result, table, "maker", "exact_id") == 0
    assert several(result, table, "maker", "variant_id") == 0
    assert (
        result.rules.groupby("definition")["rule"].agg(list).tolist()
        == [["must style equal", "cannot maker differ"]] * 2
    )
    assert several(run(table, {"variant": {"ignore": ["colour", "size"]}}), table, "maker") > 10
    # Most forms hold makers of both kinds: their parts are groups of their own all the same.
    sizes = result.clusters["variant_id"].value_counts()
    assert sizes.mean() > 2


@pytest.mark.parametrize("one_to_one", [True, False])
def test_rules_between_two_tables(one_to_one: bool) -> None:
    left, right = two_tables()
    left["lot"] = right["lot"] = left["bin"] = right["bin"] = ""
    left.loc[0, "lot"], right.loc[5, "lot"] = "q", "q"
    number = left["id"].str[1:]
    common = [k for k in number[20:40] if f"r{k}" in set(right["id"])]
    left.loc[number.isin(common), "bin"] = "u"
    right.loc[right["id"].str[1:].isin(common), "bin"] = "v"
    match = {"exact": {"must": [{"column": "lot"}], "cannot": [{"column": "bin"}]}}
    result = run(left, match, right, linkage={"one_to_one": one_to_one})
    clusters = result.clusters.set_index(["source", "id"])["cluster_id"]
    together = clusters["left"][left["id"][0]] == clusters["right"][right["id"][5]]
    assert together
    for k in common:
        assert clusters["left"][f"l{k}"] != clusters["right"][f"r{k}"]
    sizes = result.clusters.groupby(["cluster_id", "source"]).size()
    assert not one_to_one or sizes.max() == 1
    assert (result.clusters["cluster_id"].duplicated()).sum() > 40


def test_a_rule_on_an_absent_column_is_refused(catalog: pd.DataFrame) -> None:
    with pytest.raises(ConfigError, match=r"match\.exact\.cannot: .* no column 'gtn'.*'gtin'"):
        run(catalog, {"exact": {"cannot": [{"column": "gtn"}]}})


def test_shuffled_rows_give_the_same_clusters(catalog: pd.DataFrame) -> None:
    match = {
        "exact": {"must": [{"column": "mpn"}], "cannot": [{"column": "batch"}]},
        "variant": {"ignore": ["colour", "size"], "cannot": [{"column": "brand"}]},
    }
    first = run(catalog, match).clusters.set_index("id")
    order = np.random.default_rng(1).permutation(len(catalog))
    again = run(catalog.iloc[order].reset_index(drop=True), match).clusters.set_index("id")
    pd.testing.assert_frame_equal(first, again.loc[first.index])


def test_a_saved_linker_keeps_its_rules(catalog: pd.DataFrame, tmp_path: Path) -> None:
    match = {"exact": {"cannot": [{"column": "batch"}]}}
    kinds = {"title": "text", "brand": "name", "gtin": "identifier"}
    linker = Linker(Config(match=match, attributes=kinds, threads=1, quality="fast"))
    first = linker.match(catalog)
    again = Linker.load(linker.save(tmp_path / "model")).match(catalog)
    pd.testing.assert_frame_equal(first.clusters, again.clusters)
    pd.testing.assert_frame_equal(first.rules, again.rules)
    with pytest.raises(ConfigError, match="no column 'batch'"):
        Linker.load(tmp_path / "model").match(catalog.drop(columns="batch"))


def test_suggestions_leave_out_what_rules_decide(catalog: pd.DataFrame) -> None:
    match = {"exact": {"cannot": [{"column": "batch"}]}}
    pairs = Linker(Config(match=match, threads=1, quality="fast")).suggest(10**6, catalog)
    batch = catalog.set_index("id")["batch"]
    a, b = batch[pairs["left_id"]].to_numpy(), batch[pairs["right_id"]].to_numpy()
    assert len(pairs) > 100
    assert not ((a != b) & (a != "") & (b != "")).any()
