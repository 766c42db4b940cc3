"""Golden records of runs: of two tables, of ids of any type, of a definition that ignores text."""

from __future__ import annotations

import pandas as pd
import pytest

from linkage import Config, Linker, Result
from linkage.errors import InputError
from tests.helpers.golden_offers import offers

MATCH = {"exact": {"must": [{"column": "article"}], "cannot": [{"column": "article"}]}}
ATTRIBUTES = {"title": "text", "brand": "name", "gtin": "identifier", "price": "price"}


@pytest.fixture(scope="module")
def linked() -> Result:
    """Offers of alpha linked with those of beta, whose ids have another name and are the same."""
    frame = offers().drop(columns="style")
    left, right = (frame[frame["shop"] == shop] for shop in ("alpha", "beta"))
    right = right.assign(id=right["id"].str.replace("b", "a")).rename(columns={"id": "number"})
    config = Config.from_dict(
        {
            "catalog": {"id": "id", "right_id": "number"},
            "attributes": ATTRIBUTES,
            "match": MATCH,
            "golden": {"sources": ["right", "left"], "rules": {"title": "source"}},
        }
    )
    return Linker(config).match(left, right)


def test_two_tables_are_sources(linked: Result) -> None:
    golden = linked.golden()
    table = golden.table.to_pandas().set_index("cluster_id")
    assert table.loc["left:a1", "title"] == "Norvik Harbour Tee, navy, size M"
    assert table.loc["left:a1", "records"] == 2
    assert "right:a4" in table.index
    assert "number" not in table.columns
    found = golden.provenance.to_pandas()
    title = found[(found["cluster_id"] == "left:a1") & (found["attribute"] == "title")].iloc[0]
    assert (title["record_id"], list(title["losers"])) == ("right:a1", ["Harbour T-Shirt Navy M"])


def test_clusters_of_other_records_are_refused(linked: Result) -> None:
    other = Result(
        linked.scored,
        linked.clusters.iloc[::-1],
        linked.run,
        linked.tables,
        config=linked.config,
    )
    with pytest.raises(InputError, match="not those of the records"):
        other.golden()


def test_ids_are_of_any_type() -> None:
    frame = offers().drop(columns=["style", "id"])
    frame.insert(0, "id", range(100, 100 + len(frame)))
    config = Config.from_dict({"attributes": ATTRIBUTES, "match": MATCH})
    golden = Linker(config).match(frame).golden()
    sizes = frame.groupby("article")["id"].agg(["min", "size"])
    held = pd.Series(golden.table["records"].to_pylist(), golden.table["cluster_id"].to_pylist())
    assert held.to_dict() == {str(row["min"]): row["size"] for _, row in sizes.iterrows()}
