"""A catalog full of siblings and without any identifier."""

from __future__ import annotations

import pandas as pd
import pytest
from catalog_generator import Options, make_catalog

from linkage import Config, Linker
from linkage.evaluation.metrics import evaluate_clusters
from linkage.training import train as learning


def test_siblings_are_separated_without_identifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = make_catalog(Options(rows=2_000, seed=5, identifiers=False))
    table = catalog.table.to_pandas()
    truth = catalog.truth.to_pandas().set_index("id").iloc[:, 0]

    def f1() -> float:
        linker = Linker(Config(quality="fast", threads=1))
        result = linker.match(table)
        anchors.append(result.run["definitions"]["exact"]["anchor"])
        found = result.clusters.set_index("id")["cluster_id"]
        return evaluate_clusters(found, truth).pairwise.f1

    anchors: list[str] = []
    found = f1()
    monkeypatch.setattr(learning, "conflict_too_often", lambda *_: False)
    from_mixture = f1()
    assert anchors[0].startswith("contradictions: of ")
    assert "mixture" in anchors[1]
    assert found > from_mixture + 0.2


def test_variants_are_learned_from_strict_clusters_without_trade_numbers() -> None:
    catalog = make_catalog(Options(rows=2_000, seed=5, identifiers=False))
    match = {"exact": {}, "variant": {"ignore": ["colour", "size"]}}
    result = Linker(Config(quality="fast", threads=1, match=match)).match(catalog.table.to_pandas())
    assert "the strictest definition" in result.run["definitions"]["variant"]["anchor"]
    found = result.clusters.set_index("id")["variant_id"]
    truth = pd.Series(catalog.truth_variant.to_pandas().set_index("id").iloc[:, 0])
    assert evaluate_clusters(found, truth).pairwise.f1 > 0.6
