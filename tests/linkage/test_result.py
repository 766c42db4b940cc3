"""Results in ids: names of clusters, order of rows, the account of the run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from linkage import Config, Linker, Result
from linkage.errors import OutputError
from linkage.io.output import plain_json

ROWS = {
    "id": ["z", "b", "m", "a"],
    "title": ["red shoe", "blue hat", "red shoe", "green sock"],
    "size": ["1", "2", "1", "3"],
}


def result_of(right: pd.DataFrame | None = None, **options: object) -> Result:
    config = Config(**{"quality": "fast", "threads": 1, **options})  # type: ignore[arg-type]
    return Linker(config).match(pd.DataFrame(ROWS), right)


def test_clusters_are_named_by_their_smallest_id() -> None:
    clusters = result_of().clusters
    assert clusters["id"].tolist() == ROWS["id"], "in the order of the catalog"
    assert clusters["cluster_id"].tolist() == ["m", "b", "m", "a"]


def test_clusters_of_a_linkage_name_their_source() -> None:
    right = pd.DataFrame({"id": ["z", "x"], "title": ["blue hat", "grey"], "size": ["2", "9"]})
    clusters = result_of(right).clusters
    assert clusters["id"].tolist() == ["z", "b", "m", "a", "z", "x"]
    assert clusters["source"].tolist() == ["left"] * 4 + ["right"] * 2
    assert clusters["cluster_id"].tolist() == [
        "left:z", "left:b", "left:m", "left:a", "left:b", "right:x",
    ]  # fmt: skip


def test_pairs_name_their_blockers() -> None:
    pairs = result_of().pairs.set_index(["left_id", "right_id"])
    (match,) = pairs.index[pairs["match"]]
    assert set(match) == {"m", "z"}
    assert "words" in pairs.loc[match, "blockers"].split("+")


def test_the_account_is_strict_json() -> None:
    account = plain_json(result_of().run)
    text = json.dumps(account, allow_nan=False)
    assert json.loads(text)["definitions"]["exact"]["clusters"] == 1
    exact = account["definitions"]["exact"]
    assert (exact["singletons"], exact["largest_cluster"], exact["matches"]) == (2, 2, 1)
    assert exact["attributes"] == account["config"]["attributes"]
    assert exact["weakest_edges"] == [], "equal rows are one, which no edge holds together"


def test_several_definitions_have_columns_of_their_own() -> None:
    result = result_of(match={"exact": {}, "style": {"ignore": ["size"]}})
    assert list(result.pairs) == [
        "left_id", "right_id",
        "exact_score", "exact_match", "exact_blockers",
        "style_score", "style_match", "style_blockers",
    ]  # fmt: skip
    assert not result.pairs.duplicated(["left_id", "right_id"]).any()
    assert "exact: " in result.summary()
    assert "style: " in result.summary()
    style = result.run["definitions"]["style"]
    assert style["ignore"] == ["size"]
    assert "size" not in style["attributes"]


def test_what_was_read_is_not_replaced(tmp_path: Path) -> None:
    out, catalog = tmp_path / "out", tmp_path / "shop.csv"
    pd.DataFrame(ROWS).to_csv(catalog, index=False)
    linker = Linker(Config(quality="fast", threads=1))
    linker.match(catalog).write(out)
    known = (out / "clusters.csv").read_bytes()
    result = linker.match(catalog, labels={"exact": str(out / "clusters.csv")})
    with pytest.raises(OutputError, match=r"out holds the labels .*clusters\.csv"):
        result.write(out, force=True)
    with pytest.raises(OutputError, match=r"is the catalog .*shop\.csv"):
        result.report(catalog, force=True)
    assert (out / "clusters.csv").read_bytes() == known
    result.write(tmp_path / "next")


def test_written_results(tmp_path: Path) -> None:
    right = pd.DataFrame({"id": ["z"], "title": ["blue hat"], "size": ["2"]})
    result = result_of(right)
    result.write(tmp_path / "out", with_columns=True)
    table = pd.read_csv(tmp_path / "out" / "clusters.csv", dtype=str)
    assert list(table) == ["id", "source", "cluster_id", "confidence", "title", "size"]
    assert table["title"].tolist() == [*ROWS["title"], "blue hat"]
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "out" / "clusters.parquet"), result.clusters
    )


@pytest.mark.parametrize("linked", [False, True])
def test_the_summary_counts_records(linked: bool) -> None:
    right = pd.DataFrame({"id": ["z"], "title": ["blue hat"], "size": ["2"]}) if linked else None
    text = result_of(right).summary()
    assert text.startswith("4 and 1 records in " if linked else "4 records in ")
    assert "learned from nothing" in text


@pytest.mark.parametrize("linked", [False, True])
def test_rows_of_pairs_are_those_of_their_ids(linked: bool) -> None:
    right = pd.DataFrame({"id": ["z", "m"], "title": ["blue hat", "red shoe"], "size": ["2", "1"]})
    result = result_of(right if linked else None)
    ids = result.clusters["id"].to_numpy()
    assert ids[result.scored.left].tolist() == result.pairs["left_id"].tolist()
    assert ids[result.scored.right].tolist() == result.pairs["right_id"].tolist()


@pytest.mark.parametrize("linked", [False, True])
def test_a_report_says_the_same_where_only_names_are_known(linked: bool) -> None:
    right = pd.DataFrame({"id": ["z", "m"], "title": ["blue hat", "red shoe"], "size": ["2", "1"]})
    result = result_of(
        right if linked else None, attributes={"title": "text", "size": "identifier"}
    )
    assert list(result.namesakes) == ["exact"]
    assert list(result.identifiers) == ["size"]
    bare = replace(result, namesakes={}, identifiers={})
    assert result.report_data() == bare.report_data()
