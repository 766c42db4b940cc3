"""Variants without labels, end to end: disciplined and messy, in two languages, nested."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from catalogs import example_slice
from variant_catalogs import ENGLISH, GERMAN, variant_catalog

from linkage.config.authored import Config, MatchDefinition
from linkage.evaluation.metrics import evaluate_clusters
from linkage.io.label_files import parse_labels
from linkage.io.reading import from_frame
from linkage.linker import Linker
from linkage.result import Result

VARIANT = {"variant": MatchDefinition("variant", ("colour", "size"))}
BOTH = {"colour": MatchDefinition("colour", ("size",)), **VARIANT}

BALANCED = {"quality": "balanced"}


def group(table: pd.DataFrame, match: dict = VARIANT, **options) -> Result:
    settings = {"quality": "fast", **options}
    return Linker(Config(match=match, threads=1, **settings)).match(table)


def f1(result: Result, truth: pd.Series, column: str = "cluster_id") -> float:
    wanted = pd.factorize(truth.reindex(result.clusters["id"]))[0]
    return evaluate_clusters(pd.factorize(result.clusters[column])[0], wanted).pairwise.f1


@pytest.mark.parametrize("disciplined", [True, False])
@pytest.mark.parametrize("colours", [ENGLISH, GERMAN])
def test_variants_are_found_in_any_language(disciplined: bool, colours: list[str]) -> None:
    table, truth = variant_catalog(disciplined=disciplined, colours=colours)
    result = group(table)
    assert f1(result, truth) >= 0.99
    treatment = result.run["definitions"]["variant"]["masking"]["treatments"][0]
    assert treatment["column"] == "title"
    assert treatment["disciplined"] is disciplined
    assert (treatment["masked"] == 0) is disciplined
    assert treatment["reason"] in result.summary()


@pytest.mark.parametrize("disciplined", [True, False])
def test_levels_nest_and_a_stated_colour_keeps_variants_apart(disciplined: bool) -> None:
    table, truth = variant_catalog(disciplined=disciplined)
    result = group(table, BOTH)
    clusters = result.clusters
    assert (clusters.groupby("colour_id")["variant_id"].nunique() == 1).all()
    assert f1(result, truth, "variant_id") >= 0.99
    colour = truth.astype(str) + table.set_index("id")["colour"].reindex(truth.index)
    assert f1(result, colour, "colour_id") >= 0.95


@pytest.mark.parametrize("disciplined", [True, False])
def test_beside_variants_that_are_listed_once_nothing_matches_exactly(disciplined: bool) -> None:
    table, truth = variant_catalog(disciplined=disciplined)
    result = group(table, {"exact": MatchDefinition("exact"), **VARIANT}, **BALANCED)
    account = result.run["definitions"]["exact"]
    assert account["clusters"] == 0
    assert "list each variant once" in " ".join(account["notes"])
    assert f1(result, truth, "variant_id") >= 0.99


def test_offers_of_a_named_source_may_repeat_what_another_lists() -> None:
    table, _ = variant_catalog(disciplined=True, products=30)
    other = table.assign(id="o" + table["id"], title="Shop of " + table["title"], shop="b")
    both = pd.concat([table.assign(shop="a"), other], ignore_index=True)
    config = {"catalog": {"source": "shop"}, **BALANCED}
    result = group(both, {"exact": MatchDefinition("exact"), **VARIANT}, **config)
    assert "list each variant once" not in " ".join(result.run["definitions"]["exact"]["notes"])


INSIDE = {"exact": MatchDefinition("exact", output=False), **VARIANT}


def test_groups_alone_are_those_of_a_run_with_both() -> None:
    table, _ = example_slice(150)
    written = group(table, {"exact": MatchDefinition("exact"), **VARIANT}, **BALANCED).clusters
    alone = group(table, INSIDE, **BALANCED)
    assert alone.clusters["cluster_id"].tolist() == written["variant_id"].tolist()
    assert "exact was answered inside" in alone.summary()
    assert set(alone.pairs) == {"left_id", "right_id", "score", "match", "blockers"}


def test_groups_begin_with_nothing_that_learned_nothing() -> None:
    table, _ = variant_catalog(disciplined=False)
    inside, alone = (group(table, match, **BALANCED) for match in (INSIDE, VARIANT))
    pd.testing.assert_frame_equal(inside.clusters, alone.clusters)
    assert "answered inside" not in inside.summary()


def test_shuffled_rows_give_the_same_groups() -> None:
    table, _ = variant_catalog(disciplined=False)
    one = group(table).clusters.set_index("id")
    order = np.random.default_rng(1).permutation(len(table))
    two = group(table.iloc[order].reset_index(drop=True)).clusters.set_index("id")
    pd.testing.assert_frame_equal(one, two.reindex(one.index))


def test_a_saved_linker_groups_alike(tmp_path) -> None:
    table, _ = variant_catalog(disciplined=False)
    linker = Linker(Config(match=VARIANT, threads=1, quality="fast"))
    first = linker.match(table)
    again = Linker.load(linker.save(tmp_path / "model")).match(table)
    pd.testing.assert_frame_equal(first.clusters, again.clusters)


def test_pairs_are_of_records_and_agree_with_the_clusters() -> None:
    table, _ = variant_catalog(disciplined=True)
    result = group(table)
    pairs, names = result.pairs, result.clusters.set_index("id")["cluster_id"]
    assert not (pairs["left_id"] == pairs["right_id"]).any()
    assert not pairs.duplicated(["left_id", "right_id"]).any()
    same = names.loc[pairs["left_id"]].to_numpy() == names.loc[pairs["right_id"]].to_numpy()
    np.testing.assert_array_equal(pairs["match"], same)
    assert pairs["match"].any()
    assert result.clusters["confidence"].between(0, 1).all()


def test_labels_of_a_definition_that_ignores() -> None:
    table, truth = variant_catalog(disciplined=False)
    linker = Linker(Config(match=VARIANT, threads=1, quality="fast"))
    half = truth[truth < 30].rename("cluster_id").astype(str).reset_index()
    labels = parse_labels(from_frame(half))
    result = linker.fit(table, None, labels).match(table)
    assert f1(result, truth) >= 0.9


def test_scores_of_single_pairs() -> None:
    table, truth = variant_catalog(disciplined=False)
    linker = Linker(Config(match=VARIANT, threads=1, quality="fast")).fit(table)
    groups = truth.groupby(truth).apply(lambda g: list(g.index)).tolist()
    pairs = pd.DataFrame(
        {
            "left_id": [g[0] for g in groups] * 2,
            "right_id": [g[1] for g in groups] + [g[1] for g in groups[1:] + groups[:1]],
        }
    )
    match = linker.score(table, None, pairs)["match"]
    assert match[: len(groups)].mean() > 0.95
    assert match[len(groups) :].mean() < 0.05


def test_two_tables_are_grouped_across() -> None:
    table, truth = variant_catalog(disciplined=False)
    left, right = table.iloc[::2].reset_index(drop=True), table.iloc[1::2].reset_index(drop=True)
    right["id"] = "r" + right["id"]
    result = Linker(Config(match=VARIANT, threads=1, quality="fast")).match(left, right)
    ids = result.clusters["id"].str.removeprefix("r")
    found = pd.Series(result.clusters["cluster_id"].to_numpy(), index=ids)
    pairs = result.pairs[result.pairs["match"]]
    wanted = (
        truth.loc[pairs["left_id"]].to_numpy()
        == truth.loc[pairs["right_id"].str.removeprefix("r")].to_numpy()
    )
    assert wanted.mean() > 0.95
    assert found.nunique() < len(found) / 2


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_tiny_tables(rows: int) -> None:
    table, _ = variant_catalog(disciplined=True)
    result = group(table.iloc[:rows].reset_index(drop=True))
    assert len(result.clusters) == rows
