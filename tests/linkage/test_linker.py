"""The linker from tables to clusters: dedupe, link, labels, dials, saved models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from catalogs import cluster_f1, example_slice, link_f1, two_tables

from features.compare.wording import WordingFeatures
from linkage import Config, Linker, Result
from linkage.errors import BlockingError, ConfigError, LabelError, ModelError
from linkage.io.label_files import Labels, parse_labels

ROOT = Path(__file__).resolve().parents[2]


def config(**options: object) -> Config:
    return Config(**{"quality": "fast", "threads": 1, **options})  # type: ignore[arg-type]


def labels_of(**columns: list[str] | pd.Series) -> Labels:
    plain = {name: list(values) for name, values in columns.items()}
    return parse_labels(pa.table({n: pa.array(v, pa.string()) for n, v in plain.items()}))


def labelled_part(table: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    """Half of the offers, with the labels of a person who looked at one brand after the other."""
    part = table.assign(label=truth[table["id"]].to_numpy()).sort_values(["brand", "label", "id"])
    part = part[: len(part) // 2]
    return part.assign(labeling_set_id=[str(k // 30) for k in range(len(part))])


def pair_labels(table: pd.DataFrame, truth: pd.Series, most: int = 400) -> Labels:
    """Pairs of offers of one labelling set, and whether they are one product."""
    part = labelled_part(table, truth)[["id", "label", "labeling_set_id"]]
    pairs = part.merge(part, on="labeling_set_id")
    pairs = pairs[pairs["id_x"] < pairs["id_y"]].sample(frac=1, random_state=0)[:most]
    label = (pairs["label_x"] == pairs["label_y"]).astype(int).astype(str)
    return labels_of(left_id=pairs["id_x"], right_id=pairs["id_y"], label=label)


@pytest.fixture(autouse=True)
def short_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred rounds are enough for a few hundred labels."""
    monkeypatch.setattr("linkage.training.boosting._MOST_ROUNDS", 100)
    monkeypatch.setattr("linkage.training.boosting._PATIENCE", 20)


@pytest.fixture(scope="module")
def catalog() -> tuple[pd.DataFrame, pd.Series]:
    return example_slice(50)


@pytest.fixture(scope="module")
def deduplicated(catalog: tuple[pd.DataFrame, pd.Series]) -> tuple[Linker, Result]:
    linker = Linker(config(quality="balanced"))
    return linker, linker.match(catalog[0])


def test_dedupe_without_labels(
    catalog: tuple[pd.DataFrame, pd.Series], deduplicated: tuple[Linker, Result]
) -> None:
    table, truth = catalog
    result = deduplicated[1]
    assert result.clusters["id"].tolist() == table["id"].tolist()
    assert cluster_f1(result.clusters, truth) >= 0.9
    together = dict(zip(result.clusters["id"], result.clusters["cluster_id"], strict=True))
    same = result.pairs["left_id"].map(together) == result.pairs["right_id"].map(together)
    assert (result.pairs["match"] == same).all()
    assert result.pairs["score"].between(0, 1).all()
    assert result.clusters["confidence"].between(0, 1).all()
    assert result.run["definitions"]["exact"]["anchor"].startswith("the trade number in gtin")


def test_dedupe_without_a_trade_number(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    result = Linker(config()).match(table.drop(columns=["gtin"]))
    assert "Fellegi-Sunter" in result.summary()
    assert cluster_f1(result.clusters, truth) >= 0.75


def test_link_two_tables() -> None:
    left, right = two_tables()
    result = Linker(config()).match(left, right)
    assert link_f1(result.clusters) >= 0.9
    assert result.run["definitions"]["exact"]["one_to_one"]
    sizes = result.clusters.groupby(["cluster_id", "source"]).size()
    assert sizes.max() == 1, "one to one"
    assert result.clusters["id"].tolist() == [*left["id"], *right["id"]]
    assert set(result.pairs["left_id"]) <= set(left["id"])
    assert set(result.pairs["right_id"]) <= set(right["id"])


def test_link_with_several_partners_where_the_user_says_so() -> None:
    left, right = two_tables()
    again = right.assign(id=right["id"] + "b")
    result = Linker(config(linkage={"one_to_one": "no"})).match(left, pd.concat([right, again]))
    assert not result.run["definitions"]["exact"]["one_to_one"]
    rows = result.clusters.assign(number=result.clusters["id"].str.strip("lrb"))
    both = rows[rows["number"].isin(left["id"].str[1:])].groupby("number")
    both = both.filter(lambda product: len(product) == 3).groupby("number")
    assert (both["cluster_id"].nunique() == 1).mean() > 0.9, "both copies are with the product"


def test_labels_as_pairs(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    linker = Linker(config()).fit(table, labels=pair_labels(table, truth))
    result = linker.match(table)
    assert cluster_f1(result.clusters, truth) >= 0.8
    account = result.run["definitions"]["exact"]
    assert account["anchor"].startswith("400 labelled pairs, ")
    assert 0.8 < account["metrics"]["f1"] <= 1
    assert "held-out labels" in result.summary()


def test_labels_as_groups_with_ids(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    part = labelled_part(table, truth)
    groups = labels_of(labeling_set_id=part["labeling_set_id"], label=part["label"], id=part["id"])
    result = Linker(config()).fit(table, labels=groups).match(table)
    assert cluster_f1(result.clusters, truth) >= 0.7


def test_labels_as_groups_of_their_own_records(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    part = labelled_part(table, truth).drop(columns="id")
    groups = labels_of(**{str(name): part[name] for name in part})
    linker = Linker(config()).fit(None, labels=groups)
    result = linker.match(table)
    assert cluster_f1(result.clusters, truth) >= 0.7


def test_labels_as_clusters(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    known = truth.sort_values()[:120]
    clusters = labels_of(id=known.index, entity_id=known)
    result = Linker(config()).fit(table, labels=clusters).match(table)
    assert cluster_f1(result.clusters, truth) >= 0.9


def test_labels_of_a_linkage(tmp_path: Path) -> None:
    left, right = two_tables()
    true = [k for k in left["id"].str[1:] if f"r{k}" in set(right["id"])]
    labels = labels_of(
        left_id=[f"l{k}" for k in true] * 3,
        right_id=[
            f"r{true[(n + step) % len(true)]}" for step in range(3) for n in range(len(true))
        ],
        label=["1"] * len(true) + ["0"] * (2 * len(true)),
    )
    linker = Linker(config()).fit(left, right, labels)
    result = linker.match(left, right)
    assert result.run["definitions"]["exact"]["one_to_one"], "the labels justify it"
    assert link_f1(result.clusters) >= 0.9
    again = Linker.load(linker.save(tmp_path / "model")).match(left, right)
    pd.testing.assert_frame_equal(again.pairs, result.pairs)
    free = Linker(config(linkage={"one_to_one": "no"})).fit(left, right, labels)
    assert not free.fitted_["exact"].model.one_to_one


def test_the_threshold_target_with_labels(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    labels = pair_labels(table, truth)
    precise = Linker(config(training={"precision": 0.98})).fit(table, labels=labels)
    complete = Linker(config(training={"recall": 0.98})).fit(table, labels=labels)
    one, other = (linker.fitted_["exact"].model for linker in (precise, complete))
    assert one.threshold > other.threshold
    assert one.training.metrics["precision"] >= 0.97
    assert other.training.metrics["recall"] >= 0.97
    assert one.training.metrics["recall"] < other.training.metrics["recall"]
    assert precise.match(table).pairs["match"].sum() < complete.match(table).pairs["match"].sum()


def test_the_threshold_target_without_labels(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, _ = catalog
    precise = Linker(config(training={"precision": 0.99})).match(table)
    complete = Linker(config(training={"recall": 0.99})).match(table)
    assert precise.pairs["match"].sum() < complete.pairs["match"].sum()
    assert "label a few pairs" in precise.summary()


def test_several_definitions_nest() -> None:
    table, truth = example_slice(45)
    match = {"exact": {}, "variant": {"ignore": ["colour", "size"]}}
    result = Linker(config(match=match)).match(table)
    clusters = result.clusters
    assert list(clusters) == [
        "id", "exact_id", "exact_confidence", "variant_id", "variant_confidence",
    ]  # fmt: skip
    assert (clusters.groupby("exact_id")["variant_id"].nunique() == 1).all()
    assert clusters["variant_id"].nunique() <= clusters["exact_id"].nunique()
    assert cluster_f1(clusters, truth, "exact_id") >= 0.9
    pairs = result.pairs
    assert not (pairs["exact_match"] & ~pairs["variant_match"]).any()


SCORE = """
import sys, pandas as pd
from linkage import Linker
model, table, wanted, out = sys.argv[1:]
linker = Linker.load(model)
read = lambda path: pd.read_csv(path, dtype=str, keep_default_na=False)
linker.score(read(table), None, read(wanted)).to_parquet(out)
linker.match(read(table)).clusters.to_parquet(out + ".clusters")
"""


def test_a_saved_model_scores_alike_in_a_fresh_process(
    catalog: tuple[pd.DataFrame, pd.Series],
    deduplicated: tuple[Linker, Result],
    tmp_path: Path,
) -> None:
    linker, result = deduplicated
    linker.save(tmp_path / "model")
    catalog[0].to_csv(tmp_path / "table.csv", index=False)
    wanted = result.pairs[["left_id", "right_id"]].sample(frac=1, random_state=1)
    wanted.to_csv(tmp_path / "pairs.csv", index=False)
    paths = [tmp_path / name for name in ("model", "table.csv", "pairs.csv", "out.parquet")]
    subprocess.run(
        [sys.executable, "-W", "error", "-c", SCORE, *map(str, paths)], check=True, cwd=ROOT
    )
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found[["left_id", "right_id"]].equals(wanted.astype(object).reset_index(drop=True))
    expected = result.pairs.loc[wanted.index, "score"].to_numpy()
    np.testing.assert_array_equal(found["score"].to_numpy(), expected)
    again = pd.read_parquet(tmp_path / "out.parquet.clusters")
    pd.testing.assert_frame_equal(again, result.clusters)


def test_score_takes_pairs_either_way_round(
    catalog: tuple[pd.DataFrame, pd.Series], deduplicated: tuple[Linker, Result]
) -> None:
    linker, result = deduplicated
    pairs = result.pairs[["left_id", "right_id"]][:20]
    turned = pairs.rename(columns={"left_id": "right_id", "right_id": "left_id"})
    one = linker.score(catalog[0], None, pairs)
    other = linker.score(catalog[0], None, turned)
    np.testing.assert_array_equal(one["score"], other["score"])
    assert (one["match"] == (one["score"] >= linker.fitted_["exact"].model.threshold)).all()
    with pytest.raises(LabelError, match="'nobody'"):
        linker.score(catalog[0], None, pairs.assign(left_id="nobody"))


def test_a_model_for_other_attributes_names_them(
    catalog: tuple[pd.DataFrame, pd.Series], deduplicated: tuple[Linker, Result]
) -> None:
    with pytest.raises(ModelError, match="the table lacks brand, gtin"):
        deduplicated[0].match(catalog[0].drop(columns=["brand", "gtin"]))


def test_a_model_holds_for_a_table_of_another_style(
    catalog: tuple[pd.DataFrame, pd.Series], deduplicated: tuple[Linker, Result], tmp_path: Path
) -> None:
    """Titles as long as descriptions, or none at all, give other features than it learned from."""
    deduplicated[0].save(tmp_path / "model")
    table = catalog[0][:60]
    wordy = table.assign(title=table["title"] + " " + " ".join(f"word{k}" for k in range(60)))
    pairs = deduplicated[1].pairs[["left_id", "right_id"]]
    pairs = pairs[pairs.isin(set(table["id"])).all(axis=1)]
    for other in (wordy, table.assign(title=""), table.assign(gtin="")):
        scored = Linker.load(tmp_path / "model").score(other, None, pairs)
        assert scored["score"].between(0, 1).all()


def test_a_labelled_model_is_saved_with_all_that_it_looks_at(
    catalog: tuple[pd.DataFrame, pd.Series], tmp_path: Path
) -> None:
    table, truth = catalog
    labels = pair_labels(table, truth, 120)
    linker = Linker(config(quality="balanced")).fit(table, labels=labels)
    assert set(WordingFeatures.names) <= set(linker.fitted_["exact"].model.names)
    pairs = labels.table.select(["left_id", "right_id"]).to_pandas()
    expected = linker.score(table, None, pairs)
    linker.save(tmp_path / "model")
    again = Linker.load(tmp_path / "model")
    pd.testing.assert_frame_equal(again.score(table, None, pairs), expected)
    nameless = Linker.load(tmp_path / "model").score(table.assign(title=""), None, pairs)
    assert nameless["score"].between(0, 1).all()


def test_a_model_keeps_the_quality_that_it_was_trained_at(
    catalog: tuple[pd.DataFrame, pd.Series],
    deduplicated: tuple[Linker, Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    auto = Linker(config(quality="auto"))
    expected = auto.match(catalog[0])
    auto.save(tmp_path / "model")
    monkeypatch.setattr("linkage.config.resolved._BALANCED_RECORDS", 10)
    again = Linker.load(tmp_path / "model").match(catalog[0])
    pd.testing.assert_frame_equal(again.pairs, expected.pairs)


def test_a_linker_learns_anew_when_fitted_again(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    linker = Linker(config()).fit(table, labels=pair_labels(table, truth, 60))
    assert "labelled" in linker.fitted_["exact"].model.training.anchor
    linker.fit(table[:100])
    assert "labelled" not in linker.fitted_["exact"].model.training.anchor


def test_nothing_to_learn_from_and_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to learn from"):
        Linker(config()).fit(None)
    with pytest.raises(ModelError, match="has not been fitted"):
        Linker(config()).save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_recall_floor_refuses_with_the_numbers(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    table, truth = catalog
    blocking = {"candidates": 1, "recall_floor": 0.99}
    with pytest.raises(BlockingError, match=r"0\.99|99"):
        Linker(config(blocking=blocking)).fit(table, labels=pair_labels(table, truth))


def test_progress_names_every_step(catalog: tuple[pd.DataFrame, pd.Series]) -> None:
    told: list[tuple[str, float | None]] = []
    result = Linker(config(), lambda *step: told.append(step)).match(catalog[0][:60])
    assert {step["name"] for step in result.run["steps"]} <= {name for name, _ in told}
    assert all(share is None or 0 <= share <= 1 for _, share in told)
