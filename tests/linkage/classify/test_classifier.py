"""The classifier, end to end in Python."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from catalogs import CLASSES, classified_catalog

from linkage.classify.classifier import Classifier
from linkage.config.authored import Config
from linkage.errors import ConfigError, InputError, LabelError, ModelError, OutputError

TARGET = "product_type"


@pytest.fixture(scope="module")
def train() -> pd.DataFrame:
    return classified_catalog(240, seed=0)


@pytest.fixture(scope="module")
def test() -> pd.DataFrame:
    return classified_catalog(120, seed=1)


@pytest.fixture(scope="module")
def model(train: pd.DataFrame) -> Classifier:
    return Classifier(Config(threads=1)).fit(train, TARGET)


def test_it_classifies(model: Classifier, test: pd.DataFrame) -> None:
    found = model.evaluate(test)
    assert found["accuracy"] > 0.95
    assert found["log_loss"] < 0.25
    assert [one["accuracy"] for one in found["levels"]] == sorted(
        (one["accuracy"] for one in found["levels"]), reverse=True
    )
    predicted = model.predict(test)
    assert predicted["id"].tolist() == test["id"].tolist()
    assert predicted["probability"].between(0, 1).all()


def test_probabilities_sum_to_one_and_agree_with_predictions(
    model: Classifier, test: pd.DataFrame
) -> None:
    found = model.predict_proba(test)
    assert list(found.columns) == sorted(CLASSES)
    assert found.sum(axis=1).to_numpy() == pytest.approx(1)
    assert found.idxmax(axis=1).tolist() == model.predict(test)["class"].tolist()


def test_nothing_depends_on_row_order_ids_or_threads(
    model: Classifier, train: pd.DataFrame, test: pd.DataFrame
) -> None:
    shuffled = train.sample(frac=1, random_state=5)
    shuffled["id"] = [f"other{k}" for k in range(len(shuffled))]
    other = Classifier(Config(threads=2)).fit(shuffled, TARGET)
    assert other.predict_proba(test).equals(model.predict_proba(test))


def test_contributions_sum_to_the_score_and_name_what_tells(
    model: Classifier, test: pd.DataFrame
) -> None:
    rows = test.dropna().head(10)
    found = model.explain(rows)
    assert found["class"].tolist() == model.predict(rows)["class"].tolist()
    values = found.drop(columns="class")
    # Among all four classes, which are the candidates, the score over their mean is the log
    # probability over its mean.
    logarithm = np.log(model.predict_proba(rows).to_numpy())
    over = logarithm.max(axis=1) - logarithm.mean(axis=1)
    assert values.sum(axis=1).to_numpy() == pytest.approx(over, abs=1e-3)
    assert values.mean().idxmax() in ("title", "sku")
    with pytest.raises(InputError, match="no class 'Kitchen'"):
        model.explain(rows, "Kitchen")


def test_saved_and_loaded_it_predicts_the_same(
    model: Classifier, test: pd.DataFrame, tmp_path: Path
) -> None:
    folder = model.save(tmp_path / "model")
    assert Classifier.load(folder).predict_proba(test).equals(model.predict_proba(test))
    with pytest.raises(OutputError):
        model.save(folder)
    model.save(folder, force=True)


def test_damaged_folders_are_refused(model: Classifier, tmp_path: Path) -> None:
    folder = model.save(tmp_path / "model")
    booster = folder / "booster_0.txt"
    booster.write_text(booster.read_text().replace("leaf_value=", "leaf_value=1e5 ", 1))
    with pytest.raises(ModelError, match=r"booster_0\.txt"):
        Classifier.load(folder)
    folder = model.save(tmp_path / "other")
    state = json.loads((folder / "classifier.json").read_text())
    state["target"]["classes"] = state["target"]["classes"][:-1]
    (folder / "classifier.json").write_text(json.dumps(state))
    with pytest.raises(ModelError, match="cannot be read"):
        Classifier.load(folder)
    with pytest.raises(ModelError, match="no saved classifier"):
        Classifier.load(tmp_path)


def test_missing_values_and_columns(model: Classifier, test: pd.DataFrame) -> None:
    empty = pd.DataFrame({"id": ["a"], "title": [None], "brand": [None]}, dtype=object)
    with pytest.warns(UserWarning, match="lacks columns that the model reads: price"):
        found = model.predict_proba(empty)
    assert found.to_numpy().max() < 0.9
    unseen = test.assign(brand="Never Seen", sku="ZZ999999")
    assert model.evaluate(unseen)["accuracy"] > 0.8
    with pytest.raises(ModelError, match="none of the columns that the model reads"):
        model.predict(pd.DataFrame({"id": ["a"], "name": ["mug"]}))


def test_targets_that_cannot_be_learned(train: pd.DataFrame) -> None:
    with pytest.raises(ConfigError, match="no column 'product_typ'"):
        Classifier().fit(train, "product_typ")
    with pytest.raises(LabelError, match="one class only, 'Mug'"):
        Classifier().fit(train.assign(product_type="Mug"), TARGET)
    with pytest.raises(LabelError, match="no value"):
        Classifier().fit(train.assign(product_type=None), TARGET)
    with pytest.raises(LabelError, match="too many to be classes"):
        Classifier().fit(train.assign(product_type=train["id"] + "x"), TARGET)
    with pytest.raises(ModelError, match="not been fitted"):
        Classifier().predict(train)


def test_a_class_of_one_row_is_told_and_kept(train: pd.DataFrame) -> None:
    one = train.copy()
    one.loc[0, TARGET] = "Garden > Shed"
    with pytest.warns(UserWarning, match="1 of 5 classes .* one row only, such as 'Garden > Shed'"):
        model = Classifier(Config(quality="fast")).fit(one, TARGET)
    assert "Garden > Shed" in model.classes
    assert model.evaluate(classified_catalog(60, seed=3))["accuracy"] > 0.9


def test_classes_that_were_not_learned_are_counted(model: Classifier, test: pd.DataFrame) -> None:
    other = test.copy()
    other.loc[:9, TARGET] = "Unheard > Of"
    found = model.evaluate(other)
    assert found["unseen"] == 10
    assert found["accuracy"] <= 1 - 10 / len(other)
    with pytest.raises(LabelError, match="no value in column"):
        model.evaluate(test.assign(product_type=None))


def test_three_rows_are_enough() -> None:
    tiny = pd.DataFrame({"id": ["a", "b", "c"], "title": ["x mug", "y pan", "z mug"]}, dtype=object)
    with pytest.warns(UserWarning, match="one row only"):
        model = Classifier().fit(tiny.assign(kind=["mug", "pan", "mug"]), "kind")
    assert set(model.predict(tiny)["class"]) <= {"mug", "pan"}
