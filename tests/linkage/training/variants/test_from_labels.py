"""Labels of a definition that ignores attributes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from variant_catalogs import variant_catalog

from linkage import Config, Linker, Result
from linkage.config.authored import MatchDefinition
from linkage.errors import LabelError
from linkage.evaluation.metrics import evaluate_clusters

VARIANT = {"variant": MatchDefinition("variant", ("colour", "size"))}
Catalog = tuple[pd.DataFrame, pd.Series]


def linker(match: dict = VARIANT, **options: object) -> Linker:
    return Linker(Config(match=match, threads=1, quality="fast", **options))  # type: ignore[arg-type]


def f1(result: Result, truth: pd.Series, column: str = "cluster_id") -> float:
    found = result.clusters[column]
    metrics = evaluate_clusters(found, truth.loc[result.clusters["id"]].to_numpy())
    return metrics.pairwise.f1


def groups(truth: pd.Series, below: int) -> pd.DataFrame:
    return truth[truth < below].astype(str).rename("cluster_id").reset_index()


@pytest.fixture(scope="module")
def messy() -> Catalog:
    """Titles that mention the variant, some in words that are not masked, so that texts differ."""
    table, truth = variant_catalog(disciplined=False)
    rng = np.random.default_rng(0)
    words = rng.choice(["", " (new)", " sale", " - top offer"], len(table))
    return table.assign(title=table["title"] + words), truth


@pytest.fixture(scope="module")
def plain(messy: Catalog) -> Result:
    return linker().match(messy[0])


def test_labelled_groups_improve_f1(messy: Catalog, plain: Result) -> None:
    table, truth = messy
    result = linker().fit(table, labels={"variant": groups(truth, 20)}).match(table)
    others = truth[truth >= 20].index

    def held_out(one: Result) -> float:
        found = one.clusters.set_index("id")["cluster_id"][others]
        return evaluate_clusters(found.to_numpy(), truth[others].to_numpy()).pairwise.f1

    account = result.run["definitions"]["variant"]
    assert held_out(result) >= held_out(plain) - 0.005
    assert "labelled pairs of different texts" in account["anchor"]
    assert account["metrics"]["labels"] > 0


def test_labels_of_the_looser_definition_do_not_change_the_strict_one(messy: Catalog) -> None:
    table, truth = messy
    both = {"exact": MatchDefinition("exact"), **VARIANT}
    unlabelled = linker(both).match(table)
    result = linker(both).fit(table, labels={"variant": groups(truth, 20)}).match(table)
    pd.testing.assert_series_equal(result.clusters["exact_id"], unlabelled.clusters["exact_id"])
    accounts = result.run["definitions"]
    assert "labelled pairs" in accounts["variant"]["anchor"]
    assert "labelled pairs" not in accounts["exact"]["anchor"]
    assert (result.clusters.groupby("exact_id")["variant_id"].nunique() == 1).all()


def test_labels_of_equal_texts_only_are_not_learned_from(messy: Catalog, plain: Result) -> None:
    table, truth = messy
    few = groups(truth, 2)
    result = linker().fit(table, labels=few).match(table)
    account = result.run["definitions"]["variant"]
    assert any("too few to learn from" in note for note in account["notes"])
    pd.testing.assert_frame_equal(result.clusters, plain.clusters)


def test_labels_of_a_single_group_are_refused(messy: Catalog) -> None:
    table, truth = messy
    with pytest.raises(LabelError, match="only label 1"):
        linker().fit(table, labels=groups(truth, 1))


def test_labelled_pairs_of_variants(messy: Catalog, plain: Result) -> None:
    table, truth = messy
    pairs = plain.pairs[["left_id", "right_id"]].sample(400, random_state=0)
    same = truth[pairs["left_id"]].to_numpy() == truth[pairs["right_id"]].to_numpy()
    labels = pairs.assign(label=same.astype(int).astype(str))
    result = linker().fit(table, labels=labels).match(table)
    assert f1(result, truth) >= f1(plain, truth) - 0.01


def test_a_threshold_target_of_its_own(messy: Catalog) -> None:
    table, truth = messy
    thresholds = []
    for target in ({"precision": 0.999}, {"recall": 0.5}):
        match = {"variant": MatchDefinition("variant", ("colour", "size"), **target)}
        fitted = linker(match).fit(table, labels=groups(truth, 20))
        thresholds.append(fitted.fitted_["variant"].model.threshold)
    assert thresholds[0] != thresholds[1]


def test_validation_groups_choose_the_model(messy: Catalog) -> None:
    table, truth = messy
    more = truth[truth >= 40].astype(str).rename("cluster_id").reset_index()
    fitted = linker().fit(table, labels=groups(truth, 20), validation={"variant": more})
    alone = linker().fit(table, labels=groups(truth, 20))
    metrics = fitted.fitted_["variant"].model.training.metrics
    assert metrics["labels"] != alone.fitted_["variant"].model.training.metrics["labels"]
    with pytest.raises(LabelError, match="no labels to learn from"):
        linker().fit(table, validation={"variant": more})


def test_a_saved_linker_with_labels_gives_the_same_groups(messy: Catalog, tmp_path: Path) -> None:
    table, truth = messy
    fitted = linker().fit(table, labels=groups(truth, 20))
    fitted.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model").match(table)
    pd.testing.assert_frame_equal(again.clusters, fitted.match(table).clusters)
