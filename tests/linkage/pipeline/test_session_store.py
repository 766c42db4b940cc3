"""Looser definitions over very many records: learned from a sample, matched on merged records."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from catalog_generator import Catalog, Options, make_catalog
from catalogs import cluster_f1

from linkage import Config, Linker
from linkage.config.authored import MatchDefinition
from linkage.config.match_definition import Rule
from linkage.result import Result
from linkage.runtime import StepRecord
from linkage.scoring import candidate_pairs, sampling

DEFINITIONS = {
    "exact": MatchDefinition("exact"),
    "variant": MatchDefinition("variant", ("colour", "size")),
}


@pytest.fixture(scope="module", autouse=True)
def few_are_many() -> Iterator[None]:
    """Two thousand records are treated as millions are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidate_pairs, "_JOINED_FROM", 500)
        patch.setattr(sampling, "_PAIRS", 8_000)
        yield


@pytest.fixture(scope="module")
def made() -> Catalog:
    return make_catalog(Options(rows=2_000, seed=3))


def truth_of(table: pa.Table) -> pd.Series:
    return table.to_pandas().set_index("id")["entity_id"]


def matched(table: pa.Table | pd.DataFrame, threads: int = 2, **options) -> Result:
    config = Config(quality="fast", threads=threads, match=DEFINITIONS, **options)
    return Linker(config).match(table)


@pytest.fixture(scope="module")
def result(made: Catalog) -> Result:
    return matched(made.table)


def step_names(steps: list[dict] | list[StepRecord]) -> list[str]:
    return [step["name"] for step in steps]


def test_variants_are_clusters_of_merged_records(made: Catalog, result: Result) -> None:
    account = result.run["definitions"]["variant"]
    entities = result.clusters["exact_id"].nunique()
    assert account["masking"]["merged"]
    assert account["masking"]["forms"] == entities
    names = step_names(result.run["steps"])
    assert names.count("Find candidates") == 1, "the strictest definition's are taken over"
    assert "Merge records" in names
    assert result.run["nesting"] == [{"stricter": "exact", "looser": "variant", "violations": 0}]
    assert cluster_f1(result.clusters, truth_of(made.truth), "exact_id") > 0.9
    assert cluster_f1(result.clusters, truth_of(made.truth_variant), "variant_id") > 0.75


def test_the_result_does_not_depend_on_row_order_or_threads(made: Catalog, result: Result) -> None:
    two = matched(made.table.to_pandas().sample(frac=1, random_state=1), threads=1)
    columns = ["exact_id", "variant_id", "variant_confidence"]
    pd.testing.assert_frame_equal(
        result.clusters.set_index("id").sort_index()[columns],
        two.clusters.set_index("id").sort_index()[columns],
    )


def test_a_written_score_is_explained_by_the_merged_records(result: Result) -> None:
    pairs = result.pairs
    merged = pairs["variant_blockers"].astype(str).str.contains("rare terms")
    known = pairs[merged & pairs["variant_score"].between(0.2, 0.99)].iloc[:3]
    assert len(known) == 3
    for row in known.itertuples():
        explained = result.explain(row.left_id, row.right_id)
        variant = next(one for one in explained.definitions if one.name == "variant")
        assert variant.score.score == pytest.approx(row.variant_score, abs=1e-6)
        assert not variant.notes


def test_what_is_answered_inside_teaches_and_is_not_written(made: Catalog, result: Result) -> None:
    inside = {**DEFINITIONS, "exact": MatchDefinition("exact", output=False)}
    alone = Linker(Config(quality="fast", threads=2, match=inside)).match(made.table)
    assert list(alone.clusters) == ["id", "cluster_id", "confidence"]
    columns = result.clusters[["id", "variant_id", "variant_confidence"]]
    pd.testing.assert_frame_equal(alone.clusters, columns.set_axis(alone.clusters.columns, axis=1))
    assert list(alone.run["definitions"]) == ["variant"]
    assert alone.run["nesting"] == []
    pd.testing.assert_frame_equal(alone.groups, result.groups)
    (note,) = alone.run["notes"]
    clusters = result.run["definitions"]["exact"]["clusters"]
    assert note.startswith(
        f"exact was answered inside, for looser definitions to begin with: {clusters}"
    )
    for row in alone.pairs[alone.pairs["score"].between(0.2, 0.99)].iloc[:3].itertuples():
        (explained,) = alone.explain(row.left_id, row.right_id).definitions
        assert explained.score.score == pytest.approx(row.score, abs=1e-6), "of the merged records"
        assert not explained.notes


def test_a_fitted_model_is_matched_on_merged_records_too(made: Catalog) -> None:
    linker = Linker(Config(quality="fast", match=DEFINITIONS)).fit(made.table)
    result = linker.match(made.table)
    assert result.run["definitions"]["variant"]["masking"]["merged"]
    both = result.clusters.groupby("exact_id")["variant_id"].nunique()
    assert (both == 1).all()


def test_rules_hold_among_merged_records(made: Catalog) -> None:
    table = made.table.to_pandas()
    group = truth_of(made.truth_variant).reindex(table["id"]).to_numpy()
    table["line"] = np.where(group == pd.Series(group).mode()[0], "a", None)
    match = {
        "exact": DEFINITIONS["exact"],
        "variant": MatchDefinition("variant", ("colour", "size"), must=(Rule("line", "equal"),)),
    }
    result = Linker(Config(quality="fast", match=match)).match(table)
    inside = result.clusters[table["line"].eq("a").to_numpy()]
    assert inside["variant_id"].nunique() == 1


def test_rows_of_disciplined_sources_are_not_merged() -> None:
    names = [f"Lamp {word} deluxe" for word in "orla tove ines asta runa".split()]
    rows = [
        {"id": f"{k}-{n}-{c}", "title": f"{name} {n}", "colour": c, "size": s}
        for k, name in enumerate(names)
        for n in range(30)
        for c, s in (("red", "S"), ("blue", "M"), ("green", "L"), ("black", "XL"))
    ]
    result = matched(pd.DataFrame(rows))
    assert not result.run["definitions"]["variant"]["masking"]["merged"]
