"""`catalog.distinct_sources`: no source lists the same product twice."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from linkage import Config, Linker

_CATALOG = Path(__file__).resolve().parents[2] / "examples" / "catalog.csv"


def _sellers_twice_in_a_cluster(distinct: bool) -> int:
    offers = pd.read_csv(_CATALOG, dtype=str).head(2000)
    config = Config.from_dict(
        {"quality": "fast", "catalog": {"source": "seller", "distinct_sources": distinct}}
    )
    clusters = Linker(config).match(offers).clusters.merge(offers[["id", "seller"]], on="id")
    assert clusters["cluster_id"].nunique() < len(offers)  # something is found at all
    return int(clusters.duplicated(["cluster_id", "seller"]).sum())


def test_a_cluster_has_one_record_of_a_source_only_if_said_so() -> None:
    assert _sellers_twice_in_a_cluster(distinct=False) > 0
    assert _sellers_twice_in_a_cluster(distinct=True) == 0
