"""``linkage classify``, end to end from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from catalogs import CLASSES, classified_catalog
from typer.testing import CliRunner

from linkage.cli.app import app, main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two catalogs and a model that was trained on the first."""
    folder = tmp_path_factory.mktemp("classify")
    classified_catalog(200, seed=0).to_csv(folder / "train.csv", index=False)
    classified_catalog(80, seed=1).to_csv(folder / "new.csv", index=False)
    done = run(
        "train", folder / "train.csv", "--target", "product_type", "-o", folder / "model",
        "--quality", "fast",
    )  # fmt: skip
    assert "4 classes" in done
    assert "out of fold: accuracy" in done
    return folder


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["classify", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    with pytest.raises(SystemExit) as end:
        main(["classify", *map(str, arguments)])
    assert end.value.code
    return " ".join(capsys.readouterr().err.split())


def test_predict_writes_class_probability_and_more(folder: Path) -> None:
    run("predict", folder / "new.csv", "--model", folder / "model", "-o", folder / "plain.csv")
    plain = pd.read_csv(folder / "plain.csv")
    assert list(plain.columns) == ["id", "class", "probability"]
    truth = pd.read_csv(folder / "new.csv")["product_type"]
    assert (plain["class"] == truth).mean() > 0.9
    run(
        "predict", folder / "new.csv", "--model", folder / "model", "-o",
        folder / "whole.parquet", "--probabilities", "--explain",
    )  # fmt: skip
    whole = pd.read_parquet(folder / "whole.parquet")
    shares = whole[[f"probability: {name}" for name in sorted(CLASSES)]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    assert shares.max(axis=1).to_numpy() == pytest.approx(whole["probability"].to_numpy())
    assert "contribution: title" in whole.columns


def test_evaluate_prints_figures_by_level(folder: Path) -> None:
    said = run("evaluate", folder / "new.csv", "--model", folder / "model")
    assert "80 rows: accuracy" in said
    assert "level 1: accuracy" in said
    assert "level 3: accuracy" in said
    figures = json.loads(run("evaluate", folder / "new.csv", "--model", folder / "model", "--json"))
    assert figures["accuracy"] == figures["levels"][-1]["accuracy"] > 0.9


def test_bad_input_is_told_in_a_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, model = folder / "train.csv", folder / "model"
    said = refused(capsys, "train", train, "--target", "producttype", "-o", tmp_path / "m")
    assert "no column 'producttype'" in said
    assert "Did you mean 'product_type'?" in said
    one = tmp_path / "one.csv"
    pd.read_csv(train).assign(product_type="Mug").to_csv(one, index=False)
    said = refused(capsys, "train", one, "--target", "product_type", "-o", tmp_path / "m")
    assert "one class only, 'Mug'; at least two classes are needed" in said
    empty = tmp_path / "empty.csv"
    empty.write_text("id,title,product_type\n")
    said = refused(capsys, "train", empty, "--target", "product_type", "-o", tmp_path / "m")
    assert "has a header" in said
    assert "no rows" in said
    assert not (tmp_path / "m").exists()
    out = tmp_path / "out.txt"
    said = refused(capsys, "predict", train, "--model", model, "-o", out)
    assert "must end in .csv or .parquet" in said
    said = refused(capsys, "predict", train, "--model", tmp_path, "-o", tmp_path / "o.csv")
    assert "no saved classifier" in said
    said = refused(capsys, "train", train, "--target", "product_type", "-o", model)
    assert "--force" in said
